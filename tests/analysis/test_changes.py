"""What a proposal changes besides bonds: smaller steps, another order, a payment, as text that says just that."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.analysis.appraisal import appraise
from pyledger.analysis.division import Indivisible, in_steps, put_off
from pyledger.analysis.figures import Key
from pyledger.analysis.findings import estimated_risks
from pyledger.analysis.game import read_game
from pyledger.analysis.mending import changes
from pyledger.analysis.portions import amounts, counts, times
from pyledger.analysis.proposal import Proposal, propose
from pyledger.document import Document, gallery
from pyledger.document.load import Draft, read_draft
from pyledger.document.problem import Location
from pyledger.document.risks import review, risks
from pyledger.document.splice import Edit, Put, splice
from pyledger.document.units import DAY

ESTIMATED = [name for name in gallery.names() if "\nestimates:" in gallery.read(name)]


def read(text: str) -> Draft:
    return read_draft(text, file="deal.yaml")


def errors(document: Document) -> set[str]:
    found = review(document, risks(document), estimated_risks(document)).standing
    return {risk.id for risk in found if risk.severity == "error"}


def money(document: Document) -> Counter[tuple[str, tuple[tuple[str, int], ...], str]]:
    """How much each pays to whom in the whole deal, if all is met; what a proposal adds is left out."""
    found: Counter[tuple[str, tuple[tuple[str, int], ...], str]] = Counter()
    for phase in document.phases:
        for name, payment in phase.payments.items():
            if not name.startswith("premium-"):
                smallest = int(payment.amount * 10 ** document.assets[payment.asset].decimals)
                found[payment.from_, tuple(payment.to.items()), payment.asset] += smallest
    return found


class TestPortions:
    @given(st.integers(0, 10**30), st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any))
    def test_they_sum_to_the_whole_to_the_last_unit(self, whole: int, weights: list[int]) -> None:
        shares = [Fraction(weight, sum(weights)) for weight in weights]
        found = counts(whole, shares)
        assert sum(found) == whole
        assert all(abs(part - whole * share) < sum(weights) for part, share in zip(found, shares, strict=True))

    @given(st.integers(0, 10**6), st.integers(0, 10**3), st.lists(st.integers(1, 9), min_size=1, max_size=5))
    def test_a_range_divided_is_still_a_range(self, low: int, more: int, weights: list[int]) -> None:
        shares = [Fraction(weight, sum(weights)) for weight in weights]
        pairs = zip(counts(low, shares), counts(low + more, shares), strict=True)
        assert all(few <= many for few, many in pairs)

    @pytest.mark.parametrize(
        ("whole", "parts", "found"),
        [("10", 3, ["3.333334", "3.333333", "3.333333"]), ("10000", 3, ["3334", "3333", "3333"]),
         ("0.5", 2, ["0.25", "0.25"]), ("0", 2, ["0", "0"]), ("80000000.5", 2, ["40000000.25", "40000000.25"])],
    )  # fmt: skip
    def test_amounts_as_people_write_them(self, whole: str, parts: int, found: list[str]) -> None:
        assert [str(each) for each in amounts(Decimal(whole), [Fraction(1, parts)] * parts, decimals=6)] == found

    @given(st.integers(24, 2**32), st.integers(1, 24))
    def test_times_too_in_whole_days_if_there_are_enough(self, seconds: int, steps: int) -> None:
        found = times(seconds, steps)
        assert sum(found) == seconds
        assert min(found) > 0
        assert seconds < steps * DAY or all(each % DAY == 0 for each in found[:-1])


DEAL = """\
pyledger: 1
title: A model against a pause
ratification: {by: [north, south], gate: ratified}
comment: {window: 60 days, before: sharing}
affected_groups: {villages: {name: Villages, seats: [one], reserved: [paused]}}
benefits:
  model:
    {what: The model, from: north, to: south, cluster: other, phase: sharing, verified_by: KEEPER, tangibility: service,
     revocability: REVOCABLE, value: 30, asset: usd}
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  north: {name: North, bond: {amount: 20, asset: usd}, forfeits_to: south}
  south: {name: South, bond: {amount: 20, asset: usd}, forfeits_to: north}
panels: {seers: {verifiers: [one, two, three], threshold: 2}}
join_within: 1 day
long_stop_after: 2 years
phases:
  # First the papers.
  - id: opening
    obligations:
      ratified: {by: outside, what: Both ratify, within: 60 days, decided_by: seers, if_silent: lapse}
  # Then the thing itself.
  - id: sharing
    title: The model and the pause
    not_before: 2028-01-01
    obligations:
      # North's part.
      handed-over: {by: north, what: North hands the model over, within: 30 days, decided_by: seers, if_silent: breach,
        forfeit: 100%RETURN}
      supported: {by: north, what: North supports the model, within: 1 year, decided_by: seers, if_silent: met,
        forfeit: 100%}
      # South's part.
      paused: {by: south, what: South pauses, within: 1 year, grace: 7 days, decided_by: seers, if_silent: SILENT,
        forfeit: 100%, material: true, value: {unit: sites}}
    payments:
      fee: {FEE_OF, amount: 10, asset: usd, when: {PAID_FOR: met}, fund_within: FUND}
