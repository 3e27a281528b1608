"""The wheel as its users have it: in an environment of its own, on each Python it promises, with no checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import pyledger
from pyledger.chain.anvil import find_anvil
from tests.pythons import FOUND, PROMISED

ROOT = Path(__file__).parents[1]
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or "uv"
LACKING = {
    "analysis": ("analyze", "windfall-pledge"),
    "paper": ("explain", "starter", "--output", "deal.pdf"),
    "parquet": ("export", "--format", "parquet", "--output", "books.parquet"),
    "postgresql": ("list", "--store", "postgresql://localhost/books"),
    "serve": ("serve", "--port", "0"),
}
"""What somebody types who has not installed an extra."""


class Installation(NamedTuple):
    """An environment with nothing but the wheel, and somebody's folder."""

    venv: Path
    folder: Path
    anvil: bool

    def run(self, *words: str | Path, code: int = 0) -> str:
        """What a program of the environment says, which has to end with the code."""
        plain = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "PYLED"))
        }
        plain |= {"PYLEDGER_HOME": str(self.folder / "home"), "TZ": "UTC", "COLUMNS": "100"}
        if self.anvil:
            plain["PYLEDGER_ANVIL"] = str(find_anvil())
        program, *rest = map(str, words)
        done = subprocess.run(
            [str(self.venv / "bin" / program), *rest],
            cwd=self.folder,
            env=plain,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module", params=FOUND)
def installed(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    place = tmp_path_factory.mktemp("clean")
    venv, folder = place / "venv", place / "work"
    folder.mkdir()
    pins = ["-c", str(ROOT / "requirements" / "dev.txt")]
    for command in (
        ["venv", "--quiet", "--python", FOUND[request.param], str(venv)],
        ["pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), *pins, str(wheel)],
    ):
        subprocess.run([UV, *command], cwd=place, check=True)
    # On one of them Anvil is fetched, as it is for somebody new.
    made = Installation(venv, folder, anvil=request.param != PROMISED[0])
    yield made
    made.run("pyledger", "chain", "stop")


def test_the_oldest_python_is_tested_wherever_this_runs() -> None:
    assert PROMISED[0] in FOUND
    promised = f'requires-python = ">={PROMISED[0]}"'
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert promised in text
    assert [f"Python :: {version}" in text for version in PROMISED] == [True] * len(PROMISED)


@pytest.mark.slow
def test_it_is_the_installed_package_that_answers(installed: Installation) -> None:
    where = installed.run("python", "-c", "import pyledger; print(pyledger.__file__)")
    assert "site-packages" in where
    assert installed.run("pyledger", "--version") == f"pyledger {pyledger.__version__}\n"
    assert installed.run("python", "-m", "pyledger", "--version") == f"pyledger {pyledger.__version__}\n"
    assert (installed.venv / "share" / "man" / "man1" / "pyledger.1").is_file()


@pytest.mark.slow
def test_documents_are_checked_and_explained(installed: Installation) -> None:
    assert "no errors" in installed.run("pyledger", "check", "starter")
    assert "The builder" in installed.run("pyledger", "explain", "starter")
    installed.run("pyledger", "explain", "starter", "--output", "deal.html", "--picture", "phases.svg")
    assert "starter" in installed.run("pyledger", "examples")


@pytest.mark.slow
def test_the_demonstration_is_exact(installed: Installation) -> None:
    said = installed.run("pyledger", "demo")
    assert "All closing balances are exact" in said
    assert ("fetching Anvil" in said) is not installed.anvil


@pytest.mark.slow
def test_a_deal_is_opened_on_a_chain_of_its_own(installed: Installation) -> None:
    installed.run("pyledger", "new", "deal.yaml")
    installed.run("pyledger", "chain", "start", "--port", "0")
    installed.run("pyledger", "open", "deal.yaml", "--as", "city", "--accept")
    assert json.loads(installed.run("pyledger", "status", "deal.yaml", "--json"))["state"] == "open"
    installed.run("pyledger", "chain", "stop")


@pytest.mark.slow
@pytest.mark.parametrize("extra", LACKING)
def test_an_extra_that_is_not_there_is_named(installed: Installation, extra: str) -> None:
    said = installed.run("pyledger", *LACKING[extra], code=5)
    assert "next:" in said
    assert f"pyledger[{extra}]" in said
