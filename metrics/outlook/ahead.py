"""Looks ahead to the close of a cycle: each key result's history turned into a question, and its answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from metrics.errors import QuarterlineError
from metrics.forecast import Forecast, Question, answer
from metrics.forecast.settings import PATHS
from metrics.model.definition import KeyResult, Metric, Organisation
from metrics.model.reading import Measure, Measured
from metrics.model.scorecard import Cycle
from metrics.outlook.calendar import public_holidays
from metrics.outlook.history import History, bounds_of, history_of, stamped_window
from metrics.outlook.plan import FactsHistory, Measuring, Moment, OutlookReason, Plan, plan_of

_SAME = 1e-9
"""Share of a total by which the sum of its days may differ from the exact read: the digits of a float, no row."""

LevelShifts = Mapping[str, tuple[date, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """One key result as it may stand when its cycle is over.

    Attributes:
        metric: None when it is not defined.
        forecast: None where nothing can be forecast; `reason` then says why.
        question: what was asked of the forecaster; None once the cycle is over.
        history: days that are over; None as above.
        so_far: the value over the part of the window that has begun, today included.
    """

    key_result: KeyResult
    metric: Metric | None
    organisation: Organisation
    cycle: Cycle
    forecast: Forecast | None = None
    reason: OutlookReason | None = None
    question: Question | None = None
    history: History | None = None
    so_far: float | None = None


def look_ahead(
    key_results: Iterable[KeyResult],
    metrics: Mapping[str, Metric],
    facts: FactsHistory,
    moment: Moment,
    *,
    level_shifts: LevelShifts | None = None,
    fan: bool = False,
) -> dict[str, Outlook]:
    """Forecast the key results of the moment's cycle to its close, all from one question to the facts.

    Nothing after `moment.as_of` is looked at, and nothing of a day that is not over, except what today already adds to
    a total. A metric that cannot be read has the reason `error`; the others are unaffected.

    Args:
        key_results: with the targets that are in force.
        metrics: by id.
        facts: one generation.
        moment: a scorecard's frame will do.
        level_shifts: days by metric on which its level changed for good.
        fan: whether forecasts carry their bands per period.

    Returns:
        Outlooks by key result (`cycle/id`), in the order given.
    """
    listed = list(key_results)
    plans = [plan_of(each, metrics, facts, moment) for each in listed]
    answers = iter(measure_each(facts, [plan.measure for plan in plans if isinstance(plan, Plan)]))
    outlooks = {}
    for key_result, plan in zip(listed, plans, strict=True):
        empty = Outlook(key_result, key_result.measured_by(metrics), moment.organisation, moment.cycle)
        if not isinstance(plan, Plan):
            outlooks[key_result.key] = replace(empty, reason=plan)
            continue
        shifts = tuple(day for day in (level_shifts or {}).get(plan.metric.id, ()) if day <= plan.whole_until)
        outlooks[key_result.key] = _outlook(empty, plan, next(answers), shifts=shifts, fan=fan)
    return outlooks


def measure_each(facts: Measuring, measures: Sequence[Measure]) -> list[Measured | str]:
    """Ask together; when one metric spoils the batch, ask one by one, so that only its own answer is a message."""
    try:
        return [*facts.measure(measures)] if measures else []
    except QuarterlineError:
        return [_measure_one(facts, measure) for measure in measures]


def with_floor(forecast: Forecast, floor: float) -> Forecast:
    """Hold a forecast of what can only grow to what it has reached already, by the exact read."""
    raised = np.maximum(forecast.samples, floor)
    return replace(forecast, samples=raised, ordered=np.sort(raised), floor=floor)


def settled(value: float, history: int = 0) -> Forecast:
    """Give the forecast of what is over: its value."""
    samples = np.full(PATHS, value)
    return Forecast(samples, samples, "observed", history, certain=True)


def _measure_one(facts: Measuring, measure: Measure) -> Measured | str:
    try:
        return facts.measure([measure])[0]
    except QuarterlineError as error:
        return str(error)


def _outlook(empty: Outlook, plan: Plan, found: Measured | str, *, shifts: tuple[date, ...], fan: bool) -> Outlook:
    if isinstance(found, str):
        return replace(empty, reason="error")
    days = plan.past.days if plan.past else 0
    parts = iter(found.readings[days:])
    so_far = next(parts).value if plan.so_far else None
    exact = next(parts).value if plan.exact else None
    recent = next(parts).value if plan.recent else None
    if plan.past is None:
        return _closed(empty, so_far)
    history = history_of(plan.metric, plan.past.starts, found.readings[:days], confirmed=plan.confirmed)
    question = ask(plan, history, exact, recent, organisation=empty.organisation, shifts=shifts, fan=fan)
    if question is None:
        return replace(empty, reason="no_rows", so_far=so_far)
    forecast = shaped(answer(question), plan.metric, question, so_far)
    if forecast.certain:  # no row is due any more, so what was read is the value, if anything was
        return replace(_closed(empty, so_far), question=question, history=history)
    return replace(empty, forecast=forecast, question=question, history=history, so_far=so_far)


def ask(
    plan: Plan,
    history: History,
    exact: float | None,
    recent: float | None,
    *,
    organisation: Organisation,
    shifts: tuple[date, ...] = (),
    fan: bool = False,
) -> Question | None:
    """Put a planned key result as a question; None when no value of the final window is known or to come."""
    window = stamped_window(history, plan.final) if len(history) else None
    if window is None:
        return None
    return Question(
        days=history.days,
        values=history.values,
        window=window,
        as_of=plan.whole_until,
        kind=plan.kind,
        bounds=bounds_of(plan.metric),
        weights=history.weights if plan.kind == "pooled" else None,
        known=exact,
        offset=_offset(plan, history, recent),
        holidays=public_holidays(organisation, plan.past.starts if plan.past else plan.final.starts, plan.final.ends),
        level_shifts=shifts,
        fan=fan,
    )


def _offset(plan: Plan, history: History, recent: float | None) -> float | None:
    """Say how far the exact read of the newest stretch lies from what its days make of it."""
    mean = None if plan.recent is None else history.pooled(plan.recent)
    return None if recent is None or mean is None else recent - mean


def shaped(forecast: Forecast, metric: Metric, question: Question, so_far: float | None) -> Forecast:
    """Keep what arithmetic knows better: counts are whole, and what only grows has reached what it has reached."""
    if metric.aggregate == "count" and question.kind == "sum":
        whole = np.rint(forecast.samples)
        forecast = replace(forecast, samples=whole, ordered=np.sort(whole))
    if so_far is None or not len(forecast.samples) or question.kind not in {"sum", "max"}:
        return forecast
    if question.kind == "sum" and forecast.floor is None:
        return forecast
    if forecast.floor is not None and so_far < forecast.floor - _SAME * abs(forecast.floor):
        return replace(forecast, floor=None)  # today took something away, so it can fall after all
    return with_floor(forecast, so_far)


def _closed(empty: Outlook, value: float | None) -> Outlook:
    if value is None:
        return replace(empty, reason="no_rows")
    return replace(empty, forecast=settled(value), so_far=value)
