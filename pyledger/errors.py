"""Every error a person can meet, in one tree.

    PyledgerError                 exit 1   what happened, where, and what to do next
    ├── DocumentError             exit 1   one or more findings in a document
    ├── BindingsError             exit 1   bindings that do not fit their document
    ├── TermsError                exit 1   terms that cannot be compiled, hashed or signed
    ├── Refused                   exit 1   a rule of the agreement forbids it; carries name and values
    ├── SignatureError            exit 1   a signature, attestation or key that does not fit
    ├── MismatchError             exit 1   two things that should be the same are not
    ├── DeploymentError           exit 1   no deployment, or one that belongs to another chain
    ├── UsageError                exit 2   the command line asks for something that does not exist
    ├── NodeError                 exit 3   the node is down, unreachable, or answers nonsense
    │   └── WrongNetworkError     exit 3   the node answers for another chain than the one asked for
    ├── TransactionError          exit 4   sent, but its outcome is unknown or it failed without a reason
    └── ToolError                 exit 5   a program this one needs (anvil, solc) is missing or broken

Exit codes are part of the interface: 0 done, 1 refused or findings, 2 usage, 3 node, 4 transaction, 5 tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "BindingsError",
    "DeploymentError",
    "DocumentError",
    "Finding",
    "MismatchError",
    "NodeError",
    "PyledgerError",
    "Refused",
    "SignatureError",
    "TermsError",
    "ToolError",
    "TransactionError",
    "UsageError",
    "WrongNetworkError",
]


class PyledgerError(Exception):
    """What happened, where, and what to do next.

    `what` is one sentence; `where` names a file, party, phase or obligation; `hint` is the next thing to try.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.hint:
            lines.append(f"  next:  {self.hint}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a document: `line` and `column` count from 1, `path` is like `phases.release.payments`."""

    message: str
    path: str
    line: int | None = None
    column: int | None = None
    hint: str | None = None

    def render(self, file: str) -> str:
        """One finding as text: `file:line:column: path: message` and, below it, how to mend it."""
        place = file if self.line is None else f"{file}:{self.line}:{self.column or 1}"
        path = f"{self.path}: " if self.path else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{place}: {path}{self.message}{hint}"


class DocumentError(PyledgerError):
    """A document that cannot be read; `findings` lists everything wrong that could be found in one reading."""

    def __init__(self, file: str, findings: tuple[Finding, ...]) -> None:
        count = "1 error" if len(findings) == 1 else f"{len(findings)} errors"
        super().__init__(f"{file}: {count}")
        self.file = file
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join([*(finding.render(self.file) for finding in self.findings), self.what])


class BindingsError(PyledgerError):
    """Bindings that do not fit their document: a name missing, an address malformed, an asset unknown."""


class TermsError(PyledgerError):
    """Terms that cannot be compiled, encoded, hashed or signed."""


class Refused(PyledgerError):
    """A rule of the agreement forbids the move: the contract's custom error, by name and with its values."""

    def __init__(
        self,
        name: str,
        values: Mapping[str, object],
        what: str,
        *,
        where: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.name = name
        self.values = dict(values)


class SignatureError(PyledgerError):
    """A signature, attestation or key that does not fit what it is used for."""


class MismatchError(PyledgerError):
    """Two things that should be the same are not: an address and a document, a rebuilt and a shipped artifact."""


class DeploymentError(PyledgerError):
    """No deployment is recorded for the chain, or the record belongs to another chain's history."""


class UsageError(PyledgerError):
    """The command line asks for something that does not exist or cannot be combined."""

    exit_code = 2


class NodeError(PyledgerError):
    """The node is down, unreachable, or answers nonsense."""

    exit_code = 3


class WrongNetworkError(NodeError):
    """The node answers for another chain than the one asked for."""


class TransactionError(PyledgerError):
    """A transaction was sent, but failed without a reason or its outcome is unknown."""

    exit_code = 4


class ToolError(PyledgerError):
    """A program this one needs (anvil, solc, node) is missing or broken."""

    exit_code = 5
