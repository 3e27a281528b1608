"""The gateway's record of what it did: one JSON object a line, each with the hash of the line before.

Whoever changes, removes or inserts a line breaks the chain at that place. What a chain cannot show is that its end was
cut off; so the hash of the last line is told by `/.well-known/pyledger`, for whoever wants to write it down elsewhere.
A line is handed to the system at once, so that it outlives this program; the disk is told to keep what there is when
somebody gains or loses access, and else at most a second later (`always`: with every line).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyledger.errors import UsageError

__all__ = ["START", "AuditLog", "Problem", "check_log", "line_hash"]

START: Final = "0" * 64
"""What the first line has for the hash of the line before."""


class Problem(NamedTuple):
    """A line that is not what its chain says; lines count from 1."""

    line: int
    what: str


def line_hash(line: bytes) -> str:
    """The hash of a line without its end, as the next line has it: SHA-256, hexadecimal."""
    return hashlib.sha256(line).hexdigest()


class AuditLog:
    """An append-only file that only its owner can read. OSError if it cannot be written; nobody else may write it."""

    def __init__(self, path: Path, *, always: bool = False) -> None:
        self.path = path
        self._always = always
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(self._file, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise UsageError(f"another gateway writes {path}", hint="give each its own --log") from None
        self.last, self._number = self._resume()
        self._unsynced = False

    def _resume(self) -> tuple[str, int]:
        """The hash of the last line and its number; a line that a crash has left unfinished is ended, and stays."""
        size = os.fstat(self._file).st_size
        if size == 0:
            return START, 0
        if os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")
        last, number = b"", 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):  # noqa: B007 - the last one counts
                last = line
        return line_hash(last.rstrip(b"\n")), number

    def write(self, event: str, said: Mapping[str, Any], *, sync: bool = False) -> None:
        """One line. `sync` waits until the disk has it. OSError if it cannot be written."""
        line = json.dumps(
            {"n": self._number + 1, "prev": self.last, "event": event, **said}, separators=(",", ":")
        ).encode()
        whole = line + b"\n"
        if os.write(self._file, whole) != len(whole):
            raise OSError(f"only a part of a line fitted into {self.path}")
        self.last, self._number = line_hash(line), self._number + 1
        self._unsynced = True
        if sync or self._always:
            self.sync()

    def sync(self) -> None:
        """Waits until the disk has every line."""
        if self._unsynced:
            self._unsynced = False  # before, as another line may come meanwhile
            os.fsync(self._file)

    def close(self) -> None:
        """Ends the writing."""
        self.sync()
        os.close(self._file)


def check_log(path: Path) -> Iterator[tuple[bytes, Problem | dict[str, Any]]]:
    """Every line of a log, in order, with what it says, or what is wrong with it. OSError if it cannot be read."""
    before = START
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            line = raw.rstrip(b"\n")
            yield line, _checked(line, number, before)
            before = line_hash(line)


def _checked(line: bytes, number: int, before: str) -> Problem | dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return Problem(number, "it is no JSON: a crash left it unfinished, or it was changed")
    if not isinstance(said, dict) or said.get("prev") != before:
        return Problem(number, "it does not follow from the line before: something was changed, removed or inserted")
    if said.get("n") != number:
        return Problem(number, f"it says that it is number {said.get('n')}")
    return said
