"""Joins the facts to the forecaster: how each key result will stand when its cycle is over; see docs/forecasting.md."""

from metrics.outlook.ahead import Outlook, look_ahead, settled
from metrics.outlook.chance import card_of, objective_chance, passing_target
from metrics.outlook.changes import ChanceChange, explain_chance_change
from metrics.outlook.plan import FactsHistory, Moment, OutlookReason
from metrics.outlook.precedent import with_percentile
from metrics.outlook.supposing import suppose, what_if

__all__ = [
    "ChanceChange",
    "FactsHistory",
    "Moment",
    "Outlook",
    "OutlookReason",
    "card_of",
    "explain_chance_change",
    "look_ahead",
    "objective_chance",
    "passing_target",
    "settled",
    "suppose",
    "what_if",
    "with_percentile",
]
