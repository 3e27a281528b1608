"""Every rule fires where it should, at its place, and not once the document is mended.

One base document in which nothing is found. A case changes it so that a rule fires, and then mends it in another way
than by taking the change back, wherever there is one.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from pyledger.document import Document, gallery, loads
from pyledger.document.places import location_of, path_in, place_of
from pyledger.document.risks import DRAWN, RULES, review, risks
from pyledger.document.tree import read_tree

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")

Changes = tuple[tuple[str, str], ...]


class Case(NamedTuple):
    rule: str
    path: str
    fire: Changes
    mend: Changes


COURT = "arbitration: {court: court, challenge_within: 7 days, ruling_within: 30 days}\n"
JOIN = "join_within: 60 days"
LATER = f"accession: true\nmin_parties: 1\n{JOIN}"
COUNCIL = "{verifiers: [inspector, elder, observer], threshold: 2}"
SECURITY = "about: [security]"
FIRST = (
    "    payments:\n"
    "      first: {from: north, to: south, amount: 100, asset: usd, when: {secured: met}, fund_within: 14 days}\n"
)
DECLARED = "        if_silent: lapse\n        forfeit: 10%\n    payments:"
MEASURED = f"{SECURITY}\n        value: {{unit: sites}}"
MET = "when: {secured: met}"
RISING = f"{MET}, tiers: [{{from: 0, pays: 0}}, {{from: 5, pays: 100}}]"
FALLING = f"{MET}, tiers: [{{from: 0, pays: 100}}, {{from: 5, pays: 0}}]"
SHIELD = (
    "  shield: {what: Missile defence, from: north, to: south, cluster: security, kind: defense_dominant_tech, "
    "verified_by: access-given, tangibility: physical, revocability: irrevocable, onward_transfer: forbidden}\n"
)
CALM = (
    "  calm: {what: No first use, from: north, to: neighbours, cluster: other, kind: negative_assurance, "
    "verified_by: safety, tangibility: assurance, revocability: irrevocable}\n"
)
REVOCABLE = "{class: revocable_with_notice, by: north, notice: 30 days, grounds: a breach that is found}"
UNEVEN = "{preset: kyoto_eb, chambers: {one: {verifiers: [inspector, observer]}, two: {verifiers: [elder]}}}"
EVEN = UNEVEN.replace("[elder]", "[elder, envoy]")
AGENCY, PERSON = "kind: agency, constituency: technical", "kind: person, constituency: affected"
SAFETY = "        forfeit: 50%\n        about: [safety]"

SAME = (
    "      safety:\n        by: north\n        what: North tests what it has for safety\n        within: 60 days\n"
    "        decided_by: council\n        if_silent: lapse\n"
)


def estimates(words: str) -> tuple[str, str]:
    return JOIN, f"estimates: {{asset: usd, {words}}}\n{JOIN}"


CASES = (
    Case(
        "PRO1",
        "benefits.access.delivery",
        (("dual_use: low", "dual_use: high"), ("delivery: api", "delivery: weights"), (REVOCABLE, "irrevocable")),
        (("delivery: weights", "delivery: hosted"),),
    ),
    Case(
        "PRO2",
        "benefits.access",
        ((f"        {SECURITY}\n", ""),),
        (("      declared:\n        by: north", "      declared:\n        about: [security]\n        by: south"),),
    ),
    Case(
        "PRO3",
        "benefits.access.compute_use",
        (("inference_only", "training_unrestricted"),),
        (("hem: false", "hem: true"),),
    ),
    Case(
        "PRO4",
        "benefits.access",
        (("phase: delivery", "phase: opening"), ("generation_lag: 1", "generation_lag: 0")),
        (("generation_lag: 0", "generation_lag: 2"),),
    ),
    Case(
        "PRO5",
        "benefits.access.onward_transfer",
        (("onward_transfer: forbidden", "onward_transfer: free"),),
        (("onward_transfer: free", "onward_transfer: with_consent"),),
    ),
    Case(
        "POW1",
        "benefits.access",
        (("phase: delivery", "phase: opening"), ("offence_defence: neutral", "offence_defence: offence")),
        (("phase: opening", "phase: delivery"),),
    ),
    Case(
        "INS1",
        "estimates.parties.north",
        (estimates("parties: {north: {burden: 9, group: g}, south: {burden: 9, group: g}}"),),
        (("{burden: 9, group: g}}", "{burden: 9, group: h}}"),),
    ),
    Case("INS2", "benefits.shield", ((JOIN, SHIELD + JOIN),), (("  shield:", f"{CALM}  shield:"),)),
    Case(
        "INS3",
        "affected_groups.neighbours",
        (("notice_to: [neighbours]", "notice_to: [south]"),),
        (("kind: state}", "kind: state, standing: villages}"),),
    ),
    Case(
        "PER1",
        "phases.opening.obligations.secured.value.baseline",
        ((SECURITY, MEASURED.replace("sites", "sites, baseline: own_future")), (MET, RISING)),
        (("own_future", "fixed"),),
    ),
    Case("PER2", "accession", ((JOIN, LATER),), ((FIRST, ""),)),
    Case(
        "PER3",
        "parties.north.forfeits_to",
        ((AGENCY, f"{AGENCY}, affiliated_with: south"),),
        (("{south: 60%, relief: 40%}", "{south: 40%, relief: 60%}"),),
    ),
    Case(
        "PER4",
        "phases.opening.obligations.declared",
        ((DECLARED, DECLARED.replace("10%", "0%")),),
        (("forfeit: 0%", "forfeit: 5%"),),
    ),
    Case(
        "PER5",
        "verifiers.inspector.paid_by",
        (("paid_by: [north, south]", "paid_by: [north]"),),
        (("paid_by: [north]", "paid_by: [relief]"),),
    ),
    Case(
        "PER5",
        "verifiers.inspector.paid_from_forfeits",
        (("paid_by: [north, south]", "paid_from_forfeits: true"),),
        (("paid_from_forfeits: true", "paid_from_forfeits: false"),),
    ),
    Case(
        "PER6",
        "phases.opening.payments.first.tiers",
        ((SECURITY, MEASURED), (MET, FALLING)),
        (("unit: sites", "unit: sites, counts: bad"),),
    ),
    Case(
        "PER6",
        "phases.opening.payments.first.tiers",
        ((SECURITY, MEASURED.replace("sites", "gaps, counts: bad")), (MET, RISING)),
        (("counts: bad", "counts: good"),),
    ),
    Case(
        "SIG1",
        "publication",
        (("when: when_in_force", "when: immediate"), estimates("parties: {north: {gdp: 10_000}}")),
        (("open_to: public", "open_to: public, joint_framing: Both sides are safer"),),
    ),
    Case(
        "SIG2",
        "phases.delivery.obligations.halt.what",
        (("South halts its large", "North keeps its lead, South halts its large"),),
        (("keeps its lead", "goes on"),),
    ),
    Case(
        "SIG2",
        "phases.delivery.obligations.halt",
        (("about: [safety]", "about: [payment]"),),
        (("about: [payment]", "about: [pause]"),),
    ),
    Case(
        "SIG3",
        "publication",
        ((", open_to: public", ""),),
        (("when: when_in_force", "when: when_in_force, open_to: parties"),),
    ),
    Case(
        "CRE2",
        "phases.delivery.bonds.south",
        (
            ("  - id: delivery\n", "  - id: delivery\n    bonds: {south: 0}\n"),
            ("        forfeit: 50%\n        material: true", "        material: true"),
        ),
        (("{south: 0}", "{south: 1}"), ("        material: true", "        forfeit: 50%\n        material: true")),
    ),
    Case(
        "CRE4",
        "phases.opening.obligations.secured.reversibility",
        (
            (SECURITY, f"{SECURITY}\n        reversibility: irreversible"),
            (DECLARED, DECLARED.replace("10%", "0%")),
            (FIRST, ""),
        ),
        (("forfeit: 0%", "forfeit: 5%"),),
    ),
    Case(
        "CRE4",
        "phases.opening.obligations.secured.reversibility",
        (
            (SECURITY, f"{SECURITY}\n        reversibility: irreversible"),
            (FIRST, ""),
            estimates("phases: {opening: {south: {cost: 61}}}"),
        ),
        (("cost: 61", "cost: 60"),),
    ),
    Case(
        "CRE5",
        "phases.delivery.obligations.halt",
        (("second: {from: north, to: south, amount: 100", "second: {from: north, to: south, amount: 201"),),
        (("amount: 201", "amount: 200"),),
    ),
    Case(
        "CRE6",
        "phases.delivery.obligations.access-given.decided_by",
        (
            (COUNCIL, "{verifiers: [inspector, elder], threshold: 2}"),
            (AGENCY, f"{AGENCY}, affiliated_with: north"),
            (PERSON, f"{PERSON}, affiliated_with: south"),
        ),
        ((JOIN, COURT + JOIN),),
    ),
    Case(
        "CRE7",
        "phases.opening.obligations.secured.within",
        (
            ("amendment: {objective_circumstances: true}\n", ""),
            ("by: south\n        what: South secures", "by: outside\n        what: South secures"),
            (f"        forfeit: 10%\n        {SECURITY}", f"        {SECURITY}"),
        ),
        ((MET, "when: {secured: [met, lapsed]}"),),
    ),
    Case(
        "CRE8",
        "benefits.access.revocability",
        ((REVOCABLE, "{class: revocable_with_notice, by: north}"),),
        (("revocable_with_notice, by", "instantly_revocable, grounds: a breach, by"),),
    ),
    Case(
        "CRE9",
        "phases.opening.obligations.secured.cost_to_complete",
        ((SECURITY, f"{SECURITY}\n        cost_to_complete: 101"),),
        (("cost_to_complete: 101", "cost_to_complete: 100"),),
    ),
    Case(
        "CRE11",
        "panels.council",
        (("threshold: 2", "threshold: 1"), (AGENCY, f"{AGENCY}, affiliated_with: north")),
        (("threshold: 1", "threshold: 3"),),
    ),
    Case(
        "CRE12",
        "amendment",
        (("objective_circumstances: true", "objective_circumstances: false"),),
        (("objective_circumstances: false", "objective_circumstances: true, how: all members extend"),),
    ),
    Case(
        "CRE13",
        "phases.delivery.obligations.halt.reversibility",
        (
            (JOIN, COURT + JOIN),
            ("training runs\n        within: 1 year", "training runs\n        within: 66 days"),
            ("about: [pause]", "about: [pause]\n        reversibility: irreversible"),
        ),
        (("within: 66 days", "within: 67 days"),),
    ),
    Case(
        "CRE14",
        "phases.delivery.obligations.access-given.needs",
        (
            ("level: treaty", "level: mou"),
            ("what: North opens access\n", "what: North opens access\n        needs: treaty\n"),
        ),
        (("level: mou}", "level: mou}\nratification: {by: [north, south], gate: declared}"),),
    ),
    Case(
        "CRE15",
        "phases.delivery.obligations.safety",
        ((SAFETY, SAFETY.replace("50%", "0%")),),
        (("forfeit: 0%", "forfeit: 0%\n        material: true"),),
    ),
    Case(
        "CRE16",
        "phases.delivery.obligations.safety",
        (
            (SAFETY, f"{SAFETY.replace('50%', '9.99%')}\n        material: true"),
            ("        forfeit: 50%\n      halt", "        forfeit: 5%\n      halt"),
        ),
        (("forfeit: 9.99%", "forfeit: 10%"),),
    ),
    Case(
        "CRE16",
        "phases.delivery.obligations.safety",
        ((SAFETY, f"{SAFETY.replace('50%', '49.99%')}\n        material: true"),),
        (("forfeit: 49.99%", "forfeit: 50%"),),
    ),
    Case(
        "CRE17",
        "parties.south.bond",
        ((JOIN, LATER), ("  - id: delivery\n", "  - id: delivery\n    bonds: {south: 2_000}\n")),
        (("south: {name: South, bond: {amount: 1_000", "south: {name: South, bond: {amount: 2_000"),),
    ),
    Case(
        "CRE18",
        "phases.opening.payments.first.tiers",
        ((JOIN, COURT + JOIN), (SECURITY, MEASURED), (MET, RISING)),
        ((RISING, MET),),
    ),
    Case(
        "MSH1",
        "affected_groups.people",
        ((" standing: villages, seats: [elder],", ""),),
        (("plain,", "plain, seats: [observer],"),),
    ),
    Case(
        "MSH2",
        "phases.delivery.obligations.safety",
        ((SECURITY, f"{SECURITY}\n        reversibility: irreversible"), ("[safety]", "[safety, panel_formed]")),
        (("reversibility: irreversible", "reversibility: partly_reversible"),),
    ),
    Case(
        "MSH3",
        "affected_groups.people.reserved",
        (("seats: [elder]", "seats: [elder], reserved: [halt]"),),
        (("threshold: 2", "threshold: 3"),),
    ),
    Case(
        "MSH4", "comment.window", (("window: 60 days", "window: 29 days"),), (("window: 29 days", "window: 30 days"),)
    ),
    Case(
        "MSH4",
        "comment.before",
        (("window: 60 days", "window: 121 days"),),
        (("before: delivery", "before: halt"),),
    ),
    Case(
        "MSH5",
        "comment",
        ((" answered_within: 30 days,", ""),),
        (("before: delivery,", "before: delivery, answered_within: 90 days,"),),
    ),
    Case(
        "MSH6",
        "panels.council",
        ((f"{AGENCY}, region: south", f"{AGENCY}, region: north"),),
        (("verifiers:\n", "verifiers:\n  observer: {region: south}\n"),),
    ),
    Case(
        "MSH7",
        "glossary",
        (("glossary: {frontier: the strongest model in use by anybody}\n", ""),),
        (("about: [safety]", "about: [safety, glossary]"),),
    ),
    Case(
        "MSH8",
        "verifiers.elder.nominated_by",
        (("nominated_by: people", "nominated_by: technical"),),
        (("nominated_by: technical", "nominated_by: affected"),),
    ),
    Case(
        "PAN1",
        "panels.council.preset",
        ((COUNCIL, EVEN),),
        (
            ("preset: kyoto_eb, chambers: {one: {", "threshold: 3, chambers: {one: {at_least: 2, "),
            ("two: {", "two: {at_least: 2, "),
        ),
    ),
    Case("PAN2", "panels.council.chambers", ((COUNCIL, UNEVEN),), (("[elder]}}", "[elder, envoy]}}"),)),
)


def changed(text: str, changes: Changes) -> str:
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def found(text: str) -> dict[str, list[str]]:
    """Rule → the paths it is found at."""
    document, places = loads(text), dict[str, list[str]]()
    for risk in risks(document):
        places.setdefault(risk.id, []).append(path_in(document, risk.at))
    return places


def test_nothing_is_found_in_the_base() -> None:
    assert found(BASE) == {}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{case.path}" for case in CASES])
def test_a_rule_fires_at_its_place_and_not_when_mended(case: Case) -> None:
    at_risk = changed(BASE, case.fire)
    assert found(at_risk).get(case.rule) == [case.path]
    assert case.rule not in found(changed(at_risk, case.mend))


PLEDGE = """
pyledger: 1
title: A pledge
parties: {lab: {name: Laboratory, bond: {amount: 10, asset: usd}, forfeits_to: fund}}
recipients: {fund: {name: Fund}}
assets: {usd: {symbol: USDX, decimals: 6}}
verifiers: {reader: {kind: person}}
panels: {watch: {verifiers: [reader], threshold: 1}}
join_within: 1 day
long_stop_after: 2 years
phases:
  - id: only
    obligations:
      kept: {by: lab, what: The laboratory shares, within: 1 year, decided_by: watch, if_silent: met, forfeit: 100%}
