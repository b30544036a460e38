"""What a definition must satisfy beyond its keys' types: rules over one metric or one key result."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from metrics.definitions.checklists import checklist_findings, milestone_findings
from metrics.definitions.findings import Finding
from metrics.errors import nearest
from metrics.formula import adds_up
from metrics.model.definition import HOLISTIC, Goal, KeyResult, Metric

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "ratio": ("source", "time", "numerator", "denominator"),
    "count": ("source", "time"),
    "derived": ("expression",),
    "sql": ("source", "time", "query"),
}
_OF_ROWS = ("source", "time", "value")
_ONE_OF = (*_OF_ROWS, "numerator", "denominator", "expression", "query")
"""Keys of which each aggregate needs some, and the others have no meaning to it."""


def metric_findings(metric: Metric, wrong: frozenset[str]) -> Iterator[Finding]:
    """Check one metric; rules about keys in `wrong` are passed over."""
    if "aggregate" not in wrong:
        yield from (finding for finding in _expressions(metric) if finding.key[0] not in wrong)
        if metric.aggregate in {"derived", "sql"}:
            yield from (finding for finding in _only_of_rows(metric) if finding.key[0] not in wrong)
        if "approx" not in wrong and metric.approx and metric.aggregate not in HOLISTIC:
            what = "only quantiles and distinct counts are ever approximated"
            yield Finding(
                ("approx",), f"has no meaning for aggregate {metric.aggregate}, which is always exact; {what}"
            )
        if not {"sample", "rollup"} & wrong:
            yield from _sample(metric)


def _expressions(metric: Metric) -> Iterator[Finding]:
    needed = _NEEDED.get(metric.aggregate, _OF_ROWS)
    if metric.working_hours is not None:
        yield from _working_hours(metric, needed)
        needed = tuple(key for key in needed if key != "value")
    for key in needed:
        if not getattr(metric, key):
            why = "" if key in {"source", "time"} else f"; aggregate {metric.aggregate} needs it"
            yield Finding((key,), f"is missing{why}")
    told = [key for key in needed if key not in {"source", "time"}]
    for key in _ONE_OF:
        if key == "value" and metric.working_hours is not None and metric.value:
            yield Finding((key,), "has no meaning beside working_hours; leave one of them out")
        elif key not in needed and getattr(metric, key):
            instead = "count rows with where" if metric.aggregate == "count" else f"write {' and '.join(told)}"
            yield Finding(
                (key,), f"has no meaning for aggregate {metric.aggregate}; {instead}, or choose another aggregate"
            )


def _working_hours(metric: Metric, needed: Sequence[str]) -> Iterator[Finding]:
    """Working hours stand in the value's place, and are hours."""
    if "value" not in needed or metric.aggregate == "count_distinct":
        yield Finding(("working_hours",), f"has no meaning for aggregate {metric.aggregate}; use mean, median or p90")
    if metric.unit not in {"", "hours", "h", "giờ"}:
        yield Finding(("unit",), f"is {metric.unit!r}, but working_hours gives hours; write unit: hours")


def _sample(metric: Metric) -> Iterator[Finding]:
    """Only a proportion and a mean of all rows have an interval that is stated."""
    if metric.sample and (metric.aggregate not in {"ratio", "mean"} or metric.rollup != "pooled"):
        what = f"aggregate {metric.aggregate}" if metric.rollup == "pooled" else f"rollup {metric.rollup}"
        yield Finding(("sample",), f"has no meaning for {what}; an interval is given of a pooled ratio or mean")


def _only_of_rows(metric: Metric) -> Iterator[Finding]:
    """What would speak of rows has no meaning for a metric that is computed from others, or by its own query."""
    unwritten: Mapping[str, object] = {"where": None, "dimensions": (), "rollup": "pooled"}
    instead = "write it on the metrics of the expression"
    if metric.aggregate == "sql":
        unwritten, instead = {"where": None, "dimensions": ()}, "the query says which rows count"
    for key, default in unwritten.items():
        if getattr(metric, key) != default:
            yield Finding((key,), f"has no meaning for aggregate {metric.aggregate}; {instead}")


