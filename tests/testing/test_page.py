"""Every example of the page on testing runs, and it says all there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import pyledger.testing
from pyledger.chain.named import NamedAgreement
from pyledger.cli.app import run as run_program
from pyledger.testing.isolation import FIXTURES
from tests.testing.conftest import Run

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
WITHIN = {"now", "obligation", "verdict_of", "value_of", "units", "smallest", "balances"}
"""What a deal has for those who extend it."""


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda source: re.findall(r"def (test_\w+)", source)[0])
def test_example_of_the_page_passes(run: Run, source: str) -> None:
    run(source).assert_outcomes(passed=len(re.findall(r"^def test_", source, re.MULTILINE)))


def test_scenario_of_the_page_can_be_played_and_looked_at_without_a_chain(
    project: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    (printed,) = re.findall(r"```text\n-.*?-\n(.*?)```", PAGE, re.DOTALL)
    (project.path / "failed.yaml").write_text(printed, encoding="utf-8")
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    played, looked_at = (line.removeprefix("pyledger ").split() for line in commands.splitlines())
    assert run_program(played) == 0
    assert "1 passed" in capsys.readouterr().out
    assert run_program(looked_at) == 0
    assert "default" in capsys.readouterr().out


def test_page_names_every_fixture_assertion_and_verb() -> None:
    assertions = {name for name in pyledger.testing.__all__ if name.islower()}
    verbs = {name for name, _ in inspect.getmembers(NamedAgreement, inspect.isfunction) if not name.startswith("_")}
    assert {each for each in (FIXTURES | assertions | verbs) - WITHIN if not re.search(rf"\b{each}\b", PAGE)} == set()
