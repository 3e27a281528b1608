"""What is kept of each request, by the level of monitoring that the document gives the benefit.

| level            | kept of each request                                                                         |
|------------------|----------------------------------------------------------------------------------------------|
| `none`           | nothing; only who gained and lost access, and how many requests there were                   |
| `minimal`        | when, the holder, the block by which it was let in, the answer's status, and if it was whole |
| `periodic_audit` | also method, target, hash and size of both bodies, how long it took                          |
| `realtime`       | also both bodies, in a folder for whoever has been named to keep them                        |

A benefit that names no level is kept as `minimal`. What cannot be kept is not let in.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

from eth_hash.auto import keccak

from pyledger.errors import UsageError
from pyledger.gateway.answers import Turned
from pyledger.gateway.audit import AuditLog
from pyledger.gateway.door import Admitted

__all__ = ["LEVELS", "Monitor", "Record", "require_sink"]

LEVELS: Final = ("none", "minimal", "periodic_audit", "realtime")
"""From least to most."""


class Record:
    """What is kept of one request. Bodies pass through `asked` and `answered` on their way."""

    def __init__(self, admitted: Admitted, folder: Path | None, *, hashed: bool) -> None:
        self._asked = keccak.new(b"") if hashed else None
        self._answered = keccak.new(b"") if hashed else None
        self._files = [_create(folder / f"{admitted.id}.{part}") for part in ("request", "response")] if folder else []
        self.sizes = [0, 0]

    def asked(self, chunk: bytes) -> None:
        """A part of the request's body."""
        self._take(0, self._asked, chunk)

    def answered(self, chunk: bytes) -> None:
        """A part of the response's body."""
        self._take(1, self._answered, chunk)

    def _take(self, index: int, hasher: Any, chunk: bytes) -> None:
        self.sizes[index] += len(chunk)
        if hasher is not None:
            hasher.update(chunk)
        if self._files and chunk:
            try:
                _write(self._files[index], chunk)
            except OSError as error:
                raise _not_kept(error) from error

    def said(self) -> dict[str, Any]:
        """Sizes (bytes) and hashes of both bodies, so far."""
        if self._asked is None or self._answered is None:
            return {}
        return {
            "request_bytes": self.sizes[0],
            "request_hash": "0x" + self._asked.digest().hex(),
            "response_bytes": self.sizes[1],
            "response_hash": "0x" + self._answered.digest().hex(),
        }

    def close(self) -> None:
        """Ends the files, if there are any."""
        for each in self._files:
            os.close(each)
        self._files = []


class Monitor:
    """Writes to the log what a level asks for. Turned where that is not possible."""

    def __init__(self, level: str, log: AuditLog, *, sink: Path | None) -> None:
        self.level = level
        self._depth = LEVELS.index(level)
        self._log = log
        self._sink = sink if level == "realtime" else None
        if self._sink is not None:
            self._sink.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._counts: Counter[str] = Counter()

    def admitted(self, admitted: Admitted, *, at: float, method: str, target: str) -> Record:
        """A request is let in: from here on it is kept."""
        self._counts["admitted"] += 1
        more = {"method": method, "target": target} if self._depth >= 2 else {}
        try:
            if self._depth >= 1:
                said = {"at": round(at, 3), "id": admitted.id, "holder": admitted.name, "block": admitted.block}
                self._log.write("admitted", said | more)
            return Record(admitted, self._sink, hashed=self._depth >= 2)
        except OSError as error:
            raise _not_kept(error) from error

    def answered(
        self, admitted: Admitted, record: Record, *, at: float, status: int | None, whole: bool, cut: str | None
    ) -> None:
        """It has been answered with a status, `whole` or broken off, or cut off (also in the middle of the answer)."""
        self._counts["cut" if cut else "answered"] += 1
        if self._depth >= 1:
            said = {"at": round(at, 3), "id": admitted.id, "status": status, "whole": whole}
            said |= {"why": cut} if cut else {}
            self._log.write("cut" if cut else "answered", said | record.said())

    def turned(self, reason: str, *, at: float, holder: str | None) -> None:
        """A request was turned away: kept if it came from a `holder`, whose signature was found good, else counted."""
        self._counts[reason] += 1
        if holder is not None and self._depth >= 1:
            self._log.write("turned", {"at": round(at, 3), "reason": reason, "holder": holder})

    def tally(self, *, at: float) -> None:
        """How many requests there were since the last time, by what became of them; nothing if there were none."""
        if self._counts:
            self._log.write("tally", {"at": round(at, 3)} | dict(sorted(self._counts.items())))
            self._counts.clear()


def require_sink(level: str, sink: Path | None) -> None:
    """Refuses, with UsageError, a level that keeps bodies where there is nowhere to keep them."""
    if level == "realtime" and sink is None:
        raise UsageError(
            "the document has this benefit monitored in real time: both bodies of every request are kept",
            hint="name the folder of whoever keeps them with --sink FOLDER",
        )


def _not_kept(error: OSError) -> Turned:
    return Turned("not-monitored", f"the request cannot be kept on record: {error.strerror or error}")


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _write(file: int, chunk: bytes) -> None:
    if os.write(file, chunk) != len(chunk):
        raise OSError("only a part of a body could be kept")
