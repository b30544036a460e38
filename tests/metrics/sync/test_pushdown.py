"""A pushed stream beside the same stream pulled: whatever readers ask, both answer the same."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, create_engine, text

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.errors import FactsError
from metrics.facts import Facts, open_facts
from metrics.model.definition import Definitions, Grain, KeyResult, Metric, Objective, Organisation, Read
from metrics.model.reading import Measure, Point, SeriesRange, Window
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.scorecard.build import Frame, build_scorecard, windows_of
from metrics.sync import SyncResult, run_sync
from tests.metrics.pushdown.dataset import FOLDABLE, HOLISTIC, STREAM_ZONE, TEAMS, ZONE
from tests.metrics.pushdown.test_engines import MARIADB, POSTGRES
from tests.metrics.sync.frail_door import FrailDoor
from tests.metrics.sync.rig import MemoryLog

pytestmark = pytest.mark.service

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORGANISATION = Organisation("Test", timezone=ZONE)
CYCLE = "2026-Q4"
READS = (Read("period"), Read("trailing", 28), Read("last week"), Read("last month"))
FILTERED = (("team", ("north", "O'Brien")),)


def key_results(metrics: Sequence[Metric]) -> Iterator[KeyResult]:
    for number, metric in enumerate(metrics):
        yield KeyResult(
            f"kr{number}",
            "o",
            CYCLE,
            {"en": metric.id},
            metric.id,
            parse_target("> 1"),
            read=READS[number % len(READS)],
            filter=FILTERED if number % 3 == 1 else (),
        )


def defined(metrics: Sequence[Metric]) -> Definitions:
    objective = Objective("o", CYCLE, {"en": "O"}, tuple(key_results(metrics)))
    return Definitions({metric.id: metric for metric in metrics}, (objective,))


EVERYTHING = defined((*FOLDABLE, *HOLISTIC))
SOME = ("mean", "median", "p90", "sum_exact", "last", "by_naive_time", "distinct_texts", "mean_of_medians")
DEFINITIONS = defined([metric for metric in (*FOLDABLE, *HOLISTIC) if metric.id in SOME])


@dataclass
class Desk:
    """One database, and workspaces over it."""

    engine: Engine
    root: Path
    cursor: str | None = None
    deadline: timedelta | None = None

    def workspace(self, mode: Literal["pull", "pushdown"]) -> Workspace:
        stream = Stream(
            "shop",
            "sales",
            {"table": "sales"},
            primary_key=("id",),
            cursor=self.cursor,
            timezone=STREAM_ZONE,
            deadline=self.deadline,
        )
        source = Source("shop", "sql", {"url": "${TEST_DATABASE}"}, mode, {"sales": stream})
        return Workspace(root=self.root / mode, organisation=ORGANISATION, sources={"shop": source})

    def sync(
        self,
        mode: Literal["pull", "pushdown"],
        *,
        now: datetime = NOW,
        full: bool = False,
        since: date | None = None,
        definitions: Definitions = DEFINITIONS,
    ) -> SyncResult:
        return run_sync(self.workspace(mode), MemoryLog(definitions), now=now, full=full, since=since)

    def facts(self, mode: Literal["pull", "pushdown"]) -> Facts:
        return open_facts(self.root / mode / "var")

    def execute(self, sql: str, *rows: dict[str, Any]) -> None:
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "mysql":
                connection.execute(text("SET time_zone = '+00:00'"))
            connection.execute(text(sql), list(rows) or None)

    def insert(self, *rows: dict[str, Any]) -> None:
        names = list(rows[0])
        self.execute(f"INSERT INTO sales ({', '.join(names)}) VALUES ({', '.join(f':{n}' for n in names)})", *rows)


def row(number: int, opened: datetime, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "opened_at": opened,
        "closed_at": opened + timedelta(hours=number % 60),
        "told_at": opened.replace(tzinfo=None, hour=12),
        "due_on": opened.date(),
        "team": TEAMS[number % len(TEAMS)],
        "seconds": (number * 7919) % 50_000,
        "qty": number % 5,
        "price": Decimal(number * 31 % 10_000) / 100,
        "score": [None, 1.5, -2.25, 40.0][number % 4],
        "late": [True, False, None][number % 3],
        "changed_at": opened,
    } | more


def rows(count: int = 1_500) -> list[dict[str, Any]]:
    """From July to now, a few of them dated tomorrow and later today."""
    first = datetime(2026, 7, 1, tzinfo=UTC)
    step = (NOW + timedelta(hours=20) - first) / count
    return [row(number, (first + step * number).replace(microsecond=number)) for number in range(count)]


@contextmanager
def desk_over(url: str, types: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TEST_DATABASE", url)
    engine = create_engine(url)
    desk = Desk(engine, folder)
    columns = types | {"changed_at": types["opened_at"]}
    desk.execute("DROP TABLE IF EXISTS sales")
    desk.execute(f"CREATE TABLE sales ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    desk.insert(*rows())
    yield desk
    engine.dispose()


@pytest.fixture
def desk(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk_over(postgres_url, POSTGRES, tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def mariadb_desk(mariadb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk_over(mariadb_url, MARIADB, tmp_path, monkeypatch) as opened:
        yield opened


def frame(as_of: date, now: datetime = NOW) -> Frame:
    return Frame(ORGANISATION, resolve_cycle(CYCLE, ORGANISATION, ()), as_of, now)


def alike(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9))


def assert_same_answers(
    pulled: Facts, pushed: Facts, *, as_of: date, now: datetime = NOW, definitions: Definitions = DEFINITIONS
) -> None:
    local, engine = (build_scorecard(definitions, facts, frame(as_of, now)) for facts in (pulled, pushed))
    for one, other in zip(local.key_results, engine.key_results, strict=True):
        where = f"{one.key_result.metric} as of {as_of}"
        assert other.error is None, (where, other.error)
        assert alike(one.value, other.value), (where, one.value, other.value)
        assert alike(one.baseline, other.baseline), where
        assert (other.rows, other.freshness) == (one.rows, one.freshness), where
        assert_same_points(one.trend, other.trend, where)
        assert other.forecast.reason == one.forecast.reason, where
        assert other.forecast.p_hit == one.forecast.p_hit, where


def assert_same_points(one: Sequence[Point], other: Sequence[Point], where: str) -> None:
    assert [(point.day, point.rows) for point in one] == [(point.day, point.rows) for point in other], where
    for point, twin in zip(one, other, strict=True):
        assert alike(point.value, twin.value), (where, point.day)


def assert_same_series(pulled: Facts, pushed: Facts, definitions: Definitions = DEFINITIONS) -> None:
    grains: tuple[Grain, ...] = ("day", "week", "month")
    for metric in definitions.metrics.values():
        known = pulled.days(metric)
        assert pushed.days(metric) == known
        assert known is not None
        for grain in grains:
            asked = [Measure(metric, series=SeriesRange(grain, Window(known.starts, NOW.date())))]
            ((one,), (other,)) = pulled.measure(asked), pushed.measure(asked)
            assert_same_points(one.series, other.series, f"{metric.id} by {grain}")


def assert_same_parts(pulled: Facts, pushed: Facts, definitions: Definitions) -> None:
    for key_result in definitions.key_results():
        metric = definitions.metrics[key_result.metric or ""]
        window, _, _ = windows_of(key_result, frame(NOW.date()))
        if metric in HOLISTIC and metric.rollup != "pooled":
            continue
        for dimension in metric.dimensions:
            one, other = (facts.breakdown(metric, dimension, window, key_result.filter) for facts in (pulled, pushed))
            assert [(part.value, part.reading.rows) for part in one] == [
                (part.value, part.reading.rows) for part in other
            ], (metric.id, dimension)
            for part, twin in zip(one, other, strict=True):
                assert alike(part.reading.value, twin.reading.value), (metric.id, dimension)
            assert pushed.dimension_values(metric, dimension) == pulled.dimension_values(metric, dimension)


def check_alike(desk: Desk, definitions: Definitions) -> None:
    assert desk.sync("pull", definitions=definitions).ok
    result = desk.sync("pushdown", definitions=definitions)
    assert result.ok, (result.streams[0].error, result.metric_errors)
    (stream,) = result.streams
    assert "1,500 rows stay in" in stream.notes[0]
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert pushed.tables() == ()
        assert pushed.row_counts() == pulled.row_counts()
        for as_of in (NOW.date(), date(2026, 11, 3)):
            assert_same_answers(pulled, pushed, as_of=as_of, definitions=definitions)
        assert_same_series(pulled, pushed, definitions)
        assert_same_parts(pulled, pushed, definitions)


def test_readers_of_postgresql_cannot_tell_pushed_from_pulled(desk: Desk) -> None:
    check_alike(desk, EVERYTHING)


def test_readers_of_mariadb_cannot_tell_pushed_from_pulled(mariadb_desk: Desk) -> None:
    check_alike(mariadb_desk, DEFINITIONS)


def test_lineage_shows_the_engines_sql_and_it_gives_the_value(desk: Desk) -> None:
    desk.sync("pushdown")
    with desk.facts("pushdown") as facts, desk.engine.connect() as connection:
        connection.execute(text("SET TIME ZONE 'UTC'"))
        for key_result in DEFINITIONS.key_results():
            metric = DEFINITIONS.metrics[key_result.metric or ""]
            window, _, _ = windows_of(key_result, frame(NOW.date()))
            measure = Measure(metric, key_result.filter, (window,))
            (answer,) = facts.measure([measure])
            told = facts.lineage(measure)
            assert told.sql.startswith("-- postgresql\n")
            value, n = connection.exec_driver_sql(told.sql.replace("%", "%%")).one()
            assert alike(None if value is None else float(value), answer.readings[0].value), metric.id
            assert (n or 0, told.rows, told.table_rows) == (answer.readings[0].rows, n or 0, 1_500)


def test_the_next_sync_looks_only_at_what_may_have_changed(desk: Desk) -> None:
    desk.sync("pushdown")
    idle = desk.sync("pushdown", now=NOW + timedelta(minutes=5))
    assert (idle.streams[0].outcome, idle.streams[0].mode, idle.generation) == ("unchanged", "merge", None)
    desk.insert(row(9_000, NOW - timedelta(hours=1)))
    desk.execute("UPDATE sales SET seconds = 49999 WHERE id = 1450")
    later = NOW + timedelta(hours=1)
    changed = desk.sync("pushdown", now=later)
    assert (changed.streams[0].outcome, changed.streams[0].mode) == ("ok", "merge")
    desk.sync("pull", now=later)
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_answers(pulled, pushed, as_of=NOW.date(), now=later)
        assert_same_series(pulled, pushed)


@pytest.mark.parametrize(
    "change", ["DELETE FROM sales WHERE id = 40", "UPDATE sales SET opened_at = NULL WHERE id = 40"]
)
def test_rows_that_went_from_old_days_are_noticed(desk: Desk, change: str) -> None:
    desk.sync("pushdown")
    desk.execute(change)
    later = NOW + timedelta(hours=1)
    assert desk.sync("pushdown", now=later).streams[0].mode == "replace"
    desk.sync("pull", now=later, full=True)
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_series(pulled, pushed)


def test_a_changed_old_row_is_found_within_a_week_by_full_and_by_a_back_fill(desk: Desk) -> None:
    """Without a cursor nobody tells that an old row changed: counts are the same, and its day is not looked at."""
    desk.sync("pushdown")
    desk.execute("UPDATE sales SET price = 9999 WHERE id = 40")
    day = date(2026, 7, 4)
    price = DEFINITIONS.metrics["sum_exact"]
    asked = [Measure(price, windows=(Window(day, day + timedelta(days=3)),))]

    def value() -> float:
        with desk.facts("pushdown") as facts:
            return facts.measure(asked)[0].readings[0].value or 0.0

    before = value()
    assert desk.sync("pushdown", now=NOW + timedelta(days=6)).streams[0].mode == "merge"
    assert value() == before
    assert desk.sync("pushdown", now=NOW + timedelta(days=7)).streams[0].mode == "replace"
    assert value() > before + 9_000
    desk.execute("UPDATE sales SET price = 0 WHERE id = 40")
    assert desk.sync("pushdown", now=NOW + timedelta(days=7, hours=1), full=True).streams[0].mode == "replace"
    assert value() < before + 100
    desk.execute("UPDATE sales SET price = 9999 WHERE id = 40")
    desk.sync("pushdown", now=NOW + timedelta(days=7, hours=2), since=date(2026, 7, 1))
    assert value() > before + 9_000


def test_a_cursor_finds_changed_old_rows_at_once(desk: Desk) -> None:
    desk.cursor = "changed_at"
    desk.sync("pushdown")
    later = NOW + timedelta(days=1)
    for number, at in ((40, later), (700, later), (900, NOW - timedelta(minutes=2))):
        desk.execute(f"UPDATE sales SET price = 9999, seconds = 1, changed_at = '{at.isoformat()}' WHERE id = {number}")
    result = desk.sync("pushdown", now=later)
    assert result.streams[0].mode == "merge"
    assert result.streams[0].cursor is not None
    assert result.streams[0].cursor.startswith("2026-11-21")
    desk.sync("pull", now=later)
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_series(pulled, pushed)
        assert_same_answers(pulled, pushed, as_of=later.date(), now=later)


def test_a_morning_before_the_first_sync_has_its_numbers(desk: Desk) -> None:
    desk.sync("pull")
    desk.sync("pushdown")
    morning = NOW + timedelta(days=3)
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_answers(pulled, pushed, as_of=morning.date(), now=morning)


def test_what_was_not_brought_back_is_refused_plainly(desk: Desk) -> None:
    desk.sync("pushdown")
    median = DEFINITIONS.metrics["median"]
    with desk.facts("pushdown") as facts, pytest.raises(FactsError) as refused:
        facts.measure([Measure(median, (("qty", ("1",)),), (Window(date(2026, 8, 3), date(2026, 9, 9)),))])
    assert str(refused.value) == (
        "could not compute 'median' as asked, because its rows stay in postgresql and the sync did not bring this "
        "reading back; run `quarterline sync`, or ask for days, weeks, months, or a key result's own read and filter"
    )


def test_a_metric_that_the_engine_cannot_compute_leaves_the_others_alone(desk: Desk) -> None:
    odd = Metric("odd", {"en": "Odd"}, "shop.sales", "opened_at", "sum", value="cast(score as integer)")
    result = desk.sync("pushdown", definitions=replace(DEFINITIONS, metrics={**DEFINITIONS.metrics, "odd": odd}))
    assert not result.ok
    assert list(result.metric_errors) == ["odd"]
    assert "metrics.odd.value: 'cast(score as integer)' converts DOUBLE to INTEGER" in result.metric_errors["odd"]
    desk.sync("pull")
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_answers(pulled, pushed, as_of=NOW.date())


def test_a_source_that_fails_keeps_the_last_series(desk: Desk) -> None:
    desk.sync("pushdown")
    desk.execute("ALTER TABLE sales RENAME TO sold")
    failed = desk.sync("pushdown", now=NOW + timedelta(hours=1))
    assert failed.streams[0].outcome == "failed"
    assert "could not read table 'sales'" in (failed.streams[0].error or "")
    desk.execute("ALTER TABLE sold RENAME TO sales")
    desk.sync("pull")
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_answers(pulled, pushed, as_of=NOW.date())


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_stream_whose_first_pull_fails_or_is_tried_keeps_its_series(desk: Desk, *, dry_run: bool) -> None:
    """Also in what another stream's change publishes."""
    desk.sync("pushdown")
    pulling = replace(desk.workspace("pull"), root=desk.root / "pushdown")
    (pulling.root / "a.csv").write_text("id\n1\n", "utf-8")
    beside = Source("beside", "files", {}, "pull", {"rows": Stream("beside", "rows", {"path": "a.csv"})})
    both = replace(pulling, sources={**pulling.sources, "beside": beside})
    if not dry_run:
        desk.execute("ALTER TABLE sales RENAME TO sold")
    tried = run_sync(both, MemoryLog(DEFINITIONS), now=NOW, dry_run=dry_run, only=["shop"])
    assert [each.outcome for each in tried.streams] == ["ok" if dry_run else "failed"]
    assert run_sync(both, MemoryLog(DEFINITIONS), now=NOW, only=["beside"]).generation is not None
    desk.execute("ALTER TABLE IF EXISTS sold RENAME TO sales")
    desk.sync("pull")
    with desk.facts("pull") as pulled, desk.facts("pushdown") as kept:
        assert kept.tables() == ("beside.rows",)
        assert_same_answers(pulled, kept, as_of=NOW.date())
    run_sync(both, MemoryLog(DEFINITIONS), now=NOW)
    with desk.facts("pull") as pulled, desk.facts("pushdown") as changed:
        assert changed.tables() == ("beside.rows", "shop.sales")
        assert_same_answers(pulled, changed, as_of=NOW.date())


