"""What has happened in an agreement, in words: what a failed assertion adds to what it expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from pyledger.document.units import say_amount
from pyledger.terms.state import Cause
from pyledger.terms.structs import OUTSIDE, Verdict

if TYPE_CHECKING:
    from pyledger.chain.named_account import NamedAccount

__all__ = ["PAYMENT", "Breach", "Flow", "breaches", "flows", "money", "story"]

PAYMENT: Final = "payment"
"""What a party has broken that did not pay in what it owed."""


class Flow(NamedTuple):
    """Money that left the account: why, about what (a payment's or a party's name), to whom, how much of what.

    `amount` is in smallest units; `credited` says that it waits to be withdrawn.
    """

    cause: Cause
    about: str
    to: str
    asset: str
    amount: int
    credited: bool


class Breach(NamedTuple):
    """Who broke what: an obligation by name, or `PAYMENT` for a financial default."""

    party: str
    what: str


def flows(account: NamedAccount) -> tuple[Flow, ...]:
    """All money that has left the account so far, in the order of the chain.

    What a settlement moves is of the phase that it closes, though the next one has opened by then.
    """
    from pyledger.chain.events import Paid, PhaseOpened, PhaseSettled

    found: list[Flow] = []
    phase, closing = 0, (b"", 0)
    for event in account.events:
        if isinstance(event, PhaseOpened):
            phase = event.phase
        elif isinstance(event, PhaseSettled):
            closing = event.origin.transaction, event.phase
        elif isinstance(event, Paid):
            of = closing[1] if closing[0] == event.origin.transaction else phase
            about = _about(account, event.cause, of, event.index)
            to, asset = _who(account, event.to), account.names.what(event.asset) or "0x" + event.asset.hex()
            found.append(Flow(event.cause, about, to, asset, event.amount, event.credited))
    return tuple(found)


def breaches(account: NamedAccount) -> tuple[Breach, ...]:
    """All breaches so far: of phases that are settled, and those of the phase at hand that have been found."""
    from pyledger.chain.events import Decided, PhaseOpened, PhaseSettled, Ruled

    found: dict[Breach, None] = {}
    pending: dict[int, Verdict] = {}
    phase = 0
    for event in account.events:
        if isinstance(event, PhaseOpened):
            phase, pending = event.phase, {}
        elif isinstance(event, Decided | Ruled):
            pending[event.obligation] = event.verdict
        elif isinstance(event, PhaseSettled):
            every = range(len(account.terms.phases[event.phase].obligations))
            settled = {index: Verdict(event.verdicts >> 2 * index & 3) for index in every}
            found |= dict.fromkeys(_broken(account, event.phase, settled))
            found |= {Breach(account.names.parties[party], PAYMENT): None for party in sorted(event.defaults)}
            pending = {}
    return tuple(found | dict.fromkeys(_broken(account, phase, pending)))


def _broken(account: NamedAccount, phase: int, verdicts: dict[int, Verdict]) -> Iterator[Breach]:
    for index, verdict in verdicts.items():
        obligor = account.terms.phases[phase].obligations[index].obligor
        if verdict is Verdict.BREACHED and obligor != OUTSIDE:
            yield Breach(account.names.parties[obligor], account.names.obligations[phase][index])


def money(account: NamedAccount, asset: str, amount: int) -> str:
    """An amount in smallest units as people read it: "400,000 usd"."""
    return f"{say_amount(account.units(asset, amount)) if asset in account.names.assets else amount} {asset}"


def story(account: NamedAccount) -> str:
    """All that has happened, a line for each thing."""
    lines = [*_told(account)]
    return "what happened:\n" + "\n".join(f"  {printable_line(line)}" for line in lines or ["nothing"])


def printable_line(text: str) -> str:
    """A line that does nothing to a terminal, whatever a document calls its things."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _told(account: NamedAccount) -> Iterator[str]:
    from pyledger.chain import events as kinds

    names, phase, paid = account.names, 0, iter(flows(account))
    for event in account.events:
        match event:
            case kinds.Accepted():
                yield f"{names.parties[event.party]} accepted"
            case kinds.PhaseOpened():
                phase = event.phase
                yield f"the phase {names.phases[phase]} opened"
            case kinds.Funded():
                some = ", ".join(names.payments[event.phase][each] for each in sorted(event.payments))
                yield f"{_who(account, event.from_)} paid in {some}"
            case kinds.Decided():
                how = "was conceded as" if event.conceded else "was found"
                yield f"{names.obligations[event.phase][event.obligation]} {how} {event.verdict.name.lower()}"
            case kinds.Challenged():
                yield f"{_who(account, event.by)} contested {names.obligations[event.phase][event.obligation]}"
            case kinds.Ruled():
                ruled = event.verdict.name.lower()
                yield f"the court ruled: {names.obligations[event.phase][event.obligation]} is {ruled}"
            case kinds.PhaseSettled():
                yield f"the phase {names.phases[event.phase]} was settled: {_verdicts(account, event)}"
            case kinds.Paid():
                flow = next(paid)
                yield f"{money(account, flow.asset, flow.amount)} {_WAYS[flow.cause].format(flow.to, flow.about)}" + (
                    ", and waits to be withdrawn" if flow.credited else ""
                )
            case kinds.Ended():
                yield f"the agreement is {event.status.name.lower()}"
            case _:
                pass


_WAYS = {
    Cause.PAYMENT: "paid to {0} ({1})",
    Cause.RETURN: "returned to {0} ({1})",
    Cause.FORFEITURE: "forfeited by {1} to {0}",
    Cause.BOND: "of bond back to {0}",
    Cause.SURPLUS: "too much, back to {0}",
    Cause.SPLIT: "to {0} by the dissolution",
}


def _verdicts(account: NamedAccount, event: object) -> str:
    from pyledger.chain.events import PhaseSettled

    assert isinstance(event, PhaseSettled)
    names = account.names.obligations[event.phase]
    told = [f"{name} {Verdict(event.verdicts >> 2 * index & 3).name.lower()}" for index, name in enumerate(names)]
    told += [f"{account.names.parties[party]} in default" for party in sorted(event.defaults)]
    return ", ".join(told)


def _about(account: NamedAccount, cause: Cause, phase: int, index: int) -> str:
    if cause in (Cause.PAYMENT, Cause.RETURN):
        return account.names.payments[phase][index]
    return account.names.parties[index] if cause in (Cause.FORFEITURE, Cause.BOND) else ""


def _who(account: NamedAccount, address: bytes) -> str:
    return account.names.who(address) or "0x" + address.hex()
