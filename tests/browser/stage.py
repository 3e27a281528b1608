"""Agreements played on a real chain, one for each thing that a page has to show."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from pyledger.chain.anvil import rpc
from pyledger.cli.app import run
from pyledger.document import gallery

__all__ = ["ACCESS", "BIDI", "LONG", "MARKUP", "Played", "Stage", "play_all"]

ACCESS: Final = "monitored-model-access"
FOREST: Final = "forest-guyana-norway"
ALL_OF_COUNCIL: Final = ("host-ministry", "home-agency", "hardware", "security-firm", "union", "academy")

MARKUP: Final = """<script>document.title="taken"</script><img src=x onerror=alert(1)>"'></title></svg>&amp;"""
RIGHT_TO_LEFT: Final = "שלום עולם, 123"
LONG: Final = "longwordwithoutablank" * 470
BIDI: Final = "paid \u202etpecer eht dnuof ton\u2066 and \x1b[31mred\x07"


class Played(NamedTuple):
    """The addresses of the agreements, by what they show, and the account that is in most of them."""

    open: str
    disputed: str
    midway: str
    completed: str
    terminated: str
    unknown: str
    hostile: str
    heard: str
    confidential: str
    credited: str
    dissolved: str
    party: str

    @property
    def agreements(self) -> tuple[str, ...]:
        """All addresses but the account's."""
        return self[:-1]


class Stage:
    """The command line, run in this process against one chain, with a folder of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    @property
    def environment(self) -> dict[str, str]:
        """What the command line is told of where it is; nothing of whoever runs the tests."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith("PYLEDGER_")}
        own = {"PYLEDGER_HOME": str(self.folder / "home"), "PYLEDGER_NETWORK": "local", "PYLEDGER_RPC_URL": self.url}
        return rest | own | {"TZ": "UTC"}

    def __call__(self, *words: str) -> str:
        """Run a command that must succeed; what it printed."""
        said, wrong, before = io.StringIO(), io.StringIO(), dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
                code = run(words)
        finally:
            os.environ.clear()
            os.environ.update(before)
        assert code == 0, f"{words}: {wrong.getvalue() or said.getvalue()}"
        return said.getvalue()

    def new(self, name: str, replaced: Mapping[str, str]) -> str:
        """A copy of the starter under a name of its own, with some of its words replaced."""
        path = self.folder / f"{name}.yaml"
        self("new", str(path))
        text = path.read_text(encoding="utf-8")
        for old, new in replaced.items():
            assert old in text, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def address(self, deal: str) -> str:
        return self("address", deal).split()[0]

    def begun(self, deal: str, *roles: str) -> str:
        """An agreement opened and accepted by parties of it; its address."""
        self("open", deal)
        for role in roles:
            self("accept", deal, "--as", role)
        return self.address(deal)


def play_all(stage: Stage) -> Played:
    """Everything that the pages are tested with; the chain's clock ends years after it began."""
    completed = _completed(stage)
    terminated = _terminated(stage)
    heard = _heard(stage)
    confidential = _confidential(stage)
    credited = _credited(stage)
    dissolved = _dissolved(stage)
    unknown = _unknown(stage)
    midway = _midway(stage)
    disputed = _disputed(stage)
    hostile = _hostile(stage)
    waiting = stage.new("waiting", {"A rebuilt bridge": "A second bridge"})
    open_ = stage.begun(waiting, "city")
    party = _account(stage, waiting, "city")
    return Played(
        open_,
        disputed,
        midway,
        completed,
        terminated,
        unknown,
        hostile,
        heard,
        confidential,
        credited,
        dissolved,
        party,
    )


def _account(stage: Stage, deal: str, role: str) -> str:
    parties = json.loads(stage("status", deal, "--json"))["parties"]
    return str(next(each["account"] for each in parties if each["name"] == role))


