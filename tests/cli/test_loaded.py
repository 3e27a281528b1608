"""What the desk's commands load: each only what it needs, because a person waits for every module."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

HEAVY: Final = (
    "web3", "eth_account", "eth_abi", "eth_hash", "Crypto", "requests", "sqlalchemy", "scipy", "numpy", "matplotlib",
    "jinja2", "typst", "jsonschema", "pyledger.chain", "pyledger.ledger", "pyledger.observer",
)  # fmt: skip
"""What no command of the desk needs to print its answer for people."""

LARGEST: Final = "safe-development-coalition"
"""The document of the gallery that takes `check` longest: estimates, benefits, sixteen kilobytes."""

NOT_FOR: Final = {
    ("check", "starter"): ("pyledger.analysis", "pyledger.terms.compile", "pyledger.document.explain"),
    ("check", LARGEST): (
        "pyledger.document.explain", "pyledger.document.diff", "pyledger.analysis.schedule", "pyledger.analysis.pace",
        "pyledger.analysis.hazards", "pyledger.analysis.outcomes",
    ),
    ("check", "starter", "--format", "sarif"): ("rich", "pyledger.analysis", "pyledger.document.explain"),
    ("explain", "starter"): ("rich", "pyledger.analysis", "pyledger.document.risks", "pyledger.document.diff"),
    ("diff", "starter", "starter"): ("pyledger.analysis", "pyledger.document.risks", "pyledger.document.explain"),
    ("whatif", "starter"): ("pyledger.document.risks", "pyledger.document.explain", "pyledger.analysis.game"),
    ("hash", "starter"): ("pyledger.analysis", "pyledger.document.risks"),
    ("schema",): ("rich", "pyledger.terms", "pyledger.analysis"),
    ("examples",): ("pyledger.terms.compile", "pyledger.analysis"),
}  # fmt: skip
"""Command → what else it has no use for."""


def loaded(*words: str, folder: Path) -> set[str]:
    """All modules that one run of the program has imported when it ends."""
    script = (
        "import json, sys; from pathlib import Path; from pyledger.cli.app import run; code = run(sys.argv[1:]); "
        "Path('loaded.json').write_text(json.dumps(sorted(sys.modules))); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads((folder / "loaded.json").read_text()))


@pytest.mark.parametrize("words", NOT_FOR, ids=" ".join)
def test_a_command_of_the_desk_loads_only_what_it_needs(words: tuple[str, ...], tmp_path: Path) -> None:
    found = loaded(*words, folder=tmp_path)
    assert "pyledger.document.model" in found
    assert sorted(found & {*HEAVY, *NOT_FOR[words]}) == []


def test_every_module_that_is_ruled_out_exists() -> None:
    """A name that nothing has any more rules nothing out."""
    from importlib.util import find_spec

    assert [name for name in {*HEAVY, *sum(NOT_FOR.values(), ())} if find_spec(name) is None] == []


def test_no_time_is_spent_on_looking_for_rubbish(tmp_path: Path) -> None:
    """Python would do so a hundred times while modules are loaded, and once more through everything as it ends."""
    script = (
        "import atexit, gc, sys; from pathlib import Path; from pyledger.cli import main; looks = []\n"
        "gc.callbacks.append(lambda when, what: looks.append(when))\n"
        "atexit.register(lambda: Path('looks').write_text(f'{len(looks)} {gc.get_freeze_count() > 50_000}'))\n"
        "gc.collect(); looks.clear(); main(sys.argv[1:])"
    )
    subprocess.run([sys.executable, "-c", script, "check", LARGEST], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "looks").read_text() == "0 True"


def test_nothing_is_built_for_reading_before_something_is_read() -> None:
    """Pydantic builds what validates a model once for itself and once for each model it is part of, unless it waits."""
    script = (
        "import pyledger.document, pyledger.terms.bindings as b; from pyledger.document.fields import Model\n"
        "def all_of(model): return [model, *(each for sub in model.__subclasses__() for each in all_of(sub))]\n"
        "print(len(all_of(Model)), [m.__name__ for m in (*all_of(Model), b.Bindings) if m.__pydantic_complete__])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    count, built = done.stdout.split(" ", 1)
    assert int(count) > 30
    assert built == "[]\n"
