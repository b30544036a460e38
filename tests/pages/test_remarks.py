"""Remarks on a key result: read in both languages, added, and taken back with a reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Run
from tests.pages.sample import DAY, quarterline
from tests.pages.test_app import healthy, text

KEY_RESULT = "2026-Q4/response-time"
Remarks = Callable[..., AppTest]


@pytest.fixture
def remarks(own_workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Remarks:
    """Draw nothing but a key result's remarks."""

    def draw() -> None:
        from pages.ui.remarks import remarks_block
        from pages.ui.screen import page

        page(lambda screen: remarks_block(screen, "key_result", "2026-Q4/response-time"))()

    def run(language: str = "en") -> AppTest:
        monkeypatch.setenv("QUARTERLINE_WORKSPACE", str(own_workspace))
        monkeypatch.setenv("QUARTERLINE_TODAY", DAY.isoformat())
        monkeypatch.setenv("QUARTERLINE_ACTOR", "linh")
        app = AppTest.from_function(draw, default_timeout=60)
        app.query_params["lang"] = language
        return app.run()

    return run


@pytest.mark.parametrize(
    ("language", "nothing", "heading"),
    [("en", "Nobody has remarked on this yet.", "Discussion"), ("vi", "Chưa có ai ghi ý kiến.", "Trao đổi")],
)
def test_without_remarks_it_says_so_and_offers_to_write_one(
    remarks: Remarks, language: str, nothing: str, heading: str
) -> None:
    app = healthy(remarks(language))
    assert nothing in text(app)
    assert heading in text(app)
    assert len(app.text_area) == 1


def test_a_remark_is_added_and_stands_with_its_author(remarks: Remarks) -> None:
    app = healthy(remarks())
    app.text_area[0].input("two people joined <b>today</b>")
    app.button[0].click().run()
    assert "linh · 23 Nov" in text(healthy(app))
    assert "two people joined <b>today</b>" in text(app)
    assert "Nobody has remarked" not in text(app)


def test_a_blank_remark_is_refused_in_place(remarks: Remarks) -> None:
    app = healthy(remarks())
    app.button[0].click().run()
    assert "Nothing is written. Say in a sentence" in text(healthy(app))


def test_whoever_wrote_a_remark_takes_it_back_with_a_reason_and_nobody_else_may(
    remarks: Remarks, own_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for actor in ("minh", "linh"):
        monkeypatch.setenv("QUARTERLINE_ACTOR", actor)
        done = quarterline(own_workspace, "comment", "response-time", "--text", f"{actor} was here")
        assert done.returncode == 0, done.stderr
    app = healthy(remarks())
    (menu,) = app.get("popover")
    assert menu.proto.popover.label == "Withdraw"
    app.session_state[f"withdraw-key_result-{KEY_RESULT}-2"] = True
    app.run()
    app.text_input[0].input("wrong meeting")
    next(button for button in app.button if button.label == "Withdraw this remark").click().run()
    assert "minh was here" in text(healthy(app))
    assert "linh was here" not in text(app)


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(
    ("about", "name", "page", "address"),
    [
        ("metric", "first_response", "metrics", {"metric": "first_response"}),
        ("objective", "service-quality", "define", {"objective": "2026-Q4/service-quality"}),
    ],
    ids=["metric", "objective"],
)
def test_a_metric_and_an_objective_are_remarked_on_where_they_are_seen(
    run_app: Run, own_workspace: Path, language: str, about: str, name: str, page: str, address: dict[str, str]
) -> None:
    done = quarterline(own_workspace, "comment", name, "--about", about, "--text", "counted twice in May")
    assert done.returncode == 0, done.stderr
    app = healthy(run_app(own_workspace, page, lang=language, **address))
    assert "counted twice in May" in text(app)
    label = "Your remark" if language == "en" else "Ý kiến của bạn"
    next(each for each in app.text_area if each.label == label).input("agreed with minh")
    next(each for each in app.button if each.label in {"Add remark", "Ghi ý kiến"}).click().run()
    assert "agreed with minh" in text(healthy(app))
