"""Plans what must be read of the facts before a key result can be forecast, or says why it cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from metrics.errors import QuarterlineError
from metrics.forecast.question import Kind
from metrics.model.definition import KeyResult, Metric, Organisation
from metrics.model.reading import Measure, Measured, Window
from metrics.model.scorecard import Cycle
from metrics.outlook.history import kind_of, needs_exact_part
from metrics.periods import confirmed_day, end_of_day, is_over, read_window, today

OutlookReason = Literal["not_begun", "no_rows", "stale_source", "distinct_over_days", "shape_without_forecast", "error"]

HISTORY_DAYS = 1100
"""Three years: three of each season; older days would only cost time."""

LATE_AFTER = timedelta(days=7)
"""A source that is silent for this much longer than it declares says too little about the weeks to come."""

UNDECLARED_LATE_AFTER = timedelta(days=120)
"""The same where nothing is declared: a quarterly series and a month."""

FORECASTABLE = frozenset({"reach", "keep", "total"})


class Measuring(Protocol):
    """What answers questions (see `metrics.facts`)."""

    def measure(self, measures: Sequence[Measure]) -> Sequence[Measured]:
        """Answer all questions, in their order, in as few queries as there are tables."""


class FactsHistory(Measuring, Protocol):
    """What an outlook asks of a generation (see `metrics.facts`)."""

    @property
    def today(self) -> date:
        """The organisation's day at which the generation was published."""

    def freshness(self, metric: Metric, until: datetime) -> tuple[datetime | None, int]:
        """Give the newest row's time (UTC) up to an instant, and how many rows lie after it."""

    def days(self, metric: Metric) -> Window | None:
        """Give the first and last day on which the metric's stream has rows; None before it was loaded."""


class Moment(Protocol):
    """When and whose: what of a scorecard's frame an outlook needs."""

    @property
    def organisation(self) -> Organisation:
        """Whose days, weeks and holidays."""

    @property
    def cycle(self) -> Cycle:
        """Whose key results are forecast."""

    @property
    def as_of(self) -> date:
        """Day up to which rows count."""

    @property
    def now(self) -> datetime:
        """Instant (with zone) at which a day is not over yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be read for one key result.

    Attributes:
        final: days whose value counts when the cycle is over.
        past: days of history, None once the cycle is over.
        whole_until: last day that is over: today's rows still arrive.
        confirmed: last day on which the stream has rows.
        so_far: observed days of `final`, today included; None before it begins.
        exact: observed whole days of `final` where their value must be read from rows.
        recent: the newest whole days, as many as `final` has, where it must be.
    """

    key_result: KeyResult
    metric: Metric
    kind: Kind
    final: Window
    past: Window | None
    whole_until: date
    confirmed: date
    so_far: Window | None
    exact: Window | None
    recent: Window | None = None

    @property
    def measure(self) -> Measure:
        """One question to the facts: each day of the past, then `so_far`, `exact`, `recent`."""
        days = [] if self.past is None else [_single(self.past.starts, at) for at in range(self.past.days)]
        parts = [window for window in (self.so_far, self.exact, self.recent) if window is not None]
        return Measure(self.metric, self.key_result.filter, (*days, *parts))


def plan_of(
    key_result: KeyResult, metrics: Mapping[str, Metric], facts: FactsHistory, moment: Moment
) -> Plan | OutlookReason:
    """Plan one key result, or give the reason why it is not forecast."""
    if key_result.shape not in FORECASTABLE:
        return "shape_without_forecast"
    metric = key_result.measured_by(metrics)
    if metric is None:
        return "error"
    if moment.as_of < moment.cycle.starts:
        return "not_begun"
    if kind_of(metric) is None and not _over(moment):
        return "distinct_over_days"
    try:
        return _plan(key_result, metric, facts, moment)
    except QuarterlineError:
        return "error"


def whole_until(moment: Moment, published: date) -> date:
    """Give the last day that was over both now and when the generation was published."""
    running = min(today(moment.organisation, moment.now), published)
    return min(moment.as_of, running - timedelta(days=1))


def _plan(key_result: KeyResult, metric: Metric, facts: FactsHistory, moment: Moment) -> Plan | OutlookReason:
    cycle, known = moment.cycle, facts.days(metric)
    last_event_at, _ = facts.freshness(metric, _until(moment))
    final = read_window(key_result.read, cycle, cycle.ends, moment.organisation)
    if known is None or last_event_at is None or final is None:
        return "no_rows"
    if _is_late(metric, last_event_at, moment):
        return "stale_source"
    over = _over(moment)
    until = whole_until(moment, facts.today)
    past = Window(max(known.starts, until - timedelta(days=HISTORY_DAYS - 1)), until)
    if past.starts > past.ends and not over:
        return "no_rows"
    exactly = needs_exact_part(metric) and not over
    return Plan(
        key_result=key_result,
        metric=metric,
        kind=kind_of(metric) or "last",
        final=final,
        past=None if over else past,
        whole_until=until,
        confirmed=confirmed_day(last_event_at, moment.organisation),
        so_far=_begun(final, min(moment.as_of, cycle.ends)),
        exact=_begun(final, until) if exactly else None,
        recent=recent_stretch(final, until) if exactly else None,
    )


def recent_stretch(final: Window, until: date) -> Window:
    """Give the newest whole days, as many as the final window has."""
    return Window(until - timedelta(days=final.days - 1), until)


def _until(moment: Moment) -> datetime:
    return min(moment.now, end_of_day(min(moment.as_of, moment.cycle.ends), moment.organisation))


def _is_late(metric: Metric, last_event_at: datetime, moment: Moment) -> bool:
    silent = _until(moment) - last_event_at
    if metric.schedule is not None:
        return silent > metric.schedule + LATE_AFTER
    return silent > UNDECLARED_LATE_AFTER and not _over(moment)


def _over(moment: Moment) -> bool:
    return is_over(moment.cycle, moment.as_of, moment.organisation, moment.now)


def _begun(window: Window, day: date) -> Window | None:
    return Window(window.starts, min(window.ends, day)) if window.starts <= day else None


def _single(first: date, offset: int) -> Window:
    day = first + timedelta(days=offset)
    return Window(day, day)
