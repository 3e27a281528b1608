"""The format as a file for editors."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pyledger.document.schema import dump_schema
from tests.cli.conftest import Program


def test_the_schema_is_printed(program: Program) -> None:
    assert program.ok("schema").out == dump_schema()
    assert program.json("schema") == json.loads(dump_schema())


def test_the_schema_is_written_and_its_use_told(program: Program) -> None:
    out = program.ok("schema", "--output", "format.json").out
    assert Path("format.json").read_text(encoding="utf-8") == dump_schema()
    assert "# yaml-language-server: $schema=format.json" in out
    assert "left as it is" in program.refused("schema", "--output", "format.json", code=2)
    program.ok("schema", "--output", "format.json", "--force")
    assert "cannot be written" in program.refused("schema", "--output", "nowhere/format.json", code=2)


def test_the_line_for_editors_changes_no_document(program: Program) -> None:
    program.ok("new", "deal.yaml")
    before = program.ok("hash", "deal.yaml").out
    text = Path("deal.yaml").read_text(encoding="utf-8")
    Path("deal.yaml").write_text("# yaml-language-server: $schema=format.json\n" + text, encoding="utf-8")
    assert program.ok("hash", "deal.yaml").out == before


def test_the_page_for_editors_says_what_is(program: Program) -> None:
    page = Path(__file__).parents[2] / "docs" / "editors.md"
    blocks = [each.split("\n", 1) for each in page.read_text(encoding="utf-8").split("```")[1::2]]
    (head,) = [text for kind, text in blocks if kind == "yaml"]
    named = re.findall(r"\$schema=(\S+)", head)
    assert [(page.parent / each).read_text(encoding="utf-8") for each in named] == [dump_schema()]
    (command,) = [text for kind, text in blocks if kind == "sh"]
    program.ok("new", "deal.yaml")
    words = command.removeprefix("pyledger ").partition(" > ")[0].split()
    assert json.loads(program.ok(*words).out)["version"] == "2.1.0"
