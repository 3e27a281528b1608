"""A corpus written to hurt its reader: every file ends in words with a line, within 200 MB, and none hangs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.document.hostile.corpus import CORPUS, harmless

READER = Path(__file__).parent / "hostile" / "reader.py"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process with bounded memory said of all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "harmless").write_text(harmless(), encoding="utf-8")
    for name, each in CORPUS.items():
        content = each.content.encode() if isinstance(each.content, str) else each.content
        (folder / name).write_bytes(content)
    files = [str(folder / name) for name in ("harmless", *CORPUS, "harmless")]
    done = subprocess.run(
        [sys.executable, str(READER), *files],
        capture_output=True,
        text=True,
        check=False,
        cwd=READER.parents[3],
        env={"PYTHONPATH": str(READER.parents[3])},
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    read = [each["file"] for each in said]
    assert done.returncode == 0, f"after {read[-1:]}: exit {done.returncode}\n{done.stderr[-2000:]}"
    assert read == ["harmless", *CORPUS, "harmless"]
    return {each["file"]: each["found"] for each in said}


def test_after_all_of_it_a_document_is_read_as_before(answers: dict[str, Any]) -> None:
    digest = answers["harmless"]
    assert len(digest) == 64


@pytest.mark.parametrize("name", CORPUS)
def test_it_ends_in_words_with_the_line(answers: dict[str, Any], name: str) -> None:
    hostile = CORPUS[name]
    findings = answers[name]
    assert findings
    assert all(isinstance(finding, list) for finding in findings), "it was read as a document"
    assert len(findings) <= 101
    fitting = [finding for finding in findings if hostile.words in f"{finding[1]}: {finding[0]} {finding[4]}"]
    assert fitting, findings[:3]
    if hostile.line is not None:
        assert hostile.line in [finding[2] for finding in fitting], fitting[:3]
    assert all(finding[2] for finding in findings[:100]) or "bytes" in findings[0][0]


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_said_is_short_and_does_nothing_to_a_terminal(answers: dict[str, Any], name: str) -> None:
    for message, path, _, _, hint in answers[name]:
        for said in (message, path, hint or ""):
            assert said.isprintable(), said
            assert len(said) <= 1_000, said[:200]
