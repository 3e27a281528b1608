"""A proxy before the node alters what it answers; the observer is told that something does not fit."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pyledger.chain.abi import agreement_abi, court_abi
from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program

STATE = "0x" + agreement_abi().encode("state").hex()
FOREST = "forest-guyana-norway"

Lie = Callable[[dict[str, Any], Any], Any]
"""What the proxy makes of one question and its true answer."""


@contextmanager
def lying(url: str, lie: Lie) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as response:
                answers = json.loads(response.read())
            asked = json.loads(body)
            questions = {each["id"]: each for each in (asked if isinstance(asked, list) else [asked])}
            for answer in answers if isinstance(answers, list) else [answers]:
                if "result" in answer:
                    answer["result"] = lie(questions[answer["id"]], answer["result"])
            said = json.dumps(answers).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def altered_state(word: int, value: int) -> Lie:
    def lie(question: dict[str, Any], answer: Any) -> Any:
        if question["method"] != "eth_call" or STATE not in question["params"][0].values():
            return answer
        start = 2 + 64 * word
        return answer[:start] + f"{value:064x}" + answer[start + 64 :]

    return lie


def altered_answer(function: str, word: int, value: int, *arguments: object) -> Lie:
    """Another word in what a view answers."""
    asked = "0x" + agreement_abi().encode(function, *arguments).hex()

    def lie(question: dict[str, Any], answer: Any) -> Any:
        if question["method"] != "eth_call" or asked not in question["params"][0].values():
            return answer
        start = 2 + 64 * word
        return answer[:start] + f"{value:064x}" + answer[start + 64 :]

    return lie


def dispute_of_another_obligation(question: dict[str, Any], answer: Any) -> Any:
    """Every event of a dispute, and of a verdict, is made to be about an obligation that there is not."""
    if question["method"] != "eth_getLogs":
        return answer
    far = f"0x{200:064x}"
    return [
        each | {"topics": [*each["topics"][:2], far, *each["topics"][3:]]} if len(each["topics"]) > 2 else each
        for each in answer
    ]


def other_code(question: dict[str, Any], answer: Any) -> Any:
    return "0x6001" if question["method"] == "eth_getCode" and len(answer) == 2 + 2 * 77 else answer


def last_event_kept_back(question: dict[str, Any], answer: Any) -> Any:
    return answer[:-1] if question["method"] == "eth_getLogs" and len(answer) > 1 else answer


LIES: dict[str, Lie] = {
    "completed": altered_state(0, 2),
    "opened far away": altered_state(5, 2**40 - 1),
    "dissolved": altered_state(0, 6),
    "a verdict": altered_state(7, 2),
    "nothing funded": altered_state(8, 0),
    "other code": other_code,
    "an event kept back": last_event_kept_back,
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_status_warns(funded: str, program: Program, node: Anvil, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    address = program.json("address", funded)["address"]
    assert program.json("status", funded, "--at", address)["warnings"] == []
    with lying(node.url, LIES[name]) as url:
        monkeypatch.setenv("PYLEDGER_RPC_URL", url)
        warnings = program.json("status", funded, "--at", address)["warnings"]
        assert any("contradicts itself" in each or "clone that commits" in each for each in warnings)
        assert "!" in program.ok("status", funded, "--at", address).out


@pytest.mark.parametrize(("word", "value"), [(1, 7), (3, 255), (8, 255)])
def test_a_state_that_cannot_be_is_nonsense(
    funded: str, program: Program, node: Anvil, monkeypatch: pytest.MonkeyPatch, word: int, value: int
) -> None:
    with lying(node.url, altered_state(word, value)) as url:
        monkeypatch.setenv("PYLEDGER_RPC_URL", url)
        assert "nonsense" in program.refused("status", funded, code=3)


DISPUTED_LIES: dict[str, Lie] = {
    "never contested": altered_answer("contest", 1, 0, 0, 0),
    "ruled already": altered_answer("contest", 2, 1_900_000_000, 0, 0),
    "another value": altered_answer("attested", 0, 219, 0, 0),
    "an obligation that is not": dispute_of_another_obligation,
    "an event kept back": last_event_kept_back,
}


@pytest.fixture
def disputed(node: Anvil, program: Program) -> str:
    """The forest agreement, whose first verdict is before the court."""
    program.ok("open", FOREST, "--again", "--as", "norway", "--accept")
    program.ok("accept", FOREST, "--as", "guyana")
    program.ok("attest", FOREST, "loss-2012", "met", "--value", "0.176", "--as", "surveyor", "--as", "auditor")
    program.ok("challenge", FOREST, "loss-2012", "--as", "villages", "--max-fee", "1")
    return FOREST


@pytest.mark.parametrize("name", sorted(DISPUTED_LIES))
def test_a_lie_about_a_dispute_is_noticed(
    disputed: str, program: Program, node: Anvil, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with lying(node.url, DISPUTED_LIES[name]) as url:
        monkeypatch.setenv("PYLEDGER_RPC_URL", url)
        warnings = program.json("status", disputed)["warnings"]
        assert any("contradicts itself" in each for each in warnings), warnings
        program.ok("status", disputed)
        program.ok("history", disputed)
        program.ok("court", "show", disputed)


def test_a_party_that_is_said_to_join(node: Anvil, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.ok("open", "windfall-coalition", "--again", "--as", "lab-east", "--accept")
    for joining in (0b100, 0xFFF8):
        with lying(node.url, altered_answer("joining", 0, joining)) as url:
            monkeypatch.setenv("PYLEDGER_RPC_URL", url)
            said = program("status", "windfall-coalition", "--json")
            assert "contradicts itself" in said.out or "nonsense" in said.out
            assert said.code in {0, 3}


def test_a_court_that_says_nothing(
    disputed: str, program: Program, node: Anvil, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(question: dict[str, Any], answer: Any) -> Any:
        asked = json.dumps(question["params"])
        return "0x" if court_abi().encode("arbitrationCost", b"").hex()[:8] in asked else answer

    with lying(node.url, silent) as url:
        monkeypatch.setenv("PYLEDGER_RPC_URL", url)
        assert program.json("status", disputed)["court"]["fee"] is None
