"""How soon something runs: commands, imports, the first test; and what whole commands on large documents take."""

import sys
from functools import partial

from bench_figures import compared, in_turn, say, taken_by
from bench_peers import python_of, ways
from bench_tests import one_run
from bootstrap import ROOT

__all__ = ["desk", "startup"]

LARGEST = "safe-development-coalition"
DESK = {
    ("check", LARGEST): 0,
    ("explain", LARGEST): 0,
    ("whatif", LARGEST): 0,
    ("diff", "monitored-model-access", LARGEST): 1,
}
"""Commands that need no chain, each on what takes it longest, and how they end.

`check` is asked to take less than half a second.
"""

COMMANDS = {
    "pyledger --help": ["-m", "pyledger", "--help"],
    f"pyledger check {LARGEST}": ["-m", "pyledger", "check", LARGEST],
}
IMPORTS = {
    "import pyledger": ["-c", "import pyledger"],
    "import pyledger.chain.client": ["-c", "import pyledger.chain.client"],
    "import web3": ["-c", "import web3"],
}

ELSEWHERE = {"titanoboa": "import boa", "ape": "from ape import accounts, networks"}
"""What a program begins with. `import ape` alone imports next to nothing, like `import pyledger`."""


def startup(times: int, *, alone: bool) -> None:
    """CPU seconds of commands and imports, from the start of Python, and seconds until a first test runs.

    What nobody else disturbs takes as long by the clock.
    """
    found = ways(alone=alone)
    elsewhere = {way.name.split()[0] for way in found if way.python != sys.executable}
    commands = {"python": [sys.executable, "-c", "pass"]}
    commands |= {name: [sys.executable, *words] for name, words in (COMMANDS | IMPORTS).items()}
    for name, line in ELSEWHERE.items():
        if name in elsewhere:
            commands[line] = [str(python_of(name)), "-c", line]
    if "ape" in elsewhere:
        commands["ape --help"] = [str(python_of("ape").with_name("ape")), "--help"]
    figures = in_turn({name: partial(_spent, words) for name, words in commands.items()}, times)
    print(f"CPU seconds, from the start of Python to its end; median of {times} (lowest to highest)")
    for ours, others in (
        ("pyledger --help", ("ape --help",)),
        ("import pyledger.chain.client", ("import web3", *ELSEWHERE.values())),
    ):
        compared({name: figures[name] for name in (ours, *others) if name in figures}, "s", 2, ours=ours)
    for name in ("import pyledger", f"pyledger check {LARGEST}", "python"):
        say(name, figures[name], "s", 2)
    print("a run of pytest with one test: seconds until it runs; others find a node running, pyledger starts one")
    runs = in_turn({way.name: partial(one_run, way, 1) for way in found}, times)
    compared({name: [run.first for run in each] for name, each in runs.items()}, "s", 2)
    print("of that, CPU seconds of pytest")
    compared({name: [run.spent for run in each] for name, each in runs.items()}, "s", 2)


def desk(times: int) -> None:
    """What whole commands take, from the start of Python to its end, by user and system time."""
    print(f"CPU seconds of a whole command, median of {times} (lowest to highest)")
    found = in_turn(
        {
            " ".join(words): partial(_spent, [sys.executable, "-m", "pyledger", *words], ends)
            for words, ends in DESK.items()
        },
        times,
    )
    for name, figures in found.items():
        say(name, figures, "s", 2)


def _spent(words: list[str], ends: int = 0) -> float:
    return taken_by(words, where=ROOT, ends=ends).cpu
