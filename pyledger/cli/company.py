"""Many scenarios, played by several workers at a time, each on a chain of its own.

Signing and encoding are work for a processor, so that workers are processes. Few scenarios are played in this one. A
worker whose pipe is closed, because all is done or because whoever started it was killed, ends with its chain.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Final, NamedTuple

from pyledger.analysis.script import Script
from pyledger.chain.anvil import find_anvil
from pyledger.cli.playing import Played, play_script
from pyledger.cli.replay import playhouse
from pyledger.errors import NodeError, PyledgerError

__all__ = ["enough", "play_all"]

Told = Callable[[int, Played], None]

_WORTH: Final = 10
"""How many scenarios a further worker must have to be worth its start, which takes as long as playing some."""


class _Failed(NamedTuple):
    """Why a worker cannot go on."""

    what: str
    hint: str | None


def enough(scripts: int) -> int:
    """How many workers are worth while for so many scenarios on this machine."""
    return max(min(os.cpu_count() or 1, scripts // _WORTH), 1)


def play_all(scripts: Sequence[Script], *, workers: int, told: Told = lambda *_: None) -> list[Played]:
    """Plays scenarios, at most so many at a time; `told` hears of each as it is done, by its number.

    Raises ToolError where there is no Anvil, NodeError where a chain fails.
    """
    find_anvil()
    if min(workers, len(scripts)) <= 1:
        return _play_here(scripts, told)
    context = get_context("spawn")
    waiting = iter(range(len(scripts)))
    pipes: list[Connection[Any, Any]] = []
    hands = []
    found: dict[int, Played] = {}
    try:
        for _ in range(min(workers, len(scripts))):
            mine, its = context.Pipe()
            hands.append(context.Process(target=_work, args=(its,), daemon=True))
            hands[-1].start()
            its.close()
            pipes.append(mine)
            number = next(waiting)
            mine.send((number, scripts[number]))
        while len(found) < len(scripts):
            ready = wait(pipes)
            for pipe in (each for each in pipes if each in ready):
                number, played = _answer(pipe)
                found[number] = played
                told(number, played)
                if (following := next(waiting, None)) is not None:
                    pipe.send((following, scripts[following]))
    finally:
        for pipe in pipes:
            pipe.close()
        for hand in hands:
            hand.join()
    return [found[number] for number in range(len(scripts))]


def _play_here(scripts: Sequence[Script], told: Told) -> list[Played]:
    found = []
    if scripts:
        with playhouse() as house:
            for number, script in enumerate(scripts):
                found.append(play_script(house, script))
                told(number, found[-1])
    return found


def _answer(pipe: Any) -> tuple[int, Played]:
    try:
        answer: tuple[int, Played] | _Failed = pipe.recv()
    except EOFError:
        raise NodeError("a worker ended before it was done", hint="run it again, with --workers 1") from None
    if isinstance(answer, _Failed):
        raise NodeError(answer.what, hint=answer.hint)
    return answer


def _work(pipe: Connection[Any, Any]) -> None:
    """What a worker does: it plays what it is sent until nothing more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it closes the pipe
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            with playhouse() as house:
                while True:
                    number, script = pipe.recv()
                    pipe.send((number, play_script(house, script)))
        except PyledgerError as error:
            pipe.send(_Failed(error.what, error.hint))
