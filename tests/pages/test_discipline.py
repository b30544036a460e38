"""What no page may do."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
BANNED = {
    "unsafe_allow_html": "text that people typed would become markup",
    "unsafe_allow_javascript": "text that people typed could run",
    "st.markdown": "markdown fetches images from outside; escape into pages.ui.markup",
    "import pandas": "pages do no arithmetic",
    "datetime.now": "metrics.clock is the one place that reads the clock",
    "date.today": "metrics.clock is the one place that reads the clock",
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_does_what_is_banned(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert {found: why for found, why in BANNED.items() if found in code} == {}


def test_html_is_only_drawn_from_markup_that_escapes() -> None:
    calls = {call for path in PAGES for call in re.findall(r"st\.html\((.*)\)\n", path.read_text(encoding="utf-8"))}
    assert calls == {'element("div", *blocks, class_="ql", lang=words.language)', "_STYLE"}


def test_the_style_sheet_closes_what_it_opens_before_it_opens_another() -> None:
    """An unclosed media query would silently keep every rule after it from wide screens."""
    depth = 0
    for number, line in enumerate((ROOT / "pages/ui/style.css").read_text(encoding="utf-8").splitlines(), start=1):
        assert not (line.startswith(("@media", ".", "#")) and depth), f"line {number} begins inside an open block"
        depth += line.count("{") - line.count("}")
    assert depth == 0


def test_the_configuration_hides_tracebacks_and_sends_nothing_home() -> None:
    options = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert options["client"]["showErrorDetails"] == "none"
    assert options["client"]["toolbarMode"] == "minimal"
    assert options["browser"]["gatherUsageStats"] is False
    assert options["server"]["address"] == "127.0.0.1"
    assert options["theme"]["light"].keys() == options["theme"]["dark"].keys()
