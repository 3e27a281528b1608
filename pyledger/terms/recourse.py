"""The settlement model where things do not go as planned. Twin of `Recourse.sol`.

Not all join, a verdict is contested, a payment is not taken, time runs out, the parties agree on something else. What
`pyledger.terms.settlement` says of moves holds here too, and all of these can be called from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pyledger.terms.course import (
    begin,
    clear,
    conclude,
    identify,
    judge,
    later,
    recorded,
    refused,
    require_obligation,
    require_running,
    require_undecided,
)
from pyledger.terms.outcome import (
    bonds,
    deadline,
    end,
    has_court,
    judgement,
    may_challenge,
    may_comment,
    phase_at_hand,
    split,
)
from pyledger.terms.state import Cause, Contest, Flow, Hearing, Split, State, Status
from pyledger.terms.structs import BPS, Phase, Share, Terms, Verdict
from pyledger.terms.treasury import Move, Unreachable, push, reachable

__all__ = [
    "MAX_DURATION",
    "challenge",
    "comment",
    "dissolve",
    "enter",
    "extend",
    "rule",
    "unwind",
    "void",
    "withdraw",
]

MAX_DURATION: Final = 2**32 - 2
"""Most seconds from a phase's opening to the deadline of an obligation."""

_CHOICES: Final = 3
_MAX_SHARES: Final = 8
_MAX_SPLIT_SHARES: Final = 144
_NEVER: Final = 2**40 - 1


# Not all join, or time runs out


