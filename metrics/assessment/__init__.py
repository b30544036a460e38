"""Gathers what the facts say about key results, and has the SMART rules judge them, also before they are saved."""

from metrics.assessment.draft import (
    Background,
    assess_draft,
    assess_draft_goal,
    assess_draft_objective,
    background_key,
    background_of,
)
from metrics.assessment.gathering import FactsHistory, Moment, assess, assess_goals, chances_of, gather_evidence
from metrics.assessment.publishing import Blocking, blocking_errors, publishing_problems

__all__ = [
    "Background",
    "Blocking",
    "FactsHistory",
    "Moment",
    "assess",
    "assess_draft",
    "assess_draft_goal",
    "assess_draft_objective",
    "assess_goals",
    "background_key",
    "background_of",
    "blocking_errors",
    "chances_of",
    "gather_evidence",
    "publishing_problems",
]
