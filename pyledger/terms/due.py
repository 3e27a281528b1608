"""What comes next by the clock alone: every moment at which something is due, falls silent, or becomes final.

Pure, over what `pyledger.terms.outcome` judges. The moments hold as long as nothing more happens, whatever the time is:
so they can be kept, and looked at later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from pyledger.terms import outcome
from pyledger.terms.state import Contest, State, Status
from pyledger.terms.structs import Terms, Verdict

__all__ = ["Due", "Kind", "dues", "upcoming"]

Kind = Literal["joining", "opening", "bond", "escrow", "silence", "contest", "ruling", "long-stop"]
"""What a moment ends: joining; the wait for a phase; the time to top up, to fund, to attest, to contest, to rule; all.

With `opening` the phase at hand begins. With `long-stop` what is still undecided lapses.
"""

_NEVER: Final = 2**255
"""Later than anything that can be due."""


class Due(NamedTuple):
    """A moment (Unix seconds) and what ends with it.

    `item` is the index of the party (bond), or of the payment (escrow) or obligation (silence, contest, ruling) of the
    phase at hand, 0 elsewhere. `verdict` is what an obligation has come to by then, `UNDECIDED` elsewhere.
    """

    at: int
    kind: Kind
    item: int = 0
    verdict: Verdict = Verdict.UNDECIDED


def dues(state: State, terms: Terms) -> tuple[Due, ...]:
    """All moments that can be named now, the soonest first, those that are over among them.

    Nothing of an agreement that has ended.
    """
    if state.status is Status.OPEN:
        return (Due(terms.joinBy, "joining"),)
    if state.status is not Status.IN_FORCE:
        return ()
    cut = outcome.cut_off(state, terms, _NEVER)
    found = [Due(state.opened_at, "opening"), *_money(state, terms, cut), *_verdicts(state, terms, cut)]
    return tuple(sorted(dict.fromkeys(found)))


def upcoming(found: Iterable[Due], now: int) -> tuple[Due, ...]:
    """What ends with the next moment, `now` (Unix seconds) included; `found` the soonest first. Nothing if all is over.

    At the moment at which a phase opens it is open, and what is due at a moment can still be done.
    """
    ahead = [each for each in found if each.at > now or (each.at == now and each.kind != "opening")]
    return tuple(each for each in ahead if each.at == ahead[0].at)


def _money(state: State, terms: Terms, cut: int | None) -> Iterator[Due]:
    """What is to be put up, unless the phase is cut off before."""
    payments = outcome.phase_at_hand(state, terms).payments
    found = [Due(state.opened_at + terms.topUpWithin, "bond", party) for party in state.short]
    found += [
        Due(state.opened_at + payment.due, "escrow", index)
        for index, payment in enumerate(payments)
        if outcome.owed(state, terms, index)
    ]
    yield from (each for each in found if cut is None or each.at <= cut)


def _verdicts(state: State, terms: Terms, cut: int | None) -> Iterator[Due]:
    """When obligations are decided by silence, and when what was decided becomes final."""
    last = terms.longStop if cut is None else min(cut, terms.longStop)
    for index, obligation in enumerate(outcome.phase_at_hand(state, terms).obligations):
        verdict, final_at = outcome.given(state, terms, index)
        if verdict is not Verdict.UNDECIDED:
            contest = state.contests.get(index, Contest())
            if final_at and not contest.ruled_at:
                yield Due(final_at, "ruling" if contest.challenged_at else "contest", index, verdict)
            continue
        silent, presumed = outcome.deadline(state, obligation), Verdict(obligation.presumption)
        if silent <= last:
            yield Due(silent, "silence", index, presumed)
            if outcome.has_court(terms):
                yield Due(silent + terms.challengeWindow, "contest", index, presumed)
        elif last == terms.longStop:
            yield Due(terms.longStop, "long-stop")
