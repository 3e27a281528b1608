"""Making a ballot for a seat of a document: its voters, and when they vote on what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from pyledger.chain.ballots import AnonymousPlan, Plan, SealedPlan, create_ballot
from pyledger.chain.connect import Connection
from pyledger.chain.keys import dev_signer
from pyledger.chain.local import local_bindings
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.cli.balloting_memory import remember_names
from pyledger.cli.balloting_seats import identities
from pyledger.cli.bundled import bindings_of
from pyledger.cli.deals import connected
from pyledger.cli.home import home
from pyledger.cli.lazy import nearest
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.papers import as_address, read_document
from pyledger.cli.signers import any_signer, keystore
from pyledger.document import Document
from pyledger.document.units import NotUnderstood, parse_amount, parse_duration, say_duration, to_smallest
from pyledger.errors import UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.ballots import MIN_VOTERS, Question
from pyledger.terms.bindings import Bindings, dump_bindings
from pyledger.terms.poseidon import FIELD

__all__ = ["Rules", "make_ballot"]

_NUMBER: Final = re.compile(r"[0-9]{1,77}")
_COIN_DECIMALS: Final = 18
_GAS_COIN: Final = 10 * 10**18  # wei: what a voter of a local chain gets
_LAST_DEV_ACCOUNT: Final = 63
_NOBODY: Final = bytes.fromhex("000000000000000000000000000000000000dead")
"""Who gets the deposits of a ballot that has none."""


class Rules(NamedTuple):
    """What a ballot is to be, as it was typed: `times` are when it begins, and how long to commit and to reveal."""

    seat: str
    voters: tuple[str, ...]
    anonymous: bool
    times: tuple[str, str, str]
    only: tuple[str, ...]
    quorum: int | None
    deposit: str
    forfeit_to: str | None


def make_ballot(named: str, rules: Rules, out: Path | None, where: Where, screen: Screen) -> None:
    """Create a ballot unless it is there, and say or write what goes into the bindings."""
    document = read_document(named)
    questions = _questions(document, rules)
    quorum = rules.quorum or max(MIN_VOTERS, len(rules.voters) // 2 + 1)
    if twice := next((each for index, each in enumerate(rules.voters) if each in rules.voters[:index]), None):
        raise UsageError(f"{twice} is named twice, and has one vote", hint="name each voter once")
    if rules.anonymous and (_coins(rules.deposit) or rules.forfeit_to is not None):
        raise UsageError(
            "an anonymous ballot takes no deposits: they would lead to whoever paid them",
            hint="leave --deposit and --forfeit-to out",
        )
    with connected(where) as connection:
        names = {} if rules.anonymous else _accounts(connection, rules.voters)
        _require_not_their_own(rules, names, questions, connection, document, where)
        plan: Plan
        if rules.anonymous:
            plan = AnonymousPlan(_members(rules), questions, quorum)
        else:
            deposit = _coins(rules.deposit)
            forfeit_to = _recipient(rules, deposit, connection, document, where)
            plan = SealedPlan(tuple(names.values()), questions, quorum, deposit, forfeit_to)
        signer = any_signer(None, None, connection.chain_id, where)
        made, receipt = create_ballot(connection, signer, plan)
        remember_names(made.address, names)
        _provide(connection, names)
        file = _written(connection, named, document, rules.seat, made.address, out, where)
    address = checksum(made.address)
    screen.data(
        {
            "ballot": address,
            "chain_id": connection.chain_id,
            "new": receipt is not None,
            "anonymous": rules.anonymous,
            "voters": [str(each) for each in plan.members]
            if isinstance(plan, AnonymousPlan)
            else {name: checksum(account) for name, account in names.items()},
            "quorum": quorum,
            "deposit": str(plan.deposit) if isinstance(plan, SealedPlan) else "0",
            "questions": [_asked(document, each) for each in questions],
            "bindings": str(file) if file else None,
        }
    )
    screen.say(f"{'there is a ballot' if receipt else 'the ballot was there already'} at {address}", "bold")
    screen.say(f"{len(rules.voters)} vote, and at least {quorum} must reveal")
    for each in questions:
        asked = _asked(document, each)
        commit = f"from {say_duration(each.start)} after the phase opens, for {say_duration(each.commit_for)}"
        screen.say(f"{asked['obligation']}: {commit}; to reveal, {say_duration(each.reveal_for)} more", indent=2)
    if file:
        screen.say(f"{file} binds {rules.seat} to it: open the agreement with --bindings {file}")
    else:
        screen.say("in the bindings:")
        screen.say(f"verifiers: {{{rules.seat}: '{address}'}}", "cyan", indent=2)


def _asked(document: Document, question: Question) -> dict[str, object]:
    phase = document.phases[question.phase]
    names = {"phase": phase.id, "obligation": tuple(phase.obligations)[question.obligation]}
    return {**names, "from": question.start, "commit_for": question.commit_for, "reveal_for": question.reveal_for}


def _questions(document: Document, rules: Rules) -> tuple[Question, ...]:
    """One for each obligation that the seat decides. UsageError where it decides none, or silence would be faster."""
    panels = {name for name, panel in document.panels.items() if rules.seat in (each for each, _ in panel.seats)}
    if not panels:
        seats = tuple(dict.fromkeys(name for panel in document.panels.values() for name, _ in panel.seats))
        raise UsageError(f"the document has no verifier `{rules.seat}`", hint=nearest(rules.seat, seats))
    options = ("--from", "--commit-for", "--reveal-for")
    start, commit_for, reveal_for = (_duration(*each) for each in zip(rules.times, options, strict=True))
    found, names = [], []
    for number, phase in enumerate(document.phases):
        for index, (name, obligation) in enumerate(phase.obligations.items()):
            if obligation.decided_by not in panels or (rules.only and name not in rules.only):
                continue
            question = Question(number, index, start, commit_for, reveal_for)
            if question.end >= obligation.deadline:
                raise UsageError(
                    f"on `{name}` silence decides {say_duration(obligation.deadline)} after its phase opens, and the "
                    f"ballot would end {say_duration(question.end)} after it",
                    hint="let voting begin earlier, or give it less time; --only leaves an obligation out",
                )
            found.append(question)
            names.append(name)
    if unknown := [name for name in rules.only if name not in names]:
        raise UsageError(
            f"{rules.seat} does not decide `{unknown[0]}`", hint=nearest(unknown[0], _decided(document, panels))
        )
    if not found:
        raise UsageError(f"{rules.seat} decides nothing in this document", hint="name a seat of a panel that does")
    return tuple(found)


def _decided(document: Document, panels: set[str]) -> tuple[str, ...]:
    """The obligations that some panels decide."""
    every = (each for phase in document.phases for each in phase.obligations.items())
    return tuple(dict.fromkeys(name for name, obligation in every if obligation.decided_by in panels))


def _duration(text: str, option: str) -> int:
    try:
        return parse_duration(text)
    except NotUnderstood as error:
        raise UsageError(f"{option}: {error.message}", hint=error.hint) from None


def _coins(text: str) -> int:
    try:
        return to_smallest(parse_amount(text), _COIN_DECIMALS, of="a coin")
    except NotUnderstood as error:
        raise UsageError(f"--deposit: {error.message}", hint=error.hint) from None


def _members(rules: Rules) -> tuple[int, ...]:
    """Identity commitments in ascending order: what was given, or those of identities that were made here."""
    known = identities().list()
    found: list[int] = []
    for each in rules.voters:
        member = int(each) if _NUMBER.fullmatch(each) else known.get(each, 0)
        if not 0 < member < FIELD:
            hint = f"yours: {', '.join(known) or 'none; make one with `pyledger ballot identity NAME`'}"
            raise UsageError(f"`{each}` is neither an identity commitment nor an identity of yours", hint=hint)
        if member in found:
            raise UsageError(f"`{each}` is named twice, and has one vote", hint="name each voter once")
        found.append(member)
    return tuple(sorted(found))


def _accounts(connection: Connection, voters: tuple[str, ...]) -> dict[str, bytes]:
    """Accounts by what they are called: addresses, keys, and on a local chain development accounts for other names."""
    keys = {file.name: file.address for file in keystore().list()}
    local = iter(range(_LAST_DEV_ACCOUNT, 0, -1))
    found = {}
    for each in voters:
        account = as_address(each) or keys.get(each)
        if account is None and connection.chain_id == LOCAL_CHAIN_ID:
            account = dev_signer(next(local), chain_id=LOCAL_CHAIN_ID).address
        if account is None:
            hint = f"your keys: {', '.join(keys) or 'none; make one with `pyledger keys new NAME`'}"
            raise UsageError(f"`{each}` is neither an address nor a key", hint=hint)
        found[each] = account
    return found


def _require_not_their_own(
    rules: Rules,
    names: dict[str, bytes],
    questions: tuple[Question, ...],
    connection: Connection,
    document: Document,
    where: Where,
) -> None:
    """UsageError where a party, by its name or its account, would vote on what it owes itself."""
    bindings = _bindings(connection, "", document, where)
    for question in questions:
        name, obligation = tuple(document.phases[question.phase].obligations.items())[question.obligation]
        account = bindings.parties.get(obligation.by) if bindings else None
        if voter := next(
            (each for each in rules.voters if each == obligation.by or (account and names.get(each) == account)), None
        ):
            raise UsageError(
                f"{voter} would vote on `{name}`, which {obligation.by} owes",
                hint="let others vote on it, or leave it out: --only names the obligations that are voted on",
            )


def _provide(connection: Connection, names: dict[str, bytes]) -> None:
    """On a local chain: every voter has coin for gas and deposit."""
    for account in names.values() if connection.chain_id == LOCAL_CHAIN_ID else ():
        if connection.balance(account) < _GAS_COIN:
            connection.request("anvil_setBalance", "0x" + account.hex(), hex(_GAS_COIN))


def _recipient(rules: Rules, deposit: int, connection: Connection, document: Document, where: Where) -> bytes:
    """Who gets what is forfeited. A party could gain by a voter's silence, and is refused by its name."""
    who = rules.forfeit_to
    if who is None:
        if deposit:
            raise UsageError(
                "nobody is named to get the deposits of ballots that are not revealed",
                hint="give --forfeit-to somebody who neither votes nor gains by the verdict",
            )
        return _NOBODY
    if who in document.parties:
        raise UsageError(
            f"{who} is a party, and would gain by a voter's silence", hint="name somebody who has nothing at stake"
        )
    keys = {file.name: file.address for file in keystore().list()}
    bindings = _bindings(connection, "", document, where)
    people = {**bindings.recipients, **bindings.standing} if bindings else {}
    account = as_address(who) or people.get(who) or keys.get(who)
    if account is None:
        raise UsageError(
            f"--forfeit-to: `{who}` is neither an address nor a key nor a recipient", hint="give an address"
        )
    return account


