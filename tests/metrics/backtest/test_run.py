"""Replaying past quarters of real stores: nothing ahead is known, and the figures stand on their own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from metrics.backtest import Record, Scope, run_backtest
from metrics.backtest.replay import SHARES, past_quarters, replay, subjects_of
from metrics.backtest.score import Replayed
from metrics.facts import Facts
from metrics.model.decision import CheckIn, Decided, Recorded
from metrics.model.definition import Definitions, KeyResult, Objective, Organisation, Read
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle
from tests.metrics.outlook.conftest import LAST, METRICS, ORGANISATION, SYNCED, key_result

KEY_RESULTS = (
    key_result("revenue", ">= 19500", shape="total"),
    key_result("share", ">= 60 %", read=Read("trailing", 28)),
    key_result("middle", "< 50", read=Read("last month")),
    key_result("share", "< 50 %", shape="keep", id="share-line"),
    key_result("buyers"),
    key_result("broken"),
)
Q3 = Cycle("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))


def defined(*key_results: KeyResult) -> Definitions:
    return Definitions(METRICS, (Objective("o", "2026-Q4", {"en": "o"}, key_results),))


@pytest.fixture(scope="session")
def record(build_company: Callable[[date], Facts]) -> Record:
    facts = build_company(LAST)
    return run_backtest(defined(*KEY_RESULTS), facts, Scope(ORGANISATION, facts.generation, SYNCED))


def test_every_moment_of_every_whole_quarter_is_replayed(record: Record) -> None:
    named = {each.key_result: each for each in record.subjects}
    assert list(named) == [f"2026-Q4/{name}" for name in ("broken", "middle", "revenue", "share", "share-line")]
    assert named["2026-Q4/broken"].abstained == {"error": 1}
    whole = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
    assert named["2026-Q4/revenue"].quarters == whole
    assert named["2026-Q4/revenue"].figures.n == len(whole) * len(SHARES)
    assert record.pooled.n == sum(each.figures.n for each in record.subjects)
    assert [share for share, _ in record.by_elapsed] == list(SHARES)
    assert sum(each.n for each in record.calibration) == record.pooled.chances > 100


def test_forecasts_of_steady_noise_are_calibrated_and_beat_the_simple_rules(record: Record) -> None:
    pooled = record.pooled
    assert pooled.cov80 is not None
    assert pooled.brier is not None
    assert pooled.brier_pace is not None
    assert pooled.brier_last is not None
    assert 0.65 <= pooled.cov80 <= 0.97
    assert pooled.brier < min(pooled.brier_pace, pooled.brier_last)


@pytest.mark.parametrize("each", KEY_RESULTS[:4], ids=lambda each: each.id)
def test_rows_after_a_quarter_change_nothing_in_its_replay(
    build_company: Callable[[date], Facts], each: KeyResult
) -> None:
    (subject,) = subjects_of([each], METRICS)
    until = Q3.ends + timedelta(days=1)
    with_later, without = (
        [
            moment
            for moment in replay(subject, build_company(day), ORGANISATION, until)
            if isinstance(moment, Replayed) and moment.quarter == Q3.id
        ]
        for day in (LAST, until)
    )
    assert with_later == without
    assert len(with_later) == len(SHARES)


def test_the_outcome_moves_no_target_and_no_interval(build_company: Callable[[date], Facts]) -> None:
    """At 30 % of the quarter, a store that ends there gives the same chances as one that knows the outcome."""
    (subject,) = subjects_of([KEY_RESULTS[0]], METRICS)
    moments = [
        each
        for each in replay(subject, build_company(LAST), ORGANISATION, Q3.ends)
        if isinstance(each, Replayed) and each.targets
    ]
    for moment in moments:
        chances = [each.chance for each in moment.targets]
        assert chances == sorted(chances, reverse=True)  # `>=` at ascending quantiles


def test_quarters_are_whole_and_the_newest_first() -> None:
    organisation = Organisation("x", fiscal_year_start=4)
    found = past_quarters(Window(date(2026, 1, 2), date(2026, 12, 31)), date(2026, 11, 15), organisation)
    assert [each.id for each in found] == ["2027-Q2", "2027-Q1"]
    ended = past_quarters(Window(date(2018, 1, 1), date(2019, 8, 31)), date(2026, 11, 15), Organisation("x"))
    assert [ended[0].id, ended[-1].id] == ["2019-Q2", "2018-Q1"], "a stream that ended long ago has a past too"
    assert (
        past_quarters(Window(date(2026, 1, 1), date(2026, 3, 31)), date(2026, 3, 31), Organisation("x"))[0].id
        == "2026-Q1"
    )


def test_progress_is_told_to_the_end(company: Facts) -> None:
    told: list[tuple[int, int, str]] = []
    scope = Scope(ORGANISATION, "facts-1", SYNCED)
    run_backtest(defined(KEY_RESULTS[3]), company, scope, on_progress=lambda *seen: told.append(seen))
    assert told == [(0, 1, "2026-Q4/share-line"), (1, 1, "")]


def test_confidences_are_scored_beside_the_forecasts_of_their_days(company: Facts) -> None:
    each = key_result("share", ">= 55 %", shape="keep")
    third = KeyResult(each.id, "o", "2026-Q3", each.title, each.metric, each.target, shape="keep")
    definitions = Definitions(METRICS, (Objective("o", "2026-Q3", {"en": "o"}, (third,)),))
    made = tuple(
        Recorded(
            CheckIn(third.key, day, confidence, "x"), number, number, datetime(2026, 8, 1, tzinfo=UTC), "linh", number
        )
        for number, (day, confidence) in enumerate(
            [(date(2026, 8, 10), 0.9), (date(2026, 9, 10), 0.5), (date(2026, 10, 10), 0.0)], start=1
        )
    )
    found = run_backtest(
        definitions,
        company,
        Scope(ORGANISATION, "facts-1", SYNCED),
        cycles={"2026-Q3": Q3},
        decided=Decided(check_ins={third.key: made}),
    ).check_ins
    assert found.n == 2, "the one after the close is none"
    assert found.brier == pytest.approx((0.1**2 + 0.5**2) / 2)
    assert found.brier_forecast is not None
    assert found.brier_forecast < 0.25


WORKSPACE = """
organisation: {{name: Real, timezone: Europe/Paris, language: en}}
sources:
  web:
    type: files
    streams:
      sessions:
        path: {shared}/real/web_sessions.csv
        delimiter: ";"
        primary_key: [date, country, browser, operating_system]
  trains:
    type: files
    streams:
      routes:
        path: {shared}/real/tgv.csv
        encoding: windows-1252
        primary_key: [date, service, gare_depart, gare_arrivee]
        columns: {{date: {{type: date, format: "%m/%d/%Y"}}}}
