"""What a test does to the chain is undone, and what a fixture of a wider scope has done stays.

A level belongs to a scope of pytest that is being gone through (the session, a package, a module, a class, a test) and
holds a snapshot from before anything of that scope. When pytest leaves the scope, the chain goes back to it. Fixtures
of wider scopes come first, so that they are below. One that is asked for later is on top of a narrower level, and gone
with it: it is then finished, and pytest makes it anew when it is next asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import pytest

    FixtureDef = pytest.FixtureDef[Any]

__all__ = ["FIXTURES", "Isolation", "Rewinding"]

FIXTURES: Final = frozenset({"accounts", "agreement", "anvil", "chain", "tokens", "warp"})
"""The plugin's own, which hold nothing that a return to an earlier state could make stale."""

_SCOPES: Final[Mapping[str, int]] = {"session": 0, "package": 1, "module": 2, "class": 3, "function": 4}


class Rewinding(Protocol):
    """A chain that remembers states and goes back to them, each once."""

    @property
    def traffic(self) -> int:
        """How much it has been asked so far."""

    def remember(self) -> object:
        """A mark of the state as it is."""

    def rewind(self, mark: object) -> None:
        """Back to a mark, which is used up, as are those made after it."""


@dataclass
class _Level:
    rank: int
    node: object
    mark: object
    late: list[tuple[FixtureDef, pytest.FixtureRequest]] = field(default_factory=list)


class Isolation:
    """The levels of one pytest process. Nothing happens before `begin`."""

    def __init__(self) -> None:
        self._chain: Rewinding | None = None
        self._levels: list[_Level] = []
        self._touching: set[str] = set(FIXTURES)

    def begin(self, chain: Rewinding, session: object) -> None:
        """From now on this chain is kept clean."""
        self._chain, self._levels = chain, [_Level(0, session, chain.remember())]

    def end(self, *, restoring: bool) -> None:
        """No chain any more. It goes back to where it was at the beginning, if somebody will go on using it."""
        if self._chain is not None and restoring:
            self._chain.rewind(self._levels[0].mark)
        self._chain, self._levels = None, []

    def enter(self, scope: str, node: pytest.Item | pytest.Collector | Any) -> None:
        """Whatever is done now in this scope, or in narrower ones, will be undone when pytest leaves the node."""
        rank = _SCOPES[scope]
        if self._chain is None or self._levels[-1].node is node or rank <= self._levels[-1].rank:
            return
        level = _Level(rank, node, self._chain.remember())
        self._levels.append(level)
        node.addfinalizer(partial(self._leave, level))

    def _leave(self, level: _Level) -> None:
        if self._chain is None or level not in self._levels:
            return
        for definition, request in reversed(level.late):
            definition.finish(request)  # type: ignore[arg-type]
        del self._levels[self._levels.index(level) :]
        self._chain.rewind(level.mark)

    @contextmanager
    def setting_up(self, definition: FixtureDef, request: pytest.FixtureRequest) -> Iterator[None]:
        """While a fixture is set up."""
        scope, name = definition.scope, definition.argname
        if asks_for_chain(request.fixturenames) and name not in FIXTURES:
            self.enter(scope, request.node)
        before = self._chain.traffic if self._chain else 0
        yield
        if self._chain is None or name in FIXTURES:
            return
        if self._chain.traffic != before or self._touching & set(definition.argnames):
            self._touching.add(name)
            if _SCOPES[scope] < self._levels[-1].rank:
                self._levels[-1].late.append((definition, request))

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done in the block is undone after it."""
        if self._chain is None:
            yield
            return
        mark = self._chain.remember()
        try:
            yield
        finally:
            self._chain.rewind(mark)


def asks_for_chain(names: object) -> bool:
    """Whether a test with these fixtures may have to do with the chain; `request` can ask for any."""
    return not {"anvil", "chain", "request"}.isdisjoint(names)  # type: ignore[arg-type]
