"""Chosen histories: in the words of the deal, strict, and with the line of what cannot happen."""

from __future__ import annotations

import pytest

from pyledger.analysis.scenario import loads_scenario, parse_that, run
from pyledger.analysis.stage import Stage, StepFails
from pyledger.analysis.stand_ins import Deal, deal_of
from pyledger.analysis.telling import Teller
from pyledger.document import gallery, loads
from pyledger.errors import DocumentError, UsageError
from pyledger.terms.state import Status


def deal(name: str) -> Deal:
    return deal_of(loads(gallery.read(name)))


def gains(stage: Stage) -> dict[str, int]:
    """Millions by name."""
    teller = Teller(stage.deal)
    pairs = zip(stage.book.places, stage.gained, strict=True)
    return {teller.place(place)[0]: amount // 10**12 for place, amount in pairs if amount}


def played(name: str, text: str) -> Stage:
    return run(deal(name), loads_scenario(text, deal(name), file="story.yaml"))


def wrong(name: str, text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        loads_scenario(text, deal(name), file="story.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("that", "libya", "families"),
    [
        ("un-lift=met,us-lift=met,us-delist=met", -2_700, 2_700),
        ("un-lift=met", -1_350, 1_350),
        ("un-lift=met,us-lift=met", -2_160, 2_160),
        ("us-delist=met,us-lift=met,un-lift=met", -2_700, 2_700),
        ("un-lift=breached,us-lift=met", -1_080, 1_080),
    ],
)
def test_lockerbie_pays_what_the_reference_says(that: str, libya: int, families: int) -> None:
    lockerbie = deal("lockerbie-2003")
    assert gains(run(lockerbie, parse_that(that, lockerbie))) == {"libya": libya, "families": families}


def test_what_is_not_said_is_left_to_silence() -> None:
    stage = played("lockerbie-2003", "steps: []")
    assert (gains(stage), stage.state.status) == ({}, Status.TERMINATED)


def test_lockerbie_with_its_dates() -> None:
    stage = played(
        "lockerbie-2003",
        "start: 2003-08-22\n"
        "steps:\n"
        "  - {met: un-lift, at: 2003-09-12}\n"
        "  - {met: us-lift, at: 2004-09-20}\n",
    )  # fmt: skip
    assert gains(stage) == {"libya": -2_160, "families": 2_160}


def test_a_default_comes_in_the_first_phase_with_something_to_pay() -> None:
    found = deal("safe-development-coalition")
    assert not any(payment.payer == 0 for payment in found.terms.phases[0].payments)
    stage = run(found, parse_that("north=default,ratified=met,words-agreed=met", found))
    assert [stage.names.parties[each] for each in stage.defaulters] == ["north"]
    assert stage.state.phase == 1


def test_a_default_ends_the_deal_in_its_phase() -> None:
    stage = played("model-access-three-steps", "steps: [{met: runs-declared}, {met: first-access}, {default: south}]")
    assert (gains(stage), stage.state.status) == ({"north": 0 - 10 + 20, "south": 10 - 20}, Status.TERMINATED)
    assert [stage.names.parties[each] for each in stage.defaulters] == ["south"]


def test_too_few_and_enough_join() -> None:
    two = played("windfall-coalition", "absent: [lab-south]\nsteps: [{met: east-books-1, value: 12_000_000_000}]")
    assert two.state.status is Status.COMPLETED
    one = played("windfall-coalition", "absent: [lab-south, lab-east]")
    assert (gains(one), one.state.status) == ({}, Status.VOID)


def test_joining_late_binds_from_the_next_phase() -> None:
    text = "absent: [lab-south]\nsteps: [{join: lab-south}, {concede: south-books-2}]"
    assert gains(played("windfall-coalition", text))["lab-south"] == -300


def test_a_verdict_is_contested_and_overruled() -> None:
    text = (
        "steps: [{breached: loss-2012}, {challenge: loss-2012, by: villages, at: 10 days}, {ruling: met, at: 20 days}]"
    )
    stage = played("forest-guyana-norway", text)
    verdicts = {stage.names.obligations[phase][item]: found.name for phase, item, found, _ in stage.told}
    assert verdicts == {"loss-2012": "MET", "loss-2013": "LAPSED"}
    assert gains(stage) == {}, "a ruling that changes a verdict clears its value"


def test_members_extend_and_dissolve() -> None:
    late = "{met: us-lift, at: 600 days}"
    assert "too late" in wrong("lockerbie-2003", f"steps: [{{met: un-lift}}, {late}]")
    extended = played("lockerbie-2003", f"steps: [{{met: un-lift}}, {{extend: us-lift, to: 700 days}}, {late}]")
    assert gains(extended)["families"] == 2_160
    split = "{dissolve: {usd: {libya: 75%, families: 25%}}}"
    assert gains(played("lockerbie-2003", f"steps: [{split}]")) == {"libya": -675, "families": 675}


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("lockerbie-2003", "steps:\n  - {met: un-lift}\n  - {met: us-lifft}\n", 3, "did you mean `us-lift`?"),
        ("lockerbie-2003", "steps:\n  - {met: un-lift, breached: us-lift}\n", 2, "write them as two steps"),
        ("lockerbie-2003", "steps:\n  - {at: 3 days}\n", 2, "nothing happens in this step"),
        ("lockerbie-2003", "steps:\n  - {met: un-lift}\n  - {lapsed: un-lift}\n", 3, "decided already"),
        (
            "lockerbie-2003",
            "steps:\n  - {met: un-lift, at: 9 days}\n  - {met: us-lift, at: 8 days}\n",
            3,
            "before what",
        ),
        ("lockerbie-2003", "steps:\n  - {concede: un-lift}\n", 2, "outside event"),
        ("lockerbie-2003", "steps:\n  - {breached: un-lift}\n  - {met: us-lift, at: 9 days}\n", 3, "ended the deal"),
        ("lockerbie-2003", "steps:\n  - {met: un-lift}\n  - {challenge: un-lift}\n", 3, "no court"),
        ("lockerbie-2003", "steps:\n  - {met: un-lift, whom: x}\n", 2, "unknown key `whom`"),
        ("lockerbie-2003", "steps:\n  - {met: un-lift, at: soon}\n", 2, "expected a duration or a date"),
        ("lockerbie-2003", "absent: [libia]\n", 1, "did you mean `libya`?"),
        ("forest-guyana-norway", "steps:\n  - {met: loss-2012}\n", 2, "none is given"),
        ("forest-guyana-norway", "steps:\n  - {met: loss-2012, value: 0.1234}\n", 2, "more decimals"),
        ("model-access-three-steps", "steps:\n  - {lapsed: no-large-run}\n", 2, "kept by silence"),
        ("lockerbie-2003", "steps:\n  - {join: libya}\n", 2, "does not say `accession: true`"),
        ("forest-guyana-norway", "steps:\n  - {extend: loss-2012, to: 1 day}\n", 2, "write a longer time"),
        ("forest-guyana-norway", "steps:\n  - {extend: loss, to: 1 day}\n", 2, "no obligation or payment of the phase"),
        ("forest-guyana-norway", "steps:\n  - {ruling: met}\n", 2, "challenge first"),
        ("forest-guyana-norway", "steps:\n  - {dissolve: {usd: {norway: 50%}}}\n", 2, "100% together"),
        ("forest-guyana-norway", "steps:\n  - {dissolve: {usd: {sweden: 100%}}}\n", 2, "no party or recipient"),
        ("forest-guyana-norway", "steps:\n  - {default: norway, on: bonds}\n", 2, "write bond, payments or anything"),
        ("forest-guyana-norway", "start: 9999-01-01\n", 1, "move the long stop"),
    ],
)
def test_what_cannot_happen_is_said_with_its_line_and_what_to_do(name: str, text: str, line: int, words: str) -> None:
    said = wrong(name, text)
    assert said.startswith(f"story.yaml:{line}:")
    assert words in said
    assert said.splitlines()[1].startswith("    "), "nothing is said of what to do next"


