"""Daily parts: what folds exactly (Gray et al., Data Cube, 1997), per day, dimension values and row expression.

A part column is named by what it holds, a hash of (kind, value, condition); so a reader knows from a metric alone which
columns answer it, and metrics that share an expression share its columns.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from metrics.compile.metric import CompiledMetric, dimension_text
from metrics.compile.quoting import identifier
from metrics.model.definition import HOLISTIC, Metric

PartKind = Literal["n", "sum", "min", "max", "last", "lost"]
Role = Literal["n", "sum", "min", "max", "last", "numerator", "denominator"]


@dataclass(frozen=True, slots=True)
class PartColumn:
    """One foldable aggregate of one row expression under one condition.

    Attributes:
        kind: `n` counts values (rows, without a value); `last` is the value of the newest row with its time; `lost`
            counts rows that a division by zero or a result that is not finite leaves out.
        value: the row expression as written; None for whole rows.
        where: the row condition as written.
    """

    kind: PartKind
    value: str | None
    where: str | None

    @property
    def name(self) -> str:
        """Column name in a parts table."""
        return _column_name(self.kind, self.value, self.where)

    def fold(self, column: str) -> str:
        """SQL that folds `column` over days or dimension values."""
        folds = {"min": "min", "max": "max", "last": "max"}
        return f"{folds.get(self.kind, 'sum')}({column})"


@dataclass(frozen=True, slots=True)
class PartsTable:
    """The parts of one stream over one time column.

    Attributes:
        name: of the table in schema `quarterline`.
        dimensions: columns it is kept by; stored as text under `dimension_column`.
        columns: part columns by name.
        head: SQL up to the condition on raw rows.
        tail: SQL after it.
        metrics: ids of the metrics it answers.
    """

    name: str
    stream: str
    time: str
    dimensions: tuple[str, ...]
    columns: Mapping[str, PartColumn]
    head: str
    tail: str
    metrics: tuple[str, ...]

    def select(self, rows: str = "TRUE") -> str:
        """SQL giving (day, dimensions, part columns) over the raw rows that meet a condition."""
        return f"{self.head}{rows}{self.tail}"

    @property
    def signature(self) -> str:
        """Changes whenever the table must be built anew."""
        return short_hash(self.select())


def short_hash(content: object) -> str:
    """Name content by twelve hexadecimal digits of its SHA-256."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:12]


@lru_cache(maxsize=4096)
def _column_name(kind: PartKind, value: str | None, where: str | None) -> str:
    return f"{kind}_{short_hash([kind, value, where])}"


def dimension_column(name: str) -> str:
    """Quote the column of a parts table that holds a dimension's value as text."""
    return identifier(f"dim_{name}")


def folds_from_parts(metric: Metric) -> bool:
    """Whether the metric's readings fold exactly from daily parts."""
    return metric.aggregate not in HOLISTIC and metric.aggregate != "sql"


def query_key(metric: Metric) -> str:
    """Name what a metric's own query gives in the facts store."""
    return short_hash(["query", metric.source.partition(".")[0], metric.query])


def part_columns(metric: Metric) -> dict[Role, PartColumn]:
    """Give the part columns that a foldable metric is read from, by the role they play."""
    where = metric.where
    if metric.aggregate == "ratio":
        every_row = (metric.denominator or "").strip().lower() == "true"
        n = PartColumn("n", None if every_row else metric.denominator, where)
        denominator = n if every_row else PartColumn("sum", metric.denominator, where)
        return {"n": n, "numerator": PartColumn("sum", metric.numerator, where), "denominator": denominator}
    n = PartColumn("n", metric.row_value, where)
    match metric.aggregate:
        case "count":
            return {"n": n}
        case "mean" | "sum":
            return {"n": n, "sum": PartColumn("sum", metric.row_value, where)}
        case "min" | "max" | "last":
            return {"n": n, metric.aggregate: PartColumn(metric.aggregate, metric.row_value, where)}
    raise ValueError(f"{metric.aggregate} does not fold from daily parts")


