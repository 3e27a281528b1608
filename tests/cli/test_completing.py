"""What a shell offers at TAB: names that are there, at once, and nothing that a shell would act upon."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from pyledger.chain.anvil import Anvil
from pyledger.cli.app import root
from tests.cli.conftest import Program

GALLERY = ["jcpoa-2015"]


@pytest.fixture(autouse=True)
def own_home(home: Path) -> Path:
    return home


def offered(*words: str) -> list[tuple[str, str]]:
    """What is offered for the last of the words: value and kind."""
    found = ShellComplete(root, {}, "pyledger", "_PYLEDGER_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [(each.value, each.type) for each in found]


def names(*words: str) -> list[str]:
    found = offered(*words)
    assert {kind for _, kind in found} <= {"plain"}
    return [value for value, _ in found]


@pytest.mark.parametrize("command", ["check", "explain", "status", "watch", "analyze", "verify", "open", "whatif"])
def test_a_deal_is_a_file_of_the_folder_or_a_name_of_the_gallery(command: str, program: Program) -> None:
    program.ok("new", "deal.yaml")
    Path("notes.txt").write_text("no document", encoding="utf-8")
    assert names(command, "")[:2] == ["deal.yaml", "starter"]
    assert names(command, "jc") == GALLERY
    assert names("diff", "deal.yaml", "jc") == GALLERY
    assert names("new", "x.yaml", "--from", "jc") == GALLERY


def test_files_elsewhere_are_the_shells_business() -> None:
    assert offered("status", "/nowhere/at/a") == [("/nowhere/at/a", "file")]


def test_roles_and_obligations_are_those_of_the_deal(program: Program) -> None:
    program.ok("new", "deal.yaml")
    for deal in ("deal.yaml", "starter"):
        assert names("attest", deal, "") == ["foundations-laid", "bridge-open", "road-kept-clear"]
        assert names("attest", deal, "foundations-laid", "met", "--as", "engineer") == [
            "engineer-a",
            "engineer-b",
            "engineer-c",
        ]
        assert names("accept", deal, "--as", "")[:2] == ["city", "builder"]
    assert "villages" in names("comment", "forest-guyana-norway", "--as", "")


def test_a_bundle_is_read_as_its_document(node: Anvil, program: Program) -> None:
    program.ok("open", "starter")
    program.ok("bundle", "starter", "--output", "deal.bundle.json")
    assert "builder" in names("accept", "deal.bundle.json", "--as", "")


def test_keys_and_networks_are_those_written_down(home: Path) -> None:
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "city-2.json").write_text("{}", encoding="utf-8")
    Path("pyledger.toml").write_text('[networks.sepolia]\nurl = "https://rpc.example"\n', encoding="utf-8")
    assert names("accept", "starter", "--key", "") == ["city-2"]
    assert names("status", "starter", "--network", "") == ["local", "sepolia"]


@pytest.mark.parametrize(
    "text", ["parties: {'$(touch a)': {}, '*': {}, '-x': {}, fine: {}}", "parties: [[[", "- 1", "\x00", "parties: 3"]
)
def test_nothing_that_a_shell_would_act_upon_is_offered(text: str) -> None:
    Path("deal.yaml").write_text(text, encoding="utf-8")
    assert set(names("accept", "deal.yaml", "--as", "")) <= {"fine"}
    Path("$(touch b).yaml").write_text("", encoding="utf-8")
    assert not [each for each in names("check", "") if "$" in each]


def test_the_scripts_are_those_of_each_shell(program: Program) -> None:
    assert "complete -o nosort -F _pyledger_completion pyledger" in program.ok("completion", "bash").out
    assert program.ok("completion", "zsh").out.startswith("#compdef pyledger")
    assert "complete --no-files --command pyledger" in program.ok("completion", "fish").out
    assert program.json("completion", "bash")["script"] == program.ok("completion", "bash").out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_with_the_script(program: Program, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(program.ok("completion", "bash").out, encoding="utf-8")
    asked = (
        f'source "{tmp_path}/script"; COMP_WORDS=(pyledger status jc); COMP_CWORD=2; '
        "_pyledger_completion pyledger; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "--norc", "-c", asked], env=os.environ | {"PATH": here}, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (GALLERY, "")


def test_no_model_of_documents_and_no_chain_is_imported_for_it() -> None:
    script = (
        "import sys; from pyledger.cli.app import root; from click.shell_completion import ShellComplete as S; "
        "S(root, {}, 'pyledger', 'X').get_completions(['attest', 'starter', 'bridge-open', 'met', '--as'], ''); "
        "print([each for each in ('web3', 'pydantic', 'rich', 'sqlalchemy', 'eth_account') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
