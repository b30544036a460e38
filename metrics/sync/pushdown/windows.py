"""Which readings of what does not fold are brought back from where the rows are, because readers cannot compute them.

Beside what the sync keeps anyway (`metrics.compile.exact`): the days to come, so that a morning before the first sync
has its numbers; every as-of day of the cycles; the stretches of the past that SMART judges by; and parts by dimension.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.compile.exact import ExactSeries, bucket_windows, wanted_series
from metrics.model.definition import CycleDefinition, Definitions, Filter, Grain, KeyResult, Metric, Organisation
from metrics.model.reading import SeriesRange, Window
from metrics.model.scorecard import Cycle
from metrics.outlook.plan import recent_stretch
from metrics.periods import baseline_window, previous_cycle, read_window, resolve_cycle, week_of
from metrics.smart.history import past_stretches

DAYS_AHEAD = 7
"""Windows that end within a week of the sync are brought back too; they hold the rows that there are."""

_GRAINS: tuple[Grain, ...] = ("week", "month")

DAYS_BACK = 31
"""Weeks and months to date are brought back as of each of so many days, for series as of a day of the past."""


@dataclass(frozen=True, slots=True)
class WantedParts:
    """Readings apart by a dimension over some windows."""

    metric: Metric
    filter: Filter
    dimension: str
    windows: frozenset[Window]


def pushed_series(
    definitions: Definitions,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    *,
    today: date,
    spans: Mapping[tuple[str, str], Window],
) -> tuple[ExactSeries, ...]:
    """List the readings of holistic metrics to bring back; `spans` as in `wanted_series`, of the pushed stream only."""
    wanted: dict[str, tuple[ExactSeries, set[Window]]] = {}
    for ahead in range(DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        for each in wanted_series(definitions, organisation, cycles, today=day, spans=spans):
            wanted.setdefault(each.key, (each, set()))[1].update(each.windows)
    for each, windows in wanted.values():
        if each.metric.rollup == "pooled":
            span = spans[each.metric.source, each.metric.time]
            windows.update(_buckets(Window(span.starts, today), organisation))
            for day in _days(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)):
                windows |= {Window(week_of(day, organisation), day), Window(day.replace(day=1), day)}
    for key_result, cycle, measuring in _measured(definitions, organisation, cycles, spans):
        key = ExactSeries(measuring, key_result.filter, frozenset()).key
        if measuring.rollup == "pooled" and key in wanted:
            span = spans[measuring.source, measuring.time]
            wanted[key][1].update(_asked_of(key_result, cycle, organisation, today, span))
    return tuple(
        ExactSeries(each.metric, each.filter, frozenset(_over(windows, spans[each.metric.source, each.metric.time])))
        for each, windows in wanted.values()
    )


def pushed_parts(
    definitions: Definitions,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    *,
    today: date,
    spans: Mapping[tuple[str, str], Window],
) -> tuple[WantedParts, ...]:
    """List what is brought back by dimension: the days behind the value of every key result that runs."""
    wanted: dict[tuple[str, Filter, str], tuple[Metric, set[Window]]] = {}
    for key_result, cycle, measuring in _measured(definitions, organisation, cycles, spans):
        days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]
        reads = (read_window(key_result.read, cycle, min(day, cycle.ends), organisation) for day in days)
        windows = {each for each in reads if each is not None}
        for dimension in measuring.dimensions if measuring.rollup == "pooled" else ():
            of_dimension = wanted.setdefault((measuring.id, key_result.filter, dimension), (measuring, set()))
            of_dimension[1].update(_over(windows, spans[measuring.source, measuring.time]))
    return tuple(
        WantedParts(metric, filter_, dimension, frozenset(windows))
        for (_, filter_, dimension), (metric, windows) in wanted.items()
        if windows
    )


def _measured(
    definitions: Definitions,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    spans: Mapping[tuple[str, str], Window],
) -> Iterable[tuple[KeyResult, Cycle, Metric]]:
    for key_result in definitions.key_results():
        subject = key_result.measured_by(definitions.metrics)
        cycle = resolve_cycle(key_result.cycle, organisation, cycles)
        for measuring in subject.measured if subject else ():
            if (measuring.source, measuring.time) in spans:
                yield key_result, cycle, measuring


def _asked_of(
    key_result: KeyResult, cycle: Cycle, organisation: Organisation, today: date, span: Window
) -> set[Window]:
    last = min(today + timedelta(days=DAYS_AHEAD), cycle.ends)
    windows: set[Window] = set()
    for day in _days(cycle.starts, last):
        windows |= {
            Window(cycle.starts, day),
            Window(max(week_of(day, organisation), cycle.starts), day),
            Window(week_of(day, organisation), day),
            Window(max(day.replace(day=1), cycle.starts), day),
        }
    final = read_window(key_result.read, cycle, cycle.ends, organisation)
    if final is not None:
        windows |= {Window(final.starts, day) for day in _days(final.starts, min(last, final.ends))}
        # A forecast also asks for as many whole days as the final window has.
        newest = _days(max(cycle.starts, today - timedelta(days=DAYS_BACK)) - timedelta(days=1), last)
        windows |= {recent_stretch(final, day) for day in newest}
    for begun in _moments(cycle, today):
        past = past_stretches(key_result.read, cycle, organisation, as_of=begun, known=span)
        windows |= {window for pair in past.windows for window in pair}
    before = previous_cycle(cycle)
    longer = previous_cycle(Cycle("", before.starts, before.ends))
    for stretch in (before, longer):
        windows |= {stretch, *_buckets(stretch, organisation)}
    return windows | {baseline_window(key_result.read, cycle, organisation), span}


def _buckets(window: Window, organisation: Organisation) -> set[Window]:
    """Weeks and months of a stretch, the first and last as far as they lie in it."""
    return {
        bucket
        for grain in _GRAINS
        for bucket in bucket_windows(SeriesRange(grain, window), week_start=organisation.week_start)
    }


def _moments(cycle: Cycle, today: date) -> Iterable[date]:
    """As-of days whose past stretches may be asked for: today's, those to come, and the cycle's first."""
    return {cycle.starts, *(today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))}


def _over(windows: Iterable[Window], span: Window) -> Iterable[Window]:
    return (each for each in windows if each.ends >= span.starts and each.starts <= span.ends)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
