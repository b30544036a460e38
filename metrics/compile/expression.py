"""Row expressions: read by DuckDB's own parser, checked against allow-lists, guarded against division by zero.

Parsing and printing are both DuckDB's (`json_serialize_sql`, `json_deserialize_sql`), so a checked expression means
exactly what its author wrote; a translating parser would, for one, read `a ~ b` differently.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from metrics.compile.quoting import identifier
from metrics.errors import nearest

_OPERATOR_NAMES = "+ - * / // % ** ^ || ~~ !~~ ~~* !~~*"
_FUNCTION_NAMES = """
    abs ceil ceiling concat concat_ws contains date_diff datediff date_part date_sub date_trunc day dayofmonth dayofweek
    dayofyear ends_with epoch epoch_ms even exp floor greatest hour if ifnull ilike_escape instr isfinite isnan isodow
    isoyear last_day lcase least left len length like_escape ln log log10 log2 lower ltrim microsecond millisecond
    minute mod month nullif pow power prefix quarter regexp_extract regexp_full_match regexp_matches regexp_replace
    replace reverse right round rtrim second sign sqrt starts_with strlen strpos substr substring suffix timezone
    to_days to_hours to_minutes to_months to_seconds to_weeks to_years trim trunc ucase upper week weekday weekofyear
    year yearweek
"""
OPERATORS = frozenset(_OPERATOR_NAMES.split())
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
"""Scalar, deterministic, bounded in time and memory; whatever is not listed is refused."""

PLAIN_NODES = frozenset(
    {"COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST", "TYPE"}
)
OPERATOR_TYPES = frozenset(
    {
        "OPERATOR_NOT",
        "OPERATOR_IS_NULL",
        "OPERATOR_IS_NOT_NULL",
        "OPERATOR_COALESCE",
        "COMPARE_IN",
        "COMPARE_NOT_IN",
    }
)
_STATEMENT_PARTS = frozenset({"type", "cte_map", "select_list", "from_table", "aggregate_handling"})
_PLACES = "class type query_location query_location_length"
_CALL_PARTS = f"{_PLACES} function_name order_bys is_operator arguments qualified_name"
_FUNCTION_PARTS = frozenset(_CALL_PARTS.split())
_DIVISIONS = frozenset({"/", "//", "%", "mod"})
_INTEGER_NAMES = "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT"
_INTEGERS = frozenset(_INTEGER_NAMES.split())
LONGEST = 4_000
DEEPEST = 60


class ExpressionError(ValueError):
    """A row expression that cannot be accepted; its text is the end of a message."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked row expression.

    Attributes:
        sql: DuckDB SQL in which a division by zero gives NULL.
        type: DuckDB's type of it, such as `BIGINT` or `DECIMAL(12,2)`.
        divisors: SQL of everything divided by that may be zero.
        tree: DuckDB's parse tree of `sql`, for whoever renders it for another engine.
        divisor_trees: those of `divisors`.
    """

    sql: str
    type: str
    divisors: tuple[str, ...] = ()
    tree: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    divisor_trees: tuple[Mapping[str, Any], ...] = field(default=(), compare=False, repr=False)

    @property
    def is_integer(self) -> bool:
        """Whether sums of it are exact whole numbers."""
        return self.type in _INTEGERS

    @property
    def is_number(self) -> bool:
        """Whether it can be added up (a boolean counts 1)."""
        return self.is_integer or self.type in {"BOOLEAN", "FLOAT", "DOUBLE"} or self.type.startswith("DECIMAL")


@dataclass(slots=True)
class ExpressionReader:
    """Reads row expressions over one table's columns (name to DuckDB type), each text once.

    `connection` only lends its parser and binder; no table is touched.
    """

    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    _read: dict[str, Expression] = field(default_factory=dict)
    _known: dict[tuple[str, int], tuple[Mapping[str, Any], Any]] = field(default_factory=dict)

    def read(self, text: str) -> Expression:
        """Check an expression and find its type.

        Raises:
            ExpressionError: it is not exactly one scalar expression over the table's columns and the allowed functions.
        """
        if text not in self._read:
            self._read[text] = self._checked(text)
        return self._read[text]

    def _checked(self, text: str) -> Expression:
        if len(text) > LONGEST:
            raise ExpressionError(f"is longer than {LONGEST:,} characters; compute it in a view of the source")
        root = _single_expression(self._parsed(text))
        divisors: list[dict[str, Any]] = []
        checked = self._guarded(root, divisors, 0)
        sql = self._printed(checked)
        printed = {self._printed(divisor): divisor for divisor in divisors}
        return Expression(sql, self._type_of(sql), tuple(printed), checked, tuple(printed.values()))

    def type_of(self, node: Mapping[str, Any]) -> str:
        """Give DuckDB's type of a node of a checked tree."""
        # The node is kept beside its type, so that its id stays its own.
        if ("type", id(node)) not in self._known:
            self._known["type", id(node)] = node, self._type_of(self._printed(node))
        return str(self._known["type", id(node)][1])

    def constant_of(self, node: Mapping[str, Any]) -> object:
        """Compute a node of a checked tree that reads no column.

        Raises:
            ExpressionError: it cannot be computed, such as a date that is none.
        """
        if ("constant", id(node)) not in self._known:
            self._known["constant", id(node)] = node, self._computed(self._printed(node))
        return self._known["constant", id(node)][1]

    def _computed(self, sql: str) -> object:
        try:
            row = self.connection.execute(f"SELECT {sql}").fetchone()
        except duckdb.Error as error:
            reason = " ".join(str(error).partition("LINE 1")[0].split())
            raise ExpressionError(f"cannot be computed: {reason}") from error
        return row[0] if row else None

    def _parsed(self, text: str) -> dict[str, Any]:
        row = self.connection.execute(
            "SELECT json_serialize_sql(?, skip_null := true, skip_empty := true, skip_default := true)",
            [f"SELECT {text}"],
        ).fetchone()
        try:
            tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
        except RecursionError as error:
            raise ExpressionError("is nested too deeply; compute it in a view of the source") from error
        if tree["error"]:
            reason = " ".join(str(tree.get("error_message", "not a statement")).split())
            raise ExpressionError(f"cannot be read, because of {reason}; write one DuckDB expression, such as a / 60.0")
        return tree

    def _printed(self, node: Mapping[str, Any]) -> str:
        select = {"type": "SELECT_NODE", "cte_map": {}, "select_list": [node], "from_table": {"type": "EMPTY"}}
        tree = {"error": False, "statements": [{"node": {**select, "aggregate_handling": "STANDARD_HANDLING"}}]}
        row = self.connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchone()
        return str(row[0]).removeprefix("SELECT ") if row else ""

    def _type_of(self, sql: str) -> str:
        columns = ", ".join(f"CAST(NULL AS {kind}) AS {identifier(name)}" for name, kind in self.columns.items())
        source = f"(SELECT {columns})" if columns else "(SELECT 1)"
        try:
            described = self.connection.execute(f"SELECT ({sql}) FROM {source} LIMIT 0").description
        except duckdb.Error as error:
            reason = " ".join(str(error).partition("LINE 1")[0].partition("Candidate functions")[0].split())
            raise ExpressionError(f"cannot be computed: {reason}") from error
        return str(described[0][1]) if described else ""

    def _guarded(self, node: Any, divisors: list[dict[str, Any]], depth: int) -> Any:
        if depth > DEEPEST:
            raise ExpressionError("is nested too deeply; compute it in a view of the source")
        if isinstance(node, list):
            return [self._guarded(each, divisors, depth) for each in node]
        if not isinstance(node, dict):
            return node
        if "class" in node:
            self._check(node)
        guarded = {key: self._guarded(value, divisors, depth + ("class" in node)) for key, value in node.items()}
        return _divided(guarded, divisors) if node.get("class") == "FUNCTION" else guarded

    def _check(self, node: dict[str, Any]) -> None:
        kind = node["class"]
        if kind not in PLAIN_NODES or (kind == "OPERATOR" and node["type"] not in OPERATOR_TYPES):
            raise ExpressionError(f"uses {_described(node)}, which a row expression cannot")
        if kind == "COLUMN_REF":
            self._check_column(node["column_names"])
        elif kind == "FUNCTION":
            _check_function(node)

    def _check_column(self, path: list[str]) -> None:
        if len(path) != 1:
            raise ExpressionError(f"names {'.'.join(path)!r}; write the column alone, without a table")
        if path[0].lower() not in {name.lower() for name in self.columns}:
            raise ExpressionError(f"uses unknown column {path[0]!r}{nearest(path[0], self.columns)}")


