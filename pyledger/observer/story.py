"""Events as sentences, in the words of the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pyledger.document.remarks import read
from pyledger.document.units import say_duration, say_time
from pyledger.ledger import events as said
from pyledger.observer.reader import Reader, word
from pyledger.observer.shapes import Money, plain
from pyledger.observer.untrusted import one_line
from pyledger.terms.addresses import checksum
from pyledger.terms.state import Cause, Status
from pyledger.terms.structs import Verdict

__all__ = ["Line", "escrowed", "money_in", "money_of", "subject", "tell"]


class Line(NamedTuple):
    """One thing that happened, in words; `kind` is the event's name, `style` how it is coloured."""

    kind: str
    words: str
    style: str
    event: said.Event


def tell(
    events: Iterable[said.Event],
    reader: Reader,
    *,
    phase: int = 0,
    opened: Mapping[int, int] | None = None,
    clock: Callable[[int], str] = say_time,
) -> Iterator[Line]:
    """Each event in a sentence; `phase` is the one at hand when the first of them happened.

    `opened` says when phases opened (Unix seconds) of which the events do not say it themselves; `clock` says a moment.

    Events must come in the order of the chain, and from one agreement.
    """
    settled: dict[bytes, int] = {}
    began = dict(opened or {})
    for event in _ending_last(events):
        if isinstance(event, said.PhaseOpened | said.Decided | said.Challenged | said.Ruled):
            phase = event.phase
        if isinstance(event, said.PhaseOpened):
            began[event.phase] = event.opened_at
        if isinstance(event, said.PhaseSettled):
            settled[event.origin.transaction] = event.phase
        # A settlement opens the next phase before it pays: its payments are those of the phase it settled.
        try:
            if isinstance(event, said.Extended):
                words, style = _extended(event, reader, began.get(event.phase), clock), "cyan"
            else:
                words, style = _words(event, reader, settled.get(event.origin.transaction, phase))
        except (IndexError, ValueError, OverflowError):
            words, style = (
                f"the node reports something ({type(event).__name__}) that these terms cannot have",
                "bold red",
            )
        if words:
            yield Line(type(event).__name__, words, style, event)


def _ending_last(events: Iterable[said.Event]) -> Iterator[said.Event]:
    """The contract says that it has ended before it pays; people hear it afterwards."""
    held: said.Event | None = None
    for event in events:
        if held and event.origin.transaction != held.origin.transaction:
            yield held
            held = None
        if isinstance(event, said.Ended):
            held = event
        else:
            yield event
    if held:
        yield held


def _words(event: said.Event, reader: Reader, phase: int) -> tuple[str, str]:  # noqa: PLR0911 - one line an event
    names, terms = reader.names, reader.terms
    match event:
        case said.Opened():
            return f"opened at {checksum(event.agreement)}", ""
        case said.Disclosed():
            shown, count = len(event.disclosed), len(event.hashes)
            return f"terms published anew, with {shown} of {count} phase{'s' if count > 1 else ''}", ""
        case said.Accepted():
            bond = f", posting {reader.money(terms.parties[event.party].asset, event.bond)}" if event.bond else ""
            return f"{names.parties[event.party]} accepted{bond}{_paid_by(event.from_, event.party, reader)}", ""
        case said.PhaseOpened():
            return f"phase {names.phases[event.phase]} opened{_short(event, reader)}", ""
        case said.PhaseRejected():
            return f"phase {names.phases[event.phase]} could not open: its {event.flaw} breaks a rule", "red"
        case said.ToppedUp():
            money = reader.money(terms.parties[event.party].asset, event.amount)
            who = names.parties[event.party]
            return f"{who} topped up its bond by {money}{_paid_by(event.from_, event.party, reader)}", ""
        case said.Funded():
            sums, into = _escrowed(event, reader)
            return f"{reader.who(event.from_)} put {sums} into escrow for {into}", ""
        case said.Attested():
            panel = terms.phases[event.phase].obligations[event.obligation].panel
            who, what = names.seats[panel][event.seat], names.obligations[event.phase][event.obligation]
            value = _value(event, reader)
            return f"{who} attested {what}: {word(event.verdict)}{value}", "cyan"
        case said.Decided():
            what = names.obligations[event.phase][event.obligation]
            if event.conceded:
                obligor = terms.phases[event.phase].obligations[event.obligation].obligor
                return f"{names.parties[obligor]} conceded: {what} is breached", "red"
            return f"decided: {what} is {word(event.verdict)}{_value(event, reader)}", _verdict_style(event.verdict)
        case said.PhaseSettled():
            return _settled(event, reader), ""
        case said.Paid():
            return _paid(event, reader, phase)
        case said.Ended():
            style = "bold green" if event.status is Status.COMPLETED else "bold yellow"
            return f"the agreement is {event.status.name.lower()}", style
        case said.Withdrawn():
            to = "" if event.to == event.account else f", to {reader.who(event.to)}"
            return f"{reader.who(event.account)} withdrew {reader.money(event.asset, event.amount)}{to}", ""
    return _recourse(event, reader)


def _recourse(event: said.Event, reader: Reader) -> tuple[str, str]:
    """What is said where things do not go as planned; nothing of what repeats it for other programs (ERC-1497)."""
    names = reader.names
    match event:
        case said.Challenged():
            what, court = names.obligations[event.phase][event.obligation], names.court or "the court"
            heard = f"{court} hears it as dispute {event.dispute_id}, until {say_time(event.until)}"
            return f"{reader.who(event.by)} contested that {what} is {word(event.verdict)}: {heard}", "bold yellow"
        case said.Ruled():
            what, court = names.obligations[event.phase][event.obligation], names.court or "the court"
            style = _verdict_style(event.verdict)
            return f"{court} ruled in dispute {event.dispute_id}: {what} is {word(event.verdict)}", style
        case said.Evidence():
            return f"{reader.who(event.party)} on {subject(event, reader)}: {_remark(event)}", ""
    return "", ""


