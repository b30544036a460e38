"""How key results ended: a score of 0.0 to 1.0, its band, and met or missed by the objective's kind."""

from metrics.model.decision import Band, ClosingScore, Verdict
from metrics.model.definition import Kind
from metrics.model.scorecard import KeyResultCard
from metrics.progress.status import passes

BAND_BEGINS = 0.6
"""An aspirational score of 0.6 to 0.7 lies within the band that such goals are meant to end in, short of the mark."""

_BANDS: tuple[tuple[float, Band], ...] = ((0.7, "green"), (0.4, "yellow"))
_TOLERANCE = 1e-9


def closing_score(card: KeyResultCard, kind: Kind) -> ClosingScore:
    """Score a key result as it stands; without a value there is nothing to score.

    The score is clipped progress, so `< 2` from 4 is 1.0 at 2 and still missed: the comparator is exact.
    """
    return ClosingScore(
        key=card.key_result.key,
        score=card.progress,
        original_score=card.original_progress,
        met=card.met,
        verdict=verdict_of(kind, card.progress, met=card.met),
        band=None if card.progress is None else band_of(card.progress),
    )


def verdict_of(kind: Kind, score: float | None, *, met: bool | None) -> Verdict:
    """Say what a score is worth: 0.7 is a miss for a committed and a success for an aspirational key result."""
    if met is None:
        return "no_data"
    if met:
        return "met"
    if kind == "committed" or score is None:
        return "missed"
    if passes(kind, score):
        return "passed"
    return "within_band" if score >= BAND_BEGINS - _TOLERANCE else "missed"


def band_of(score: float) -> Band:
    """Give Google's colour of a score: green from 0.7, yellow from 0.4."""
    return next((band for begins, band in _BANDS if score >= begins - _TOLERANCE), "red")
