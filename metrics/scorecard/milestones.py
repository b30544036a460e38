"""Milestones that people have newly ticked off: what a week brought, for everybody to see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from metrics.model.scorecard import KeyResultCard, MilestoneCard, Scorecard

NEW_FOR = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class NewlyDone:
    """A milestone, or a done/not-done key result, that was done within the week."""

    card: KeyResultCard
    milestone: MilestoneCard


def newly_done(scorecard: Scorecard) -> tuple[NewlyDone, ...]:
    """List what was ticked off in the seven days up to the scorecard's, the newest first."""
    found = sorted(_ticked_off(scorecard), key=lambda each: each.milestone.done_on or scorecard.as_of, reverse=True)
    return tuple(found)


def _ticked_off(scorecard: Scorecard) -> Iterator[NewlyDone]:
    since = scorecard.as_of - NEW_FOR
    for card in scorecard.key_results:
        for milestone in card.milestones:
            if milestone.done_on is not None and since < milestone.done_on <= scorecard.as_of:
                yield NewlyDone(card, milestone)
