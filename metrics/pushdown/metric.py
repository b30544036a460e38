"""One metric over one stream where it is stored: its row expressions checked as DuckDB's, rendered for the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal

import duckdb

from connectors.computing import StoredStream
from metrics.compile.expression import Expression, ExpressionError, ExpressionReader
from metrics.compile.metric import compile_metric
from metrics.compile.quoting import shifted
from metrics.errors import DefinitionError, Problem
from metrics.model.definition import QUANTILES, Filter, Metric
from metrics.model.reading import Window
from metrics.pushdown.engine import Engine
from metrics.pushdown.engines import EngineError, engine_of
from metrics.pushdown.expression import renderer_of
from metrics.pushdown.rendering import Rendered, Renderer, kind_of

_DIMENSIONS = frozenset({"text", "whole", "boolean", "date"})
_KEYS = ("value", "numerator", "denominator", "where")
_SOME_DAYS = Window(date(2026, 1, 1), date(2026, 12, 31))


@dataclass(frozen=True, slots=True)
class PushedTerm:
    """A row expression as the engine computes it.

    Attributes:
        sql: NULL where the row does not count.
        type: DuckDB's type of it.
        lost: condition under which a row is left out for a division by zero or a result that is not finite.
    """

    sql: str
    type: str
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class PushedMetric:
    """A metric's fragments in the engine's SQL.

    Attributes:
        window: days around which its rows lie; the fragments hold for no others.
        time_type: DuckDB's type of the time column.
        day: the organisation's day of a row.
        moment: instant of a row, or its day where the time column is a date.
        near: condition that lets a scan skip rows far from the window.
        terms: by key: value, numerator, denominator.
        where: the metric's condition, None when every row counts.
        dimensions: by name.
    """

    metric: Metric
    engine: Engine
    relation: str
    window: Window
    time_type: str
    day: str
    moment: str
    near: str
    terms: Mapping[str, PushedTerm]
    where: str | None
    dimensions: Mapping[str, Rendered]

    def dimension(self, name: str) -> str:
        """SQL that groups by a dimension; engines give booleans in many forms, so they are written out."""
        found = self.dimensions[name]
        if found.kind == "boolean":
            return f"CASE WHEN {found.sql} THEN 'true' WHEN NOT {found.sql} THEN 'false' END"
        return self.engine.compared(found.sql) if found.kind == "text" else found.sql

    def accepts(self, filter_: Filter) -> Sequence[str]:
        """Conditions that a row meets a filter; none for the filter that every row meets."""
        return [self._accepts(name, values) for name, values in filter_]

    def _accepts(self, name: str, values: tuple[str, ...]) -> str:
        kind = self.dimensions[name].kind
        listed = [sql for value in values if (sql := _dimension_value(self.engine, kind, value)) is not None]
        return f"{self.dimension(name)} IN ({', '.join(listed)})" if listed else "1 = 0"


def push_metric(
    metric: Metric,
    stream: StoredStream,
    types: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
    *,
    zone: str,
    window: Window = _SOME_DAYS,
) -> PushedMetric:
    """Check a metric against its stream's columns (name to DuckDB type) and render it for the stream's engine.

    `connection` lends its parser; its TimeZone should be `zone`, the organisation's.

    Raises:
        DefinitionError: with every problem of the metric, each naming its key.
    """
    engine = _engine(metric, stream)
    if metric.approx and engine.approximate(metric.aggregate) is None:
        message = f"asks for what {engine.name} only computes exactly; leave it out"
        raise DefinitionError([Problem("", 0, f"metrics.{metric.id}.approx", message)])
    if metric.aggregate == "sql":
        message = "is SQL over rows that stay at their source; write another aggregate, or mode: pull on its source"
        raise DefinitionError([Problem("", 0, f"metrics.{metric.id}.query", message)])
    compile_metric(replace(metric, approx=False), types, connection, timezone=zone)
    if metric.working_hours is not None:
        message = "counts working hours, which needs the rows here; write mode: pull on its source"
        raise DefinitionError([Problem("", 0, f"metrics.{metric.id}.working_hours", message)])
    return render_metric(metric, stream, ExpressionReader(connection, types), zone=zone, window=window)


def render_metric(
    metric: Metric, stream: StoredStream, reader: ExpressionReader, *, zone: str, window: Window
) -> PushedMetric:
    """Render a metric that is known to fit its stream's columns; `reader` remembers what it read before.

    Raises:
        DefinitionError: the engine has no exact form of it.
    """
    engine = _engine(metric, stream)
    renderer = renderer_of(engine, stream, reader, zone=zone, window=window)
    problems: list[Problem] = []
    terms = _terms(metric, renderer, problems)
    dimensions = _dimensions(metric, renderer, problems)
    if problems:
        raise DefinitionError(problems)
    where = terms.pop("where", None)
    moment = renderer.column(metric.time)
    return PushedMetric(
        metric,
        engine,
        stream.relation,
        window,
        moment.type,
        renderer.day(moment),
        moment.sql,
        near_window(renderer, metric.time, moment.type, window),
        terms,
        where.sql if where else None,
        dimensions,
    )


def _engine(metric: Metric, stream: StoredStream) -> Engine:
    try:
        return engine_of(stream.dialect)
    except EngineError as error:
        raise DefinitionError([Problem("", 0, f"metrics.{metric.id}.source", str(error))]) from error


def check_pushed(
    metric: Metric, stream: StoredStream, types: Mapping[str, str], *, timezone: str = "UTC"
) -> tuple[Problem, ...]:
    """Tell everything that keeps an engine from computing a metric; empty when it can."""
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = '{timezone}'")
        try:
            push_metric(metric, stream, types, connection, zone=timezone)
        except DefinitionError as error:
            return error.problems
    return ()


def near_window(renderer: Renderer, column: str, column_type: str, window: Window) -> str:
    """SQL of a condition that every row of a window meets in any zone."""
    engine, name = renderer.engine, renderer.engine.identifier(column)
    if column_type == "DATE":
        return f"{name} BETWEEN {engine.date(window.starts)} AND {engine.date(window.ends)}"
    starts, ends = shifted(window.starts, -2), shifted(window.ends, 3)
    stored = renderer.columns[column]
    return engine.near(stored, name, datetime.combine(starts, time()), datetime.combine(ends, time()))


def text_of_dimension(value: object) -> str | None:
    """Give a dimension's value as the text under which it is kept, as DuckDB would cast it."""
    if isinstance(value, bytes | bytearray):
        return value.decode()
    return None if value is None else str(value)


