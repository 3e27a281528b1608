"""Every page in a real browser: on a phone, in the dark, without JavaScript, by keyboard, for a screen reader."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.stage import BIDI, LONG, MARKUP, Played

pytestmark = [pytest.mark.browser, pytest.mark.chain]

PHONE = {"width": 320, "height": 640}
NOBODY = "0x00000000000000000000000000000000000000AA"
PAGES = {
    "list": "/",
    "list-of-a-state": "/?status=completed",
    "list-of-nothing": "/?status=void",
    "open": "/agreements/{open}",
    "in-force": "/agreements/{midway}",
    "disputed": "/agreements/{disputed}",
    "completed": "/agreements/{completed}",
    "terminated": "/agreements/{terminated}",
    "unknown-document": "/agreements/{unknown}",
    "hostile": "/agreements/{hostile}",
    "heard": "/agreements/{heard}",
    "confidential": "/agreements/{confidential}",
    "credited": "/agreements/{credited}",
    "dissolved": "/agreements/{dissolved}",
    "history": "/agreements/{midway}/history",
    "history-of-the-hostile": "/agreements/{hostile}/history",
    "verification": "/agreements/{midway}/verification",
    "account": "/accounts/{party}",
    "account-of-nobody": "/accounts/" + NOBODY,
    "not-found": "/agreements/" + NOBODY,
}
MISSING = {"not-found": 404}


def path(name: str, played: Played) -> str:
    return PAGES[name].format_map(played._asdict())


def faults(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds wrong: the rule, and the first place."""
    found = Axe().run(page).response
    assert len(found["passes"]) > 10, "axe-core did not look"
    return [(each["id"], each["nodes"][0]["html"][:300]) for each in found["violations"]]


