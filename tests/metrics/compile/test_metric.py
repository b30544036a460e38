from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.compile import (
    check_metric,
    compile_metric,
    folds_from_parts,
    plan_parts,
    reading_sql,
    series_key,
    windows_sql,
)
from metrics.compile.rows import breakdown_sql
from metrics.errors import DefinitionError
from metrics.model.definition import Aggregate, Metric
from metrics.model.reading import Window

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"
COLUMNS = {
    "id": "BIGINT",
    "opened_at": "TIMESTAMP WITH TIME ZONE",
    "due_on": "DATE",
    "team": "VARCHAR",
    "region": "VARCHAR",
    "seconds": "BIGINT",
    "price": "DECIMAL(12,2)",
    "score": "DOUBLE",
    "late": "BOOLEAN",
}
QUARTER = Window(date(2027, 1, 1), date(2027, 3, 31))
FILTER = (("region", ("centre",)), ("team", ("O'Brien", "north")))


def metric(aggregate: Aggregate, **more: Any) -> Metric:
    given: dict[str, Any] = {"source": "desk.tickets", "time": "opened_at", "dimensions": ("team", "region")}
    return Metric(id=f"m_{aggregate}", title={"en": "M"}, aggregate=aggregate, **(given | more))


METRICS = {
    "mean": metric("mean", value="seconds / 3600.0", where="team <> 'spam'"),
    "median": metric("median", value="seconds / 3600.0", where="team <> 'spam'"),
    "p90": metric("p90", value="price"),
    "sum": metric("sum", value="price"),
    "sum_of_flags": metric("sum", value="late"),
    "count": metric("count", where="late"),
    "count_distinct": metric("count_distinct", value="lower(team)"),
    "min": metric("min", value="score"),
    "max": metric("max", value="score / seconds"),
    "last": metric("last", value="score", dimensions=()),
    "ratio": metric("ratio", numerator="late", denominator="true"),
    "ratio_of_sums": metric("ratio", numerator="price", denominator="seconds / 60", where="seconds > 0"),
    "by_date": metric("sum", value="price", time="due_on"),
    "mean_of_days": metric("ratio", numerator="late", denominator="true", rollup="mean"),
    "last_day": metric("median", value="score", rollup="last"),
}


@pytest.fixture(scope="module")
def connection() -> Any:
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        opened.execute(f"CREATE SCHEMA desk; CREATE TABLE desk.tickets ({columns})")
        yield opened


@pytest.mark.parametrize("name", METRICS)
def test_generated_sql_is_the_golden_file_and_runs(name: str, connection: duckdb.DuckDBPyConnection) -> None:
    compiled = compile_metric(METRICS[name], COLUMNS, connection, timezone="Asia/Ho_Chi_Minh")
    parts = [table.select() for table in plan_parts([compiled])]
    statements = {
        "daily parts": parts,
        "one window, as lineage shows it": [reading_sql(compiled, FILTER, QUARTER)],
        "many windows": [windows_sql(compiled, FILTER, [QUARTER, Window(date(2027, 3, 4), date(2027, 3, 31))])],
        "by a dimension": [breakdown_sql(compiled, "team", FILTER, QUARTER)],
    }
    text = "".join(f"-- {title}\n{sql};\n\n" for title, found in statements.items() for sql in found)
    for found in statements.values():
        for sql in found:
            connection.execute(sql).fetchall()
    golden = GOLDEN / f"{name}.sql"
    assert golden.exists(), f"write {golden.name} with:\n{text}"
    assert text == golden.read_text("utf-8")
    assert bool(parts) == folds_from_parts(METRICS[name])


def test_every_problem_of_a_metric_is_told_at_once() -> None:
    wrong = metric("mean", value="secnds", where="seconds", time="opend_at", dimensions=("taem",))
    found = {problem.key: problem.message for problem in check_metric(wrong, COLUMNS)}
    assert found == {
        "metrics.m_mean.value": "'secnds' uses unknown column 'secnds'; did you mean 'seconds'?",
        "metrics.m_mean.where": "'seconds' is BIGINT, and a condition must be true or false; compare it",
        "metrics.m_mean.time": "could not find column 'opend_at' in desk.tickets; did you mean 'opened_at'?",
        "metrics.m_mean.dimensions": "could not find column 'taem' in desk.tickets; did you mean 'team'?",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (metric("mean", value="team"), "is VARCHAR, and mean needs a number; convert it, or count it"),
        (metric("median", value="opened_at"), "needs a number"),
        (metric("mean", value="seconds", time="team"), "a row's time must be a date or an instant"),
        (metric("ratio", numerator="team", denominator="true"), "'team' is VARCHAR"),
    ],
)
def test_a_type_that_does_not_fit_is_refused(wrong: Metric, said: str, connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(DefinitionError, match=said):
        compile_metric(wrong, COLUMNS, connection, timezone="UTC")


def test_a_good_metric_has_no_problem() -> None:
    assert check_metric(METRICS["ratio"], COLUMNS) == ()


def test_metrics_of_one_stream_share_one_scan_and_their_expressions(connection: duckdb.DuckDBPyConnection) -> None:
    sharing = [metric("mean", value="price"), metric("sum", value="price", dimensions=("team",)), metric("count")]
    compiled = [compile_metric(each, COLUMNS, connection, timezone="UTC") for each in sharing]
    (table,) = plan_parts(compiled)
    assert table.dimensions == ("region", "team")
    assert sorted(column.kind for column in table.columns.values()) == ["n", "n", "sum"]
    apart = plan_parts(compiled, split=frozenset({"desk.tickets"}))
    assert {part.dimensions for part in apart} == {("region", "team"), ("team",)}


def test_a_series_is_named_by_what_it_reads() -> None:
    median = METRICS["median"]
    assert series_key(median, ()) != series_key(median, FILTER)
    assert series_key(median, ()) != series_key(METRICS["p90"], ())
    assert series_key(median, ()) == series_key(metric("median", value=median.value, where=median.where, unit="h"), ())