def plan_parts(metrics: Iterable[CompiledMetric], *, split: frozenset[str] = frozenset()) -> tuple[PartsTable, ...]:
    """Group foldable metrics into as few tables as possible: one per stream, working hours and time column.

    Streams in `split` get one table per set of dimensions, because the product of all of theirs is about as large as
    the rows themselves.
    """
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[CompiledMetric]] = {}
    for compiled in metrics:
        metric = compiled.metric
        if folds_from_parts(metric):
            dimensions = tuple(sorted(metric.dimensions)) if metric.source in split else ()
            groups.setdefault((metric.source, compiled.table, metric.time, dimensions), []).append(compiled)
    return tuple(
        parts_table(members, tuple(sorted({name for member in members for name in member.metric.dimensions})))
        for members in groups.values()
    )


def parts_table(members: Sequence[CompiledMetric], dimensions: tuple[str, ...]) -> PartsTable:
    """Lay out one table that keeps the parts of metrics over one stream and time column by `dimensions`."""
    first = members[0]
    columns: dict[str, PartColumn] = {}
    aggregates: dict[str, str] = {}
    inner: dict[str, str] = {}
    for member in members:
        for column, aggregate in _aggregates(member, inner):
            columns[column.name] = column
            aggregates[column.name] = aggregate
    keys = ["day", *map(dimension_column, dimensions)]
    outer = [*keys, *(f"{aggregate} AS {name}" for name, aggregate in aggregates.items())]
    rows = [f"{first.day} AS day"]
    rows += [f"{dimension_text(name)} AS {dimension_column(name)}" for name in dimensions]
    rows += [f"{sql} AS {alias}" for sql, alias in inner.items()]
    head = f"SELECT\n  {_listed(outer)}\nFROM (\n  SELECT\n  {_listed(rows)}\n  FROM {first.table}\n  WHERE "
    tail = f"\n)\nWHERE day IS NOT NULL\nGROUP BY {', '.join(keys)}"
    metric = first.metric
    working = [] if metric.working_hours is None else [str(metric.working_hours)]
    name = f"parts_{short_hash([metric.source, metric.time, dimensions, *working])}"
    ids = tuple(member.metric.id for member in members)
    return PartsTable(name, metric.source, metric.time, dimensions, columns, head, tail, ids)


def _aggregates(member: CompiledMetric, inner: dict[str, str]) -> list[tuple[PartColumn, str]]:
    """Pair the metric's part columns with their SQL, putting the row expressions they need into `inner`."""

    def alias(sql: str) -> str:
        return inner.setdefault(sql, f"x{len(inner)}")

    condition = f" FILTER (WHERE {alias(member.where)})" if member.where else ""
    pairs = []
    for role, column in part_columns(member.metric).items():
        if column.value is None:
            pairs.append((column, f"count(*){condition}"))
            continue
        term = member.terms[_key(role, member.metric)]
        value = alias(term.sql)
        match column.kind:
            case "n":
                aggregate = f"count({value})"
            case "last":
                aggregate = _last(alias(identifier(member.metric.time)), value)
            case kind:
                aggregate = f"{kind}({value})"
        pairs.append((column, f"{aggregate}{condition}"))
        if term.lost:
            lost = PartColumn("lost", column.value, column.where)
            pairs.append((lost, f"count_if({alias(f'({term.lost})')}){condition}"))
    return pairs


def _last(time: str, value: str) -> str:
    """SQL of the newest row's value with its time; of rows at the same time the greatest value, so that it is one."""
    return f"max(CASE WHEN {value} IS NOT NULL THEN struct_pack(moment := {time}, value := {value}) END)"


def _key(role: Role, metric: Metric) -> str:
    if metric.aggregate == "ratio":
        return "numerator" if role == "numerator" else "denominator"
    return "value"


def _listed(items: Iterable[str]) -> str:
    return ",\n  ".join(items)
