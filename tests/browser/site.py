"""A running `pyledger serve`, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

from tests.browser.stage import Stage

__all__ = ["serving"]


@contextlib.contextmanager
def serving(stage: Stage) -> Iterator[str]:
    """The address of a server over a stage's chain, for as long as the block lasts; it must end well."""
    command = [sys.executable, "-m", "pyledger", "serve", "--port", "0", "--interval", "0.2", "--json"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=stage.environment)
        try:
            assert process.stdout is not None
            yield str(_object(process.stdout, log)["url"]).rstrip("/")
        finally:
            process.terminate()
            process.communicate(timeout=30)
        log.seek(0)
        assert process.returncode == 0, log.read()


def _object(stream: IO[str], log: IO[str]) -> dict[str, object]:
    """The first JSON object of a stream that stays open."""
    lines = []
    for line in stream:
        lines.append(line)
        if line.startswith("}"):
            found: dict[str, object] = json.loads("".join(lines))
            return found
    log.seek(0)
    raise AssertionError(f"the server did not start: {log.read()}")
