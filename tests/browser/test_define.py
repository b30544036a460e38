"""Defining in Chromium: verdicts that change while one types, drafts that survive, two people and one objective."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from metrics.definitions import load_workspace
from metrics.ledger import open_ledger
from pages.ui.i18n import words_in
from tests.browser.conftest import PATIENCE_MS, serving
from tests.browser.test_pages import no_sideways_scroll, settle
from tests.pages.sample import lay_out

WORDS = {
    "en": {
        "new": "New objective", "objective": "Where to go (English)", "why": "Why it matters (English)",
        "title": "What will have been reached (English)", "metric": "Metric", "target": "Target",
        "add": "Add a key result",
        "publish": "Publish", "published": "Published:", "achievable": "Achievable", "preview": "What the data say",
        "kept": "Kept as a draft", "remove": "Remove this key result", "chart": "Target",
    },
    "vi": {
        "new": "Mục tiêu mới", "objective": "Cần đi đến đâu (Tiếng Việt)",
        "why": "Vì sao điều này quan trọng (Tiếng Việt)",
        "title": "Điều sẽ đạt được (Tiếng Việt)", "metric": "Chỉ số", "target": "Chỉ tiêu",
        "add": "Thêm kết quả then chốt",
        "publish": "Công bố", "published": "Đã công bố:", "achievable": "Khả thi", "preview": "Dữ liệu cho thấy gì",
        "kept": "Đã giữ ở dạng bản nháp", "remove": "Xoá kết quả này", "chart": "Chỉ tiêu",
    },
}  # fmt: skip
KEY_RESULTS = {
    "en": (
        ("First answers within 2 hours", "First response time", "2", "h"),
        ("Satisfaction of 90 %", "Customer satisfaction", "90", "%"),
        ("Tickets solved within 20 hours", "Resolution time", "20", "h"),
    ),
    "vi": (
        ("Trả lời lần đầu trong 2 giờ", "Thời gian phản hồi đầu tiên", "2", "giờ"),
        ("Mức hài lòng 90 %", "Mức độ hài lòng của khách hàng", "90", "%"),
        ("Xử lý xong trong 20 giờ", "Thời gian xử lý xong", "20", "giờ"),
    ),
}
CHART_MS = 120_000
"""The first chart of a visit waits for Plotly's own code to arrive and be read."""

