"""Metrics looked at closely: a survey of all of them, and one apart by a dimension's values, few enough to be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Literal

from metrics.errors import NotFoundError, QuarterlineError
from metrics.facts import Facts
from metrics.model.definition import Definitions, Filter, Grain, KeyResult, Metric, Organisation
from metrics.model.reading import Measure, Measured, Part, Point, SeriesRange, Window
from metrics.model.scorecard import Cycle, Freshness
from metrics.outlook.ahead import measure_each
from metrics.periods import end_of_day, previous_cycle, trend_window, week_of

MOST_LINES = 8
Span = Literal["quarter", "half", "year", "all"]
_WEEKS: Mapping[Span, int] = {"quarter": 13, "half": 26, "year": 52}


@dataclass(frozen=True, slots=True)
class MetricCard:
    """One metric at a glance.

    Attributes:
        trend: the thirteen newest weeks that are over.
        used_by: key results that it measures, the newest cycle first.
        error: why it cannot be read, if it cannot.
    """

    metric: Metric
    trend: tuple[Point, ...]
    freshness: Freshness
    used_by: tuple[KeyResult, ...]
    error: str | None = None

    @property
    def newest(self) -> Point | None:
        """The newest week that has a value."""
        return next((point for point in reversed(self.trend) if point.value is not None), None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        value: of the dimension; None for the whole, and for what is folded.
        folded: values that this line stands for together.
    """

    value: str | None
    points: tuple[Point, ...]
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """A metric's series, as a whole or by a dimension.

    Attributes:
        lines: the values with most rows first, what is folded last.
        nameless: rows in which the dimension is empty, so that no line shows them.
        open_from: first day of the bucket that is not over yet and will still move; None where all are over.
    """

    lines: tuple[Line, ...]
    nameless: int = 0
    open_from: date | None = None


def survey_metrics(
    definitions: Definitions, facts: Facts | None, organisation: Organisation, *, as_of: date, now: datetime
) -> tuple[MetricCard, ...]:
    """Look at every metric: its newest weeks, how late its rows are, who uses it.

    Args:
        facts: None before the first sync.
    """
    metrics = list(definitions.metrics.values())
    series = SeriesRange("week", trend_window(as_of, organisation))
    questions = [Measure(metric, series=series) for metric in metrics]
    answers = measure_each(facts, questions) if facts is not None else [Measured(())] * len(metrics)
    until = min(now, end_of_day(as_of, organisation))
    return tuple(
        MetricCard(
            metric,
            () if isinstance(answer, str) else answer.series,
            _freshness(facts, metric, until),
            users_of(definitions, metric.id),
            answer if isinstance(answer, str) else None,
        )
        for metric, answer in zip(metrics, answers, strict=True)
    )


def users_of(definitions: Definitions, metric_id: str) -> tuple[KeyResult, ...]:
    """Give the key results that a metric measures, the newest cycle first."""
    using = [one for one in definitions.key_results() if one.metric == metric_id]
    return tuple(sorted(using, key=lambda one: one.cycle, reverse=True))