def key_result_findings(key_result: KeyResult, metric: Metric | None, wrong: frozenset[str]) -> Iterator[Finding]:
    """Check one key result.

    Args:
        key_result: as far as it could be read.
        metric: its metric, or None when that is itself in doubt.
        wrong: keys that were refused already; rules that need them are passed over.
    """
    if "weight" not in wrong and key_result.weight <= 0:
        yield Finding(("weight",), f"{key_result.weight:g} is not above zero; a weight must be")
    if "shape" not in wrong and key_result.is_checklist:
        yield from checklist_findings(key_result, wrong)
        if not {"target", "plan"} & wrong:
            yield from _plan(key_result)
        return
    if not {"shape", "milestones"} & wrong:
        yield from milestone_findings(key_result)
    if not {"target", "stretch", "commit"} & wrong:
        yield from _zones(key_result)
    if not {"target", "baseline", "shape"} & wrong:
        yield from _baseline(key_result)
    if not {"target", "baseline", "shape", "commit"} & wrong:
        yield from _commit_to_come(key_result)
    if not {"target", "baseline", "shape", "plan"} & wrong:
        yield from _plan(key_result)
    if metric is not None:
        yield from _against_metric(key_result, metric, wrong)


def goal_findings(goal: Goal, metric: Metric | None, wrong: frozenset[str]) -> Iterator[Finding]:
    """Check one SMART goal: measured only, its dates in order, and everything that holds for a key result.

    Args:
        goal: as far as it could be read.
        metric: its metric, or None when that is itself in doubt.
        wrong: keys that were refused already; rules that need them are passed over.
    """
    dates = f"{goal.starts} to {goal.ends}"
    if not {"starts", "ends"} & wrong:
        if goal.ends <= goal.starts:
            yield Finding(("ends",), f"{goal.ends} does not come after the start {goal.starts}")
        elif "plan" not in wrong:
            for index, point in enumerate(goal.measured.plan):
                if not goal.starts <= point.by <= goal.ends:
                    yield Finding(("plan", index, "by"), f"{point.by} is outside the goal's dates ({dates})")
    if goal.draft and goal.measured.owner is None and not {"draft", "owner"} & wrong:
        yield Finding(("owner",), "is missing; a draft is private to its owner until it is published")
    if "shape" not in wrong and goal.measured.is_checklist:
        yield Finding(
            ("shape",),
            f"a SMART goal is measured, and {goal.measured.shape} is ticked off; make it a key result of an objective, "
            "or use reach, keep or total",
        )
        return
    yield from key_result_findings(goal.measured, metric, wrong)


def _against_metric(key_result: KeyResult, metric: Metric, wrong: frozenset[str]) -> Iterator[Finding]:
    if "filter" not in wrong:
        for dimension, _ in key_result.filter:
            if dimension not in metric.dimensions:
                hint = nearest(dimension, metric.dimensions) or "; it declares none"
                yield Finding(("filter", dimension), f"{dimension!r} is no dimension of metric {metric.id!r}{hint}")
    if "target" not in wrong:
        yield from _direction(key_result, metric)
    yield from (finding for finding in _possible(key_result, metric) if finding.key[0] not in wrong)
    if not {"shape", "read"} & wrong:
        yield from _total(key_result, metric)


def _direction(key_result: KeyResult, metric: Metric) -> Iterator[Finding]:
    direction = key_result.target.direction
    if direction not in ("within", metric.better):
        turned = "<" if metric.better == "lower" else ">"
        yield Finding(
            ("target",),
            f"{key_result.target.text!r} contradicts metric {metric.id!r}, where better is {metric.better}; "
            f"turn the comparator to {turned}, or write better: {direction} in metrics.yaml",
        )


def _possible(key_result: KeyResult, metric: Metric) -> Iterator[Finding]:
    """Every number that progress is measured by must be one that the metric can have."""
    low, high = metric.bounds
    sign = "; write percentages with their sign, such as '< 5 %'" if metric.unit == "percent" else ""
    for key, written, first, last in _numbers_of(key_result):
        if (low is not None and first < low) or (high is not None and last > high):
            yield Finding(key, f"{written} lies outside the bounds of metric {metric.id!r}{sign}")


