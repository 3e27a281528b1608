"""Seats at a table, from the command line: created, given, shown and taken as the agreement says."""

from __future__ import annotations

import pytest

from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program

DEAL = "monitored-model-access"
SEATS = (DEAL, "--benefit", "sight")


@pytest.fixture
def access(node: Anvil, program: Program) -> str:
    """In its second phase, in which the host gives the provider sight of its logs."""
    program.ok("open", DEAL, "--again", "--as", "provider", "--accept")
    program.ok("accept", DEAL, "--as", "host")
    council = [
        word for seat in ("host-ministry", "home-agency", "hardware", "cloud", "union") for word in ("--as", seat)
    ]
    for obligation in ("words-agreed", "council-formed", "ratified", "host-secure"):
        program.ok("attest", DEAL, obligation, "met", *council)
    program.ok("chain", "warp", "15 days")
    program.ok("settle", DEAL)
    for party in ("provider", "host"):
        program.ok("fund", DEAL, "--as", party)
    return DEAL


def test_a_seat_is_given_shown_and_taken(access: str, program: Program) -> None:
    before = program.json("seats", "show", *SEATS)
    assert (before["created"], before["parties"][0]["has_seat"], before["parties"][0]["entitled"]) == (
        False,
        False,
        True,
    )
    done = program.json("seats", "update", *SEATS)
    assert done["seats"] == before["seats"], "the address was known before"
    assert [each["words"] for each in done["done"]] == [
        "the seats of `sight` were created",
        "the phase at hand was published",
        "provider was given its seat",
    ]
    assert program.json("seats", "update", *SEATS)["done"] == [], "doing it again changes nothing"
    assert "has a seat" in program.ok("seats", "show", *SEATS).out

    program.ok("concede", DEAL, "access-kept", "--as", "provider")
    seen = program.ok("seats", "show", *SEATS).out
    assert "no seat" in seen
    assert "access-kept is breached" in seen
    done = program.json("seats", "update", *SEATS)
    assert [each["words"] for each in done["done"]] == ["the seat of provider was taken away"]
    assert program.json("seats", "update", *SEATS)["done"] == []


def test_seats_are_not_given_before_their_time(access: str, program: Program) -> None:
    done = program.json("seats", "update", DEAL, "--benefit", "hosted-model")
    assert [each["words"] for each in done["done"]] == ["the seats of `hosted-model` were created"]
    assert done["parties"][0]["why"] == "phase hosting has not opened"


def test_seats_of_nothing(access: str, program: Program) -> None:
    assert "did you mean `sight`?" in program.refused("seats", "show", DEAL, "--benefit", "sigth", code=2)
