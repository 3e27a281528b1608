"""The pytest plugin: fixtures for agreements on a local chain. Nothing of it is imported before one is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any, Final

import pytest

from pyledger.testing.isolation import FIXTURES, Isolation, asks_for_chain

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyledger.chain.anvil import Anvil
    from pyledger.testing.chain import Accounts, Chain, DealMaker, Tokens
    from pyledger.testing.node import GivenNode, OwnNode

_ISOLATION = pytest.StashKey[Isolation]()
_NODE = pytest.StashKey["OwnNode"]()
_CHAIN = pytest.StashKey["Chain"]()
_SAID = pytest.StashKey["BaseException"]()

_AS_ABOVE: Final = "there is no chain, for the reason that is given above"


class _AsTheyAre:
    """Finds pyledger's own modules before pytest does.

    pytest would rewrite the assertions of all that comes with a plugin, and no test is to show those of pyledger. It
    takes a tenth of a second at each start, and half a second where Python keeps nothing of it.
    """

    @staticmethod
    def find_spec(
        name: str,
        path: Sequence[str] | None = None,
        target: object = None,  # noqa: ARG004 - as Python asks
    ) -> ModuleSpec | None:
        """As Python itself finds it; None if it is not pyledger's."""
        return PathFinder.find_spec(name, path) if name.startswith("pyledger.") else None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """From before the first module of a test is imported, and for as long as pytest runs."""
    finder = _AsTheyAre()
    sys.meta_path.insert(0, finder)
    early_config.add_cleanup(partial(sys.meta_path.remove, finder))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where Anvil is, if tests are not to start one."""
    parser.getgroup("pyledger").addoption(
        "--pyledger-url",
        metavar="URL",
        default=os.environ.get("PYLEDGER_ANVIL_URL"),
        help="address of an Anvil to use instead of starting one; several, for several xdist workers, with commas "
        "(PYLEDGER_ANVIL_URL)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Levels for this process, none of which is entered before there is a chain."""
    config.stash[_ISOLATION] = Isolation()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Anvil starts while pytest goes on, if a test asks for it by name."""
    config = session.config
    wanted = any(not FIXTURES.isdisjoint(getattr(item, "fixturenames", ())) for item in session.items)
    if wanted and not config.option.collectonly and not config.getoption("--pyledger-url"):
        with suppress(Exception):  # whatever it is, the fixture will say so
            _spawn(config)


def _spawn(config: pytest.Config) -> OwnNode:
    if _NODE not in config.stash:
        from pyledger.testing.node import OwnNode

        config.stash[_NODE] = OwnNode()
        config.add_cleanup(config.stash[_NODE].close)
    return config.stash[_NODE]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Each scope's fixtures are undone when pytest leaves it."""
    with request.config.stash[_ISOLATION].setting_up(fixturedef, request):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """So is the test itself."""
    if asks_for_chain(getattr(item, "fixturenames", ())):
        item.config.stash[_ISOLATION].enter("function", item)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that names a document with errors shows the line that names it, and the errors."""
    report = yield
    failure = getattr(getattr(report, "call", None), "excinfo", None)
    if report.failed and failure is not None and not collector.config.getoption("fulltrace", False):
        from pyledger.testing.reporting import spare

        if spare(failure):
            report.longrepr = collector.repr_failure(failure)
    return report


@pytest.hookimpl(specname="pytest_runtest_makereport")
def pytest_pyledger_lines(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """A failing test shows its own lines: as late as can be, for unittest's tests bring their failures by then."""
    if call.excinfo is not None and not item.config.getoption("fulltrace", False):
        from pyledger.testing.reporting import spare

        spare(call.excinfo)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """It also shows what is wrong in words, and what it played, as scenario files."""
    report = yield
    failure, stash = call.excinfo, item.config.stash
    if failure is not None and not item.config.getoption("fulltrace", False):
        from pyledger.testing.reporting import in_words

        if (words := in_words(failure, given=bool(item.config.getoption("--pyledger-url")))) is not None:
            report.longrepr = words if failure.value is not stash.get(_SAID, None) else _AS_ABOVE
            stash[_SAID] = failure.value
    chain = stash.get(_CHAIN, None)
    if chain is not None and call.when == "call":
        told, chain.told = chain.told, []
        if report.failed and asks_for_chain(getattr(item, "fixturenames", ())):
            from pyledger.testing.reporting import played

            report.sections += played(chain, told)
    return report


def _given(config: pytest.Config) -> str | None:
    """The address given for this process. Raises UsageError if there are fewer than workers."""
    addresses = [each.strip() for each in (config.getoption("--pyledger-url") or "").split(",") if each.strip()]
    if not addresses:
        return None
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > len(addresses):
        from pyledger.errors import UsageError

        raise UsageError(
            f"{len(addresses)} Anvil is given, and xdist runs more workers: each needs one of its own",
            hint="give as many addresses in --pyledger-url, with commas, or none",
        )
    return addresses[worker]


@pytest.fixture(scope="session")
def anvil(request: pytest.FixtureRequest) -> Anvil | GivenNode:
    """The node: one of this process's own, or the one given by `--pyledger-url`."""
    if (url := _given(request.config)) is not None:
        from pyledger.testing.node import GivenNode

        return GivenNode.at(url)
    return _spawn(request.config).anvil.ready()


@pytest.fixture(scope="session")
def chain(request: pytest.FixtureRequest, anvil: Anvil | GivenNode) -> Iterator[Chain]:
    """A connection to it, with the contracts deployed; what tests and fixtures do to it is undone with their scope."""
    from pyledger.testing.chain import open_chain
    from pyledger.testing.node import GivenNode

    isolation = request.config.stash[_ISOLATION]
    made = open_chain(str(getattr(anvil, "ipc", None) or anvil.url), anvil.url, isolation)
    request.config.stash[_CHAIN] = made
    try:
        isolation.begin(made, request.session)
        if "chain" not in request.fixturenames:  # asked for in the middle of a test
            isolation.enter("function", request._pyfuncitem)
        yield made
        isolation.end(restoring=isinstance(anvil, GivenNode))
    finally:
        made.connection.close()
        del request.config.stash[_CHAIN]


@pytest.fixture(scope="session")
def agreement(chain: Chain) -> DealMaker:
    """`agreement("deal.yaml")` is the agreement of a document, opened and in force."""
    from pyledger.testing.chain import DealMaker

    return DealMaker(chain)


@pytest.fixture(scope="session")
def accounts(chain: Chain) -> Accounts:
    """`accounts["builder"]` signs as the builder."""
    from pyledger.testing.chain import Accounts

    return Accounts(chain)


@pytest.fixture(scope="session")
def tokens(chain: Chain) -> Tokens:
    """`tokens["usd"]` is the asset of that name."""
    from pyledger.testing.chain import Tokens

    return Tokens(chain)


@pytest.fixture(scope="session")
def warp(chain: Chain) -> Callable[[str | int], None]:
    """`warp("3 days")` moves the chain's clock, as does a date, or a time in Unix seconds."""
    return chain.warp
