"""Answers that fold from daily parts: one query per parts table, whatever the number of questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from metrics.compile.parts import PartColumn, Role, dimension_column, part_columns
from metrics.compile.quoting import accepts, day
from metrics.facts.catalogue import Query, StoredParts
from metrics.facts.fold import DayParts
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Window


@dataclass(slots=True)
class PartsQuery:
    """One scan of a parts table, shared by every question that it answers."""

    table: StoredParts
    span: Window
    _selected: dict[str, int] = field(default_factory=dict)

    def include(self, metric: Metric, filter_: Filter, span: Window) -> Mapping[Role, int]:
        """Add a question; gives the position of each of its parts in a result row, its keys apart."""
        self.span = Window(min(self.span.starts, span.starts), max(self.span.ends, span.ends))
        return {role: self._position(column, filter_) for role, column in part_columns(metric).items()}

    def run(self, query: Query, *, by: str | None = None, daily: bool = True) -> list[tuple[Any, ...]]:
        """Give rows of ([dimension's value,] [day,] parts ...), in the order of their days."""
        keys = [dimension_column(by)] if by is not None else []
        keys += ["day"] if daily else []
        columns = [*keys, *self._selected]
        rows = query(
            f"SELECT {', '.join(columns)} FROM {SCHEMA}.{self.table.name} "
            f"WHERE day BETWEEN {day(self.span.starts)} AND {day(self.span.ends)} GROUP BY {', '.join(keys)}"
        )
        if daily:  # planning an ORDER BY takes longer than sorting these few
            rows.sort(key=itemgetter(len(keys) - 1))
        return rows

    def _position(self, column: PartColumn, filter_: Filter) -> int:
        sql = column.fold(column.name)
        if filter_:
            condition = accepts(filter_, {name: dimension_column(name) for name, _ in filter_})
            sql = f"{sql} FILTER (WHERE {condition})"
        if column.kind == "last":
            sql = f"({sql}).value"
        return self._selected.setdefault(sql, len(self._selected))


def transposed(rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """Turn result rows into columns."""
    return [*zip(*rows, strict=True)]


def day_parts(columns: Sequence[Sequence[Any]], positions: Mapping[Role, int]) -> DayParts:
    """Pick one question's parts out of result columns, the first of which holds the days in order."""
    if not columns:
        return DayParts((), dict.fromkeys(positions, ()))
    return DayParts(columns[0], {role: columns[position + 1] for role, position in positions.items()})
