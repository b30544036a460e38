"""Row expressions in an engine's SQL: rendered node by node from DuckDB's tree, with DuckDB's types.

What a node means is DuckDB's: whole numbers divide to doubles, a boolean counts 1, texts compare by their bytes, hours
are the organisation's. Where an engine's own operator means something else, the renderer converts; where no exact form
is known, it refuses. Whatever reads no column is computed by DuckDB and written as a value.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from connectors.computing import StoredColumn
from metrics.compile.expression import ExpressionError, ExpressionReader
from metrics.model.reading import Window
from metrics.pushdown.engine import Engine

Kind = Literal["whole", "decimal", "double", "text", "boolean", "date", "instant", "null", "other"]
Node = Mapping[str, Any]

_WHOLE = re.compile(r"^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$")
_DECIMAL = re.compile(r"^DECIMAL\(\d+,\s*(\d+)\)$")
_KINDS: Mapping[str, Kind] = {
    "DOUBLE": "double",
    "FLOAT": "double",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "instant",
    '"NULL"': "null",
}
NUMBERS: tuple[Kind, ...] = ("whole", "decimal", "double")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A node in an engine's SQL.

    Attributes:
        type: DuckDB's.
        is_constant: whether it reads no column.
        value: a constant's.
    """

    sql: str
    type: str
    is_constant: bool = False
    value: object = None

    @property
    def kind(self) -> Kind:
        """What can be done with it."""
        return kind_of(self.type)

    @property
    def scale(self) -> int:
        """Digits after a decimal's point."""
        found = _DECIMAL.match(self.type)
        return int(found[1]) if found else 0


def kind_of(duckdb_type: str) -> Kind:
    """Classify a DuckDB type."""
    if _WHOLE.match(duckdb_type):
        return "whole"
    return "decimal" if _DECIMAL.match(duckdb_type) else _KINDS.get(duckdb_type, "other")