def number_of(value: object, kind: str) -> int | float | Decimal | None:
    """Give a number as DuckDB would hold it, whatever form an engine's driver gave it in."""
    if value is None:
        return None
    match kind_of(kind):
        case "whole":
            return int(str(value)) if isinstance(value, str) else int(Decimal(str(value)))
        case "decimal":
            return Decimal(str(value))
    return float(str(value))


def _terms(metric: Metric, renderer: Renderer, problems: list[Problem]) -> dict[str, PushedTerm]:
    terms = {}
    for key in _KEYS:
        text = getattr(metric, key)
        if text is None:
            continue
        try:
            terms[key] = _term(key, renderer.reader.read(text), metric, renderer)
        except ExpressionError as error:
            problems.append(Problem("", 0, f"metrics.{metric.id}.{key}", f"{text!r} {error}"))
    return terms


def _term(key: str, expression: Expression, metric: Metric, renderer: Renderer) -> PushedTerm:
    value = renderer.render(expression.tree)
    if key == "where":
        return PushedTerm(value.sql, "BOOLEAN")
    if metric.aggregate == "count_distinct":
        return PushedTerm(renderer.comparable(value, orders=False), value.type)
    engine = renderer.engine
    zero = engine.number(0)
    lost = [f"{renderer.render(divisor).sql} = {zero}" for divisor in expression.divisor_trees]
    number = renderer.number(value)
    as_double = metric.aggregate in QUANTILES or number.kind == "double"
    sql = renderer.double(number) if as_double else number.sql
    if number.kind == "double" and expression.tree["class"] != "COLUMN_REF" and engine.finite is not None:
        finite = engine.finite.format(sql)
        sql, lost = f"CASE WHEN {finite} THEN {sql} END", [*lost, f"NOT {finite}"]
    return PushedTerm(sql, "DOUBLE" if as_double else number.type, " OR ".join(lost) or None)


def _dimensions(metric: Metric, renderer: Renderer, problems: list[Problem]) -> dict[str, Rendered]:
    dimensions = {}
    for name in metric.dimensions:
        dimensions[name] = found = renderer.column(name)
        if found.kind not in _DIMENSIONS:
            message = (
                f"column {name!r} is {found.type}, which engines write as text in different ways; use a text, a whole "
                f"number, a date or a boolean"
            )
            problems.append(Problem("", 0, f"metrics.{metric.id}.dimensions", message))
    return dimensions


def _dimension_value(engine: Engine, kind: str, text: str) -> str | None:
    """SQL of a dimension's value; None when the column cannot hold it."""
    if kind == "text":
        return engine.compared(engine.text(text))
    if kind == "boolean":
        return engine.text(text) if text in {"true", "false"} else None
    try:
        if kind == "whole":
            return engine.number(int(text)) if str(int(text)) == text else None
        return engine.date(date.fromisoformat(text))
    except ValueError:
        return None
