"""Answers that do not fold: looked up among the readings that the sync keeps, else computed exactly from the rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from metrics.compile.exact import series_key
from metrics.compile.metric import CompiledMetric
from metrics.compile.quoting import day, literal
from metrics.compile.rows import windows_sql
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.fold import Value, roll_up_days
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Reading, Window

NOTHING = Reading(None, 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found of one series: its days that have rows, and the windows that are kept."""

    days: dict[date, Value]
    windows: dict[Window, Reading]


@dataclass(slots=True)
class ExactQuery:
    """The days and windows that all questions need, looked up in two queries."""

    catalogue: Catalogue
    _days: dict[str, Window] = field(default_factory=dict)
    _windows: dict[tuple[str, Window], None] = field(default_factory=dict)

    def include(self, metric: Metric, filter_: Filter, days: Window | None, windows: Iterable[Window]) -> None:
        """Add what a question needs, as far as the generation may keep it."""
        if not self.catalogue.keeps(metric, filter_):
            return
        key = series_key(metric, filter_)
        if days is not None:
            known = self._days.get(key, days)
            self._days[key] = Window(min(known.starts, days.starts), max(known.ends, days.ends))
        self._windows |= dict.fromkeys((key, window) for window in windows)

    def run(self, query: Query) -> Mapping[str, Kept]:
        """Look everything up, by series."""
        found: dict[str, Kept] = defaultdict(lambda: Kept({}, {}))
        if self._days:
            first = min(each.starts for each in self._days.values())
            last = max(each.ends for each in self._days.values())
            listed = ", ".join(literal(key) for key in self._days)
            for key, on, value, n in query(
                f"SELECT series, day, value, n FROM {SCHEMA}.exact_days "
                f"WHERE series IN ({listed}) AND day BETWEEN {day(first)} AND {day(last)}"
            ):
                found[key].days[on] = value, n
        if self._windows:
            # Three lists match more than was asked for, but are planned much faster than a join with the windows.
            series = ", ".join(dict.fromkeys(literal(key) for key, _ in self._windows))
            starts_on = ", ".join(dict.fromkeys(day(window.starts) for _, window in self._windows))
            ends_on = ", ".join(dict.fromkeys(day(window.ends) for _, window in self._windows))
            for key, starts, ends, value, n in query(
                f"SELECT series, starts, ends, value, n FROM {SCHEMA}.exact_windows "
                f"WHERE series IN ({series}) AND starts IN ({starts_on}) AND ends IN ({ends_on})"
            ):
                found[key].windows[Window(starts, ends)] = Reading(value, n)
        return found


class ExactReadings:
    """Readings of a holistic metric under a filter.

    `days` must be complete over the span that is asked for; `windows` hold the longer ones of a pooled metric.
    """

    def __init__(
        self, metric: Metric, days: Mapping[date, Value], windows: Mapping[Window, Reading], catalogue: Catalogue
    ) -> None:
        self._metric, self._days, self._windows = metric, days, windows
        self._silence = catalogue.silence(metric)

    def reading(self, window: Window) -> Reading:
        """Read the metric over a window."""
        if self._metric.rollup != "pooled":
            return roll_up_days(self._metric, self._days, window, self._silence)
        if window.starts == window.ends:
            return Reading(*self._days.get(window.starts, (None, 0)))
        return self._windows[window]

    def days(self) -> Mapping[date, Value]:
        """Give the value and rows of every day that has rows."""
        return self._days


def lacking(
    metric: Metric, filter_: Filter, days: Window | None, windows: Iterable[Window], kept: Kept, catalogue: Catalogue
) -> list[Window]:
    """List what must be computed from rows: windows that are not kept, and days after those that the sync knew of."""
    span = catalogue.spans.get((metric.source, metric.time))
    missing = [each for each in windows if each not in kept.windows and (span is None or each.ends >= span.starts)]
    if metric.source in catalogue.pushed:  # no day or window after the newest row holds any
        missing = [each for each in missing if span is not None and each.starts <= span.ends]
        if catalogue.keeps(metric, filter_):
            return missing
    if days is None:
        return missing
    known = span is not None and catalogue.keeps(metric, filter_)
    unknown = [
        Window(on, on)
        for on in (date.fromordinal(number) for number in range(days.starts.toordinal(), days.ends.toordinal() + 1))
        if not (known and span is not None and on <= span.ends) and (span is None or on >= span.starts)
    ]
    return missing + unknown


def readings_from_rows(
    compiled: CompiledMetric, filter_: Filter, windows: Sequence[Window], query: Query
) -> dict[Window, Reading]:
    """Compute pooled readings over windows from the raw rows."""
    if not windows:
        return {}
    rows = query(windows_sql(compiled, filter_, windows))
    return dict.fromkeys(windows, NOTHING) | {windows[index]: Reading(value, n) for index, value, n in rows}
