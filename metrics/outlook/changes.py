"""What changed: the chance then and now, split into elapsed time, new data and a revised target."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

import numpy as np

from metrics.forecast import Forecast, Question, answer
from metrics.forecast.question import Days, Floats, day_number
from metrics.model.decision import Decided
from metrics.model.definition import Definitions, KeyResult
from metrics.model.reading import Window
from metrics.model.target import Target
from metrics.outlook.ahead import Outlook, look_ahead, shaped
from metrics.outlook.plan import FactsHistory, Moment
from metrics.progress.decided import pursued

_GRID = 2.0**40
"""Chances are rounded to a binary grid, so that their differences are exact and add up exactly."""


class DecidedMoment(Moment, Protocol):
    """A moment with what was decided by then."""

    @property
    def decided(self) -> Decided:
        """Revised targets and drops."""

    @property
    def level_shifts(self) -> Mapping[str, tuple[date, ...]]:
        """Days by metric on which its level changed for good."""


@dataclass(frozen=True, slots=True)
class ChanceChange:
    """How a key result's chance moved; `then + elapsed + data + target == now`, exactly.

    Attributes:
        then: chance at the earlier moment, under the target in force then.
        elapsed: what passing time did: had the days between run as they were forecast to.
        data: what the rows of these days did, against that.
        target: what a revised target did.
        now: chance at the later moment, under the target in force now.
    """

    then: float
    elapsed: float
    data: float
    target: float
    now: float


def explain_chance_change(
    definitions: Definitions, facts: FactsHistory, frame_now: DecidedMoment, frame_then: DecidedMoment
) -> dict[str, ChanceChange]:
    """Explain how each key result's chance moved between two moments of one cycle.

    Both chances are computed from the same generation, so that rows which arrived late count at either. The same input
    gives the same parts.

    Returns:
        By key result (`cycle/id`); one that was not pursued, or had no chance, at both moments is left out.
    """
    now, then = _in_force(definitions, frame_now), _in_force(definitions, frame_then)
    both = [key for key in now if key in then]
    metrics = definitions.metrics
    later = look_ahead([now[key] for key in both], metrics, facts, frame_now, level_shifts=frame_now.level_shifts)
    earlier = look_ahead([then[key] for key in both], metrics, facts, frame_then, level_shifts=frame_then.level_shifts)
    changes = {key: change_between(later[key], earlier[key]) for key in both}
    return {key: change for key, change in changes.items() if change is not None}


def chances_at(definitions: Definitions, facts: FactsHistory, frame: DecidedMoment) -> dict[str, float]:
    """Give the chances of one moment, under the targets in force then: as `explain_chance_change` has them.

    Returns:
        By key result (`cycle/id`); one without a chance is left out.
    """
    standing = _in_force(definitions, frame)
    outlooks = look_ahead(standing.values(), definitions.metrics, facts, frame, level_shifts=frame.level_shifts)
    chances = {key: _chance(outlook.forecast, outlook.key_result.target) for key, outlook in outlooks.items()}
    return {key: chance for key, chance in chances.items() if chance is not None}


def change_between(later: Outlook, earlier: Outlook) -> ChanceChange | None:
    """Split the change of one key result's chance; None where it has none at either moment."""
    target_then, target_now = earlier.key_result.target, later.key_result.target
    then = _chance(earlier.forecast, target_then)
    now, unrevised = _chance(later.forecast, target_now), _chance(later.forecast, target_then)
    if then is None or now is None or unrevised is None:
        return None
    expected = _chance(_as_expected(later, earlier), target_then)
    midway = then if expected is None else expected
    return ChanceChange(then, midway - then, unrevised - midway, now - unrevised, now)


def _in_force(definitions: Definitions, frame: DecidedMoment) -> dict[str, KeyResult]:
    day = min(frame.as_of, frame.cycle.ends)
    standing = [
        pursued(objective, frame.decided, day)[0]
        for objective in definitions.objectives
        if objective.cycle == frame.cycle.id
    ]
    return {each.key: each for objective in standing if objective is not None for each in objective.key_results}


def _chance(forecast: Forecast | None, target: Target) -> float | None:
    chance = None if forecast is None else forecast.chance(target)
    return None if chance is None else round(chance * _GRID) / _GRID


def _as_expected(later: Outlook, earlier: Outlook) -> Forecast | None:
    """Forecast as of the later moment from what the earlier one expected of the days between."""
    if later.question is None or earlier.question is None or later.metric is None:
        return None
    question = _with_expected(later.question, earlier.question)
    return None if question is None else shaped(answer(question), later.metric, question, None)


def _with_expected(later: Question, earlier: Question) -> Question | None:
    first, last = earlier.as_of + timedelta(days=1), later.as_of
    if first > last:
        return None
    between = Window(first, last)
    days, values = _medians(replace(earlier, window=between, kind="last", weights=None, known=None, fan=True))
    if not len(days):
        return None
    if earlier.kind == "sum":
        # The sum of daily medians falls short of the sum's median where days are skewed.
        total = answer(replace(earlier, window=between)).median
        if total is not None and values.sum() > 0:
            values = values * (total / float(values.sum()))
    extended = replace(
        later,
        days=np.concatenate([earlier.days, days]),
        values=np.concatenate([earlier.values, values]),
        weights=None
        if earlier.weights is None
        else np.concatenate([earlier.weights, _volumes(earlier, between, days)]),
    )
    return replace(extended, known=_known(extended, earlier), offset=earlier.offset)


def _medians(question: Question) -> tuple[Days, Floats]:
    fan = answer(question).fan
    return np.array([day_number(point.day) for point in fan], np.int64), np.array([point.median for point in fan])


def _volumes(earlier: Question, between: Window, days: Days) -> Floats:
    weights = earlier.weights
    if weights is None:
        return np.ones(len(days))
    asked = replace(
        earlier, values=weights, weights=None, window=between, kind="last", known=None, bounds=(0.0, None), fan=True
    )
    at, volumes = _medians(asked)
    usual = float(np.median(weights)) if len(weights) else 1.0
    found = dict(zip(at.tolist(), volumes.tolist(), strict=True))
    return np.array([max(found.get(int(day), usual), 1e-9) for day in days], np.float64)


def _known(extended: Question, earlier: Question) -> float | None:
    """Carry over how far the exact read so far was from what its days make of it."""
    before, after = _pooled(earlier), _pooled(extended)
    if earlier.known is None or before is None or after is None:
        return None
    return after + earlier.known - before


def _pooled(question: Question) -> float | None:
    if question.weights is None:
        return None
    inside = (question.days >= day_number(question.window.starts)) & (question.days <= day_number(question.as_of))
    weight = float(question.weights[inside].sum())
    return float((question.values * question.weights)[inside].sum()) / weight if weight else None
