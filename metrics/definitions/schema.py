"""What the three kinds of files may hold: pydantic models at the edge, and the JSON Schemas generated from them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation
from pydantic.config import JsonDict

from metrics.definitions.connector_schema import add_connectors
from metrics.definitions.fields import (
    Baseline,
    Bounds,
    Columns,
    CycleId,
    Day,
    Duration,
    Expression,
    FilterMap,
    Id,
    Names,
    Number,
    ReadText,
    SourceName,
    StreamName,
    StreamReference,
    TargetText,
    Text,
    TitleText,
    Zone,
)
from metrics.model.definition import (
    CHECKLISTS,
    Aggregate,
    Direction,
    InitiativeState,
    Kind,
    Language,
    Level,
    Read,
    Rollup,
    Shape,
)
from metrics.progress.decided import CHECK_IN_EVERY

FileKind = Literal["workspace", "metrics", "okrs"]


class Entry(BaseModel):
    """A mapping in a file: every key is known, no value is bent into another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)
    later: ClassVar[Mapping[str, frozenset[str]]] = {}
    """What the format has and this version does not support: keys, and values of keys where some are named."""


class OrganisationEntry(Entry):
    """Whose quarter it is."""

    name: Text
    timezone: Zone = "UTC"
    language: Language = "en"
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    week_start: Literal["monday", "sunday"] = "monday"


class AuthEntry(Entry):
    """Who may open the dashboard."""

    later = {"mode": frozenset({"oidc", "proxy"})}

    mode: Literal["none"] = "none"


class PushEntry(Entry):
    """Who may send observations."""

    token: Text


class CycleEntry(Entry):
    """A cycle of one's own."""

    id: CycleId
    starts: Day
    ends: Day


class StreamEntry(Entry):
    """One stream of a source; the connector's own keys come on top."""

    model_config = ConfigDict(extra="allow")

    primary_key: Names = ()
    cursor: Text | None = None
    lookback: Duration = Field(default_factory=timedelta)
    deadline: Duration | None = None
    deleted: Text | None = None
    timezone: Zone | None = None
    columns: Columns = Field(default_factory=dict)


class SourceEntry(Entry):
    """One source; the connector's own keys come on top."""

    model_config = ConfigDict(extra="allow", json_schema_extra=add_connectors)

    type: Text
    mode: Literal["pull", "pushdown"] = "pull"
    streams: dict[StreamName, SkipValidation[StreamEntry]]


class CalendarEntry(Entry):
    """When people work."""

    hours: dict[str, Names]
    holidays: Text | None = None
    days_off: Annotated[list[Day], Field(alias="except")] = Field(default_factory=list)
    extra: dict[str, Names] = Field(default_factory=dict)


class WorkspaceFile(Entry):
    """`quarterline.yaml`."""

    organisation: SkipValidation[OrganisationEntry]
    ledger: Text = "sqlite:///var/ledger.db"
    auth: SkipValidation[AuthEntry] | None = None
    status_policy: Text | None = None
    check_in_every: Duration = Field(default_factory=lambda: CHECK_IN_EVERY)
    achievements_export: bool = False
    cycles: list[SkipValidation[CycleEntry]] | None = None
    calendars: dict[Id, SkipValidation[CalendarEntry]] | None = None
    push: SkipValidation[PushEntry] | None = None
    sources: dict[SourceName, SkipValidation[SourceEntry]] | None = None


_DERIVED: JsonDict = {"properties": {"aggregate": {"const": "derived"}}, "required": ["aggregate"]}


class WorkingHoursEntry(Entry):
    """Working time between two instants of a row."""

    field: Annotated[list[Text], Field(min_length=2, max_length=2)]
    calendar: Text


