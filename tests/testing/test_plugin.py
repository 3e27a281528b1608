"""The plugin's fixtures, as somebody else's tests use them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pyledger.chain.anvil import Anvil, rpc
from pyledger.cli.app import run as run_program
from tests.testing.conftest import Run

PLAIN = ("-p", "no:cacheprovider")


LOADED = """
import sys
import pyledger.testing.strategies

SLOW = ("web3", "eth_account", "eth_abi", "coincurve")

def loaded():
    return {each for each in sys.modules if each.partition(".")[0] in SLOW or each.startswith("pyledger.chain")}
"""


def test_nothing_of_a_chain_is_imported_before_a_fixture_asks(project: pytest.Pytester) -> None:
    project.makepyfile(LOADED + "def test_it(tmp_path): assert not loaded()")
    project.runpytest_subprocess(*PLAIN).assert_outcomes(passed=1)


def test_web3_is_not_imported_even_then(project: pytest.Pytester) -> None:
    project.makepyfile(
        LOADED
        + """
def test_it(agreement):
    agreement("deal.yaml").fund()
    assert not {"web3", "eth_account"} & loaded()
    assert "pyledger.chain.client" in loaded()
"""
    )
    project.runpytest_subprocess(*PLAIN).assert_outcomes(passed=1)


def test_pytest_rewrites_assertions_of_tests_and_none_of_pyledger(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
from importlib.machinery import SourceFileLoader
import pyledger.document.model as ours

def test_it():
    assert type(ours.__loader__) is SourceFileLoader
    assert type(__loader__) is not SourceFileLoader
"""
    )
    project.runpytest_subprocess(*PLAIN).assert_outcomes(passed=1)


def test_an_agreement_is_in_force_in_one_line(run: Run) -> None:
    source = """
from pyledger.testing import *

def test_a_broken_promise(agreement, accounts, tokens):
    deal = agreement("deal.yaml")
    assert_state(deal, "in force", phase="foundations")
    assert deal.bond("builder") == 100_000
    deal.fund()
    assert deal.held("usd") == 550_000
    before = tokens["usd"].balance(accounts["city"])
    deal.warp_past("foundations-laid")
    deal.settle()
    assert_breached_by(deal, "builder", "foundations-laid")
    assert_returned(deal, "first-half", to="city", amount=400_000)
    assert tokens["usd"].balance(accounts["city"]) - before == 450_000 * 10**6
    assert_gained(deal, "city", 0, "usd")
    assert_conserved(deal)

def test_a_kept_one(agreement):
    deal = agreement("deal.yaml", funded=True)
    deal.attest("foundations-laid", "met", by=["engineer-a", "engineer-c"])
    assert_paid(deal, "first-half", to="builder", amount="400_000")
    with reverts("AlreadyDecided", obligation=0):
        deal.attest("foundations-laid", "breached")

def test_two_of_the_same_deal(agreement):
    first, second = agreement("deal.yaml"), agreement("deal.yaml", in_force=False)
    assert first.client.address != second.client.address
    assert_state(second, "open")
"""
    run(source).assert_outcomes(passed=3)


def test_a_module_s_agreement_serves_all_its_tests(run: Run) -> None:
    source = """
import pytest
from pyledger.testing import *

@pytest.fixture(scope="module")
def deal(agreement):
    return agreement("deal.yaml", funded=True)

@pytest.mark.parametrize("verdict", ["met", "breached", "met"])
def test_verdicts(deal, verdict):
    deal.attest("foundations-laid", verdict)
    (assert_paid if verdict == "met" else assert_breached_by)(deal, "first-half" if verdict == "met" else "builder")

def test_another(deal):
    assert_state(deal, "in force", phase="foundations")
    deal.concede("foundations-laid")
"""
    run(source).assert_outcomes(passed=4)


