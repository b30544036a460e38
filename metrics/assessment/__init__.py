"""Gathers what the facts say about key results, and has the SMART rules judge them, also before they are saved."""

from metrics.assessment.draft import Background, assess_draft, assess_draft_objective, background_key, background_of
from metrics.assessment.gathering import FactsHistory, Moment, assess, chances_of, gather_evidence

__all__ = [
    "Background",
    "FactsHistory",
    "Moment",
    "assess",
    "assess_draft",
    "assess_draft_objective",
    "background_key",
    "background_of",
    "chances_of",
    "gather_evidence",
]
