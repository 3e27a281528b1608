"""What people do in a deal, one act after another, as the settlement model and a real chain can both play it.

Acts name parties, obligations and payments by their numbers, so that the same acts fit terms of the same document under
any bindings. Times are Unix seconds, amounts the asset's smallest unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pyledger.terms import settlement
from pyledger.terms.outcome import has_court, phase_at_hand
from pyledger.terms.quorum import quorum_of
from pyledger.terms.settlement import Move
from pyledger.terms.state import Flow, Split, State
from pyledger.terms.structs import Payment, Phase, Share, Terms, Verdict

__all__ = [
    "Accept",
    "Act",
    "Attempt",
    "Attest",
    "Book",
    "Challenge",
    "Concede",
    "Dissolve",
    "Enter",
    "Extend",
    "Fund",
    "Look",
    "Rule",
    "Settle",
    "TopUp",
    "Unwind",
    "Void",
    "apply",
    "quorum_of",
]


class Accept(NamedTuple):
    """A party joins and posts its bond."""

    at: int
    party: int


class Enter(NamedTuple):
    """Without those who have not joined, the agreement begins."""

    at: int


class Void(NamedTuple):
    """Too few have joined: bonds go back."""

    at: int


class TopUp(NamedTuple):
    """A party restores its bond."""

    at: int
    party: int


class Fund(NamedTuple):
    """Payments go into escrow."""

    at: int
    payments: tuple[int, ...]


class Attest(NamedTuple):
    """Seats of an obligation's panel give their verdict, with a value; if it `pays`, with what that releases.

    Without `seats` it is as few as decide.
    """

    at: int
    obligation: int
    verdict: Verdict
    value: int = 0
    pays: bool = False
    seats: tuple[int, ...] = ()


class Concede(NamedTuple):
    """The obligor admits its breach."""

    at: int
    obligation: int


class Challenge(NamedTuple):
    """A member, or somebody with standing, contests a verdict: `by` is the number of either."""

    at: int
    obligation: int
    by: int
    standing: bool
    dispute: int


class Rule(NamedTuple):
    """The court rules."""

    at: int
    dispute: int
    ruling: Verdict


class Extend(NamedTuple):
    """All members give an obligation or a payment time until `to` seconds after the phase's opening."""

    at: int
    payment: bool
    item: int
    to: int


class Dissolve(NamedTuple):
    """All members end it and split what is held: of each asset, the shares (basis points) by accounts' names."""

    at: int
    splits: tuple[tuple[bytes, tuple[Share, ...]], ...]


class Settle(NamedTuple):
    """The phase is closed."""

    at: int


class Unwind(NamedTuple):
    """Time is over: what is left goes back."""

    at: int


class Look(NamedTuple):
    """Nobody does anything: how the agreement stands is looked at, for the `number`th time."""

    at: int
    number: int


Deed = Accept | Enter | Void | TopUp | Fund | Attest | Concede | Challenge | Rule | Extend | Dissolve | Settle | Unwind


class Attempt(NamedTuple):
    """Something that the rule called `refused` forbids is tried, and nothing comes of it."""

    at: int
    deed: Deed
    refused: str


Act = Deed | Look | Attempt


def apply(state: State, terms: Terms, act: Act) -> Move:  # noqa: PLR0911 - one line an act
    """The act in the settlement model: the next state and the money that moved. Raises `Refused`."""
    now = act.at
    match act:
        case Accept():
            return settlement.accept(state, terms, party=act.party, now=now)
        case Enter():
            return settlement.enter(state, terms, now=now)
        case Void():
            return settlement.void(state, terms, now=now)
        case TopUp():
            return settlement.top_up(state, terms, party=act.party, now=now)
        case Fund():
            return settlement.fund(state, terms, payments=act.payments, now=now)
        case Attest():
            return _attest(state, terms, act)
        case Concede():
            return settlement.concede(state, terms, obligation=act.obligation, now=now)
        case Challenge():
            by = terms.standing[act.by] if act.standing else terms.parties[act.by].account
            return settlement.challenge(state, terms, obligation=act.obligation, by=by, dispute=act.dispute, now=now)
        case Rule():
            return settlement.rule(state, dispute=act.dispute, ruling=act.ruling, now=now)
        case Extend():
            return settlement.extend(state, terms, payment=act.payment, index=act.item, to=act.to, now=now)
        case Dissolve():
            splits = [Split(asset, shares) for asset, shares in act.splits]
            return settlement.dissolve(state, terms, splits=splits, now=now)
        case Settle():
            return settlement.settle(state, terms, now=now)
        case Unwind():
            return settlement.unwind(state, terms, now=now)
        case Look() | Attempt():
            return Move(state)


def _attest(state: State, terms: Terms, act: Attest) -> Move:
    phase = phase_at_hand(state, terms)
    hanging = state.funded - state.paid if act.pays and not has_court(terms) else ()
    return settlement.attest(
        state,
        terms,
        obligation=act.obligation,
        given=act.verdict,
        seats=act.seats or quorum_of(terms.panels[phase.obligations[act.obligation].panel]),
        value=act.value,
        pay=[each for each in hanging if phase.payments[each].obligation == act.obligation],
        now=act.at,
    )


class Book:
    """Who gains what: one place for each account and asset that the terms can move money between."""

    def __init__(self, terms: Terms, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
        places: dict[tuple[bytes, bytes], None] = {}
        for index, party in enumerate(terms.parties):
            if party.bond or any(phase.bonds[index] for phase in terms.phases if phase.bonds):
                places.update({(account, party.asset): None for account in (party.account, *_to(party.forfeiture))})
        for payment in _payments(terms):
            payer = terms.parties[payment.payer].account
            places.update({(account, payment.asset): None for account in (payer, *_to(payment.payees))})
        places.update(dict.fromkeys(more))
        self.terms = terms
        self.places = tuple(places)
        self._index = {place: index for index, place in enumerate(self.places)}
        self.nothing = (0,) * len(self.places)

    def entries(self, phase: Phase, act: Act, flows: Iterable[Flow]) -> tuple[int, ...]:
        """What everybody gains by an act's flows, in the order of `places`; what is paid in counts against the payer.

        `phase` is the one at hand before the act.
        """
        gained = [0] * len(self.places)
        for flow in flows:
            if flow.cause is None:
                payer = phase.payments[flow.item].payer if isinstance(act, Fund) else flow.item
                gained[self._index[self.terms.parties[payer].account, flow.asset]] -= flow.amount
            else:
                gained[self.place(flow.to, flow.asset)] += flow.amount
        return tuple(gained)

    def place(self, account: bytes, asset: bytes) -> int:
        """Where an account and an asset are among `places`."""
        return self._index[account, asset]


def _payments(terms: Terms) -> Sequence[Payment]:
    return [payment for phase in terms.phases for payment in phase.payments]


def _to(shares: Iterable[Share]) -> list[bytes]:
    return [share.to for share in shares]
