"""What an observer is shown: plain frozen values, ready for a table or for JSON.

Times are Unix seconds. Amounts are integers in the asset's smallest unit and carry what is needed to say them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Context, Decimal
from typing import Any, Final

from pyledger.document.units import say_amount

__all__ = [
    "Action",
    "BondView",
    "ChamberView",
    "CourtView",
    "DisputeView",
    "HeldView",
    "Measured",
    "Money",
    "ObligationView",
    "PartyView",
    "PaymentView",
    "PhaseView",
    "SeatView",
    "ShareView",
    "StatusView",
    "TallyView",
    "TierView",
    "UndisclosedView",
    "WhoGets",
    "plain",
    "short",
]

_EXACT: Final = Context(prec=100)
_ADDRESS: Final = re.compile("0x[0-9a-fA-F]{40}")


def short(address: str) -> str:
    """An address or a hash by its ends."""
    return address if len(address) <= 13 else f"{address[:6]}…{address[-4:]}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one asset: `amount` in its smallest unit, of which 10^`decimals` make one `symbol`.

    In words, an address in the symbol is said by its ends.
    """

    asset: str
    symbol: str
    decimals: int
    amount: int

    @property
    def units(self) -> Decimal:
        """The amount in units of the asset, exact."""
        return Decimal(self.amount).scaleb(-self.decimals, _EXACT)

    def __str__(self) -> str:
        return f"{say_amount(self.units)} {_ADDRESS.sub(lambda found: short(found[0]), self.symbol)}"


@dataclass(frozen=True, slots=True)
class Measured:
    """A number that verifiers sign: `number` in the smallest part, of which 10^`decimals` make one `unit`.

    Without a document at hand nothing is known of its unit.
    """

    unit: str | None
    decimals: int
    number: int

    @property
    def units(self) -> Decimal:
        """The number in its unit, exact."""
        return Decimal(self.number).scaleb(-self.decimals, _EXACT)

    def __str__(self) -> str:
        return f"{say_amount(self.units)} {self.unit or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class BondView:
    """What a party's bond must be in the phase at hand, what is held, and what is missing (None: nothing)."""

    level: Money
    held: Money
    short: Money | None
    top_up_by: int | None


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party; `name` is how the document refers to it, `label` what it is called.

    `membership` is one of: invited (it can still accept), absent (it has not), joining (it is bound from the next
    phase), member.
    """

    name: str
    label: str
    account: str
    accepted: bool
    membership: str
    bond: BondView | None


@dataclass(frozen=True, slots=True)
class SeatView:
    """One seat of a panel and what it attested (None: not heard yet)."""

    verifier: str
    account: str
    chamber: str | None
    verdict: str | None
    value: Measured | None


@dataclass(frozen=True, slots=True)
class ChamberView:
    """How many seats of a chamber agree, and how many must."""

    name: str
    heard: int
    quota: int


@dataclass(frozen=True, slots=True)
class TallyView:
    """How far a panel has come with one verdict (the one with most voices; None when nobody has spoken)."""

    panel: str
    verdict: str | None
    value: Measured | None
    heard: int
    threshold: int
    chambers: tuple[ChamberView, ...]
    seats: tuple[SeatView, ...]


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A verdict before the court: the dispute's number there, who challenged, until when a ruling counts."""

    number: str
    by: str
    account: str
    until: int
    ruled: bool


@dataclass(frozen=True, slots=True)
class ObligationView:
    """Who owes what by when. `verdict` is None while undecided; `by_silence` says that nobody gave it.

    `deadline` is when silence decides, giving `if_silent`: `within` seconds from the phase's opening (None before it);
    `extended_from` is when it would have been, had the members not agreed on more time. `stage` is one of: open,
    contestable, disputed, final; `final_at` is the last moment at which the verdict can change (None: none can be
    named). `absent` says that its party has not joined, so that it binds nobody. `value` is what was attested with the
    verdict, `counts` what it is a number of.
    """

    name: str
    by: str
    by_label: str
    what: str
    within: int
    deadline: int | None
    if_silent: str
    material: bool
    forfeits: Money | None
    verdict: str | None
    by_silence: bool
    conceded: bool
    stage: str
    final_at: int | None
    dispute: DisputeView | None
    absent: bool
    extended_from: int | None
    value: Measured | None
    counts: str | None
    tally: TallyView


