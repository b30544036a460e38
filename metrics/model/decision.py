"""What people decide about definitions in force: targets revised, check-ins, reviews, drops, cycles closed.

A decision says what was decided; who and when is what the ledger adds (`Recorded`). `key` is a metric's id, a cycle's
id, or `cycle/id` of an objective or key result. Days are days of the organisation's zone. Nothing is ever changed: who
changes their mind decides again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Generic, Literal, TypeVar

from metrics.model.target import Target

DecisionKind = Literal[
    "target_revision",
    "check_in",
    "comment",
    "annotation",
    "done",
    "drop",
    "cycle_change",
    "review",
    "review_decision",
    "settlement",
    "goal_lock",
    "upload",
    "withdrawal",
]
Subject = Literal["objective", "key_result", "metric", "cycle", "goal", "source"]
CycleState = Literal["draft", "active", "closed"]
AnnotationKind = Literal["note", "level_shift"]
Verdict = Literal["met", "passed", "within_band", "missed", "no_data"]
Band = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class TargetRevision:
    """A key result's target from a day on.

    Attributes:
        old: the target that stood before, so that a revision which somebody else overtook is noticed.
        effective_on: first day that the new target counts for.
        approver: who agreed, where that is somebody else.
        review: month (`2027-01`) of the review it was decided in.
    """

    kind: ClassVar[DecisionKind] = "target_revision"
    subject: ClassVar[Subject] = "key_result"

    key: str
    old: Target
    new: Target
    reason: str
    effective_on: date
    approver: str | None = None
    review: str | None = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the owner of a key result makes of it: confidence 0..1 that its target will be met."""

    kind: ClassVar[DecisionKind] = "check_in"
    subject: ClassVar[Subject] = "key_result"

    key: str
    day: date
    confidence: float
    note: str
    blockers: str = ""
    next_steps: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark on an objective, a key result or a metric."""

    kind: ClassVar[DecisionKind] = "comment"

    subject: Literal["objective", "key_result", "metric"]
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """What happened to a metric on a day; from a level shift on, older values say less about newer ones."""

    kind: ClassVar[DecisionKind] = "annotation"
    subject: ClassVar[Subject] = "metric"

    key: str
    day: date
    text: str
    sort: AnnotationKind = "note"


@dataclass(frozen=True, slots=True)
class Done:
    """A milestone, or a done/not-done key result (`milestone` None), done on a day; `done_on` None takes it back."""

    kind: ClassVar[DecisionKind] = "done"
    subject: ClassVar[Subject] = "key_result"

    key: str
    milestone: str | None
    done_on: date | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """An objective, key result or goal that is no longer pursued from a day on, or (`dropped` False) is again."""

    kind: ClassVar[DecisionKind] = "drop"

    subject: Literal["objective", "key_result", "goal"]
    key: str
    reason: str
    on: date
    dropped: bool = True


@dataclass(frozen=True, slots=True)
class ClosingScore:
    """How a key result ended.

    Attributes:
        score: clipped progress under the target in force, 0..1; None without data.
        original_score: the same under the first target.
        met: whether the value satisfies the comparator exactly.
        verdict: by the objective's kind (see `metrics.progress.closing`).
        band: Google's colours of the score; None without data.
    """

    key: str
    score: float | None
    original_score: float | None
    met: bool | None
    verdict: Verdict
    band: Band | None


@dataclass(frozen=True, slots=True)
class CycleChange:
    """A cycle that becomes a draft, active or closed; a closing keeps its scores and what was learned.

    Attributes:
        note: the retrospective of a closing, the reason of a reopening.
        scores: of a closing, in the order of the key results.
        generation: the facts that the scores were computed from.
        carried: key results that go on in `carried_into`.
    """

    kind: ClassVar[DecisionKind] = "cycle_change"
    subject: ClassVar[Subject] = "cycle"

    key: str
    state: CycleState
    on: date
    note: str = ""
    scores: tuple[ClosingScore, ...] = ()
    generation: str | None = None
    carried: tuple[str, ...] = ()
    carried_into: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A meeting that looked at a month (`2027-01`) of a cycle."""

    kind: ClassVar[DecisionKind] = "review"
    subject: ClassVar[Subject] = "cycle"

    key: str
    month: str
    held_on: date
    attendees: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What a review decided about a key result."""

    kind: ClassVar[DecisionKind] = "review_decision"
    subject: ClassVar[Subject] = "key_result"

    key: str
    month: str
    text: str
    owner: str | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A review's decision that is seen to, or (`settled` False) is not after all; of one decision the last counts.

    Attributes:
        decision: which one of its key result's, by its version.
        note: what came of it.
    """

    kind: ClassVar[DecisionKind] = "settlement"
    subject: ClassVar[Subject] = "key_result"

    key: str
    decision: int
    on: date
    note: str = ""
    settled: bool = True


