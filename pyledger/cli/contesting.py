"""Contesting a verdict, saying something about it, and the courts that hear it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from pyledger.chain.arbitration import Court, CourtPlan, create_court
from pyledger.chain.events import Evidence
from pyledger.cli.act import report
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, ago, clock, fitted
from pyledger.cli.papers import as_address
from pyledger.cli.ruling import court_of, disputes_about, disputes_of, line_json, seat_names
from pyledger.cli.signers import any_signer, keystore
from pyledger.cli.standing import speaker
from pyledger.document.load import read_file
from pyledger.document.remarks import Remark, write
from pyledger.document.submissions import loads
from pyledger.document.units import NotUnderstood, parse_amount, say_amount, say_duration, to_smallest
from pyledger.errors import MismatchError, UsageError
from pyledger.observer.shapes import Money, plain
from pyledger.terms.addresses import checksum
from pyledger.terms.outcome import cut_off, verdict
from pyledger.terms.state import State
from pyledger.terms.structs import NATIVE, Verdict

__all__ = ["collect_fees", "contest", "make_court", "say", "show", "to_say"]

_COIN_DECIMALS: Final = 18
_LONGEST: Final = 10_000
"""Most characters of a comment: each costs gas; a link to more costs little."""


def contest(
    named: str,
    obligation: str,
    role: str,
    max_fee: str | None,
    where: Where,
    screen: Screen,
    *,
    credential: Path | None = None,
) -> None:
    """Bring a verdict before the court, having said what that costs."""
    most = None if max_fee is None else _coins(max_fee, "--max-fee")
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        court_of(deal)
        state = deal.agreement.state()
        if known := disputes_about(deal, state, obligation):
            told = f"the court has ruled: {known[-1].ruling}" if known[-1].ruling else "it is before the court"
            report(
                screen, deal, (), already=[f"{obligation} was contested already, in dispute {known[-1].number}; {told}"]
            )
            return
        index = deal.obligation(obligation, state)
        _require_verdict(deal, state, index, obligation)
        by = speaker(deal, role, credential, where)
        cost = deal.agreement.challenge_cost()
        with deal.speaking():
            agreed = _agreed(deal, cost, most, screen)
            receipt = deal.agreement.challenge(by.signer, index, max_fee=agreed, credential=by.credential)
        court, money = deal.names.court or "the court", deal.reader.money(NATIVE, cost)
        screen.say(f"{court} ({checksum(deal.terms.arbitrator)}) was paid {money} to hear it")
        report(screen, deal, [receipt])


def _require_verdict(deal: Deal, state: State, index: int, obligation: str) -> None:
    """Refused where nothing is decided: before anybody is asked for a fee."""
    now = deal.now()
    if verdict(state, deal.terms, index, now, cut_off(state, deal.terms, now)) is Verdict.UNDECIDED:
        raise refused_words(
            f"`{obligation}` is not decided yet, and so there is nothing to contest",
            name="NotDecided",
            hint=f"its panel attests, or silence decides at its deadline: `pyledger status {deal.named}`",
        )


def _agreed(deal: Deal, cost: int, most: int | None, screen: Screen) -> int:
    """The most to pay, in wei. UsageError where nobody has said so, and nobody is there to be asked."""
    money = deal.reader.money(NATIVE, cost)
    court, window = deal.names.court or "the court", say_duration(deal.terms.rulingWindow)
    if most is not None and most < cost:
        raise refused_words(
            f"{court} asks for {money}, and at most {deal.reader.money(NATIVE, most)} is to be paid",
            name="FeeTooHigh",
            hint=f"if that is right, say --max-fee {say_amount(money.units).replace(',', '')}",
        )
    if most is not None or not cost:
        return cost if most is None else most
    if sys.stdin.isatty() and not screen.as_json:
        asks = f"{court} ({checksum(deal.terms.arbitrator)}) hears it for {money}, and has {window} to rule"
        click.echo(fitted(asks, screen.width), err=True)
        click.confirm("pay that?", abort=True, err=True)
        return cost
    raise UsageError(
        f"{court} asks for {money} to hear it",
        hint=f"add --max-fee {say_amount(money.units).replace(',', '')} to pay that",
    )


def to_say(text: str | None, file: Path | None, answered: int | None, submission: Path | None, link: str | None) -> str:
    """A comment as it goes on the chain, from what was typed; UsageError where nothing is said, or too much."""
    if submission is None:
        if link is not None:
            raise UsageError(
                "a link is given and no submission", hint="give --submission FILE, or say the link as text"
            )
        return write(Remark(_words(text, file), answers=answered))
    found = loads(read_file(submission), file=str(submission))
    words = _words(text, file) if text is not None or file is not None else ""
    return write(Remark(words, answered, found.root, found.language, link))


def say(
    named: str,
    words: str,
    role: str,
    about: str | None,
    where: Where,
    screen: Screen,
    *,
    answered: int | None = None,
    credential: Path | None = None,
) -> None:
    """Put a comment on record. UsageError where the remark that it answers is not there."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        state = deal.agreement.state()
        index = None if about is None else deal.obligation(about, state)
        by = speaker(deal, role, credential, where)
        here = (state.phase, index)
        said = [event for event in deal.events() if isinstance(event, Evidence)]
        if answered is not None and answered > len(said):
            raise UsageError(
                f"there is no remark {answered} to answer",
                hint=f"the last is {len(said)}: see `pyledger comments {deal.named}`",
            )
        if (by.account, here, words) in ((event.party, event.about, event.evidence) for event in said):
            report(screen, deal, (), already=[f"{role} has said that already"])
            return
        with deal.speaking():
            receipt = deal.agreement.comment(by.signer, words, obligation=index, credential=by.credential)
        report(screen, deal, [receipt])


