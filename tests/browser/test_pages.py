"""The three pages in Chromium: both languages, both themes, wide and phone, and following new data by themselves."""

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Open, serving
from tests.pages.sample import append_answers, lay_out, quarterline
from tests.pages.test_markup import payloads

WEBSOCKET = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
PAGES = ("", "key-result?kr=2026-Q4/response-time", "sources")


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def settle(page: Page) -> None:
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_overview_answers_its_question(open_page: Open, language: str) -> None:
    page = open_page(f"?lang={language}")
    said = {"en": "key results are on track", "vi": "kết quả then chốt đang đúng tiến độ"}[language]
    expect(page.locator(".ql-summary")).to_contain_text(said)
    expect(page.locator(".ql-objective:not(.ql-goals) tbody tr")).to_have_count(13)
    expect(page.locator(".ql-goals tbody tr")).to_have_count(2)
    assert page.locator("img.ql-trend").count() >= 12
    assert page.locator("img.ql-trend").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")
    assert page.locator("text=Traceback").count() == 0


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_key_result_shows_its_chart_and_what_stands_behind_the_number(open_page: Open, language: str) -> None:
    page = open_page(f"{PAGES[1]}&lang={language}")
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    expect(
        page.locator("h2", has_text={"en": "Behind this number", "vi": "Đằng sau con số này"}[language])
    ).to_be_visible()
    expect(page.locator("dl")).to_contain_text("helpdesk.tickets")
    page.get_by_text({"en": "The SQL that gives it", "vi": "Câu lệnh SQL cho ra con số"}[language]).click()
    expect(page.locator("code", has_text="helpdesk")).to_be_visible()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_sources_lists_every_stream(open_page: Open, language: str) -> None:
    page = open_page(f"sources?lang={language}")
    for stream in ("helpdesk.tickets", "survey.answers", "billing.transactions"):
        expect(page.locator("th", has_text=stream)).to_be_visible()
    assert page.locator("img.ql-strip").count() == 3


@pytest.mark.parametrize("path", PAGES)
def test_a_deep_link_as_the_first_request_shows_the_frame_and_keeps_its_query(open_page: Open, path: str) -> None:
    page = open_page(path)
    expect(page.locator(".ql-header strong")).to_have_text("Sao Mai Retail")
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
    assert path.partition("?")[2] in page.url


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(open_page: Open, path: str, scheme: str) -> None:
    page = open_page(path, wide=390, high=844, scheme=scheme)
    settle(page)
    assert no_sideways_scroll(page)


def test_dark_mode_is_dark_and_light_is_light(open_page: Open) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        page = open_page("", scheme=scheme)
        shades[scheme] = page.evaluate(
            "['stApp', 'ql'].map(name => getComputedStyle(document.querySelector('.' + name))).map((s, i) => "
            "(i ? s.color : s.backgroundColor).match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0))"
        )
    assert shades["light"][0] > 600 > shades["light"][1]
    assert shades["dark"][0] < 150 < shades["dark"][1]
    assert shades["light"][0] == 253 + 252 + 250  # ours, from the configuration


def test_the_page_can_be_walked_by_keyboard_in_reading_order(open_page: Open) -> None:
    page = open_page("?lang=en")
    settle(page)
    seen: list[float] = []
    for _ in range(30):
        page.keyboard.press("Tab")
        top = page.evaluate(
            "document.activeElement.closest('.ql') ? document.activeElement.getBoundingClientRect().top + scrollY + "
            "document.querySelector('[data-testid=stMain]').scrollTop : null"
        )
        if top is not None:
            seen.append(top)
    assert len(seen) > 5
    assert seen == sorted(seen)


def test_the_chosen_view_and_filter_stand_in_the_address(open_page: Open) -> None:
    page = open_page("?lang=en")
    page.get_by_role("button", name="As cards").click()
    expect(page.locator("ul.ql-cards").first).to_be_visible()
    assert "view=cards" in page.url
    again = open_page(page.url.split("/", 3)[3])
    expect(again.locator("ul.ql-cards").first).to_be_visible()
    assert again.locator(".ql-objective:not(.ql-goals) .ql-key-results").count() == 0