def find_metric(definitions: Definitions, name: str) -> Metric:
    """Find a metric by its id.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name not in definitions.metrics:
        raise NotFoundError("metric", name, definitions.metrics)
    return definitions.metrics[name]


def span_window(span: Span, grain: Grain, organisation: Organisation, *, known: Window | None, as_of: date) -> Window:
    """Give the days that a span covers up to a day, beginning with a whole bucket.

    All of them are those on which the metric has rows (`known`).
    """
    if span == "all":
        first = min(known.starts, as_of) if known is not None else as_of
    else:
        first = as_of - timedelta(weeks=_WEEKS[span]) + timedelta(days=1)
    return Window(_bucket_start(first, grain, organisation), as_of)


def split_series(
    facts: Facts,
    metric: Metric,
    series: SeriesRange,
    organisation: Organisation,
    *,
    today: date,
    filter_: Filter = (),
    by: str | None = None,
) -> Split:
    """Read a metric's series, by a dimension's values where one is named.

    Beyond `MOST_LINES` values, those with the fewest rows are folded into one line: read together, exactly, rather than
    averaged.

    Raises:
        NotFoundError: the metric has no such dimension.
        QuarterlineError: it cannot be read.
    """
    open_from = _open_from(series, organisation, today)
    if by is None:
        (whole,) = facts.measure([Measure(metric, filter_, (), series)])
        return Split((Line(None, whole.series),), open_from=open_from)
    parts = facts.breakdown(metric, by, series.window, filter_)
    groups = _groups([part.value for part in parts if part.value is not None])
    questions = [Measure(metric, narrowed(filter_, by, values), (), series) for values in groups]
    answers = facts.measure(questions) if questions else []
    lines = (_line(values, answer.series) for values, answer in zip(groups, answers, strict=True))
    return Split(tuple(lines), _nameless(parts), open_from)


def cycles_course(
    facts: Facts,
    metric: Metric,
    cycle: Cycle,
    organisation: Organisation,
    *,
    today: date,
    filter_: Filter = (),
    adds_up: bool = False,
) -> Split:
    """Read what a metric did in the two cycles before one and in it, by week, to hold a target against it.

    Args:
        adds_up: run up from each cycle's start, as a total does; otherwise each week by itself.

    Raises:
        QuarterlineError: it cannot be read.
    """
    before = previous_cycle(cycle)
    windows = [previous_cycle(Cycle("", before.starts, before.ends)), before]
    if cycle.starts <= today:
        windows.append(Window(cycle.starts, min(today, cycle.ends)))
    series = [SeriesRange("week", window) for window in windows]
    answers = facts.measure([Measure(metric, filter_, (), each) for each in series])
    points: list[Point] = []
    for window, answer in zip(windows, answers, strict=True):
        points += [*_running(answer.series, window), Point(window.ends, None, 0)] if adds_up else answer.series
    return Split(
        (Line(None, tuple(points)),), open_from=None if adds_up else _open_from(series[-1], organisation, today)
    )


def _running(points: Sequence[Point], window: Window) -> Iterator[Point]:
    """Run a series up; what has come in stands at its bucket's last day."""
    last_days = [*(point.day - timedelta(days=1) for point in points[1:]), window.ends]
    sums = accumulate(point.value or 0.0 for point in points)
    yield from (Point(day, total, point.rows) for day, total, point in zip(last_days, sums, points, strict=False))


def narrowed(filter_: Filter, dimension: str, values: Sequence[str]) -> Filter:
    """Keep rows of these values of a dimension, whatever the filter accepted of it."""
    return tuple(sorted({**dict(filter_), dimension: tuple(sorted(values))}.items()))


def _bucket_start(day: date, grain: Grain, organisation: Organisation) -> date:
    if grain == "week":
        return week_of(day, organisation)
    return day.replace(day=1) if grain == "month" else day


def _open_from(series: SeriesRange, organisation: Organisation, today: date) -> date | None:
    """Tell where the last bucket begins that has days to come, or that the range cuts short."""
    last = series.window.ends
    starts = _bucket_start(last, series.grain, organisation)
    tomorrow = last + timedelta(days=1)
    is_over = _bucket_start(tomorrow, series.grain, organisation) == tomorrow and last < today
    return None if is_over else starts


def _groups(values: Sequence[str]) -> list[tuple[str, ...]]:
    if len(values) <= MOST_LINES:
        return [(value,) for value in values]
    shown = [(value,) for value in values[: MOST_LINES - 1]]
    return [*shown, tuple(values[MOST_LINES - 1 :])]


def _line(values: tuple[str, ...], points: tuple[Point, ...]) -> Line:
    return Line(values[0], points) if len(values) == 1 else Line(None, points, values)


def _nameless(parts: Iterable[Part]) -> int:
    return sum(part.reading.rows for part in parts if part.value is None)


def _freshness(facts: Facts | None, metric: Metric, until: datetime) -> Freshness:
    if facts is None:
        return Freshness(None, stale=False)
    try:
        last, future = facts.freshness(metric, until)
    except QuarterlineError:
        return Freshness(None, stale=False)
    late = metric.expected_every is not None and (last is None or until - last > metric.expected_every)
    return Freshness(last, stale=late, future_rows=future)
