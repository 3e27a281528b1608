"""What Hypothesis makes up can be played, and what was played can be played again as a scenario."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.chain.recording import scenario_of
from pyledger.cli.app import run as run_program
from pyledger.document import Document, loads
from pyledger.testing import Chain, DealMaker, assert_conserved
from pyledger.testing.strategies import PLAYED, documents, histories
from tests.testing.conftest import Run
from tests.testing.replaying import gained, replayed


@settings(max_examples=100, deadline=None)
@given(documents(phases=3, parties=4))
def test_documents_are_well_formed(document: Document) -> None:
    assert 1 <= len(document.phases) <= 3
    assert 2 <= len(document.parties) <= 4


@settings(PLAYED, max_examples=12)
@given(st.data())
def test_histories_play_to_the_end_and_their_scenarios_move_the_same_money(
    chain: Chain, agreement: DealMaker, data: st.DataObject
) -> None:
    document = data.draw(documents())
    with chain.undone():
        deal = agreement(document)
        data.draw(histories(document)).play(deal)
        assert deal.status in ("completed", "terminated")
        assert all(deal.held(asset) == 0 for asset in document.assets)
        assert_conserved(deal)
        if UNSAID not in scenario_of(deal):
            assert replayed(deal) == gained(deal)


UNSAID = "no step says that"
"""What the format has no words for is told in a note; a scenario with one moves other money."""


def test_what_no_step_can_say_is_told_in_a_note(agreement: DealMaker) -> None:
    """A breach before the first payment is due: a scenario in which everybody pays in pays it out."""
    deal = agreement(loads(CUT_OFF), funded=False)
    deal.attest("broken", "breached")
    deal.close()
    assert f"# fee was not paid in by then, and was not due: {UNSAID}" in scenario_of(deal)
    assert (gained(deal), deal.status) == ({}, "terminated")


CUT_OFF = """
pyledger: 1
title: Broken before anything is due
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  east: {name: East}
  north: {name: North}
panels: {panel: {verifiers: [auditor], threshold: 1}}
join_within: 14 days
long_stop_after: 5 years
phases:
  - id: only
    obligations:
      done: {by: east, what: It is done, within: 20 days, decided_by: panel, if_silent: met}
      broken: {by: east, what: It is kept, within: 20 days, decided_by: panel, if_silent: lapse, material: true}
    payments:
      fee: {from: east, to: north, amount: 1, asset: usd, when: {done: lapsed}, fund_within: 1 day}
"""


def test_without_hypothesis_it_is_said_what_to_install(project: pytest.Pytester) -> None:
    project.makeconftest("import sys; sys.modules['hypothesis'] = None")
    project.makepyfile("from pyledger.testing.strategies import histories")
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*strategies needs Hypothesis: pip install 'pyledger[[]testing[]]'"])


def test_a_failing_history_prints_itself_as_a_scenario_that_can_be_run(run: Run, project: pytest.Pytester) -> None:
    source = """
from hypothesis import given, settings
from pyledger.testing.strategies import PLAYED, histories

@settings(PLAYED, max_examples=30, derandomize=True, database=None)
@given(history=histories("deal.yaml"))
def test_the_bridge_opens(chain, agreement, history):
    with chain.undone():
        deal = agreement("deal.yaml")
        history.play(deal)
        assert deal.status == "completed" and deal.change("builder", "usd") >= 1_000_000
"""
    result = run(source)
    result.assert_outcomes(failed=1)
    text = result.stdout.str().partition("as a scenario file: pyledger run FILE -")[2].partition("\n")[2]
    assert text.startswith("# A rebuilt bridge")
    assert "document: deal.yaml\n" in text
    assert "steps:\n  - {" in text
    (project.path / "failed.yaml").write_text(text.partition("\n===")[0], encoding="utf-8")
    assert run_program(["run", "failed.yaml"]) == 0


def test_a_failing_test_says_the_document_that_was_made_up(run: Run, project: pytest.Pytester) -> None:
    source = """
from hypothesis import given, settings
from pyledger.testing.strategies import PLAYED, documents

@settings(PLAYED, max_examples=5, derandomize=True, database=None)
@given(document=documents())
def test_nobody_has_a_bond(document):
    assert not any(party.bond for party in document.parties.values())
"""
    result = run(source)
    result.assert_outcomes(failed=1)
    told = result.stdout.str().partition("the document that was made up:\n")[2].partition("\nE   \n")[0]
    text = "\n".join(line.removeprefix("E").strip() for line in told.splitlines() if line.startswith("E  "))
    assert loads(text.partition("\n\n")[0]).title == "A deal made up"
