"""What somebody types into the Define page, as texts; kept as JSON while it is a draft."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

NEW = "new:"
"""Stands before the mark of a metric that is built along the way."""


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """One thing to be done; `mark` tells it from the others while it has no id."""

    mark: str
    id: str = ""
    title_en: str = ""
    title_vi: str = ""
    weight: str = "1"


@dataclass(frozen=True, slots=True)
class PlanForm:
    """One point of a plan."""

    mark: str
    by: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class MetricForm:
    """A metric as it is typed.

    Attributes:
        mark: tells it from the others while it has no id.
        id: of a metric in force; empty for a new one, which gets its id from its title.
        kept: keys of its entry that have no field here.
    """

    mark: str
    id: str = ""
    title_en: str = ""
    title_vi: str = ""
    description_en: str = ""
    description_vi: str = ""
    source: str = ""
    time: str = ""
    aggregate: str = "count"
    value: str = ""
    numerator: str = ""
    denominator: str = "true"
    expression: str = ""
    query: str = ""
    where: str = ""
    dimensions: tuple[str, ...] = ()
    rollup: str = "pooled"
    unit: str = ""
    better: str = "higher"
    low: str = ""
    high: str = ""
    expected_every: str = ""
    owner: str = ""
    calendar: str = ""
    hours_from: str = ""
    hours_to: str = ""
    sample: bool = False
    approx: bool = False
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyResultForm:
    """A key result as it is typed.

    Attributes:
        mark: tells it from the others while it has no id.
        id: of a key result in force; empty for a new one.
        metric: a metric's id, or `new:` with the mark of one that is built along the way.
        comparator: of the target; `within` takes both numbers.
        spelt: targets as they were written before, so that what nobody changes stays as it is.
        kept: keys of its entry that have no field here.
    """

    mark: str
    id: str = ""
    title_en: str = ""
    title_vi: str = ""
    shape: str = "reach"
    metric: str = ""
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read: str = "period"
    days: str = "28"
    automatic: bool = True
    baseline: str = ""
    comparator: str = ""
    target: str = ""
    high: str = ""
    stretch: str = ""
    commit: str = ""
    weight: str = "1"
    owner: str = ""
    contributors: tuple[str, ...] = ()
    plan: tuple[PlanForm, ...] = ()
    milestones: tuple[MilestoneForm, ...] = ()
    spelt: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectiveForm:
    """An objective as it is typed, with its key results; `was` is its id in force, empty for a new one."""

    cycle: str
    was: str = ""
    title_en: str = ""
    title_vi: str = ""
    why_en: str = ""
    why_vi: str = ""
    kind: str = "committed"
    level: str = "company"
    team: str = ""
    owner: str = ""
    parent: str = ""
    key_results: tuple[KeyResultForm, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoalForm:
    """A SMART goal as it is typed, over dates of its own; `was` is its id in force, empty for a new one.

    Attributes:
        cycle: of the file that it is written in.
        measured: what is measured, typed as a key result is.
        private: whether only its owner sees it.
        kept: keys of its entry that have no field here.
    """

    cycle: str
    was: str = ""
    measured: KeyResultForm = field(default_factory=lambda: KeyResultForm("k1"))
    starts: str = ""
    ends: str = ""
    why_en: str = ""
    why_vi: str = ""
    level: str = "individual"
    team: str = ""
    private: bool = False
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftForm:
    """Everything of one draft; `seen` is the ledger's revision that it was begun from."""

    seen: int
    objective: ObjectiveForm | None = None
    metrics: tuple[MetricForm, ...] = ()
    goal: GoalForm | None = None

    @property
    def key_results(self) -> tuple[KeyResultForm, ...]:
        """What is measured here: an objective's key results, or a goal's one number."""
        if self.goal is not None:
            return (self.goal.measured,)
        return self.objective.key_results if self.objective is not None else ()

    def with_key_results(self, typed: tuple[KeyResultForm, ...]) -> "DraftForm":
        """Put what is measured back in its place."""
        if self.goal is not None:
            return replace(self, goal=replace(self.goal, measured=typed[0]))
        return self if self.objective is None else replace(self, objective=replace(self.objective, key_results=typed))

    def metric(self, mark: str) -> MetricForm | None:
        """Give a metric that is built here by its mark."""
        return next((each for each in self.metrics if each.mark == mark), None)


def new_draft(seen: int, cycle: str) -> DraftForm:
    """Begin an objective with one key result."""
    return DraftForm(seen, ObjectiveForm(cycle, key_results=(KeyResultForm("k1"),)))


def new_goal(seen: int, cycle: str, starts: date, ends: date) -> DraftForm:
    """Begin a SMART goal, whose days are at first those that are left of a cycle."""
    return DraftForm(seen, goal=GoalForm(cycle, starts=starts.isoformat(), ends=ends.isoformat()))


def next_mark(letter: str, used: Iterable[str]) -> str:
    """Give a mark that nothing has yet."""
    numbers = [int(mark[1:]) for mark in used if mark[1:].isdigit()]
    return f"{letter}{max(numbers, default=0) + 1}"


def to_json(form: DraftForm) -> dict[str, Any]:
    """Write a draft as JSON values."""
    return asdict(form)


def from_json(body: Mapping[str, Any]) -> DraftForm:
    """Read a draft back; fields that it does not have keep their defaults, and unknown ones are left out."""
    objective, goal = body.get("objective"), body.get("goal")
    metrics = tuple(MetricForm(**_known(MetricForm, each)) for each in body.get("metrics", ()))
    return DraftForm(
        int(body.get("seen", 0)),
        None if objective is None else _objective_back(objective),
        metrics,
        None if goal is None else _goal_back(goal),
    )


def draft_title(form: DraftForm) -> str:
    """Name a draft in a list."""
    measured = form.goal.measured if form.goal else None
    named = form.objective or measured or (form.metrics[0] if form.metrics else None)
    return "" if named is None else named.title_vi or named.title_en


def _objective_back(body: Mapping[str, Any]) -> ObjectiveForm:
    form = ObjectiveForm(**{**_known(ObjectiveForm, body), "key_results": ()})
    return replace(form, key_results=tuple(_key_result_form(each) for each in body.get("key_results", ())))


def _goal_back(body: Mapping[str, Any]) -> GoalForm:
    return GoalForm(**{**_known(GoalForm, body), "measured": _key_result_form(body.get("measured", {"mark": "k1"}))})


def _key_result_form(body: Mapping[str, Any]) -> KeyResultForm:
    known = _known(KeyResultForm, body)
    known["plan"] = tuple(PlanForm(**_known(PlanForm, each)) for each in body.get("plan", ()))
    known["milestones"] = tuple(MilestoneForm(**_known(MilestoneForm, each)) for each in body.get("milestones", ()))
    known["filter"] = {name: tuple(values) for name, values in body.get("filter", {}).items()}
    return KeyResultForm(**known)


def _known(kind: type[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in body.items() if name in names}