def _numbers_of(key_result: KeyResult) -> Iterator[tuple[tuple[str | int, ...], str, float, float]]:
    targets = (("target", key_result.target), ("stretch", key_result.stretch), ("commit", key_result.commit))
    for name, target in targets:
        if target is not None:
            yield (name,), repr(target.text), target.value, target.value if target.high is None else target.high
    if key_result.baseline is not None:
        yield ("baseline",), f"{key_result.baseline:g}", key_result.baseline, key_result.baseline
    for index, point in enumerate(key_result.plan):
        yield ("plan", index, "value"), f"{point.value:g}", point.value, point.value


def _total(key_result: KeyResult, metric: Metric) -> Iterator[Finding]:
    if key_result.shape != "total":
        return
    if not adds_up(metric) and metric.aggregate not in {"sum", "count", "count_distinct"}:
        yield Finding(
            ("shape",),
            f"total needs something that adds up, but metric {metric.id!r} is a {metric.aggregate}; use reach",
        )
    if key_result.read.kind != "period":
        yield Finding(
            ("read",),
            f"a total is read over its cycle; leave out read, or use shape reach for {str(key_result.read)!r}",
        )


def _zones(key_result: KeyResult) -> Iterator[Finding]:
    target = key_result.target
    for key, zone, harder in (("stretch", key_result.stretch, True), ("commit", key_result.commit, False)):
        if zone is None:
            continue
        if zone.direction != target.direction:
            yield Finding((key,), f"{zone.text!r} does not compare in the same direction as the target {target.text!r}")
        elif not (zone.is_harder_than(target) if harder else target.is_harder_than(zone)):
            yield Finding(
                (key,),
                f"{zone.text!r} must be {'harder' if harder else 'easier'} to meet than the target {target.text!r}",
            )


def _commit_to_come(key_result: KeyResult) -> Iterator[Finding]:
    """From the baseline on, the zones lie in the order commit, target, stretch."""
    baseline, commit = key_result.baseline, key_result.commit
    if key_result.shape == "reach" and baseline is not None and commit is not None and commit.is_met(baseline):
        yield Finding(
            ("commit",),
            f"{commit.text!r} is met at the baseline {baseline:g} already; put it between the baseline and the target "
            f"{key_result.target.text!r}",
        )


def _baseline(key_result: KeyResult) -> Iterator[Finding]:
    baseline, target = key_result.baseline, key_result.target
    if baseline is None:
        return
    if baseline in (target.value, target.high):
        yield Finding(
            ("baseline",),
            f"{baseline:g} equals the target {target.text!r}, which leaves no distance; change one of them",
        )
    elif key_result.shape == "reach" and target.is_met(baseline):
        yield Finding(
            ("baseline",),
            f"{baseline:g} already meets the target {target.text!r}; change one of them, or use shape keep to hold it",
        )


def _plan(key_result: KeyResult) -> Iterator[Finding]:
    plan = key_result.plan
    if not plan:
        return
    if key_result.shape == "keep" or (key_result.shape == "total" and key_result.target.direction == "lower"):
        yield Finding(("plan",), "a line that must be held has no curve; leave the plan out")
        return
    for index, (earlier, later) in enumerate(pairwise(plan), start=1):
        if later.by <= earlier.by:
            yield Finding(("plan", index, "by"), f"{later.by} does not come after {earlier.by}; list the points by day")
    yield from _plan_values(key_result)


def _plan_values(key_result: KeyResult) -> Iterator[Finding]:
    rises = _rises(key_result)
    if rises is None:
        return
    before, what = key_result.baseline, "the baseline"
    if before is None and (key_result.shape == "total" or key_result.is_checklist):
        before = 0.0
    for index, point in enumerate(key_result.plan):
        if before is not None and (point.value < before if rises else point.value > before):
            yield Finding(
                ("plan", index, "value"),
                f"{point.value:g} goes against the direction of the target {key_result.target.text!r}; "
                f"it must not be {'below' if rises else 'above'} {what} {before:g}",
            )
        before, what = point.value, "the point before"


def _rises(key_result: KeyResult) -> bool | None:
    """Tell which way the curve must run; None for a range without a declared baseline."""
    target = key_result.target
    if target.direction == "within":
        return None if key_result.baseline is None else key_result.baseline < target.value
    return target.direction == "higher"
