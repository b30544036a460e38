"""How the chances of a cycle moved within a week, and its key results by what they lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from metrics.model.definition import Definitions
from metrics.model.scorecard import KeyResultCard, ObjectiveCard, Scorecard
from metrics.outlook import FactsHistory, chances_at
from metrics.scorecard.build import Frame
from metrics.scorecard.current import week_before


@dataclass(frozen=True, slots=True)
class Week:
    """Chances then, and what became of them.

    Attributes:
        since: the day a week before; None where the cycle had not begun by then.
        before: chance at its end by key result (`cycle/id`), where there was one.
    """

    since: date | None = None
    before: Mapping[str, float] = field(default_factory=dict)

    def moves(self, scorecard: Scorecard) -> dict[str, float]:
        """Give the change of each chance that was there at both ends; below 0 is a loss."""
        return {
            card.key_result.key: card.forecast.p_hit - self.before[card.key_result.key]
            for card in scorecard.key_results
            if card.forecast.p_hit is not None and card.key_result.key in self.before
        }


def week_of(definitions: Definitions, facts: FactsHistory, frame: Frame) -> Week:
    """Compute the chances of a week before, from the same rows that are known now."""
    earlier = week_before(frame)
    return Week() if earlier is None else Week(earlier.as_of, chances_at(definitions, facts, earlier))


def by_loss(scorecard: Scorecard, moves: Mapping[str, float]) -> Scorecard:
    """Put what lost most of its chance first, objectives by the largest loss in them; the rest keeps its order.

    Args:
        moves: as `Week.moves` gives them.
    """
    objectives = [replace(each, key_results=_sorted(each, moves)) for each in scorecard.objectives]
    ordered = sorted(
        objectives,
        key=lambda each: min((moves.get(card.key_result.key, 0.0) for card in each.key_results), default=0.0),
    )
    return replace(scorecard, objectives=tuple(ordered))


def _sorted(card: ObjectiveCard, moves: Mapping[str, float]) -> tuple[KeyResultCard, ...]:
    return tuple(sorted(card.key_results, key=lambda each: moves.get(each.key_result.key, 0.0)))