"""


def test_a_pledge_rests_on_something_that_can_be_measured() -> None:
    assert found(PLEDGE)["MSH9"] == ["phases.only.obligations.kept"]
    assert "MSH9" not in found(PLEDGE.replace("kind: person", "kind: auditor"))
    assert "MSH9" not in found(PLEDGE.replace("forfeit: 100%", "forfeit: 100%, value: {unit: models}"))


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} | {"MSH9"} == DRAWN


def test_every_rule_explains_itself() -> None:
    for rule in RULES.values():
        assert rule.title[0].islower()
        assert rule.why.endswith(".")
        assert rule.why.count(". ") <= 2
        assert rule.mend
        assert not rule.mend.endswith(".")
        assert rule.source.endswith(".")


def test_a_group_with_standing_alone_is_warned_of_not_refused() -> None:
    (only,) = (risk for risk in risks(loads(changed(BASE, ((" seats: [elder],", ""),)))) if risk.id == "MSH1")
    assert only.severity == "warning"


def test_an_id_that_two_phases_have_is_told_with_its_phase() -> None:
    again = SAFETY.replace("50%", "0%")
    text = BASE.replace(SAFETY, again).replace(
        "    payments:\n      first", f"{SAME}{again}\n    payments:\n      first", 1
    )
    text = text.replace("forfeit: 50%\n      halt", "forfeit: 0%\n      halt")
    (found,) = [risk for risk in risks(loads(text)) if risk.id == "CRE15"]
    assert "of `safety` in `opening`, `access-given`, `safety` in `delivery` costs it nothing" in found.message


def test_a_party_that_posts_nothing_and_gets_the_forfeits_is_an_accuser_without_risk() -> None:
    text = changed(
        BASE,
        (
            (
                "south: {name: South, bond: {amount: 1_000, asset: usd}, forfeits_to: {north: 60%, relief: 40%}}",
                "south: {name: South}",
            ),
            (f"        forfeit: 10%\n        {SECURITY}", f"        {SECURITY}"),
            ("        forfeit: 50%\n        material: true", "        material: true"),
        ),
    )
    assert found(text)["PER3"] == ["parties.north.forfeits_to"]


def test_a_joiner_without_a_bond_can_end_the_deal_by_not_paying() -> None:
    text = changed(
        BASE,
        (
            (JOIN, LATER),
            (
                "north: {name: North, bond: {amount: 1_000, asset: usd}, forfeits_to: {south: 60%, relief: 40%}}",
                "north: {name: North}",
            ),
            (DECLARED, DECLARED.replace("        forfeit: 10%\n", "")),
            ("        forfeit: 50%\n      halt", "      halt"),
            (SAFETY, "        about: [safety]"),
        ),
    )
    assert found(text)["CRE17"] == ["parties.north"]


def test_a_milestone_both_sides_reach_keeps_access_in_step() -> None:
    """Levelling out: half of the access for half of the commitments is no lead."""
    second = BASE.replace("generation_lag: 1", "generation_lag: 0")
    again = second[second.index("  access:\n") : second.index(JOIN)].replace("  access:", "  more:")
    text = second.replace(JOIN, again.replace("phase: delivery", "phase: opening") + JOIN)
    assert "PRO4" not in found(text)


GALLERY = {name: loads(gallery.read(name)) for name in gallery.names()}


@pytest.mark.parametrize("name", GALLERY)
def test_no_document_of_the_gallery_has_an_error_that_nobody_answers_for(name: str) -> None:
    assert not review(GALLERY[name], risks(GALLERY[name])).fails()


@pytest.mark.parametrize("name", GALLERY)
def test_every_finding_has_a_place_in_the_text(name: str) -> None:
    document, text = GALLERY[name], gallery.read(name)
    root, _ = read_tree(text, name)
    for risk in risks(document):
        path = path_in(document, risk.at)
        assert place_of(root, risk.at).line <= text.count("\n") + 1
        if (at := location_of(root, path)) is not None:
            assert at == risk.at


def named(document: Document, rule: str) -> list[str]:
    return [path_in(document, risk.at) for risk in risks(document) if risk.id == rule]


def test_what_history_teaches_is_found_in_the_agreements_that_taught_it() -> None:
    assert named(GALLERY["lockerbie-2003"], "CRE7") == [
        "phases.release.obligations.un-lift.within",
        "phases.release.obligations.us-delist.within",
    ]
    assert named(GALLERY["lockerbie-2003"], "CRE5") == []  # 40, 40 and 20 percent
    assert named(GALLERY["six-party-2007"], "CRE5") == ["phases.second.obligations.disablement"]  # 5 and 95


@pytest.mark.parametrize(
    ("needs", "said"),
    [("mou", "a memorandum"), ("executive_agreement", "an executive agreement"), ("treaty", "a treaty")],
)
def test_the_kind_of_a_paper_is_said_in_words(needs: str, said: str) -> None:
    text = BASE.replace("level: treaty", "level: soft_pledge")
    text = text.replace("what: North opens access\n", f"what: North opens access\n        needs: {needs}\n")
    (found,) = [risk for risk in risks(loads(text)) if risk.id == "CRE14"]
    assert f"`access-given` needs {said}" in found.message
    assert "the deal is a soft pledge" in found.message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_what_is_found_is_a_sentence_without_its_stop_and_can_be_mended(case: Case) -> None:
    text = BASE
    for old, new in case.fire:
        text = text.replace(old, new)
    for risk in risks(loads(text)):
        assert risk.message[0].islower() or risk.message[0] in "`0123456789"
        assert risk.message[-1] not in ".:,"
        assert risk.fix
