"""What all members agree on: drafting it, signing it, gathering the signatures, sending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import click
from pydantic import BaseModel, ConfigDict

from pyledger.chain.consents import (
    Consent,
    SignedDissolution,
    SignedExtension,
    assets_to_split,
    extension_of,
    require_fits,
    sign_dissolution,
    sign_extension,
)
from pyledger.chain.keys import Signer
from pyledger.chain.records import read_records
from pyledger.cli.act import report
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.offline import OfflineDeal, offline_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, clock, shown
from pyledger.cli.signers import any_signer, role_signer
from pyledger.document.fields import Id, Shares
from pyledger.document.load import read_file, read_model
from pyledger.document.moments import expiry_of
from pyledger.document.units import (
    DAY,
    NotUnderstood,
    parse_duration,
    parse_percent,
    parse_time,
    say_duration,
    say_percent,
)
from pyledger.errors import SignatureError, UsageError
from pyledger.terms import outcome
from pyledger.terms.state import Split, State, Status
from pyledger.terms.structs import BPS, Share
from pyledger.terms.typed_data import Dissolution, Extension

__all__ = ["MoreTime", "Splits", "agree", "done_already", "require_current", "words_of"]

_COUNTS_FOR: Final = 30 * DAY
"""How long a consent counts where nobody says otherwise, in seconds."""


class _Draft(BaseModel):
    """The file in which a dissolution is drafted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    splits: Mapping[Id, Shares]


@dataclass(frozen=True, slots=True)
class Splits:
    """A dissolution as it was typed."""

    options: tuple[str, ...]
    expires: str | None

    kind = SignedDissolution

    def draft(self, deal: Deal, state: State, file: Path | None) -> Dissolution:
        """What is to be signed. UsageError or DocumentError for a draft that cannot be."""
        if file is not None:
            wanted: Mapping[str, Mapping[str, int]] = read_model(_Draft, read_file(file), file=str(file)).splits
        else:
            options = [_option(each) for each in self.options]
            wanted = dict(options)
            for name in wanted:
                if sum(name == each for each, _ in options) > 1:
                    raise UsageError(f"{name} is split twice", hint="give one --split for each asset")
        splits = sorted(_split(deal, name, shares) for name, shares in wanted.items())
        _require_exact(deal, state, {each.asset for each in splits})
        return Dissolution(state.phase, tuple(splits), _expiry(self.expires, deal))


@dataclass(frozen=True, slots=True)
class MoreTime:
    """An extension as it was typed."""

    name: str
    longer: str | None
    until: str | None
    expires: str | None
    payment: str | None = None

    kind = SignedExtension

    def draft(self, deal: Deal, state: State, file: Path | None) -> Extension:
        """What is to be signed. UsageError, or Refused, for what is not of the phase at hand or is no later."""
        payments = deal.names.payments[state.phase]
        both = self.name in payments and self.name in deal.names.obligations[state.phase]
        if both and not self.payment:
            raise UsageError(f"`{self.name}` is an obligation and a payment", hint="add --payment or --obligation")
        payment = self.payment == "payment" if both else self.name in payments
        item = payments.index(self.name) if payment else deal.obligation(self.name, state)
        phase = outcome.phase_at_hand(state, deal.terms)
        before = phase.payments[item].due if payment else phase.obligations[item].within
        grace = 0 if payment else phase.obligations[item].grace
        try:
            if self.longer is not None:
                to = before + parse_duration(self.longer)
            else:
                to = parse_time(self.until) - grace - state.opened_at
        except NotUnderstood as error:
            raise UsageError(error.message, hint=error.hint or "agree on less") from None
        if to >= 1 << 32:
            longest = clock(state.opened_at + grace + (1 << 32) - 1)
            raise UsageError(
                f"nothing can have more than 136 years from the opening of its phase: until {longest} at most",
                hint="agree on an earlier time",
            )
        if to <= before:
            now_until = clock(state.opened_at + before + grace)
            raise UsageError(f"`{self.name}` has until {now_until} already", hint="agree on a later time")
        if payment:
            number = phase.payments[item].obligation
            if to > phase.obligations[number].within + phase.obligations[number].grace:
                waits = deal.names.obligations[state.phase][number]
                raise UsageError(
                    f"`{self.name}` would be due after `{waits}` is decided",
                    hint="give that obligation more time first",
                )
        expiry = _expiry(self.expires, deal)
        return extension_of(state, deal.terms, payment=payment, item=item, to=to, expiry=expiry)


Wish = Splits | MoreTime


class Words(NamedTuple):
    """What is agreed on, for people: a headline, and what follows from it."""

    headline: str
    rows: tuple[str, ...]


def done_already(deal: Deal, state: State, said: Dissolution | Extension) -> str | None:
    """What to say of a consent that has had its effect; None of one that has not, or that does not fit."""
    if isinstance(said, Dissolution):
        return "the agreement is dissolved already" if state.status is Status.DISSOLVED else None
    if state.status is not Status.IN_FORCE or said.phase != state.phase:
        return None
    phase = outcome.phase_at_hand(state, deal.terms)
    times = [each.due for each in phase.payments] if said.payment else [each.within for each in phase.obligations]
    had = said.item < len(times) and times[said.item] == said.to
    return f"{_item(deal, said)} has that time already" if had else None


