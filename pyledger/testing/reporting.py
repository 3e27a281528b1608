"""What pytest shows of a test that fails: the lines of whoever wrote it, and what happened in words.

Where pyledger explains itself, how it came to know is not shown; `--full-trace` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Final

from pyledger.errors import NodeError, PyledgerError

if TYPE_CHECKING:
    import pytest

    from pyledger.testing.chain import Chain, Told

__all__ = ["in_words", "played", "spare"]

_ASSERTIONS: Final = "pyledger.testing.assertions"
_HIDDEN: Final = frozenset({"contextlib", "pyledger"})
_THEIRS: Final = _HIDDEN | {"_pytest", "pluggy", "pytest"}

_GIVEN: Final = "start an Anvil there, or leave out --pyledger-url and PYLEDGER_ANVIL_URL: one is then started"
_OWN: Final = "run the tests again: their Anvil has ended, or does not do what it should"

_AS_FILE: Final = "what was played, as a scenario file: pyledger run FILE"
_OF_DEAL: Final = " --document DEAL"


def spare(failure: pytest.ExceptionInfo[BaseException]) -> bool:
    """Of an error that pyledger explains, takes away the way to it through pyledger's own lines, and says if it did."""
    error, lines = failure.value, [*_lines(failure.tb)]
    if isinstance(error, PyledgerError) and isinstance(error.__cause__, PyledgerError | OSError):
        error.__cause__, error.__suppress_context__ = None, True
    elif not isinstance(error, PyledgerError) and not any(_module(each) == _ASSERTIONS for each in lines):
        return False
    if all(map(_is_theirs, lines)):
        return False
    spared: TracebackType | None = None
    for each in reversed([each for each in lines if _package(each) not in _HIDDEN]):
        if spared is not None and spared.tb_frame is each.tb_frame:
            continue  # a block's beginning, where its inside is shown
        spared = TracebackType(spared, each.tb_frame, each.tb_lasti, each.tb_lineno)
    failure.traceback = type(failure.traceback)(spared)  # type: ignore[arg-type]
    return True


def in_words(failure: pytest.ExceptionInfo[BaseException], *, given: bool) -> str | None:
    """All there is to say of an error that comes of no line of a test's, but of what keeps the test from running.

    None of any other. Of a node that fails, what to do depends on whether it was `given`, or is the tests' own.
    """
    error = failure.value
    if not isinstance(error, PyledgerError) or not all(map(_is_theirs, _lines(failure.tb))):
        return None
    if isinstance(error, NodeError):
        error.hint = _GIVEN if given else _OWN
    return str(error)


def _lines(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_theirs(line: TracebackType) -> bool:
    """Whether it is pyledger's, or of what runs tests."""
    return _package(line) in _THEIRS


def _package(line: TracebackType) -> str:
    return _module(line).partition(".")[0]


def _module(line: TracebackType) -> str:
    name: str = line.tb_frame.f_globals.get("__name__", "")
    return name


def played(chain: Chain, told: Sequence[Told]) -> list[tuple[str, str]]:
    """Sections of a report with what was played: what is told of it, or what there is to tell of the chain."""
    with suppress(Exception):  # what a broken node keeps from us must not hide the failure
        told = told or chain.scenarios()
    return [(_AS_FILE if each.whole else _AS_FILE + _OF_DEAL, each.text) for each in told]
