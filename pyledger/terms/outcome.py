"""What the phase at hand has come to: verdicts and when they are final, cut-off, defaults, forfeitures.

Pure judgement over state, terms and time (Unix seconds); it moves nothing. Twin of `Judgement.sol`, `Outcome.sol`,
`Amounts.sol` and `Quorum.sol`. The phase at hand is always `phase_at_hand(state, terms)`: the members may have agreed
on later times than those in the terms.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pyledger.terms.state import Contest, Holding, State, Status
from pyledger.terms.structs import BPS, OUTSIDE, Obligation, Panel, Payment, Phase, Share, Terms, Tier, Verdict

__all__ = [
    "Judgement",
    "absent",
    "bonds",
    "cut_off",
    "deadline",
    "defaults",
    "end",
    "forfeitures",
    "given",
    "has_court",
    "holdings",
    "judgement",
    "level",
    "may_challenge",
    "may_comment",
    "may_fall_due",
    "owed",
    "phase_at_hand",
    "quorum",
    "released",
    "releases",
    "split",
    "tiered",
    "turning_points",
    "verdict",
]


class Judgement(NamedTuple):
    """A verdict as it stands, and the last moment (Unix seconds) at which it can change; 0 if nothing can change it."""

    verdict: Verdict
    final_at: int = 0

    def is_final(self, now: int) -> bool:
        """Whether there is a verdict, and nothing can change it any more."""
        return self.verdict is not Verdict.UNDECIDED and self.final_at < now


# What state and terms say without the clock


def phase_at_hand(state: State, terms: Terms) -> Phase:
    """The phase that is open, or was last: as in the terms, or as the members have extended it."""
    return state.extended or terms.phases[state.phase]


def end(terms: Terms) -> int:
    """Past this time nothing can be done any more but to send everything back."""
    return terms.longStop + terms.challengeWindow + terms.rulingWindow


def has_court(terms: Terms) -> bool:
    """Whether verdicts can be challenged before an arbitrator."""
    return any(terms.arbitrator)


def deadline(state: State, obligation: Obligation) -> int:
    """When silence decides an obligation of the phase at hand."""
    return state.opened_at + obligation.within + obligation.grace


def absent(state: State, obligation: Obligation) -> bool:
    """Whether an obligation is that of a party which has not joined: nobody is bound by it."""
    return obligation.obligor != OUTSIDE and obligation.obligor not in state.members


def level(terms: Terms, phase: Phase, party: int) -> int:
    """The bond a member must hold in a phase."""
    return phase.bonds[party] if phase.bonds else terms.parties[party].bond


def releases(payment: Payment, given: Verdict) -> bool:
    """Whether a verdict releases a payment to its payees."""
    return bool(payment.on >> given & 1)


def quorum(panel: Panel, seats: Collection[int]) -> bool:
    """Whether a set of seats reaches the threshold, and the quota of every chamber."""
    chambers = [panel.seats[seat].chamber for seat in seats]
    quotas = all(chambers.count(chamber) >= quota for chamber, quota in enumerate(panel.quotas))
    return len(chambers) >= panel.threshold and quotas


def may_challenge(state: State, terms: Terms, account: bytes) -> bool:
    """Whether an account (20 bytes) may contest verdicts: a member, or somebody with standing."""
    members = {terms.parties[index].account for index in state.members}
    return account in members or account in terms.standing


def may_comment(state: State, terms: Terms, account: bytes) -> bool:
    """Whether an account (20 bytes) is heard in the agreement's record: as above, or a seat of any panel."""
    seats = {seat.verifier for panel in terms.panels for seat in panel.seats}
    return account in seats or may_challenge(state, terms, account)


# Verdicts


