"""What people tick off: the share that is done as of a day, and who said so."""

from collections.abc import Collection
from datetime import date

from metrics.model.decision import Decided
from metrics.model.definition import KeyResult
from metrics.model.scorecard import MilestoneCard
from metrics.progress.decided import ticks_on


def milestone_cards(key_result: KeyResult, decided: Decided, day: date) -> tuple[MilestoneCard, ...]:
    """Give each milestone with the day it was done; a done/not-done key result is its own only milestone."""
    ticks = ticks_on(decided.done.get(key_result.key, ()), day)
    listed: list[tuple[str | None, MilestoneCard]] = [
        (one.id, MilestoneCard(one.id, one.title, one.weight)) for one in key_result.milestones
    ]
    if key_result.shape == "binary":
        listed = [(None, MilestoneCard(key_result.id, key_result.title))]
    return tuple(
        MilestoneCard(card.id, card.title, card.weight, tick.decision.done_on, tick.actor) if tick else card
        for card, tick in ((card, ticks.get(name)) for name, card in listed)
    )


def done_share(cards: Collection[MilestoneCard]) -> float:
    """Give the share of the weights that is done: 2 of 3 milestones that weigh 1, 1 and 2 are 0.5 or 0.75.

    Exactly 1.0 when all is done.
    """
    if all(card.done_on is not None for card in cards):
        return 1.0
    return sum(card.weight for card in cards if card.done_on is not None) / sum(card.weight for card in cards)


def all_done_on(cards: Collection[MilestoneCard]) -> date | None:
    """Give the day on which the last of it was done; None while something is left."""
    days = [card.done_on for card in cards if card.done_on is not None]
    return max(days) if days and len(days) == len(cards) else None
