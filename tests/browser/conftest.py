"""Chromium before a real server, over a real chain on which agreements were played."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from pyledger.chain.anvil import Anvil
from tests.browser.site import serving
from tests.browser.stage import Played, Stage, play_all

Opened = Callable[..., Page]
"""Opens a path of the site in a window of its own; options are those of Playwright's `new_context`."""

_PATIENCE = 120_000
"""Milliseconds that a page may take to load, or to show something, where everything else runs at the same time."""
expect.set_options(timeout=_PATIENCE)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


def chromium() -> str:
    """The Chromium to test with; an error that says how to get one where there is none."""
    found = os.environ.get("PYLEDGER_CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise pytest.UsageError(
            "the browser tests need Chromium: install it (on Debian: apt-get install chromium), name it by "
            "PYLEDGER_CHROMIUM, or leave these tests out with -m 'not browser'"
        )
    return found


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Anvil(timestamp=1_800_000_000) as chain:
        yield Stage(tmp_path_factory.mktemp("stage"), chain.url)


@pytest.fixture(scope="module")
def played(stage: Stage) -> Played:
    return play_all(stage)


@pytest.fixture(scope="module")
def site(stage: Stage, played: Played) -> Iterator[str]:
    with serving(stage) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, gone with its tests: Playwright's event loop would be in the way of tests that run their own."""
    options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=options)
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Opened]:
    """Opens addresses; in the end nothing may have been wrong in any of the windows."""
    wrong: list[str] = []
    pages: list[Page] = []

    def heard(message: ConsoleMessage) -> None:
        own = not message.location.get("url", "").endswith(
            "/favicon.ico"
        )  # browsers ask for one where a picture stands alone
        if message.type in {"error", "warning"} and own:
            wrong.append(f"{message.type}: {message.text}")

    def open_(address: str, *, status: int = 200, **options: Any) -> Page:
        context = browser.new_context(**options)
        context.add_init_script(_VIOLATIONS)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        pages.append(page)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == status
        if status != 200:
            wrong[:] = [each for each in wrong if f"status of {status}" not in each]
        return page

    yield open_
    for page in pages:
        wrong += page.evaluate("window.violations || []")
        page.context.close()
    assert wrong == []


@pytest.fixture
def opened(window: Opened, site: str) -> Opened:
    """The same, of paths on the site."""

    def open_(path: str, **options: Any) -> Page:
        return window(site + path, **options)

    return open_
