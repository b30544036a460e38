"""What a forecast is asked: a series, the window whose value counts, and how the window becomes one number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from metrics.model.reading import Window

Kind = Literal["last", "mean", "sum", "min", "max", "pooled"]
Bounds = tuple[float | None, float | None]
Days = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One key result's series and what is to be forecast from it.

    Attributes:
        days: days since 1970-01-01 on which each value's period ends (a month may also be named by its first day);
            any order.
        values: one number per day of `days`; NaN and infinite ones are gaps.
        window: days whose value counts, both ends included: the cycle, a trailing window that ends with it, its last
            full week or month. Part of it may already be observed, and it may begin before the cycle.
        as_of: values that end later are not known yet.
        kind: how the window's periods become one number; `pooled` is their mean weighted by `weights`.
        bounds: least and greatest possible value of one period, None where open.
        weights: rows, or a ratio's denominator, behind each value; needed for `pooled`.
        known: the read's exact value over the observed part of the window where the weighted mean of its periods only
            approximates it (a median, a p90); None trusts the periods.
        offset: how far the exact read lay from that weighted mean over the newest stretch as long as the window, which
            the rest will miss as well; None takes what the observed part missed.
        holidays: days that behave unlike their weekday, by name; past ones of the same name teach the coming one.
        level_shifts: days on which the level changed for good; older values only lend their rhythm and noise.
        lift: what every value to come is supposed to be higher by than it is forecast.
        fan: whether the forecast also carries its bands per period.
    """

    days: Days
    values: Floats
    window: Window
    as_of: date
    kind: Kind
    bounds: Bounds = (None, None)
    weights: Floats | None = None
    known: float | None = None
    offset: float | None = None
    holidays: Mapping[date, str] = field(default_factory=dict)
    level_shifts: tuple[date, ...] = ()
    lift: float = 0.0
    fan: bool = False


def day_number(day: date) -> int:
    """Count days since 1970-01-01."""
    return day.toordinal() - 719163


def day_of(number: int) -> date:
    """Give the day that `day_number` counts."""
    return date.fromordinal(number + 719163)


def pooled_ratio(
    days: Days, numerator: Floats, denominator: Floats, *, window: Window, as_of: date, bounds: Bounds
) -> Question:
    """Ask for a ratio pooled over the window: its daily rates are forecast together with their denominators."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(denominator > 0, numerator / denominator, np.nan)
    return Question(days, rates, window, as_of, "pooled", bounds, weights=denominator)
