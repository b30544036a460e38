"""Golden SQL of every engine and aggregate, also of the engines that cannot run here."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import duckdb
import pyarrow as pa
import pytest
import sqlglot

from connectors.columns import INSTANT
from connectors.computing import StoredColumn, StoredStream
from metrics.compile.exact import series_key
from metrics.compile.metric import check_metric
from metrics.errors import DefinitionError
from metrics.model.definition import HOLISTIC, Aggregate, Metric
from metrics.model.reading import Window
from metrics.pushdown import (
    ENGINES,
    bounds_sql,
    check_pushed,
    days_sql,
    engine_of,
    parts_statement,
    push_metric,
    reading_sql,
    readings_sql,
)
from tests.metrics.pushdown.dataset import COLUMNS, NOW, ZONE, metric

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"
QUARTER = Window(date(2026, 10, 1), date(2026, 12, 31))
TRAILING = Window(date(2026, 10, 4), date(2026, 10, 31))
FILTER = (("late", ("true",)), ("team", ("O'Brien", "Đà Nẵng")))
ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "TIMESTAMP WITH TIME ZONE": INSTANT,
    "DATE": pa.date32(),
    "VARCHAR": pa.string(),
    "DECIMAL(12,2)": pa.decimal128(12, 2),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}
METRICS: Mapping[Aggregate, Metric] = {
    "mean": metric("m", "mean", value="seconds / 3600.0", where="team <> 'spam'"),
    "median": metric("m", "median", value="seconds / qty", where="late"),
    "p75": metric("m", "p75", value="price"),
    "p90": metric("m", "p90", value="price"),
    "p95": metric("m", "p95", value="price"),
    "p99": metric("m", "p99", value="price"),
    "sum": metric("m", "sum", value="price * qty", time="due_on"),
    "count": metric("m", "count", where="hour(opened_at) between 8 and 17 and team not like 'S%'"),
    "count_distinct": metric("m", "count_distinct", value="lower(team)"),
    "min": metric("m", "min", value="epoch(closed_at) - epoch(opened_at)"),
    "max": metric("m", "max", value="case when score > 2.5 then score else price end", rollup="mean"),
    "last": metric("m", "last", value="qty % 7", time="told_at", dimensions=("team",)),
    "ratio": metric("m", "ratio", numerator="late", denominator="true"),
}


def stored(dialect: str) -> StoredStream:
    columns = [
        StoredColumn(
            name, ARROW[kind], "naive" if name == "told_at" else "aware" if ARROW[kind] == INSTANT else "plain"
        )
        for name, kind in COLUMNS.items()
    ]
    return StoredStream(dialect, "shop.sales", "America/New_York", tuple(columns))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"SET TimeZone = '{ZONE}'")
        yield opened


def statements(engine: str, asked: Metric, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    pushed = push_metric(asked, stored(engine), COLUMNS, connection, zone=ZONE, window=QUARTER)
    filter_ = FILTER[1:] if asked.aggregate == "last" else FILTER
    lineage = reading_sql(pushed, filter_, QUARTER)
    if asked.aggregate not in HOLISTIC:
        return {
            "daily parts": parts_statement([pushed], asked.dimensions, [QUARTER]).sql,
            "one window, as lineage shows it": lineage,
        }
    return {
        "by day": readings_sql([pushed], filter_, days=[QUARTER]),
        "many windows": readings_sql([pushed], (), windows={0: QUARTER, 1: TRAILING}),
        "by a dimension": readings_sql([pushed], filter_, windows={0: QUARTER}, dimension="qty"),
        "one window, as lineage shows it": lineage,
    }


def test_every_aggregate_has_its_golden_file() -> None:
    """All but `derived`, which is computed from others wherever those come from, and `sql`, which is of rows here."""
    assert set(METRICS) == set(get_args(Aggregate)) - {"derived", "sql"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("aggregate", METRICS)
def test_generated_sql_is_the_golden_file(
    engine: str, aggregate: Aggregate, connection: duckdb.DuckDBPyConnection
) -> None:
    found = statements(engine, METRICS[aggregate], connection)
    text = "".join(f"-- {title}\n{sql};\n\n" for title, sql in found.items())
    golden = GOLDEN / engine / f"{aggregate}.sql"
    assert golden.exists(), f"write {golden.name} with:\n{text}"
    assert text == golden.read_text("utf-8")


APPROXIMATE = [
    (engine, replace(METRICS[aggregate], approx=True))
    for engine in ENGINES
    for aggregate in ("p90", "count_distinct")
    if engine_of(engine).approximate(aggregate)
]


@pytest.mark.parametrize(("engine", "asked"), APPROXIMATE)
def test_what_is_approximate_when_asked_is_the_golden_file(
    engine: str, asked: Metric, connection: duckdb.DuckDBPyConnection
) -> None:
    found = statements(engine, asked, connection)
    exact = statements(engine, replace(asked, approx=False), connection)
    assert all(sql != exact[title] for title, sql in found.items())
    text = "".join(f"-- {title}\n{sql};\n\n" for title, sql in found.items())
    golden = GOLDEN / engine / f"{asked.aggregate}_approx.sql"
    assert golden.exists(), f"write {golden.name} with:\n{text}"
    assert text == golden.read_text("utf-8")
    for sql in found.values():
        (parsed,) = sqlglot.parse(sql, dialect=engine)
        assert isinstance(parsed, sqlglot.exp.Select)


def test_an_approximate_and_an_exact_quantile_of_the_same_values_stay_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Trino computes exact ones from ranks, among which its approximate ones stand."""
    exact, nearly = (
        push_metric(each, stored("trino"), COLUMNS, connection, zone=ZONE, window=QUARTER)
        for each in (METRICS["p90"], replace(METRICS["p90"], approx=True))
    )
    sql = readings_sql([exact, nearly], (), days=[QUARTER])
    assert "q_place" in sql
    assert "approx_percentile(q_x0, 0.9) AS q_found1" in sql
    assert series_key(exact.metric, ()) != series_key(nearly.metric, ())


