"""Answers from the days of a metric's own query: kept by the sync, else computed by running it."""

from collections.abc import Callable, Mapping
from datetime import date

from metrics.compile.parts import query_key
from metrics.compile.query import CheckedQuery
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.fold import Silence, Value, roll_up_days
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Metric
from metrics.model.reading import Reading, Window

Check = Callable[[Metric], CheckedQuery]


class QueriedReadings:
    """Readings of a `sql` metric: over several days the mean weighted by n, or the metric's rollup of daily values."""

    def __init__(self, metric: Metric, days: Mapping[date, Value]) -> None:
        self._metric, self._days = metric, days

    def reading(self, window: Window) -> Reading:
        """Read the metric over a window."""
        if self._metric.rollup != "pooled":
            return roll_up_days(self._metric, self._days, window, Silence(None, is_zero=False))
        found = [
            (value, n)
            for on, (value, n) in self._days.items()
            if value is not None and window.starts <= on <= window.ends
        ]
        rows = sum(n for _, n in found)
        return Reading(sum(value * n for value, n in found) / rows if rows else None, rows)

    def days(self) -> Mapping[date, Value]:
        """Give the value and n of every day that the query gives."""
        return self._days


def queried_days(metric: Metric, catalogue: Catalogue, query: Query, check: Check) -> dict[date, Value]:
    """Look up the days of a metric's query, or run it."""
    key = query_key(metric)
    if key in catalogue.queries:
        rows = query(f"SELECT day, value, n FROM {SCHEMA}.query_days WHERE series = '{key}' ORDER BY day")
    else:
        rows = query(f"{check(metric).sql} ORDER BY day")
    return {on: (value, n) for on, value, n in rows}
