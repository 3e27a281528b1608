"""Ballots from the command line: what is refused, what doing again changes, and where a vote is never to be seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from pyledger.chain.anvil import Anvil, rpc
from pyledger.chain.keys import dev_signer
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import load_bindings
from pyledger.terms.poseidon import FIELD
from tests.cli.conftest import Program, PutCode
from tests.walkthrough import blocks

DEAL = "grant.yaml"
SUBJECT = (DEAL, "report-sound")
TIMES = ("--from", "30 days", "--commit-for", "7 days", "--reveal-for", "3 days")
VOTERS = ("--voter", "peer-1", "--voter", "peer-2", "--voter", "peer-3", "--voter", "mine")
DEPLOY = ("ballot", "deploy", DEAL, "peers", *VOTERS, *TIMES)
DEPOSIT = ("--deposit", "0.05", "--forfeit-to", "archive")
VOTE = "met 71.5"


@pytest.fixture
def grant(node: Anvil, program: Program, monkeypatch: pytest.MonkeyPatch) -> str:
    """The document of docs/ballots.md, and a key with a passphrase."""
    (text,) = (block.text for block in blocks("docs/ballots.md") if block.language == "yaml")
    Path(DEAL).write_text(text, encoding="utf-8")
    Path("vote.txt").write_text(VOTE, encoding="utf-8")
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "long enough")
    program.ok("keys", "new", "mine")
    return DEAL


@pytest.fixture
def in_force(grant: str, program: Program) -> str:
    """The same with its ballot, in force."""
    program.ok(*DEPLOY, *DEPOSIT)
    program.ok("open", grant, "--bindings", "grant.bindings.yaml", "--as", "fund", "--accept")
    program.ok("accept", grant, "--as", "lab")
    program.ok("fund", grant, "--as", "fund")
    return grant


def commit(role: str, file: str = "vote.txt") -> tuple[str, ...]:
    return ("ballot", "commit", *SUBJECT, "--as", role, "--ballot", file)


def reveal(role: str) -> tuple[str, ...]:
    return ("ballot", "reveal", *SUBJECT, "--as", role)


def test_a_round_with_keys_of_ones_own_and_doing_again(in_force: str, program: Program, home: Path) -> None:
    program.ok("ballot", "open", *SUBJECT)
    assert "is open already" in program.json("ballot", "open", *SUBJECT)["already"][0]
    program.ok("chain", "warp", "30 days")
    written = [program.ok(*commit("mine")).out]
    again = program.json(*commit("mine"))
    assert again["transactions"] == []
    assert "cannot be changed" in again["already"][0]
    Path("other.txt").write_text("breached", encoding="utf-8")
    assert "mine has committed another ballot" in program.refused(*commit("mine", "other.txt"))
    written += [program.ok(*commit(role)).out for role in ("peer-1", "peer-2")]
    program.ok("chain", "warp", "7 days")
    assert not any("71.5" in each for each in written), "what was voted is not printed"
    assert "mine votes that report-sound is met, value 71.5 points of 100" in program.ok(*reveal("mine")).out
    assert "was revealed before" in program.json(*reveal("mine"))["already"][0]
    for role in ("peer-1", "peer-2"):
        program.ok(*reveal(role))
    (told,) = program.json("status", DEAL)["ballots"]
    assert (told["seat"], told["rounds"][0]["committed"], told["rounds"][0]["revealed"]) == ("peers", 3, 3)
    assert "3 of 3 revealed; to be counted" in program.ok("status", DEAL).out
    assert "3 of 3 found that report-sound is met" in program.ok("ballot", "tally", *SUBJECT).out, "all have revealed"
    again = program.json("ballot", "tally", *SUBJECT)
    assert again["already"] == ["the votes on report-sound were counted before", "peers has attested that already"]
    assert "0.05 ether returned to mine" in program.ok("ballot", "withdraw", *SUBJECT, "--as", "mine").out
    assert "has its deposit back" in program.json("ballot", "withdraw", *SUBJECT, "--as", "mine")["already"][0]
    program.ok("chain", "warp", "4 days")
    assert "no ballot on report-sound is left" in program.json("ballot", "forfeit", *SUBJECT)["already"][0]


def test_a_vote_is_kept_sealed_by_the_passphrase_of_its_key(
    in_force: str, program: Program, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.ok("ballot", "open", *SUBJECT)
    program.ok("chain", "warp", "30 days")
    program.ok(*commit("mine"))
    program.ok("chain", "warp", "7 days")
    (file,) = (home / "keys" / "ballots").glob("*.json")
    assert "scrypt" in file.read_text(encoding="utf-8")
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "something else")
    assert "does not open" in program.refused(*reveal("mine"), code=1)
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "long enough")
    file.rename(file.with_suffix(".away"))
    assert "no ballot of mine on `report-sound` was committed from here" in program.refused(*reveal("mine"))
    file.with_suffix(".away").rename(file)
    program.ok(*reveal("mine"))


def test_it_is_said_when_it_is_not_the_time(in_force: str, program: Program) -> None:
    assert "this round has not been opened" in program.refused("ballot", "tally", *SUBJECT)
    program.ok("ballot", "open", *SUBJECT)
    assert "it is too early: ballots can be committed from" in program.refused(*commit("peer-1"))
    assert "too early" in program.refused("ballot", "tally", *SUBJECT)
    program.ok("chain", "warp", "38 days")
    assert "it is too late: ballots can be committed from" in program.refused(*commit("peer-1"))
    assert "voted on report-sound, and nothing is found" in program.ok("ballot", "tally", *SUBJECT).out
    assert "nothing was found" in program.refused("ballot", "tally", *SUBJECT, "--output", "said.json", code=2)
    early = program.refused("ballot", "withdraw", *SUBJECT, "--as", "peer-1")
    assert "no ballot of peer-1 on `report-sound` has been revealed" in early


def test_a_vote_that_comes_too_early_sends_nothing(in_force: str, program: Program) -> None:
    assert "it is too early" in program.refused(*commit("peer-1"))
    (told,) = program.json("status", DEAL)["ballots"]
    assert not told["rounds"][0]["open"], "the round is not opened for a vote that cannot be taken"
    program.ok("chain", "warp", "30 days")
    assert len(program.json(*commit("peer-1"))["transactions"]) == 2, "it is opened and the vote committed"


def test_what_is_relayed_for_a_voter_is_read_by_its_owner_alone_until_it_is_sent(
    in_force: str, program: Program
) -> None:
    program.ok("chain", "warp", "30 days")
    program.ok(*commit("peer-1"))
    program.ok("chain", "warp", "7 days")
    Path("paper.json").touch(mode=0o644)
    program.ok(*reveal("peer-1"), "--output", "paper.json")
    assert Path("paper.json").stat().st_mode & 0o777 == 0o600
    assert "cannot be written" in program.refused(*reveal("peer-1"), "--output", "away/paper.json", code=2)
    assert "sent: reveal" in program.ok("ballot", "relay", "paper.json").out
    assert "was revealed before" in program.ok("ballot", "relay", "paper.json").out


def test_who_has_not_voted_yet_is_seen_so_that_they_can_be_asked(in_force: str, program: Program) -> None:
    def waiting() -> list[str]:
        (told,) = program.json("status", DEAL)["ballots"]
        return list(told["rounds"][0]["waiting_for"])

    program.ok("ballot", "open", *SUBJECT)
    assert waiting() == []
    program.ok("chain", "warp", "30 days")
    program.ok(*commit("peer-2"))
    program.ok(*commit("mine"))
    assert waiting() == ["peer-1", "peer-3"]
    assert "not yet: peer-1, peer-3" in " ".join(program.ok("ballot", "show", DEAL).out.split())
    program.ok("chain", "warp", "7 days")
    program.ok(*reveal("mine"))
    assert waiting() == ["peer-2"]
    program.ok("chain", "warp", "4 days")
    assert waiting() == []


def test_no_deposit_is_taken_for_a_vote_that_would_decide_nothing(grant: str, program: Program) -> None:
    """The fund has not paid in, and so has ended the phase."""
    program.ok(*DEPLOY, *DEPOSIT)
    program.ok("open", grant, "--bindings", "grant.bindings.yaml", "--as", "fund", "--accept")
    program.ok("accept", grant, "--as", "lab")
    program.ok("chain", "warp", "30 days")
    for _ in range(2):
        said = program.refused(*commit("peer-1"))
        assert "a vote on `report-sound` would decide nothing: the phase of report-sound is cut off" in said
        program.ok("ballot", "open", *SUBJECT)


def test_where_there_are_no_deposits_none_is_sent_back(grant: str, program: Program) -> None:
    program.ok(*DEPLOY)
    program.ok("open", grant, "--bindings", "grant.bindings.yaml", "--as", "fund", "--accept")
    for command in (("ballot", "withdraw", *SUBJECT, "--as", "peer-1"), ("ballot", "forfeit", *SUBJECT)):
        assert "peers was made without deposits" in program.refused(*command, code=2)


def test_what_cannot_be_voted(in_force: str, program: Program) -> None:
    program.ok("ballot", "open", *SUBJECT)
    program.ok("chain", "warp", "30 days")
    for text, said in (
        ("", "says met, breached or lapsed"),
        ("refused", "says met, breached or lapsed"),
        ("met 1 2", "says met, breached or lapsed"),
        ("met", "a vote that says none would count as 0"),
        ("met much", "the value:"),
        (f"met {10**40}", "is more than the value can hold"),
    ):
        Path("bad.txt").write_text(text, encoding="utf-8")
        assert said in program.refused(*commit("peer-1", "bad.txt"), code=2)
    assert "nothing says what is voted" in program.refused(*commit("peer-1")[:-2], code=2)
    assert "does not vote in peers" in program.refused(*commit("peer-9"))
    assert "does not vote in peers" in program.refused(*commit("fund"))
    assert "is no obligation" in program.refused("ballot", "commit", DEAL, "nothing", "--as", "peer-1", code=2)
    assert "is no ballot on the panel" in program.refused(*commit("peer-1"), "--seat", "fund", code=2)
    assert "sent by its voter" in program.refused(*commit("peer-1"), "--output", "paper.json", code=2)


def test_a_seat_that_is_a_ballot_has_no_key(in_force: str, program: Program) -> None:
    err = program.refused("attest", *SUBJECT, "met", "--value", "70", "--as", "peers")
    assert "peers is a ballot" in err
    assert "pyledger ballot tally grant.yaml report-sound" in err


def test_what_is_next_for_a_ballot_is_to_vote(in_force: str, program: Program, home: Path) -> None:
    """Also for somebody who did not make it, once they have looked."""
    for folder in (None, home / "ballots"):
        if folder is not None:
            shutil.rmtree(folder)
        (vote,) = [each for each in program.json("status", DEAL)["actions"] if each["who"] == ["peers"]]
        assert vote["what"] == "vote on report-sound in secret, and have the votes counted"
        assert vote["command"] == "pyledger ballot show grant.yaml"
        assert "a sealed ballot of 4" in program.ok(*vote["command"].split()[1:]).out
        assert "attest" not in program.ok("ballot", "open", *SUBJECT).out


def test_the_attestation_can_be_relayed_with_others(in_force: str, program: Program) -> None:
    program.ok("ballot", "open", *SUBJECT)
    program.ok("chain", "warp", "30 days")
    for role in ("peer-1", "peer-2", "peer-3"):
        program.ok(*commit(role))
    program.ok("chain", "warp", "7 days")
    for role in ("peer-1", "peer-2", "peer-3"):
        program.ok(*reveal(role))
    program.ok("ballot", "tally", *SUBJECT, "--output", "said.json")
    assert "decided: report-sound is met, value 71.5 points of 100" in program.ok("submit", "said.json").out


def test_rules_that_would_not_work_are_refused(grant: str, program: Program) -> None:
    def deploy(*words: str, code: int = 2) -> str:
        return program.refused("ballot", "deploy", DEAL, *words, code=code)

    late = (*TIMES[:2], "--commit-for", "12 days", *TIMES[4:])
    assert "silence decides 45 days after its phase opens" in deploy("peers", *VOTERS, *late)
    assert "no verifier `piers`" in deploy("piers", *VOTERS, *TIMES)
    assert "nobody is named to get the deposits" in deploy("peers", *VOTERS, *TIMES, "--deposit", "1")
    assert "lab is a party" in deploy("peers", *VOTERS, *TIMES, "--deposit", "1", "--forfeit-to", "lab")
    assert "peer-1 is named twice" in deploy("peers", *VOTERS, *TIMES, "--voter", "peer-1")
    assert "lab would vote on `report-sound`, which lab owes" in deploy("peers", *VOTERS, *TIMES, "--voter", "lab")
    lab = checksum(dev_signer(2, chain_id=31337).address)
    assert f"{lab} would vote on" in deploy("peers", *VOTERS, *TIMES, "--voter", lab), "its account is the party's"
    program.ok("new", "bridge.yaml")
    assert "does not decide `other`" in deploy("peers", *VOTERS, *TIMES, "--only", "other")
    assert "3 to 32 voters, not 2" in deploy("peers", *VOTERS[:4], *TIMES, code=1)
    assert "is neither an identity commitment" in deploy("peers", "--anonymous", *VOTERS, *TIMES)
    for member in ("0", str(FIELD), "1" * 5000):
        members = ("--voter", "1", "--voter", "2", "--voter", member)
        assert "is neither an identity commitment" in deploy("peers", "--anonymous", *members, *TIMES)
    unknown = ("--anonymous", "--voter", "1", "--voter", "2", "--voter", "3", *TIMES)
    assert "an anonymous ballot takes no deposits" in deploy("peers", *unknown, *DEPOSIT)
    again = ("--voter", "1", "--voter", "2", "--voter", "01")
    assert "`01` is named twice" in deploy("peers", "--anonymous", *again, *TIMES)
    program.ok("open", "bridge.yaml")
    assert "no ballot sits on a panel" in program.refused("ballot", "show", "bridge.yaml", code=2)


@pytest.mark.parametrize("width", [80, 200])
def test_the_rules_and_the_rounds_are_shown(
    in_force: str, program: Program, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert "not opened" in program.ok("ballot", "show", DEAL).out
    program.ok("ballot", "open", *SUBJECT)
    lines = program.ok("ballot", "show", DEAL).out.splitlines()
    out = " ".join(" ".join(lines).split())
    assert "a sealed ballot of 4: peer-1, peer-2, peer-3, mine" in out
    assert "voting begins in 30 days" in out
    assert "0.05 ether go with each ballot until it is revealed, or else to archive" in out
    assert "at least 3 must reveal, and more than half of those agree" in out
    assert max(map(len, lines[4:])) <= width


def test_status_warns_of_a_verifier_that_only_says_that_it_is_a_ballot(
    in_force: str, node: Anvil, program: Program, put_code: PutCode
) -> None:
    """The code of a real one is put at another address, and that in the bindings."""
    (told,) = program.json("status", DEAL)["ballots"]
    other = "0x" + "be" * 20
    pretend(node, put_code, told["ballot"], other)
    text = Path("grant.bindings.yaml").read_text(encoding="utf-8")
    Path("other.yaml").write_text(text.replace(told["ballot"], other), encoding="utf-8")
    program.ok("open", DEAL, "--bindings", "other.yaml", "--as", "fund", "--accept")
    said = program.ok("status", DEAL, "--bindings", "other.yaml").out
    assert "says that it is a ballot, and is none of pyledger's" in " ".join(said.split())
    err = program.refused("ballot", "show", DEAL, "--bindings", "other.yaml")
    assert "do not vote there" in err


def pretend(node: Anvil, put_code: PutCode, ballot: str, other: str) -> None:
    """Puts the code of a ballot, and what it keeps of its rules, at another address."""
    put_code(other, rpc(node.url, "eth_getCode", [ballot, "latest"]))
    questions = int.from_bytes(keccak(bytes(31) + bytes([2])), "big")
    for slot in (*range(80), *range(questions, questions + 4)):
        word = rpc(node.url, "eth_getStorageAt", [ballot, hex(slot), "latest"])
        rpc(node.url, "anvil_setStorageAt", [other, f"0x{slot:064x}", word])


def test_a_false_ballot_on_another_panel_keeps_nobody_from_voting(
    grant: str, node: Anvil, program: Program, put_code: PutCode
) -> None:
    text = Path(DEAL).read_text(encoding="utf-8")
    text = text.replace("panels:\n", "panels:\n  office: {verifiers: [clerk], threshold: 1}\n")
    filed = "{by: lab, what: It is filed, within: 90 days, decided_by: office, if_silent: lapse, forfeit: 0%}"
    text = text.replace("    obligations:\n", f"    obligations:\n      filed: {filed}\n")
    Path(DEAL).write_text(text, encoding="utf-8")
    program.ok(*DEPLOY, *DEPOSIT)
    for command in (
        ("open", DEAL, "--bindings", "grant.bindings.yaml", "--as", "fund", "--accept"),
        ("accept", DEAL, "--as", "lab"),
        ("fund", DEAL, "--as", "fund"),
        ("ballot", "open", *SUBJECT),
    ):
        program.ok(*command)
    (told,) = program.json("status", DEAL)["ballots"]
    clerk = load_bindings(Path("grant.bindings.yaml")).verifiers["clerk"]
    pretend(node, put_code, told["ballot"], checksum(clerk))
    program.ok("chain", "warp", "30 days")
    program.ok(*commit("peer-1"))
    assert "do not vote there" in program.refused("ballot", "commit", DEAL, "filed", *commit("peer-1")[4:])


NUMBERS = {"round": "00" * 32, "act": "reveal", "place": 0, "verdict": 1, "value": "0", "salt": "00" * 32}


@pytest.mark.parametrize(
    "flaw",
    [
        {"place": 300},
        {"place": -1},
        {"value": str(1 << 128)},
        {"verdict": 9},
        {"act": "tally"},
        {"ballot": "0x00"},
        {"act": "commit", "nullifier": "5", "commitment": "00" * 32, "points": ["1"] * 8},
    ],
)
def test_what_is_no_ballot_to_relay_is_refused_in_words(
    in_force: str, program: Program, flaw: dict[str, object]
) -> None:
    """It comes from somebody else; the last is for another kind of ballot."""
    (told,) = program.json("status", DEAL)["ballots"]
    paper = {"kind": "ballot-paper", "version": 1, "chain_id": 31337, "ballot": told["ballot"], **NUMBERS, **flaw}
    Path("paper.json").write_text(json.dumps(paper), encoding="utf-8")
    assert "paper.json is no ballot to relay" in program.refused("ballot", "relay", "paper.json", code=2)


@pytest.mark.parametrize(
    ("paper", "says"),
    [
        ([1], "it is of another kind"),
        ({"kind": "ballot-paper"}, "`chain_id` is missing"),
        ({"kind": "ballot-paper", "chain_id": 1}, "it is for chain 1, and this is chain 31337"),
    ],
)
def test_why_it_is_no_ballot_to_relay_is_said(node: Anvil, program: Program, paper: object, says: str) -> None:
    Path("paper.json").write_text(json.dumps(paper), encoding="utf-8")
    assert f"no ballot to relay: {says}" in program.refused("ballot", "relay", "paper.json", code=2)
