"""What the ledger hands out and takes in: plans, versions, loads, scorecards as shown, audit entries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from metrics.definitions.documents import DocumentKind

Action = Literal["create", "change", "retire"]
Outcome = Literal["ok", "failed", "unchanged"]
LoadMode = Literal["merge", "replace"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One key of a definition, before and after, as JSON values; None where it is absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What would be, or was, done to one definition."""

    action: Action
    kind: DocumentKind
    key: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How definitions differ from those in force.

    Attributes:
        revision: the ledger's revision that the plan was worked out against.
        changes: creations and changes, then retirements.
        unchanged: how many definitions stay as they are.
        locked: goals (`cycle/id`) whose definition stands still and would change or be retired; that needs an override.
    """

    revision: int
    changes: tuple[Change, ...]
    unchanged: int
    locked: tuple[str, ...] = ()

    @property
    def vanishing(self) -> tuple[str, ...]:
        """Key results and published goals (`cycle/id`) that would be retired; that needs `force`."""
        return tuple(
            change.key
            for change in self.changes
            if change.kind in {"key_result", "goal"} and change.action == "retire" and not change.fields
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one definition.

    Attributes:
        version: 1 for the first.
        body: the definition as in YAML; of a retired one, as it last was.
        sha256: over this version as it was recorded, so that damage is noticed; not the definition's own hash.
        revision: the ledger's revision that brought it.
        applied_at: UTC.
    """

    kind: DocumentKind
    key: str
    version: int
    body: Mapping[str, Any]
    sha256: str
    retired: bool
    revision: int
    applied_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Load:
    """One pull of one stream.

    Attributes:
        started_at: with a zone; kept in UTC.
        mode: None when the pull failed before it was known.
        bytes: read from the source, as far as its connector knows.
        cursor: where the next pull begins.
        error: one line, without secrets; only of a failed load.
        generation: the generation that first holds these rows; None when none was published.
        id: grows with every load; None before it is recorded.
    """

    source: str
    stream: str
    started_at: datetime
    seconds: float
    outcome: Outcome
    mode: LoadMode | None = None
    rows_read: int = 0
    rows_changed: int = 0
    bytes: int = 0
    cursor: str | None = None
    error: str | None = None
    notes: tuple[str, ...] = ()
    generation: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A scorecard as it was shown on a day of the organisation's zone.

    Attributes:
        document: the scorecard's JSON, given back byte for byte.
        recorded_at: with a zone; kept in UTC.
    """

    cycle: str
    day: date
    generation: str
    ledger_revision: int
    document: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, who made it and when (UTC); bodies are None where there was nothing, or is nothing any more."""

    id: int
    at: datetime
    actor: str
    action: str
    kind: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    revision: int