def _bindings(connection: Connection, named: str, document: Document, where: Where) -> Bindings | None:
    """The bindings given, or those that a local chain makes by itself."""
    if where.bindings is not None or named:
        found = bindings_of(named, where)
        if found is not None:
            return found
    if connection.chain_id == LOCAL_CHAIN_ID:
        return local_bindings(connection, document, folder=home() / "local").bindings
    return None


def _written(
    connection: Connection,
    named: str,
    document: Document,
    seat: str,
    address: bytes,
    out: Path | None,
    where: Where,
) -> Path | None:
    """Bindings with the seat in them, in a file: where one is named, and by itself on a local chain."""
    bindings = _bindings(connection, named, document, where)
    if bindings is None:
        if out is not None:
            raise UsageError("there are no bindings to put the ballot into", hint="give yours with --bindings FILE")
        return None
    if out is None and connection.chain_id != LOCAL_CHAIN_ID:
        return None
    file = out or Path(f"{Path(named).stem}.bindings.yaml")
    change: dict[str, object] = {"verifiers": {**bindings.verifiers, seat: address}}
    if bindings.start is not None and where.bindings is None:
        change["start"] = connection.latest_time()
    file.write_text(dump_bindings(bindings.model_copy(update=change)), encoding="utf-8")
    return file
