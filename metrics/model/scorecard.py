"""The one value object behind every screen and file: what is known about each key result as of a day."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from metrics.model.decision import CheckIn, CycleState, Drop, Recorded, TargetRevision
from metrics.model.definition import Goal, KeyResult, Objective, Title
from metrics.model.reading import Point
from metrics.model.target import Target

Zone = Literal["below", "commit", "target", "stretch"]
"""How far a value has come among what was committed to, aimed for and hoped for."""

Status = Literal["on_track", "at_risk", "off_track", "achieved", "missed", "no_data", "stale", "not_started"]


@dataclass(frozen=True, slots=True)
class Cycle:
    """A stretch of days that key results are measured over, both ends included.

    Attributes:
        follows: first day of the declared cycle that ends the day before; None where the calendar tells it.
    """

    id: str
    starts: date
    ends: date
    follows: date | None = field(default=None, compare=False)

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.ends - self.starts).days + 1


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a status is what it is: a code to be worded by the front end, with its numbers."""

    code: str
    values: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Error budget of a `keep` ratio or a capped total, in units of its numerator.

    Attributes:
        allowed: over the whole cycle, at the volume seen so far.
        spent: to date.
        burn: share spent over share of the cycle elapsed; above 1 is too fast.
        rest_rate: rate the rest of the cycle must run at (per denominator unit, per day for a total); None when over.
    """

    allowed: float
    spent: float
    burn: float | None
    rest_rate: float | None


@dataclass(frozen=True, slots=True)
class Needed:
    """Change per week (or, for a total, amount per week) that still meets the target."""

    per_week: float | None
    percentile: float | None = None


@dataclass(frozen=True, slots=True)
class ForecastCard:
    """The forecast to the cycle's end; every number None, with a reason, where it abstains.

    Attributes:
        p_hit: chance that the target is met, by its exact comparator.
        p_pass: chance of what the objective's kind passes at: of an aspirational one, seven tenths of the way.
    """

    median: float | None = None
    lo80: float | None = None
    hi80: float | None = None
    lo95: float | None = None
    hi95: float | None = None
    p_hit: float | None = None
    method: str | None = None
    history: int = 0
    reason: str | None = None
    low_confidence: bool = False
    p_pass: float | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the metric's newest row happened (UTC) and whether that is later than declared."""

    last_event_at: datetime | None
    stale: bool
    future_rows: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """Where everybody's number lies with 95 % confidence, as far as a sample can tell.

    Attributes:
        n: rows (answers) it rests on.
        method: `wilson` of a proportion, `t` (Student's) of a mean.
    """

    lo: float
    hi: float
    n: int
    method: Literal["wilson", "t"]


@dataclass(frozen=True, slots=True)
class MilestoneCard:
    """One thing that people tick off: since when it is done and who said so, None while it is not."""

    id: str
    title: Title
    weight: float = 1.0
    done_on: date | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class KeyResultCard:
    """Everything that is known about one key result as of a day.

    Attributes:
        value: by the key result's read, in the metric's unit; None without rows. Of what people tick off, the share
            (0..1) of the weights that is done.
        rows: rows behind the value; of what people tick off, the ticks.
        baseline: the number used, whether declared or `auto`; None when `auto` finds no rows.
        progress_raw: (value - baseline) / (target - baseline), below 0 and above 1 possible.
        progress: `progress_raw` clipped to 0..1.
        expected: progress expected by now (elapsed share or plan).
        original_progress: clipped progress under the first target; what `progress` would be had nobody moved it.
        original_met: whether the value satisfies the first target.
        revision: the revision whose target is in force; None while the definition's own is.
        check_in: the last one on or before the day; `confidence` is its.
        trend: the metric by week under the key result's filter, oldest first, the 13 newest whole weeks.
        milestones: what people tick off, in its order; a done/not-done key result is its own only milestone.
        done_on: day on which the last milestone was done; None while one is left.
        zone: the farthest of commit, target and stretch that the value has reached; None without a commit or stretch.
        interval: of a sampled metric's value.
        approximate: whether an engine computed the value, or something that it rests on, by an approximate aggregate.
        due: day on which the next rows of a metric that is measured once a month or less are expected.
    """

    key_result: KeyResult
    unit: str
    value: float | None
    rows: int
    baseline: float | None
    target: Target
    original_target: Target
    met: bool | None
    progress_raw: float | None
    progress: float | None
    expected: float
    forecast: ForecastCard
    needed: Needed | None
    budget: Budget | None
    status: Status
    why: Reason
    freshness: Freshness
    trend: tuple[Point, ...] = ()
    confidence: float | None = None
    error: str | None = None
    original_progress: float | None = None
    original_met: bool | None = None
    revision: Recorded[TargetRevision] | None = None
    check_in: Recorded[CheckIn] | None = None
    milestones: tuple[MilestoneCard, ...] = ()
    done_on: date | None = None
    zone: Zone | None = None
    interval: Interval | None = None
    due: date | None = None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class ObjectiveCard:
    """An objective with the roll-up of its key results.

    Attributes:
        progress: weighted mean of clipped progress over key results that have data; None when none has.
        expected: weighted mean of what was expected of the same key results.
        status: from the objective's own progress.
        worst: the worst status among its key results.
        without_data: ids of key results left out of the roll-up.
    """

    objective: Objective
    progress: float | None
    expected: float | None
    p_hit: float | None
    status: Status
    worst: Status
    key_results: tuple[KeyResultCard, ...]
    without_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoalCard:
    """A SMART goal as of a day: the card of what it measures, over dates of its own.

    Attributes:
        elapsed: share of its own days.
        locked: whether its definition stands still.
    """

    goal: Goal
    card: KeyResultCard
    elapsed: float
    locked: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """An objective, key result or goal that is no longer pursued: in no roll-up, but listed with its reason.

    Attributes:
        objective: id of the objective it belonged to; empty for a goal.
    """

    drop: Recorded[Drop]
    id: str
    objective: str
    title: Title


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Every objective of a cycle as of a day, computed from one generation and one ledger revision.

    Attributes:
        goals: published SMART goals whose days touch the cycle, or that are written in its file; in no roll-up.
        drafts: goals that only their owner may see; in no file that others read.
    """

    generation: str
    ledger_revision: int
    as_of: date
    cycle: Cycle
    elapsed: float
    policy: str
    objectives: tuple[ObjectiveCard, ...]
    dropped: tuple[Dropped, ...] = ()
    state: CycleState = "active"
    goals: tuple[GoalCard, ...] = ()
    drafts: tuple[GoalCard, ...] = ()

    @property
    def key_results(self) -> tuple[KeyResultCard, ...]:
        """All cards, in the order of their objectives."""
        return tuple(card for objective in self.objectives for card in objective.key_results)
