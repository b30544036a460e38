"""What if: the same forecast under another target, another last day, or another level from tomorrow on."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from metrics.forecast import Forecast, Question, Slice, answer, distribution_of
from metrics.model.scorecard import Cycle, KeyResultCard, Needed
from metrics.model.target import Target
from metrics.outlook.ahead import Outlook, shaped
from metrics.outlook.calendar import public_holidays
from metrics.outlook.history import stamped_window
from metrics.outlook.precedent import with_percentile
from metrics.periods import read_window
from metrics.progress.measure import needed_change

_FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Supposed:
    """What would be expected under a supposition; every number None where the outlook abstains.

    Attributes:
        target: what is supposed.
        ends: last day that is supposed.
        level_change: see `what_if`.
        chance: that the target is met then.
        median: middle of the final values; `lo80` and `hi80` are the ends of their 80 % interval.
        slices: the final values, cut at the target.
        needed: the change per week that would still meet the target by then, and where it stands in the metric's past.
    """

    target: Target
    ends: date
    level_change: float
    chance: float | None
    median: float | None
    lo80: float | None
    hi80: float | None
    slices: tuple[Slice, ...]
    needed: Needed | None


def suppose_all(
    outlook: Outlook,
    card: KeyResultCard,
    as_of: date,
    *,
    target: Target | None = None,
    ends: date | None = None,
    level_change: float = 0.0,
) -> Supposed:
    """Say all that a supposition changes; see `what_if`.

    Args:
        outlook: as `look_ahead` gave it.
        card: the same key result's, whose value and baseline count.
        as_of: day from which on something is needed.
        target: in place of the key result's.
        ends: last day of the cycle.
        level_change: what every value from tomorrow on is higher by.

    Raises:
        ValueError: `ends` is not after the last day that is known.
    """
    wanted, last = target or outlook.key_result.target, ends or outlook.cycle.ends
    forecast = suppose(outlook, ends=last, level_change=level_change)
    supposed = replace(outlook.key_result, target=wanted)
    cycle = Cycle(outlook.cycle.id, outlook.cycle.starts, last)
    needed = needed_change(supposed, cycle, min(as_of, last), value=card.value)
    needed = with_percentile(needed, replace(outlook, key_result=supposed, cycle=cycle), min(as_of, last))
    if forecast is None:
        return Supposed(wanted, last, level_change, None, None, None, None, (), needed)
    return Supposed(
        target=wanted,
        ends=last,
        level_change=level_change,
        chance=forecast.chance(wanted),
        median=forecast.median,
        lo80=forecast.lo80,
        hi80=forecast.hi80,
        slices=distribution_of(forecast, wanted),
        needed=needed,
    )


def what_if(
    outlook: Outlook, *, target: Target | None = None, ends: date | None = None, level_change: float = 0.0
) -> float | None:
    """Give the chance that a target is met, were something else than it is.

    Args:
        outlook: as `look_ahead` gave it; nothing is read again.
        target: in place of the key result's.
        ends: last day of the cycle.
        level_change: what every value from tomorrow on is higher by, in the metric's unit (per day for a daily series);
            below 0 is lower.

    Returns:
        None where the outlook abstains.

    Raises:
        ValueError: `ends` is not after the last day that is known, or more than a year after the cycle's.
    """
    forecast = suppose(outlook, ends=ends, level_change=level_change)
    return None if forecast is None else forecast.chance(target or outlook.key_result.target)


def suppose(outlook: Outlook, *, ends: date | None = None, level_change: float = 0.0) -> Forecast | None:
    """Forecast under another last day and another level; see `what_if`."""
    forecast, question = outlook.forecast, outlook.question
    if forecast is None or question is None or outlook.metric is None:
        return forecast
    same_end = ends is None or ends == outlook.cycle.ends
    if same_end and not level_change:
        return forecast
    supposed = question if same_end or ends is None else _until(outlook, question, ends)
    if supposed is None:
        return None
    begun = outlook.so_far if supposed.window.starts == question.window.starts else None
    supposed = replace(supposed, lift=level_change)
    return shaped(answer(supposed), outlook.metric, supposed, begun)


def _until(outlook: Outlook, question: Question, ends: date) -> Question | None:
    if ends <= question.as_of:
        raise ValueError(f"could not end the cycle on {ends}, because {question.as_of} is over; choose a later day")
    if ends > outlook.cycle.ends + _FURTHEST:
        raise ValueError(
            f"could not end the cycle on {ends}, because a forecast reaches a year beyond {outlook.cycle.ends}; "
            "choose an earlier day"
        )
    cycle = Cycle(outlook.cycle.id, outlook.cycle.starts, ends)
    window = read_window(outlook.key_result.read, cycle, ends, outlook.organisation)
    if window is None or outlook.history is None:
        return None
    window = stamped_window(outlook.history, window)
    if window is None:
        return None
    first = min(question.holidays, default=outlook.cycle.starts)
    return replace(
        question,
        window=window,
        known=question.known if window.starts == question.window.starts else None,
        holidays=public_holidays(outlook.organisation, first, ends),
    )