@dataclass(frozen=True, slots=True)
class ShareView:
    """A recipient and its share in basis points."""

    to: str
    bps: int


@dataclass(frozen=True, slots=True)
class TierView:
    """From an attested value on: what is released, and the share (basis points) of what the value exceeds it by."""

    from_: Measured
    pays: Money
    then: int


@dataclass(frozen=True, slots=True)
class PaymentView:
    """Escrow and what became of it; it is to be funded by `due`, `within` seconds from the phase's opening.

    `state` is one of: later, due, funded, overdue, not owed, not final, ready to release, ready to return, released,
    returned, split. `released` is what the verdict as it stands gives to the payees (None: there is none yet); the rest
    of the amount goes back to the payer.
    """

    name: str
    from_: str
    to: tuple[ShareView, ...]
    amount: Money
    obligation: str
    on: tuple[str, ...]
    within: int
    due: int | None
    extended_from: int | None
    state: str
    released: Money | None
    tiers: tuple[TierView, ...]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """The phase at hand, number `number` of `count`. `opened_at` is None while the agreement is not in force."""

    name: str
    title: str
    number: int
    count: int
    opened_at: int | None
    cut_off: int | None
    obligations: tuple[ObligationView, ...]
    payments: tuple[PaymentView, ...]


@dataclass(frozen=True, slots=True)
class HeldView:
    """What the agreement holds of one asset: bonds, escrow, and credits waiting to be withdrawn."""

    bonds: Money
    escrow: Money
    credits: Money


@dataclass(frozen=True, slots=True)
class WhoGets:
    """An account and an amount."""

    who: str
    label: str
    account: str
    money: Money


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done by `who` (empty: by anyone), by typing `command`.

    It can be done from `since` (None: now) to `until` (None: any time), Unix seconds.
    """

    who: tuple[str, ...]
    what: str
    since: int | None
    until: int | None
    command: str


@dataclass(frozen=True, slots=True)
class CourtView:
    """Before whom a verdict can be contested, for how long after it, and how long a ruling may take (seconds).

    `fee` is what it asks for to hear one (None: it does not say).
    """

    name: str
    account: str
    challenge_within: int
    ruling_within: int
    fee: Money | None


@dataclass(frozen=True, slots=True)
class UndisclosedView:
    """A phase, `number` of all, of which no more than the struct hash is known here: it is published as it opens."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """Everything about an agreement at one moment."""

    title: str
    agreement: str
    chain_id: int
    document: str
    terms: str
    state: str
    now: int
    block: int
    join_by: int
    long_stop: int
    min_parties: int
    accession: bool
    predecessor: str | None
    court: CourtView | None
    standing: tuple[str, ...]
    phase: PhaseView | None
    undisclosed: tuple[UndisclosedView, ...]
    parties: tuple[PartyView, ...]
    held: tuple[HeldView, ...]
    if_ended_now: tuple[WhoGets, ...]
    credits: tuple[WhoGets, ...]
    actions: tuple[Action, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values; amounts as strings, for they exceed what JSON numbers can hold."""
        found: dict[str, Any] = plain(self)
        return found


def plain(value: Any) -> Any:
    """JSON values of the shapes above."""
    if isinstance(value, Money):
        return {
            "asset": value.asset,
            "symbol": value.symbol,
            "amount": f"{value.units:f}",
            "smallest": str(value.amount),
            "decimals": value.decimals,
        }
    if isinstance(value, Measured):
        return {
            "unit": value.unit,
            "value": f"{value.units:f}",
            "smallest": str(value.number),
            "decimals": value.decimals,
        }
    if is_dataclass(value):
        return {each.name.rstrip("_"): plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value
