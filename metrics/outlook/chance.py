"""What an outlook says about a target: the scorecard's numbers, the pass mark, and the objective's chance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from metrics.forecast import chance_of_objective, forecast_card, score_paths
from metrics.forecast.question import Floats
from metrics.forecast.settings import PATHS
from metrics.model.definition import KeyResult, Kind
from metrics.model.scorecard import ForecastCard
from metrics.model.target import Target
from metrics.outlook.ahead import Outlook
from metrics.progress.measure import goal_of, is_limit
from metrics.progress.status import PASS_MARKS

LEAST_CHANCE = 0.5 / (PATHS + 1)
"""What is neither certain nor impossible has at least this chance, and at most 1 minus it."""


def passing_target(key_result: KeyResult, kind: Kind, baseline: float | None) -> Target:
    """Give what the closing value must satisfy for a key result to pass.

    That is its target; of an aspirational objective, seven tenths of the way to it. A limit, a key result without a
    baseline, and one whose baseline already meets the target have no way to be part of.
    """
    target, mark = key_result.target, PASS_MARKS[kind]
    if mark >= 1 or is_limit(key_result) or baseline is None or target.is_met(baseline):
        return target
    goal = goal_of(target, baseline)
    if target.comparator == "within":
        short = (1 - mark) * abs(goal - baseline)
        low, high = (
            _decimal(target.value - short),
            _decimal((target.value if target.high is None else target.high) + short),
        )
        return Target("within", low, high, f"{low:.6g}..{high:.6g}")
    comparator, value = (">=" if goal > baseline else "<="), _decimal(baseline + mark * (goal - baseline))
    return Target(comparator, value, None, f"{comparator} {value:.6g}")  # type: ignore[arg-type]


def _decimal(value: float) -> float:
    """Drop the noise of binary arithmetic: what stands exactly at the mark passes at it."""
    return float(f"{value:.12g}")


def card_of(outlook: Outlook, kind: Kind, *, baseline: float | None) -> ForecastCard:
    """Give a scorecard's fields: every number None, with the reason, where the outlook abstains.

    Args:
        outlook: its key result carries the target in force.
        kind: of the objective: `p_pass` is the chance of what that kind passes at.
        baseline: the one that progress is measured from.
    """
    if outlook.forecast is None:
        return ForecastCard(reason=outlook.reason)
    card = forecast_card(outlook.forecast, outlook.key_result.target)
    passing = passing_target(outlook.key_result, kind, baseline)
    return replace(card, p_pass=outlook.forecast.chance(passing))


def objective_chance(outlooks: Sequence[Outlook], kind: Kind, baselines: Mapping[str, float | None]) -> float | None:
    """Give the chance that the weighted mean of the key results' closing scores reaches the pass mark.

    Their paths are joined draw by draw (see `metrics.forecast.joint` for what that assumes). A limit scores 1 where it
    is held and 0 elsewhere.

    Args:
        outlooks: of the key results that count.
        kind: of the objective, which sets the pass mark.
        baselines: by key result (`cycle/id`).

    Returns:
        None where any of them has no chance of its own, or there is none.
    """
    chances = [None if each.forecast is None else each.forecast.chance(each.key_result.target) for each in outlooks]
    if not outlooks or None in chances:
        return None
    if kind == "committed" and 0.0 in chances:
        return 0.0
    scores = [_scores(each, baselines.get(each.key_result.key)) for each in outlooks]
    weights = [each.key_result.weight for each in outlooks]
    joint = chance_of_objective(scores, weights, pass_mark=PASS_MARKS[kind])
    if all(chance in {0.0, 1.0} for chance in chances):
        return joint
    return min(max(joint, LEAST_CHANCE), 1 - LEAST_CHANCE)


def _scores(outlook: Outlook, baseline: float | None) -> Floats:
    key_result = outlook.key_result
    if outlook.forecast is None:
        raise ValueError(
            f"could not score {key_result.key!r}, because it has no forecast; ask `objective_chance` first"
        )
    return score_paths(outlook.forecast, key_result.target, baseline=None if is_limit(key_result) else baseline)