class MetricEntry(Entry):
    """How rows of one stream become a number."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": _DERIVED,
            "then": {"required": ["expression"], "properties": {"source": False, "time": False}},
            "else": {"required": ["source", "time"], "properties": {"expression": False}},
        }
    )

    title: TitleText | None = None
    source: StreamReference | None = None
    time: Text | None = None
    aggregate: Aggregate
    value: Expression | None = None
    numerator: Expression | None = None
    denominator: Expression | None = None
    where: Expression | None = None
    expression: Expression | None = None
    query: Expression | None = None
    working_hours: WorkingHoursEntry | None = None
    dimensions: Names = ()
    rollup: Rollup = "pooled"
    unit: str = ""
    better: Direction = "higher"
    bounds: Bounds = (None, None)
    expected_every: Duration | None = None
    sample: bool = False
    approx: bool = False
    owner: Text | None = None
    description: TitleText | None = None


class MetricsFile(Entry):
    """`metrics.yaml`."""

    metrics: dict[Id, SkipValidation[MetricEntry]] | None = None


class PlanEntry(Entry):
    """One point of a plan's curve."""

    by: Day
    value: Number


class MilestoneEntry(Entry):
    """One thing to be done."""

    id: Id
    title: TitleText
    weight: Number = 1.0


class InitiativeEntry(Entry):
    """Something that people do to move a key result."""

    title: TitleText
    owner: Text | None = None
    state: InitiativeState = "planned"
    learned: TitleText | None = None


_TICKED_OFF: JsonDict = {"properties": {"shape": {"enum": [*sorted(CHECKLISTS)]}}, "required": ["shape"]}


class KeyResultEntry(Entry):
    """A metric bound to a target, or what people tick off."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": _TICKED_OFF,
            "then": {"properties": {"metric": False, "target": False}},
            "else": {"required": ["metric", "target"], "properties": {"milestones": False}},
        }
    )

    id: Id
    title: TitleText
    metric: Text | None = None
    target: TargetText | None = None
    shape: Shape = "reach"
    read: ReadText = Read("period")
    filter: FilterMap = ()
    baseline: Baseline = None
    stretch: TargetText | None = None
    commit: TargetText | None = None
    weight: Number = 1.0
    owner: Text | None = None
    contributors: Names = ()
    plan: list[SkipValidation[PlanEntry]] = Field(default_factory=list)
    milestones: list[SkipValidation[MilestoneEntry]] = Field(default_factory=list)
    depends_on: Names = ()
    initiatives: list[SkipValidation[InitiativeEntry]] = Field(default_factory=list)


class ObjectiveEntry(Entry):
    """Where to go, with the key results that say whether it was reached."""

    id: Id
    title: TitleText
    why: TitleText | None = None
    kind: Kind = "committed"
    level: Level = "company"
    team: Text | None = None
    owner: Text | None = None
    parent: Text | None = None
    priority: int = 0
    depends_on: Names = ()
    key_results: list[SkipValidation[KeyResultEntry]] = Field(default_factory=list)


class GoalEntry(Entry):
    """A SMART goal that stands on its own."""

    id: Id
    title: TitleText
    why: TitleText | None = None
    level: Level = "individual"
    team: Text | None = None
    owner: Text | None = None
    contributors: Names = ()
    metric: Text
    filter: FilterMap = ()
    shape: Shape = "reach"
    read: ReadText = Read("period")
    baseline: Baseline = None
    target: TargetText
    stretch: TargetText | None = None
    commit: TargetText | None = None
    starts: Day
    ends: Day
    plan: list[SkipValidation[PlanEntry]] = Field(default_factory=list)
    draft: bool = False


class OkrFile(Entry):
    """One file of `okrs/`: objectives of one cycle, and goals with dates of their own."""

    cycle: CycleId
    objectives: list[SkipValidation[ObjectiveEntry]] | None = None
    goals: list[SkipValidation[GoalEntry]] | None = None


FILES: dict[FileKind, type[Entry]] = {"workspace": WorkspaceFile, "metrics": MetricsFile, "okrs": OkrFile}


def json_schema(kind: FileKind) -> dict[str, Any]:
    """Generate the JSON Schema of one kind of file, for editors that complete and check while one types."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FILES[kind].model_json_schema()}
