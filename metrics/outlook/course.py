"""The course of a key result's read: what it was day by day, and the bands that it may run in to the last day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from metrics.forecast import FanPoint, Forecast, answer
from metrics.model.definition import HOLISTIC, KeyResult, Metric, Organisation
from metrics.model.reading import Measure, Point, Reading, Window
from metrics.model.scorecard import Cycle
from metrics.outlook.ahead import Outlook, shaped
from metrics.outlook.history import needs_exact_part, stamped_window
from metrics.outlook.plan import FactsHistory, Moment
from metrics.periods import previous_cycle, read_window

STRIDES = ((35, 7), (14, 3), (0, 1))
"""From so many days left on, every so many of them are forecast: one weekday tells a quarter, each day a last week."""

SETTLING_DAYS = 7
"""A mean over the first days of a cycle jumps about and says little: its course begins after them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One cycle's days, and the read as of some of them."""

    window: Window
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A key result's read over time.

    Attributes:
        stretches: the two cycles before and this one, in that order; a point's value is the read as of its day.
        fan: where the read may stand after days to come, the cycle's last day at the end; empty without a forecast.
    """

    stretches: tuple[Stretch, ...]
    fan: tuple[FanPoint, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Every known point, in order."""
        return tuple(point for stretch in self.stretches for point in stretch.points)


def course_of(outlook: Outlook, facts: FactsHistory, moment: Moment) -> Course:
    """Read a key result's course, and forecast the read of days to come as its value at the close is forecast.

    The last band is the forecast at the close itself. One question to the facts.

    Raises:
        QuarterlineError: the metric cannot be read.
    """
    if outlook.metric is None:
        return Course((), ())
    cycles = _cycles(outlook.cycle)
    asked = [_reads(outlook.key_result, outlook.metric, each, moment) for each in cycles]
    ahead = _days_ahead(outlook, moment)
    begun = [Window(final.starts, min(final.ends, moment.as_of)) for _, final in ahead]
    exact = [] if outlook.question is None else [_until(final, outlook.question.as_of) for _, final in ahead]
    wanted = [window for reads in asked for _, window in reads]
    wanted += [each for each in (*begun, *exact) if each is not None and each.starts <= each.ends]
    windows = tuple(dict.fromkeys(wanted))
    if not windows:
        return Course((), ())
    (measured,) = facts.measure([Measure(outlook.metric, outlook.key_result.filter, windows)])
    readings = dict(zip(windows, measured.readings, strict=True))
    stretches = tuple(
        Stretch(_known_days(cycle, moment), tuple(Point(day, *_value(readings[window])) for day, window in reads))
        for cycle, reads in zip(cycles, asked, strict=True)
    )
    fan = [
        _band(day, outlook, final, readings.get(so_far), readings.get(known) if known else None)
        for (day, final), so_far, known in zip(ahead, begun, exact, strict=True)
    ]
    return Course(stretches, tuple(point for point in fan if point is not None))


def _cycles(cycle: Cycle) -> tuple[Cycle, Cycle, Cycle]:
    before = previous_cycle(cycle)
    earliest = previous_cycle(Cycle("", before.starts, before.ends))
    return Cycle("", earliest.starts, earliest.ends), Cycle("", before.starts, before.ends), cycle


def _known_days(cycle: Cycle, moment: Moment) -> Window:
    return Window(cycle.starts, max(min(cycle.ends, moment.as_of), cycle.starts))


def _reads(key_result: KeyResult, metric: Metric, cycle: Cycle, moment: Moment) -> list[tuple[date, Window]]:
    """Choose the days that are drawn: each, or where a read costs a pass over its rows, one a week."""
    settling = key_result.read.kind == "period" and key_result.shape != "total"
    first = cycle.starts + timedelta(days=SETTLING_DAYS - 1 if settling else 0)
    last = min(cycle.ends, moment.as_of)
    step = 7 if metric.aggregate in HOLISTIC and metric.rollup == "pooled" else 1
    days = [last - timedelta(days=back) for back in range(0, max((last - first).days + 1, 0), step)][::-1]
    return [(day, window) for day in days if (window := _window(key_result, cycle, day, moment.organisation))]


def _window(key_result: KeyResult, cycle: Cycle, day: date, organisation: Organisation) -> Window | None:
    return read_window(key_result.read, cycle, day, organisation)


def _days_ahead(outlook: Outlook, moment: Moment) -> list[tuple[date, Window]]:
    if outlook.question is None or outlook.forecast is None or not outlook.forecast.has_range:
        return []
    left = (outlook.cycle.ends - moment.as_of).days
    step = next(stride for least, stride in STRIDES if left >= least)
    days = [outlook.cycle.ends - timedelta(days=back) for back in range(0, left, step)][::-1]
    found = [(day, _window(outlook.key_result, outlook.cycle, day, moment.organisation)) for day in days]
    return [(day, window) for day, window in found if window is not None]


def _until(window: Window, day: date) -> Window | None:
    return Window(window.starts, min(window.ends, day)) if window.starts <= day else None


def _band(day: date, outlook: Outlook, final: Window, so_far: Reading | None, exact: Reading | None) -> FanPoint | None:
    forecast = outlook.forecast if day == outlook.cycle.ends else _as_of(outlook, final, so_far, exact)
    if forecast is None or not forecast.has_range or not len(forecast.ordered):
        return None
    bands = (forecast.quantile(share) for share in (0.025, 0.1, 0.5, 0.9, 0.975))
    return FanPoint(day, *bands)


def _as_of(outlook: Outlook, final: Window, so_far: Reading | None, exact: Reading | None) -> Forecast | None:
    """Ask for the read of a day before the last, from what is known now."""
    if outlook.question is None or outlook.history is None or outlook.metric is None:
        return None
    window = stamped_window(outlook.history, final)
    if window is None:
        return None
    known = exact.value if exact is not None and needs_exact_part(outlook.metric) else None
    question = replace(outlook.question, window=window, known=known, fan=False)
    return shaped(answer(question), outlook.metric, question, so_far.value if so_far is not None else None)


def _value(reading: Reading) -> tuple[float | None, int]:
    return reading.value, reading.rows


def newest_value(course: Course) -> Point | None:
    """Give the newest point that has a value; None where there is none in this cycle."""
    if not course.stretches:
        return None
    points: Sequence[Point] = course.stretches[-1].points
    return next((point for point in reversed(points) if point.value is not None), None)