OBJECTIVES = {"en": "Answer every customer in time", "vi": "Trả lời mọi khách hàng đúng lúc"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of its own, since these tests publish."""
    return lay_out(tmp_path_factory.mktemp("define") / "workspace")


@pytest.fixture(scope="module")
def address(workspace: Path) -> Iterator[str]:
    with serving(workspace) as url:
        yield url


def opened(browser: Browser, address: str, path: str, *, wide: int = 1400, high: int = 1000) -> Page:
    page = browser.new_context(viewport={"width": wide, "height": high}).new_page()
    page.goto(f"{address}/{path}")
    page.wait_for_selector(".ql-header")
    settle(page)
    return page


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).filter(visible=True).first.click()
    page.get_by_role("option", name=option).first.click()
    settle(page)


def field(page: Page, label: str) -> Locator:
    """A field that is seen: the browser keeps those of a form that was left, hidden, for when it comes back."""
    return page.get_by_label(label, exact=True).filter(visible=True)


def write(page: Page, label: str, text: str) -> None:
    """Type a text and do not leave the field: what one types counts after a pause."""
    field(page, label).first.fill(text)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "vi"])
def test_an_objective_with_three_key_results_is_defined_published_and_seen(
    browser: Browser, address: str, language: str
) -> None:
    words = WORDS[language]
    page = opened(browser, address, f"define?lang={language}", high=1600)
    page.get_by_role("button", name=words["new"]).click()
    expect(page.get_by_label(words["objective"], exact=True)).to_be_visible()
    write(page, words["objective"], OBJECTIVES[language])
    write(page, words["why"], OBJECTIVES[language])
    achievable = page.locator(".ql-verdict-achievable").filter(visible=True)
    wanting = words_in(language)("define.needs_target")
    for number, (title, metric, target, unit) in enumerate(KEY_RESULTS[language]):
        if number:
            page.get_by_role("button", name=words["add"]).click()
            expect(field(page, words["title"])).to_have_count(1, timeout=CHART_MS)
            expect(field(page, words["title"])).to_have_value("", timeout=CHART_MS)
        write(page, words["title"], title)
        choose(page, words["metric"], metric)
        expect(page.locator(".st-key-define-preview .js-plotly-plot").filter(visible=True)).to_have_count(
            1, timeout=CHART_MS
        )
        expect(achievable).to_contain_text(wanting, timeout=CHART_MS)
        write(page, f"{words['target']} ({unit})", target)
        expect(achievable).not_to_contain_text(wanting, timeout=CHART_MS)
        drawn = page.locator(".st-key-define-preview .annotation-text", has_text=words["chart"]).filter(visible=True)
        expect(drawn).to_have_count(1, timeout=CHART_MS)
    expect(page.get_by_role("button", name=words["publish"], exact=True)).to_be_enabled()
    page.reload()  # what was typed is kept
    page.wait_for_selector(".ql-verdicts")
    expect(page.get_by_label(words["objective"], exact=True)).to_have_value(OBJECTIVES[language])
    settle(page)
    page.get_by_role("button", name=words["publish"], exact=True).click()
    expect(page.get_by_text(words["published"])).to_be_visible()
    page.goto(f"{address}/?lang={language}")
    section = page.locator(".ql-objective", has_text=OBJECTIVES[language])
    for title, *_ in KEY_RESULTS[language]:
        expect(section.get_by_role("link", name=title)).to_be_visible()
    page.context.close()


def test_a_verdict_changes_while_one_types_and_an_error_stands_at_its_field(browser: Browser, address: str) -> None:
    page = opened(browser, address, "define?lang=en&objective=2026-Q4/first-time-right", high=1600)
    page.wait_for_selector(".ql-verdicts")
    target = field(page, "Target (h)")
    achievable = page.locator(".ql-verdict-achievable")
    seen = set[str]()
    for text in ("26", "2", "0.01"):
        target.fill(text)
        expect(page.locator(".annotation-text", has_text=f"Target ≤ {text} h")).to_be_visible(timeout=CHART_MS)
        settle(page)
        seen.add(achievable.inner_text())
    assert len(seen) > 1
    target.fill("soon")
    expect(page.locator(".ql-problem")).to_contain_text("<= soon is no target")
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    page.context.close()


def kept_titles(workspace: Path, language: str) -> set[str]:
    """What the drafts that are kept call their objectives."""
    opened = load_workspace(workspace)
    with open_ledger(opened.ledger_url, opened.root) as ledger:
        written = [draft.body["objective"] for draft in ledger.drafts("open")]
    return {objective[f"title_{language}"] for objective in written if objective}


def await_kept(workspace: Path, title: str, language: str) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while title not in kept_titles(workspace, language):
        assert time.monotonic() < deadline, f"{title!r} was not kept; drafts: {kept_titles(workspace, language)}"
        time.sleep(0.1)


@pytest.mark.slow
def test_two_people_and_one_objective(browser: Browser, address: str, workspace: Path) -> None:
    path = "define?lang=en&objective=2026-Q4/online-growth"
    label, said = "Where to go (English)", ("Grow online, said the first", "Grow online, said the second")
    first = opened(browser, address, path)
    first.wait_for_selector(".ql-verdicts")
    second = opened(browser, address, path)
    second.wait_for_selector(".ql-verdicts")
    # Both went on with the same draft: who types second in another window is told, and loses nothing of the first.
    write(first, label, said[0])
    await_kept(workspace, said[0], "en")
    write(second, label, said[1])
    expect(second.get_by_role("alert").first).to_contain_text("typed into this draft")
    second.get_by_role("button", name="Go on from there").click()
    expect(second.get_by_label(label, exact=True)).to_have_value(said[0])
    first.context.close()
    second.context.close()


@pytest.mark.slow
def test_two_people_who_type_at_once_are_told_which_of_them_was_kept(
    browser: Browser, address: str, workspace: Path
) -> None:
    path = "define?lang=vi&objective=2026-Q4/online-growth"
    label, said = WORDS["vi"]["objective"], ("Người thứ nhất", "Người thứ hai")
    pages = [opened(browser, address, path) for _ in said]
    for page in pages:
        page.wait_for_selector(".ql-verdicts")
    for page, text in zip(pages, said, strict=True):
        write(page, label, text)
    told = words_in("vi")("define.draft_load")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not (behind := [page for page in pages if page.get_by_role("button", name=told).is_visible()]):
        assert time.monotonic() < deadline
        pages[0].wait_for_timeout(100)
    (kept,) = kept_titles(workspace, "vi") & set(said)
    behind[0].get_by_role("button", name=told).click()
    expect(field(behind[0], label).first).to_have_value(kept)
    for page in pages:
        page.context.close()


def test_the_preview_stays_in_view_and_comes_below_on_a_phone(browser: Browser, address: str) -> None:
    path = "define?lang=vi&objective=2026-Q4/central-goodwill"
    page = opened(browser, address, "define?lang=vi&objective=2026-Q4/service-quality", high=700)
    page.wait_for_selector(".ql-verdicts")
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 900)")
    expect(page.get_by_role("heading", name=WORDS["vi"]["preview"])).to_be_in_viewport()
    expect(page.get_by_label(WORDS["vi"]["objective"], exact=True)).not_to_be_in_viewport()
    page.context.close()
    phone = opened(browser, address, path.replace("central-goodwill", "service-quality"), wide=390, high=844)
    phone.wait_for_selector(".ql-verdicts")
    assert no_sideways_scroll(phone)
    form = phone.locator(".st-key-define-form").bounding_box()
    preview = phone.locator(".st-key-define-preview").bounding_box()
    assert form is not None
    assert preview is not None
    assert preview["y"] >= form["y"] + form["height"]
    phone.context.close()


def test_the_keyboard_walks_the_form_from_top_to_bottom(browser: Browser, address: str) -> None:
    page = opened(browser, address, "define?lang=en&objective=2026-Q4/service-quality", high=1800)
    page.wait_for_selector(".ql-verdicts")
    settle(page)
    page.get_by_label("Where to go (English)", exact=True).focus()
    tops: list[float] = []
    for _ in range(14):
        page.keyboard.press("Tab")
        top = page.evaluate(
            "document.activeElement.closest('.st-key-define-form') ? document.activeElement.getBoundingClientRect().top"
            " + document.querySelector('[data-testid=stMain]').scrollTop : null"
        )
        if top is not None:
            tops.append(top)
    assert len(tops) > 8
    assert all(later >= earlier - 12 for earlier, later in pairwise(tops))
    page.context.close()


def test_the_metrics_page_finds_splits_and_notes(browser: Browser, address: str) -> None:
    page = opened(browser, address, "metrics?lang=vi")
    write(page, "Tìm chỉ số", "phan hoi")
    page.keyboard.press("Enter")
    found = page.locator(".ql-catalogue tbody tr")
    expect(found).to_have_count(3)
    expect(found).to_contain_text(["first_response ·", "first_response_p90 ·", "first_response_working ·"])
    page.get_by_role("link", name="Thời gian phản hồi đầu tiên").first.click()
    expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=CHART_MS)
    choose(page, "Tách theo", "tách theo team")
    for team in ("north", "central", "south"):
        expect(page.locator(".annotation-text", has_text=team)).to_be_visible()
    assert "by=team" in page.url
    page.get_by_text("Ghi lại điều đã xảy ra vào một ngày").click()
    write(page, "Điều đã xảy ra", "Hai người nghỉ việc")
    page.keyboard.press("Tab")  # a form keeps what is typed once its field is left, and draws nothing anew for it
    settle(page)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Hai người nghỉ việc").first).to_be_visible()
    assert no_sideways_scroll(page)
    page.context.close()
