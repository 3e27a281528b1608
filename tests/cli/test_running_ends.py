"""A run that is interrupted, or killed, leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 30.0
"""Seconds in which something that must happen does, however busy the machine is."""


def descendants(pid: int) -> set[int]:
    """All processes below one, from what Linux says of parents."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def anvils(pids: set[int]) -> set[int]:
    return {each for each in pids if "anvil" in _command(each)}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
    except OSError:
        return ""


def alive(pids: set[int]) -> set[int]:
    return {each for each in pids if _command(each)}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run of everything there is, on two chains, which have begun."""
    command = [sys.executable, "-m", "pyledger", "run", "gallery", "--workers", "2"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + PATIENCE
    while len(anvils(descendants(process.pid))) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are listed as Linux lists them")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_ends_early(
    running: subprocess.Popen[bytes], tmp_path: Path, ending: signal.Signals
) -> None:
    below = descendants(running.pid)
    if ending is signal.SIGINT:  # a terminal sends it to all
        os.killpg(running.pid, ending)
    else:
        running.send_signal(ending)
    deadline = time.monotonic() + PATIENCE
    while alive(below) and time.monotonic() < deadline:
        running.poll()
        time.sleep(0.05)
    assert alive(below) == set()
    out, err = running.communicate()
    assert (running.returncode, out) == (130 if ending is signal.SIGINT else -ending, b"")
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []
