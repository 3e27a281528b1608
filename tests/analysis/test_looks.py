"""How closely panels must look: detection, looks and samples at which keeping a promise just pays."""

from __future__ import annotations

import pytest

from pyledger.analysis.appraisal import appraise
from pyledger.analysis.inspection import smallest_sample
from pyledger.analysis.looks import Look
from pyledger.document import gallery, loads

DEAL = """
pyledger: 1
title: Sites that are inspected
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  a: {name: A, bond: {amount: 50, asset: usd}, forfeits_to: b}
  b: {name: B}
panels: {seers: {verifiers: [one], threshold: 1}}
join_within: 1 day
long_stop_after: 9 years
phases:
  - id: sealing
    obligations:
      sealed: {by: a, what: seals the sites, within: 1 year, decided_by: seers, if_silent: breach, forfeit: 100%,
        material: true, value: {unit: sites}}
    payments:
      grant: {from: b, to: a, amount: 20, asset: usd, when: {sealed: met}, fund_within: 1 day, tiers: [TIERS]}
estimates:
  asset: usd
  values: {sealed: 100}
  panels: {seers: {detection: SEES, attribution: 90%, false_positive: 0%}}
  phases: {sealing: {a: {temptation: TEMPTED}}}
"""
FULL = "{from: 0, pays: 0}, {from: 91, pays: 20}"


def look(sees: str = "50%", tempted: str = "42", tiers: str = FULL) -> Look:
    text = (
        DEAL.replace("SEES", sees)
        .replace("TEMPTED", tempted)
        .replace(", tiers: [TIERS]", f", tiers: [{tiers}]" * bool(tiers))
    )
    (found,) = appraise(loads(text)).looks
    return found


def test_what_the_panel_must_see_just_holds_the_promise() -> None:
    found = look()
    assert found.must_see == pytest.approx(42 / 70 / 0.9)  # of bond and grant at stake; attributed in 90%
    text = DEAL.replace("SEES", "66.67%").replace("TEMPTED", "42").replace("TIERS", FULL)
    (promise,) = [each for each in appraise(loads(text)).promises if each.promises]
    assert promise.slack == pytest.approx(0, abs=1e-2)


def test_looks_as_good_as_its_one_add_up() -> None:
    assert [look(sees=sees).looks for sees in ("70%", "50%", "20%")] == [1, 2, 5]


def test_the_sample_is_of_what_is_counted_and_finds_what_changes_the_payment() -> None:
    found = look(tempted="59.85")  # wants 95%
    assert found.sample
    assert (found.sample.items, found.sample.missing) == (100, 10)  # at 90 the grant is lost
    assert found.sample.size == smallest_sample(items=100, defects=10, detection=0.95) == 26


def test_where_no_payment_follows_the_number_one_is_enough() -> None:
    found = look(tiers="")
    assert found.sample
    assert found.sample.missing == 1


def test_where_certainty_is_too_little_that_is_said() -> None:
    found = look(tempted="69")
    assert (found.must_see, found.looks, found.sample) == (None, None, None)


def test_only_of_who_is_tempted_and_where_detection_is_estimated() -> None:
    appraisal = appraise(loads(gallery.read("monitored-model-access")))
    owed = [name for each in appraisal.promises if each.temptation > 0 for name in each.promises]
    assert [each.obligation for each in appraisal.looks if each.phase != "secure"] == [
        name for phase in ("access", "hosting") for name in appraisal.game.document.phase(phase).obligations
    ]
    assert {each.obligation for each in appraisal.looks} == set(owed)
    assert appraise(loads(gallery.read("lockerbie-2003"))).looks == ()
