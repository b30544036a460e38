"""SMART findings: pure rules over definitions and the evidence gathered for them; codes and numbers, no prose."""

from metrics.smart.evidence import NOT_SYNCED, Evidence, Stretch
from metrics.smart.findings import (
    LETTERS,
    CycleFindings,
    Finding,
    GoalFindings,
    KeyResultFindings,
    Letter,
    ObjectiveFindings,
    Outcome,
    Severity,
    Verdict,
)
from metrics.smart.judge import judge_cycle, judge_goal, judge_key_result, judge_objective

__all__ = [
    "LETTERS",
    "NOT_SYNCED",
    "CycleFindings",
    "Evidence",
    "Finding",
    "GoalFindings",
    "KeyResultFindings",
    "Letter",
    "ObjectiveFindings",
    "Outcome",
    "Severity",
    "Stretch",
    "Verdict",
    "judge_cycle",
    "judge_goal",
    "judge_key_result",
    "judge_objective",
]
