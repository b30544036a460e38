"""What an engine brings back, beside what DuckDB computes from the same rows: equal to 1e-9."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from connectors.computing import StoredStream
from connectors.times import NAIVE, Clock
from metrics.compile import compile_metric, parts_table, reading_sql, windows_sql
from metrics.compile.metric import CompiledMetric
from metrics.compile.rows import breakdown_sql
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Window
from metrics.pushdown import (
    PushedMetric,
    days_sql,
    number_of,
    parts_statement,
    push_metric,
    readings_sql,
    text_of_dimension,
)
from metrics.pushdown import reading_sql as pushed_reading_sql
from tests.metrics.pushdown.dataset import (
    COLUMNS,
    EXPRESSIONS,
    FILTERS,
    FOLDABLE,
    HOLISTIC,
    NOW,
    STREAM_ZONE,
    WINDOWS,
    ZONE,
    Row,
    of_expression,
)

Ask = Callable[[str], list[tuple[Any, ...]]]
WHOLE = Window(date(2026, 1, 1), date(2026, 12, 31))


class Agreement:
    """One engine's table beside DuckDB's."""

    def __init__(self, rows: Sequence[Row], stored: StoredStream, ask: Ask) -> None:
        """Load the rows as the sync would: naive times by their zone, nothing that is not finite."""
        self.stored, self.ask = stored, ask
        self.local = duckdb.connect()
        self.local.execute(f"SET TimeZone = '{ZONE}'")
        named = list(zip(COLUMNS, zip(*rows, strict=True), strict=True))
        columns = {name: pa.array(values) for name, values in named if name != "told_at"}
        told = next(values for name, values in named if name == "told_at")
        columns["told_at"] = Clock(STREAM_ZONE).to_utc(pa.array(told, NAIVE))
        source = pa.table(columns)
        self.local.register("source", source)
        listed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in COLUMNS.items())
        self.local.execute(f"CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT {listed} FROM source")
        self.local.execute("UPDATE shop.sales SET score = NULL WHERE NOT isfinite(score)")

    def compiled(self, metric: Metric) -> CompiledMetric:
        """Compile a metric for DuckDB."""
        return compile_metric(metric, COLUMNS, self.local, timezone=ZONE)

    def pushed(self, metric: Metric, window: Window = WHOLE) -> PushedMetric:
        """Render a metric for the engine."""
        return push_metric(metric, self.stored, COLUMNS, self.local, zone=ZONE, window=window)

    def check_parts(self, metrics: Sequence[Metric], dimensions: Sequence[str]) -> None:
        """Compare daily parts by dimensions."""
        table = parts_table([self.compiled(each) for each in metrics], tuple(dimensions))
        statement = parts_statement([self.pushed(each) for each in metrics], dimensions)
        names: list[str] = []
        kinds: list[str | None] = []
        for column, kind in statement.columns:
            name = f"coalesce({column.name}, 0)" if column.kind == "lost" else column.name
            names += [f"{name}.value", f"{name}.moment"] if column.kind == "last" else [name]
            kinds += [kind, None] if column.kind == "last" else ["BIGINT" if column.kind == "n" else kind]
        width = 1 + len(dimensions)
        keys = ", ".join(["day", *(f'"dim_{name}"' for name in dimensions)])
        expected = self.local.execute(f"SELECT {keys}, {', '.join(names)} FROM ({table.select()})").fetchall()
        found = [
            (
                row[0],
                *map(text_of_dimension, row[1:width]),
                *(
                    value if kind is None else number_of(value, kind)
                    for value, kind in zip(row[width:], kinds, strict=True)
                ),
            )
            for row in self.ask(statement.sql)
        ]
        assert_agree(expected, found, width)

    def check_days(self, metric: Metric) -> None:
        """Compare the rows of each day, those later than now apart."""
        pushed = self.pushed(metric)
        compiled = self.compiled(metric)
        late = "0" if pushed.time_type == "DATE" else f"CAST({metric.time} > TIMESTAMPTZ '{NOW}' AS INTEGER)"
        moments = "NULL, NULL" if pushed.time_type == "DATE" else f"min({metric.time}), max({metric.time})"
        expected = self.local.execute(
            f"SELECT {compiled.day} AS day, {late}, count(*), {moments} FROM shop.sales "
            f"WHERE day IS NOT NULL GROUP BY 1, 2"
        ).fetchall()
        assert_agree(expected, self.ask(days_sql(pushed, NOW)), 2)

    def check_holistic(self, metrics: Sequence[Metric], filter_: Filter) -> None:
        """Compare readings of one value by day and over windows."""
        members = [self.pushed(each) for each in metrics]
        days = self.local.execute(
            "SELECT DISTINCT CAST(opened_at AS DATE) AS day FROM shop.sales ORDER BY 1"
        ).fetchall()
        single = [Window(day, day) for (day,) in days]
        for asked, sql, key in (
            (single, readings_sql(members, filter_), lambda row: row[0]),
            (WINDOWS, readings_sql(members, filter_, windows=dict(enumerate(WINDOWS))), lambda row: WINDOWS[row[0]]),
        ):
            found = {key(row): row[1:] for row in self.ask(sql)}
            for index, metric in enumerate(metrics):
                rows = self.local.execute(windows_sql(self.compiled(metric), filter_, asked)).fetchall()
                local = {(asked[at].starts if asked is single else asked[at]): (n, value) for at, value, n in rows if n}
                assert set(local) == set(found)
                for each, (n, value) in local.items():
                    assert_same((n, value), (found[each][0], found[each][1 + index]), where=(metric.id, each))

    def check_breakdown(self, metric: Metric, dimension: str, window: Window) -> None:
        """Compare holistic readings by the values of a dimension."""
        sql = readings_sql([self.pushed(metric)], (), windows={4: window}, dimension=dimension)
        found = {text_of_dimension(value): rest for _, value, *rest in self.ask(sql)}
        rows = self.local.execute(breakdown_sql(self.compiled(metric), dimension, (), window)).fetchall()
        local = {value: [n, reading] for value, reading, n, *_ in rows if n}
        assert set(local) == set(found)
        for value, expected in local.items():
            assert_same(expected, found[value], where=(metric.id, value))

    def check_reading(self, metric: Metric, filter_: Filter, window: Window) -> None:
        """Compare what lineage shows."""
        expected = self.local.execute(reading_sql(self.compiled(metric), filter_, window)).fetchone()
        ((value, n),) = self.ask(pushed_reading_sql(self.pushed(metric, window), filter_, window))
        assert_same(expected or (), (value, n or 0), where=(metric.id, window, filter_))

    def check_approximate(self, metric: Metric, window: Window) -> None:
        """Compare what the engine's approximate aggregate gives with what is exact."""
        expected = self.local.execute(reading_sql(self.compiled(metric), (), window)).fetchone()
        nearly = self.pushed(replace(metric, approx=True), window)
        ((value, n),) = self.ask(pushed_reading_sql(nearly, (), window))
        exact, rows = expected or (None, None)
        assert n == rows, (metric.id, n, rows)
        assert math.isclose(float(value), exact, rel_tol=0.05), (metric.id, value, exact)


