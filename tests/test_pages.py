"""Pages of the site that are walked through: every command is run, every file saved, and what is shown is said."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.cli.app import run
from tests.walkthrough import ROOT, empty_folder, run_line

PAGES = (
    "docs/index.md",
    "docs/install.md",
    "docs/tutorials/negotiator.md",
    "docs/tutorials/observer.md",
    "docs/tutorials/tests.md",
)
ELSEWHERE = {
    "docs/access.md": "tests/gateway/test_access_page.py",
    "docs/analysis.md": "tests/test_analysis_chapter.py",
    "docs/ballots.md": "tests/test_ballots_page.py",
    "docs/books.md": "tests/test_books_page.py",
    "docs/confidential.md": "tests/cli/test_confidential.py",
    "docs/editors.md": "tests/cli/test_publishing.py",
    "docs/hearing.md": "tests/cli/test_hearing.py",
    "docs/panels.md": "tests/cli/test_forming.py",
    "docs/pledges.md": "tests/cli/test_pledging.py",
    "docs/scenarios.md": "tests/cli/test_scenarios_page.py",
    "docs/testing.md": "tests/testing/test_page.py",
    "README.md": "tests/test_readme.py",
}
"""Page → the test that runs its commands."""

NOT_RUN = {"docs/deployment.md": "its commands are for a server, a node and a data base of the reader's own"}

BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
EXITS = re.compile(r"  # exits with (\d)$")
TOOLS = ("cp ", "sed ", "mkdir ", "printf ")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_runs_and_says_what_is_shown(
    page: str, reader: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    said = ""
    for language, title, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
        if title:
            (reader / title).write_text(text, encoding="utf-8")
        elif language == "sh":
            said = "".join(typed(line, reader, capsys) for line in text.splitlines())
        elif language == "text" and said:
            shown = {" ".join(line.split()) for line in said.splitlines()}
            for line in text.splitlines():
                assert " ".join(line.split()) in shown, f"nothing said: {line}"


def typed(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    if line.startswith(TOOLS):
        subprocess.run(["sh", "-c", line], check=True, cwd=folder)
        return ""
    if line.startswith("pytest "):
        words = [sys.executable, "-m", *shlex.split(line), "-p", "no:cacheprovider"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode == 0, done.stdout
        return done.stdout
    if found := EXITS.search(line):
        capsys.readouterr()
        assert run(shlex.split(line, comments=True)[1:]) == int(found[1])
        return capsys.readouterr().out
    command, _, file = line.partition(" > ")
    printed = run_line(command, capsys)
    if file:
        (folder / file).write_text(printed, encoding="utf-8")
    return printed


def test_every_page_with_commands_is_run_by_a_test() -> None:
    with_commands = {
        str(path.relative_to(ROOT))
        for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        if re.search(r"^```sh$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert with_commands <= {*PAGES, *ELSEWHERE, *NOT_RUN}
    for page, test in ELSEWHERE.items():
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "SECURITY.md"])
def test_pages_outside_the_site_link_to_what_is_there(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [each for each in links if not (ROOT / each).exists()] == []
