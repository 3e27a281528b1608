"""What a proposal changes: every promise pays afterwards, at the least cost there is, and nothing else is touched."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.analysis.appraisal import appraise
from pyledger.analysis.game import read_game
from pyledger.analysis.proposal import Proposal, propose as propose_draft
from pyledger.analysis.trial import rounded_up, worst
from pyledger.document import gallery, loads
from pyledger.document.diff import compare
from pyledger.document.load import read_draft
from pyledger.errors import DocumentError
from tests.analysis.test_game import reference_text

EXAMPLE = gallery.read("monitored-model-access")


def propose(text: str, *, cautious: bool = False, raise_only: bool = False) -> Proposal:
    return propose_draft(read_draft(text, file="deal.yaml"), cautious=cautious, raise_only=raise_only)


def drafts() -> st.SearchStrategy[str]:
    """The reference deal with other temptations, and with other bonds or none in its phases."""
    amounts = st.tuples(*[st.integers(1, 60).map(str) for _ in range(3)])
    return st.builds(
        lambda tempted, bonds: reference_text(bonds, str(tempted)),
        st.integers(0, 60),
        st.none() | st.tuples(amounts, amounts),
    )


@settings(max_examples=25, deadline=None)
@given(drafts())
def test_afterwards_every_promise_pays_at_the_cost_of_the_program(draft: str) -> None:
    found = propose(draft)
    after = appraise(found.draft.document)
    assert all(promise.slack >= 0 for promise in after.promises)
    assert found.least is not None
    assert after.schedule
    assert found.cost >= found.least - 1e-6
    assert found.cost <= found.least * 1.12 + 1e-6  # two digits, rounded up, in every phase


@settings(max_examples=15, deadline=None)
@given(drafts())
def test_what_is_said_to_be_changed_is_what_the_text_says(draft: str) -> None:
    found = propose(draft)
    for party, own in found.levels.items():
        assert [found.draft.document.bond_level(party, phase) for phase in found.draft.document.phases] == list(own)


@settings(max_examples=10, deadline=None)
@given(drafts())
def test_a_proposal_proposes_nothing_more(draft: str) -> None:
    once = propose(draft)
    again = propose(once.draft.text)
    assert again.cost == pytest.approx(once.cost)


@settings(max_examples=10, deadline=None)
@given(drafts())
def test_raised_only_no_bond_is_lower_than_it_was(draft: str) -> None:
    before = loads(draft)
    found = propose(draft, raise_only=True)
    for party in before.parties:
        for old, new in zip(before.phases, found.draft.document.phases, strict=True):
            assert found.draft.document.bond_level(party, new) >= before.bond_level(party, old)
    assert all(promise.slack >= 0 for promise in appraise(found.draft.document).promises)


def test_the_reference() -> None:
    found = propose(reference_text())
    assert found.levels["a"] == (Decimal(0), Decimal("9.9"), Decimal(25))
    assert found.levels["b"] == (Decimal(0), Decimal(17), Decimal(36))
    assert found.least == pytest.approx(2.59285, abs=1e-3)


def test_comments_and_order_stay() -> None:
    found = propose(EXAMPLE, cautious=True)
    comments = [line for line in EXAMPLE.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in found.draft.text.splitlines() if line.lstrip().startswith("#")] == comments
    assert len(found.draft.text.splitlines()) == len(EXAMPLE.splitlines())


def test_only_bonds_and_what_breaches_forfeit_change() -> None:
    found = propose(EXAMPLE, cautious=True)
    changes = compare(loads(EXAMPLE), found.draft.document).changes
    assert {change.what.partition(" of ")[0] for change in changes} == {"bond level", "bond", "a breach forfeits"}


def test_with_caution_the_worse_end_of_every_range_is_held() -> None:
    found = propose(EXAMPLE, cautious=True)
    game = read_game(found.draft.document)
    assert all(standing.slack >= 0 for standing in game.evaluate(worst(game)).values())
    for party, own in propose(EXAMPLE).levels.items():
        for few, many in zip(own, found.levels[party], strict=True):
            assert few is not None
            assert many is not None
            assert few <= many


def test_a_party_without_a_bond_gets_one() -> None:
    draft = reference_text()
    draft = draft.replace(", bond: {amount: 30, asset: usd}, forfeits_to: b", "").replace(
        "forfeit: 100%", "forfeit: 100%"
    )
    for t in range(3):
        owed = (
            f"a-{t}: {{by: a, what: performs, within: 1 year, decided_by: panel-a-{t}, if_silent: met, material: true"
        )
        draft = draft.replace(f"{owed}, forfeit: 100%", owed)
    with pytest.raises(DocumentError):
        loads(reference_text().replace(", bond: {amount: 30, asset: usd}", ""))
    found = propose(draft)
    party = found.draft.document.parties["a"]
    assert party.bond
    assert party.bond.asset == "usd"
    assert party.forfeits_to == {"b": 10_000}
    assert all(promise.slack >= 0 for promise in appraise(found.draft.document).promises)


@pytest.mark.parametrize(
    ("value", "digits", "decimals", "found"),
    [(24.641, 2, 6, "25"), (9.8741, 2, 6, "9.9"), (3_379_737.93, 2, 6, "3400000"), (0.00123, 2, 2, "0.01"),
     (0, 2, 6, "0"), (25.0, 2, 6, "25"), (99.1, 2, 6, "100"), (7.2, 2, 0, "8")],
)  # fmt: skip
def test_amounts_are_rounded_up_to_what_people_write(value: float, digits: int, decimals: int, found: str) -> None:
    assert rounded_up(value, digits=digits, decimals=decimals) == Decimal(found)
