"""What people define: metrics, objectives and key results, parsed once and frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from metrics.model.calendar import WorkingHours
from metrics.model.target import Target, parse_target

Language = Literal["en", "vi"]
Aggregate = Literal[
    "mean",
    "median",
    "p75",
    "p90",
    "p95",
    "p99",
    "sum",
    "count",
    "count_distinct",
    "min",
    "max",
    "last",
    "ratio",
    "derived",
    "sql",
]
Rollup = Literal["pooled", "mean", "max", "min", "last"]
Direction = Literal["lower", "higher"]
Shape = Literal["reach", "keep", "total", "milestone", "binary"]
ReadKind = Literal["period", "trailing", "last week", "last month"]
Kind = Literal["committed", "aspirational"]
Level = Literal["company", "team", "individual"]
Grain = Literal["day", "week", "month"]
InitiativeState = Literal["planned", "doing", "done", "stopped"]

QUANTILES: Mapping[str, float] = {"median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
"""Aggregates that are exact quantiles (linear interpolation) and the share they stand at."""

HOLISTIC = frozenset({*QUANTILES, "count_distinct"})
"""Aggregates that cannot be folded exactly from daily parts (Gray et al., Data Cube, 1997)."""

SPARSE = timedelta(days=28)

CHECKLISTS: frozenset[Shape] = frozenset({"milestone", "binary"})
"""Shapes that people tick off; no metric measures them."""

ALL_DONE = parse_target(">= 100 %")
"""The target of what is ticked off."""

Filter = tuple[tuple[str, tuple[str, ...]], ...]
"""Dimension and accepted values, sorted by dimension; empty accepts every row."""

Title = Mapping[str, str]
"""Text per language; at least one of `en`, `vi`."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose quarter it is: the zone that buckets days and the fiscal calendar."""

    name: str
    timezone: str = "UTC"
    language: Language = "en"
    fiscal_year_start: int = 1
    week_start: Literal["monday", "sunday"] = "monday"


@dataclass(frozen=True, slots=True)
class Metric:
    """How rows of one stream become a number.

    Attributes:
        source: `source.stream`; empty for `derived`.
        time: column that places a row on a day of the organisation's zone; empty for `derived`.
        value: row expression in DuckDB SQL; None for `count` and `ratio`.
        numerator: row expression summed above the line of a `ratio` (a boolean counts 1).
        denominator: row expression summed below the line of a `ratio`.
        where: row condition, or None.
        dimensions: columns by which the metric can be filtered and broken down.
        unit: `percent` values are fractions (0.05 is shown as 5 %).
        bounds: least and greatest possible value, None where open.
        expected_every: a gap longer than this is stale; None when rows are not expected on a schedule.
        expression: of `derived`: arithmetic over other metrics.
        approx: of a quantile or distinct count: computed by the approximate aggregate of the engine where its rows are.
        sample: whether its rows are a sample (a survey's answers), whose number carries an interval.
        query: of `sql`: one SELECT giving day, value and n over the streams of its source.
        working_hours: two instants between which working time is counted, in hours, instead of `value`.
        components: of `derived`: the metrics of its expression, in their order; they may be derived themselves.
        definition: `sha256:...` over the canonical definition, its components' included.
    """

    id: str
    title: Title
    source: str
    time: str
    aggregate: Aggregate
    value: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    where: str | None = None
    dimensions: tuple[str, ...] = ()
    rollup: Rollup = "pooled"
    unit: str = ""
    better: Direction = "higher"
    bounds: tuple[float | None, float | None] = (None, None)
    expected_every: timedelta | None = None
    owner: str | None = None
    description: Title = field(default_factory=dict)
    definition: str = ""
    expression: str | None = None
    components: tuple["Metric", ...] = ()
    sample: bool = False
    working_hours: WorkingHours | None = None
    query: str | None = None
    approx: bool = False

    @property
    def is_approximate(self) -> bool:
        """Whether its numbers, or some that it rests on, are only nearly right."""
        return any(each.approx for each in self.measured)

    @property
    def measured(self) -> "tuple[Metric, ...]":
        """The metrics over rows that it rests on, each once: itself unless it is derived."""
        if self.aggregate != "derived":
            return (self,)
        return tuple({each.id: each for component in self.components for each in component.measured}.values())

    @property
    def row_value(self) -> str | None:
        """What is read of a row, as text that names it: the value's expression, or the working hours."""
        return self.value if self.working_hours is None else str(self.working_hours)

    @property
    def schedule(self) -> timedelta | None:
        """How often rows are expected: as declared, else as the slowest of its components declares."""
        declared = [each.expected_every for each in self.measured if each.expected_every is not None]
        return self.expected_every or max(declared, default=None)

    @property
    def is_sparse(self) -> bool:
        """Whether it is measured once a month or less: between two measurements there is nothing to show."""
        return self.schedule is not None and self.schedule >= SPARSE

    @property
    def counts_silence_as_zero(self) -> bool:
        """Whether a day without rows is a zero (a count or sum that arrives on schedule) rather than a gap."""
        return self.aggregate in {"count", "sum"} and self.expected_every is not None


@dataclass(frozen=True, slots=True)
class Read:
    """What "the value" of a key result is: over the cycle, a trailing window, or the last full week or month."""

    kind: ReadKind
    days: int | None = None

    def __str__(self) -> str:
        return f"trailing {self.days}d" if self.kind == "trailing" else self.kind