def _words(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        what = "nothing is said" if text is None else "the text is given, and a file too"
        raise UsageError(what, hint='give the text, as in "The east was not counted", or --file FILE')
    if file is not None:
        try:
            raw = sys.stdin.buffer.read(_LONGEST * 4 + 1) if str(file) == "-" else _bytes(file)
            text = raw.decode("utf-8")
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None
        except UnicodeDecodeError:
            raise UsageError(
                f"{file} is no text", hint="put it where it can be fetched, and comment with its link"
            ) from None
    assert text is not None
    if not text.strip():
        raise UsageError("the text is empty", hint="write what is to be said")
    if len(text) > _LONGEST:
        raise UsageError(
            f"this has {len(text):,} characters, and {_LONGEST:,} are the most",
            hint="put it where it can be fetched, and comment with its link",
        )
    return text.strip()


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_LONGEST * 4 + 1)


def make_court(
    judges: tuple[str, ...], threshold: int | None, fee: str, fees_to: str | None, where: Where, screen: Screen
) -> None:
    """Create a court unless it is there."""
    panel = tuple(_account(judge) for judge in judges)
    if twice := [judge for number, judge in enumerate(judges) if panel[number] in panel[:number]]:
        raise UsageError(f"{twice[0]} is named twice, and has one seat", hint="name each judge once")
    plan = CourtPlan(
        panel,
        threshold if threshold is not None else len(panel) // 2 + 1,
        _coins(fee, "--fee"),
        _account(fees_to) if fees_to else panel[0],
    )
    with connected(where) as connection:
        signer = any_signer(None, None, connection.chain_id, where)
        made, receipt = create_court(connection, signer, plan)
        address = checksum(made.address)
        asked = Money("coin", "ether", _COIN_DECIMALS, plan.fee)
        screen.data(
            {
                "court": address,
                "chain_id": connection.chain_id,
                "new": receipt is not None,
                "judges": [checksum(each) for each in panel],
                "threshold": plan.threshold,
                "fee": plain(asked),
                "fees_to": checksum(plan.fee_recipient),
            }
        )
        screen.say(f"{'there is a court' if receipt else 'the court was there already'} at {address}", "bold")
        screen.say(f"{plan.threshold} of {len(panel)} judges rule; a dispute costs {asked}")
        screen.say("in the bindings, with the name that the document has for it:")
        screen.say(f"courts: {{arbitral-court: '{address}'}}", "cyan", indent=2)


def show(named: str, where: Where, screen: Screen) -> None:
    """The court of a deal, and all disputes there have been."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        court = court_of(deal)
        name, fee = deal.names.court or "the court", deal.reader.money(NATIVE, deal.agreement.challenge_cost())
        lines, now = disputes_of(deal), deal.now()
        needed, seats = _bench(deal, court)
        screen.data(
            {
                "court": checksum(court.address),
                "name": deal.names.court,
                "judges": dict(seats),
                "threshold": needed,
                "fee": plain(fee),
                "challenge_within": deal.terms.challengeWindow,
                "ruling_within": deal.terms.rulingWindow,
                "disputes": [line_json(each) | {"open": each.ruling is None and now <= each.until} for each in lines],
            }
        )
        screen.say(f"{name}, {checksum(court.address)}", "bold")
        if needed is None:
            screen.say(f"a court of another kind than pyledger's; a dispute costs {fee}")
        else:
            bench = f"{needed} of {len(seats)} judges rule" if len(seats) > 1 else "one judge rules"
            screen.say(f"{bench}; a dispute costs {fee}")
        screen.table(seats, styles={0: "cyan"})
        screen.heading("disputes")
        if not lines:
            screen.say("  none")
        screen.table(
            (
                (
                    str(each.number),
                    each.obligation,
                    f"{each.by} contests that it is {each.contested}",
                    _stands(each.ruling, each.until, now),
                )
                for each in lines
            ),
            columns=("number", "obligation", "what", "stands"),
            fold=(2, 3),
            styles={1: "cyan"},
        )


def _bench(deal: Deal, court: Court) -> tuple[int | None, list[tuple[str, str]]]:
    """How many judges must sign, and who they are; None, and nobody, of a court of another kind (ERC-792)."""
    try:
        return court.threshold(), seat_names(deal, court)
    except MismatchError:
        return None, []


def _stands(ruling: str | None, until: int, now: int) -> str:
    if ruling:
        return f"ruled: {ruling}"
    return f"open until {clock(until)}, {ago(until, now)}" if now <= until else "not ruled in time: it stands"


def collect_fees(named: str, role: str | None, where: Where, screen: Screen) -> None:
    """Send the court's fees on."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        court = court_of(deal)
        held = connection.balance(court.address)
        if not held:
            report(screen, deal, (), already=["the court holds no fees"])
            return
        signer = any_signer(role, deal.reader, connection.chain_id, where)
        receipt = court.collect(signer)
        money = deal.reader.money(NATIVE, held)
        told = {"event": "Collected", "words": f"{money} sent on, all that the court was paid", "money": plain(money)}
        report(screen, deal, [receipt], done=[told])


def _account(text: str) -> bytes:
    """An address, or that of a key in the keystore."""
    if (found := as_address(text)) is not None:
        return found
    known = {file.name: file.address for file in keystore().list()}
    if text not in known:
        raise UsageError(
            f"`{text}` is neither an address nor a key",
            hint=f"your keys: {', '.join(known) or 'none; make one with `pyledger keys new NAME`'}",
        )
    return known[text]


def _coins(text: str, option: str) -> int:
    """Wei of an amount of coins."""
    try:
        return to_smallest(parse_amount(text), _COIN_DECIMALS, of="a coin")
    except NotUnderstood as error:
        raise UsageError(f"{option}: {error.message}", hint=error.hint) from None
