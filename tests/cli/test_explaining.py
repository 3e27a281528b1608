"""`pyledger explain`: on the screen, into files, as JSON; nothing is overwritten, and no PDF goes to a terminal."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Program


def test_the_words_are_on_the_screen_and_keep_to_its_width(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = program.ok("explain", "lockerbie-2003").out
    assert "Libya pays 1,080,000,000 USDX into escrow within 14" in out
    assert max(map(len, out.splitlines())) <= 80


def test_json_is_one_tree(program: Program) -> None:
    found = program.json("explain", "lockerbie-2003")
    assert found["document"] == "lockerbie-2003"
    assert {section["name"] for section in found["explanation"]["sections"]} >= {"what", "phases", "ending"}


@pytest.mark.parametrize(
    ("name", "begins"),
    [("deal.md", b"# "), ("deal.html", b"<!DOCTYPE html>"), ("deal.pdf", b"%PDF-"), ("deal", b"Pan Am")],
)
def test_the_ending_of_the_file_says_how_it_is_set(program: Program, name: str, begins: bytes) -> None:
    assert f"wrote the explanation to {name}" in program.ok("explain", "lockerbie-2003", "--output", name).out
    assert Path(name).read_bytes().startswith(begins)


@pytest.mark.parametrize("command", ["explain", "analyze"])
def test_an_ending_that_nothing_is_written_as_is_refused(program: Program, command: str) -> None:
    """A file that a word processor cannot open would be no explanation."""
    assert ".md, .html, .htm, .pdf" in program.refused(command, "starter", "--output", "deal.docx", code=2)
    assert not Path("deal.docx").exists()


def test_a_format_that_is_given_needs_no_ending(program: Program) -> None:
    program.ok("explain", "starter", "--output", "deal.v2", "--format", "markdown")
    assert Path("deal.v2").read_bytes().startswith(b"# ")


def test_the_picture_comes_by_itself(program: Program) -> None:
    assert "wrote the picture to phases.svg" in program.ok("explain", "starter", "--picture", "phases.svg").out
    assert ET.parse("phases.svg").getroot().tag.endswith("}svg")


@pytest.mark.parametrize("command", ["explain", "whatif"])
def test_a_picture_is_not_called_what_it_is_not(program: Program, command: str) -> None:
    assert "end its name in .svg" in program.refused(command, "starter", "--picture", "phases.png", code=2)
    assert not Path("phases.png").exists()


def test_nothing_is_overwritten_unless_forced(program: Program) -> None:
    for option in ("--output", "--picture"):
        place = Path(f"there{option}")
        place.write_text("mine", encoding="utf-8")
        assert "is there already" in program.refused("explain", "starter", option, str(place), code=2)
        assert place.read_text(encoding="utf-8") == "mine"
        program.ok("explain", "starter", option, str(place), "--force")
        assert place.read_text(encoding="utf-8") != "mine"


def test_two_things_cannot_go_into_one_file(program: Program) -> None:
    said = program.refused("explain", "starter", "--output", "a.svg", "--picture", "a.svg", code=2)
    assert "name two files" in said
    assert not Path("a.svg").exists()


def test_a_place_that_cannot_be_written_is_said(program: Program) -> None:
    assert "choose another place" in program.refused("explain", "starter", "--output", "no/such/folder.txt", code=2)


def test_no_pdf_goes_to_a_terminal(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "--output FILE.pdf" in program.refused("explain", "starter", "--format", "pdf", code=2)


def test_without_typst_it_says_what_to_install(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    said = program.refused("explain", "starter", "--output", "deal.pdf", code=5)
    assert "pyledger[paper]" in said
    assert not Path("deal.pdf").exists()


def test_a_document_that_does_not_read_is_refused_as_everywhere(program: Program) -> None:
    Path("deal.yaml").write_text("pyledger: 1\n", encoding="utf-8")
    assert "deal.yaml" in program.refused("explain", "deal.yaml")
