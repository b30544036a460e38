"""What if, applied as a revision, and the Forecast record, in Chromium and in both languages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from metrics.backtest import save_record
from metrics.model.decision import TargetRevision
from pages.ui import data
from tests.browser.conftest import START_SECONDS, serving
from tests.browser.test_pages import settle
from tests.pages.test_record import RECORD

KEY = "2026-Q4/response-time"


@pytest.fixture
def own_workspace(workspace: Path, tmp_path: Path) -> Path:
    """A copy that the test may change, with a record of forecasts in it."""
    own = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    save_record(own / "var", RECORD)
    return own


@pytest.fixture
def own_address(own_workspace: Path) -> Iterator[str]:
    with serving(own_workspace) as url:
        yield url


@pytest.fixture
def at(browser: Browser, own_address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=own_address, viewport={"width": 1400, "height": 1400})
    yield context.new_page()
    context.close()


def moved(page: Page, lever: int, key: str, times: int) -> Locator:
    """Move a lever by the keyboard, as a hand without a mouse does."""
    thumb = page.locator("[data-testid=stSlider] input").nth(lever)
    thumb.focus()
    for _ in range(times):
        thumb.press(key)
    return thumb


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "apply", "revise", "reset", "old", "new", "was"),
    [
        ("en", "Apply as revision", "Revise the target", "Reset", "< 2 h", "< 3 h", "was < 2 h"),
        ("vi", "Áp dụng thành điều chỉnh", "Điều chỉnh chỉ tiêu", "Đặt lại", "< 2 giờ", "< 3 giờ", "trước đây < 2 giờ"),
    ],
)
def test_a_target_is_tried_put_back_and_applied(
    at: Page, own_workspace: Path, language: str, apply: str, revise: str, reset: str, old: str, new: str, was: str
) -> None:
    at.goto(f"/key-result?kr={KEY}&lang={language}")
    chance = at.locator(".ql-whatif .ql-big")
    expect(chance).to_be_visible(timeout=START_SECONDS * 1000)
    settle(at)
    shown, target = at.locator("[data-testid=stSliderThumbValue]"), moved(at, 0, "ArrowRight", 5)
    expect(target).to_have_attribute("aria-valuetext", new.replace(" h", "\u00a0h").replace(" giờ", "\u00a0giờ"))
    moved(at, 1, "ArrowRight", 7)
    expect(shown.nth(1)).to_have_text("7 Jan 2027" if language == "en" else "7/1/2027")
    moved(at, 2, "ArrowLeft", 2)
    expect(at.locator(".ql-whatif")).to_contain_text("now" if language == "en" else "hiện là")
    at.get_by_role("button", name=reset).click()
    expect(shown.nth(0)).to_have_text(old)
    expect(shown.nth(1)).to_have_text("31 Dec 2026" if language == "en" else "31/12/2026")
    expect(shown.nth(2)).to_contain_text("±0")
    expect(at.get_by_role("button", name=reset)).to_have_count(0)

    moved(at, 0, "ArrowRight", 5)
    expect(shown.nth(0)).to_have_text(new)
    settle(at)
    at.get_by_role("button", name=apply).click()
    menu = at.locator("[data-testid=stPopoverBody]")
    menu.locator("textarea").fill("two couriers left")
    menu.get_by_role("button", name=revise).click()
    expect(at.locator(".ql-header ~ *, .ql", has_text=was).first).to_be_visible()
    expect(menu).to_have_count(0)
    expect(shown.nth(0)).to_have_text(new)
    expect(at.get_by_text("two couriers left").first).to_be_visible()
    heights = at.evaluate(
        "document.querySelector('.js-plotly-plot').data.filter(each => each.y).map(each => Array.from(each.y))"
    )
    assert [2.0, 2.0, 3.0, 3.0] in heights, "the target line is stepped where it was revised"
    version = data.current_version(own_workspace)
    newest = data.ledger(str(own_workspace), version.configuration).decisions(TargetRevision, KEY)[-1]
    assert newest.decision.new.text == new.removesuffix(" h").removesuffix(" giờ")
    assert newest.decision.reason == "two couriers left"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("80 %", "95 %", "Brier", "pace rule", "1,340")),
        ("vi", ("80 %", "95 %", "Brier", "nhịp", "1.340")),
    ],
)
def test_the_forecast_record_shows_what_forecasts_were_worth(at: Page, language: str, said: tuple[str, ...]) -> None:
    at.goto(f"/forecast-record?lang={language}")
    expect(at.locator(".js-plotly-plot")).to_be_visible(timeout=START_SECONDS * 1000)
    page = at.locator("[data-testid=stMain]")
    for each in said:
        expect(page).to_contain_text(each)
    assert page.locator("table").count() >= 3, "the curve, the key results and people stand in tables"
    assert at.locator("text=Traceback").count() == 0