def test_a_role_of_nobody_s_is_an_account_of_its_own(run: Run) -> None:
    source = """
from pyledger.testing import *

def test_roles(agreement, accounts, tokens):
    deal = agreement("windfall-coalition", in_force=False)
    assert accounts["lab-east"] is deal.signer("lab-east")
    assert accounts.make("passer-by").address != accounts.make("onlooker").address
    dai = tokens.make("dai", decimals=2)
    dai.mint(accounts.make("passer-by"), 5)
    assert dai.balance(accounts.make("passer-by")) == 5

def test_refusals_tell_accounts_apart(agreement, accounts):
    deal = agreement("deal.yaml")
    passer_by = accounts.make("passer-by")
    with reverts("ERC20InsufficientBalance", sender=passer_by, balance=0):
        deal.client.fund(passer_by, [0])
"""
    run(source).assert_outcomes(passed=2)


def test_a_name_that_nobody_has_is_not_taken_for_a_stranger_s(run: Run) -> None:
    source = """
def test_a_role(agreement, accounts):
    agreement("deal.yaml")
    accounts["bilder"]

def test_an_asset(agreement, tokens):
    agreement("deal.yaml")
    tokens["usdx"]

def test_of_no_agreement_yet(tokens):
    tokens["usd"]
"""
    result = run(source)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "*UsageError: `bilder` is nobody in the agreements made so far",
            '*did you mean `builder`? Or, if it is of none of them: accounts.make("bilder")',
            "*UsageError: `usdx` is no asset of the agreements made so far",
            "*UsageError: `usd` is no asset of the agreements made so far",
            '*next:  tokens.make("usd")',
        ]
    )


def test_a_failing_test_shows_what_it_played(run: Run) -> None:
    source = """
from pyledger.testing import *

def test_it(agreement):
    deal = agreement("deal.yaml")
    deal.warp_past("first-half")
    deal.settle()
    assert_paid(deal, "first-half", to="builder", amount=400_000)
"""
    result = run(source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*first-half should have been paid to builder, and was not*",
            "*what happened:*",
            "*city in default*",
            "*what was played, as a scenario file: pyledger run FILE -*",
            "document: deal.yaml",
            "steps:",
            "  - {default: city, on: payments}",
            "  - {settle: true}",
        ]
    )


def test_what_is_shown_of_a_failure_are_the_test_s_own_lines(run: Run) -> None:
    source = """
import unittest
import pytest
from pyledger.testing import *

@pytest.fixture
def deal(agreement):
    return agreement("deal.yaml", funded=True)

def too_soon(deal):
    deal.settle()

def test_an_assertion(deal):
    assert_paid(deal, "first-half", amount=5)

def test_a_refusal(deal):
    too_soon(deal)

def test_another_refusal(deal):
    with reverts("TooLate"):
        too_soon(deal)

def test_a_name(deal):
    deal.concede("foundations-led")

@pytest.fixture
def unreadable(agreement):
    return agreement("deel.yaml")

def test_set_up(unreadable): ...

class TestInUnittest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def made(self, agreement):
        self.deal = agreement("deal.yaml")

    def test_it(self):
        assert_paid(self.deal, "first-half")
"""
    result = run(source, "--tb=short")
    result.assert_outcomes(failed=5, errors=1)
    lines = result.stdout.lines
    shown = [line.partition(": in ")[2] for line in lines if ": in " in line]
    assert shown == [
        "unreadable",
        "test_an_assertion",
        "test_a_refusal",
        "too_soon",
        "test_another_refusal",
        "too_soon",
        "test_a_name",
        "test_it",
    ]
    assert "RpcError" not in result.stdout.str()
    assert not [line for line in lines if "what was played" in line], "nothing was"
    assert "AssertionError: first-half should have been paid, and was not" in result.stdout.str()
    whole = run(source, "--full-trace")
    whole.assert_outcomes(failed=5, errors=1)
    assert "RpcError" in whole.stdout.str()


def test_a_document_with_errors_is_told_with_its_lines(run: Run, project: pytest.Pytester) -> None:
    text = (project.path / "deal.yaml").read_text(encoding="utf-8")
    (project.path / "bad.yaml").write_text(text.replace("within: 60 days", "within: 60 dayz"), encoding="utf-8")
    source = """
from hypothesis import given
from pyledger.testing.strategies import histories

@given(history=histories("bad.yaml"))
def test_it(history): ...
"""
    result = run(source)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*: in <module>", '*DocumentError: bad.yaml:*within: "dayz" is no unit of time'])
    result.stdout.no_fnmatch_line("*load.py*")
    run(source, "--full-trace").stdout.fnmatch_lines(["*load.py*"])


