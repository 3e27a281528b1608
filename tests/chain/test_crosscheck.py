"""A node that alters state, events or balances contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from pyledger.chain.crosscheck import contradictions
from pyledger.chain.event_records import Accepted, Decided, Ended, Event, Funded, Paid, PhaseOpened
from pyledger.chain.reading import Snapshot
from pyledger.errors import NodeError
from pyledger.terms.state import Status
from pyledger.terms.structs import Verdict
from tests.chain.deals import DAY, OPERATOR, PAYER, VERIFIERS, WORKER, Deal


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


STATES: dict[str, Callable[[Snapshot], Snapshot]] = {
    "who has joined": lambda s: replace(s, state=replace(s.state, members=frozenset({0}))),
    "whether and how it has ended": lambda s: replace(s, state=replace(s.state, status=Status.COMPLETED)),
    "the phase at hand": lambda s: replace(s, state=replace(s.state, opened_at=s.state.opened_at + 1)),
    "what has been paid into escrow": lambda s: replace(s, state=replace(s.state, funded=frozenset({0}))),
    "the verdicts": lambda s: replace(s, state=replace(s.state, verdicts=(Verdict.BREACHED, *s.state.verdicts[1:]))),
    "the money held": lambda s: replace(s, holdings={}),
    "what is credited": lambda s: replace(s, state=replace(s.state, credits={next(iter(s.balances)): 5})),
    "owes": lambda s: replace(s, balances=dict.fromkeys(s.balances, 0)),
}


@pytest.mark.parametrize("what", sorted(STATES))
def test_an_altered_state_or_balance_is_noticed(decided: Deal, what: str) -> None:
    agreement = decided.agreement
    altered = STATES[what](agreement.snapshot())
    assert any(what in each for each in contradictions(altered, agreement.events(), agreement.terms))


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