def given(state: State, terms: Terms, obligation: int) -> Judgement:
    """The verdict on an obligation of the phase at hand, silence not counted; it may still be undecided.

    Without an arbitrator a verdict is final as it is given. With one it can change until the window for challenges has
    passed, and once challenged until the ruling, for which there is a window too.
    """
    if absent(state, phase_at_hand(state, terms).obligations[obligation]):
        return Judgement(Verdict.LAPSED)
    verdict = state.verdicts[obligation]
    if verdict is Verdict.UNDECIDED or not has_court(terms):
        return Judgement(verdict)
    contest = state.contests.get(obligation, Contest())
    if contest.ruled_at:
        return Judgement(verdict, contest.ruled_at)
    if contest.challenged_at:
        return Judgement(verdict, contest.challenged_at + terms.rulingWindow)
    return Judgement(verdict, contest.decided_at + terms.challengeWindow)


def judgement(state: State, terms: Terms, obligation: int, now: int, cut: int | None) -> Judgement:
    """As `given`, with what silence, cut-off and long stop say by now; `cut` is what `cut_off` returned."""
    spoken = given(state, terms, obligation)
    if spoken.verdict is not Verdict.UNDECIDED:
        return spoken
    subject = phase_at_hand(state, terms).obligations[obligation]
    silent = deadline(state, subject)
    last = _last(terms, cut)
    if silent <= last:
        return Judgement(Verdict(subject.presumption), silent + terms.challengeWindow) if silent < now else spoken
    return Judgement(Verdict.LAPSED, last) if last < now else spoken


def verdict(state: State, terms: Terms, obligation: int, now: int, cut: int | None) -> Verdict:
    """The verdict of `judgement`: as it stands, final or not."""
    return judgement(state, terms, obligation, now, cut).verdict


# Cut-off and defaults


def owed(state: State, terms: Terms, index: int) -> bool:
    """Whether a payment of the phase at hand has still to be funded.

    It has if it is not, its payer is a member, and no verdict against releasing it is final by when it is due. Such a
    verdict may still be challenged, and then the payment is owed again: see `may_fall_due`.
    """
    payment = phase_at_hand(state, terms).payments[index]
    if index in state.funded or payment.payer not in state.members:
        return False
    spoken, final_at = given(state, terms, payment.obligation)
    if spoken is Verdict.UNDECIDED or releases(payment, spoken):
        return True
    return final_at >= state.opened_at + payment.due


def may_fall_due(state: State, terms: Terms, index: int, now: int) -> bool:
    """Whether a payment of the phase at hand is to be funded by whoever wants to be safe.

    Unlike `owed`, a verdict against it counts only once it is final: one that will be final when the payment is due can
    still be challenged until then, which may leave little time to fund what is then owed.
    """
    payment = phase_at_hand(state, terms).payments[index]
    if index in state.funded or payment.payer not in state.members:
        return False
    spoken = given(state, terms, payment.obligation)
    return not spoken.is_final(now) or releases(payment, spoken.verdict)


def cut_off(state: State, terms: Terms, now: int) -> int | None:
    """The earliest past moment of a financial default, or of a material breach becoming final, if there is one.

    Deadlines after the long stop do not count: there, what is undecided lapses.
    """
    phase = phase_at_hand(state, terms)
    financial = {payment.due for index, payment in enumerate(phase.payments) if owed(state, terms, index)}
    financial |= {terms.topUpWithin} if state.short else set()
    moments = [state.cut_off] if state.cut_off else []
    moments += [state.opened_at + due for due in financial if state.opened_at + due <= terms.longStop]
    for index, obligation in enumerate(phase.obligations):
        # Where nothing can overrule a verdict, the state knows when the first such breach was given.
        if obligation.material and (has_court(terms) or state.verdicts[index] is Verdict.UNDECIDED):
            found, final_at = judgement(state, terms, index, now, None)
            moments += [final_at] if found is Verdict.BREACHED else []
    moment = min(moments, default=now)
    return moment if moment < now else None


def defaults(state: State, terms: Terms, cut: int | None) -> frozenset[int]:
    """The parties in financial default at the cut-off."""
    if cut is None:
        return frozenset()
    last = _last(terms, cut)
    payments = phase_at_hand(state, terms).payments
    late = {
        payment.payer
        for index, payment in enumerate(payments)
        if state.opened_at + payment.due <= last and owed(state, terms, index)
    }
    return frozenset(late | (state.short.keys() if state.opened_at + terms.topUpWithin <= last else set()))


