"""The Metrics page: catalogue and explorer, in both languages, in every state."""

import json
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.definitions import load_workspace
from metrics.ledger import open_ledger
from metrics.model.decision import Annotation
from metrics.starter import lay_out_workspace
from pages.ui import data
from pages.ui.metric_filter import chosen_filter, filter_text
from tests.pages.conftest import Run
from tests.pages.sample import DAY, quarterline
from tests.pages.test_app import blocks, healthy, text
from tests.pages.test_markup import Seen, payloads

METRIC = "first_response"


def annotations(workspace: Path) -> list[Annotation]:
    opened = load_workspace(workspace)
    with open_ledger(opened.ledger_url, opened.root) as ledger:
        return [each.decision for each in ledger.decisions(Annotation, METRIC)]


def chart(app: AppTest) -> tuple[list[str], str]:
    drawn = app.get("plotly_chart")[0].proto
    return [trace["name"] for trace in json.loads(drawn.spec)["data"]], drawn.alt


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        ("en", "3 of 14 metrics have rows later", "First response time"),
        ("vi", "3/14 chỉ số có dữ liệu về trễ", "Thời gian phản hồi đầu tiên"),
    ],
)
def test_the_catalogue_lists_every_metric(
    run_app: Run, loaded_workspace: Path, language: str, said: str, title: str
) -> None:
    app = healthy(run_app(loaded_workspace, "metrics", lang=language))
    assert said in text(app)
    assert title in text(app)
    table = Seen(blocks(app)[-1])
    assert [tag for tag, _ in table.tags].count("tr") == 1 + 14
    assert [tag for tag, _ in table.tags].count("img") == 14


def test_the_search_ignores_accents_and_case_and_looks_at_key_results(run_app: Run, loaded_workspace: Path) -> None:
    found = text(healthy(run_app(loaded_workspace, "metrics", lang="vi", q="PHAN hoi")))
    assert "Thời gian phản hồi đầu tiên" in found
    assert "Doanh thu" not in found
    app = healthy(run_app(loaded_workspace, "metrics", lang="en"))
    app.text_input[0].set_value("no such thing").run()
    assert "No metric matches “no such thing”." in text(app)
    assert app.query_params["q"] in ("no such thing", ["no such thing"])


@pytest.mark.parametrize(("language", "said"), [("en", "Behind this number"), ("vi", "Đằng sau con số này")])
def test_the_explorer_shows_what_stands_behind_a_metric(
    run_app: Run, loaded_workspace: Path, language: str, said: str
) -> None:
    app = healthy(run_app(loaded_workspace, "metrics", metric=METRIC, lang=language))
    shown = text(app)
    for expected in (said, "helpdesk.tickets", "first_response_s / 3600.0", "2026-Q4"):
        assert expected in shown
    assert "quantile_cont" in app.code[0].value
    assert f'href="key-result?kr=2026-Q4/response-time{"&amp;lang=en" if language == "en" else ""}"' in "".join(
        blocks(app)
    )


def test_a_dimension_splits_the_chart_into_named_lines(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "metrics", metric=METRIC, by="team", grain="month", lang="en"))
    names, alt = chart(app)
    assert set(names) == {"north", "central", "south"}
    assert "At the end: " in alt
    assert all(team in alt for team in ("north", "central", "south"))


def test_a_filter_from_the_address_narrows_chart_and_definition(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "metrics", metric=METRIC, filter="team=north&nonsense=1", lang="en"))
    assert "Only rows with" in text(app)
    assert "team=north" in text(app)
    assert "IN ('north')" in app.code[0].value


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("metric", ["revenue", "satisfaction", "new_customers", "reopened_tickets"])
def test_every_kind_of_metric_can_be_explored(run_app: Run, loaded_workspace: Path, metric: str, grain: str) -> None:
    app = healthy(run_app(loaded_workspace, "metrics", metric=metric, grain=grain, span="quarter", lang="en"))
    assert len(app.get("plotly_chart")) == 1


