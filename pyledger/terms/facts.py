"""What has become of an agreement, in the names of its document: what scenarios expect something of.

The settlement model and a chain both tell their story as movements of money and verdicts; `facts_of` sums them up, so
that the two can be held against each other and against what somebody expects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pyledger.terms.names import Names
from pyledger.terms.outcome import bonds, holdings
from pyledger.terms.state import Cause, State, Status
from pyledger.terms.structs import OUTSIDE, Terms, Verdict

__all__ = ["Facts", "Moved", "facts_of"]


class Moved(NamedTuple):
    """Money that an account paid in (`cause` None), or that went out to it, in a phase; `item` as in `Flow`."""

    phase: int
    account: bytes
    asset: bytes
    amount: int
    cause: Cause | None
    item: int


@dataclass(frozen=True, slots=True)
class Facts:
    """How an agreement stands; amounts in smallest units, and where there is nothing, no entry.

    `gains` are by the names of account and asset, less what was paid in. `verdicts` (Undecided where there is none yet)
    are by phase and obligation, of phases that have opened; `paid` and `returned` by phase and payment; `breached` says
    which obligations a party broke. `held` is what the account owes, by asset.
    """

    status: Status
    phase: str
    verdicts: Mapping[tuple[str, str], Verdict]
    breached: Mapping[str, tuple[str, ...]]
    in_default: tuple[str, ...]
    gains: Mapping[tuple[str, str], int]
    forfeits: Mapping[str, int]
    paid: Mapping[tuple[str, str], int]
    returned: Mapping[tuple[str, str], int]
    bonds: Mapping[str, int]
    held: Mapping[str, int]


def facts_of(
    names: Names,
    terms: Terms,
    state: State,
    *,
    moved: Iterable[Moved],
    settled: Mapping[tuple[int, int], Verdict],
    defaults: Collection[int],
) -> Facts:
    """Sums it up. `settled` are the verdicts of phases that were settled, by phase and obligation; `defaults` parties.

    Accounts and assets without a name are called by their addresses.
    """
    verdicts = {**_at_hand(terms, state, settled), **settled}
    movements = tuple(moved)
    return Facts(
        status=state.status,
        phase=names.phases[state.phase],
        verdicts={(names.phases[p], names.obligations[p][item]): each for (p, item), each in sorted(verdicts.items())},
        breached=_breached(names, terms, verdicts),
        in_default=tuple(names.parties[each] for each in sorted(defaults)),
        gains=_gains(names, movements),
        forfeits=_forfeits(names, movements),
        paid=_payments(names, movements, Cause.PAYMENT),
        returned=_payments(names, movements, Cause.RETURN),
        bonds={names.parties[each]: held for each, held in enumerate(bonds(state, terms)) if held},
        held=_held(names, terms, state),
    )


def _at_hand(terms: Terms, state: State, settled: Mapping[tuple[int, int], Verdict]) -> dict[tuple[int, int], Verdict]:
    """What has been decided in the phase that is open, or was when the agreement ended without settling it."""
    if state.status in (Status.OPEN, Status.VOID):
        return {}
    phase = state.phase
    found = {(phase, item): state.verdicts[item] for item in range(len(terms.phases[phase].obligations))}
    return {place: each for place, each in found.items() if place not in settled}


def _breached(names: Names, terms: Terms, verdicts: Mapping[tuple[int, int], Verdict]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for (phase, item), each in sorted(verdicts.items()):
        obligor = terms.phases[phase].obligations[item].obligor
        if each is Verdict.BREACHED and obligor != OUTSIDE:
            found.setdefault(names.parties[obligor], []).append(names.obligations[phase][item])
    return {party: tuple(broken) for party, broken in found.items()}


def _gains(names: Names, moved: Iterable[Moved]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for each in moved:
        place = names.who(each.account) or "0x" + each.account.hex(), _what(names, each.asset)
        sums[place] = sums.get(place, 0) + (-each.amount if each.cause is None else each.amount)
    return {place: gain for place, gain in sums.items() if gain}


def _forfeits(names: Names, moved: Iterable[Moved]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in moved:
        if each.cause is Cause.FORFEITURE and each.amount:
            party = names.parties[each.item]
            sums[party] = sums.get(party, 0) + each.amount
    return sums


def _payments(names: Names, moved: Iterable[Moved], cause: Cause) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for each in moved:
        if each.cause is cause and each.amount:
            place = names.phases[each.phase], names.payments[each.phase][each.item]
            sums[place] = sums.get(place, 0) + each.amount
    return sums


def _held(names: Names, terms: Terms, state: State) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (_, asset), each in holdings(state, terms).items():
        name = _what(names, asset)
        sums[name] = sums.get(name, 0) + each.bond + each.escrow
    for (_, asset), credit in state.credits.items():
        name = _what(names, asset)
        sums[name] = sums.get(name, 0) + credit
    return {name: amount for name, amount in sums.items() if amount}


def _what(names: Names, asset: bytes) -> str:
    return names.what(asset) or "0x" + asset.hex()
