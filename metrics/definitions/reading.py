"""Entries of definition files to the model, each problem noted where it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from metrics.definitions.build import build_goal, build_key_result, build_metric, build_objective
from metrics.definitions.checking import Checker
from metrics.definitions.derived import resolve_derived
from metrics.definitions.findings import Finding
from metrics.definitions.rules import goal_findings, key_result_findings, metric_findings
from metrics.definitions.schema import (
    GoalEntry,
    InitiativeEntry,
    KeyResultEntry,
    MetricEntry,
    MetricsFile,
    MilestoneEntry,
    ObjectiveEntry,
    OkrFile,
    PlanEntry,
)
from metrics.definitions.strict_yaml import Path
from metrics.definitions.workspace import Workspace
from metrics.errors import Problem, nearest
from metrics.model.definition import CHECKLISTS, Goal, KeyResult, Metric, Objective
from metrics.model.scorecard import Cycle
from metrics.periods import resolve_cycle

METRICS_FILE = "metrics.yaml"

_METRIC_STAND_INS = {"aggregate": "count"}
_KEY_RESULT_STAND_INS = {"id": "unknown", "title": "unknown", "metric": "unknown", "target": "> 0"}
_OBJECTIVE_STAND_INS = {"id": "unknown", "title": "unknown"}
_GOAL_STAND_INS = {**_KEY_RESULT_STAND_INS, "starts": "2000-01-01", "ends": "2000-12-31"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is defined: the file's checker and the path in it."""

    checker: Checker
    path: Path

    def note(self, key: Path, message: str) -> None:
        """Add a problem at a key below this place."""
        self.checker.note((*self.path, *key), message)


@dataclass(slots=True)
class Loading:
    """What has been read so far.

    Attributes:
        unread: files whose text is at fault; what they would name cannot be called unknown.
        metrics: those that hold; `named` has every id that was given, so that one fault is reported once.
        places: where each objective, key result and goal (by `cycle/id`) is defined.
    """

    workspace: Workspace
    checkers: list[Checker]
    unread: frozenset[str]
    metrics: dict[str, Metric] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    objectives: list[Objective] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    cycles: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)

    def note(self, key: str, path: Path, message: str) -> None:
        """Add a problem of an objective or key result (`cycle/id`), unless its own id was refused already."""
        if key in self.places:
            self.places[key].note(path, message)

    @property
    def problems(self) -> list[Problem]:
        """Every problem, file by file, in the order of lines."""
        return [
            problem
            for checker in self.checkers
            for problem in sorted(checker.problems, key=lambda problem: problem.line)
        ]


def read_metrics(loading: Loading, checker: Checker) -> None:
    """Read `metrics.yaml`; key results are checked against what it names."""
    raw = checker.document.value
    checker.check(MetricsFile, {} if raw is None else raw, ())
    if not isinstance(raw, Mapping):
        return
    read: dict[str, Metric] = {}
    for metric_id, value, path in checker.items(raw.get("metrics"), ("metrics",)):
        loading.named.add(metric_id)
        checked = checker.check(MetricEntry, value, path, placeholders=_METRIC_STAND_INS)
        if checked.entry is None:
            continue
        place = Place(checker, path)
        metric = build_metric(metric_id, checked.entry, loading.workspace.organisation.language)
        findings = list(metric_findings(metric, checked.wrong))
        streams = loading.workspace.streams
        if metric.source and "source" not in checked.wrong and metric.source not in streams:
            findings.append(
                Finding(
                    ("source",), f"{metric.source!r} is no stream in quarterline.yaml{nearest(metric.source, streams)}"
                )
            )
        calendars = loading.workspace.calendars
        if metric.working_hours is not None and metric.working_hours.calendar not in calendars:
            name = metric.working_hours.calendar
            hint = nearest(name, calendars) or "; declare it under calendars:"
            findings.append(
                Finding(("working_hours", "calendar"), f"{name!r} is no calendar in quarterline.yaml{hint}")
            )
        _note(place, findings)
        if not findings and not checked.wrong:
            loading.metrics[metric_id] = metric
        if metric_id in loading.metrics or metric.expression:
            read[metric_id] = metric
    resolved = resolve_derived(
        read, loading.named, lambda metric_id, message: checker.note(("metrics", metric_id, "expression"), message)
    )
    loading.metrics = {key: resolved[key] for key in loading.metrics if key in resolved}


def read_okrs(loading: Loading, checker: Checker) -> None:
    """Read one file of `okrs/`, after the metrics."""
    raw = checker.document.value
    checked = checker.check(OkrFile, {} if raw is None else raw, (), placeholders={"cycle": "unknown"})
    if checked.entry is None or not isinstance(raw, Mapping):
        return
    cycle = None
    if "cycle" not in checked.wrong:
        loading.cycles.add(checked.entry.cycle)
        cycle = _cycle(loading, checker, checked.entry.cycle)
    for _, value, path in checker.items(raw.get("objectives"), ("objectives",)):
        _read_objective(loading, Place(checker, path), value, cycle_id=checked.entry.cycle, cycle=cycle)
    for _, value, path in checker.items(raw.get("goals"), ("goals",)):
        _read_goal(loading, Place(checker, path), value, cycle_id=checked.entry.cycle)


def _cycle(loading: Loading, checker: Checker, cycle_id: str) -> Cycle | None:
    try:
        return resolve_cycle(cycle_id, loading.workspace.organisation, loading.workspace.cycles)
    except ValueError as error:
        checker.note(("cycle",), str(error))
        return None


