"""A chosen history: steps in the words of a deal, as they are written; and what must be true in the end, or meanwhile.

document: lockerbie-2003
steps:
  - {met: un-lift, at: 30 days}
  - {expect: {paid: {un-tranche: 1_080_000_000}}}
  - {breached: us-lift}
expect: {state: completed}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from pyledger.analysis.expectation import Expect, problems as problems_of
from pyledger.analysis.stage import Stage, StepFails
from pyledger.analysis.stand_ins import Deal, deal_of, stand_ins
from pyledger.document.fields import Amount, Duration, Id, Ids, Line, Model, Shares, Time, Truth, Verdict
from pyledger.document.load import read_file, read_model
from pyledger.document.problem import Inconsistent, Location, Problem, did_you_mean
from pyledger.document.schema import schema_of
from pyledger.document.units import NotUnderstood, describe, parse_amount, parse_duration, parse_time
from pyledger.errors import TermsError, UsageError
from pyledger.terms.outcome import level

__all__ = [
    "Scenario",
    "Step",
    "expectations",
    "load_scenario",
    "loads_scenario",
    "parse_that",
    "run",
    "scenario_schema",
]

VERBS: Final = (
    "met", "breached", "lapsed", "concede", "default", "join", "challenge", "ruling", "extend", "dissolve", "settle",
    "fund", "expect",
)  # fmt: skip
_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "met": ("by", "value", "phase", "refused"),
    "breached": ("by", "value", "phase", "refused"),
    "lapsed": ("by", "value", "phase", "refused"),
    "concede": ("phase", "refused"),
    "default": ("on", "phase"),
    "join": ("refused",),
    "challenge": ("by", "refused"),
    "extend": ("to", "refused"),
    "dissolve": ("refused",),
    "ruling": ("on", "refused"),
    "settle": ("refused",),
    "fund": ("refused",),
}
"""What each verb takes besides `at`."""

_RULE: Final = re.compile("[A-Z][A-Za-z0-9]{1,60}")


def _parse_moment(value: object) -> tuple[str, int]:
    if isinstance(value, tuple) and len(value) == 2:
        return value
    for kind, parse in (("after", parse_duration), ("date", parse_time)):
        try:
            return kind, parse(value)
        except NotUnderstood:
            continue
    raise NotUnderstood(
        f"expected a duration or a date, found {describe(value)}",
        'write for example "30 days" (from the phase\'s opening) or "2027-01-31 12:00"',
    )


def _parse_rule(value: object) -> str:
    if not isinstance(value, str) or not _RULE.fullmatch(value):
        raise NotUnderstood(f"expected the name of a rule, found {describe(value)}", "write for example TooLate")
    return value


Moment = Annotated[
    tuple[Literal["after", "date"], int],
    BeforeValidator(_parse_moment),
    WithJsonSchema({"description": "A duration from the phase's opening, or a date.", "type": "string"}),
]
Rule = Annotated[str, BeforeValidator(_parse_rule), WithJsonSchema({"type": "string", "pattern": f"^{_RULE.pattern}$"})]


class Step(Model):
    """One thing that happens, or is looked at; exactly one of the first thirteen keys says what."""

    met: Id | None = Field(None, examples=["un-lift"])
    breached: Id | None = Field(None, examples=["un-lift"])
    lapsed: Id | None = Field(None, examples=["un-lift"])
    concede: Id | None = Field(None, examples=["delivered"])
    default: Id | None = Field(None, examples=["libya"])
    join: Id | None = Field(None, examples=["lab-south"])
    challenge: Id | None = Field(None, examples=["delivered"])
    ruling: Verdict | None = Field(None, examples=["met"])
    extend: Id | None = Field(None, examples=["delivered"])
    dissolve: Mapping[Id, Shares] | None = Field(None, examples=["{usd: {north: 50%, south: 50%}}"])
    settle: Truth = Field(False, examples=["true"])
    fund: Id | None = Field(None, examples=["libya"])
    """Who pays in what it owes and has not paid yet, because it was to default."""
    expect: Expect | None = Field(None, examples=["{phase: release}"])
    """What must be true then."""
    at: Moment | None = Field(None, examples=["30 days"])
    value: Amount | None = Field(None, examples=["1_000_000"])
    phase: Id | None = Field(None, examples=["release"])
    on: Id | None = Field(None, examples=["payments"])
    by: Ids = Field((), examples=["[registrar, auditor]"])
    """Who says it: verifiers (without: as few as decide), or who contests it."""
    to: Duration | None = Field(None, examples=["60 days"])
    refused: Rule | None = Field(None, examples=["TooLate"])
    """The rule that forbids it, as the contracts call it: nothing else may come of the step."""

    @property
    def verb(self) -> str:
        """Which of the verbs it is: the first that is given."""
        return next((verb for verb in VERBS if getattr(self, verb)), "")


class Scenario(Model):
    """Who does not join as the deal begins, and what happens; what is not said is left to silence.

    `document` is a file beside the scenario's, or a name of the gallery; `start` (Unix seconds) is where relative dates
    begin; `expect` is what must be true when everything has ended.
    """

    title: Line | None = Field(None, examples=["As it happened"])
    document: Line | None = Field(None, examples=["deal.yaml"])

    start: Time | None = Field(None, examples=["2027-01-31"])
    absent: Ids = Field((), examples=["[lab-south]"])
    steps: tuple[Step, ...] = Field((), examples=["[{met: un-lift}]"])
    expect: Expect | None = Field(None, examples=["{state: completed}"])


def scenario_schema() -> dict[str, Any]:
    """The format as JSON Schema, for editors; that a step says one thing is for whoever reads it to check."""
    return schema_of(Scenario, name="scenario", title="A pyledger scenario")


def load_scenario(path: str | Path, deal: Deal) -> Scenario:
    """The scenario in a file, checked by playing it; `DocumentError` says what is wrong, with lines."""
    return loads_scenario(read_file(path), deal, file=str(path))


def loads_scenario(text: str, deal: Deal, *, file: str = "<scenario>") -> Scenario:
    """The scenario in a text; `file` is what errors call it."""

    class Bound(Scenario):
        @model_validator(mode="after")
        def _happens(self) -> Bound:
            problems = tuple(problem for index, step in enumerate(self.steps) for problem in _malformed(index, step))
            problems += tuple(_unknown(self, deal))
            if problems:
                raise Inconsistent(problems)
            try:
                run(deal, self)
            except StepFails as fails:
                at: Location = fails.at if fails.step is None else ("steps", fails.step, *fails.at)
                raise Inconsistent((Problem(at, fails.message, fails.hint),)) from None
            return self

    return Scenario.model_construct(**dict(read_model(Bound, text, file=file)))


def _malformed(index: int, step: Step) -> list[Problem]:
    given = [verb for verb in VERBS if getattr(step, verb)]
    if not given:
        return [Problem(("steps", index), "nothing happens in this step", f"write one of: {', '.join(VERBS)}")]
    if len(given) > 1:
        message = f"`{given[0]}` and `{given[1]}` are both given"
        return [Problem(("steps", index, given[1]), message, "write them as two steps", at_key=True)]
    allowed = {*_WITH.get(step.verb, ()), "at", *VERBS}
    return [
        Problem(("steps", index, name), f"`{name}` says nothing with `{step.verb}`", "leave it out", at_key=True)
        for name in sorted(step.model_fields_set - allowed)
    ]


def _unknown(scenario: Scenario, deal: Deal) -> Iterator[Problem]:
    """What is expected of things that the deal does not have."""
    for at, expect in expectations(scenario):
        yield from (problem._replace(at=(*at, *problem.at)) for problem in problems_of(expect, deal))


def expectations(scenario: Scenario) -> list[tuple[Location, Expect]]:
    """All that is expected, with where it is written: of steps in their order, and then of the end."""
    found: list[tuple[Location, Expect]] = [
        (("steps", index, "expect"), step.expect)
        for index, step in enumerate(scenario.steps)
        if step.expect is not None
    ]
    return [*found, (("expect",), scenario.expect)] if scenario.expect is not None else found


def run(deal: Deal, scenario: Scenario) -> Stage:
    """The stage after all steps, and after silence has decided the rest. Raises `StepFails`."""
    if scenario.start is not None:
        bindings = stand_ins(deal.document).model_copy(update={"start": scenario.start})
        try:
            deal = deal_of(deal.document, bindings)
        except TermsError as error:
            raise StepFails(f"the deal cannot begin then: {error.what}", error.hint, at=("start",)) from None
    stage = Stage(deal, scenario.absent)
    for index, step in enumerate(scenario.steps):
        try:
            stage.step(step)
        except StepFails as fails:
            raise StepFails(fails.message, fails.hint, at=fails.at, step=index) from None
    stage.finish()
    return stage


def parse_that(text: str, deal: Deal) -> Scenario:
    """The scenario of `--that`: `un-lift=met,us-lift=lapsed`, `audit=met@1_000`, `north=default`, `south=absent`.

    Verdicts are taken phase by phase, and in each those first that end nothing; a default comes in the first phase in
    which its party has something to pay, or in the one that `north=default@delivery` names. Raises `UsageError`.
    """
    absent: list[str] = []
    steps: list[tuple[tuple[int, int], Step]] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, word = part.partition("=")
        word, _, detail = (each.strip() for each in word.partition("@"))
        name, verb = name.strip(), {"breach": "breached", "lapse": "lapsed", "conceded": "concede"}.get(word, word)
        if verb == "absent":
            absent.append(name)
            continue
        if not name or verb not in ("met", "breached", "lapsed", "concede", "default"):
            raise UsageError(
                f"--that: `{part}` is not understood",
                hint="write NAME=met, breached, lapsed or concede (NAME=met@VALUE), or PARTY=absent or default "
                "(PARTY=default@PHASE)",
            )
        steps.append((_place(deal, name, verb, detail), _step(name, verb, detail)))
    ordered = [step for _, step in sorted(steps, key=lambda each: each[0])]
    return Scenario(absent=tuple(absent), steps=tuple(ordered))


def _step(name: str, verb: str, detail: str) -> Step:
    given: dict[str, Any] = {verb: name}
    if detail and verb == "default":
        given["phase"] = detail
    elif detail:
        try:
            given["value"] = parse_amount(detail)
        except NotUnderstood as error:
            raise UsageError(f"--that: {name}={verb}@…: {error.message}", hint=error.hint) from None
    return Step.model_validate(given)


_BEFORE_ALL: Final = -1
"""Where a default stands in its phase: who pays in does so before anything else is done."""


def _place(deal: Deal, name: str, verb: str, detail: str) -> tuple[int, int]:
    """The phase that a name is of, and what comes first in it: verdicts that end nothing, a default before them.

    A default is in the phase given with it, or the first in which its party has something to pay by the terms.
    """
    if verb == "default":
        if name not in deal.names.parties:
            raise UsageError(f"--that: `{name}` is no party", hint=did_you_mean(name, deal.names.parties))
        if detail and detail not in deal.names.phases:
            raise UsageError(f"--that: there is no phase `{detail}`", hint=did_you_mean(detail, deal.names.phases))
        first = deal.names.phases.index(detail) if detail else _first_owing(deal, deal.names.parties.index(name))
        return first, _BEFORE_ALL
    for index, names in enumerate(deal.names.obligations):
        if name in names:
            subject = deal.terms.phases[index].obligations[names.index(name)]
            return index, int(subject.material and verb in ("breached", "concede"))
    known = [each for names in deal.names.obligations for each in names]
    raise UsageError(f"--that: there is no obligation `{name}`", hint=did_you_mean(name, known))


def _first_owing(deal: Deal, party: int) -> int:
    """The first phase in which a party has payments to make, or in which its bond is higher than before."""
    for index, phase in enumerate(deal.terms.phases):
        if any(payment.payer == party for payment in phase.payments):
            return index
        if index and level(deal.terms, phase, party) > level(deal.terms, deal.terms.phases[index - 1], party):
            return index
    return min(1, len(deal.terms.phases) - 1)  # nothing, unless a breach leaves its bond short