@dataclass(frozen=True, slots=True)
class GoalLock:
    """A SMART goal whose definition stands still from a day on, or may change again; that needs a reason.

    Without any, it stands still from its first day on.
    """

    kind: ClassVar[DecisionKind] = "goal_lock"
    subject: ClassVar[Subject] = "goal"

    key: str
    locked: bool
    on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that somebody handed over, as it is kept under `var/uploads`.

    Attributes:
        name: what it was called where it came from.
        stored: name within the source's folder.
        sha256: hash of its bytes, as hex.
        size: bytes.
    """

    name: str
    stored: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A source of files handed over in the browser or by `quarterline upload`; it has neither address nor secret.

    Attributes:
        key: name of the source; its one stream is called `rows`.
        files: every file that belongs to it from now on; none when the source is taken away.
        options: keys of a stream of files, such as `sheet` or `encoding`.
        columns: declared types by column.
        timezone: of times that carry none.
        note: why; needed to take the source away.
    """

    kind: ClassVar[DecisionKind] = "upload"
    subject: ClassVar[Subject] = "source"

    key: str
    files: tuple[UploadedFile, ...]
    primary_key: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A comment, an annotation or a check-in that its author takes back: it stays in the ledger and is no longer read.

    Attributes:
        of: what is taken back.
        version: which one of its key.
    """

    kind: ClassVar[DecisionKind] = "withdrawal"

    subject: Literal["objective", "key_result", "metric"]
    key: str
    of: Literal["comment", "annotation", "check_in"]
    version: int
    reason: str


Decision = (
    TargetRevision
    | CheckIn
    | Comment
    | Annotation
    | Done
    | Drop
    | CycleChange
    | Review
    | ReviewDecision
    | Settlement
    | GoalLock
    | Upload
    | Withdrawal
)

D_co = TypeVar("D_co", bound=Decision, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[D_co]):
    """A decision as the ledger keeps it.

    Attributes:
        version: counts the decisions of this kind on this key, from 1.
        revision: the ledger's revision that it brought.
        at: UTC.
        id: grows with every decision of any kind.
    """

    decision: D_co
    version: int
    revision: int
    at: datetime
    actor: str
    id: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about the key results of a cycle, or of all, each in the order it was recorded.

    Attributes:
        revisions: by key result; only those that no changed definition set aside.
        check_ins: by key result.
        done: by key result.
        goal_locks: by goal.
    """

    revisions: Mapping[str, tuple[Recorded[TargetRevision], ...]] = field(default_factory=dict)
    check_ins: Mapping[str, tuple[Recorded[CheckIn], ...]] = field(default_factory=dict)
    done: Mapping[str, tuple[Recorded[Done], ...]] = field(default_factory=dict)
    drops: tuple[Recorded[Drop], ...] = ()
    cycles: tuple[Recorded[CycleChange], ...] = ()
    goal_locks: Mapping[str, tuple[Recorded[GoalLock], ...]] = field(default_factory=dict)
