"""Key results that nothing is moving: a good part of the way was expected, and hardly any of it is behind them."""

from metrics.model.scorecard import KeyResultCard
from metrics.progress.measure import is_limit

LEAST_EXPECTED = 0.25
"""While less than a quarter of the way is expected, by the days or by a plan, little progress says little."""

HARDLY = 0.05
"""Share of the way below which a key result has not left its baseline; the wrong way is no way either."""


def stands_still(card: KeyResultCard) -> bool:
    """Tell whether what is done about a key result shows nowhere in its number.

    A line that is held has no way to go, and what people tick off moves in steps. Nothing is expected of a survey that
    is not due yet.
    """
    moves = not is_limit(card.key_result) and not card.key_result.is_checklist
    return moves and card.expected >= LEAST_EXPECTED and card.progress_raw is not None and card.progress_raw < HARDLY
