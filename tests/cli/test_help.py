"""Help answers at once, says something of every command, and nothing imports web3 that talks to no chain."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from pyledger.cli.app import ENTRIES
from pyledger.cli.output import Screen
from tests.cli.conftest import Program

MOST_SECONDS = 0.2
OFFLINE = (
    ("--help",),
    ("--version",),
    ("attest", "--help"),
    ("examples",),
    ("check", "starter"),
    ("check", "--explain", "all"),
    ("explain", "starter"),
    ("whatif", "starter"),
    ("diff", "starter", "starter"),
    ("schema",),
    ("hash", "starter"),
    ("new", "deal.yaml"),
    ("keys", "list"),
    ("chain", "stop"),
)


def command(name: str) -> click.Command:
    module, attribute = ENTRIES[name].place.split(":")
    found = getattr(import_module(module), attribute)
    assert isinstance(found, click.Command)
    return found


def every_command() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name in ENTRIES:
        top = command(name)
        inner = top.commands if isinstance(top, click.Group) else {}
        found += [(name, top), *((f"{name} {each}", one) for each, one in inner.items())]
    return found


@pytest.mark.parametrize(("name", "found"), every_command(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_says_what_it_does(name: str, found: click.Command) -> None:
    assert found.help
    assert found.help.rstrip().endswith((".", ")"))
    assert found.name == name.rsplit(maxsplit=1)[-1]
    for option in found.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.name}"


@pytest.mark.parametrize("name", [name for name, found in every_command() if not isinstance(found, click.Group)])
def test_every_command_takes_json(name: str) -> None:
    found = dict(every_command())[name]
    assert "--json" in [word for option in found.params for word in option.opts]


def test_the_list_of_commands_is_under_headings(program: Program) -> None:
    out = program.ok("--help").out
    assert all(f"  {name} " in out for name in ENTRIES)
    assert all(entry.help in " ".join(out.split()) for entry in ENTRIES.values())


@pytest.mark.parametrize("name", [name for name, found in every_command() if isinstance(found, click.Group)])
def test_a_group_by_itself_lists_its_commands_once_and_cuts_nothing_off(
    program: Program, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    err = program.refused(name, code=2)
    assert err.count("Usage:") == 1
    assert "..." not in err.partition("Commands:")[2]
    assert all(len(line) <= 80 for line in err.splitlines())


def test_what_is_wrong_with_a_command_line_comes_with_the_help_that_says_more(program: Program) -> None:
    assert program.refused("seal", "deal.yaml", code=2).endswith("  next:  see `pyledger seal --help`\n")
    assert program("seal", "deal.yaml", "--json").json["error"]["hint"] == "see `pyledger seal --help`"


def test_help_takes_less_cpu_than_a_user_notices() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "pyledger", "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(3)) < MOST_SECONDS


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_no_web3_where_no_chain_is_asked(words: tuple[str, ...], home: Path) -> None:
    script = (
        "import sys; from pyledger.cli.app import run; code = run(sys.argv[1:]); "
        'sys.exit(f\'imported {[each for each in ("web3", "eth_account", "requests") if each in sys.modules]}\' '
        "if 'web3' in sys.modules else code)"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_unknown_commands_meet_the_nearest(program: Program) -> None:
    assert "did you mean `status`?" in program.refused("staus", code=2)


def test_without_a_command_help_is_shown(program: Program) -> None:
    assert "Start here" in (program().out + program().err)


def test_shells_get_their_completions(home: Path) -> None:
    def complete(instruction: str, **extra: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from pyledger.cli import main; main()"],
            env={**os.environ, "_PYLEDGER_COMPLETE": instruction, **extra},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "_pyledger_completion" in complete("zsh_source")
    assert complete("bash_complete", COMP_WORDS="pyledger sett", COMP_CWORD="1") == "plain,settle\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_no_defect() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pyledger", "examples"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "error: cannot read or write what is printed: No space left on device\n"


def test_errors_fit_the_terminal_and_hang_beside_what_they_say(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    on_one_line = program.refused("check", "nowhere", code=2)
    assert max(map(len, on_one_line.splitlines())) > 200, "through a pipe nothing is wrapped"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    said = program.refused("check", "nowhere", code=2).splitlines()
    assert max(map(len, said)) <= 80
    assert said[1].startswith("  next:  known: starter, ")
    assert all(line.startswith(" " * 9) and line[9] != " " for line in said[2:])
    assert " ".join(" ".join(said).split()) == " ".join(on_one_line.split())


def test_findings_fit_the_terminal_too(program: Program, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    Path("deal.yaml").write_text("pyledger: 1\ntitle: X\nparties: {}\n", encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    said = program.refused("check", "deal.yaml").splitlines()
    assert "    write for example `panels: {record: {verifiers: [registrar, auditor]," in said
    assert "      threshold: 2}}`" in said


@pytest.mark.parametrize("columns", [80, 200])
def test_a_table_keeps_every_word_however_long_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """What is said of a token that no document names takes more than half of a narrow screen."""
    monkeypatch.setenv("COLUMNS", str(columns))
    amount = f"400,000,000,000 smallest units of token 0x{'12' * 20}"
    row = ("payment-1", amount, "party-1 → party-2", "funded")
    Screen(as_json=False).table([row], columns=("payment", "amount", "from and to", "stands"), right=(1,), fold=(2, 3))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    told = "".join(lines).replace(" ", "")
    for word in ("payment-1", "400,000,000,000", "smallest", "party-2", "funded", "amount", "stands"):
        assert word in told
    assert lines[1].startswith("  payment-1  ")
    assert (f"0x{'12' * 20}" in told) or columns == 80