def enter(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Past `joinBy`, brings an agreement that enough parties have joined into force without the others."""
    _require_joining_over(state, terms, now)
    if now > terms.longStop:
        raise refused("TooLate", deadline=terms.longStop)
    if len(state.members) < terms.minParties:
        raise refused("NotEnoughMembers", members=len(state.members), needed=terms.minParties)
    begun = begin(state, terms, now)
    return push(begun.state, begun.flows, unreachable)


def void(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Sends the bonds back past `joinBy` if too few have joined, and past the long stop in any case."""
    _require_joining_over(state, terms, now)
    if len(state.members) >= terms.minParties and now <= terms.longStop:
        raise refused("TooEarly", start=terms.longStop + 1)
    after = conclude(state, terms, Status.VOID, bonds(state, terms), {})
    return push(after.state, after.flows, unreachable)


def unwind(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Past the end, closes the agreement: what was decided by the long stop goes by its verdict, all else goes back."""
    cut = identify(state, terms, now)
    if now <= end(terms):
        raise refused("TooEarly", start=end(terms) + 1)
    held = bonds(state, terms)
    verdicts, lost = judge(state, terms, now, cut)
    state, payouts = clear(state, terms, state.funded - state.paid, now, cut)
    after = conclude(replace(state, verdicts=verdicts), terms, Status.UNWOUND, held, lost)
    return push(after.state, (*payouts, *after.flows), unreachable)


def _require_joining_over(state: State, terms: Terms, now: int) -> None:
    if state.status is not Status.OPEN:
        raise refused("WrongStatus", actual=state.status)
    if now <= terms.joinBy:
        raise refused("TooEarly", start=terms.joinBy + 1)


# A verdict is contested


def challenge(state: State, terms: Terms, *, obligation: int, by: bytes, dispute: int, now: int) -> Move:
    """An account (20 bytes) contests a verdict before the arbitrator, which hears it under the number `dispute`.

    The arbitrator's fee comes in and goes out at once, so that nothing of it is seen here.
    """
    cut = identify(state, terms, now)
    if not has_court(terms):
        raise refused("NoArbitrator")
    if not may_challenge(state, terms, by):
        raise refused("NoStanding", account=by)
    subject = require_obligation(state, terms, obligation)
    verdict, final_at = judgement(state, terms, obligation, now, cut)
    if verdict is Verdict.UNDECIDED:
        raise refused("NotDecided", obligation=obligation)
    contest = state.contests.get(obligation, Contest())
    if contest.challenged_at:
        raise refused("AlreadyChallenged", obligation=obligation)
    if now > final_at or contest.ruled_at:
        raise refused("TooLate", deadline=final_at)
    if dispute in state.hearings:
        raise refused("DisputeRepeated", disputeId=dispute)
    if state.verdicts[obligation] is Verdict.UNDECIDED:
        state = recorded(state, obligation, verdict)
        contest = contest._replace(decided_at=deadline(state, subject))
    heard = Hearing(state.phase, obligation, now + terms.rulingWindow)
    contests = {**state.contests, obligation: contest._replace(challenged_at=now)}
    return Move(replace(state, contests=contests, hearings={**state.hearings, dispute: heard}))


def rule(state: State, *, dispute: int, ruling: int, now: int) -> Move:
    """The arbitrator rules: 1 met, 2 breached, 3 lapsed; 0, that it will not say, is lapsed too.

    A ruling that changes the verdict clears the value attested with the old one.
    """
    asked = state.hearings.get(dispute)
    if asked is None:
        raise refused("UnknownDispute", disputeId=dispute)
    if state.status is not Status.IN_FORCE:
        raise refused("WrongStatus", actual=state.status)
    if asked.ruled:
        raise refused("AlreadyRuled", disputeId=dispute)
    if now > asked.until:
        raise refused("TooLate", deadline=asked.until)
    if ruling > _CHOICES:
        raise refused("UnknownRuling", ruling=ruling)
    obligation, verdict = asked.obligation, Verdict(ruling or Verdict.LAPSED)
    if state.verdicts[obligation] is not verdict:
        kept = {index: value for index, value in state.attested.items() if index != obligation}
        state = replace(recorded(state, obligation, verdict), attested=kept)
    contests = {**state.contests, obligation: state.contests[obligation]._replace(ruled_at=now)}
    return Move(replace(state, contests=contests, hearings={**state.hearings, dispute: asked._replace(ruled=True)}))


def comment(state: State, terms: Terms, *, by: bytes) -> Move:
    """A member, a seat or somebody with standing (20 bytes) says something: on record, and without any effect."""
    if not may_comment(state, terms, by):
        raise refused("NoStanding", account=by)
    return Move(state)


# The members agree on something else


def dissolve(
    state: State,
    terms: Terms,
    *,
    splits: Sequence[Split],
    now: int,
    expiry: int = _NEVER,
    agreement: bytes = b"",
    unreachable: Unreachable = reachable,
) -> Move:
    """Ends the agreement as every member has signed: the members' bonds and unpaid escrow are split by shares.

    Who has joined for the next phase only has its bond back. `expiry` is the last moment at which signatures count;
    `agreement` is the address of the agreement itself, which cannot be given anything.
    """
    identify(state, terms, now)
    _require_splits(splits, agreement)
    _require_company(state)
    if now > expiry:
        raise refused("TooLate", deadline=expiry)
    held = bonds(state, terms)
    sums = _gathered(state, terms, splits, held)
    parts = [
        Flow(to, each.asset, part, Cause.SPLIT, index)
        for index, each in enumerate(splits)
        for to, part in split(each.shares, sums[each.asset])
    ]
    left = [0 if index in state.members else bond for index, bond in enumerate(held)]
    after = conclude(replace(state, paid=state.funded), terms, Status.DISSOLVED, left, {})
    return push(after.state, (*parts, *after.flows), unreachable)


def extend(state: State, terms: Terms, *, payment: bool, index: int, to: int, now: int, expiry: int = _NEVER) -> Move:
    """Gives an obligation, or a payment, of the phase at hand more time, as every member has signed.

    `to` is in seconds from the phase's opening: `within` of the obligation, or `due` of the payment.
    """
    require_running(state, terms, now)
    phase = phase_at_hand(state, terms)
    before = _payment_due(state, phase, index, to) if payment else _obligation_due(state, terms, index, to, now)
    if to <= before:
        raise refused("NotLater", start=before, to=to)
    _require_company(state)
    if now > expiry:
        raise refused("TooLate", deadline=expiry)
    return Move(replace(state, extended=later(phase, payment=payment, index=index, to=to)))


def _require_company(state: State) -> None:
    """Consent takes two: whoever is alone would only release itself from its word."""
    if len(state.members) < 2:
        raise refused("Alone")


def _require_splits(splits: Sequence[Split], agreement: bytes) -> None:
    """In ascending order of their assets, with shares that are whole, not too many, and not the agreement's own."""
    for index, each in enumerate(splits):
        if index and each.asset <= splits[index - 1].asset:
            raise refused("SplitsUnordered", split=index)
        if not _whole(each.shares):
            raise refused("SharesMalformed", split=index)
        if any(share.to == agreement for share in each.shares):
            raise refused("NotARecipient", to=agreement)
    shares = sum(len(each.shares) for each in splits)
    if shares > _MAX_SPLIT_SHARES:
        raise refused("TooManyShares", shares=shares)


def _whole(shares: Sequence[Share]) -> bool:
    named = all(any(share.to) and share.bps for share in shares)
    return 0 < len(shares) <= _MAX_SHARES and named and sum(share.bps for share in shares) == BPS


def _gathered(state: State, terms: Terms, splits: Sequence[Split], held: Sequence[int]) -> Mapping[bytes, int]:
    """What there is to split of each asset: the members' bonds and unpaid escrow."""
    payments = phase_at_hand(state, terms).payments
    lots = [(terms.parties[index].asset, held[index]) for index in sorted(state.members) if held[index]]
    lots += [(payments[index].asset, payments[index].amount) for index in sorted(state.funded - state.paid)]
    sums = dict.fromkeys((each.asset for each in splits), 0)
    for asset, amount in lots:
        if asset not in sums:
            raise refused("AssetNotSplit", asset=asset)
        sums[asset] += amount
    return sums


def _payment_due(state: State, phase: Phase, index: int, to: int) -> int:
    """When a payment is due now, if it can be later."""
    if index >= len(phase.payments):
        raise refused("UnknownPayment", payment=index)
    subject = phase.obligations[phase.payments[index].obligation]
    if to > subject.within + subject.grace:
        raise refused("PhaseFlawed", phase=state.phase, flaw="due", index=index)
    return phase.payments[index].due


def _obligation_due(state: State, terms: Terms, index: int, to: int, now: int) -> int:
    """When an obligation is due now, if it can be later."""
    subject = require_obligation(state, terms, index)
    require_undecided(state, terms, index)
    if now > deadline(state, subject):
        raise refused("TooLate", deadline=deadline(state, subject))
    if to + subject.grace > MAX_DURATION:
        raise refused("PhaseFlawed", phase=state.phase, flaw="within", index=index)
    return subject.within


# A payment was not taken


def withdraw(state: State, *, account: bytes, asset: bytes, amount: int | None = None) -> Move:
    """Takes what is credited to an account (20 bytes) in one asset (20 bytes): all of it, or at most `amount`."""
    credited = state.credits.get((account, asset), 0)
    taken = credited if amount is None else min(credited, amount)
    if not taken:
        raise refused("NothingToWithdraw", account=account, asset=asset)
    left = {**state.credits, (account, asset): credited - taken}
    kept = {key: owed for key, owed in left.items() if owed}
    return Move(replace(state, credits=kept), (Flow(account, asset, taken, None, 0),))
