"""The commands around a gateway: asking as a holder, reading the record, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.gateway.audit import AuditLog
from tests.cli.conftest import Program

DEAL = "monitored-model-access"
GATEWAY = ("gateway", DEAL, "--upstream", "http://127.0.0.1:1", "--log", "log.jsonl")
REQUEST = ("request", DEAL, "http://127.0.0.1:1/ask")


@pytest.fixture
def access(node: Anvil, program: Program) -> str:
    """Opened, and not yet in force."""
    program.ok("open", DEAL, "--again", "--as", "provider", "--accept")
    return DEAL


@pytest.fixture
def record(home: Path) -> Path:
    """What a gateway may have written down."""
    log = AuditLog(Path("log.jsonl"))
    log.write("started", {"at": 1.5, "benefit": "api", "origin": "http://x", "upstream": "http://y"})
    log.write("gained", {"at": 2.5, "holder": "host", "block": 7, "why": "phase access is at hand"})
    log.write("admitted", {"at": 3.5, "id": "1", "holder": "host", "block": 7})
    log.write("tally", {"at": 4.5, "admitted": 1, "answered": 1, "replayed": 12})
    log.close()
    return Path("log.jsonl")


def test_requests_are_counted_also_where_a_gateway_was_broken_off_or_is_still_running(
    record: Path, program: Program
) -> None:
    log = AuditLog(record)
    for number in (2, 3):
        log.write("admitted", {"at": 5.5, "id": str(number), "holder": "host", "block": 7})
    log.write("answered", {"at": 5.6, "id": "2", "status": 200, "whole": True})
    log.write("turned", {"at": 5.7, "reason": "replayed", "holder": "host"})
    log.write("started", {"at": 9.5, "benefit": "api", "origin": "http://x", "upstream": "http://y"})
    log.write("admitted", {"at": 10.5, "id": "1", "holder": "host", "block": 9})
    log.close()
    assert program.json("audit", str(record))["counts"] == {"admitted": 4, "answered": 2, "replayed": 13}


def test_of_many_bad_lines_the_first_are_told(home: Path, program: Program) -> None:
    Path("log.jsonl").write_text("no record\n" * 400, encoding="utf-8")
    said = program("audit", "log.jsonl")
    assert said.code == 1
    assert said.out.count("it is no JSON") == 10
    assert "and 390 lines more, which --json lists" in said.out
    assert len(program("audit", "log.jsonl", "--json").json["problems"]) == 400


def test_a_record_is_summed_up(record: Path, program: Program) -> None:
    said = program.json("audit", str(record))
    assert (said["lines"], said["holds"], said["problems"]) == (4, True, [])
    assert said["counts"] == {"admitted": 1, "answered": 1, "replayed": 12}
    assert [each["event"] for each in said["events"]] == ["started", "gained"]
    seen = program.ok("audit", str(record)).out
    assert "host (block 7): phase access is at hand" in seen
    assert "every line follows from the one before" in seen


def test_a_record_that_was_changed_is_told_line_by_line(record: Path, program: Program) -> None:
    record.write_text(record.read_text().replace('"block":7,"why"', '"block":8,"why"'))
    said = program("audit", str(record))
    assert said.code == 1
    assert "line 3: it does not follow from the line before" in said.out
    assert program("audit", str(record), "--json").json["holds"] is False


def test_a_record_whose_end_was_cut_off_lacks_the_line_that_was_told(record: Path, program: Program) -> None:
    lines = record.read_text().splitlines(keepends=True)
    told = json.loads(lines[-1])["prev"]
    assert program.ok("audit", str(record), "--last", told).code == 0
    record.write_text("".join(lines[:2]))
    said = program("audit", str(record), "--last", told)
    assert said.code == 1
    assert "its end was cut off" in said.out


def test_a_record_may_hold_anything_at_all(home: Path, program: Program) -> None:
    log = AuditLog(Path("log.jsonl"))
    log.write("gained", {"at": "soon", "holder": "\x1b[31m\u202ehost", "why": ["[bold]"]})
    log.write("tally", {"admitted": "many", "cut": 2})
    log.close()
    with Path("log.jsonl").open("ab") as file:
        file.write(b'[1]\n\xff\xfe\n{"n":true,"prev":1}\n')
    said = program("audit", "log.jsonl")
    assert said.code == 1
    assert "\x1b[31m" not in said.out
    assert "\u202e" not in said.out
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--benefit", "apy"), "the document gives no benefit `apy`"),
        (("--benefit", "api", "--listen", "8642"), "is no HOST:PORT"),
        (("--benefit", "api", "--listen", "127.0.0.1:99999"), "is no HOST:PORT"),
        (("--benefit", "api", "--listen", "192.0.2.1:1"), "cannot listen on 192.0.2.1:1"),
        (("--benefit", "api", "--upstream", "ftp://x", "--sink", "keeper"), "is no http or https address"),
        (("--benefit", "api", "--upstream", "http://x/?a=1", "--sink", "keeper"), "has a query"),
        (("--benefit", "api", "--upstream", "http://u:secret@x", "--sink", "keeper"), "which are not passed on"),
        (("--benefit", "api"), "monitored in real time"),
    ],
)
def test_a_gateway_that_cannot_be_says_why(access: str, program: Program, options: tuple[str, ...], says: str) -> None:
    words = [*GATEWAY, *(() if "--listen" in options else ("--listen", "127.0.0.1:0"))]
    assert says in program.refused(*words, *options, code=2)
    assert not Path("log.jsonl").exists()


def test_a_record_in_which_nothing_is_holds_nothing(program: Program) -> None:
    Path("log.jsonl").write_text("", encoding="utf-8")
    assert "it is empty: no gateway has written into it" in program.ok("audit", "log.jsonl").out


def test_a_gateway_needs_the_document(
    access: str, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at = program.json("address", DEAL)["address"]
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "somebody else"))
    said = program.refused("gateway", at, "--benefit", "api", "--upstream", "http://x", "--log", "log.jsonl", code=2)
    assert "the document is not at hand" in said


def test_a_request_is_signed_for_another_program_to_send(access: str, program: Program) -> None:
    said = program.json(*REQUEST, "--benefit", "api", "--as", "host", "--dry-run", "-d", "why?")
    assert said["method"] == "POST"
    assert set(said["headers"]) == {
        f"Pyledger-{name}" for name in ("Holder", "Body", "Issued", "Expires", "Nonce", "Signature")
    }
    other = program.json(*REQUEST, "--benefit", "api", "--as", "host", "--dry-run", "-d", "why?")
    assert other["headers"]["Pyledger-Nonce"] != said["headers"]["Pyledger-Nonce"]


@pytest.mark.parametrize(
    ("options", "says", "code"),
    [
        (("--benefit", "apy", "--as", "host"), "did you mean `api`?", 2),
        (("--benefit", "api", "--as", "provider"), "`api` is not for provider", 2),
        (("--benefit", "api", "--as", "host", "-H", "nonsense"), "is no header", 2),
        (("--benefit", "api", "--as", "host", "-d", "@missing"), "cannot be read", 2),
        (("--benefit", "api", "--as", "host"), "nothing answers at http://127.0.0.1:1/ask", 3),
    ],
)
def test_a_request_that_cannot_be_made_says_why(
    access: str, program: Program, options: tuple[str, ...], says: str, code: int
) -> None:
    assert says in program.refused(*REQUEST, *options, code=code)
