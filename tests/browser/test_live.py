"""Pages that change while they are looked at: an agreement moves, a node goes and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from pyledger.chain.anvil import Anvil
from tests.browser.conftest import Opened
from tests.browser.site import serving
from tests.browser.stage import ACCESS, Played, Stage

pytestmark = [pytest.mark.browser, pytest.mark.chain]

STAYS = "window.stays = true"


def test_a_page_follows_the_chain_until_it_is_paused(opened: Opened, played: Played, stage: Stage) -> None:
    page = opened(f"/agreements/{played.midway}")
    duty = page.locator(".duty").filter(has=page.get_by_role("heading", name="access-opened"))
    expect(duty).to_contain_text("4 of 5 needed say met")
    page.evaluate(STAYS)
    seats = duty.get_by_text("Who said what")
    seats.click()
    seats.focus()

    stage("attest", ACCESS, "access-opened", "met", "--as", "union")

    expect(duty).to_contain_text("met, by the panel")
    expect(page.locator("[data-news]")).to_contain_text("Updated:")
    expect(page.locator("[data-news]")).to_contain_text("obligations")
    expect(page.locator("#history + .intro + .story")).to_contain_text("union attested access-opened: met")
    assert page.evaluate("window.stays") is True
    # What the reader had opened is still open, and the keyboard is where it was.
    expect(duty.get_by_role("group", name="Seats of the panel, on access-opened")).to_be_visible()
    expect(duty.get_by_text("Who said what")).to_be_focused()

    page.get_by_role("button", name="Pause updates").click()
    stage("comment", ACCESS, "Said while nobody listened", "--as", "union", "--about", "access-opened")
    other = opened(f"/agreements/{played.midway}")
    expect(other.locator("main")).to_contain_text("Said while nobody listened")
    assert "Said while nobody listened" not in page.locator("main").inner_text()
    page.get_by_role("button", name="Resume updates").click()
    expect(page.locator("main")).to_contain_text("Said while nobody listened")
    assert page.evaluate("window.stays") is True


def test_a_new_agreement_appears_in_the_list(opened: Opened, stage: Stage) -> None:
    page = opened("/")
    before = page.locator(".entry").count()
    page.evaluate(STAYS)
    deal = stage.new("latecomer", {"A rebuilt bridge": "A bridge that came late"})
    address = stage.begun(deal)
    expect(page.locator(".entry")).to_have_count(before + 1)
    expect(page.locator(".entry").first).to_contain_text(address)
    stage("sync", "--document", deal)
    expect(page.locator(".entry").first).to_contain_text("A bridge that came late")
    assert page.evaluate("window.stays") is True


def test_an_empty_register_says_so_and_a_node_that_goes_is_told(window: Opened, tmp_path: Path) -> None:
    chain = Anvil(timestamp=1_800_000_000).start()
    try:
        with serving(Stage(tmp_path, chain.url)) as site:
            page = window(site)
            expect(page.get_by_role("heading", name="No agreement yet")).to_be_visible()
            page.evaluate(STAYS)
            chain.stop()
            banner = page.locator("[data-part=node]")
            expect(banner).to_contain_text("The node does not answer")
            expect(banner).to_contain_text("the node last answered")
            assert page.evaluate("window.stays") is True
    finally:
        chain.stop()
