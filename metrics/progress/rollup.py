"""Objectives from their key results: weighted mean of clipped progress, and the worst status beside it."""

from collections.abc import Sequence
from datetime import date

from metrics.model.definition import Objective
from metrics.model.scorecard import Cycle, KeyResultCard, ObjectiveCard, Status
from metrics.progress.measure import clip
from metrics.progress.policies import FALLBACK_POLICY, POLICIES, Policy, chance_status, judge_pace
from metrics.progress.status import passes

WORST_FIRST: tuple[Status, ...] = (
    "missed",
    "off_track",
    "no_data",
    "stale",
    "at_risk",
    "not_started",
    "on_track",
    "achieved",
)

NEEDS_ATTENTION: frozenset[Status] = frozenset({"missed", "off_track", "no_data", "stale", "at_risk"})
"""Statuses that somebody has to do something about."""


def roll_up(
    objective: Objective,
    cards: Sequence[KeyResultCard],
    cycle: Cycle,
    as_of: date,
    *,
    policy: Policy,
    chance: float | None = None,
) -> ObjectiveCard:
    """Roll key results up: sum(w p) / sum(w), p clipped to 0..1; a key result without data is left out and named.

    Args:
        objective: what they belong to.
        cards: its key results.
        cycle: its cycle.
        as_of: the day.
        policy: how an open objective is coloured.
        chance: that the roll-up reaches the pass mark, where it is known.
    """
    counted = [(card, card.progress) for card in cards if card.progress is not None]
    weight = sum(card.key_result.weight for card, _ in counted)
    progress = expected = None
    if weight:
        progress = sum(card.key_result.weight * share for card, share in counted) / weight
        expected = sum(card.key_result.weight * clip(card.expected) for card, _ in counted) / weight
    return ObjectiveCard(
        objective=objective,
        progress=progress,
        expected=expected,
        p_hit=chance,
        status=_status(objective, cards, progress, expected, cycle, as_of, policy, chance),
        worst=worst_of([card.status for card in cards]),
        key_results=tuple(cards),
        without_data=tuple(card.key_result.id for card in cards if card.progress is None),
    )


def worst_of(statuses: Sequence[Status]) -> Status:
    """Give the status that most needs attention; `no_data` where there is none at all."""
    return min(statuses, key=WORST_FIRST.index, default="no_data")


def worse_within(card: ObjectiveCard) -> Status | None:
    """Give the worst status among an objective's key results where its own says less."""
    return card.worst if WORST_FIRST.index(card.worst) < WORST_FIRST.index(card.status) else None


def _status(
    objective: Objective,
    cards: Sequence[KeyResultCard],
    progress: float | None,
    expected: float | None,
    cycle: Cycle,
    as_of: date,
    policy: Policy,
    chance: float | None,
) -> Status:
    if as_of < cycle.starts:
        return "not_started"
    if progress is None or expected is None:
        return "no_data"
    if as_of >= cycle.ends:
        # A promise is kept only where each of its parts is: `< 2` at 2 is all of the way, and missed.
        broken = objective.kind == "committed" and any(card.met is False for card in cards)
        return "achieved" if passes(objective.kind, progress) and not broken else "missed"
    if policy.chances is not None:
        if chance is not None:
            return chance_status(policy.chances, chance)
        policy = POLICIES[FALLBACK_POLICY]
    return judge_pace(policy, progress=progress, expected=expected)[0]
