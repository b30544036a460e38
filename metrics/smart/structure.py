"""Structure: how many objectives and key results there are, and how they stand to each other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from metrics.model.definition import Filter, KeyResult, Metric, Objective
from metrics.progress.measure import is_limit
from metrics.smart.findings import Finding, Severity, Values
from metrics.smart.waiting import waiting_circles

MOST_OBJECTIVES = 5
FEWEST_KEY_RESULTS, MOST_KEY_RESULTS = 2, 5
WIDEST_WEIGHTS = 5.0
"""A key result that weighs less than a fifth of its neighbour hardly moves the objective."""

Family = Literal["speed", "volume", "cost", "quality"]
"""What a metric pushes; only quality is safe to push alone."""

_TIMES = "ms s sec second seconds min minute minutes h hour hours d day days week weeks giây phút giờ ngày tuần"
_MONEY = "vnd đồng usd eur gbp jpy sgd thb cny aud cad chf krw inr idr myr php dollar dollars euro"
_ADDING = frozenset({"sum", "count", "count_distinct"})


def cycle_structure(objectives: Sequence[Objective]) -> tuple[Finding, ...]:
    """Check the objectives of one cycle together: focus, both kinds, and none that wait for each other."""
    return (*_focus(objectives), *_kinds(objectives), *waiting_circles(objectives))


def objective_structure(
    objective: Objective, metrics: Mapping[str, Metric], cycle_mates: Sequence[Objective]
) -> tuple[Finding, ...]:
    """Check one objective's key results: how many, how heavy, counted once, and guarded.

    Args:
        objective: the one looked at.
        metrics: by id.
        cycle_mates: all objectives of its cycle, itself included.
    """
    return (
        *_number(objective),
        *_weights(objective),
        *_double(objective, cycle_mates),
        *_guardrail(objective, metrics),
    )


def family_of(metric: Metric) -> Family:
    """Tell what pushing a metric pushes, by its unit, aggregate and direction.

    A time that should fall is speed, money that should fall is cost, and money or a count that should rise is volume;
    shares, scores and everything else are quality.
    """
    unit = metric.unit.strip().casefold()
    money = unit in _MONEY.split()
    if metric.better == "lower":
        return "speed" if unit in _TIMES.split() else "cost" if money else "quality"
    return "volume" if metric.aggregate in _ADDING or money else "quality"


def _focus(objectives: Sequence[Objective]) -> Iterator[Finding]:
    """Whoever answers for objectives (the company, a team, a person) can keep five in view."""
    answering = Counter(
        (one.level, {"company": "", "team": one.team or "", "individual": one.owner or ""}[one.level])
        for one in objectives
    )
    for (level, whose), count in sorted(answering.items()):
        if count > MOST_OBJECTIVES:
            yield _finding(
                "many_objectives",
                (("level", level), ("whose", whose), ("count", count), ("most", MOST_OBJECTIVES)),
            )


def _kinds(objectives: Sequence[Objective]) -> Iterator[Finding]:
    if len(objectives) > 1 and len({one.kind for one in objectives}) == 1:
        yield _finding("one_kind", (("kind", objectives[0].kind), ("count", len(objectives))))


def _number(objective: Objective) -> Iterator[Finding]:
    count = len(objective.key_results)
    if not count:
        yield _finding("no_key_results", severity="error")
    elif count < FEWEST_KEY_RESULTS:
        yield _finding("few_key_results", (("count", count), ("fewest", FEWEST_KEY_RESULTS)))
    elif count > MOST_KEY_RESULTS:
        yield _finding("many_key_results", (("count", count), ("most", MOST_KEY_RESULTS)))


def _weights(objective: Objective) -> Iterator[Finding]:
    by_weight = sorted(objective.key_results, key=lambda one: one.weight)
    if by_weight and by_weight[-1].weight > WIDEST_WEIGHTS * by_weight[0].weight:
        light, heavy = by_weight[0], by_weight[-1]
        yield _finding(
            "weights_far_apart",
            (("light", light.id), ("least", light.weight), ("heavy", heavy.id), ("greatest", heavy.weight)),
        )


def _double(objective: Objective, cycle_mates: Sequence[Objective]) -> Iterator[Finding]:
    """The same number counts twice: the same read anywhere in the cycle, or any read in the parent above."""
    own = objective.key_results
    for index, one in enumerate(own):
        earlier = [
            *own[:index],
            *(each for mate in _before(objective, cycle_mates) for each in mate.key_results),
        ]
        for other in earlier:
            if one.metric and _measures(one) == _measures(other) and str(one.read) == str(other.read):
                yield _finding("double_count", (("key_result", one.id), ("other", other.id), ("metric", one.metric)))
    above = _parent_of(objective, cycle_mates)
    for one in own:
        for other in above.key_results if above else ():
            if one.metric and _measures(one) == _measures(other) and str(one.read) != str(other.read):
                yield _finding("parent_double", (("key_result", one.id), ("other", other.id), ("metric", one.metric)))


def _before(objective: Objective, cycle_mates: Sequence[Objective]) -> list[Objective]:
    """Objectives listed before this one, so that a pair is reported once, where it occurs again."""
    position = next((index for index, mate in enumerate(cycle_mates) if mate.key == objective.key), 0)
    return list(cycle_mates[:position])


def _parent_of(objective: Objective, cycle_mates: Sequence[Objective]) -> Objective | None:
    for mate in cycle_mates:
        if objective.parent in {mate.key, *(one.key for one in mate.key_results)} and mate.key != objective.key:
            return mate
    return None


def _measures(key_result: KeyResult) -> tuple[str | None, Filter]:
    return key_result.metric, key_result.filter


def _guardrail(objective: Objective, metrics: Mapping[str, Metric]) -> Iterator[Finding]:
    """Speed, volume or cost pushed alone is bought with quality; a held line, or quality pushed too, guards it."""
    measured = [(one, one.measured_by(metrics)) for one in objective.key_results if not one.is_checklist]
    if not measured or any(is_limit(one) for one, _ in measured):
        return
    families = [family_of(metric) if metric else "quality" for _, metric in measured]
    if "quality" not in families:
        pushed = "_".join(sorted(set(families)))
        yield _finding("no_guardrail", (("families", pushed), ("count", len(families))))


def _finding(code: str, values: Values = (), *, severity: Severity = "warning") -> Finding:
    return Finding(code, "structure", severity, values)
