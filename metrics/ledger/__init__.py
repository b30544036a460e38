"""What people decide: versioned definitions, their audit, the load log, and scorecards as shown."""

from metrics.ledger.records import AuditEntry, Change, FieldChange, Load, Plan, Shown, Version
from metrics.ledger.store import Ledger, open_ledger

__all__ = [
    "AuditEntry",
    "Change",
    "FieldChange",
    "Ledger",
    "Load",
    "Plan",
    "Shown",
    "Version",
    "open_ledger",
]