def _single_expression(tree: dict[str, Any]) -> dict[str, Any]:
    statements = tree["statements"]
    node = statements[0]["node"]
    plain = len(statements) == 1 and node["type"] == "SELECT_NODE" and set(node) <= _STATEMENT_PARTS
    listed = node.get("select_list", ())
    if not plain or node["from_table"].get("type") != "EMPTY" or node.get("cte_map") or len(listed) != 1:
        raise ExpressionError("is not one expression; write a single value such as a / 60.0, without FROM, WHERE or ;")
    if "alias" in listed[0]:
        raise ExpressionError("carries a name (AS ...); leave it out")
    expression: dict[str, Any] = listed[0]
    return expression


def _check_function(node: dict[str, Any]) -> None:
    name = node["function_name"].lower()
    allowed = OPERATORS if node.get("is_operator") else FUNCTIONS
    if name not in allowed or len(node.get("qualified_name", {}).get("path", [name])) != 1:
        raise ExpressionError(f"uses {name}(), which a row expression cannot{nearest(name, FUNCTIONS)}")
    ordered = node.get("order_bys", {}).get("orders")
    if ordered or not set(node) <= _FUNCTION_PARTS or any("name" in each for each in node.get("arguments", ())):
        raise ExpressionError(f"calls {name}() with DISTINCT, ORDER BY, FILTER or named arguments; give plain values")


def _divided(node: dict[str, Any], divisors: list[dict[str, Any]]) -> dict[str, Any]:
    if node["function_name"] not in _DIVISIONS or _is_nonzero(divisor := node["arguments"][1]["expression"]):
        return node
    divisors.append(divisor)
    zero = {"class": "CONSTANT", "type": "VALUE_CONSTANT", "literal": {"kind": "INTEGER", "text": "0"}}
    safe = {
        "class": "FUNCTION",
        "type": "FUNCTION",
        "function_name": "nullif",
        "order_bys": {"type": "ORDER_MODIFIER"},
        "arguments": [{"expression": divisor}, {"expression": zero}],
        "qualified_name": {"path": ["nullif"]},
    }
    return {**node, "arguments": [node["arguments"][0], {"expression": safe}]}


def guard_division(node: dict[str, Any]) -> dict[str, Any]:
    """Make a division by zero give NULL."""
    return _divided(node, [])


def _is_nonzero(node: dict[str, Any]) -> bool:
    text = node.get("literal", {}).get("text", "") if node["class"] == "CONSTANT" else ""
    try:
        return float(text) != 0
    except ValueError:
        return False


def _described(node: dict[str, Any]) -> str:
    words = {"SUBQUERY": "a subquery", "WINDOW": "a window function", "STAR": "*", "PARAMETER": "a parameter"}
    words |= {"LAMBDA": "a lambda", "COLLATE": "COLLATE"}
    return words.get(node["class"], str(node["type"]).lower().replace("_", " "))
