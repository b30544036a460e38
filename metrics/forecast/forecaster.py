"""Answers questions: lays out the series, applies the history rules, simulates and joins."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from metrics.forecast.aggregate import certain_floor, fan_points, final_values, guessed, settled_value
from metrics.forecast.question import Bounds, Floats, Kind, Question, day_number
from metrics.forecast.result import Forecast, Reason
from metrics.forecast.series import RegularSeries, lay_out
from metrics.forecast.settings import CHANCE_POINTS, CONFIDENT_POINTS, PATHS, RANGE_POINTS
from metrics.forecast.simulate import Paths, simulate
from metrics.forecast.smoothers import Aim
from metrics.forecast.transform import Transform, choose_transform, steadying_root
from metrics.model.reading import Window

if TYPE_CHECKING:
    import pandas as pd

METHOD = "exponential smoothers, bootstrap"


def answer(question: Question) -> Forecast:
    """Forecast the window's value.

    Never raises for the series' sake: short, constant, gapped, unsorted or spiky ones get a forecast inside the bounds
    or one that says why it withholds something. The method is described in docs/forecasting.md.
    """
    series = lay_out(question)
    if series is None:
        return Forecast(np.empty(0), np.empty(0), "none", 0, reason="no_history")
    points, question = _points(series, question), _per_period(series, question)
    if not series.inside[series.length :].any():
        samples = np.full(PATHS, settled_value(series, question))
        return Forecast(samples, samples, "observed", points, certain=True)
    floor, reason = certain_floor(series, question), _reason(points)
    if int(series.seen.sum()) < RANGE_POINTS:
        samples = _guess(series, question)
        return Forecast(samples, np.sort(samples), "newest value", points, reason, floor=floor)
    paths, volumes = _simulated(series, question)
    samples = final_values(series, question, paths, volumes)
    return Forecast(
        samples=samples,
        ordered=np.sort(samples),
        method=METHOD,
        history=points,
        reason=reason,
        low_confidence=points < CONFIDENT_POINTS[series.grain],
        floor=floor,
        fan=fan_points(series, question, paths, volumes) if question.fan else (),
    )


def forecast_many(questions: Iterable[Question]) -> list[Forecast]:
    """Forecast many key results, in their order.

    All share one set of random draws and one layout of smoothers per grain and horizon, which is what makes a forecast
    cost a millisecond or two, and what lets their values be combined path by path.
    """
    return [answer(question) for question in questions]


def forecast(
    history: "pd.Series[float]",
    quarter_start: "pd.Timestamp",
    quarter_end: "pd.Timestamp",
    as_of: "pd.Timestamp",
    kind: Kind,
    bounds: Bounds,
) -> Forecast:
    """Forecast from a pandas series whose index holds the end of each period (naive, or in the zone of the days)."""
    stamps = history.index
    if getattr(stamps, "tz", None) is not None:
        stamps = stamps.tz_localize(None)  # type: ignore[attr-defined]
    days, values = stamps.to_numpy().astype("datetime64[D]"), _numbers(history.to_numpy())
    dated = ~np.isnat(days)
    window = Window(quarter_start.date(), quarter_end.date())
    return answer(Question(days[dated].astype(np.int64), values[dated], window, as_of.date(), kind, bounds))


def _numbers(values: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> Floats:
    """Read numbers of any column type; what is no number is a gap."""
    if values.dtype != np.object_:
        return values.astype(np.float64)
    return np.array([float(value) if isinstance(value, Real | Decimal) else np.nan for value in values], np.float64)


def _simulated(series: RegularSeries, question: Question) -> tuple[Paths, Paths | None]:
    counted = np.flatnonzero(series.inside[series.length :])
    pooled = question.kind == "pooled"
    aim = Aim(first=int(counted[0]), horizon=int(counted[-1]) + 1, last=question.kind == "last")
    paths = simulate(series, question, _scale(series, question.bounds, pooled=pooled), aim)
    if not pooled or question.weights is None:
        return paths, None
    volume = replace(question, bounds=(0.0, None), kind="mean")
    rows = replace(series, values=np.where(series.seen, series.volumes, np.nan), weights=series.seen.astype(np.float64))
    return paths, simulate(rows, volume, _scale(rows, volume.bounds), aim)


def _scale(series: RegularSeries, bounds: Bounds, *, pooled: bool = False) -> Transform:
    low, high = bounds
    if low is None or high is not None:
        return choose_transform(bounds, pooled=pooled)
    return choose_transform(bounds, root=steadying_root(series, low))


def _per_period(series: RegularSeries, question: Question) -> Question:
    """Bound a period rather than a value: the values that a period holds may add up to more than one of them can be."""
    low, high = question.bounds
    if question.kind != "sum" or series.most == 1:
        return question
    least = low if low is None or low >= 0 else low * series.most
    return replace(question, bounds=(least, None if high is None else high * series.most))


def _guess(series: RegularSeries, question: Question) -> Floats:
    transform = choose_transform(question.bounds)
    newest = float(transform.forward(series.values[-1:])[0])  # noqa: PD011 - not a pandas object
    return guessed(series, question, transform.back, newest)


def _points(series: RegularSeries, question: Question) -> int:
    """Count the points since the last level shift: older ones do not know the level."""
    since = max((shift for shift in question.level_shifts if shift <= question.as_of), default=date.min)
    counted = series.seen & (series.stamps[: series.length] >= day_number(since))
    return int(counted.sum())


def _reason(points: int) -> Reason | None:
    if points < RANGE_POINTS:
        return "history_too_short"
    return "chance_needs_history" if points < CHANCE_POINTS else None