def test_an_engine_that_does_not_answer_is_given_up_at_the_deadline(desk: Desk) -> None:
    desk.sync("pushdown")
    desk.deadline = timedelta(seconds=1)
    with desk.engine.connect() as busy:
        busy.execute(text("LOCK TABLE sales IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        (failed,) = desk.sync("pushdown", now=NOW + timedelta(hours=1)).streams
        assert time.monotonic() - began < 20
    assert failed.outcome == "failed"
    assert "could not read all of it within 0:00:01" in (failed.error or "")
    desk.sync("pull")
    with desk.facts("pull") as pulled, desk.facts("pushdown") as pushed:
        assert_same_answers(pulled, pushed, as_of=NOW.date())
    desk.deadline = None
    assert desk.sync("pushdown", now=NOW + timedelta(hours=1)).ok


def test_an_engine_that_breaks_off_is_asked_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with FrailDoor(desk.engine.url.host or "", desk.engine.url.port or 5432, refusals=2) as door:
        through = desk.engine.url.set(port=door.port).render_as_string(hide_password=False)
        monkeypatch.setenv("TEST_DATABASE", through)
        assert desk.sync("pushdown").ok
        assert door.visitors == 3
        door.refusals = 99
        (failed,) = desk.sync("pushdown", full=True).streams
        assert failed.outcome == "failed"
        assert door.visitors == 6


def test_a_stream_may_change_its_mode_there_and_back(desk: Desk) -> None:
    pulled = desk.workspace("pull")
    pushed = replace(desk.workspace("pushdown"), root=pulled.root)
    log = MemoryLog(DEFINITIONS)
    values: list[list[float | None]] = []
    for workspace, tables in ((pulled, ("shop.sales",)), (pushed, ()), (pulled, ("shop.sales",)), (pushed, ())):
        assert run_sync(workspace, log, now=NOW).ok
        with open_facts(pulled.var) as facts:
            assert facts.tables() == tables
            scorecard = build_scorecard(DEFINITIONS, facts, frame(NOW.date()))
            values.append([card.value for card in scorecard.key_results])
    for value in zip(*values, strict=True):
        assert all(alike(value[0], other) for other in value)
    assert any(values[0])


def test_a_source_that_cannot_compute_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,at\n1,2026-01-01\n", "utf-8")
    source = Source("shop", "files", {}, "pushdown", {"sales": Stream("shop", "sales", {"path": "a.csv"})})
    workspace = Workspace(root=tmp_path, organisation=ORGANISATION, sources={"shop": source})
    result = run_sync(workspace, MemoryLog(DEFINITIONS), now=NOW)
    assert "this type of source cannot compute metrics; leave out mode: pushdown" in (result.streams[0].error or "")