def test_a_key_result_opens_from_the_overview_in_the_same_language(open_page: Open) -> None:
    page = open_page("?lang=en")
    page.locator(".ql-key-results a").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert "lang=en" in page.url
    expect(page.locator(".ql-back")).to_contain_text("All key results")


def test_an_open_page_follows_a_sync_without_reload_and_keeps_what_was_chosen(open_page: Open, workspace: Path) -> None:
    page = open_page("?lang=en")
    page.get_by_role("button", name="As cards").click()
    expect(page.locator("ul.ql-cards").first).to_be_visible()
    page.evaluate("window.__still_here = true")
    before = page.locator(".ql-cards").first.inner_text()
    append_answers(workspace)
    done = quarterline(workspace, "sync")
    assert done.returncode == 0, done.stderr
    page.wait_for_function(
        "before => document.querySelector('.ql-cards').innerText !== before", arg=before, timeout=20_000
    )
    assert page.evaluate("window.__still_here") is True
    assert page.locator("ul.ql-cards").count() > 0
    assert "view=cards" in page.url


def test_sync_now_shows_its_progress_and_ends_well(open_page: Open, workspace: Path) -> None:
    page = open_page("sources?lang=en")
    append_answers(workspace, first=500)
    page.get_by_role("button", name="Sync now").click()
    status = page.get_by_test_id("stExpander")
    expect(status).to_be_visible(timeout=15_000)
    expect(status).to_contain_text("Published", timeout=60_000)


@pytest.mark.parametrize("path", PAGES[1:])
def test_the_very_first_request_after_a_start_is_framed(browser: Browser, workspace: Path, path: str) -> None:
    with serving(workspace) as address:
        page = browser.new_page()
        page.goto(f"{address}/{path}")
        expect(page.locator(".ql-header strong")).to_have_text("Sao Mai Retail", timeout=60_000)
        expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
        page.close()


@pytest.mark.parametrize(
    ("origin", "answer"),
    [(None, "403"), ("http://elsewhere.example", "403"), ("http://{address}", "101")],
    ids=["nowhere", "elsewhere", "here"],
)
def test_only_our_own_pages_may_open_the_websocket(address: str, origin: str | None, answer: str) -> None:
    place = address.removeprefix("http://")
    lines = ["GET /_stcore/stream HTTP/1.1", f"Host: {place}", *WEBSOCKET]
    if origin is not None:
        lines.append(f"Origin: {origin.format(address=place)}")
    host, _, port = place.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        status = connection.recv(64).decode().split(" ")[1]
    assert status == answer


@pytest.mark.slow
def test_nothing_that_people_typed_runs_or_reaches_out(browser: Browser, tmp_path: Path) -> None:
    typed = payloads()[-13:]  # one for each key result of the sample
    directory = lay_out(tmp_path / "workspace")
    write_titles(directory / "okrs/2026-Q4.yaml", typed)
    assert quarterline(directory, "apply").returncode == 0
    with serving(directory) as address:
        context = browser.new_context()
        page, outside = context.new_page(), list[str]()
        page.on(
            "request",
            lambda sent: None if sent.url.startswith((address, "data:", "blob:")) else outside.append(sent.url),
        )
        for path in ("?lang=en", "?lang=en&view=cards", "key-result?kr=2026-Q4/response-time&lang=en"):
            page.goto(f"{address}/{path}")
            page.wait_for_selector("ul.ql-cards, .ql-key-results, .js-plotly-plot", timeout=60_000)
            settle(page)
            assert page.evaluate("window.__pwned") is None
        page.goto(f"{address}/?lang=en")
        for text in typed:
            expect(page.locator(".ql-key-results th, h2", has_text=text).first).to_be_visible()
        assert outside == []
        context.close()


def write_titles(path: Path, titles: Sequence[str]) -> None:
    """Give the key results of a file these titles, one after the other."""
    cycle = yaml.safe_load(path.read_text(encoding="utf-8"))
    key_results = [one for objective in cycle["objectives"] for one in objective["key_results"]]
    for one, title in zip(key_results, list(titles) * 2, strict=False):
        one["title"] = {"en": title, "vi": title}
    path.write_text(yaml.safe_dump(cycle, allow_unicode=True), encoding="utf-8")
