"""Replays past quarters of one key result's read: what would have been forecast, knowing only what was known then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from metrics.backtest.score import Replayed, Scored
from metrics.forecast import Forecast, answer
from metrics.forecast.question import Floats, Kind
from metrics.model.definition import KeyResult, Metric, Organisation
from metrics.model.reading import Measure, Reading, Window
from metrics.model.scorecard import Cycle
from metrics.model.target import Target
from metrics.outlook.ahead import ask, shaped
from metrics.outlook.history import History, history_of, kind_of, needs_exact_part, read_length
from metrics.outlook.plan import HISTORY_DAYS, FactsHistory, Plan, recent_stretch
from metrics.outlook.precedent import Reads
from metrics.periods import baseline_window, confirmed_day, elapsed_share, end_of_day, quarter_of, read_window

SHARES = (0.3, 0.5, 0.7, 0.9)
"""Shares of a quarter at which it is replayed."""

MOST_QUARTERS = 12
TARGET_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Targets stand at these quantiles of the metric's own earlier changes, so none of them knows the outcome."""

LEAST_MOVES = 20
"""Fewer earlier changes than this set no targets."""

_WEEK = 7
_SAME = 1e-9
"""Share of an outcome that is noise of its arithmetic: what is settled lies inside an interval without width."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A metric under a filter, as one or more key results read it."""

    key_result: KeyResult
    metric: Metric
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Moment:
    """One day of one past quarter, and the windows that it needs."""

    quarter: Cycle
    as_of: date
    share: float
    value: Window
    baseline: Window
    final: Window
    exact: Window | None
    recent: Window | None

    @property
    def windows(self) -> tuple[Window, ...]:
        wanted = (self.value, self.baseline, self.final, self.exact, self.recent)
        return tuple(window for window in wanted if window is not None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was known at a moment, and what came of it."""

    history: History
    value: float
    baseline: float | None
    outcome: float


def subjects_of(key_results: Sequence[KeyResult], metrics: Mapping[str, Metric]) -> list[Subject]:
    """List what can be replayed, each once; the newest key result stands for those that read the same."""
    found: dict[tuple[object, ...], Subject] = {}
    for each in sorted(key_results, key=lambda one: one.key):
        metric = metrics.get(each.metric or "")
        kind = None if metric is None else kind_of(metric)
        if metric is not None and kind is not None:
            found[metric.id, each.filter, each.read, each.shape] = Subject(each, metric, kind)
    return list(found.values())


def past_quarters(known: Window, until: date, organisation: Organisation) -> list[Cycle]:
    """List the fiscal quarters that lie in the known days and are over, the newest first."""
    quarters: list[Cycle] = []
    last = min(until, known.ends)
    quarter = quarter_of(last, organisation)
    if quarter.ends > last:
        quarter = quarter_of(quarter.starts - timedelta(days=1), organisation)
    while quarter.starts >= known.starts and len(quarters) < MOST_QUARTERS:
        quarters.append(quarter)
        quarter = quarter_of(quarter.starts - timedelta(days=1), organisation)
    return quarters


def replay(subject: Subject, facts: FactsHistory, organisation: Organisation, until: date) -> Iterator[Replayed | str]:
    """Replay a subject's past quarters.

    Args:
        subject: what is replayed.
        facts: one generation; per moment only rows up to its day are used, but for the outcome.
        organisation: whose days and quarters.
        until: last day that is over.

    Yields:
        A scored moment, or the reason why there was no interval at it. Moments whose value or outcome has no rows are
        left out.

    Raises:
        QuarterlineError: the metric cannot be read.
    """
    known = facts.days(subject.metric)
    quarters = [] if known is None else past_quarters(known, until, organisation)
    if known is None or not quarters:
        return
    past = Window(max(known.starts, quarters[0].ends - timedelta(days=2 * HISTORY_DAYS)), quarters[0].ends)
    moments = [each for quarter in quarters for each in _moments(subject, quarter, organisation)]
    days = [past.starts + timedelta(days=at) for at in range(past.days)]
    windows = list(
        dict.fromkeys([Window(day, day) for day in days] + [one for each in moments for one in each.windows])
    )
    (measured,) = facts.measure([Measure(subject.metric, subject.key_result.filter, tuple(windows))])
    readings = dict(zip(windows, measured.readings, strict=True))
    daily = [readings[Window(day, day)] for day in days]
    confirmed = _Confirmed(subject.metric, facts, organisation)
    for moment in moments:
        found = _known(subject, moment, past.starts, daily, readings, confirmed.by(moment.as_of))
        if found is not None:
            yield _replayed(subject, moment, found, readings, organisation)


class _Confirmed:
    """The last day with rows as of a day, asked once per day."""

    def __init__(self, metric: Metric, facts: FactsHistory, organisation: Organisation) -> None:
        self._metric, self._facts, self._organisation = metric, facts, organisation
        self._days: dict[date, date] = {}

    def by(self, day: date) -> date:
        if day not in self._days:
            last_event_at, _ = self._facts.freshness(self._metric, end_of_day(day, self._organisation))
            self._days[day] = date.min if last_event_at is None else confirmed_day(last_event_at, self._organisation)
        return self._days[day]


def _moments(subject: Subject, quarter: Cycle, organisation: Organisation) -> Iterator[_Moment]:
    read = subject.key_result.read
    final = read_window(read, quarter, quarter.ends, organisation)
    for share in SHARES:
        as_of = quarter.starts + timedelta(days=round(share * quarter.days) - 1)
        value = read_window(read, quarter, as_of, organisation)
        if value is None or final is None:
            continue
        exactly = needs_exact_part(subject.metric)
        exact = Window(final.starts, min(as_of, final.ends)) if exactly and final.starts <= as_of else None
        recent = recent_stretch(final, as_of) if exactly else None
        baseline = baseline_window(read, quarter, organisation)
        yield _Moment(quarter, as_of, share, value, baseline, final, exact, recent)


def _known(
    subject: Subject,
    moment: _Moment,
    first: date,
    daily: Sequence[Reading],
    readings: Mapping[Window, Reading],
    confirmed: date,
) -> _Known | None:
    """Cut everything at the moment's day."""
    value, outcome = readings[moment.value].value, readings[moment.final].value
    days = (moment.as_of - first).days + 1
    if value is None or outcome is None or days < 1 or confirmed < first:
        return None
    begin = max(0, days - HISTORY_DAYS)
    history = history_of(subject.metric, first + timedelta(days=begin), daily[begin:days], confirmed=confirmed)
    return _Known(history, value, readings[moment.baseline].value, outcome)


def _replayed(
    subject: Subject, moment: _Moment, known: _Known, readings: Mapping[Window, Reading], organisation: Organisation
) -> Replayed | str:
    past = Window(moment.as_of - timedelta(days=HISTORY_DAYS - 1), moment.as_of)
    plan = Plan(
        subject.key_result,
        subject.metric,
        subject.kind,
        moment.final,
        past,
        moment.as_of,
        moment.as_of,
        None,
        None,
        moment.recent,
    )
    exact = readings[moment.exact].value if moment.exact else None
    recent = readings[moment.recent].value if moment.recent else None
    question = ask(plan, known.history, exact, recent, organisation=organisation)
    if question is None:
        return "no_rows"
    forecast = shaped(answer(question), subject.metric, question, None)
    if not forecast.has_range or forecast.median is None:
        return forecast.reason or "no_rows"
    pace, last = _pace(subject, moment, known), _last(subject, moment, known)
    return Replayed(
        subject=subject.key_result.key,
        quarter=moment.quarter.id,
        elapsed=moment.share,
        in80=_inside(forecast.lo80, known.outcome, forecast.hi80),
        in95=_inside(forecast.lo95, known.outcome, forecast.hi95),
        error=abs(forecast.median - known.outcome),
        pace=abs(pace - known.outcome),
        last=abs(last - known.outcome),
        targets=tuple(_scored(forecast, each, pace, last, known.outcome) for each in _targets(subject, moment, known))
        if forecast.has_chance
        else (),
    )


def _inside(low: float | None, outcome: float, high: float | None) -> bool:
    same = _SAME * abs(outcome)
    return low is not None and high is not None and low - same <= outcome <= high + same


def _scored(forecast: Forecast, target: Target, pace: float, last: float, outcome: float) -> Scored:
    met = float(target.is_met(outcome))
    return Scored(forecast.chance(target) or 0.0, float(target.is_met(pace)), float(target.is_met(last)), met)


def _is_running_total(subject: Subject) -> bool:
    return subject.kind == "sum" and subject.key_result.read.kind == "period"


def _pace(subject: Subject, moment: _Moment, known: _Known) -> float:
    """Go on as from the baseline until now, as most tools do; a line to be held stays where it is."""
    elapsed = elapsed_share(moment.quarter, moment.as_of)
    if _is_running_total(subject):
        return known.value / elapsed
    if subject.key_result.shape == "keep" or known.baseline is None:
        return known.value
    return known.baseline + (known.value - known.baseline) / elapsed


def _last(subject: Subject, moment: _Moment, known: _Known) -> float:
    """Keep the value; a total goes on by its newest week."""
    if not _is_running_total(subject) or not len(known.history):
        return known.value
    newest = known.history.days > known.history.days[-1] - max(_WEEK, round(known.history.gap))
    daily = float(known.history.values[newest].sum()) / max(_WEEK, round(known.history.gap))
    return known.value + daily * (moment.quarter.ends - moment.as_of).days


def _targets(subject: Subject, moment: _Moment, known: _Known) -> list[Target]:
    """Set targets by what the metric did over earlier stretches as long as the quarter, known before it began."""
    before = known.history.until(moment.quarter.starts - timedelta(days=1))
    moves = _moves(subject, before, moment.quarter.days)
    running = _is_running_total(subject)
    if len(moves) < LEAST_MOVES or (known.baseline is None and not running):
        return []
    origin = 0.0 if running or known.baseline is None else known.baseline
    comparator = "<=" if subject.metric.better == "lower" else ">="
    levels = origin + np.quantile(moves, TARGET_QUANTILES)
    return [Target(comparator, float(level), None, f"{comparator} {level:.6g}") for level in levels]  # type: ignore[arg-type]


def _moves(subject: Subject, history: History, days: int) -> Floats:
    """Give what a running total amounted to, or by how much a read changed, over each earlier stretch of days."""
    if not len(history) or subject.kind in {"min", "max"}:
        return np.empty(0)
    length = read_length(subject.key_result.read, elapsed=days)
    reads = Reads(history, subject.kind)
    if _is_running_total(subject):
        ends = np.arange(reads.first + days - 1, reads.last + 1)
        return reads.over(ends - days + 1, ends)
    ends = np.arange(reads.first + length - 1, reads.last - days + 1)
    moves = reads.over(ends + days - length + 1, ends + days) - reads.over(ends - length + 1, ends)
    return np.asarray(moves[np.isfinite(moves)])
