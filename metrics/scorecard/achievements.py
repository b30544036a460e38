"""What people achieved, for whoever rewards it: how closed cycles and finished goals ended. Off unless allowed."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from metrics.definitions import Workspace
from metrics.errors import QuarterlineError
from metrics.facts import Facts
from metrics.ledger import Ledger
from metrics.model.decision import ClosingScore, CycleChange, Recorded
from metrics.model.definition import Definitions, KeyResult, Kind
from metrics.periods import today
from metrics.progress.closing import closing_score
from metrics.scorecard.build import GOAL_KIND
from metrics.scorecard.current import goals_as_of
from metrics.tabular import Cell

ACHIEVEMENT_COLUMNS = (
    "cycle",
    "kind",
    "id",
    "title_en",
    "title_vi",
    "owner",
    "contributors",
    "commitment",
    "score",
    "original_score",
    "met",
    "verdict",
    "ended_on",
)
"""Headers of the export; new ones are only ever added at the end."""


def achievement_rows(workspace: Workspace, ledger: Ledger, facts: Facts, *, now: datetime) -> list[tuple[Cell, ...]]:
    """List how key results of closed cycles, and goals that are over, ended: first by cycle, then as defined.

    The scores of a cycle are those that its closing recorded, so they never change afterwards.

    Raises:
        QuarterlineError: the workspace does not allow it.
    """
    if not workspace.achievements_export:
        raise QuarterlineError(
            "could not export achievements, because this workspace does not allow it; agree first that rewards may "
            "hang on them, then write achievements_export: true in quarterline.yaml"
        )
    definitions, day = ledger.definitions(), today(workspace.organisation, now)
    closed = [(ledger.definitions(each.revision), each.decision) for each in _closings(ledger.decided().cycles, day)]
    goals = goals_as_of(workspace, ledger, facts, [each for each in definitions.goals if each.ends < day], now=now)
    scored = [
        _row(each.card.key_result, "goal", GOAL_KIND, closing_score(each.card, GOAL_KIND), each.goal.ends)
        for each in goals
        if not each.goal.draft
    ]
    return [*_of_cycles(closed), *scored]


def _closings(changes: Iterable[Recorded[CycleChange]], day: date) -> list[Recorded[CycleChange]]:
    newest = {each.decision.key: each for each in changes if each.decision.on <= day}
    return [newest[key] for key in sorted(newest) if newest[key].decision.state == "closed"]


def _of_cycles(closed: Iterable[tuple[Definitions, CycleChange]]) -> Iterator[tuple[Cell, ...]]:
    """Give the scores with the definitions that they were given under, whatever became of these since."""
    for definitions, change in closed:
        known = {one.key: (one, each.kind) for each in definitions.objectives for one in each.key_results}
        for score in change.scores:
            if score.key in known:
                key_result, kind = known[score.key]
                yield _row(key_result, "key_result", kind, score, change.on)


def _row(key_result: KeyResult, what: str, kind: Kind, score: ClosingScore, ended_on: date) -> tuple[Cell, ...]:
    return (
        key_result.cycle,
        what,
        key_result.id,
        key_result.title.get("en"),
        key_result.title.get("vi"),
        key_result.owner,
        " ".join(key_result.contributors),
        kind,
        score.score,
        score.original_score,
        score.met,
        score.verdict,
        ended_on,
    )
