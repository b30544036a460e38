"""Review, Cycles, Alignment, Policies, and Then and now in Chromium: framed, on a phone, by keyboard, in the room."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_pages import no_sideways_scroll, settle

PAGES = ("review", "cycles", "alignment", "policies", "then")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("vi", "dark")])
def test_a_deep_link_is_framed_and_a_phone_never_scrolls_sideways(
    open_page: Open, path: str, language: str, scheme: str
) -> None:
    page = open_page(f"{path}?lang={language}", wide=390, high=844, scheme=scheme)
    expect(page.locator(".ql-header strong")).to_have_text("Sao Mai Retail")
    expect(page.locator("h1")).to_be_visible()
    settle(page)
    assert no_sideways_scroll(page)
    assert page.locator("text=Traceback").count() == 0


def test_the_bar_leads_to_every_page_by_section(open_page: Open) -> None:
    page = open_page("?lang=en")
    for name in ("Overview", "Review", "Alignment"):
        expect(page.get_by_test_id("stTopNavLink").filter(has_text=name)).to_be_visible()
    for section, name in (("Definitions", "Cycles"), ("Evidence", "Then and now")):
        page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
        page.get_by_role("menuitem", name=name).click()
        expect(page.locator("h1")).to_be_visible()


def test_the_tree_opens_and_closes_by_keyboard(open_page: Open) -> None:
    page = open_page("alignment?lang=en")
    branch = page.locator(".ql-tree details").first
    inner = branch.locator("li").first
    expect(inner).to_be_visible()
    branch.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(inner).to_be_hidden()
    page.keyboard.press("Enter")
    expect(inner).to_be_visible()


def test_the_meeting_room_fills_the_screen_without_controls_and_leads_back(open_page: Open) -> None:
    page = open_page("review?lang=en")
    page.get_by_role("link", name="Present").click()
    room = page.locator(".ql-present")
    expect(room).to_be_visible()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    assert page.locator("button:visible").count() == 0
    size = room.locator(".ql-agenda .ql-name").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size > 20
    page.get_by_role("link", name="Leave the presentation").click()
    expect(page.get_by_role("button", name="Start the meeting")).to_be_visible()