def test_what_rests_on_an_approximate_metric_is_approximate_too() -> None:
    exact, nearly = METRICS["p90"], replace(METRICS["p90"], id="n", approx=True)
    derived = Metric("d", {"en": "D"}, "", "", "derived", expression="m / n", components=(exact, nearly))
    assert (exact.is_approximate, nearly.is_approximate, derived.is_approximate) == (False, True, True)


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_an_engine_without_an_approximate_form_refuses_to_be_asked_for_it(
    engine: str, connection: duckdb.DuckDBPyConnection
) -> None:
    asked = replace(METRICS["p90"], approx=True)
    (problem,) = check_pushed(asked, stored(engine), COLUMNS, timezone=ZONE)
    assert problem.key == "metrics.m.approx"
    assert problem.message.endswith("only computes exactly; leave it out")
    (pulled,) = check_metric(asked, COLUMNS, timezone=ZONE)
    assert pulled.key == "metrics.m.approx"
    assert "mode: pushdown" in pulled.message


@pytest.mark.parametrize("engine", ENGINES)
def test_days_and_bounds_are_the_golden_file(engine: str, connection: duckdb.DuckDBPyConnection) -> None:
    asked = METRICS["count"]
    pushed = push_metric(asked, stored(engine), COLUMNS, connection, zone=ZONE, window=QUARTER)
    text = f"-- bounds\n{bounds_sql(pushed, asked.time)};\n\n-- days\n{days_sql(pushed, NOW, [QUARTER])};\n"
    golden = GOLDEN / engine / "days.sql"
    assert golden.exists(), f"write {golden.name} with:\n{text}"
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("aggregate", METRICS)
def test_the_engines_grammar_takes_the_sql(
    engine: str, aggregate: Aggregate, connection: duckdb.DuckDBPyConnection
) -> None:
    """Parsed whole by a grammar of the dialect that is not ours; nothing falls back to an opaque command."""
    dialect = {"postgresql": "postgres"}.get(engine, engine)
    for sql in statements(engine, METRICS[aggregate], connection).values():
        (parsed,) = sqlglot.parse(sql, dialect=dialect)
        assert isinstance(parsed, sqlglot.exp.Select)


@pytest.mark.parametrize(
    ("key", "asked", "said"),
    [
        (
            "value",
            metric("m", "sum", value="regexp_replace(team, 'a', 'b') = 'x'"),
            "regexp_replace(), of which no exact",
        ),
        ("value", metric("m", "sum", value="cast(score as integer)"), "converts DOUBLE to INTEGER"),
        ("value", metric("m", "sum", value="date_diff('hour', opened_at, closed_at)"), "(epoch(b) - epoch(a)) / 3600"),
        ("value", metric("m", "mean", value="epoch(closed_at - opened_at)"), "write epoch(b) - epoch(a) for seconds"),
        ("where", metric("m", "count", where="closed_at > opened_at + interval 1 month"), "by days or months"),
        ("where", metric("m", "count", where="team like 'a\\_%'"), "use starts_with or contains"),
        ("where", metric("m", "count", where="team = qty"), "compares a text with a INTEGER"),
        ("dimensions", metric("m", "count", dimensions=("score",)), "column 'score' is DOUBLE"),
        ("value", metric("m", "sum", value="scoer"), "did you mean 'score'?"),
    ],
)
def test_what_has_no_exact_form_is_refused_with_its_key(key: str, asked: Metric, said: str) -> None:
    (problem,) = check_pushed(asked, stored("postgresql"), COLUMNS, timezone=ZONE)
    assert problem.key == f"metrics.m.{key}"
    assert said in problem.message


@pytest.mark.parametrize("dialect", ["oracle", "mssql", "sqlite", "postgresq"])
def test_an_engine_whose_aggregates_are_not_known_is_refused(
    dialect: str, connection: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(DefinitionError, match=rf"'{dialect}', whose aggregates are not known to be exact"):
        push_metric(METRICS["mean"], stored(dialect), COLUMNS, connection, zone=ZONE)


def test_values_cannot_leave_their_literals(connection: duckdb.DuckDBPyConnection) -> None:
    """A text with quotes and backslashes stays one literal in every engine's grammar."""
    nasty = "a' OR 1=1 -- \\' \" `x` \\"
    quoted = nasty.replace("'", "''")
    asked: Any = metric("m", "count", where=f"team = '{quoted}'")
    for engine in ENGINES:
        pushed = push_metric(asked, stored(engine), COLUMNS, connection, zone=ZONE, window=QUARTER)
        sql = reading_sql(pushed, (("team", (nasty,)),), QUARTER)
        (parsed,) = sqlglot.parse(sql, dialect={"postgresql": "postgres"}.get(engine, engine))
        assert isinstance(parsed, sqlglot.exp.Select)
        literals = [each.this for each in parsed.find_all(sqlglot.exp.Literal, sqlglot.exp.HexString)]
        wanted = nasty.encode().hex() if engine == "mysql" else nasty
        found = [each for each in literals if each in {wanted, str(int(wanted, 16)) if engine == "mysql" else wanted}]
        assert len(found) == 2, (engine, literals)
