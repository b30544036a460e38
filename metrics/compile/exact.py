"""Windows of what cannot be folded: which readings of quantiles and distinct counts are kept, under which name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from metrics.compile.parts import short_hash
from metrics.model.definition import (
    HOLISTIC,
    CycleDefinition,
    Definitions,
    Filter,
    KeyResult,
    Metric,
    Organisation,
)
from metrics.model.reading import SeriesRange, Window
from metrics.model.scorecard import Cycle
from metrics.periods import baseline_window, goal_window, previous_cycle, read_window, resolve_cycle, week_of

_KEPT_YEARS = 50
"""Years of weeks and months that are kept, whatever day a mistyped row is of; older ones are computed when asked."""


@dataclass(frozen=True, slots=True)
class ExactSeries:
    """A holistic metric under one filter: every day of it is kept, and `windows`."""

    metric: Metric
    filter: Filter
    windows: frozenset[Window]

    @property
    def key(self) -> str:
        """Name in the facts store; the same rows aggregated the same way have the same name."""
        return series_key(self.metric, self.filter)


def series_key(metric: Metric, filter_: Filter) -> str:
    """Name what a holistic metric reads under a filter."""
    how = (metric.aggregate, "approx") if metric.approx else metric.aggregate
    return _series_name(metric.source, metric.time, how, metric.row_value, metric.where, filter_)


@lru_cache(maxsize=4096)
def _series_name(*told: object) -> str:
    return short_hash(told)


def bucket_windows(series: SeriesRange, *, week_start: str) -> tuple[Window, ...]:
    """Cut a range into its buckets, the first and last shortened to the range.

    `week_start` is `monday` or `sunday`.
    """
    buckets = []
    starts = series.window.starts
    while starts <= series.window.ends:
        following = _next_bucket(starts, series.grain, week_start)
        buckets.append(Window(starts, min(following - timedelta(days=1), series.window.ends)))
        starts = following
    return tuple(buckets)


def wanted_series(
    definitions: Definitions,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    *,
    today: date,
    spans: Mapping[tuple[str, str], Window],
) -> tuple[ExactSeries, ...]:
    """List what to keep: each holistic metric by day, week and month, and each key result's and goal's read besides.

    `spans` gives the days that a stream holds by (stream, time column); a metric without rows keeps nothing.
    """
    windows: dict[tuple[str, Filter], set[Window]] = {}
    for metric in definitions.metrics.values():
        span = spans.get((metric.source, metric.time))
        if metric.aggregate in HOLISTIC and span is not None:
            windows[metric.id, ()] = _calendar(metric, span, organisation, today)
    for key_result, dates in _measured_over(definitions, organisation, cycles):
        subject = key_result.measured_by(definitions.metrics)
        for measuring in subject.measured if subject else ():
            if (measuring.id, ()) not in windows:
                continue
            span = spans[measuring.source, measuring.time]
            of_filter = windows.setdefault((measuring.id, key_result.filter), set())
            if measuring.rollup == "pooled":
                of_filter |= _calendar(measuring, span, organisation, today)
                of_filter |= _read_windows(key_result, dates, organisation, today)
    return tuple(
        ExactSeries(
            definitions.metrics[metric_id],
            filter_,
            frozenset(
                _overlapping(found, spans[definitions.metrics[metric_id].source, definitions.metrics[metric_id].time])
            ),
        )
        for (metric_id, filter_), found in windows.items()
    )


def _measured_over(
    definitions: Definitions, organisation: Organisation, cycles: Sequence[CycleDefinition]
) -> Iterator[tuple[KeyResult, Cycle]]:
    """Give everything that is measured with its days: key results over their cycle, goals over their own."""
    for key_result in definitions.key_results():
        yield key_result, resolve_cycle(key_result.cycle, organisation, cycles)
    for goal in definitions.goals:
        yield goal.measured, goal_window(goal)


def _calendar(metric: Metric, span: Window, organisation: Organisation, today: date) -> set[Window]:
    if metric.rollup != "pooled" or span.starts > today:
        return set()
    whole: set[Window] = set()
    first = max(span.starts, date(today.year - _KEPT_YEARS, 1, 1))
    for grain in ("week", "month"):
        starts = week_of(first, organisation) if grain == "week" else first.replace(day=1)
        whole |= set(bucket_windows(SeriesRange(grain, Window(starts, today)), week_start=organisation.week_start))
    return whole


def _read_windows(key_result: KeyResult, cycle: Cycle, organisation: Organisation, today: date) -> set[Window]:
    last = min(today, cycle.ends)
    windows = {baseline_window(key_result.read, cycle, organisation)}
    if last < cycle.starts:
        return windows
    to_date = Window(cycle.starts, last)
    windows.add(to_date)
    for grain in ("week", "month"):
        windows |= set(bucket_windows(SeriesRange(grain, to_date), week_start=organisation.week_start))
    last_week = Window(week_of(last, organisation), last)
    windows |= {last_week, Window(last.replace(day=1), last)}
    if key_result.read.kind == "trailing":
        length = key_result.read.days or 1
        windows |= {Window(day - timedelta(days=length - 1), day) for day in _days(previous_cycle(cycle).starts, last)}
    else:
        reads = (read_window(key_result.read, cycle, day, organisation) for day in _days(cycle.starts, last))
        windows |= {window for window in reads if window is not None}
    return windows


def _overlapping(windows: Iterable[Window], span: Window) -> Iterable[Window]:
    return (each for each in windows if each.ends >= span.starts and each.starts <= span.ends)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _next_bucket(starts: date, grain: str, week_start: str) -> date:
    if grain == "day":
        return starts + timedelta(days=1)
    if grain == "week":
        offset = starts.weekday() if week_start == "monday" else (starts.weekday() + 1) % 7
        return starts + timedelta(days=7 - offset)
    return (starts.replace(day=1) + timedelta(days=32)).replace(day=1)
