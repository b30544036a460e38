"""Joins the facts to the forecaster: how each key result will stand when its cycle is over; see docs/forecasting.md."""

from metrics.outlook.ahead import Outlook, look_ahead, settled
from metrics.outlook.chance import card_of, objective_chance, passing_target
from metrics.outlook.changes import ChanceChange, chances_at, explain_chance_change
from metrics.outlook.course import Course, Stretch, course_of, newest_value
from metrics.outlook.levers import Levers, levers_of, retarget
from metrics.outlook.plan import FactsHistory, Moment, OutlookReason
from metrics.outlook.precedent import with_percentile
from metrics.outlook.supposing import Supposed, suppose, suppose_all, what_if

__all__ = [
    "ChanceChange",
    "Course",
    "FactsHistory",
    "Levers",
    "Moment",
    "Outlook",
    "OutlookReason",
    "Stretch",
    "Supposed",
    "card_of",
    "chances_at",
    "course_of",
    "explain_chance_change",
    "levers_of",
    "look_ahead",
    "newest_value",
    "objective_chance",
    "passing_target",
    "retarget",
    "settled",
    "suppose",
    "suppose_all",
    "what_if",
    "with_percentile",
]
