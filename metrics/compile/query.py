"""A metric's own query: one SELECT over its source's streams, read by DuckDB's parser, checked against allow-lists.

What was checked is printed back by DuckDB, with its tables named in full, so that nothing else can run.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from metrics.compile.expression import (
    DEEPEST,
    FUNCTIONS,
    OPERATOR_TYPES,
    OPERATORS,
    PLAIN_NODES,
    ExpressionError,
    guard_division,
)
from metrics.compile.quoting import day, identifier, table_name
from metrics.errors import Problem, nearest
from metrics.model.definition import Metric
from metrics.model.reading import Window

LONGEST = 20_000
_AGGREGATE_NAMES = """
    any_value arg_max arg_min avg bool_and bool_or corr count count_if count_star first geomean last max median min mode
    product quantile_cont quantile_disc stddev stddev_pop stddev_samp sum variance var_pop var_samp
"""
_WINDOW_NAMES = "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number"
AGGREGATES = frozenset(_AGGREGATE_NAMES.split())
_WINDOWS = AGGREGATES | frozenset(_WINDOW_NAMES.split())
_EXPRESSIONS = PLAIN_NODES | {"SUBQUERY", "WINDOW", "STAR"}
_PART_NAMES = """
    SELECT_NODE SET_OPERATION_NODE EMPTY BASE_TABLE JOIN SUBQUERY ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER
    ORDER_DEFAULT ASCENDING DESCENDING ORDER_ASCENDING ORDER_DESCENDING
"""
_PARTS = frozenset(_PART_NAMES.split())
_TABLE_KEY_NAMES = "type alias query_location query_location_length schema_name table_name qualified_name"
_TABLE_KEYS = frozenset(_TABLE_KEY_NAMES.split())
_NUMBERS = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "BOOLEAN")


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that may run.

    Attributes:
        sql: giving (day, value, n): a DATE, a finite DOUBLE or NULL, and a BIGINT.
    """

    sql: str


def check_query(
    metric: Metric, tables: Mapping[str, Mapping[str, str]], connection: duckdb.DuckDBPyConnection
) -> CheckedQuery:
    """Check the query of a `sql` metric against its source's tables (columns by type, by `source.stream`).

    `connection` only lends its parser.

    Raises:
        ExpressionError: it is not one SELECT over these tables and the allowed functions, or gives other columns.
    """
    source = metric.source.partition(".")[0]
    streams = {name.partition(".")[2]: columns for name, columns in tables.items() if name.partition(".")[0] == source}
    statement = _one_select(metric.query or "", connection)
    names = frozenset(_common_names(statement))
    checked = _Checker(source, frozenset(streams), names).checked(statement, 0)
    printed = _printed(checked, connection)
    return CheckedQuery(_in_shape(printed, _columns(printed, source, streams)))


def query_problems(metric: Metric, tables: Mapping[str, Mapping[str, str]]) -> tuple[Problem, ...]:
    """Tell what is wrong with a metric's own query; empty when it may run."""
    with duckdb.connect() as connection:
        try:
            check_query(metric, tables, connection)
        except ExpressionError as error:
            return (query_problem(metric, error),)
    return ()


def query_problem(metric: Metric, error: ExpressionError) -> Problem:
    """Word a refusal of a metric's own query, at its key."""
    return Problem("", 0, f"metrics.{metric.id}.query", f"the query {error}")


def query_sql(query: CheckedQuery, metric: Metric, window: Window) -> str:
    """SQL giving (value, rows) of a query's days over a window, by the metric's rollup: what lineage shows."""
    rolled_up = {
        "pooled": "sum(value * n) / nullif(sum(n), 0)",
        "mean": "avg(value)",
        "last": "arg_max(value, day)",
    }.get(metric.rollup, f"{metric.rollup}(value)")
    return (
        f"SELECT {rolled_up} AS value, CAST(coalesce(sum(n), 0) AS BIGINT) AS rows\nFROM (\n{query.sql}\n)\n"
        f"WHERE value IS NOT NULL AND day BETWEEN {day(window.starts)} AND {day(window.ends)}"
    )


