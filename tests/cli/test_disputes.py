"""A verdict is contested, before a court on a real chain; and everybody who is heard says something."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program

FOREST = "forest-guyana-norway"
ATTEST = ("attest", FOREST, "loss-2012", "met", "--value", "0.176", "--as", "surveyor", "--as", "auditor")
CHALLENGE = ("challenge", FOREST, "loss-2012", "--as", "villages", "--max-fee", "0.01")


@pytest.fixture
def forest(node: Anvil, program: Program) -> str:
    """The forest agreement in force, its first payment in escrow."""
    program.ok("open", FOREST, "--again", "--as", "norway", "--accept")
    program.ok("accept", FOREST, "--as", "guyana")
    program.ok("fund", FOREST, "--as", "norway")
    return FOREST


def verdict(program: Program) -> dict[str, object]:
    (found,) = program.json("status", FOREST)["phase"]["obligations"]
    assert isinstance(found, dict)
    return found


def test_a_verdict_is_contested_and_the_court_rules(forest: str, program: Program) -> None:
    said = program.ok(*ATTEST).out
    assert "decided: loss-2012 is met, value 0.176 percent of the forest" in said
    assert verdict(program)["stage"] == "contestable"
    seen = program.ok("status", forest).out
    assert "can be contested until" in seen
    assert "then 46,790,768 USDX to the payee" in seen
    assert "18,797,637 USDX to norway, 46,790,768 USDX to grif" in seen
    assert "villages: may contest and comment" in seen
    assert "can still be challenged" in program.refused("settle", forest)

    said = program.ok(*CHALLENGE).out
    assert "was paid 0.01 ether to hear it" in said
    assert "villages contested that loss-2012 is met: arbitral-court hears it as dispute" in said
    found = verdict(program)
    assert found["stage"] == "disputed"
    assert isinstance(found["dispute"], dict)
    assert (found["dispute"]["by"], found["dispute"]["ruled"]) == ("villages", False)
    assert any("arbitral-court is asked" in each for each in program.json("status", forest)["warnings"])
    (dispute,) = program.json("court", "show", forest)["disputes"]
    assert (dispute["obligation"], dispute["open"], dispute["ruling"]) == ("loss-2012", True, None)

    said = program.ok("rule", forest, "loss-2012", "breached", "--as", "arbitral-court").out
    assert "arbitral-court ruled in dispute" in said
    assert "loss-2012 is breached" in said
    program.ok("chain", "warp", "1 minute")
    found = verdict(program)
    assert (found["verdict"], found["stage"], found["value"]) == ("breached", "final", None)
    assert "by ruling" in program.ok("status", forest).out
    assert "65,588,405 USDX returned to norway (forest-2012)" in program.ok("settle", forest).out
    assert program.ok("court", "show", forest).out.rstrip().endswith("ruled: breached")
    told = [each["event"] for each in program.json("history", forest)]
    assert told.index("Challenged") < told.index("Ruled") < told.index("PhaseSettled")


def test_a_verdict_that_nobody_contests_is_paid_in_part(forest: str, program: Program) -> None:
    program.ok(*ATTEST)
    program.ok("chain", "warp", "31 days")
    assert "final since" in program.ok("status", forest).out
    said = program.ok("release", forest).out
    assert "46,790,768 USDX paid to grif (forest-2012)" in said
    assert "18,797,637 USDX returned to norway (forest-2012)" in said
    assert "too late" in program.refused(*CHALLENGE)


def test_doing_again_changes_nothing(forest: str, program: Program) -> None:
    program.ok(*ATTEST)
    program.ok(*CHALLENGE)
    again = program.json(*CHALLENGE)
    assert again["transactions"] == []
    assert "was contested already" in again["already"][0]
    say = ("comment", forest, "The east was not counted", "--as", "villages")
    program.ok(*say)
    assert program.json(*say)["already"] == ["villages has said that already"]
    rule = ("rule", forest, "loss-2012", "met")
    program.ok(*rule)
    assert "has ruled that already" in program.json(*rule)["already"][0]
    assert "that loss-2012 is met" in program.refused("rule", forest, "loss-2012", "lapsed")
    assert "was contested already" in program.json(*CHALLENGE)["already"][0]


def test_a_ruling_is_signed_offline_and_relayed(forest: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.ok(*ATTEST)
    program.ok(*CHALLENGE)
    Path("reasons.txt").write_text("the satellite was broken", encoding="utf-8")
    rule = ("rule", forest, "loss-2012", "lapsed", "--offline", "--opinion", "reasons.txt")
    program.ok(*rule, "--output", "ruling.json")
    record = json.loads(Path("ruling.json").read_text(encoding="utf-8"))
    assert (record["kind"], record["ruling"]) == ("ruling", "lapsed")
    Path("turned.json").write_text(json.dumps(record | {"ruling": "met"}), encoding="utf-8")
    assert "the judge did not sign this" in program.refused("submit", "turned.json", "--as", "norway")
    assert "loss-2012 is lapsed" in program.ok("submit", "ruling.json").out
    assert "has ruled in dispute" in program.json("submit", "ruling.json")["already"][0]
    err = program.refused("submit", "turned.json", "--as", "norway")
    assert "is lapsed" in err
    assert "a ruling is for good" in err
    monkeypatch.setenv("PYLEDGER_RPC_URL", "http://127.0.0.1:9")
    assert "name the judge's key" in program.refused(*rule, "--dispute", "1", code=2)


def test_what_is_refused(forest: str, program: Program) -> None:
    assert "is not decided yet" in program.refused(*CHALLENGE)
    assert "is not decided yet" in program.refused(*CHALLENGE[:-2])  # before a fee is spoken of
    assert "nobody has contested" in program.refused("rule", forest, "loss-2012", "met")
    assert "did you mean `loss-2012`?" in program.refused("rule", forest, "los-2012", "met", code=2)
    program.ok(*ATTEST)
    assert "asks for 0.01 ether" in program.refused("challenge", forest, "loss-2012", "--as", "villages", code=2)
    most = ("challenge", forest, "loss-2012", "--as", "villages", "--max-fee")
    err = program.refused(*most, "0.001")
    assert "asks for 0.01 ether, and at most 0.001 ether" in err
    assert "--max-fee 0.01" in err
    assert "--max-fee" in program.refused(*most, "much", code=2)
    assert "neither a member nor has standing" in program.refused(
        "challenge", forest, "loss-2012", "--as", "grif", "--max-fee", "1"
    )
    assert "has not opened yet" in program.refused("challenge", forest, "loss-2013", "--as", "norway", "--max-fee", "1")
    program.ok(*CHALLENGE)
    assert "norway has no seat on the court" in program.refused("rule", forest, "loss-2012", "met", "--as", "norway")
    program.ok("chain", "warp", "91 days")
    assert "was not ruled in time: loss-2012 stays met" in program.refused("rule", forest, "loss-2012", "met")
    assert "46,790,768 USDX paid to grif" in program.ok("settle", forest).out


def test_values_are_said_in_their_unit(forest: str, program: Program) -> None:
    words = ("attest", forest, "loss-2012", "met", "--as", "surveyor")
    assert "give --value N, in percent of the forest" in program.refused(*words, code=2)
    assert "has more decimals than the value" in program.refused(*words, "--value", "0.1765", code=2)
    assert "never negative" in program.refused(*words, "--value=-1", code=2)
    program.ok(*words, "--value", "0.2")
    assert "1 of 2 for met with 0.2 percent of the forest" in program.ok("status", forest).out
    err = program.refused(*words, "--value", "0.219")
    assert "surveyor has attested before that loss-2012 is met, value 0.2 percent of the forest" in err
    suggested = [each["command"] for each in program.json("status", forest)["actions"]]
    assert f"pyledger attest {forest} loss-2012 met --value 0.2 --as auditor" in suggested


def test_voices_that_differ_in_their_value_only_say_so(forest: str, program: Program) -> None:
    words = ("attest", forest, "loss-2012", "met")
    program.ok(*words, "--value", "0.2", "--as", "surveyor")
    program.ok(*words, "--value", "0.219", "--as", "auditor")
    seen = " ".join(program.ok("status", forest).out.split())
    assert "surveyor met 0.2 percent of the forest, auditor met 0.219 percent of the forest" in seen


def test_a_court_that_is_not_there(forest: str, home: Path, program: Program) -> None:
    file = next(home.glob("agreements/*/*/bindings.yaml"))
    text = file.read_text(encoding="utf-8")
    before = text.split("arbitral-court: ")[1].split()[0]
    nowhere = "0x" + "13" * 20
    Path("b.yaml").write_text(text.replace(before, f'"{nowhere}"'), encoding="utf-8")
    err = program.refused("open", FOREST, "--bindings", "b.yaml")
    assert f"no court is at {nowhere}" in err
    assert "pyledger court deploy" in err


def test_who_looks_on_from_elsewhere_has_all_names(
    forest: str, home: Path, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = program.json("status", forest)["agreement"]
    text = next(home.glob("agreements/*/*/bindings.yaml")).read_text(encoding="utf-8")
    Path("b.yaml").write_text(f'predecessor: "{before}"\n{text}', encoding="utf-8")
    address = program.json("open", forest, "--bindings", "b.yaml")["agreement"]
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "another"))
    seen = program.ok("status", forest, "--at", address).out
    assert "villages: may contest and comment" in seen
    assert "arbitral-court, which asks" in program.ok("status", forest, "--at", before).out
    assert f"succeeds {before}" in seen
    verified = program.ok("verify", forest, "--at", address).out
    assert "yes  the court `arbitral-court` says what it asks for" in verified


def test_verify_sees_that_a_court_is_none(forest: str, home: Path, program: Program) -> None:
    text = next(home.glob("agreements/*/*/bindings.yaml")).read_text(encoding="utf-8")
    court, token = (text.split(f"{name}: ")[1].split()[0] for name in ("arbitral-court", "usd"))
    Path("b.yaml").write_text(text.replace(court, token), encoding="utf-8")
    program.ok("open", FOREST, "--bindings", "b.yaml")
    said = program("verify", FOREST, "--bindings", "b.yaml")
    assert said.code == 1
    assert "NO   the court `arbitral-court` says what it asks for" in said.out


def test_without_a_document_a_value_is_a_number(
    forest: str, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.ok(*ATTEST)
    address = program.json("status", forest)["agreement"]
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "another"))
    seen = program.ok("status", address).out
    assert "met: 176" in seen
    assert "standing-1: may contest" in seen
    assert "from 219  65,588,405,000,000 smallest units of token 0x" in seen


def test_suggestions_work_as_typed_all_the_way(forest: str, program: Program) -> None:
    program.ok(*ATTEST)
    for word in ("challenge", "rule"):
        commands = [each["command"].split() for each in program.json("status", forest)["actions"]]
        program.ok(*next(each for each in commands if each[1] == word)[1:])
    program.ok("chain", "warp", "1 minute")
    commands = [each["command"].split() for each in program.json("status", forest)["actions"]]
    assert [each[1] for each in commands] == ["release", "settle"]
    for each in commands:
        program.ok(*each[1:])


UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mthe agreement is completed\x1b[0m",
    "\u202eesrever\u2066 \u200b",
    "\x9b31m\x85\x7f\r\nnorway accepted",
    "a\ud7ffb" + "x" * 3000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=("escapes", "bidi", "c1", "long"))
def test_what_strangers_say_is_shown_and_nothing_of_it_done(forest: str, program: Program, text: str) -> None:
    said = program.ok("comment", forest, text, "--as", "villages", "--about", "loss-2012").out
    told = program.ok("history", forest).out
    plain = program.ok("history", forest, "--json").out
    for out in (said, told, plain):
        assert not any(unicodedata.category(each) in UNSEEN for each in out.replace("\n", ""))
    assert json.loads(plain)[-1]["text"] == text.strip()
    assert "villages on loss-2012: “" in " ".join(told.split())
    assert len(told) < 4_000
    assert len(text) < 500 or "(3,003 characters in all)" in " ".join(said.split())


def test_a_comment_needs_something_to_say_and_somebody_who_is_heard(forest: str, program: Program) -> None:
    assert "nothing is said" in program.refused("comment", forest, "--as", "villages", code=2)
    assert "the text is empty" in program.refused("comment", forest, "  ", "--as", "villages", code=2)
    assert "10,000 are the most" in program.refused("comment", forest, "x" * 10_001, "--as", "villages", code=2)
    assert "neither a member nor has standing" in program.refused("comment", forest, "hear me", "--as", "grif")
    Path("said.bin").write_bytes(b"\xff\xfe")
    assert "is no text" in program.refused("comment", forest, "--file", "said.bin", "--as", "villages", code=2)
    Path("said.txt").write_text("ipfs://reasons\n", encoding="utf-8")
    said = program.ok("comment", forest, "--file", "said.txt", "--as", "surveyor").out
    assert "surveyor on phase year-2012: “ipfs://reasons”" in said


def test_a_court_of_several_judges(node: Anvil, home: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "a passphrase")
    for name in ("first", "second", "third"):
        program.ok("keys", "new", name)
    made = ("court", "deploy", "--judge", "first", "--judge", "second", "--judge", "third", "--fee", "0.5")
    court = program.json(*made)
    assert (court["new"], court["threshold"]) == (True, 2)
    assert program.json(*made)["new"] is False
    err = program.refused("court", "deploy", "--judge", "first", "--judge", "first", code=2)
    assert "first is named twice" in err
    assert "neither an address nor a key" in program.refused("court", "deploy", "--judge", "fourth", code=2)

    program.ok("open", FOREST)
    (file,) = home.glob("agreements/*/*/bindings.yaml")
    text = file.read_text(encoding="utf-8")
    before = text.split("arbitral-court: ")[1].split()[0]
    Path("b.yaml").write_text(text.replace(before, f"'{court['court']}'"), encoding="utf-8")
    with_it = ("--bindings", "b.yaml")
    program.ok("open", FOREST, *with_it)
    for party in ("norway", "guyana"):
        program.ok("accept", FOREST, "--as", party, *with_it)
    program.ok("fund", FOREST, "--as", "norway", *with_it)
    program.ok(*ATTEST, *with_it)
    program.ok("challenge", FOREST, "loss-2012", "--as", "guyana", "--max-fee", "0.5", *with_it)
    assert "2 of 3 judges rule" in program.ok("court", "show", FOREST, *with_it).out
    rule = ("rule", FOREST, "loss-2012", "refused")
    assert "1 of the 2 judges" in program.refused(*rule, "--as", "judge-1", *with_it)
    for seat in ("1", "3"):
        program.ok(*rule, "--as", f"judge-{seat}", "--offline", "--output", f"{seat}.json", *with_it)
    assert "1 of the 2 judges that a ruling needs" in program.refused("submit", "1.json")
    assert "leave one of the two out" in program.refused("submit", "1.json", "1.json")
    assert "its seats: judge-1, judge-2, judge-3" in program.refused(*rule, "--as", "judge-4", *with_it)
    assert "lapsed" in program.ok(*rule, "--as", "judge-1", "--as", "judge-3", *with_it).out
    said = program.json("court", "collect", FOREST, *with_it)
    assert said["done"][0]["words"] == "0.5 ether sent on, all that the court was paid"
    assert said["done"][0]["money"]["amount"].startswith("0.5")
    assert program.json("court", "collect", FOREST, *with_it)["already"] == ["the court holds no fees"]


def test_a_deal_without_a_court_says_so(funded: str, program: Program) -> None:
    for words in (
        ("challenge", funded, "foundations-laid", "--as", "city", "--max-fee", "1"),
        ("rule", funded, "foundations-laid", "met"),
        ("court", "show", funded),
        ("court", "collect", funded),
    ):
        assert "names no court" in program.refused(*words, code=2)
    err = program.refused("attest", funded, "foundations-laid", "met", "--value", "1", "--as", "engineer-a", code=2)
    assert "says of no value" in err


def test_names_that_come_again_in_another_phase(node: Anvil, program: Program) -> None:
    text = program.ok("examples", FOREST).out.replace("loss-2013", "loss-2012").replace("forest-2013", "loss-2012")
    Path("twice.yaml").write_text(text, encoding="utf-8")
    program.ok("open", "twice.yaml", "--as", "norway", "--accept")
    program.ok("accept", "twice.yaml", "--as", "guyana")
    attest = ("attest", "twice.yaml", *ATTEST[2:])
    challenge = ("challenge", "twice.yaml", *CHALLENGE[2:])
    program.ok("fund", "twice.yaml", "--as", "norway")
    program.ok(*attest)
    program.ok(*challenge)
    program.ok("rule", "twice.yaml", "loss-2012", "met")
    program.ok("chain", "warp", "1 minute")
    program.ok("settle", "twice.yaml")
    assert "nobody has contested" in program.refused("rule", "twice.yaml", "loss-2012", "lapsed")
    both = ("extend", "twice.yaml", "loss-2012", "--by", "10 days", "--as", "norway", "--as", "guyana")
    assert "an obligation and a payment" in program.refused(*both, code=2)
    program.ok(*both, "--obligation")
    program.ok(*both, "--payment")
    phase = program.json("status", "twice.yaml")["phase"]
    assert phase["payments"][0]["extended_from"]
    assert phase["obligations"][0]["extended_from"]
    program.ok(*attest)
    program.ok(*challenge)
    program.ok("rule", "twice.yaml", "loss-2012", "lapsed")
    assert [each["ruling"] for each in program.json("court", "show", "twice.yaml")["disputes"]] == ["met", "lapsed"]