"""
REAL_METRICS = """
metrics:
  late:
    {title: Late, source: trains.routes, time: date, aggregate: ratio, numerator: nb_train_retard_arrivee,
     denominator: nb_train_prevu - nb_annulation, dimensions: [service], unit: percent, better: lower, bounds: [0, 1]}
  chrome:
    {title: Chrome, source: web.sessions, time: date, aggregate: ratio, unit: percent, better: higher, bounds: [0, 1],
     numerator: case when browser = 'Chrome' then sessions else 0 end, denominator: sessions}
"""
REAL_OKRS = """
cycle: 2019-Q3
objectives:
  - id: o
    title: O
    owner: anne
    key_results:
      - {id: late, title: Late, metric: late, filter: {service: [National]}, shape: keep, target: "< 0.12"}
      - {id: chrome, title: Chrome, metric: chrome, shape: keep, target: ">= 0.7"}
"""


@pytest.mark.slow
def test_pooled_ratios_of_real_data(shared: Path, tmp_path: Path) -> None:
    """Monthly late trains over years and daily shares over months: chances beat both rules, intervals cover."""
    from metrics.cli import main
    from metrics.cli.session import Session

    (tmp_path / "okrs").mkdir()
    (tmp_path / "quarterline.yaml").write_text(WORKSPACE.format(shared=shared.resolve()))
    (tmp_path / "metrics.yaml").write_text(REAL_METRICS)
    (tmp_path / "okrs" / "q3.yaml").write_text(REAL_OKRS)
    for command in ("apply", "sync"):
        with pytest.raises(SystemExit) as stopped:
            main(["--workspace", str(tmp_path), command])
        assert stopped.value.code == 0
    session = Session(tmp_path)
    scope = Scope(session.workspace.organisation, "facts-1", session.now)
    record = run_backtest(session.ledger.definitions(), session.facts, scope)
    trains = next(each for each in record.subjects if each.metric == "late")
    assert len(trains.quarters) >= 8
    assert trains.figures.brier is not None
    assert trains.figures.brier_last is not None
    assert trains.figures.cov95 is not None
    assert trains.figures.brier <= trains.figures.brier_last + 0.02
    assert trains.figures.cov95 >= 0.8
    assert record.pooled.cov80 is not None
    assert record.pooled.cov80 >= 0.65