def _completed(stage: Stage) -> str:
    deal = stage.new("kept", {"A rebuilt bridge": "A bridge that was kept"})
    address = stage.begun(deal, "city", "builder")
    stage("fund", deal, "--as", "city")
    stage("attest", deal, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    stage("settle", deal)
    stage("fund", deal, "--as", "city")
    stage("attest", deal, "bridge-open", "met", "--as", "engineer-a", "--as", "engineer-c")
    stage("chain", "warp", "--past", deal, "road-kept-clear")
    stage("settle", deal)
    stage("sync", "--document", deal)
    return address


def _terminated(stage: Stage) -> str:
    deal = stage.new("broken", {"A rebuilt bridge": "A bridge for which nobody paid"})
    address = stage.begun(deal, "city", "builder")
    stage("chain", "warp", "11 days")
    stage("settle", deal)
    stage("sync", "--document", deal)
    return address


def _heard(stage: Stage) -> str:
    """Remarks answered in time, late and not at all, one of them a hash; a verdict contested, and overruled."""
    deal = str(stage.folder / "heard.yaml")
    text = gallery.read(FOREST).replace("title: Payment for", "title: The villages are heard on payment for")
    Path(deal).write_text(text, encoding="utf-8")
    letter = stage.folder / "letter.txt"
    letter.write_text("We live at the river.\n\nThe water was brown in May.\n", encoding="utf-8")
    stage("submission", "write", str(letter), "--language", "guc", "--output", f"{letter}.json")
    stage("open", deal, "--as", "norway", "--accept")
    stage("accept", deal, "--as", "guyana")
    stage("fund", deal, "--as", "norway")
    stage("attest", deal, "loss-2012", "met", "--value", "0.176", "--as", "surveyor", "--as", "auditor")

    def say(role: str, *words: str) -> None:
        stage("comment", deal, *words, "--as", role, "--about", "loss-2012")

    say("villages", "The rivers of the east were not surveyed")
    say("villages", "--submission", f"{letter}.json", "--link", "https://example.org/letter.json")
    say("villages", MARKUP)
    say("guyana", "Two teams go there in March", "--answers", "1")
    stage("challenge", deal, "loss-2012", "--as", "villages", "--max-fee", "0.01")
    stage("chain", "warp", "31 days")
    say("norway", "We have read it, and ask for the data", "--answers", "3")
    say("villages", "https://example.org/map-of-the-west")
    stage("rule", deal, "loss-2012", "breached", "--as", "arbitral-court")
    stage("sync", "--document", deal)
    return stage.address(deal)


def _confidential(stage: Stage) -> str:
    """In force, its second phase known to others by its hash alone: the store must not have its document."""
    deal = stage.new("sealed", {"A rebuilt bridge": "A bridge of which only half is told"})
    stage("seal", deal, "--from", "bridge")
    address = stage.begun(deal, "city", "builder")
    stage("fund", deal, "--as", "city")
    return address


def _credited(stage: Stage) -> str:
    """In force; what its first phase paid could not be sent, as the token refused it at that moment."""
    deal = stage.new("stuck", {"A rebuilt bridge": "A bridge whose money is stuck"})
    address = stage.begun(deal, "city", "builder")
    stage("fund", deal, "--as", "city")
    journal = stage("export", "--agreement", address, "--format", "jsonl").splitlines()
    (token,) = {line["asset"] for entry in journal for line in json.loads(entry)["lines"]}
    code = rpc(stage.url, "eth_getCode", [token, "latest"])
    rpc(stage.url, "anvil_setCode", [token, "0xfe"])
    stage("attest", deal, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    rpc(stage.url, "anvil_setCode", [token, code])
    stage("sync", "--document", deal)
    return address


def _dissolved(stage: Stage) -> str:
    """Ended by all members, who shared out what it held."""
    deal = stage.new("shared", {"A rebuilt bridge": "A bridge that was given up together"})
    address = stage.begun(deal, "city", "builder")
    stage("fund", deal, "--as", "city")
    stage("dissolve", deal, "--split", "usd:city=75%,builder=25%", "--as", "city", "--as", "builder")
    stage("sync", "--document", deal)
    return address


def _unknown(stage: Stage) -> str:
    """In force, half attested; its document is not brought to the store."""
    deal = stage.new("secret", {"A rebuilt bridge": "A bridge that nobody names here"})
    address = stage.begun(deal, "city", "builder")
    stage("fund", deal, "--as", "city")
    stage("attest", deal, "foundations-laid", "met", "--as", "engineer-a")
    return address


def _midway(stage: Stage) -> str:
    """In its second phase of three: a quorum short of one chamber, one obligation conceded, bonds forfeited before."""
    address = stage.begun(ACCESS, "provider", "host")
    for each in ("words-agreed", "council-formed", "ratified"):
        _attest(stage, ACCESS, each, "met", ALL_OF_COUNCIL)
    _attest(stage, ACCESS, "host-secure", "met", ALL_OF_COUNCIL)
    stage("chain", "warp", "15 days")
    stage("settle", ACCESS)
    stage("fund", ACCESS, "--as", "provider")
    stage("fund", ACCESS, "--as", "host")
    _attest(stage, ACCESS, "access-opened", "met", ("host-ministry", "hardware", "security-firm", "cloud"))
    stage("chain", "warp", "9 days")
    stage("comment", ACCESS, "The evaluation suite came a day late", "--as", "rights-group", "--about", "access-opened")
    stage("sync", "--document", ACCESS)
    return address


def _disputed(stage: Stage) -> str:
    stage("open", FOREST, "--as", "norway", "--accept")
    stage("accept", FOREST, "--as", "guyana")
    stage("fund", FOREST, "--as", "norway")
    stage("attest", FOREST, "loss-2012", "met", "--value", "0.176", "--as", "surveyor", "--as", "auditor")
    stage(
        "comment",
        FOREST,
        "https://example.org/map-of-the-east",
        "--as",
        "villages",
        "--about",
        "loss-2012",
    )
    stage("challenge", FOREST, "loss-2012", "--as", "villages", "--max-fee", "0.01")
    stage("sync", "--document", FOREST)
    return stage.address(FOREST)


def _hostile(stage: Stage) -> str:
    """Names that are markup, right to left, and as long as a document may hold; comments of control characters."""
    quoted = MARKUP.replace("'", "''")
    deal = stage.new(
        "hostile",
        {
            "A rebuilt bridge, paid in two steps": f"'{quoted}'",
            "name: The city": f"name: '{quoted}'",
            "name: The builder": f"name: {RIGHT_TO_LEFT!r}",
            "what: The foundations carry the load the plans give": f"what: {LONG[:9_900]}",
            "title: Foundations": f"title: '{'W' * 200}'",
            "symbol: USDX": f"symbol: '{'<b>' * 20}'",
        },
    )
    address = stage.begun(deal, "city", "builder")
    stage("fund", deal, "--as", "city")
    stage("attest", deal, "foundations-laid", "met", "--as", "engineer-a")
    for text in (BIDI, MARKUP, LONG):
        stage("comment", deal, text, "--as", "engineer-b", "--about", "foundations-laid")
    stage("sync", "--document", deal)
    return address


def _attest(stage: Stage, deal: str, obligation: str, verdict: str, who: tuple[str, ...]) -> None:
    roles = [word for each in who for word in ("--as", each)]
    stage("attest", deal, obligation, verdict, *roles)
