"""One metric over one table's columns: its row expressions checked and typed, ready to be put into SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from metrics.compile.expression import Expression, ExpressionError, ExpressionReader
from metrics.compile.quoting import day_of, identifier, table_name
from metrics.compile.working_hours import COLUMN, table_with_hours, working_hours_problems
from metrics.errors import DefinitionError, Problem, nearest
from metrics.model.calendar import WorkingHours
from metrics.model.definition import QUANTILES, Metric

_TIMES = frozenset({"DATE", "TIMESTAMP WITH TIME ZONE"})


@dataclass(frozen=True, slots=True)
class Term:
    """A row expression as a query uses it.

    Attributes:
        sql: SQL of the value, NULL where it does not count.
        lost: SQL of the condition under which a row is left out for a division by zero or a result that is not finite;
            None where neither can happen.
    """

    sql: str
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledMetric:
    """A metric's SQL fragments over its raw table.

    Attributes:
        table: quoted name of the raw table, or a query that adds working hours to it.
        time_type: DuckDB's type of the time column.
        day: SQL of the organisation's day.
        terms: by the key they are written under: value, numerator, denominator, where.
        timezone: the organisation's.
    """

    metric: Metric
    table: str
    time_type: str
    day: str
    terms: Mapping[str, Term]
    timezone: str

    @property
    def where(self) -> str | None:
        """SQL of the metric's condition, None when every row counts."""
        return self.terms["where"].sql if "where" in self.terms else None

    @property
    def dimensions(self) -> dict[str, str]:
        """SQL, as text, of each dimension."""
        return {name: dimension_text(name) for name in self.metric.dimensions}


def dimension_text(name: str) -> str:
    """SQL of a dimension's value as text."""
    return f"CAST({identifier(name)} AS VARCHAR)"


def compile_metric(
    metric: Metric,
    columns: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
    *,
    timezone: str,
    calendars: Mapping[str, str] | None = None,
) -> CompiledMetric:
    """Check a metric against its table's columns (name to DuckDB type) and prepare its SQL.

    `connection` lends its parser; its TimeZone should be the organisation's. `calendars` gives each calendar's name in
    the table of working time.

    Raises:
        DefinitionError: with every problem of the metric, each naming its key and the nearest column.
    """
    reader = ExpressionReader(connection, columns)
    problems: list[Problem] = []
    terms: dict[str, Term] = {}
    for key, text in _texts(metric).items():
        try:
            terms[key] = _term(key, reader.read(text), metric, columns)
        except ExpressionError as error:
            problems.append(Problem("", 0, f"metrics.{metric.id}.{key}", f"{text!r} {error}"))
    problems += _column_problems(metric, columns)
    key = f"metrics.{metric.id}.working_hours"
    problems += [Problem("", 0, key, message) for message in working_hours_problems(metric, columns)]
    if metric.approx:
        message = (
            "has no use here, where every aggregate is exact; leave it out (it is for sources with mode: pushdown)"
        )
        problems.append(Problem("", 0, f"metrics.{metric.id}.approx", message))
    if problems:
        raise DefinitionError(problems)
    time_type = columns[metric.time]
    day = day_of(metric.time, time_type, timezone)
    table, working = table_name(metric.source), metric.working_hours
    if working is not None:
        terms["value"] = _hours(working)
        table = table_with_hours(metric.source, working, (calendars or {}).get(working.calendar, working.calendar))
    return CompiledMetric(metric, table, time_type, day, terms, timezone)


def check_metric(metric: Metric, columns: Mapping[str, str], *, timezone: str = "UTC") -> tuple[Problem, ...]:
    """Tell everything that is wrong with a metric over a table's columns; empty when it can be computed."""
    with duckdb.connect() as connection:
        try:
            compile_metric(metric, columns, connection, timezone=timezone)
        except DefinitionError as error:
            return error.problems
    return ()


def _texts(metric: Metric) -> dict[str, str]:
    keys = {
        "value": metric.value,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
        "where": metric.where,
    }
    return {key: text for key, text in keys.items() if text is not None}


def _term(key: str, expression: Expression, metric: Metric, columns: Mapping[str, str]) -> Term:
    if metric.sample and metric.aggregate == "ratio" and key != "where" and expression.type != "BOOLEAN":
        raise ExpressionError(
            f"is {expression.type}, and a sample's proportion counts rows that are so or not; write a condition such "
            "as score >= 4, or leave sample out"
        )
    lost = [f"({divisor}) = 0" for divisor in expression.divisors]
    if key == "where":
        if expression.type != "BOOLEAN":
            raise ExpressionError(f"is {expression.type}, and a condition must be true or false; compare it")
        return Term(f"({expression.sql})")
    if metric.aggregate == "count_distinct":
        return Term(f"({expression.sql})")
    if not expression.is_number:
        raise ExpressionError(f"is {expression.type}, and {metric.aggregate} needs a number; convert it, or count it")
    if expression.type in {"FLOAT", "DOUBLE"}:
        number = f"CAST({expression.sql} AS DOUBLE)"
        if expression.sql in columns:  # a stored double is finite: the sync keeps nothing else
            return Term(number)
        return Term(f"CASE WHEN isfinite({number}) THEN {number} END", " OR ".join([*lost, f"NOT isfinite({number})"]))
    as_type = "DOUBLE" if metric.aggregate in QUANTILES else "BIGINT" if expression.type == "BOOLEAN" else None
    sql = f"CAST({expression.sql} AS {as_type})" if as_type else f"({expression.sql})"
    return Term(sql, " OR ".join(lost) or None)


def _hours(working: WorkingHours) -> Term:
    return Term(identifier(COLUMN), f"{identifier(working.ends)} < {identifier(working.starts)}")


def _column_problems(metric: Metric, columns: Mapping[str, str]) -> list[Problem]:
    problems = []
    if metric.time not in columns:
        message = f"could not find column {metric.time!r} in {metric.source}{nearest(metric.time, columns)}"
        problems.append(Problem("", 0, f"metrics.{metric.id}.time", message))
    elif columns[metric.time] not in _TIMES:
        message = (
            f"column {metric.time!r} is {columns[metric.time]}, and a row's time must be a date or an instant; "
            f"declare its type under columns: of stream {metric.source}"
        )
        problems.append(Problem("", 0, f"metrics.{metric.id}.time", message))
    problems += [
        Problem("", 0, f"metrics.{metric.id}.dimensions", f"could not find column {name!r} in {metric.source}{hint}")
        for name in metric.dimensions
        if name not in columns
        for hint in [nearest(name, columns)]
    ]
    return problems