def unfold(page: Page) -> None:
    """Open everything that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_axe_finds_nothing_by_day_or_by_night(name: str, opened: Opened, played: Played) -> None:
    page = opened(path(name, played), status=MISSING.get(name, 200), color_scheme="light")
    unfold(page)
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []


def test_axe_would_find_something(opened: Opened) -> None:
    page = opened("/", color_scheme="dark")
    page.evaluate(
        "document.querySelector('h1').insertAdjacentHTML('afterend', '<h4></h4><img src=\"/static/seal.svg\">')"
    )
    assert {rule for rule, _ in faults(page)} >= {"image-alt", "empty-heading"}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_phone_shows_a_page_in_order_and_without_scrolling_sideways(
    name: str, opened: Opened, played: Played
) -> None:
    page = opened(path(name, played), status=MISSING.get(name, 200), viewport=PHONE)
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert page.evaluate("document.body.scrollWidth") == PHONE["width"]
        unfold(page)
    levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for role in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    assert page.eval_on_selector_all("table", "all => all.every((each) => each.querySelector('th[scope]'))")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_what_is_read_needs_no_script(name: str, opened: Opened, played: Played) -> None:
    status = MISSING.get(name, 200)
    without = opened(path(name, played), status=status, java_script_enabled=False)
    with_ = opened(path(name, played), status=status)
    assert without.locator("main").inner_text() == with_.locator("main").inner_text()
    expect(without.get_by_role("button", name="Pause updates")).to_have_count(0)


def test_the_list_leads_to_agreements(opened: Opened, played: Played) -> None:
    page = opened("/")
    expect(page.locator(".entry")).to_have_count(len(played.agreements))
    page.get_by_role("link", name="completed 1").click()
    expect(page.locator(".entry")).to_have_count(1)
    page.get_by_role("link", name="A bridge that was kept").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A bridge that was kept, paid in two steps")
    expect(page.get_by_text("Every phase is settled")).to_be_visible()


def test_an_address_is_found(opened: Opened, played: Played) -> None:
    page = opened("/")
    page.get_by_role("searchbox").fill(played.midway)
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile(f"/agreements/{played.midway}$"))


def test_words_of_a_document_are_found(opened: Opened, played: Played) -> None:
    page = opened("/")
    page.get_by_role("searchbox").fill("FOREST loss")
    page.keyboard.press("Enter")
    expect(page.locator(".entry")).to_contain_text([played.disputed, played.heard])
    page.get_by_role("searchbox").fill("100% nobody wrote")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.locator("main").get_by_role("link", name="Show all of them").click()
    expect(page.locator(".entry")).to_have_count(len(played.agreements))


def test_a_deal_under_way_says_what_comes_next(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}")
    plainly = page.locator(".plainly")
    expect(plainly).to_contain_text("Phase 2 of 3")
    expect(plainly).to_contain_text("Awaited next: the panel council attests whether access-opened was met")
    expect(plainly).to_contain_text("If nothing is said by then, it counts as breached.")
    duty = page.locator(".duty").filter(has=page.get_by_role("heading", name="access-opened"))
    expect(duty).to_contain_text("4 of 5 needed say met")
    expect(duty).to_contain_text("civil-society: 0 of 1, still needed")
    expect(duty).to_contain_text("Provider of the model forfeits 30,000,000 USDX")


def test_where_money_would_go_is_told_and_drawn(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}")
    table = page.get_by_role("group", name="Where the money would go").get_by_role("table")
    met = table.get_by_role("row").filter(has_text="everything that is still open in this phase is met")
    assert met.inner_text().split("\t")[1:3] == [
        "73,500,000 USDX\n+13,500,000 USDX",
        "60,000,000 USDX\n−15,000,000 USDX",
    ]
    says = page.locator("svg.flow.broad:visible > title").first.text_content()
    assert says is not None
    assert "Provider of the model receives 73,500,000 USDX" in says
    assert page.locator("svg.flow.broad:visible path.flow-gained").count() > 0
    picture = opened(f"/agreements/{played.midway}/flow.svg")
    assert picture.evaluate("document.documentElement.tagName") == "svg"


def test_a_dispute_is_shown_with_what_it_waits_for(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.disputed}")
    expect(page.locator(".plainly")).to_contain_text("rules whether loss-2012 is met, which is contested")
    expect(page.locator(".duty")).to_contain_text("brought by villages")
    link = page.locator("#remark-1").get_by_role("link", name="Open what it points to")
    expect(link).to_have_attribute("href", "https://example.org/map-of-the-east")
    assert set((link.get_attribute("rel") or "").split()) >= {"noreferrer", "noopener", "nofollow"}


def test_evidence_stands_with_what_it_is_about(opened: Opened, played: Played) -> None:
    duty = opened(f"/agreements/{played.midway}").locator(".duty").first
    duty.get_by_text("1 remark and evidence").click()
    expect(duty.locator(".remark")).to_contain_text("rights-group on access-opened wrote:")
    expect(duty.locator(".remark .quote")).to_have_text("The evaluation suite came a day late")


def test_who_was_heard_is_told_with_what_was_answered_and_when(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.heard}")
    heard = page.get_by_role("region", name="Who was heard")
    expect(heard).to_contain_text("were awaited until")
    expect(heard).to_contain_text("within 30 days, by any party")
    remarks = heard.locator(".remarks > li")
    expect(remarks).to_have_count(6)
    told = {
        1: ["by villages on loss-2012", "answered", "The rivers of the east", "Answered in remark 4, in time."],
        2: ["overdue", "only the hash is on record", "in “guc”", "Nobody has answered it; an answer was due by"],
        3: ["answered late", MARKUP, "Answered in remark 5; an answer was due by"],
        4: ["by guyana on loss-2012", "Answers remark 1", "Two teams go there in March"],
        5: ["after the time for comments", "Answers remark 3"],
        6: ["after the time for comments", "due", "To be answered by"],
    }
    for number, words in told.items():
        for each in words:
            expect(remarks.nth(number - 1)).to_contain_text(each)
    heard.get_by_role("link", name="remark 4").click()
    expect(page).to_have_url(re.compile("#remark-4$"))
    assert page.locator("main script, main img").count() == 0
    row = heard.get_by_role("group", name="Challenges").get_by_role("row").nth(1)
    expect(row).to_contain_text("loss-2012 is met")
    expect(row).to_contain_text("breached")


def test_a_submission_is_its_hash_and_where_it_is_said_to_be(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.heard}")
    second = page.locator("#remark-2")
    assert re.search("0x[0-9a-f]{64}", second.inner_text())
    expect(second).to_contain_text(f"pyledger submission check FILE {played.heard}")
    links = page.locator(".remarks").get_by_role("link", name="Open what it points to")
    assert [each.get_attribute("href") for each in links.all()] == [
        "https://example.org/letter.json",
        "https://example.org/map-of-the-west",
    ]
    for each in links.all():
        assert set((each.get_attribute("rel") or "").split()) >= {"noreferrer", "noopener", "nofollow"}


def test_a_verdict_before_the_court_is_among_the_challenges(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.disputed}")
    row = page.get_by_role("group", name="Challenges").get_by_role("row").nth(1)
    expect(row).to_contain_text("villages")
    expect(row).to_contain_text("before the court")
    expect(page.locator("#remark-1")).to_contain_text("To be answered by")


def test_where_nobody_is_to_be_heard_nothing_is_said_of_it(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.completed}")
    expect(page.get_by_role("heading", name="Money", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Who was heard")).to_have_count(0)


def test_of_a_confidential_phase_the_hash_is_shown_and_nothing_else(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.confidential}")
    phase = page.locator(".line > li").nth(1)
    expect(phase).to_contain_text("to come, not disclosed")
    expect(phase).to_contain_text("Known by its hash alone")
    assert re.search("0x[0-9a-f]{64}", phase.inner_text())
    assert phase.locator("details").count() == 0
    expect(page.locator("main")).to_contain_text("is refused, as everybody reads this register")
    for word in ("bridge-open", "600,000", "A bridge of which only half is told"):
        assert word not in page.content()


def test_money_that_could_not_be_sent_waits_in_sight(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.credited}")
    waiting = page.locator(".notice").filter(has_text="Waiting to be withdrawn")
    expect(waiting).to_contain_text("400,000 USDX for The builder")
    held = page.get_by_role("group", name="Money held").get_by_role("row").nth(1)
    expect(held).to_contain_text("400,000 USDX")
    expect(page.get_by_text("Anybody can send builder the 400,000 USDX it is owed")).to_be_visible()
    expect(page.locator(".story").first).to_contain_text("it could not be sent and waits as a credit")


def test_what_was_given_up_together_says_so(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.dissolved}")
    expect(page.locator(".plainly")).to_have_text("All members agreed to end it, and shared out what it held.")
    first, second = page.locator(".line > li").all()
    expect(first).to_contain_text("dissolved before it was settled")
    expect(first).to_contain_text("split")
    expect(second).to_contain_text("not reached")
    expect(page.locator(".story").first).to_contain_text("as all members have agreed")
    expect(page.locator(".facts").first).to_contain_text("nothing")


def test_the_list_says_what_comes_next(opened: Opened, played: Played) -> None:
    page = opened("/")
    entry = page.locator(".entry").filter(has_text=played.disputed)
    expect(entry).to_contain_text("Next deadline")
    expect(entry).to_contain_text("loss-2012 stays met without a ruling")
    expect(page.locator(".entry").filter(has_text=played.open)).to_contain_text("joining ends")
    expect(page.locator(".entry").filter(has_text=played.unknown)).to_contain_text(
        "obligation-1 is breached by silence"
    )
    over = page.locator(".entry").filter(has_text=played.dissolved)
    assert "Next deadline" not in over.inner_text()
    expect(page.locator(".entry").filter(has_text=played.credited)).to_contain_text("none")


def test_benefits_say_whether_they_hold(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}")
    api = page.locator("article").filter(has=page.get_by_role("heading", name="api", exact=True))
    expect(api).to_contain_text("holds")
    expect(api).to_contain_text("with 14 days of notice")
    hosted = page.locator("article").filter(has=page.get_by_role("heading", name="hosted-model"))
    expect(hosted).to_contain_text("not yet")


def test_the_books_come_to_what_is_held(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}")
    balances = page.get_by_role("group", name="Balances of the books").get_by_role("row")
    expect(balances.filter(has_text="escrow for first-fee")).to_contain_text("+15,000,000 USDX")
    expect(balances.filter(has_text="bond of Host country")).to_contain_text("+60,000,000 USDX")
    expect(balances.filter(has_text="outside:").filter(has_text="Host country")).to_contain_text("−75,000,000 USDX")


def test_what_was_forfeited_is_shown(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.terminated}")
    lost = page.get_by_role("group", name="Forfeitures").get_by_role("row").nth(1)
    expect(lost).to_contain_text("The city")
    expect(lost).to_contain_text("50,000 USDX")
    expect(page.locator(".line > .failed")).to_contain_text("city did not put up money in time")


def test_without_a_document_things_are_numbered_and_it_is_said_how_to_bring_it(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.unknown}")
    expect(page.get_by_role("heading", level=1)).to_have_text("An agreement whose document is not here")
    expect(page.locator("main")).to_contain_text("obligation-1")
    expect(page.locator("main")).to_contain_text("smallest units of token 0x")
    expect(page.locator("main")).to_contain_text("pyledger sync --document deal.yaml")
    assert "A bridge that nobody names" not in page.content()


def test_amounts_that_no_document_names_leave_room_for_the_other_columns(opened: Opened, played: Played) -> None:
    """What they are counted in, smallest units of an address, goes below the number."""
    page = opened(f"/agreements/{played.unknown}", viewport={"width": 900, "height": 900})
    wide = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.ariaLabel)"
    assert page.locator(".right .unit").count() > 0
    assert page.locator(".scroll").evaluate_all(wide) == []


def test_the_address_is_shown_to_be_its_terms(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}/verification")
    expect(page.get_by_text("every step holds")).to_be_visible()
    last = page.locator(".proof > li").last
    expect(last).to_contain_text("CREATE2")
    expect(last).to_contain_text(played.midway)


def test_hostile_words_are_only_words(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.hostile}")
    expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    assert page.title() == MARKUP[:79] + "…"
    assert page.locator("main script, main img").count() == 0
    assert page.locator("h1 bdi").count() == 1
    assert page.locator("body").inner_html().count("\u202e") == 0
    expect(page.locator("main")).to_contain_text(BIDI.replace("\u202e", r"\u202e").replace("\u2066", r"\u2066")[:20])
    assert f"{len(LONG):,} characters" in page.locator("main").inner_text()
    assert LONG not in page.locator(".clip > summary").first.inner_text()


def test_a_record_comes_with_its_interval_and_its_limits(opened: Opened, played: Played) -> None:
    page = opened(f"/accounts/{played.party}")
    expect(page.get_by_role("heading", level=1)).to_have_text(played.party)
    expect(page.locator("main")).to_contain_text("Wilson score interval at 95 %")
    expect(page.get_by_role("img", name=re.compile("kept: between"))).to_be_visible()
    expect(page.locator("main")).to_contain_text("independent")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("document.activeElement.matches('a')")
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(style) == "solid"
    said = page.get_by_text("Who said what").first
    said.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Seats of the panel, on access-opened")).to_be_visible()
    boxes = page.locator(".scroll")
    assert boxes.evaluate_all("all => all.every((each) => each.tabIndex === 0 && each.ariaLabel)")


def test_a_page_that_is_not_there_says_what_to_do(opened: Opened, played: Played) -> None:
    page = opened("/agreements/" + NOBODY, status=404)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("main").get_by_role("link", name="All agreements").click()
    expect(page.locator(".entry")).to_have_count(len(played.agreements))


def test_paper_has_everything_but_what_is_pressed(opened: Opened, played: Played) -> None:
    page = opened(f"/agreements/{played.midway}")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
    expect(page.get_by_role("button", name="Pause updates")).to_be_hidden()
    expect(page.locator(".duty").first).to_be_visible()
