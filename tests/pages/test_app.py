"""The whole application on the sample company: every page, in both languages, in every state."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.definitions import load_definitions, load_workspace
from metrics.facts import current_generation
from metrics.ledger import open_ledger
from metrics.starter import lay_out_workspace
from pages.ui import data
from tests.pages.conftest import Run
from tests.pages.sample import DAY, append_answers, quarterline
from tests.pages.test_markup import Seen, payloads

KEY_RESULT = "2026-Q4/response-time"


def blocks(app: AppTest) -> list[str]:
    """The page's own markup, in order, without its style."""
    return [block.proto.body for block in app.get("html") if block.proto.body.startswith('<div class="ql"')]


def text(app: AppTest) -> str:
    """Everything that the page's own markup says."""
    return Seen("".join(blocks(app))).text.replace("\u00a0", " ")


def healthy(app: AppTest) -> AppTest:
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "key results are on track"), ("vi", "kết quả then chốt đang đúng tiến độ"), ("xx", "kết quả then chốt")],
)
def test_the_overview_in_each_language_and_in_the_organisations_for_any_other(
    run_app: Run, loaded_workspace: Path, language: str, said: str
) -> None:
    app = healthy(run_app(loaded_workspace, lang=language))
    assert said in text(app)
    assert "Sao Mai Retail" in text(app)


def test_the_overview_shows_all_thirteen_key_results_with_values(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, lang="en"))
    table = Seen(blocks(app)[-1])
    assert [tag for tag, _ in table.tags].count("tr") == 4 + 13 + 1 + 2, (
        "and a SMART goal and a draft below their own heading"
    )
    assert "No trend yet" not in table.text


def test_the_cards_and_a_filter_come_from_the_address(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, lang="en", view="cards", owner="trang"))
    assert blocks(app)[-1].count("<li>") == 3
    assert app.button(key="switch-view").label == "As a table"
    nothing = healthy(run_app(loaded_workspace, lang="en", team="no-such-team"))
    assert "No key result matches these filters." in text(nothing)


def test_choosing_the_cards_writes_the_address(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, lang="en"))
    app.button(key="switch-view").click().run()
    assert app.query_params["view"] in ("cards", ["cards"])
    app.button(key="switch-view").click().run()
    assert "view" not in app.query_params


def test_an_earlier_cycle_and_an_earlier_day(run_app: Run, loaded_workspace: Path) -> None:
    assert "Q3 2026 · ended 30 Sep" in text(healthy(run_app(loaded_workspace, lang="en", cycle="2026-Q3")))
    assert "day 15 of 92" in text(healthy(run_app(loaded_workspace, lang="en", as_of="2026-10-15")))
    unknown = text(healthy(run_app(loaded_workspace, lang="en", cycle="2031-Q1")))
    assert "No objectives are defined for 2031-Q1." in unknown
    assert "day 54 of 92" in text(healthy(run_app(loaded_workspace, lang="en", as_of="tomorrow")))


@pytest.mark.parametrize(("language", "said"), [("en", "Behind this number"), ("vi", "Đằng sau con số này")])
def test_a_key_result_in_each_language(run_app: Run, loaded_workspace: Path, language: str, said: str) -> None:
    app = healthy(run_app(loaded_workspace, "key-result", kr=KEY_RESULT, lang=language))
    assert said in text(app)
    assert "helpdesk.tickets" in text(app)
    assert "quantile" in app.code[0].value or "median" in app.code[0].value


def test_the_chart_draws_three_cycles_and_says_so_in_words(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "key-result", kr=KEY_RESULT, lang="en"))
    chart = app.get("plotly_chart")[0].proto
    drawn = [trace["name"] for trace in json.loads(chart.spec)["data"]]
    assert drawn.count("Earlier cycles") == 2
    assert drawn.count("This cycle") == 1
    assert {"80\u00a0% band", "95\u00a0% band", "Middle of the forecast"} <= set(drawn)
    assert "the value over the last 28 days from 1 Apr 2026 to 23 Nov 2026" in chart.alt
    assert "Forecast for 31 Dec 2026" in chart.alt