def _extended(event: said.Extended, reader: Reader, opened: int | None, clock: Callable[[int], str]) -> str:
    what = (reader.names.payments if event.payment else reader.names.obligations)[event.phase][event.index]
    if opened is None:
        return f"all members gave {what} time until {say_duration(event.to)} after the phase opened"
    grace = 0 if event.payment else reader.terms.phases[event.phase].obligations[event.index].grace
    return f"all members gave {what} time until {clock(opened + event.to + grace)}"


def _remark(event: said.Evidence) -> str:
    """Plain words in quotes; before them what they answer, and by which hash the rest is known."""
    found = read(event.evidence)
    parts = [
        *([f"answers remark {found.answers}"] if found.answers is not None else []),
        *([f"a submission with the hash 0x{found.submission.hex()}"] if found.submission is not None else []),
        *([f"at {one_line(found.at)}"] if found.at else []),
        *([one_line(found.text)] if found.text else []),
    ]
    return ", ".join(parts)


def subject(event: said.Evidence, reader: Reader) -> str:
    """What a remark is about: an obligation, a phase, or a number that stands for something else."""
    phase, obligation = event.about or (len(reader.names.phases), None)
    if phase < len(reader.names.phases):
        names = reader.names.obligations[phase]
        if obligation is None:
            return f"phase {reader.names.phases[phase]}"
        if obligation < len(names):
            return names[obligation]
    return f"subject {event.evidence_group_id}"


def _value(event: said.Attested | said.Decided, reader: Reader) -> str:
    counted = event.value or reader.measure(event.phase, event.obligation)
    if not counted or (isinstance(event, said.Decided) and event.conceded):
        return ""
    return f", value {reader.measured(event.phase, event.obligation, event.value)}"


def _escrowed(event: said.Funded, reader: Reader) -> tuple[str, str]:
    """What was paid in, and for what."""
    sums = escrowed([event], reader)
    into = ", ".join(reader.names.payments[event.phase][index] for index in sorted(event.payments))
    return " and ".join(str(money) for money in sums), into


def escrowed(funded: Iterable[said.Funded], reader: Reader) -> tuple[Money, ...]:
    """What was paid in altogether, once for each asset."""
    sums: dict[bytes, int] = {}
    for event in funded:
        for index in sorted(event.payments):
            payment = reader.terms.phases[event.phase].payments[index]
            sums[payment.asset] = sums.get(payment.asset, 0) + payment.amount
    return tuple(reader.money(asset, amount) for asset, amount in sums.items())


def _paid_by(account: bytes, party: int, reader: Reader) -> str:
    return "" if account == reader.terms.parties[party].account else f", paid by {reader.who(account)}"


def _short(event: said.PhaseOpened, reader: Reader) -> str:
    who = [name for index, name in enumerate(reader.names.parties) if index in event.short]
    return f"; short of bond: {', '.join(who)}" if who else ""


def _settled(event: said.PhaseSettled, reader: Reader) -> str:
    names = reader.names
    verdicts = ", ".join(
        f"{name} {word(event.verdict(index))}" for index, name in enumerate(names.obligations[event.phase])
    )
    who = [name for index, name in enumerate(names.parties) if index in event.defaults]
    default = f"; in default: {', '.join(who)}" if who else ""
    return f"phase {names.phases[event.phase]} settled: {verdicts}{default}"


def _paid(event: said.Paid, reader: Reader, phase: int) -> tuple[str, str]:
    money, to = reader.money(event.asset, event.amount), reader.who(event.to)
    if event.cause in (Cause.PAYMENT, Cause.RETURN):
        name = reader.names.payments[phase][event.index]
        released = event.cause is Cause.PAYMENT
        words = f"{money} paid to {to} ({name})" if released else f"{money} returned to {to} ({name})"
        style = "green" if released else "yellow"
    elif event.cause is Cause.FORFEITURE:
        words, style = f"{reader.names.parties[event.index]} forfeited {money} to {to}", "red"
    elif event.cause is Cause.SPLIT:
        words, style = f"{money} to {to}, as all members have agreed", "green"
    elif event.cause is Cause.SURPLUS:
        words, style = f"{money} more than was due back to {to}", ""
    else:
        words, style = f"bond of {money} back to {to}", "green"
    return (f"{words}; it could not be sent and waits as a credit", "yellow") if event.credited else (words, style)


def _verdict_style(verdict: Verdict) -> str:
    return {Verdict.MET: "bold green", Verdict.BREACHED: "bold red"}.get(verdict, "bold yellow")


def money_in(event: said.Event, reader: Reader) -> dict[str, Any] | None:
    """The amount an event speaks of, for programs."""
    found: dict[str, Any] | None = plain(money_of(event, reader))
    return found


def money_of(event: said.Event, reader: Reader) -> Money | None:
    """The amount an event speaks of, None if it speaks of none, or of several."""
    try:
        return _money_of(event, reader)
    except IndexError:  # a node reports what these terms cannot have: `tell` says so
        return None


def _money_of(event: said.Event, reader: Reader) -> Money | None:
    match event:
        case said.Paid() | said.Withdrawn():
            return reader.money(event.asset, event.amount)
        case said.Funded():
            sums = escrowed([event], reader)
            return sums[0] if len(sums) == 1 else None  # amounts of several assets are no amount
        case said.Accepted():
            return reader.money(reader.terms.parties[event.party].asset, event.bond)
        case said.ToppedUp():
            return reader.money(reader.terms.parties[event.party].asset, event.amount)
    return None
