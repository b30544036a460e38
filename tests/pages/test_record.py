"""The Forecast record says what the backtest kept: coverage, Brier, calibration beside two simple rules, people."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.backtest import Bin, Figures, Record, SubjectRecord, load_record, save_record
from metrics.backtest.record import CheckInRecord
from metrics.model.definition import Definitions
from pages.ui.backtesting import BacktestDesk, BacktestProgress, advance, finish
from pages.ui.charts import PALETTES
from pages.ui.i18n import words_in
from pages.ui.reader import Reader
from pages.ui.record import (
    FIGURE_COLUMNS,
    calibration_alt,
    calibration_figure,
    calibration_table,
    figure_rows,
    headline_figures,
    people_block,
    record_summary,
    subjects_table,
)
from tests.pages.conftest import Run
from tests.pages.factory import NOW
from tests.pages.sample import ENVIRONMENT
from tests.pages.test_app import healthy, text
from tests.pages.test_markup import Seen

EN, VI = words_in("en"), words_in("vi")
READER = Reader(EN, NOW, "Asia/Ho_Chi_Minh")
FIGURES = Figures(360, 0.81, 0.95, 1340, 0.1, 0.181, 0.161, 0.02, None, 0.745, 0.89)
OURS = (Bin(0.0, 251, 0.04, 0.01), Bin(0.9, 352, 0.97, 1.0))
RULE = (Bin(0.0, 600, 0.0, 0.23), Bin(0.9, 740, 1.0, 0.85))
SUBJECT = SubjectRecord(
    "2026-Q4/response-time", "first_response", "", "trailing 28d", "reach", "hours", ("2026-Q2", "2026-Q3"),
    FIGURES, {}, OURS, RULE, RULE,
)  # fmt: skip
PEOPLE = CheckInRecord(12, 0.21, 0.14, (Bin(0.7, 12, 0.75, 0.5),))
RECORD = Record(
    computed_at=datetime(2026, 11, 23, 5, tzinfo=UTC),
    generation="facts-12",
    pooled=FIGURES,
    by_elapsed=((0.5, FIGURES),),
    calibration=OURS,
    subjects=(SUBJECT,),
    check_ins=PEOPLE,
    calibration_pace=RULE,
    calibration_last=RULE,
)


def said(html: str) -> str:
    return Seen(html).text.replace("\u00a0", " ")


def test_the_first_thing_said_is_how_often_the_bands_held() -> None:
    text = said(record_summary(RECORD, READER))
    assert text.startswith(
        "Replayed over past quarters, 81 % of 360 outcomes lay inside the 80 % band and 95 % inside the 95 % band."
    )
    assert "1 key results over 2 quarters, from facts-12" in text


def test_scores_line_up_and_stand_beside_the_simple_rules() -> None:
    text = said(headline_figures(FIGURES, EN))
    assert "0.100 Brier score" in text.replace("0.100Brier", "0.100 Brier")
    assert "pace rule 0.181, last value 0.161; 1,340 chances" in text
    assert "0,100" in said(headline_figures(FIGURES, VI))


def test_the_curve_draws_ours_as_a_line_and_the_rules_as_their_two_verdicts() -> None:
    figure = calibration_figure({"ours": OURS, "pace": RULE, "last": RULE}, EN, PALETTES["light"])
    traces = {trace.name: trace for trace in figure.data}
    assert list(traces["Ours"].x) == [0.04, 0.97]
    assert list(traces["Ours"].y) == [0.01, 1.0]
    assert traces["Ours"].mode == "lines+markers"
    assert list(traces["Pace rule"].x) == [0.0, 1.0]
    assert traces["Pace rule"].mode == "markers"
    assert traces["Ours"].marker.size[1] > traces["Ours"].marker.size[0]
    assert "n = 251" in traces["Ours"].text[0].replace("\u00a0", " ")
    assert calibration_alt(OURS, EN).replace("\u00a0", " ") == (
        "Calibration curve. chances of 4 % came true 1 % of the time; chances of 97 % came true 100 % of the time."
    )
    table = said(calibration_table({"ours": OURS, "pace": RULE}, EN))
    assert "251" in table
    assert "Pace rule" in table


def test_every_key_result_has_a_row_with_its_n() -> None:
    text = said(subjects_table(RECORD, Definitions({}, ()), READER))
    assert "2026-Q4/response-time" in text
    assert "50 % of the quarter gone" in text
    assert text.count("360") == 3
    rows = figure_rows(RECORD)
    assert {len(row) for row in rows} == {len(FIGURE_COLUMNS)}
    assert rows[0][:2] == ("2026-Q4/response-time", "first_response")
    assert rows[-1][6:9] == (360, 0.81, 0.95)


def test_people_are_scored_like_the_forecasts_of_the_same_days() -> None:
    text = said(people_block(PEOPLE, EN))
    assert "12 confidences scored: Brier 0.210; the forecasts of the same days 0.140." in text
    assert "75 %" in text
    assert "Chưa có lần cập nhật nào" in said(people_block(CheckInRecord(0, None, None, ()), VI))


def test_a_record_reads_back_as_it_was_kept_and_one_of_another_version_counts_as_none(tmp_path: Path) -> None:
    path = save_record(tmp_path, RECORD)
    assert load_record(tmp_path) == RECORD
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**document, "schema": 1}), "utf-8")
    assert load_record(tmp_path) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "No forecast has been replayed yet."), ("vi", "Chưa có dự báo nào được chạy lại.")],
)
def test_an_empty_record_says_what_to_run(run_app: Run, loaded_workspace: Path, language: str, expected: str) -> None:
    app = healthy(run_app(loaded_workspace, "forecast-record", lang=language))
    assert expected in text(app)
    assert "quarterline backtest" in text(app)
    assert app.button[0].label in {"Replay past quarters", "Chạy lại các quý đã qua"}


@pytest.mark.parametrize(("language", "expected"), [("en", "Can the chances be believed?"), ("vi", "Có thể tin")])
def test_the_page_shows_a_record_pooled_and_for_one_key_result(
    run_app: Run, own_workspace: Path, language: str, expected: str
) -> None:
    save_record(own_workspace / "var", RECORD)
    app = healthy(run_app(own_workspace, "forecast-record", lang=language))
    assert expected in text(app)
    assert len(app.get("plotly_chart")) == 1
    one = healthy(run_app(own_workspace, "forecast-record", lang=language, of="2026-Q4/response-time"))
    assert one.selectbox[0].value == "2026-Q4/response-time"


def test_a_damaged_record_says_so_and_what_to_do(run_app: Run, own_workspace: Path) -> None:
    (own_workspace / "var/forecast-record.json").write_text("{", "utf-8")
    assert "run `quarterline backtest` again" in text(healthy(run_app(own_workspace, "forecast-record", lang="en")))


def test_progress_follows_what_the_command_says() -> None:
    running = advance(BacktestProgress(), '{"event": "replaying", "done": 3, "total": 12, "name": "2026-Q4/a"}')
    assert (running.done, running.total, running.share) == (3, 12, 0.25)
    assert advance(running, '{"event": "recorded", "n": 4}') == running
    failed = finish(advance(running, "error: could not replay, because nothing is synced; run `quarterline sync`"), 1)
    assert failed.phase == "failed"
    assert failed.message == "could not replay, because nothing is synced; run `quarterline sync`"
    assert finish(running, 0).share == 1.0


@pytest.mark.slow
def test_the_button_s_command_really_runs_and_keeps_a_record(
    own_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    desk = BacktestDesk(str(own_workspace))
    desk.start()
    desk.start()  # a second click while it runs starts nothing
    deadline = time.monotonic() + 300
    while desk.running and time.monotonic() < deadline:
        time.sleep(0.2)
    progress = desk.progress
    assert progress is not None
    assert (progress.phase, progress.message) == ("done", None)
    record = load_record(own_workspace / "var")
    assert record is not None
    assert record.pooled.n > 0
    assert sum(each.n for each in record.calibration_pace) == record.pooled.chances
    assert {each.mean for each in record.calibration_pace} <= {0.0, 1.0}