def test_the_metric_s_own_weeks_are_drawn_when_asked_for(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "key-result", kr=KEY_RESULT, lang="en", grain="week"))
    chart = app.get("plotly_chart")[0].proto
    assert "weekly values from 1 Apr 2026 to 23 Nov 2026" in chart.alt
    assert "Middle of the forecast" not in chart.spec


@pytest.mark.parametrize(
    "key", ["revenue", "complaints", "new-customers", "central-returns", "reopened", "order-value"]
)
def test_every_shape_of_key_result_has_a_page(run_app: Run, loaded_workspace: Path, key: str) -> None:
    app = healthy(run_app(loaded_workspace, "key-result", kr=f"2026-Q4/{key}", lang="en", grain="day"))
    assert len(app.get("plotly_chart")) == 1


def test_the_way_back_from_an_earlier_cycle_leads_to_that_cycle(run_app: Run, loaded_workspace: Path) -> None:
    earlier = data.definitions(data.current_version(loaded_workspace)).key_results("2026-Q3")
    past = healthy(run_app(loaded_workspace, "key-result", kr=next(earlier).key, lang="en"))
    assert 'href="./?cycle=2026-Q3&amp;lang=en"' in blocks(past)[0]
    now = healthy(run_app(loaded_workspace, "key-result", kr=KEY_RESULT, lang="en"))
    assert 'href="./?lang=en"' in blocks(now)[0]


@pytest.mark.parametrize("key", ["2026-Q4/no-such", "2031-Q1/revenue", "nonsense", ""])
def test_an_unknown_key_result_says_so_and_leads_back(run_app: Run, loaded_workspace: Path, key: str) -> None:
    app = healthy(run_app(loaded_workspace, "key-result", kr=key, lang="en"))
    assert "There is no key result" in text(app)
    assert "All key results" in text(app)


@pytest.mark.parametrize(("language", "said"), [("en", "Every stream loaded"), ("vi", "Mọi luồng dữ liệu")])
def test_sources_in_each_language(run_app: Run, loaded_workspace: Path, language: str, said: str) -> None:
    app = healthy(run_app(loaded_workspace, "sources", lang=language))
    for expected in (said, "helpdesk.tickets", "survey.answers", "billing.transactions"):
        assert expected in text(app)
    assert app.button[0].label in {"Sync now", "Đồng bộ ngay"}


@pytest.mark.parametrize("page", ["", "key-result", "sources"])
def test_without_a_workspace_every_page_says_how_to_begin(run_app: Run, tmp_path: Path, page: str) -> None:
    app = healthy(run_app(tmp_path, page))
    assert "There is no workspace here yet." in text(app)
    assert "quarterline demo" in text(app)


def test_a_new_workspace_says_what_to_define_and_what_to_load(run_app: Run, tmp_path: Path) -> None:
    lay_out_workspace(tmp_path / "new", today=DAY)
    assert "No objectives are defined yet." in text(healthy(run_app(tmp_path / "new", lang="en")))


@pytest.mark.parametrize("page", ["", "key-result"])
def test_before_the_first_sync_a_page_leads_to_sources(run_app: Run, own_workspace: Path, page: str) -> None:
    (own_workspace / "var/facts/current").unlink()
    app = healthy(run_app(own_workspace, page, lang="en", kr=KEY_RESULT))
    assert "No data has been loaded yet." in text(app)
    assert "Open Sources" in text(app)


def test_a_stale_stream_is_said_on_its_key_results_and_hides_nothing(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, lang="en", as_of="2026-11-23"))
    shown = text(app)
    assert "late data" in shown or "data fresh" in shown
    assert "Complaints below 5 %" in shown


def test_a_damaged_generation_is_passed_over_with_a_notice(run_app: Run, own_workspace: Path) -> None:
    append_answers(own_workspace)
    assert quarterline(own_workspace, "sync").returncode == 0
    newest = own_workspace / f"var/facts/{current_generation(own_workspace / 'var')}.duckdb"
    newest.chmod(0o644)
    newest.write_bytes(newest.read_bytes()[:4096])
    app = healthy(run_app(own_workspace, lang="en"))
    assert "key results are on track" in text(app)
    assert 'class="ql-notice"' in blocks(app)[0]


