"""What people decide: versioned definitions, decisions about them, their audit, the load log, scorecards as shown."""

from metrics.ledger.decisions import OvertakenError
from metrics.ledger.drafts import Draft, DraftState
from metrics.ledger.opening import is_begun
from metrics.ledger.records import AuditEntry, Change, FieldChange, Load, Plan, Shown, Version
from metrics.ledger.store import Ledger, open_ledger

__all__ = [
    "AuditEntry",
    "Change",
    "Draft",
    "DraftState",
    "FieldChange",
    "Ledger",
    "Load",
    "OvertakenError",
    "Plan",
    "Shown",
    "Version",
    "is_begun",
    "open_ledger",
]
