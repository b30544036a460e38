"""A metric's own query: what may run, as DuckDB prints it back, and everything that is refused before it does."""

from collections.abc import Iterator

import duckdb
import pytest

from metrics.compile.expression import ExpressionError
from metrics.compile.query import check_query
from metrics.model.definition import Metric

TABLES = {
    "survey.answers": {"id": "BIGINT", "asked": "TIMESTAMP WITH TIME ZONE", "score": "INTEGER", "who": "BIGINT"},
    "survey.people": {"who": "BIGINT", "weight": "DOUBLE"},
    "shop.sales": {"id": "BIGINT", "asked": "DATE", "amount": "DOUBLE"},
}
DAYS = "SELECT CAST(asked AS DATE) AS day, avg(score) AS value, count(*) AS n FROM survey.answers GROUP BY 1"


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def asked(query: str) -> Metric:
    return Metric("nps", {}, "survey.answers", "at", "sql", query=query)


LATEST = """
    SELECT day, max(value) AS value FROM (
      SELECT CAST(asked AS DATE) AS day, score AS value,
        row_number() OVER (PARTITION BY who ORDER BY asked DESC) AS newest
      FROM answers
    ) WHERE newest = 1 GROUP BY day
"""
WEIGHTED = """
    WITH known AS (SELECT * FROM answers JOIN people USING (who))
    SELECT CAST(asked AS DATE) AS day, sum(score * weight) / sum(weight) AS value, count(*) AS n FROM known GROUP BY 1
"""
UNION = """
    SELECT CAST(asked AS DATE) AS day, 100.0 * count(*) FILTER (WHERE score > 8) / count(*) AS value
    FROM answers GROUP BY 1
    UNION ALL SELECT DATE '2020-01-01', 1 FROM people WHERE weight > 9
"""
HEAVY = """
    SELECT CAST(asked AS DATE) AS day, quantile_cont(score, 0.5) AS value FROM answers
    WHERE who IN (SELECT who FROM people WHERE weight > (SELECT avg(weight) FROM people)) GROUP BY 1
"""


@pytest.mark.parametrize(
    "query",
    [
        DAYS,
        DAYS.replace("survey.answers", "answers"),
        DAYS.replace("survey.answers", "Survey.Answers"),
        DAYS.replace(", count(*) AS n", ""),
        f"{DAYS} HAVING count(*) > 1 ORDER BY day LIMIT 10",
        LATEST,
        WEIGHTED,
        UNION,
        HEAVY,
    ],
)
def test_a_query_over_its_sources_streams_may_run(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    checked = check_query(asked(query), TABLES, connection)
    with duckdb.connect() as store:
        store.execute("CREATE SCHEMA survey")
        for name in ("answers", "people"):
            columns = ", ".join(f"{column} {kind}" for column, kind in TABLES[f"survey.{name}"].items())
            store.execute(f"CREATE TABLE survey.{name} ({columns})")
        store.execute(
            "INSERT INTO survey.answers VALUES (1, '2027-03-01 10:00+00', 9, 1), (2, '2027-03-01 11:00+00', 6, 2)"
        )
        store.execute("INSERT INTO survey.people VALUES (1, 1.0), (2, 3.0)")
        rows = store.execute(checked.sql).fetchall()
        kinds = [str(column[1]) for column in store.execute(f"{checked.sql} LIMIT 0").description or ()]
    assert kinds == ["DATE", "DOUBLE", "BIGINT"]
    assert len({row[0] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("DELETE FROM survey.answers", "cannot be read, because of Only SELECT statements"),
        ("COPY survey.answers TO 'x.csv'", "Only SELECT statements"),
        ("ATTACH 'other.db'", "Only SELECT statements"),
        (f"{DAYS}; SELECT 1", "is more than one statement"),
        ("SELECT day FROM", "cannot be read"),
        (DAYS.replace("survey.answers", "shop.sales"), "reads 'shop.sales', which is no stream of its source 'survey'"),
        (
            DAYS.replace("survey.answers", "answer"),
            "reads 'answer', which is no stream of its source",
        ),
        (DAYS.replace("survey.answers", "quarterline.store"), "reads 'quarterline.store', which is no stream"),
        (DAYS.replace("survey.answers", "information_schema.tables"), "is no stream of its source"),
        (DAYS.replace("survey.answers", "facts.survey.answers"), "reads 'facts.survey.answers' in a way that a query"),
        (DAYS.replace("survey.answers", "'secret.csv'"), "reads 'secret.csv', which is no stream"),
        (DAYS.replace("survey.answers", "read_csv('secret.csv')"), "uses a table function, which a query cannot"),
        (DAYS.replace("survey.answers", "range(10)"), "uses a table function"),
        (DAYS.replace("survey.answers", "(VALUES (1)) AS answers(asked)"), "which a query cannot"),
        (DAYS.replace("survey.answers", "survey.answers TABLESAMPLE 10%"), "uses a sample"),
        (DAYS.replace("avg(score)", "read_text('secret')"), "uses read_text(), which a query cannot"),
        (DAYS.replace("avg(score)", "random()"), "uses random(), which a query cannot"),
        (DAYS.replace("avg(score)", "current_setting('x')"), "uses current_setting()"),
        (DAYS.replace("avg(score)", "avg(nextval('s'))"), "uses nextval()"),
        (DAYS.replace("avg(score)", "system.main.avg(score)"), "uses avg(), which a query cannot"),
        (DAYS.replace("avg(score)", "list_sum(list_transform([1], x -> x))"), "which a query cannot"),
        ("WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT x FROM t", "which a query cannot"),
        (DAYS.replace("avg(score)", "(SELECT max(id) FROM shop.sales)"), "reads 'shop.sales'"),
        (DAYS.replace("avg(score)", "avg(scre)"), "cannot be computed: Binder Error"),
        (DAYS.replace(" AS day", " AS date"), "gives a column 'date'; give day, value and"),
        (DAYS.replace("avg(score) AS value, ", ""), "gives no column 'value'"),
        (
            DAYS.replace("CAST(asked AS DATE)", "asked"),
            "gives day as TIMESTAMP WITH TIME ZONE, but it must",
        ),
        (
            DAYS.replace("avg(score)", "any_value(CAST(score AS VARCHAR))"),
            "gives value as VARCHAR, but it",
        ),
        (DAYS.replace("count(*)", "avg(score)"), "gives n as DOUBLE, but it must be a whole number"),
        (DAYS.replace("avg(score)", "abs(" * 99 + "1" + ")" * 99), "is nested too deeply"),
        (f"{DAYS} -- {'x' * 20_000}", "is longer than 20,000 characters"),
    ],
)
def test_anything_else_is_refused_before_it_runs(
    connection: duckdb.DuckDBPyConnection, query: str, reason: str
) -> None:
    with pytest.raises(ExpressionError) as refused:
        check_query(asked(query), TABLES, connection)
    assert reason in str(refused.value)


def test_a_common_table_does_not_open_a_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """A name that a query gives itself is allowed alone, never as a part of another table's name."""
    query = "WITH sales AS (SELECT 1 AS x) SELECT asked AS day, 1 AS value FROM shop.sales"
    with pytest.raises(ExpressionError, match=r"reads 'shop\.sales'"):
        check_query(asked(query), TABLES, connection)


def test_dividing_by_zero_is_missing(connection: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT CAST(asked AS DATE) AS day, sum(score) / (count(*) - 2) AS value FROM answers GROUP BY 1"
    checked = check_query(asked(query), TABLES, connection)
    assert "nullif" in checked.sql
