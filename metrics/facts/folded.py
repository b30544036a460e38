"""Answers that fold from daily parts: one query per parts table, whatever the number of questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
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
        """Add a question; gives the position of each of its parts in a result row."""
        self.span = Window(min(self.span.starts, span.starts), max(self.span.ends, span.ends))
        return {role: self._position(column, filter_) for role, column in part_columns(metric).items()}

    def run(self, query: Query, *, by: str | None = None, daily: bool = True) -> list[tuple[Any, ...]]:
        """Give rows of (dimension's value or day, ..., parts), one per day, per value of `by`, or both."""
        keys = [dimension_column(by)] if by is not None else []
        keys += ["day"] if daily else []
        columns = [*keys, *(f"{sql} AS c{position}" for sql, position in self._selected.items())]
        return query(
            f"SELECT {', '.join(columns)} FROM {SCHEMA}.{self.table.name} "
            f"WHERE day BETWEEN {day(self.span.starts)} AND {day(self.span.ends)} GROUP BY {', '.join(keys)}"
        )

    def _position(self, column: PartColumn, filter_: Filter) -> int:
        sql = column.fold(column.name)
        if filter_:
            condition = accepts(filter_, {name: dimension_column(name) for name, _ in filter_})
            sql = f"{sql} FILTER (WHERE {condition})"
        if column.kind == "last":
            sql = f"({sql}).value"
        return self._selected.setdefault(sql, len(self._selected))


def days_of(rows: Sequence[tuple[Any, ...]], positions: Mapping[Role, int], *, keys: int = 1) -> dict[date, DayParts]:
    """Pick one question's parts by day out of result rows whose last of `keys` leading columns is the day."""
    placed = [(role, position + keys) for role, position in positions.items()]
    return {row[keys - 1]: {role: row[index] for role, index in placed} for row in rows}
