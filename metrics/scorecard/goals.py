"""SMART goals as CSV rows: a key result's columns, over dates of their own."""

from metrics.model.scorecard import GoalCard, Scorecard
from metrics.scorecard.document import KEY_RESULT_COLUMNS, key_result_row
from metrics.tabular import Cell

_OBJECTIVES_OWN = frozenset({"weight", "milestones_done", "milestones_left", "done_on"})

GOAL_COLUMNS = (
    *("as_of", "goal", "title_en", "title_vi", "starts", "ends", "elapsed", "level", "team", "locked"),
    *(column for column in KEY_RESULT_COLUMNS[KEY_RESULT_COLUMNS.index("owner") :] if column not in _OBJECTIVES_OWN),
)
"""Headers of the table of SMART goals: their own, then those of a key result."""


def goal_rows(scorecard: Scorecard) -> list[tuple[Cell, ...]]:
    """Give one row per published goal, in `GOAL_COLUMNS`."""
    return [tuple(_cells(scorecard, each)[column] for column in GOAL_COLUMNS) for each in scorecard.goals]


def _cells(scorecard: Scorecard, goal: GoalCard) -> dict[str, Cell]:
    shared = dict(zip(KEY_RESULT_COLUMNS, key_result_row(scorecard, None, goal.card), strict=True))
    return {
        **shared,
        "goal": goal.goal.id,
        "starts": goal.goal.starts,
        "ends": goal.goal.ends,
        "elapsed": goal.elapsed,
        "level": goal.goal.level,
        "team": goal.goal.team,
        "locked": goal.locked,
    }
