"""How soon something runs: commands, imports, the first test; and what whole commands on large documents take."""

import sys
from functools import partial

from bench_figures import compared, in_turn, say, taken_by
from bench_peers import python_of, ways
from bench_tests import one_run
from hardening import ROOT

__all__ = ["desk", "startup"]

LARGEST = "safe-development-coalition"
DESK = (
    ("check", LARGEST),
    ("explain", LARGEST),
    ("whatif", LARGEST),
    ("diff", "monitored-model-access", LARGEST),
)
"""Commands that need no chain, each on what takes it longest; `check` is asked to take less than half a second."""

COMMANDS = {
    "pyledger --help": ["-m", "pyledger", "--help"],
    f"pyledger check {LARGEST}": ["-m", "pyledger", "check", LARGEST],
}
IMPORTS = {
    "import pyledger": ["-c", "import pyledger"],
    "import pyledger.chain.client, which talks to a chain": ["-c", "import pyledger.chain.client"],
    "import web3": ["-c", "import web3"],
}

ELSEWHERE = {"titanoboa": "import boa", "ape": "from ape import accounts, networks"}
"""What a program begins with. `import ape` alone imports next to nothing, like `import pyledger`."""


def startup(times: int, *, alone: bool) -> None:
    """Seconds by the clock from the start of Python until a command or import is done, and until a first test runs."""
    found = ways(alone=alone)
    elsewhere = {way.name.split()[0] for way in found if way.python != sys.executable}
    commands = {"python": [sys.executable, "-c", "pass"]}
    commands |= {name: [sys.executable, *words] for name, words in (COMMANDS | IMPORTS).items()}
    for name, line in ELSEWHERE.items():
        if name in elsewhere:
            commands[line] = [str(python_of(name)), "-c", line]
    if "ape" in elsewhere:
        commands["ape --help"] = [str(python_of("ape").with_name("ape")), "--help"]
    figures = in_turn({name: partial(_clock, words) for name, words in commands.items()}, times)
    print(f"seconds by the clock, from the start of Python; median of {times} (lowest to highest)")
    for ours, others in (
        ("pyledger --help", ("ape --help",)),
        ("import pyledger.chain.client, which talks to a chain", ("import web3", *ELSEWHERE.values())),
    ):
        compared({name: figures[name] for name in (ours, *others) if name in figures}, "s", 2, ours=ours)
    for name in ("import pyledger", f"pyledger check {LARGEST}", "python"):
        say(name, figures[name], "s", 2)
    print("a run of pytest with one test: seconds until it runs; others find a node running, pyledger starts one")
    runs = in_turn({way.name: partial(one_run, way, 1) for way in found}, times)
    compared({name: [run.first for run in each] for name, each in runs.items()}, "s", 2)
    print("and to the end of pytest")
    compared({name: [run.all for run in each] for name, each in runs.items()}, "s", 2)


def _clock(words: list[str]) -> float:
    return taken_by(words, where=ROOT).clock


def desk(times: int) -> None:
    """What whole commands take, from the start of Python to its end, by user and system time."""
    print(f"CPU seconds of a whole command, median of {times} (lowest to highest)")
    found = in_turn({" ".join(words): partial(_spent, words) for words in DESK}, times)
    for name, figures in found.items():
        say(name, figures, "s", 2)


def _spent(words: tuple[str, ...]) -> float:
    ends = (1,) if words[0] == "diff" else (0,)  # as the two documents differ
    return taken_by([sys.executable, "-m", "pyledger", *words], where=ROOT, ends=ends).cpu