def require_current(deal: Deal, state: State, said: Dissolution | Extension) -> None:
    """Refused, in words, for a consent that was overtaken: to what another phase or other times were then."""
    if state.status is not Status.IN_FORCE or not 0 <= said.phase < len(deal.terms.phases):
        return
    anew = "nothing that was signed for it counts any more: have all sign anew"
    if said.phase != state.phase:
        then, here = deal.names.phases[said.phase], deal.names.phases[state.phase]
        raise refused_words(f"this was signed for the phase `{then}`, and the agreement is in `{here}`", hint=anew)
    if isinstance(said, Extension):
        phase = outcome.phase_at_hand(state, deal.terms)
        times = [each.due for each in phase.payments] if said.payment else [each.within for each in phase.obligations]
        if 0 <= said.item < len(times) and times[said.item] != said.from_:
            raise refused_words(f"`{_item(deal, said)}` has other times now than when this was signed", hint=anew)


def agree(
    named: str,
    files: Sequence[Path],
    wish: Wish,
    roles: Sequence[str],
    offline: bool,
    out: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Sign for some members, and send it if all have signed; or only hand on what was signed."""
    drafts = [file for file in files if isinstance(wish, Splits) and not _is_signed(file)]
    signed = [record for file in files if file not in drafts for record in read_records(file, wish.kind)]
    given = bool(isinstance(wish, Splits) and wish.options) or bool(isinstance(wish, MoreTime) and wish.name)
    if bool(signed) + len(drafts) + given != 1:
        raise UsageError(
            "there has to be one thing to agree on: a draft, or what others have signed",
            hint="`pyledger dissolve --help` and `pyledger extend --help` show how",
        )
    said = _same(signed)
    if offline and said is not None:
        away = offline_deal(named, where)
        for record in signed:
            require_fits(record, away.terms, chain_id=away.chain_id, agreement=away.address, names=away.names)
        _hand_on(named, away, said, signed, roles, where, out, screen, state=None)
        return
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        state = deal.agreement.state()
        if state.status is Status.DISSOLVED and isinstance(wish, Splits):
            report(screen, deal, (), already=["the agreement is dissolved already"])
            return
        if said is not None and (words := done_already(deal, state, said)):
            report(screen, deal, (), already=[words])
            return
        deal.require_in_force(state)
        if said is None:
            said = wish.draft(deal, state, drafts[0] if drafts else None)
        require_current(deal, state, said)
        if offline:
            _hand_on(named, deal, said, signed, roles, where, out, screen, state=state)
            return
        _send(deal, said, signed, roles, where, screen, state)


def _hand_on(
    named: str,
    deal: Deal | OfflineDeal,
    said: Dissolution | Extension,
    signed: Sequence[Consent],
    roles: Sequence[str],
    where: Where,
    out: Path | None,
    screen: Screen,
    *,
    state: State | None,
) -> None:
    if not roles:
        raise UsageError("nobody is named who agrees", hint="give --as MEMBER")
    found = words_of(deal, said, state)
    for line in (found.headline, *(f"  {row}" for row in found.rows)):
        if out is None:
            click.echo(shown(line), err=True)
        else:
            screen.say(line)
    from pyledger.cli.submitting import write_records

    records = [*signed, *_sign(deal, said, signed, roles, where)]
    command = "dissolve" if isinstance(said, Dissolution) else "extend"
    write_records(records, out, screen, then=f"{command} {named}")


def _send(
    deal: Deal,
    said: Dissolution | Extension,
    signed: Sequence[Consent],
    roles: Sequence[str],
    where: Where,
    screen: Screen,
    state: State,
) -> None:
    records = [*signed, *_sign(deal, said, signed, roles, where)]
    have = {record.party for record in records}
    if missing := [deal.names.parties[party] for party in sorted(state.members - have)]:
        raise SignatureError(
            f"all members have to agree; still to sign: {', '.join(missing)}",
            hint="sign with --offline --output FILE and hand the file on; the last to sign needs no --offline",
        )
    sender = any_signer(roles[0] if roles else None, deal.reader, deal.connection.chain_id, where)
    with deal.speaking():
        if isinstance(said, Dissolution):
            agreed = [record for record in records if isinstance(record, SignedDissolution)]
            receipt = deal.agreement.dissolve(sender, said, agreed)
        else:
            longer = [record for record in records if isinstance(record, SignedExtension)]
            receipt = deal.agreement.extend(sender, said, longer)
    report(screen, deal, [receipt])


def _sign(
    deal: Deal | OfflineDeal,
    said: Dissolution | Extension,
    signed: Sequence[Consent],
    roles: Sequence[str],
    where: Where,
) -> list[Consent]:
    """Consents of the roles that have not signed yet."""
    chain_id, agreement = (
        (deal.connection.chain_id, deal.agreement.address) if isinstance(deal, Deal) else (deal.chain_id, deal.address)
    )
    have = {record.party for record in signed}
    found: list[Consent] = []
    for role in dict.fromkeys(roles):
        if deal.names.party(role) in have:
            continue
        signer: Signer = role_signer(role, deal.reader, chain_id, where)
        if isinstance(said, Dissolution):
            found.append(
                sign_dissolution(signer, deal.terms, said, chain_id=chain_id, agreement=agreement, names=deal.names)
            )
        else:
            found.append(
                sign_extension(signer, deal.terms, said, chain_id=chain_id, agreement=agreement, names=deal.names)
            )
    return found


def _is_signed(file: Path) -> bool:
    """Whether a file holds signed records rather than a draft: those are JSON with a `kind`."""
    try:
        with file.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None
    return start.lstrip()[:1] in (b"{", b"[") and b'"kind"' in start


def _same(signed: Sequence[Consent]) -> Dissolution | Extension | None:
    """What has been signed so far. SignatureError if it is not one thing."""
    if not signed:
        return None
    said = {(record.agreement, record.chain_id, record.said) for record in signed}
    if len(said) > 1:
        raise SignatureError("the files do not say the same", hint="all have to sign the same: begin with one of them")
    return signed[0].said


# in words


def words_of(deal: Deal | OfflineDeal, said: Dissolution | Extension, state: State | None) -> Words:
    """What is agreed on, for people; with a state, what it comes to."""
    until = f"counts until {clock(said.expiry)}"
    if isinstance(said, Extension):
        what, before, after = _item(deal, said), said.from_, said.to
        grace = 0 if said.payment else deal.terms.phases[said.phase].obligations[said.item].grace
        if state is None:
            times = f"{say_duration(after)} from the phase's opening instead of {say_duration(before)}"
        else:
            times = (
                f"until {clock(state.opened_at + after + grace)} instead of {clock(state.opened_at + before + grace)}"
            )
        verb = "to be funded" if said.payment else "to be done"
        stop = deal.terms.longStop
        rows = [until]
        if state is not None and state.opened_at + after + grace > stop:
            rows.insert(0, f"the long stop comes before that: at {clock(stop)} everything is over")
        return Words(f"{what}, {verb} {times}", tuple(rows))
    rows = []
    held = outcome.holdings(state, deal.terms) if state else {}
    for each in said.splits:
        total = sum(
            have.escrow + (have.bond if state is not None and party in state.members else 0)
            for (party, asset), have in held.items()
            if asset == each.asset
        )
        parts = outcome.split(each.shares, total)
        for share, (_, amount) in zip(each.shares, parts, strict=True):
            money = deal.reader.money(each.asset, amount)
            comes_to = f", {money} as of now" if state is not None else ""
            rows.append(f"{deal.reader.who(share.to)}: {say_percent(share.bps)} of all {money.symbol}{comes_to}")
    return Words("the agreement ends, and what is held is split", (*rows, until))


def _item(deal: Deal | OfflineDeal, said: Extension) -> str:
    names = (deal.names.payments if said.payment else deal.names.obligations)[said.phase]
    return names[said.item] if said.item < len(names) else f"number {said.item}"


# from words


def _expiry(text: str | None, deal: Deal) -> int:
    now = deal.now()
    return min(now + _COUNTS_FOR if text is None else expiry_of(text, now), 2**40 - 1)


def _option(text: str) -> tuple[str, dict[str, int]]:
    """`usd:city=60%,builder=40%`."""
    asset, _, rest = text.partition(":")
    shares: dict[str, int] = {}
    for part in rest.split(","):
        role, _, share = part.partition("=")
        try:
            points = parse_percent(share.strip() or "100%")
        except NotUnderstood as error:
            raise UsageError(f"--split {text}: {error.message}", hint=error.hint) from None
        if not role.strip() or role.strip() in shares:
            raise UsageError(f"--split {text}: each share belongs to one role", hint="usd:city=60%,builder=40%")
        shares[role.strip()] = points
    return asset.strip(), shares


def _split(deal: Deal, name: str, shares: Mapping[str, int]) -> Split:
    if (total := sum(shares.values())) != BPS:
        raise UsageError(
            f"the shares of {name} sum to {say_percent(total)}", hint="all that is held is split: they sum to 100%"
        )
    if nothing := [who for who, bps in shares.items() if not bps]:
        raise UsageError(f"the share of {nothing[0]} is nothing", hint="leave it out")
    return Split(deal.names.asset(name), tuple(Share(deal.names.account(who), bps) for who, bps in shares.items()))


def _require_exact(deal: Deal, state: State, given: set[bytes]) -> None:
    """Every asset that is held, and no other that the document does not know."""
    missing = [deal.reader.money(asset, 0).asset for asset in assets_to_split(state, deal.terms) if asset not in given]
    if missing:
        raise UsageError(f"nothing is said of {', '.join(missing)}, which the agreement holds", hint="add its split")
