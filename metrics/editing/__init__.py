"""Definitions edited one objective, goal or metric at a time, checked as files are and put in force by the one path."""

from metrics.editing.edit import (
    Edit,
    Entry,
    Understood,
    changed_targets,
    edit_of_goal,
    edit_of_metric,
    edit_of_objective,
    expression_problems,
    understand,
)
from metrics.editing.meanwhile import Choices, EditOvertakenError, FieldVersions, Overtaken, overtaken, rebase
from metrics.editing.publish import JudgedProblem, Revising, files_behind, locked_goals, publish

__all__ = [
    "Choices",
    "Edit",
    "EditOvertakenError",
    "Entry",
    "FieldVersions",
    "JudgedProblem",
    "Overtaken",
    "Revising",
    "Understood",
    "changed_targets",
    "edit_of_goal",
    "edit_of_metric",
    "edit_of_objective",
    "expression_problems",
    "files_behind",
    "locked_goals",
    "overtaken",
    "publish",
    "rebase",
    "understand",
]