def assert_agree(expected: Iterable[Sequence[Any]], found: Iterable[Sequence[Any]], width: int) -> None:
    """Assert equal rows by key; keys are the first `width` columns."""
    local = {tuple(row[:width]): row[width:] for row in expected}
    engine = {(row[0], *row[1:width]): row[width:] for row in found}
    assert set(local) == set(engine)
    for key, values in local.items():
        assert_same(values, engine[key], where=key)


def assert_same(expected: Sequence[Any], found: Sequence[Any], *, where: Any) -> None:
    """Assert equal values: numbers to 1e-9, everything else exactly."""
    assert len(expected) == len(found)
    for one, other in zip(expected, found, strict=True):
        if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
            assert math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9), (where, one, other)
        elif isinstance(one, datetime) and isinstance(other, datetime):
            assert one == (other if other.tzinfo else other.replace(tzinfo=UTC)), (where, one, other)
        else:
            assert one == other, (where, one, other)


def families(metrics: Iterable[Metric]) -> Mapping[tuple[Any, ...], list[Metric]]:
    """Group holistic metrics that read the same values."""
    found: dict[tuple[Any, ...], list[Metric]] = {}
    for metric in metrics:
        found.setdefault((metric.value, metric.where, metric.aggregate == "count_distinct"), []).append(metric)
    return found


def check_everything(agreement: Agreement) -> None:  # noqa: C901 - a list of all there is to compare
    """Compare the whole set; tells every metric that differs, not only the first."""
    differing: list[str] = []

    def attempt(name: str, check: Callable[..., None], *arguments: Any) -> bool:
        try:
            check(*arguments)
        except (AssertionError, Exception) as error:  # noqa: BLE001 - all are told together
            differing.append(f"{name}: {type(error).__name__}: {str(error)[:600]}")
            return False
        return True

    at_once = [each for each in FOLDABLE if each.time == "opened_at"]
    for group in (at_once, EXPRESSIONS, *([each] for each in FOLDABLE if each.time != "opened_at")):
        if not attempt(f"{group[0].id} and others", agreement.check_parts, group, ()):
            for metric in group:
                attempt(metric.id, agreement.check_parts, [metric], ())
    attempt("by dimensions", agreement.check_parts, at_once, ("team", "late", "qty"))
    for metric in (FOLDABLE[0], *(each for each in FOLDABLE if each.time != "opened_at")):
        attempt(f"days of {metric.id}", agreement.check_days, metric)
    for family in families(HOLISTIC).values():
        for filter_ in ((), FILTERS[0]):
            attempt(f"{family[0].id} under {filter_}", agreement.check_holistic, family, filter_)
        attempt(f"{family[0].id} by team", agreement.check_breakdown, family[0], "team", WINDOWS[1])
    for index, metric in enumerate((*FOLDABLE, *HOLISTIC)):
        filter_ = FILTERS[index % len(FILTERS)]
        for window, chosen in ((WINDOWS[1], ()), (WINDOWS[3], filter_), (WINDOWS[4], ())):
            attempt(f"lineage of {metric.id}", agreement.check_reading, metric, chosen, window)
    for metric in (of_expression("m", "seconds", "p90"), of_expression("m", "seconds", "count_distinct")):
        if agreement.pushed(metric).engine.approximate(metric.aggregate) is not None:
            attempt(f"approximate {metric.aggregate}", agreement.check_approximate, metric, WINDOWS[1])
    if differing:
        pytest.fail("\n".join(differing))
