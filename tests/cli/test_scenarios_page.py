"""The page on scenarios: its example passes, its commands run, and it names all there is."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from pyledger.analysis.expectation import Expect
from pyledger.analysis.scenario import VERBS, Scenario, Step, scenario_schema
from pyledger.document import gallery
from pyledger.document.schema import dump_schema
from pyledger.document.tree import read_tree
from tests.cli.conftest import Program

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "scenarios.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def test_the_example_passes_and_every_command_runs(program: Program, node: object) -> None:
    Path("blocked.yaml").write_text(EXAMPLE, encoding="utf-8")
    new, played, matrix, record = (line.split()[1:] for line in COMMANDS)
    program.ok(*new)
    assert "1 passed" in program.ok(*played).out
    assert "in each, money is conserved" in program.ok(*matrix).out
    program.ok("open", "deal.yaml")
    for party in ("city", "builder"):
        program.ok("accept", "deal.yaml", "--as", party)
    assert "recorded.yaml" in program.ok(*record).out
    assert "all is as expected" in program.ok("whatif", "deal.yaml", "--scenario", "blocked.yaml").out


def test_the_page_names_every_key() -> None:
    keys = {*Scenario.model_fields, *Step.model_fields, *Expect.model_fields, *VERBS}
    assert {each for each in keys if not re.search(rf"\b{each}\b", PAGE)} == set()


def test_the_published_schema_is_fresh() -> None:
    fresh = "make it anew: pyledger schema --scenario --force --output docs/scenario.schema.json"
    assert (DOCS / "scenario.schema.json").read_text(encoding="utf-8") == dump_schema(scenario_schema()), fresh


def plain(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
    return value


@pytest.mark.parametrize("name", ["", *gallery.scenarios()])
def test_the_schema_takes_what_is_read(name: str) -> None:
    text = gallery.read_scenario(name) if name else EXAMPLE
    Draft202012Validator(scenario_schema()).validate(plain(read_tree(text, name)[0].plain()))


@pytest.mark.parametrize("wrong", [{"steps": [{"mett": "a"}]}, {"expect": {"state": "over"}}, {"steps": {}}])
def test_the_schema_fails_typical_mistakes(wrong: dict[str, Any]) -> None:
    assert list(Draft202012Validator(scenario_schema()).iter_errors(wrong))


def test_the_schema_is_printed(program: Program) -> None:
    assert json.loads(program.ok("schema", "--scenario").out) == scenario_schema()