def test_a_derived_metric_is_explored_by_the_dimensions_that_its_components_share(
    run_app: Run, own_workspace: Path
) -> None:
    file = own_workspace / "metrics.yaml"
    derived = '  per_order: {aggregate: derived, expression: "revenue / nullif(orders, 0)", unit: vnd}\n'
    file.write_text(file.read_text(encoding="utf-8").rstrip() + "\n" + derived, encoding="utf-8")
    applied = quarterline(own_workspace, "apply")
    assert applied.returncode == 0, applied.stderr
    data._current_version.clear()
    app = healthy(run_app(own_workspace, "metrics", metric="per_order", by="channel", grain="month", lang="en"))
    assert len(app.get("plotly_chart")) == 1
    assert "revenue / nullif(orders, 0)" in text(app)
    assert "This part could not be drawn" not in text(app)


def test_an_unknown_metric_says_so_and_leads_back(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "metrics", metric="no_such", lang="en"))
    assert "There is no metric no_such." in text(app)
    assert "All metrics" in text(app)


def test_before_the_first_sync_metrics_are_listed_without_values(run_app: Run, own_workspace: Path) -> None:
    (own_workspace / "var/facts/current").unlink()
    listed = text(healthy(run_app(own_workspace, "metrics", lang="en")))
    assert "No trend yet" in listed
    assert "no rows yet" in listed
    one = text(healthy(run_app(own_workspace, "metrics", metric=METRIC, lang="en")))
    assert "no week with a value yet" in one
    assert "How it was defined" in one


def test_a_new_workspace_says_where_to_define_a_metric(run_app: Run, tmp_path: Path) -> None:
    lay_out_workspace(tmp_path / "new", today=DAY)
    assert "No metric is defined yet." in text(healthy(run_app(tmp_path / "new", "metrics", lang="en")))


def test_what_happened_is_noted_marked_and_withdrawn(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "metrics", metric=METRIC, lang="en"))
    hostile = payloads()[-1]
    app.date_input[0].set_value(date(2026, 10, 5))
    app.text_input[0].set_value(hostile)
    app.radio[0].set_value("level_shift")
    next(each for each in app.button if each.label == "Save").click()
    healthy(app.run())
    assert annotations(own_workspace) == [Annotation(METRIC, date(2026, 10, 5), hostile.strip(), "level_shift")]
    data._current_version.clear()
    app = healthy(run_app(own_workspace, "metrics", metric=METRIC, lang="en"))
    assert hostile.strip() in text(app)
    assert "Noted" in chart(app)[0]
    reason = next(each for each in app.text_input if each.label == "Why it is withdrawn")
    reason.set_value("was another metric")
    next(each for each in app.button if each.label == "Withdraw it").click()
    healthy(app.run())
    assert annotations(own_workspace) == []


def test_a_note_that_the_ledger_refuses_says_why(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "metrics", metric=METRIC, lang="en"))
    next(each for each in app.button if each.label == "Save").click()
    app = healthy(app.run())
    assert 'role="alert"' in "".join(blocks(app))
    assert annotations(own_workspace) == []


def test_a_metric_that_cannot_be_computed_says_why(run_app: Run, own_workspace: Path) -> None:
    file = own_workspace / "metrics.yaml"
    changed = file.read_text(encoding="utf-8").replace("value: amount", "value: no_such_column")
    file.write_text(changed, encoding="utf-8")
    assert "no_such_column" in quarterline(own_workspace, "apply").stderr  # refused, so nothing changes
    assert "no_such_column" not in text(healthy(run_app(own_workspace, "metrics", lang="en")))


def test_a_filter_is_read_back_from_the_address_as_it_was_written() -> None:
    written = filter_text((("channel", ("a=b", "c&d")), ("team", ("Đà Nẵng",))))
    assert written == "channel=a%3Db&channel=c%26d&team=%C4%90%C3%A0+N%E1%BA%B5ng"
    assert chosen_filter(()) == ()