def _read_objective(loading: Loading, place: Place, raw: Any, *, cycle_id: str, cycle: Cycle | None) -> None:
    checked = place.checker.check(ObjectiveEntry, raw, place.path, placeholders=_OBJECTIVE_STAND_INS)
    if checked.entry is None:
        return
    if "id" not in checked.wrong:
        _claim(loading, place, f"{cycle_id}/{checked.entry.id}")
    below = (*place.path, "key_results")
    key_results = [
        key_result
        for _, value, path in place.checker.items(raw.get("key_results"), below)
        if (
            key_result := _read_key_result(
                loading, Place(place.checker, path), value, objective=checked.entry.id, cycle_id=cycle_id, cycle=cycle
            )
        )
    ]
    if not raw.get("key_results") and "key_results" not in checked.wrong:
        place.note(("key_results",), "an objective needs at least one key result that says whether it was reached")
    language = loading.workspace.organisation.language
    if "id" not in checked.wrong:
        loading.objectives.append(
            build_objective(checked.entry.id, checked.entry, key_results, cycle=cycle_id, language=language)
        )


def _read_key_result(
    loading: Loading, place: Place, raw: Any, *, objective: str, cycle_id: str, cycle: Cycle | None
) -> KeyResult | None:
    checker = place.checker
    checked = checker.check(KeyResultEntry, raw, place.path, placeholders=_KEY_RESULT_STAND_INS)
    entry, wrong = checked.entry, checked.wrong
    if entry is None:
        return None
    if "id" not in wrong:
        _claim(loading, place, f"{cycle_id}/{entry.id}")
    points = [
        _read_plan_point(checker, value, path, cycle)
        for _, value, path in checker.items(raw.get("plan"), (*place.path, "plan"))
    ]
    milestones = [
        checker.check(MilestoneEntry, value, path).entry
        for _, value, path in checker.items(raw.get("milestones"), (*place.path, "milestones"))
    ]
    initiatives = [
        checker.check(InitiativeEntry, value, path).entry
        for _, value, path in checker.items(raw.get("initiatives"), (*place.path, "initiatives"))
    ]
    wrong |= {key for key, entries in (("plan", points), ("milestones", milestones)) if None in entries}
    wrong |= _missing(place, entry, wrong)
    if "metric" not in wrong and entry.metric is not None:
        _check_metric(loading, place, entry.metric)
    key_result = build_key_result(
        entry.id,
        entry,
        [point for point in points if point is not None],
        [milestone for milestone in milestones if milestone is not None],
        [initiative for initiative in initiatives if initiative is not None],
        objective=objective,
        cycle=cycle_id,
        language=loading.workspace.organisation.language,
    )
    _note(place, key_result_findings(key_result, key_result.measured_by(loading.metrics), wrong))
    return key_result


def _read_goal(loading: Loading, place: Place, raw: Any, *, cycle_id: str) -> None:
    checker = place.checker
    checked = checker.check(GoalEntry, raw, place.path, placeholders=_GOAL_STAND_INS)
    entry, wrong = checked.entry, checked.wrong
    if entry is None:
        return
    if "id" not in wrong:
        _claim(loading, place, f"{cycle_id}/{entry.id}")
    points = [
        checker.check(PlanEntry, value, path).entry
        for _, value, path in checker.items(raw.get("plan"), (*place.path, "plan"))
    ]
    wrong |= {"plan"} if None in points else frozenset()
    if "metric" not in wrong:
        _check_metric(loading, place, entry.metric)
    goal = build_goal(
        entry.id,
        entry,
        [point for point in points if point is not None],
        cycle=cycle_id,
        language=loading.workspace.organisation.language,
    )
    _note(place, goal_findings(goal, goal.measured.measured_by(loading.metrics), wrong))
    loading.goals.append(goal)


def _missing(place: Place, entry: KeyResultEntry, wrong: frozenset[str]) -> frozenset[str]:
    """Note what a measured key result must name, and give those keys."""
    missing = frozenset(key for key in ("metric", "target") if key not in wrong and getattr(entry, key) is None)
    if entry.shape in CHECKLISTS:
        return frozenset()
    for key in sorted(missing):
        if "shape" not in wrong:
            place.note((key,), "is missing")
    return missing


def _check_metric(loading: Loading, place: Place, name: str) -> None:
    if METRICS_FILE not in loading.unread and name not in loading.named:
        place.note(("metric",), f"{name!r} is no metric in metrics.yaml{nearest(name, loading.named)}")


def _read_plan_point(checker: Checker, raw: Any, path: Path, cycle: Cycle | None) -> PlanEntry | None:
    entry = checker.check(PlanEntry, raw, path).entry
    if entry is not None and cycle is not None and not cycle.starts <= entry.by <= cycle.ends:
        checker.note((*path, "by"), f"{entry.by} is outside cycle {cycle.id} ({cycle.starts} to {cycle.ends})")
    return entry


def _claim(loading: Loading, place: Place, key: str) -> None:
    """Let an id be used once in its cycle, by an objective, a key result or a goal."""
    if key in loading.places:
        first = loading.places[key]
        where = first.checker.document.problem((*first.path, "id"), "")
        place.note(
            ("id",),
            f"duplicate id {key.partition('/')[2]!r} in cycle {key.partition('/')[0]}, first given at "
            f"{where.file}:{where.line}; ids are unique within a cycle",
        )
    else:
        loading.places[key] = place


def _note(place: Place, findings: Iterable[Finding]) -> None:
    for key, message in findings:
        place.note(key, message)