def test_a_defect_of_pyledger_s_is_shown_where_it_is(run: Run) -> None:
    source = """
def test_it(agreement):
    agreement("deal.yaml").names.phases[7]

def test_deeper(chain):
    chain.impersonating(7).__enter__()
"""
    result = run(source, "--tb=short")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*pyledger/testing/chain.py:*: in impersonating", "*AttributeError*"])


def test_what_a_failing_test_played_is_run_as_it_is_printed(
    run: Run, project: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    source = """
def test_it(agreement):
    agreement("lockerbie-2003", funded=True).attest("un-lift", "met", by="observer")
    deal = agreement("deal.yaml", funded=True)
    deal.warp("3 days")
    deal.attest("foundations-laid", "met", by=["engineer-a", "engineer-c"])
    deal.close()
    assert deal.status == "completed"
"""
    printed = run(source).stdout.str()
    played = re.findall(r"scenario file: pyledger run FILE -+\n(.*?)\n(?=---|===)", printed, re.DOTALL)
    assert [re.findall("^document: (.*)", each, re.MULTILINE) for each in played] == [["deal.yaml"], ["lockerbie-2003"]]
    for number, text in enumerate(played):
        (project.path / f"{number}.yaml").write_text(text, encoding="utf-8")
    assert run_program(["run", "0.yaml", "1.yaml"]) == 0
    assert "2 passed" in capsys.readouterr().out


def test_an_anvil_given_by_address_is_used_and_left_as_it_was(run: Run) -> None:
    with Anvil(timestamp=1_800_000_000) as node:
        source = f"""
def test_it(anvil, agreement):
    assert anvil.url == {node.url!r}
    agreement("deal.yaml")
"""
        run(source, "--pyledger-url", node.url).assert_outcomes(passed=1)
        run(source, "--pyledger-url", node.url).assert_outcomes(passed=1)
        height = int(rpc(node.url, "eth_blockNumber"), 16)
        assert height < 5, "only the contracts are left"


WITHOUT = """
def test_first(agreement): ...
def test_second(accounts, agreement): ...
def test_of_no_chain(): ...
"""


def not_there(result: pytest.RunResult, *said: str) -> None:
    """A chain that there is not is an error of each test that asks for it; what to do is said once, and shortly."""
    result.assert_outcomes(passed=1, errors=2)
    lines = result.stdout.lines
    first, second = (n for n, line in enumerate(lines) if line.startswith("___"))
    (end,) = (n for n, line in enumerate(lines) if "short test summary info" in line)
    assert [each.removeprefix("E").strip() for each in lines[first + 1 : second]] == [*said]
    assert lines[second + 1 : end] == ["there is no chain, for the reason that is given above"]


def test_without_anvil_it_is_said_once_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyledger.chain.anvil_process._package", lambda: "anvil-of-no-platform")
    monkeypatch.delenv("PYLEDGER_ANVIL", raising=False)
    monkeypatch.setenv("PATH", "")
    not_there(
        run(WITHOUT),
        "Anvil, the local chain, is not installed",
        "next:  `pyledger chain install` fetches it with npm (45 MB); or name one that you have with PYLEDGER_ANVIL",
    )


def test_an_anvil_that_is_named_and_not_there_is_an_error_that_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYLEDGER_ANVIL", "/nowhere/anvil")
    not_there(
        run(WITHOUT),
        "PYLEDGER_ANVIL names no program",
        "where: /nowhere/anvil",
        "next:  unset it, or give Anvil's full path",
    )


def test_an_anvil_that_does_not_answer_is_an_error_that_says_so(run: Run) -> None:
    not_there(
        run(WITHOUT, "--pyledger-url", "http://127.0.0.1:1"),
        "no node answers at http://127.0.0.1:1",
        "next:  start an Anvil there, or leave out --pyledger-url and PYLEDGER_ANVIL_URL: one is then started",
    )


def test_what_is_no_address_is_an_error_that_says_so(run: Run) -> None:
    not_there(
        run(WITHOUT, "--pyledger-url", "localhost:8545"),
        "`localhost:8545` is no address of an Anvil",
        "next:  write for example http://127.0.0.1:8545",
    )


def test_a_node_that_dies_is_told_in_words(run: Run) -> None:
    source = """
import os, signal

def test_kills(anvil, chain):
    os.kill(anvil.pid, signal.SIGKILL)

def test_after(agreement):
    agreement("deal.yaml")
"""
    result = run(source)
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["no node answers at *", "  next:  run the tests again: their Anvil has ended*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*connect.py*")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are listed as Linux lists them")
def test_ctrl_c_ends_a_run_as_it_ends_any_other(project: pytest.Pytester, short: Path, tmp_path: Path) -> None:
    project.makepyfile(
        """
import time

def test_it(anvil, agreement):
    agreement("deal.yaml")
    open("pid", "w").write(str(anvil.pid))
    time.sleep(600)
"""
    )
    run = [sys.executable, "-B", "-m", "pytest", *PLAIN]
    environment = {**os.environ, "PYLEDGER_HOME": str(short)}
    with subprocess.Popen(
        run, cwd=project.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        told = project.path / "pid"
        while process.poll() is None and not (told.exists() and told.read_text()):
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all that it runs
        said, _ = process.communicate()
    assert process.returncode == 2
    assert b"KeyboardInterrupt" in said
    assert b"Traceback" not in said
    assert b"Error" not in said
    assert _gone(int(told.read_text()))
    assert list(short.rglob("*.ipc")) == []


def test_more_workers_than_nodes_are_refused(project: pytest.Pytester, anvil: Anvil) -> None:
    project.makepyfile("def test_a(chain): ...\ndef test_b(chain): ...")
    result = project.runpytest_subprocess(*PLAIN, "-n", "2", "--pyledger-url", anvil.url)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*xdist runs more workers*"])


def test_each_worker_has_a_chain_of_its_own(project: pytest.Pytester, tmp_path: Path) -> None:
    project.makepyfile(
        """
import os, time

def test_a(anvil, chain):
    open(f"node-{os.environ['PYTEST_XDIST_WORKER']}", "w").write(anvil.url)

def test_b(anvil, chain):
    open(f"node-{os.environ['PYTEST_XDIST_WORKER']}", "w").write(anvil.url)
"""
    )
    project.runpytest_subprocess(*PLAIN, "-n", "2", "--dist", "each").assert_outcomes(passed=4)
    assert len({file.read_text() for file in project.path.glob("node-*")}) == 2
    assert list((tmp_path / "h").rglob("*.ipc")) == []


@pytest.fixture
def short() -> Iterator[Path]:
    """A state folder whose path leaves room for a socket's name, wherever tests keep their files."""
    with TemporaryDirectory(prefix="p") as folder:
        yield Path(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_a_killed_run_leaves_no_process_and_no_file_outside_the_state_folder(
    project: pytest.Pytester, tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, home = tmp_path / "tmp", short
    elsewhere.mkdir()
    monkeypatch.setenv("PYLEDGER_HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setenv("HOME", str(elsewhere))
    project.makepyfile(
        """
import os, signal

def test_it(anvil, agreement):
    agreement("deal.yaml")
    open("pid", "w").write(str(anvil.pid))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    before = {each.name for each in project.path.iterdir()}
    run = [sys.executable, "-B", "-m", "pytest", *PLAIN]
    assert subprocess.run(run, cwd=project.path, check=False, capture_output=True).returncode == -9
    pid = int((project.path / "pid").read_text())
    assert _gone(pid)
    assert list(elsewhere.iterdir()) == []
    assert {each.name for each in project.path.iterdir()} - before == {"pid"}
    assert len(list(home.rglob("*.ipc"))) == 1
    project.makepyfile("def test_it(chain): ...")
    assert subprocess.run(run, cwd=project.path, check=False, capture_output=True).returncode == 0
    assert list(home.rglob("*.ipc")) == [], "the next run takes away what the killed one has left"


def _gone(pid: int) -> bool:
    import time

    for _ in range(600):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.005)
    return False
