"""Answers that do not fold: looked up among the readings that the sync keeps, else computed exactly from the rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from metrics.compile.exact import series_key
from metrics.compile.metric import CompiledMetric
from metrics.compile.quoting import day, literal
from metrics.compile.rows import windows_sql
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Reading, Window

NOTHING = Reading(None, 0)


@dataclass(slots=True)
class ExactQuery:
    """The windows that all questions need, looked up in two queries."""

    catalogue: Catalogue
    _days: dict[str, Window] = field(default_factory=dict)
    _windows: dict[tuple[str, Window], None] = field(default_factory=dict)

    def include(self, metric: Metric, filter_: Filter, windows: Iterable[Window]) -> None:
        """Add the windows of a question that the generation may keep."""
        if not self.catalogue.keeps(metric, filter_):
            return
        key = series_key(metric, filter_)
        for window in windows:
            if window.days == 1:
                known = self._days.get(key, window)
                self._days[key] = Window(min(known.starts, window.starts), max(known.ends, window.ends))
            else:
                self._windows[key, window] = None

    def run(self, query: Query) -> dict[tuple[str, Window], Reading]:
        """Look everything up; a day without an entry had no rows, a window without an entry is not kept."""
        found: dict[tuple[str, Window], Reading] = {}
        if self._days:
            first, last = (
                min(each.starts for each in self._days.values()),
                max(each.ends for each in self._days.values()),
            )
            listed = ", ".join(literal(key) for key in self._days)
            rows = query(
                f"SELECT series, day, value, n FROM {SCHEMA}.exact_days "
                f"WHERE series IN ({listed}) AND day BETWEEN {day(first)} AND {day(last)}"
            )
            found |= {(key, Window(on, on)): Reading(value, n) for key, on, value, n in rows}
        if self._windows:
            asked = ", ".join(f"({literal(key)}, {day(at.starts)}, {day(at.ends)})" for key, at in self._windows)
            rows = query(
                f"SELECT series, starts, ends, value, n FROM {SCHEMA}.exact_windows "
                f"SEMI JOIN (VALUES {asked}) AS asked(series, starts, ends) USING (series, starts, ends)"
            )
            found |= {(key, Window(starts, ends)): Reading(value, n) for key, starts, ends, value, n in rows}
        return found


def exact_readings(
    metric: Metric,
    filter_: Filter,
    windows: Sequence[Window],
    found: Mapping[tuple[str, Window], Reading],
    catalogue: Catalogue,
) -> tuple[dict[Window, Reading], list[Window]]:
    """Split a question's windows into those that are answered and those whose rows must be read."""
    key = series_key(metric, filter_)
    kept = catalogue.keeps(metric, filter_)
    span = catalogue.spans.get((metric.source, metric.time))
    answered: dict[Window, Reading] = {}
    open_windows: list[Window] = []
    for window in dict.fromkeys(windows):
        if (reading := found.get((key, window))) is not None:
            answered[window] = reading
        elif span is not None and (
            window.ends < span.starts or (kept and window.days == 1 and window.ends <= span.ends)
        ):
            answered[window] = NOTHING
        else:
            open_windows.append(window)
    return answered, open_windows


def readings_from_rows(
    compiled: CompiledMetric, filter_: Filter, windows: Sequence[Window], query: Query
) -> dict[Window, Reading]:
    """Compute pooled readings over windows from the raw rows."""
    if not windows:
        return {}
    rows = query(windows_sql(compiled, filter_, windows))
    return dict.fromkeys(windows, NOTHING) | {windows[index]: Reading(value, n) for index, value, n in rows}