def forfeitures(state: State, terms: Terms, verdicts: Sequence[Verdict], defaulters: Collection[int]) -> dict[int, int]:
    """What each party forfeits in the phase at hand, not yet limited to what is held."""
    phase = phase_at_hand(state, terms)
    lost = dict.fromkeys(range(len(terms.parties)), 0)
    for obligation, given in zip(phase.obligations, verdicts, strict=False):
        if given is Verdict.BREACHED and obligation.obligor != OUTSIDE:
            lost[obligation.obligor] += level(terms, phase, obligation.obligor) * obligation.forfeitBps // BPS
    for party in defaulters:
        lost[party] += level(terms, phase, party) * terms.defaultForfeitBps // BPS
    return lost


def turning_points(state: State, terms: Terms) -> frozenset[int]:
    """The moments (Unix seconds), past and to come, in the second after which something may be judged otherwise.

    All those that can be known now: a verdict or a challenge to come brings its own.
    """
    moments = {terms.joinBy, terms.longStop, end(terms)}
    if state.status is not Status.IN_FORCE:
        return frozenset(moments)
    phase = phase_at_hand(state, terms)
    moments |= {state.opened_at, state.opened_at + terms.topUpWithin}
    moments |= {state.opened_at + payment.due for payment in phase.payments}
    for index, obligation in enumerate(phase.obligations):
        silent = deadline(state, obligation)
        moments |= {silent, silent + terms.challengeWindow, given(state, terms, index).final_at}
    return frozenset(moments | {state.cut_off}) - {0}


def _last(terms: Terms, cut: int | None) -> int:
    return terms.longStop if cut is None else min(cut, terms.longStop)


# Amounts


def bonds(state: State, terms: Terms) -> list[int]:
    """What is held of each party's bond."""
    return [_bond(state, terms, index) for index in range(len(terms.parties))]


def _bond(state: State, terms: Terms, party: int) -> int:
    promised = terms.parties[party].bond
    if state.status is Status.OPEN:
        return promised if party in state.members else 0
    if state.status is not Status.IN_FORCE:
        return 0
    if party in state.members:
        return state.short.get(party, level(terms, phase_at_hand(state, terms), party))
    return promised if party in state.joining else 0


def holdings(state: State, terms: Terms) -> dict[tuple[int, bytes], Holding]:
    """What the account holds for each party of each asset, by (party, asset); where it holds nothing, no entry."""
    held = {
        (index, terms.parties[index].asset): Holding(bond, 0) for index, bond in enumerate(bonds(state, terms)) if bond
    }
    if state.status is not Status.IN_FORCE:
        return held
    for index in sorted(state.funded - state.paid):
        payment = phase_at_hand(state, terms).payments[index]
        key = (payment.payer, payment.asset)
        before = held.get(key, Holding())
        held[key] = before._replace(escrow=before.escrow + payment.amount)
    return held


def split(shares: Sequence[Share], amount: int) -> list[tuple[bytes, int]]:
    """An amount by shares: each part rounded down, the last taking the remainder; the sum is the amount."""
    parts = [amount * share.bps // BPS for share in shares[:-1]]
    return [*zip((share.to for share in shares), [*parts, amount - sum(parts)], strict=True)]


def tiered(amount: int, tiers: Sequence[Tier], value: int) -> int:
    """What an attested value releases of an amount: by the highest tier it reaches, nothing below the first."""
    reached = [tier for tier in tiers if tier.from_ <= value]
    if not reached:
        return 0 if tiers else amount
    tier = reached[-1]
    return min(amount, tier.base + (value - tier.from_) * tier.bps // BPS)


def released(state: State, terms: Terms, index: int, given: Verdict) -> int:
    """What a verdict releases to the payees of a payment of the phase at hand; the rest goes back to its payer."""
    payment = phase_at_hand(state, terms).payments[index]
    if not releases(payment, given):
        return 0
    return tiered(payment.amount, payment.tiers, state.attested.get(payment.obligation, 0))
