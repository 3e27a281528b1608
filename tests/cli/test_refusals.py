"""What cannot be done is refused in words, with an exit code, and with what to do next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, rpc
from pyledger.errors import NodeError
from tests.cli.conftest import Program


def test_node_down(home: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLEDGER_RPC_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PYLEDGER_NETWORK", "local")
    err = program.refused("open", "starter", code=3)
    assert "no node answers at http://127.0.0.1:9" in err
    assert "pyledger chain start" in err


def test_wrong_network(node: Anvil, program: Program) -> None:
    Path("pyledger.toml").write_text(f'[networks.main]\nurl = "{node.url}"\nchain_id = 1\n', encoding="utf-8")
    err = program.refused("status", "starter", "--network", "main", code=3)
    assert "network main is chain 1, but the node answers for chain 31337" in err


def test_unknown_network(program: Program) -> None:
    assert "known: local" in program.refused("status", "starter", "--network", "mian", code=2)


def test_bindings_of_another_chain(opened: str, program: Program, home: Path) -> None:
    (file,) = (home / "agreements").glob("*/*/bindings.yaml")
    Path("b.yaml").write_text(file.read_text(encoding="utf-8").replace("31337", "1"), encoding="utf-8")
    assert "the bindings are for chain 1" in program.refused("status", opened, "--bindings", "b.yaml")


def test_node_restarted(program: Program) -> None:
    program.ok("chain", "start", "--port", "0")
    try:
        program.ok("open", "starter")
        program.ok("chain", "stop")
        program.ok("chain", "start", "--port", "0", "--at", "2029-01-01")
        err = program.refused("status", "starter")
        assert "the node was restarted since `starter` was opened, and what was on it is gone" in err
        assert "pyledger open starter" in err
        program.ok("open", "starter")
        program.ok("status", "starter")
    finally:
        program.ok("chain", "stop")


def test_node_restarted_at_the_time_it_was_started_at(program: Program) -> None:
    """Its first block is the same, so that only the agreement itself tells that it is another run."""
    start = ("chain", "start", "--port", "0", "--at", "2029-01-01")
    program.ok(*start)
    try:
        program.ok("open", "starter", "--as", "city", "--accept")
        program.ok("chain", "warp", "1 day")
        program.ok("open", "starter", "--again")
        program.ok("chain", "stop")
        program.ok(*start)
        assert "open it with `pyledger open`" in program.refused("status", "starter")
        program.ok("open", "starter")
        assert program.json("status", "starter")["state"] == "open"
    finally:
        program.ok("chain", "stop")


def test_bindings_that_cannot_be_read_are_told_line_by_line(opened: str, program: Program) -> None:
    Path("b.yaml").write_text("chain_id: 31337\nparties: {city: 0x12}\n", encoding="utf-8")
    err = program.refused("status", opened, "--bindings", "b.yaml")
    assert err.startswith("b.yaml:2:17: parties.city: expected an address")
    assert err.rstrip().endswith("error: b.yaml: 1 error")
    said = program("status", opened, "--bindings", "b.yaml", "--json").json["error"]
    assert (said["kind"], said["file"], said["findings"][0]["line"]) == ("BindingsError", "b.yaml", 2)


def test_never_opened(node: Anvil, program: Program) -> None:
    program.ok("new", "unheard.yaml")
    text = Path("unheard.yaml").read_text(encoding="utf-8")
    Path("unheard.yaml").write_text(text.replace("A rebuilt", "An unheard-of"), encoding="utf-8")
    err = program.refused("status", "unheard.yaml")
    assert "has not been opened from here" in err
    assert "pyledger open unheard.yaml" in err


def test_a_document_changed_since_it_was_opened(opened: str, program: Program) -> None:
    text = Path(opened).read_text(encoding="utf-8")
    Path(opened).write_text(text.replace("400_000", "500_000"), encoding="utf-8")
    err = program.refused("accept", opened, "--as", "city")
    assert "has changed since it was opened" in err
    assert "put it back as it was" in err


def test_no_agreement_at_an_address(node: Anvil, program: Program) -> None:
    assert "no agreement was opened at" in program.refused("status", "0x" + "12" * 20)


def test_not_a_member(opened: str, program: Program) -> None:
    err = program.refused("accept", opened, "--as", "bilder", code=2)
    assert "`bilder` is no party" in err
    assert "did you mean `builder`?" in err
    assert "`engineer-a` is no party" in program.refused("accept", opened, "--as", "engineer-a", code=2)


def test_no_seat_on_the_panel(funded: str, program: Program) -> None:
    err = program.refused("attest", funded, "foundations-laid", "met", "--as", "city")
    assert "city has no seat on the panel `engineers`, which decides `foundations-laid`" in err
    assert "engineer-a, engineer-b, engineer-c" in err


def test_only_the_obligor_concedes(funded: str, program: Program) -> None:
    err = program.refused("concede", funded, "foundations-laid", "--as", "city")
    assert "only builder" in err


def test_too_early(funded: str, program: Program) -> None:
    assert "`foundations-laid` is not decided yet" in program.refused("settle", funded)
    err = program.refused("attest", funded, "bridge-open", "met", "--as", "engineer-a")
    assert "`bridge-open` is of the phase `bridge`, which has not opened yet" in err


def test_before_it_is_in_force(opened: str, program: Program) -> None:
    err = program.refused("fund", opened, "--as", "city")
    assert "not in force yet" in err
    assert "still to accept: city, builder" in err


def test_too_late(funded: str, program: Program) -> None:
    program.ok("chain", "warp", "--past", funded, "foundations-laid")
    err = program.refused("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    assert "it is too late" in err
    program.ok("settle", funded)
    assert "which is over" in program.refused("attest", funded, "foundations-laid", "met", "--as", "engineer-a")


def test_past_the_cut_off(in_force: str, program: Program) -> None:
    program.ok("chain", "warp", "11 days")
    err = program.refused("fund", in_force, "--as", "city")
    assert "cut off" in err
    assert "pyledger settle" in err


def test_after_the_end(in_force: str, program: Program) -> None:
    program.ok("chain", "warp", "11 days")
    program.ok("settle", in_force)
    assert "the agreement is over: it is terminated" in program.refused("fund", in_force, "--as", "city")
    assert program.json("settle", in_force)["already"] == ["the agreement is terminated already"]


def test_insufficient_balance_in_money(opened: str, node: Anvil, program: Program) -> None:
    roles = program.json("verify", opened)["roles"]
    bindings = next(Path(os.environ["PYLEDGER_HOME"]).glob("agreements/*/*/bindings.yaml")).read_text(encoding="utf-8")
    token = bindings.split("usd: ")[1].split()[0].strip("'\"")
    balance = rpc(node.url, "eth_call", [{"to": token, "data": "0x70a08231" + roles["city"][2:].zfill(64)}, "latest"])
    away = "0xa9059cbb" + ("ee" * 20).zfill(64) + balance[2:]
    rpc(node.url, "anvil_impersonateAccount", [roles["city"]])
    rpc(node.url, "eth_sendTransaction", [{"from": roles["city"], "to": token, "data": away}])
    rpc(node.url, "anvil_stopImpersonatingAccount", [roles["city"]])
    err = program.refused("accept", opened, "--as", "city")
    assert "city has 0 USDX and needs 50,000 USDX" in err


def test_a_presumed_promise_can_only_be_found_breached(funded: str, program: Program) -> None:
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    program.ok("settle", funded)
    err = program.refused("attest", funded, "road-kept-clear", "met", "--as", "engineer-a")
    assert "attest `breached`, or nothing" in err


def test_a_seat_has_one_voice(funded: str, program: Program) -> None:
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a")
    err = program.refused("attest", funded, "foundations-laid", "breached", "--as", "engineer-a")
    assert "has attested before that foundations-laid is met" in err


def test_unknown_names_meet_the_nearest(funded: str, program: Program) -> None:
    assert "did you mean `foundations-laid`?" in program.refused(
        "attest", funded, "foundation-laid", "met", "--as", "engineer-a", code=2
    )
    assert "did you mean `first-half`?" in program.refused(
        "fund", funded, "--as", "city", "--payment", "frist-half", code=2
    )
    assert "did you mean `engineer-a`?" in program.refused(
        "attest", funded, "foundations-laid", "met", "--as", "enginer-a", code=2
    )


def test_somebody_elses_payment(in_force: str, program: Program) -> None:
    err = program.refused("fund", in_force, "--as", "builder", "--payment", "first-half", code=2)
    assert "`first-half` is owed by city, not by builder" in err


def test_clocks_only_go_forward(node: Anvil, program: Program) -> None:
    assert "cannot go back" in program.refused("chain", "warp", "2020-01-01", code=2)
    said = program.refused("chain", "warp", "3 fortnights", code=2)
    assert "neither a duration nor a date" in said
    assert '"3 days" or "2027-01-31 12:00"' in said


def test_errors_are_json_where_json_is_asked_for(funded: str, program: Program) -> None:
    said = program("settle", funded, "--json")
    assert said.code == 1
    assert said.err == ""
    error = said.json["error"]
    assert (error["kind"], error["name"], error["exit_code"]) == ("Refused", "NotDecided", 1)
    assert error["values"] == {"obligation": "0"}
    usage = program("settle", "--json")
    assert (usage.code, usage.json["error"]["exit_code"]) == (2, 2)


def test_no_colours_through_a_pipe_or_where_nobody_wants_them(home: Path) -> None:
    for extra in ({}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}):
        done = subprocess.run(
            [sys.executable, "-m", "pyledger", "check", "nothing"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **extra},
        )
        assert "\x1b[" not in done.stderr + done.stdout


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    for words in (["examples"], ["examples", "--json"], ["examples", "lockerbie-2003"]):
        process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(0.3); from pyledger.cli import main; main()", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        assert process.wait() == 141
        assert err == b""


def test_what_the_output_cannot_encode_is_replaced(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from pyledger.cli import main; main(['check', 'starter'])"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 0, done.stderr
    assert b"city ? builder" in done.stdout


def test_records_that_lack_something_are_passed_over(opened: str, program: Program, home: Path) -> None:
    (file,) = home.glob("agreements/*/*/record.json")
    for text in ("{}", "[1]", "{"):
        file.write_text(text, encoding="utf-8")
        assert "has not been opened from here" in program.refused("status", opened)


def test_the_long_stop_is_over(in_force: str, program: Program) -> None:
    program.ok("chain", "warp", "3 years")
    assert "`pyledger unwind`" in program.refused("settle", in_force)


def test_interrupting_is_clean(node: Anvil) -> None:
    script = (
        "import os, signal, time, pyledger.chain.connect as c\n"
        "def stop(*a, **k): os.kill(os.getpid(), signal.SIGINT); time.sleep(60)\n"
        "c.connect = stop; import pyledger.cli.deals as d; d.connect = stop\n"
        "from pyledger.cli import main; main(['status', 'starter'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.strip() == "error: interrupted"


def test_a_chain_that_ends_with_the_command_hides_no_interruption(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C reaches the local chain of `whatif --on-chain` too, and undoing what was played then finds no node."""

    def interrupted(_: str) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise NodeError("no node answers")

    monkeypatch.setattr("pyledger.cli.papers.read_document", interrupted)
    said = program("hash", "starter")
    assert (said.code, said.err.strip()) == (130, "error: interrupted")


def test_a_defect_asks_to_be_reported(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError("nothing divided")

    monkeypatch.setattr("pyledger.cli.papers.read_document", broken)
    err = program.refused("hash", "starter", code=70)
    assert "ZeroDivisionError: nothing divided" in err
    assert "PYLEDGER_DEBUG=1" in err
    monkeypatch.setenv("PYLEDGER_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        program("hash", "starter")


def test_json_is_one_object(funded: str, program: Program) -> None:
    for words in (("status", funded), ("history", funded), ("verify", funded), ("address", funded), ("status",)):
        assert json.loads(program.ok(*words, "--json").out)