@dataclass(slots=True)
class Renderer:
    """Renders checked expressions over one stream for one engine.

    Attributes:
        columns: by name.
        timezone: of times that carry none.
        zone: the organisation's, whose days and hours count.
        window: days around which the rows lie.
        rules: how each class of node is rendered.
    """

    engine: Engine
    reader: ExpressionReader
    columns: Mapping[str, StoredColumn]
    timezone: str
    zone: str
    window: Window
    rules: Mapping[str, "Rule"]

    def render(self, node: Node) -> Rendered:
        """Render a node of a checked tree.

        Raises:
            ExpressionError: the engine has no exact form of it.
        """
        if node["class"] != "COLUMN_REF" and not reads_columns(node):
            return self._constant(node)
        return self.rules[node["class"]](self, node)

    def column(self, name: str) -> Rendered:
        """Render a column, whatever it stores: missing where it is no finite number."""
        found = {each.lower(): column for each, column in self.columns.items()}[name.lower()]
        kind = self.reader.columns[found.name]
        sql = self.engine.identifier(found.name)
        match kind_of(kind):
            case "instant":
                sql = self.engine.moment(found, sql, self.timezone, self.window)
            case "double":
                sql = self.engine.finite_column(sql, is_double=True)
            case "decimal":
                sql = self.engine.finite_column(sql, is_double=False)
            case "text":
                sql = self.engine.text_column(sql)
            case "boolean" if found.storage == "bits":
                sql = self.engine.flag_of_bits(sql)
        return Rendered(sql, kind)

    def local(self, instant: Rendered) -> str:
        """Show an instant as the organisation's clock does."""
        return self.engine.local(instant.sql, self.zone, self.window)

    def day(self, time: Rendered) -> str:
        """Give the organisation's day of an instant; a date is that day."""
        return time.sql if time.kind == "date" else self.engine.day(self.local(time))

    def number(self, value: Rendered) -> Rendered:
        """Take a boolean as 1 or 0, a number as it is."""
        if value.kind != "boolean":
            return value
        if value.is_constant:
            return Rendered(str(int(bool(value.value))), "BIGINT", is_constant=True)
        return Rendered(f"CASE WHEN {value.sql} THEN 1 WHEN NOT {value.sql} THEN 0 END", "BIGINT", value.is_constant)

    def double(self, value: Rendered) -> str:
        """Convert a number to double precision."""
        return value.sql if value.type == "DOUBLE" else self.engine.double(self.number(value).sql)

    def in_common(self, values: Sequence[Rendered]) -> list[Rendered]:
        """Bring values that are compared or chosen from to one type, as DuckDB does.

        Raises:
            ExpressionError: they have none in common.
        """
        kinds = {value.kind for value in values} - {"null"}
        if len(kinds) <= 1 and not kinds & {"decimal"}:
            return list(values)
        if kinds <= {*NUMBERS, "boolean"}:
            return [self._as(value, kinds) for value in values]
        if "text" in kinds and len(kinds) == 2:
            (other,) = kinds - {"text"}
            typed = next(value.type for value in values if value.kind == other)
            return [self._typed_text(value, typed) if value.kind == "text" else value for value in values]
        raise ExpressionError(f"compares {' with '.join(sorted(kinds))}, which engines do in different ways; cast one")

    def _as(self, value: Rendered, kinds: set[Kind]) -> Rendered:
        if value.kind == "null":
            return value
        if "double" in kinds:
            return Rendered(self.double(value), "DOUBLE", value.is_constant)
        number = self.number(value)
        if "decimal" in kinds:
            kind = number.type if number.kind == "decimal" else "DECIMAL(38,0)"
            return Rendered(self.engine.decimal(number.sql, number.scale), kind, value.is_constant)
        return number

    def _typed_text(self, value: Rendered, typed: str) -> Rendered:
        if not value.is_constant or kind_of(typed) not in {"date", "instant"}:
            raise ExpressionError(f"compares a text with a {typed}; cast one of them")
        found = self.reader.constant_of(_cast_node(str(value.value), typed))
        return self._literal(found, typed)

    def _constant(self, node: Node) -> Rendered:
        return self._literal(self.reader.constant_of(node), self.reader.type_of(node))

    def _literal(self, value: object, kind: str) -> Rendered:
        engine = self.engine
        match value:
            case None:
                sql = "NULL"
            case bool():
                sql = "TRUE" if value else "FALSE"
            case int() | float() | Decimal():
                sql = engine.number(value)
            case str():
                sql = engine.text(value)
            case datetime():
                sql = engine.instant(value if value.tzinfo else value.replace(tzinfo=UTC))
            case date():
                sql = engine.date(value)
            case timedelta():
                sql = ""
            case _:
                raise ExpressionError(f"holds a value of type {kind}, which cannot be pushed down")
        return Rendered(sql, kind, is_constant=True, value=value)

    def render_all(self, nodes: Sequence[Node]) -> list[Rendered]:
        """Render several nodes."""
        return [self.render(node) for node in nodes]

    def condition(self, node: Node) -> str:
        """Render what must be true or false.

        Raises:
            ExpressionError: it is neither.
        """
        found = self.render(node)
        if found.kind not in {"boolean", "null"}:
            raise ExpressionError(f"uses a {found.type} as a condition; compare it")
        return found.sql

    def texts(self, nodes: Sequence[Node]) -> list[str]:
        """Render what must be texts.

        Raises:
            ExpressionError: one is none.
        """
        values = self.render_all(nodes)
        if wrong := next((each for each in values if each.kind not in {"text", "null"}), None):
            raise ExpressionError(f"takes a {wrong.type} as text; cast it, or compute it in a view of the source")
        return [each.sql for each in values]

    def comparable(self, value: Rendered, *, orders: bool) -> str:
        """Make a value compare as DuckDB's does; `orders` when it matters which is greater."""
        if value.kind != "text":
            return value.sql
        return self.engine.ordered(value.sql) if orders else self.engine.compared(value.sql)

    def chosen(self, node: Node, values: Sequence[Node], template: str) -> Rendered:
        """Render what gives one of several values."""
        found = self.in_common(self.render_all(values))
        return Rendered(template.format(", ".join(each.sql for each in found)), self.reader.type_of(node))

    def operand(self, value: Rendered, kind: str) -> str:
        """Take a value for arithmetic whose result is of a DuckDB type."""
        if value.kind == "null":
            return value.sql
        number = self.number(value)
        match kind_of(kind):
            case "double":
                return self.double(number)
            case "decimal":
                return self.engine.decimal(number.sql, number.scale)
            case _:
                return self.engine.integer(number.sql)

    def called(self, name: str, *arguments: str) -> str:
        """Write a call of one of the engine's functions."""
        return self.engine.functions[name].format(*arguments)


Rule = Callable[[Renderer, Node], Rendered]
"""Renders a class of nodes."""

FunctionRule = Callable[[Renderer, Node, Sequence[Node]], Rendered]
"""Renders a function, given its arguments."""


def reads_columns(node: object) -> bool:
    """Whether a node needs a row to be computed."""
    if isinstance(node, Mapping):
        return node.get("class") == "COLUMN_REF" or any(reads_columns(each) for each in node.values())
    return isinstance(node, list) and any(reads_columns(each) for each in node)


def _cast_node(text: str, kind: str) -> Node:
    name = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}.get(kind, kind)
    constant = {"class": "CONSTANT", "type": "VALUE_CONSTANT", "literal": {"kind": "STRING", "text": text}}
    typed = {"class": "TYPE", "type": "TYPE", "type_name": name, "qualified_name": {"path": [name]}}
    return {"class": "CAST", "type": "OPERATOR_CAST", "child": constant, "type_expr": typed}
