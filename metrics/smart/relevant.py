"""Relevant: a key result serves something above it, or somebody says why it matters."""

from collections.abc import Collection

from metrics.model.definition import Goal, Objective
from metrics.smart.findings import Finding


def key_result_relevant(objective: Objective, known: Collection[str]) -> tuple[Finding, ...]:
    """Check what a key result's objective contributes to.

    Args:
        objective: the key result's.
        known: keys (`cycle/id`) of all objectives and key results.
    """
    stated = any(text.strip() for text in objective.why.values())
    if objective.parent is not None:
        serving = (("parent", objective.parent),)
        if objective.parent in known:
            return (Finding("serves", "relevant", "ok", serving),)
        return (Finding("parent_unknown", "relevant", "warning", serving),)
    if objective.level != "company":
        return (Finding("parent_missing", "relevant", "warning", (("level", objective.level),)),)
    if stated:
        return (Finding("contribution_stated", "relevant", "ok"),)
    return (Finding("contribution_missing", "relevant", "warning"),)


def goal_relevant(goal: Goal) -> tuple[Finding, ...]:
    """Say what a goal is for; it stands on its own, so nothing above it is missing."""
    stated = any(text.strip() for text in goal.why.values())
    return (Finding("goal_stated", "relevant", "ok") if stated else Finding("goal_alone", "relevant", "ok"),)
