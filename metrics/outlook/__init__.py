"""Joins the facts to the forecaster: how each key result will stand when its cycle is over; see docs/forecasting.md."""

from metrics.outlook.ahead import Outlook, look_ahead
from metrics.outlook.chance import card_of, objective_chance, passing_target
from metrics.outlook.plan import FactsHistory, Moment, OutlookReason
from metrics.outlook.precedent import with_percentile

__all__ = [
    "FactsHistory",
    "Moment",
    "Outlook",
    "OutlookReason",
    "card_of",
    "look_ahead",
    "objective_chance",
    "passing_target",
    "with_percentile",
]