estimates:
  asset: usd
  capital_cost: 3%
  values: {paused: 9}
  panels: {seers: {detection: DETECTION, false_positive: 2%}}
  parties: {south: {wealth: WEALTH, reputation: 5}}
  phases:
    sharing:
      north: {value: GAIN, cost: 10}
      south: {value: 60, cost: 10, TEMPTED outside_option: 6}
waivers:
  - {finding: CRE5, at: phases.sharing.obligations.paused, because: It is insured}
"""
DEFAULTS = {
    "KEEPER": "handed-over", "REVOCABLE": "{class: instantly_revocable, grounds: any}", "RETURN": "", "SILENT": "met",
    "FEE_OF": "from: south, to: north", "PAID_FOR": "handed-over", "FUND": "30 days", "DETECTION": "90%",
    "WEALTH": "20", "GAIN": "70", "TEMPTED": "temptation: 40,",
}  # fmt: skip


FOR_THE_PAUSE = {"FEE_OF": "from: north, to: south", "PAID_FOR": "paused", "FUND": "300 days"}


def deal(**words: str) -> Draft:
    text = DEAL
    for name, value in (DEFAULTS | words).items():
        text = text.replace(name, value)
    return read(text)


def found(draft: Draft) -> Proposal:
    """A proposal that makes every promise pay, with no new error and the money that there was."""
    proposal = propose(draft)
    after = proposal.draft.document
    assert appraise(after).credible
    assert not proposal.remaining
    assert errors(after) <= errors(draft.document) - {"CRE1"}
    assert money(after) == money(draft.document)
    return proposal


class TestSteps:
    def test_a_promise_kept_throughout_a_time_is_kept_in_parts_of_it(self) -> None:
        draft = deal(**FOR_THE_PAUSE)
        proposal = found(draft)
        (change,) = proposal.changes
        document = proposal.draft.document
        assert (change.kind, [phase.id for phase in document.phases]) == ("split", ["opening", *change.phases])
        assert change.phases == ("sharing-1", "sharing-2")
        first, second = document.phases[1:]
        assert list(first.obligations) == ["handed-over", "supported-1", "paused-1"]
        assert list(second.obligations) == ["supported-2", "paused-2"]
        lasts = [phase.obligations[f"paused-{n}"] for n, phase in enumerate((first, second), 1)]
        assert sum(each.within for each in lasts) == 365 * DAY
        assert [each.what for each in lasts] == ["South pauses (part 1 of 2)", "South pauses (part 2 of 2)"]
        assert {each.grace for each in lasts} == {7 * DAY}

    def test_payments_follow_what_they_hang_on(self) -> None:
        first, second = found(deal(**FOR_THE_PAUSE)).draft.document.phases[1:]
        assert [first.payments["fee-1"].amount, second.payments["fee-2"].amount] == [Decimal(5), Decimal(5)]
        assert second.payments["fee-2"].obligation == "paused-2"
        assert second.payments["fee-2"].fund_within == second.obligations["paused-2"].deadline
        whole = found(deal()).draft.document.phases[1:]
        assert [list(phase.payments) for phase in whole] == [["fee"], []]

    def test_every_mention_of_the_phase_and_of_what_is_divided_is_mended(self) -> None:
        document = found(deal(**FOR_THE_PAUSE)).draft.document
        assert document.comment
        assert document.comment.before == "sharing-1"
        assert document.affected_groups["villages"].reserved == ("paused-1", "paused-2")
        assert document.benefits["model"].phase == "sharing-1"
        assert [waiver.at for waiver in document.waivers] == [
            "phases.sharing-1.obligations.paused-1", "phases.sharing-2.obligations.paused-2",
        ]  # fmt: skip
        assert document.estimates
        assert {name: value.likely for name, value in document.estimates.values.items()} == {
            "paused-1": 5, "paused-2": 4,
        }  # fmt: skip
        assert [phase.not_before is None for phase in document.phases] == [True, False, True]

    def test_a_benefit_of_value_is_given_in_parts(self) -> None:
        document = found(deal(KEEPER="paused")).draft.document
        parts = [document.benefits[f"model-{n}"] for n in (1, 2)]
        assert [(each.value, each.phase, each.verified_by) for each in parts] == [
            (Decimal(15), "sharing-1", ("paused-1",)), (Decimal(15), "sharing-2", ("paused-2",)),
        ]  # fmt: skip

    def test_what_is_won_spent_and_gained_is_divided_as_what_is_owed_is(self) -> None:
        figures = read_game(found(deal()).draft.document).figures

        def of(what: str, who: str) -> list[float]:
            return [figures.likely(what, who, f"sharing-{n}") for n in (1, 2)]

        assert (of("temptation", "south"), of("cost", "south")) == ([20, 20], [5, 5])
        assert (of("cost", "north"), of("value", "south")) == ([7.5, 2.5], [45, 15])  # handed over in the first step
        assert of("value", "north") == [35, 35]  # for the pause
        assert of("outside_option", "south") == [6, 3]  # on its way to nothing at the end
        assert Key("reputation", "south", "sharing-1") not in figures.given

    def test_comments_stay_with_what_they_are_about(self) -> None:
        lines = found(deal()).draft.text.splitlines()
        assert lines.count("  # Then the thing itself.") == 1
        assert lines.count("      # South's part.") == 2
        assert lines.count("      # North's part.") == 1

    def test_the_long_stop_moves_only_if_it_must(self) -> None:
        assert found(deal()).draft.document.long_stop_after == 730 * DAY
        tight = read(deal().text.replace("long_stop_after: 2 years", "long_stop_after: 435 days"))
        late = found(tight).draft.document.long_stop_after
        assert late == (435 + 7) * DAY  # one more time of grace

    def test_no_more_steps_than_it_takes(self) -> None:
        steps = [len(found(deal(WEALTH=wealth)).changes[0].phases) for wealth in ("30", "20", "11", "5")]
        assert steps == sorted(steps)
        assert steps[0] < steps[-1]

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ({"SILENT": "breach"}, "paused cannot be divided: it is done once, and nothing is counted of it"),
            ({"WEALTH": "0", "DETECTION": "2%"}, "would be found out no more often in smaller steps"),
            ({"WEALTH": "1", "TEMPTED": "temptation: 900,"}, "at most 24 are proposed"),
        ],
    )
    def test_why_there_are_none_is_said(self, words: dict[str, str], why: str) -> None:
        proposal = propose(deal(GAIN="10", **words))
        (left,) = [each for each in proposal.remaining if each.party == "south"]
        assert left.phase == "sharing"
        assert left.slack == pytest.approx(read_slack(proposal, "south", 1))
        assert left.slack < 0
        assert left.why[0].startswith("not bondable: ")
        assert any(why in each for each in left.why)


def read_slack(proposal: Proposal, party: str, phase: int) -> float:
    return float(read_game(proposal.draft.document).evaluate()[party, phase].slack)


class TestOrder:
    GOOD: ClassVar = {
        "REVOCABLE": "irrevocable",
        "RETURN": ", reversibility: irreversible",
        "TEMPTED": "",
        "WEALTH": "10",
    }

    def test_what_is_given_for_good_comes_once_the_other_side_has_kept_its_word(self) -> None:
        proposal = found(deal(**self.GOOD))
        (change,) = proposal.changes
        assert change.kind == "order"
        first, second = proposal.draft.document.phases[1:]
        assert (list(first.obligations), list(second.obligations)) == (["supported", "paused"], ["handed-over"])
        assert (list(first.payments), list(second.payments)) == ([], ["fee"])
        assert proposal.draft.document.benefits["model"].phase == "sharing-2"
        assert "whether supported and paused were kept" in change.says

    def test_nothing_that_can_be_undone_is_put_off(self) -> None:
        proposal = propose(deal(SILENT="breach", GAIN="10"))
        assert any(
            "nothing that others do there for good could come later" in each for each in proposal.remaining[0].why
        )


class TestPayment:
    def test_who_gains_pays_who_is_tempted_what_bonds_leave_open(self) -> None:
        proposal = found(deal(SILENT="breach", WEALTH="10"))
        (change,) = proposal.changes
        assert change.kind == "payment"
        paid = proposal.draft.document.phases[1].payments["premium-paused"]
        assert (paid.from_, paid.to, paid.obligation, paid.on) == ("north", {"south": 10_000}, "paused", ("met",))
        short = 40 / 0.88 - 5 - 10  # what the temptation takes at power 88%, less reputation and the largest bond
        assert short <= float(paid.amount) <= short * 1.1
        assert proposal.levels["south"][1] is not None
        assert proposal.levels["south"][1] <= 10

    def test_nobody_pays_more_than_it_gains(self) -> None:
        proposal = propose(deal(SILENT="breach", WEALTH="10", GAIN="30"))
        assert not proposal.changes
        assert any("north gains most" in each for each in proposal.remaining[0].why)

    def test_of_several_cures_the_one_that_locks_in_least_is_kept(self) -> None:
        draft = deal(WEALTH="10", GAIN="200")
        proposal = found(draft)
        assert [change.kind for change in proposal.changes] == ["split"]
        paid = found(deal(WEALTH="10", GAIN="200", SILENT="breach"))
        assert [change.kind for change in paid.changes] == ["payment"]


def test_bonds_that_check_would_miss_are_not_lowered() -> None:
    draft = deal(**TestOrder.GOOD)
    proposal = found(draft)
    assert proposal.unlowered == ("CRE2",)  # North's would be gone when it hands the model over
    levels = [proposal.draft.document.bond_level("north", phase) for phase in proposal.draft.document.phases]
    assert min(levels) >= draft.document.parties["north"].bond.amount  # type: ignore[union-attr]


def test_a_bond_beyond_what_a_party_can_lock_in_is_not_counted_on() -> None:
    proposal = propose(deal(SILENT="breach", GAIN="10", WEALTH="7"))
    (left,) = [each for each in proposal.remaining if each.party == "south"]
    assert proposal.draft.document.bond_level("south", proposal.draft.document.phases[1]) == 7
    assert proposal.levels["south"][1] is None
    assert left.slack == pytest.approx(0.88 * (7 + 5) - 40)


def test_the_name_of_a_step_is_never_taken() -> None:
    taken = read(deal().text.replace("ratified", "paused-2").replace("opening", "sharing-1"))
    plan = in_steps(taken.document, 1, 2, {"south"})
    assert plan.ids == ("sharing-part-1", "sharing-part-2")
    assert plan.called("paused") == ("paused-part-1", "paused-part-2")


def test_a_name_with_no_room_for_a_number_is_told() -> None:
    long = "p" * 64
    with pytest.raises(Indivisible, match="no room for a number"):
        in_steps(read(deal().text.replace("paused", long)).document, 1, 2, {"south"})


@pytest.mark.parametrize("name", gallery.names())
def test_every_phase_of_the_gallery_is_divided_or_it_is_said_what_cannot_be(name: str) -> None:
    draft = read(gallery.read(name))
    divided, told = 0, list[str]()
    for index, phase in enumerate(draft.document.phases):
        for party in dict.fromkeys(each.by for each in phase.obligations.values() if each.by != "outside"):
            try:
                plan = in_steps(draft.document, index, 3, {party})
                after = splice(draft, changes(plan, draft.root.plain())).document
            except Indivisible as why:
                told.append(str(why))
                continue
            divided += 1
            assert len(after.phases) == len(draft.document.phases) + 2
            assert money(after) == money(draft.document)
            assert errors(after) <= errors(draft.document)
    assert all("cannot be divided: " in each for each in told)
    assert (
        divided or told or all(each.by == "outside" for p in draft.document.phases for each in p.obligations.values())
    )


@pytest.mark.parametrize("name", gallery.names())
def test_any_obligation_of_the_gallery_can_be_put_off(name: str) -> None:
    draft = read(gallery.read(name))
    for index, phase in enumerate(draft.document.phases):
        for late in list(phase.obligations)[1:]:
            after = splice(draft, changes(put_off(draft.document, index, {late}), draft.root.plain())).document
            first, second = after.phases[index : index + 2]
            assert {*first.obligations} | {*second.obligations} == set(phase.obligations)
            assert [*second.obligations] == [late]
            assert money(after) == money(draft.document)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(ESTIMATED), st.sampled_from([1, 10, 100]), st.sampled_from([1, 2, 5, 20]), st.booleans())
def test_a_proposal_makes_every_promise_pay_or_says_which_do_not(
    name: str, poorer: int, tempted: int, cautious: bool
) -> None:
    draft = scaled(read(gallery.read(name)), wealth=Decimal(1) / poorer, temptation=Decimal(tempted))
    proposal = propose(draft, cautious=cautious)
    after = proposal.draft.document
    standings = read_game(after).evaluate() if not cautious else None
    if standings is not None:
        broken = {(party, after.phases[at].id) for (party, at), each in standings.items() if each.slack < -1e-3}
        assert broken == {(each.party, each.phase) for each in proposal.remaining}
    assert all(each.why for each in proposal.remaining)
    assert money(after) == money(draft.document)
    assert errors(after) <= errors(draft.document) | ({"CRE1"} if proposal.remaining else set())
    assert read(proposal.draft.text).document == after


def scaled(draft: Draft, **times_: Decimal) -> Draft:
    """The same deal with other estimates: all of one kind so many times what they were."""
    edits: list[Edit] = []

    def walk(value: Any, at: Location) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                walk(each, (*at, key))
        elif by := next((times_[str(step)] for step in at if str(step) in times_), None):
            edits.append(Put(at, round(Decimal(value) * by)))

    walk(draft.root.plain()["estimates"], ("estimates",))  # type: ignore[index]
    assert edits
    return splice(draft, edits)
