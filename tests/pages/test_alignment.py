"""The Alignment page: the tree in both languages, a team's part of it, and what waits for whom."""

from pathlib import Path

import pytest

from tests.pages.conftest import Run
from tests.pages.sample import quarterline
from tests.pages.test_app import blocks, healthy, text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ("Who serves what?", "Every objective below company level serves another one.", "40 % of the objective"),
        ),
        ("vi", ("Ai phục vụ mục tiêu nào?", "đều phục vụ một mục tiêu khác", "40 % của mục tiêu")),
    ],
)
def test_the_tree_in_each_language(run_app: Run, loaded_workspace: Path, language: str, said: tuple[str, ...]) -> None:
    app = healthy(run_app(loaded_workspace, "alignment", lang=language))
    for each in said:
        assert each in text(app)
    tree = next(block for block in blocks(app) if "ql-tree" in block)
    assert tree.count("<details open>") == 6, "two of the year, four of the quarter"
    assert tree.index("customer-trust" if language == "xx" else "2026 ·") < tree.index("Q4 2026 ·")


def test_a_team_keeps_the_way_up_to_what_it_serves(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "alignment", lang="en", team="customer-service"))
    shown = text(app)
    assert "Become the retailer that customers trust" in shown
    assert "Grow soundly in all three regions" not in shown
    assert app.selectbox[0].value == "customer-service"


def test_orphans_and_waiting_across_departments_are_said_first(run_app: Run, own_workspace: Path) -> None:
    file = own_workspace / "okrs/2026-Q4.yaml"
    lines = file.read_text(encoding="utf-8").replace(
        "  - id: first-time-right\n", "  - id: first-time-right\n    depends_on: [2026-Q4/revenue]\n"
    )
    file.write_text(lines.replace("    parent: 2026-Q4/service-quality\n", "", 1), encoding="utf-8")
    done = quarterline(own_workspace, "apply")
    assert done.returncode == 0, done.stderr
    app = healthy(run_app(own_workspace, "alignment", lang="en"))
    summary = next(block for block in blocks(app) if "ql-summary" in block)
    assert "1 objective below company level serves nothing." in summary
    assert "1 thing waits for another department." in summary
    assert "customer-service → company" in text(app)
    assert "serves nothing" in text(app)


@pytest.mark.parametrize("page", ["alignment", "policies", "then"])
@pytest.mark.parametrize(("language", "said"), [("en", "No data has been loaded yet."), ("vi", "Chưa tải dữ liệu")])
def test_before_the_first_sync_the_page_leads_to_sources(
    run_app: Run, own_workspace: Path, page: str, language: str, said: str
) -> None:
    (own_workspace / "var/facts/current").unlink()
    assert said in text(healthy(run_app(own_workspace, page, lang=language)))
