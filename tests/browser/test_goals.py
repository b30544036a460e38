"""A SMART goal in Chromium: published, standing still once begun, unlocked with a reason, changed and locked again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import serving
from tests.browser.test_define import CHART_MS, choose, field, opened, write
from tests.browser.test_pages import no_sideways_scroll
from tests.pages.sample import lay_out, quarterline

SAID = {
    "en": {
        "new": "New SMART goal", "title": "What will have been reached (English)", "metric": "Metric",
        "which": "Resolution time · resolution_time", "owner": "Owner", "starts": "First day", "target": "Target (h)",
        "days": "10 Nov 2026 to 31 Dec 2026", "owned": "Owner linh", "publish": "Publish", "published": "Published:",
        "begun": "Locked since 10 Nov 2026", "refused": "has begun and is locked",
        "way_out": "Reason for changing a locked goal", "unlock": "Unlock …", "why": "Why may its definition change?",
        "unlock_now": "Unlock it", "open": "unlocked it on 23 Nov 2026", "lock": "Lock …", "lock_now": "Lock it",
        "locked": "locked it on 23 Nov 2026", "history": "How it came to be what it is",
        "list": "locked", "moved": "< 16 h",
    },
    "vi": {
        "new": "Mục tiêu SMART mới", "title": "Điều sẽ đạt được (Tiếng Việt)", "metric": "Chỉ số",
        "which": "Thời gian xử lý xong · resolution_time", "owner": "Người chịu trách nhiệm", "starts": "Ngày đầu",
        "target": "Chỉ tiêu (giờ)", "days": "10/11/2026 đến 31/12/2026", "owned": "Người chịu trách nhiệm: linh",
        "publish": "Công bố", "published": "Đã công bố:", "begun": "Đã khoá từ 10/11/2026",
        "refused": "đã bắt đầu và đang khoá", "way_out": "Lý do sửa mục tiêu đang khoá", "unlock": "Mở khoá …",
        "why": "Vì sao định nghĩa được phép thay đổi?", "unlock_now": "Mở khoá ngay",
        "open": "đã mở khoá ngày 23/11/2026", "lock": "Khoá …", "lock_now": "Khoá ngay",
        "locked": "đã khoá ngày 23/11/2026", "history": "Vì sao mục tiêu trở nên như hiện nay",
        "list": "đã khoá", "moved": "< 16 giờ",
    },
}  # fmt: skip
TOLD = {
    "en": ("unlocked: the team moved", "target: < 18 → < 16", "locked"),
    "vi": ("mở khoá: the team moved", "chỉ tiêu: < 18 → < 16", "khoá lại"),
}
TITLES = {"en": "Tickets closed the same day", "vi": "Phiếu được xử lý trong ngày"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("goals") / "workspace")


@pytest.fixture(scope="module")
def address(workspace: Path) -> Iterator[str]:
    with serving(workspace) as url:
        yield url


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).filter(visible=True)


def define(page: Page, said: dict[str, str], title: str) -> None:
    """Type a goal that began two weeks ago; each field is waited for by what only its arrival changes."""
    verdicts = page.locator(".ql-verdicts").filter(visible=True)
    button(page, said["new"]).click()
    expect(field(page, said["title"])).to_be_visible(timeout=CHART_MS)
    write(page, said["title"], title)
    choose(page, said["metric"], said["which"])
    expect(page.locator(".js-plotly-plot").filter(visible=True)).to_have_count(1, timeout=CHART_MS)
    field(page, said["owner"]).fill("linh")
    page.keyboard.press("Enter")
    expect(verdicts).to_contain_text(said["owned"], timeout=CHART_MS)
    field(page, said["starts"]).fill("2026-11-10")
    expect(verdicts).to_contain_text(said["days"], timeout=CHART_MS)
    expect(button(page, said["publish"])).to_be_disabled()  # there is no target yet
    write(page, said["target"], "18")
    expect(button(page, said["publish"])).to_be_enabled(timeout=CHART_MS)
    button(page, said["publish"]).click()
    expect(page.get_by_text(said["published"])).to_be_visible(timeout=CHART_MS)


def go_to_goal(page: Page, address: str, language: str, said: dict[str, str]) -> Locator:
    """Find the goal on the Overview, give its row, and follow its link to where it is defined."""
    page.goto(f"{address}/?lang={language}")
    row = page.locator(".ql-goals tr", has_text=TITLES[language])
    expect(row).to_contain_text(said["list"], timeout=CHART_MS)
    return row


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_goal_is_defined_stands_still_and_changes_only_by_a_way_that_is_on_record(
    browser: Browser, address: str, workspace: Path, language: str
) -> None:
    said, title = SAID[language], TITLES[language]
    page = opened(browser, address, f"define?lang={language}", high=1600)
    define(page, said, title)

    go_to_goal(page, address, language, said).get_by_role("link", name=title).click()
    expect(page.get_by_text(said["begun"])).to_be_visible(timeout=CHART_MS)
    target, publish = field(page, said["target"]), button(page, said["publish"])
    expect(target).to_have_value("18")
    target.fill("16")
    expect(page.locator(".ql-notice", has_text=said["refused"])).to_be_visible(timeout=CHART_MS)
    expect(publish).to_be_disabled()
    expect(field(page, said["way_out"])).to_be_visible()  # a reason would let this one change pass

    button(page, said["unlock"]).click()
    field(page, said["why"]).fill("the team moved")
    button(page, said["unlock_now"]).click()
    expect(page.get_by_text(said["open"])).to_be_visible(timeout=CHART_MS)
    expect(page.locator(".ql-notice", has_text=said["refused"])).to_have_count(0, timeout=CHART_MS)
    expect(target).to_have_value("16")
    expect(publish).to_be_enabled(timeout=CHART_MS)
    publish.click()
    expect(page.get_by_text(said["published"])).to_be_visible(timeout=CHART_MS)

    row = go_to_goal(page, address, language, said | {"list": said["moved"]})
    row.get_by_role("link", name=title).click()
    button(page, said["lock"]).click()
    button(page, said["lock_now"]).click()
    expect(page.get_by_text(said["locked"])).to_be_visible(timeout=CHART_MS)
    page.get_by_text(said["history"]).click()
    told = page.locator(".ql-plain").filter(visible=True)
    for each in TOLD[language]:
        expect(told).to_contain_text(each)
    assert no_sideways_scroll(page)
    page.context.close()

    goals = json.loads(quarterline(workspace, "goal", "list", "--json").stdout)["goals"]
    (key,) = [each["key"] for each in goals if each["title"] == title]
    events = json.loads(quarterline(workspace, "history", key, "--json").stdout)["events"]
    assert [event["text"] for event in events if event["kind"] == "goal_lock"] == [
        "definition unlocked as of 2026-11-23: the team moved",
        "definition locked as of 2026-11-23",
    ]