def test_a_failing_source_blanks_nothing_and_shows_its_error(run_app: Run, own_workspace: Path) -> None:
    (own_workspace / "data/helpdesk.db").unlink()
    assert quarterline(own_workspace, "sync").returncode == 1
    assert "key results are on track" in text(healthy(run_app(own_workspace, lang="en")))
    sources = text(healthy(run_app(own_workspace, "sources", lang="en")))
    assert "1 stream failed at its last load" in sources
    assert "Last error" in sources
    assert "Traceback" not in sources


def test_a_configuration_that_cannot_be_read_is_one_sentence_with_its_place(run_app: Run, own_workspace: Path) -> None:
    file = own_workspace / "quarterline.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\nsorces: {}\n", encoding="utf-8")
    app = healthy(run_app(own_workspace))
    assert "The page could not be drawn." in text(app)
    assert "quarterline.yaml" in text(app)
    assert "did you mean 'sources'" in text(app)


def test_titles_that_are_payloads_are_shown_literally(run_app: Run, own_workspace: Path) -> None:
    file = own_workspace / "okrs/2026-Q4.yaml"
    hostile = payloads()[-1]
    written = file.read_text(encoding="utf-8").replace("Phản hồi đầu tiên dưới 2 giờ", json.dumps(hostile))
    file.write_text(written, encoding="utf-8")
    assert quarterline(own_workspace, "apply").returncode == 0
    for page in ("", "key-result"):
        assert hostile in text(healthy(run_app(own_workspace, page, lang="vi", kr=KEY_RESULT)))


def test_a_change_in_the_ledger_reaches_a_page_that_is_drawn_again(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, lang="en"))
    file = own_workspace / "okrs/2026-Q4.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("under 2 hours", "under two hours"), encoding="utf-8")
    assert quarterline(own_workspace, "apply").returncode == 0
    data._current_version.clear()
    assert "First response in under two hours" in text(healthy(app.run()))
    history = text(healthy(run_app(own_workspace, "key-result", kr=KEY_RESULT, lang="en")))
    assert "under two hours" in history


def test_the_sample_declares_what_the_pages_show(loaded_workspace: Path) -> None:
    assert set(load_workspace(loaded_workspace).streams) == {
        "helpdesk.tickets",
        "survey.answers",
        "billing.transactions",
    }


def test_a_metric_that_cannot_be_computed_spoils_only_its_own_key_results(run_app: Run, own_workspace: Path) -> None:
    file = own_workspace / "metrics.yaml"
    changed = file.read_text(encoding="utf-8").replace("first_response_s / 3600.0", "no_such_column / 3600.0")
    file.write_text(changed, encoding="utf-8")
    workspace = load_workspace(own_workspace)
    with open_ledger(workspace.ledger_url, workspace.root) as ledger:
        ledger.apply(
            load_definitions(workspace),
            actor="somebody else",
            at=datetime(2026, 11, 23, tzinfo=UTC),
            overrides={"2026-Q4/south-answers": "its metric was measured wrongly"},  # a goal that has begun uses it too
        )
    overview = text(healthy(run_app(own_workspace, lang="en")))
    assert "key results are on track" in overview
    assert "Could not be computed: metrics.first_response.value" in overview
    page = text(healthy(run_app(own_workspace, "key-result", kr=KEY_RESULT, lang="en")))
    assert "This part could not be drawn" in page
    assert "How it was defined" in page
    assert "somebody else" in page
    assert "Traceback" not in page


def test_what_lost_most_of_its_chance_within_a_week_comes_first_when_asked_for(
    run_app: Run, loaded_workspace: Path
) -> None:
    usual = text(healthy(run_app(loaded_workspace, lang="en")))
    ordered = text(healthy(run_app(loaded_workspace, lang="en", sort="lost")))
    assert "since 16 Nov" in "".join(blocks(run_app(loaded_workspace, lang="en", sort="lost")))
    assert sorted(usual) == sorted(ordered)
    assert usual != ordered


def test_a_cycle_in_its_first_week_shows_no_change(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, lang="en", as_of="2026-10-04"))
    assert "ql-moved" not in "".join(blocks(app))
