"""A node that alters state, events or balances contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from pyledger.chain.crosscheck import contradictions
from pyledger.chain.event_records import (
    Accepted,
    Challenged,
    Decided,
    Ended,
    Event,
    Extended,
    Funded,
    Origin,
    Paid,
    PhaseDisclosed,
    PhaseOpened,
    PhaseSettled,
    Ruled,
    ToppedUp,
)
from pyledger.chain.reading import Snapshot
from pyledger.errors import NodeError
from pyledger.terms.state import Contest, Status
from pyledger.terms.structs import Phase, Verdict
from tests.chain.deals import DAY, FEE, OPERATOR, PAYER, VERIFIERS, WORKER, Deal, two_phases


def found(deal: Deal) -> tuple[str, ...]:
    agreement = deal.agreement
    return contradictions(agreement.snapshot(), agreement.events(), agreement.terms)


def test_an_honest_node_never_contradicts_itself(deal: Deal) -> None:
    agreement = deal.agreement
    moves: list[Callable[[], object]] = [
        lambda: agreement.open(OPERATOR),
        lambda: agreement.accept(PAYER),
        lambda: agreement.accept(WORKER),
        lambda: agreement.fund(PAYER, [0, 1]),
        lambda: agreement.attest_self(VERIFIERS[0], 0, Verdict.MET),
        lambda: agreement.attest_self(VERIFIERS[1], 0, Verdict.MET, pay=[0]),
        lambda: deal.warp(12 * DAY),
        lambda: agreement.settle(OPERATOR),
        lambda: deal.warp(60 * DAY),
        lambda: agreement.settle(OPERATOR),
    ]
    for index, move in enumerate(moves):
        move()
        assert found(deal) == (), f"after move {index}"
    assert agreement.state().status in (Status.COMPLETED, Status.TERMINATED)


@pytest.fixture
def decided(in_force: Deal) -> Deal:
    """Both payments in escrow, the wage released."""
    in_force.agreement.fund(PAYER, [0, 1])
    in_force.agreement.attest_self(VERIFIERS[0], 0, Verdict.MET)
    in_force.agreement.attest_self(VERIFIERS[1], 0, Verdict.MET, pay=[0])
    return in_force


def altered(**fields: object) -> Callable[[Snapshot], Snapshot]:
    return lambda found: replace(found, state=replace(found.state, **fields))  # type: ignore[arg-type]


STATES: dict[str, Callable[[Snapshot], Snapshot]] = {
    "who has joined": altered(members=frozenset({0})),
    "who is bound": altered(members=frozenset({0}), joining=frozenset({1})),
    "whether and how it has ended": altered(status=Status.COMPLETED),
    "the phase at hand": lambda s: replace(s, state=replace(s.state, opened_at=s.state.opened_at + 1)),
    "whose bond is short": altered(short={0: 1}),
    "what has been paid into escrow": altered(funded=frozenset({0})),
    "what has been paid out": altered(paid=frozenset()),
    "what has been extended": lambda s: replace(s, state=replace(s.state, extended=later(s))),
    "the verdicts": lambda s: replace(s, state=replace(s.state, verdicts=(Verdict.BREACHED, *s.state.verdicts[1:]))),
    "the values attested": altered(attested={0: 7}),
    "whether the phase is cut off": altered(cut_off=7),
    "the money held": lambda s: replace(s, holdings={}),
    "what is credited": lambda s: replace(s, state=replace(s.state, credits={next(iter(s.balances)): 5})),
    "owes": lambda s: replace(s, balances=dict.fromkeys(s.balances, 0)),
}


def later(snapshot: Snapshot) -> Phase:
    """The first phase, with more time than anybody has agreed on."""
    phase = two_phases(snapshot.time, bytes(20)).phases[0]
    return phase._replace(notBefore=1)


CONTESTS: dict[str, dict[int, Contest]] = {
    "kept back": {},
    "never challenged": {0: Contest(1, 0, 0)},
    "challenged at another time": {0: Contest(1, 2, 0)},
    "ruled": {0: Contest(1, 2, 3)},
    "of another obligation": {1: Contest(1, 2, 0)},
}


@pytest.mark.parametrize("what", sorted(CONTESTS))
def test_an_altered_contest_is_noticed(disputed: Deal, what: str) -> None:
    agreement = disputed.agreement
    for verifier in VERIFIERS[:2]:
        agreement.attest_self(verifier, 0, Verdict.MET)
    agreement.challenge(PAYER, 0, max_fee=FEE)
    assert found(disputed) == ()
    lie = altered(contests=CONTESTS[what])(agreement.snapshot())
    assert any("contested" in each for each in contradictions(lie, agreement.events(), agreement.terms))
    kept = [event for event in agreement.events() if not isinstance(event, Challenged)]
    assert contradictions(agreement.snapshot(), kept, agreement.terms)


@pytest.mark.parametrize("what", sorted(STATES))
def test_an_altered_state_or_balance_is_noticed(decided: Deal, what: str) -> None:
    agreement = decided.agreement
    lie = STATES[what](agreement.snapshot())
    assert any(what in each for each in contradictions(lie, agreement.events(), agreement.terms))


@pytest.mark.parametrize("kind", [Accepted, PhaseOpened, Funded, Decided, Paid])
def test_events_kept_back_are_noticed(decided: Deal, kind: type[Event]) -> None:
    agreement = decided.agreement
    kept: Sequence[Event] = [event for event in agreement.events() if not isinstance(event, kind)]
    assert contradictions(agreement.snapshot(), kept, agreement.terms)


def test_an_end_that_nobody_saw_is_noticed(decided: Deal) -> None:
    agreement = decided.agreement
    last = agreement.events()[-1]
    assert contradictions(agreement.snapshot(), [*agreement.events(), Ended(last.origin, Status.VOID)], agreement.terms)


def test_events_after_the_snapshot_do_not_count(decided: Deal) -> None:
    agreement = decided.agreement
    before = agreement.snapshot()
    agreement.attest_self(VERIFIERS[0], 1, Verdict.MET)
    agreement.attest_self(VERIFIERS[1], 1, Verdict.MET)
    assert contradictions(before, agreement.events(), agreement.terms) == ()


@pytest.mark.parametrize("word", [1, 3, 8])
def test_a_state_that_the_terms_cannot_have_is_nonsense(
    decided: Deal, monkeypatch: pytest.MonkeyPatch, word: int
) -> None:
    """The real answer of `state()`, with one word altered on its way."""
    connection = decided.agreement.connection
    ask = connection.call

    def call(to: bytes, data: bytes, **options: object) -> bytes:
        answer = ask(to, data, **options)  # type: ignore[arg-type]
        if len(answer) != 10 * 32:
            return answer
        return answer[: 32 * word] + (200).to_bytes(32, "big") + answer[32 * (word + 1) :]

    monkeypatch.setattr(connection, "call", call)
    with pytest.raises(NodeError, match="cannot have"):
        decided.agreement.snapshot()


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda o: Accepted(o, 2, bytes(20), 1),
        lambda o: ToppedUp(o, 2, bytes(20), 1),
        lambda o: PhaseOpened(o, 2, 0, frozenset(), frozenset()),
        lambda o: PhaseOpened(o, 0, 0, frozenset({2}), frozenset()),
        lambda o: PhaseSettled(o, 0, 0, frozenset({2}), 0),
        lambda o: PhaseDisclosed(o, 1, two_phases(0, bytes(20)).phases[0]),
        lambda o: Funded(o, 0, bytes(20), frozenset({2})),
        lambda o: Funded(o, 9, bytes(20), frozenset({0})),
        lambda o: Extended(o, 0, True, 2, 1),
        lambda o: Extended(o, 0, False, 3, 1),
        lambda o: Decided(o, 0, 3, Verdict.MET, 0, False),
        lambda o: Ruled(o, 0, 3, Verdict.MET, 1),
        lambda o: Challenged(o, 0, 3, bytes(20), Verdict.MET, 1, 1),
    ],
)
def test_events_that_speak_of_what_the_terms_do_not_have_are_noticed(
    decided: Deal, nonsense: Callable[[Origin], Event]
) -> None:
    agreement = decided.agreement
    events = agreement.events()
    (told,) = contradictions(agreement.snapshot(), [*events, nonsense(events[-1].origin)], agreement.terms)
    assert "its events speak of what these terms do not have" in told
