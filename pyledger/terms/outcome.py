"""What the phase at hand has come to: verdicts, cut-off, defaults, forfeitures. Twin of `Outcome.sol` and `Quorum.sol`.

Pure judgement over state, terms and time (Unix seconds); it moves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pyledger.terms.state import Holding, State, Status
from pyledger.terms.structs import BPS, OUTSIDE, Obligation, Panel, Payment, Phase, Share, Terms, Verdict

__all__ = [
    "bonds",
    "cut_off",
    "deadline",
    "defaults",
    "end",
    "forfeitures",
    "holdings",
    "level",
    "owed",
    "quorum",
    "releases",
    "split",
    "verdict",
]


def end(terms: Terms) -> int:
    """Past this time nothing can be done any more but to send everything back."""
    return terms.longStop + terms.challengeWindow + terms.rulingWindow


def deadline(state: State, obligation: Obligation) -> int:
    """When silence decides an obligation of the phase at hand."""
    return state.opened_at + obligation.within + obligation.grace


def level(terms: Terms, phase: Phase, party: int) -> int:
    """The bond a party must hold in a phase."""
    return phase.bonds[party] if phase.bonds else terms.parties[party].bond


def releases(payment: Payment, given: Verdict) -> bool:
    """Whether a verdict releases a payment to its payees."""
    return bool(payment.on >> given & 1)


def owed(state: State, payment: Payment, index: int) -> bool:
    """Whether a payment has still to be funded: it is not, and no verdict has decided against releasing it."""
    given = state.verdicts[payment.obligation]
    return index not in state.funded and (given is Verdict.UNDECIDED or releases(payment, given))


def cut_off(state: State, terms: Terms, now: int) -> int | None:
    """The earliest past moment of a material breach or financial default in the phase at hand, if there is one."""
    phase = terms.phases[state.phase]
    moments = [state.cut_off] if state.cut_off else []
    if state.short:
        moments.append(state.opened_at + terms.topUpWithin)
    moments += [
        deadline(state, obligation)
        for index, obligation in enumerate(phase.obligations)
        if obligation.material
        and obligation.presumption == Verdict.BREACHED
        and state.verdicts[index] is Verdict.UNDECIDED
    ]
    moments += [
        state.opened_at + payment.due for index, payment in enumerate(phase.payments) if owed(state, payment, index)
    ]
    moment = min(moments, default=now)
    return moment if moment < now and moment <= terms.longStop else None


def verdict(state: State, terms: Terms, obligation: int, now: int, cut: int | None) -> Verdict:
    """Verdict on an obligation of the phase at hand at a time, silence counted; `cut` is what `cut_off` returned."""
    given = state.verdicts[obligation]
    if given is not Verdict.UNDECIDED:
        return given
    subject = terms.phases[state.phase].obligations[obligation]
    silent = deadline(state, subject)
    last = terms.longStop if cut is None else cut
    if silent <= last:
        return Verdict(subject.presumption) if silent < now else Verdict.UNDECIDED
    return Verdict.LAPSED if last < now else Verdict.UNDECIDED


def defaults(state: State, terms: Terms, cut: int | None) -> frozenset[int]:
    """The parties in financial default at the cut-off."""
    if cut is None:
        return frozenset()
    short = state.short if state.opened_at + terms.topUpWithin <= cut else ()
    return frozenset(short) | {
        payment.payer
        for index, payment in enumerate(terms.phases[state.phase].payments)
        if owed(state, payment, index) and state.opened_at + payment.due <= cut
    }


def bonds(state: State, terms: Terms) -> list[int]:
    """What is held of each party's bond."""
    if state.status is Status.OPEN:
        return [party.bond if index in state.members else 0 for index, party in enumerate(terms.parties)]
    if state.status is not Status.IN_FORCE:
        return [0] * len(terms.parties)
    phase = terms.phases[state.phase]
    return [state.short.get(index, level(terms, phase, index)) for index in range(len(terms.parties))]


def holdings(state: State, terms: Terms) -> dict[tuple[int, bytes], Holding]:
    """What the account holds for each party of each asset, by (party, asset); where it holds nothing, no entry."""
    held = {
        (index, terms.parties[index].asset): Holding(bond, 0) for index, bond in enumerate(bonds(state, terms)) if bond
    }
    if state.status is not Status.IN_FORCE:
        return held
    for index in sorted(state.funded - state.paid):
        payment = terms.phases[state.phase].payments[index]
        key = (payment.payer, payment.asset)
        before = held.get(key, Holding())
        held[key] = before._replace(escrow=before.escrow + payment.amount)
    return held


def split(shares: Sequence[Share], amount: int) -> list[tuple[bytes, int]]:
    """An amount by shares: each part rounded down, the last taking the remainder; the sum is the amount."""
    parts = [amount * share.bps // BPS for share in shares[:-1]]
    return [*zip((share.to for share in shares), [*parts, amount - sum(parts)], strict=True)]


def quorum(panel: Panel, seats: Collection[int]) -> bool:
    """Whether a set of seats reaches the threshold, and the quota of every chamber."""
    chambers = [panel.seats[seat].chamber for seat in seats]
    quotas = all(chambers.count(chamber) >= quota for chamber, quota in enumerate(panel.quotas))
    return len(chambers) >= panel.threshold and quotas


def forfeitures(state: State, terms: Terms, verdicts: Sequence[Verdict], defaulters: Collection[int]) -> dict[int, int]:
    """What each party forfeits in the phase at hand, not yet limited to what is held."""
    phase = terms.phases[state.phase]
    lost = dict.fromkeys(range(len(terms.parties)), 0)
    for obligation, given in zip(phase.obligations, verdicts, strict=False):
        if given is Verdict.BREACHED and obligation.obligor != OUTSIDE:
            lost[obligation.obligor] += level(terms, phase, obligation.obligor) * obligation.forfeitBps // BPS
    for party in defaulters:
        lost[party] += level(terms, phase, party) * terms.defaultForfeitBps // BPS
    return lost
