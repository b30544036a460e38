"""The mix of a cycle's objectives: how many are commitments, and how many aspirations."""

from collections import Counter
from collections.abc import Mapping

from metrics.model.definition import Kind
from metrics.model.scorecard import Scorecard


def mix_of(scorecard: Scorecard) -> Mapping[Kind, int]:
    """Count the objectives of each kind, those that there are none of too."""
    counted = Counter(card.objective.kind for card in scorecard.objectives)
    return {"committed": counted["committed"], "aspirational": counted["aspirational"]}
