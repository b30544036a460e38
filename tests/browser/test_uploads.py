"""A workbook handed over in the browser becomes a source that is loaded at once, in both languages."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving
from tests.pages.sample import lay_out


def _workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["visit_id", "day", "branch", "visitors"])
    for number in range(60):
        sheet.append([number, date(2026, 10, 1) + timedelta(number % 50), "Đà Nẵng", 10 + number])
    book.save(path)
    return path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("uploads") / "workspace")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "open_", "save"),
    [("en", "Upload a file", "Add and load"), ("vi", "Tải tệp lên", "Thêm và nạp")],
)
def test_a_workbook_becomes_a_source(
    browser: Browser, workspace: Path, tmp_path: Path, language: str, open_: str, save: str
) -> None:
    """Chosen, looked into, named, loaded: its stream stands in the table without a reload."""
    file = _workbook(tmp_path / f"Khách thăm {language}.xlsx")
    with serving(workspace) as address:
        page = browser.new_page()
        page.goto(f"{address}/sources?lang={language}")
        page.get_by_role("button", name=open_).click()
        dialog = page.get_by_role("dialog")
        dialog.locator("input[type=file]").set_input_files(file)
        expect(dialog.locator("table")).to_contain_text("visitors")
        expect(dialog.locator("table")).to_contain_text("bigint")
        expect(dialog.get_by_role("textbox").first).to_have_value(f"khach_tham_{language}")
        dialog.get_by_role("button", name=save).click()
        row = page.locator("tr", has_text=f"khach_tham_{language}.rows")
        expect(row).to_be_visible()
        expect(row).to_contain_text("60", timeout=120_000)  # a sync on a machine that tests is slow
        page.close()


def test_a_file_that_cannot_be_read_says_where(browser: Browser, workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("id,v\n1,2\n3\n")
    with serving(workspace) as address:
        page = browser.new_page()
        page.goto(f"{address}/sources?lang=en")
        page.get_by_role("button", name="Upload a file").click()
        dialog = page.get_by_role("dialog")
        dialog.locator("input[type=file]").set_input_files(file)
        expect(dialog.get_by_role("alert")).to_contain_text("visits.csv, line 3")
        expect(dialog.get_by_role("button", name="Add and load")).to_have_count(0)
        page.close()
