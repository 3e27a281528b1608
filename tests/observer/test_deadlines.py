"""What comes next: what is kept of it beside an agreement says at any moment what the whole view says then."""

from __future__ import annotations

import re
from random import Random

from pyledger.observer import Observed, nameless, view
from pyledger.observer.deadlines import Deadline, deadlines, next_deadline
from pyledger.terms.due import Due, dues, upcoming
from pyledger.terms.outcome import cut_off
from pyledger.terms.state import State
from pyledger.terms.structs import Terms, Verdict
from tests.terms.test_settlement_promises import history, moments

AGREEMENT = bytes([0xAA]) * 20
LONG_STOP = "the long stop: what is undecided lapses"


def told(state: State, terms: Terms, now: int) -> list[Deadline]:
    """What the view says of every moment ahead; the long stop it names always."""
    found = deadlines(view(None, nameless(terms), terms, Observed(31337, AGREEMENT, 1, state), now))
    return [each for each in found if each.what != "long stop"]


def alike(first: str, second: str) -> bool:
    """Whether both tell of the same thing: the view says amounts, and who has to put money up."""
    funded = re.fullmatch(r"(payment-\d+) must be funded", first)
    return f" must fund {funded[1]}:" in second if funded else second.startswith(first)


def just_cut_off(state: State, terms: Terms, now: int) -> bool:
    """Whether it is cut off by what is in this very second: the view says so from the next one on."""
    return cut_off(state, terms, now) is None and cut_off(state, terms, now + 1) == now


def test_what_is_kept_says_at_any_moment_what_comes_next() -> None:
    seen = set()
    for seed in range(25):
        dice = Random(seed)
        terms, passed, _ = history(dice.randbytes(8))
        names = nameless(terms)
        for state, now in dice.sample(passed, 6):
            kept, ahead = dues(state, terms), moments(state, terms, now)
            assert list(kept) == sorted(kept)
            for moment in [now, *dice.sample(ahead, min(len(ahead), 6))]:
                found, expected = next_deadline(kept, moment, state.phase, names), told(state, terms, moment)
                seen.add(upcoming(kept, moment)[0].kind if found else "nothing")
                if found is None:
                    assert expected == [] or just_cut_off(state, terms, moment)
                elif found.what == LONG_STOP:
                    assert found.at == terms.longStop
                    assert not expected or expected[0].at >= found.at
                else:
                    assert found.at == expected[0].at or just_cut_off(state, terms, moment)
                    first = found.what.partition("; ")[0]
                    assert any(alike(first, each.what) for each in expected if each.at == found.at)
    assert seen == {"nothing", "joining", "opening", "bond", "escrow", "silence", "contest", "ruling", "long-stop"}


def test_what_falls_together_is_told_together() -> None:
    three = [Due(9, "silence", index, Verdict.BREACHED) for index in range(3)]
    found = next_deadline([Due(5, "escrow", 1), *three], 6, 0, None)
    assert found == Deadline(9, "obligation-1 is breached by silence; obligation-2 is breached by silence, and 1 more")


def test_a_phase_is_open_at_the_moment_it_opens_and_what_is_due_can_still_be_done() -> None:
    kept = (Due(5, "opening"), Due(7, "bond", 1))
    assert next_deadline(kept, 4, 2, None) == Deadline(5, "phase phase-3 opens")
    assert (
        next_deadline(kept, 5, 2, None)
        == next_deadline(kept, 7, 2, None)
        == Deadline(7, "party-2 must top up its bond")
    )
    assert next_deadline(kept, 8, 2, None) is None
