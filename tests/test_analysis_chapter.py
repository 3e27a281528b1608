"""Every command of the chapter on the analysis is run, and says what is shown; its pictures are the program's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pyledger.cli.app import run

DOCS = Path(__file__).parents[1] / "docs"
CHAPTER = (DOCS / "analysis.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXITS = re.compile(r"\s+# exits with (\d)$")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


@pytest.fixture
def reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYLEDGER_HOME", str(folder / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return folder


def test_every_command_runs_and_says_what_is_shown(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said, kinds = "", set()
    for language, text in FENCE.findall(CHAPTER):
        kinds.add(language)
        if language == "sh":
            said = "".join(output(line, capsys) for line in text.splitlines())
        elif language == "text":
            shown = said.splitlines()
            for line in text.splitlines():
                assert line.strip() in (each.strip() for each in shown), f"nothing said: {line}"
        else:
            change(Path("deal.yaml"), text)
    assert kinds == {"sh", "text", "diff"}
    for drawn in Path("pictures").glob("*.svg"):
        kept = DOCS / "pictures" / "analysis" / drawn.name
        assert words(drawn) == words(kept), f"{kept.name} is of another deal"
    assert {path.name for path in Path("pictures").iterdir()} == {
        path.name for path in (DOCS / "pictures" / "analysis").iterdir()
    }


def output(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    wanted = EXITS.search(line)
    plain = EXITS.sub("", line)
    assert plain.startswith("pyledger ")
    capsys.readouterr()
    assert run(shlex.split(plain)[1:]) == int(wanted[1] if wanted else 0), line
    return capsys.readouterr().out


def change(path: Path, diff: str) -> None:
    """Replace each line that is taken out by the one that follows it."""
    text = path.read_text(encoding="utf-8")
    lines = diff.splitlines()
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert (old[0], new[0]) == ("-", "+")
        assert text.count(f"{old[1:]}\n") == 1
        text = text.replace(old[1:], new[1:])
    path.write_text(text, encoding="utf-8")


def words(picture: Path) -> list[str]:
    return list(_texts(ET.parse(picture).getroot()))


def _texts(root: ET.Element) -> Iterator[str]:
    return (text for element in root.iter() if (text := (element.text or "").strip()))


def test_every_picture_is_shown_and_described() -> None:
    shown = {path: alt for alt, path in re.findall(r"!\[([^]]*)\]\(([^)]*)\)", CHAPTER)}
    assert {Path(path).name for path in shown} == {path.name for path in (DOCS / "pictures" / "analysis").iterdir()}
    assert all(len(alt) > 30 for alt in shown.values())
    assert all((DOCS / path).is_file() for path in shown)