@dataclass(frozen=True, slots=True)
class PlanPoint:
    """The value that a plan expects by a day."""

    by: date
    value: float


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing to be done of a `milestone` key result.

    Attributes:
        id: unique within its key result.
        weight: its part in the key result's progress, against the other milestones' weights.
    """

    id: str
    title: Title
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Initiative:
    """Something that people do to move a key result, and what it taught them.

    Attributes:
        learned: empty while nothing is known yet.
    """

    title: Title
    owner: str | None = None
    state: InitiativeState = "planned"
    learned: Title = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyResult:
    """A metric bound to a target within a cycle, or what people tick off (`milestone`, `binary`).

    Attributes:
        id: unique within its cycle.
        objective: id of its objective, in the same cycle.
        metric: id of its metric; None where people tick it off.
        target: `ALL_DONE` where people tick it off.
        baseline: a number in the metric's unit, or None for `auto`.
        depends_on: keys (`cycle/id`) of objectives and key results that others must move first.
        definition: `sha256:...` over the canonical definition, its metric's included.
    """

    id: str
    objective: str
    cycle: str
    title: Title
    metric: str | None
    target: Target
    shape: Shape = "reach"
    read: Read = field(default_factory=lambda: Read("period"))
    filter: Filter = ()
    baseline: float | None = None
    stretch: Target | None = None
    commit: Target | None = None
    weight: float = 1.0
    owner: str | None = None
    contributors: tuple[str, ...] = ()
    plan: tuple[PlanPoint, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    depends_on: tuple[str, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    definition: str = ""

    @property
    def key(self) -> str:
        """`cycle/id`, unique in the workspace."""
        return f"{self.cycle}/{self.id}"

    @property
    def is_checklist(self) -> bool:
        """Whether people tick it off rather than a metric measures it."""
        return self.shape in CHECKLISTS

    def measured_by(self, metrics: Mapping[str, Metric]) -> Metric | None:
        """Give its metric; None where it has none, or where that is not defined."""
        return None if self.metric is None else metrics.get(self.metric)


@dataclass(frozen=True, slots=True)
class Objective:
    """Where to go, with the key results that say whether it was reached.

    Attributes:
        parent: key (`cycle/id`) of the objective or key result that it serves.
        depends_on: keys of objectives and key results that others must move first.
    """

    id: str
    cycle: str
    title: Title
    key_results: tuple[KeyResult, ...]
    why: Title = field(default_factory=dict)
    kind: Kind = "committed"
    level: Level = "company"
    team: str | None = None
    owner: str | None = None
    parent: str | None = None
    priority: int = 0
    depends_on: tuple[str, ...] = ()
    definition: str = ""

    @property
    def key(self) -> str:
        """`cycle/id`, unique in the workspace."""
        return f"{self.cycle}/{self.id}"


@dataclass(frozen=True, slots=True)
class Goal:
    """A SMART goal that stands on its own: measured like a key result, over dates of its own.

    Attributes:
        measured: what is measured, and against which target; its `cycle` is that of the file which the goal is
            written in, and it belongs to no objective.
        starts: first day of the goal's own window, which is not its file's cycle.
        draft: private to its owner until it is published.
    """

    measured: KeyResult
    starts: date
    ends: date
    why: Title = field(default_factory=dict)
    level: Level = "individual"
    team: str | None = None
    draft: bool = False

    @property
    def id(self) -> str:
        """Unique within its file's cycle, also among objectives and key results."""
        return self.measured.id

    @property
    def cycle(self) -> str:
        """The cycle of its file."""
        return self.measured.cycle

    @property
    def key(self) -> str:
        """`cycle/id`, unique in the workspace."""
        return self.measured.key

    @property
    def definition(self) -> str:
        """`sha256:...` over the canonical definition, its metric's included."""
        return self.measured.definition


@dataclass(frozen=True, slots=True)
class CycleDefinition:
    """A cycle of one's own, overriding the fiscal calendar."""

    id: str
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything that is defined at one ledger revision.

    Attributes:
        goals: SMART goals that stand on their own, in the order of their files' cycles.
        cycles: ids of the cycles that are spoken of, sorted, also those without an objective.
    """

    metrics: Mapping[str, Metric]
    objectives: tuple[Objective, ...]
    cycles: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()

    @property
    def served_keys(self) -> frozenset[str]:
        """Keys (`cycle/id`) of everything that an objective can serve: objectives and key results."""
        return frozenset({each.key for each in self.objectives} | {each.key for each in self.key_results()})

    @property
    def cycle_ids(self) -> tuple[str, ...]:
        """Every cycle that is spoken of, or that something is written in, each once."""
        return tuple(dict.fromkeys((*self.cycles, *self.written_cycles)))

    @property
    def written_cycles(self) -> tuple[str, ...]:
        """Cycles that an objective or a goal is written in, each once."""
        objectives, goals = (each.cycle for each in self.objectives), (each.cycle for each in self.goals)
        return tuple(dict.fromkeys((*objectives, *goals)))

    def objectives_of(self, cycle: str) -> tuple[Objective, ...]:
        """Give the objectives of one cycle, in their order."""
        return tuple(each for each in self.objectives if each.cycle == cycle)

    def key_results(self, cycle: str | None = None) -> Iterator[KeyResult]:
        """Yield key results in the order of their objectives, of one cycle or of all."""
        for objective in self.objectives:
            if cycle is None or objective.cycle == cycle:
                yield from objective.key_results