@pytest.mark.parametrize(
    ("that", "words"),
    [
        ("un-lift", "is not understood"),
        ("un-lift=perhaps", "NAME=met"),
        ("un-lifft=met", "did you mean `un-lift`?"),
        ("libia=default", "did you mean `libya`?"),
        ("un-lift=met@x", 'expected an amount, found the text "x"'),
    ],
)
def test_that_is_as_strict(that: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_that(that, deal("lockerbie-2003"))
    assert words in str(caught.value)


def test_that_takes_values() -> None:
    forest = deal("forest-guyana-norway")
    stage = run(forest, parse_that("loss-2012=met@0.2", forest))
    assert sorted(gains(stage).values()) == [-47, 46]
    with pytest.raises(StepFails, match="none is given"):
        run(forest, parse_that("loss-2012=met", forest))


@pytest.mark.parametrize(("party", "phase"), [("south", "pause"), ("south", "inspect"), ("north", "declare")])
def test_a_default_comes_in_the_phase_that_is_named_before_all_else_in_it(party: str, phase: str) -> None:
    found = deal("model-access-three-steps")
    stage = run(found, parse_that(f"runs-declared=met,{party}=default@{phase}", found))
    assert [stage.names.parties[each] for each in stage.defaulters] == [party]
    assert stage.names.phases[stage.state.phase] == phase


def test_a_default_that_names_its_phase_in_a_file() -> None:
    stage = played("model-access-three-steps", "steps: [{default: north, phase: inspect}]")
    assert (stage.names.phases[stage.state.phase], len(stage.defaulters)) == ("inspect", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: [{default: south, phase: declare}]", "`south` has nothing to pay in the phase `declare`"),
        ("steps: [{default: south, phase: declair}]", "did you mean `declare`?"),
        ("steps: [{met: second-access}, {default: south, phase: declare}]", "the phase `declare` is closed by then"),
        ("steps: [{met: second-access}, {default: south, phase: pause}]", "has paid in by then, in the phase `pause`"),
    ],
)
def test_a_default_that_cannot_come_in_its_phase(text: str, said: str) -> None:
    assert said in wrong("model-access-three-steps", text)


def test_keys_of_the_format_need_no_quotes_whatever_yaml_once_read_in_them() -> None:
    stage = played("model-access-three-steps", "steps: [{default: north, on: bond}]")
    assert [stage.names.parties[each] for each in stage.defaulters] == ["north"]
    assert "`off` without quotes is a word to some readers" in wrong(
        "model-access-three-steps", "steps: [{default: north, off: bond}]"
    )
    assert 'write true or false, or "on" for the word' in wrong("model-access-three-steps", "steps: [{settle: on}]")