def _one_select(text: str, connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise ExpressionError(f"is longer than {LONGEST:,} characters; make a view in the source")
    serialize = "SELECT json_serialize_sql(?, skip_null := true, skip_empty := true, skip_default := true)"
    row = connection.execute(serialize, [text]).fetchone()
    try:
        tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    except RecursionError as error:
        raise ExpressionError("is nested too deeply; make a view in the source") from error
    if tree["error"]:
        reason = " ".join(str(tree.get("error_message", "no statement")).split())
        raise ExpressionError(f"cannot be read, because of {reason}; write one SELECT giving day, value and n")
    if len(tree["statements"]) != 1:
        raise ExpressionError("is more than one statement; write one SELECT giving day, value and n")
    node: dict[str, Any] = tree["statements"][0]["node"]
    return node


def _common_names(node: Any) -> Iterator[str]:
    """Name every common table expression of a query, however deep."""
    if isinstance(node, list):
        for each in node:
            yield from _common_names(each)
    elif isinstance(node, dict):
        for each in node.get("cte_map", {}).get("map", ()):
            yield str(each["key"]).lower()
        for each in node.values():
            yield from _common_names(each)


@dataclass(frozen=True, slots=True)
class _Checker:
    """Walks a query; whatever is not listed is refused."""

    source: str
    streams: frozenset[str]
    names: frozenset[str]

    def checked(self, node: Any, depth: int) -> Any:
        if depth > 4 * DEEPEST:
            raise ExpressionError("is nested too deeply; make a view in the source")
        if isinstance(node, list):
            return [self.checked(each, depth + 1) for each in node]
        if not isinstance(node, dict):
            return node
        if "class" in node:
            _check_expression(node)
        elif "type" in node:
            node = self._part(node)
        inner = {key: self.checked(value, depth + 1) for key, value in node.items()}
        return guard_division(inner) if node.get("class") == "FUNCTION" else inner

    def _part(self, node: dict[str, Any]) -> dict[str, Any]:
        if node["type"] not in _PARTS or "sample" in node:
            raise ExpressionError(
                f"uses {_worded(node)}, which a query cannot; select from the streams of {self.source}"
            )
        return self._table(node) if node["type"] == "BASE_TABLE" else node

    def _table(self, node: dict[str, Any]) -> dict[str, Any]:
        path = [str(step) for step in node["qualified_name"]["path"]]
        written = ".".join(path)
        if not set(node) <= _TABLE_KEYS:
            raise ExpressionError(f"reads {written!r} in a way that a query cannot; name the stream alone")
        if len(path) == 1 and path[0].lower() in self.names:
            return node
        source, stream = path if len(path) == 2 else (self.source, path[-1])
        if len(path) > 2 or source.lower() != self.source or stream.lower() not in self.streams:
            known = [f"{self.source}.{name}" for name in self.streams]
            raise ExpressionError(
                f"reads {written!r}, which is no stream of its source {self.source!r}{nearest(written, known)}"
            )
        named = {"schema_name": self.source, "table_name": stream.lower()}
        return {**node, **named, "qualified_name": {"path": [self.source, stream.lower()]}}


def _check_expression(node: dict[str, Any]) -> None:
    kind = node["class"]
    if kind not in _EXPRESSIONS or (kind == "OPERATOR" and node["type"] not in OPERATOR_TYPES):
        raise ExpressionError(f"uses {_worded(node)}, which a query cannot")
    if kind in {"FUNCTION", "WINDOW"}:
        name = node["function_name"].lower()
        known = _WINDOWS if kind == "WINDOW" else OPERATORS if node.get("is_operator") else FUNCTIONS | AGGREGATES
        if name not in known or len(node.get("qualified_name", {}).get("path", [name])) != 1:
            raise ExpressionError(f"uses {name}(), which a query cannot{nearest(name, FUNCTIONS | _WINDOWS)}")


def _printed(node: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> str:
    tree = {"error": False, "statements": [{"node": node}]}
    row = connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchone()
    return str(row[0]) if row else ""


def _columns(sql: str, source: str, streams: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Give the types of a query's columns by running it over empty tables of its source's streams."""
    with duckdb.connect(config={"enable_external_access": "false"}) as scratch:
        scratch.execute(f"CREATE SCHEMA {identifier(source)}")
        for stream, columns in streams.items():
            listed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
            scratch.execute(f"CREATE TABLE {table_name(f'{source}.{stream}')} ({listed})")
        try:
            described = scratch.execute(f"SELECT * FROM ({sql}) LIMIT 0").description
        except duckdb.Error as error:
            reason = " ".join(str(error).partition("LINE 1")[0].partition("Candidate")[0].split())
            raise ExpressionError(f"cannot be computed: {reason}") from error
    return {str(column[0]).lower(): str(column[1]) for column in described or ()}


def _in_shape(sql: str, columns: Mapping[str, str]) -> str:
    """Bring a query's columns into shape, refusing those that are missing, of another type, or too many."""
    if unknown := [name for name in columns if name not in {"day", "value", "n"}]:
        raise ExpressionError(f"gives a column {unknown[0]!r}; give day, value and, if rows differ in weight, n")
    for name, kinds in (("day", ("DATE",)), ("value", _NUMBERS), ("n", ("INT", "DECIMAL"))):
        if name not in columns and name != "n":
            raise ExpressionError(f"gives no column {name!r}; write SELECT ... AS day, ... AS value, count(*) AS n")
        if name in columns and not any(kind in columns[name] for kind in kinds):
            wanted = "a date; cast it" if name == "day" else "a whole number" if name == "n" else "a number"
            raise ExpressionError(f"gives {name} as {columns[name]}, but it must be {wanted}")
    value = "CAST(value AS DOUBLE)"
    n = "CAST(coalesce(n, 0) AS BIGINT)" if "n" in columns else "CAST(1 AS BIGINT)"
    finite = f"CASE WHEN isfinite({value}) THEN {value} END"
    # No calendar but DuckDB's has other days.
    known = "day BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
    return f"SELECT day, {finite} AS value, {n} AS n\nFROM (\n  {sql}\n)\nWHERE {known}"


def _worded(node: Mapping[str, Any]) -> str:
    words = {"TABLE_FUNCTION": "a table function", "STAR": "*", "PARAMETER": "a parameter", "LAMBDA": "a lambda"}
    kind = str(node.get("class", node["type"]))
    return words.get(kind, "a sample" if "sample" in node else str(node["type"]).lower().replace("_", " "))
