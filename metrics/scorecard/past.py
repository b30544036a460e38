"""A past day as it was shown, beside what is known about it now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metrics.definitions import Workspace
from metrics.errors import QuarterlineError
from metrics.facts import Facts
from metrics.ledger import Ledger, Shown
from metrics.model.scorecard import Scorecard
from metrics.scorecard.build import build_scorecard, choose_cycle
from metrics.scorecard.current import workspace_frame
from metrics.scorecard.difference import Difference, explain_difference
from metrics.scorecard.document import scorecard_document


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """What was shown on a day, what is known about it now, and what differs.

    Attributes:
        then: the document that was recorded.
        now: the same cycle as of the same day.
    """

    shown: Shown
    then: Mapping[str, Any]
    now: Scorecard
    differences: tuple[Difference, ...]


def find_shown(workspace: Workspace, ledger: Ledger, day: date, cycle_id: str | None = None) -> Shown:
    """Find what was shown of a cycle on a day [default: the cycle that the day belongs to].

    Raises:
        QuarterlineError: nothing was recorded on that day.
        NotFoundError: the cycle is of no known form.
    """
    definitions = ledger.definitions()
    cycle = choose_cycle(definitions, workspace.organisation, workspace.cycles, as_of=day, cycle_id=cycle_id)
    shown = ledger.shown_on(cycle.id, day)
    if shown is None:
        raise QuarterlineError(
            f"could not show cycle {cycle.id!r} as of {day}, because nothing was recorded on that day (every sync "
            "records what is shown); use --as-of to recompute it with what is known now"
        )
    return shown


def then_and_now(workspace: Workspace, ledger: Ledger, facts: Facts, shown: Shown, *, now: datetime) -> ThenAndNow:
    """Recompute the day of what was shown, and tell what differs and why."""
    definitions = ledger.definitions()
    frame = workspace_frame(workspace, ledger, definitions, now=now, as_of=shown.day, cycle_id=shown.cycle)
    scorecard = build_scorecard(definitions, facts, frame)
    then = json.loads(shown.document)
    known = scorecard_document(scorecard, workspace.organisation.language)
    return ThenAndNow(shown, then, scorecard, explain_difference(then, known))
