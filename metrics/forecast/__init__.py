"""The calibrated forecast of a key result's value at the end of its window; see docs/forecasting.md."""

from metrics.forecast.card import forecast_card
from metrics.forecast.distribution import Slice, distribution_of
from metrics.forecast.forecaster import answer, forecast, forecast_many
from metrics.forecast.joint import chance_of_objective, met_paths, score_paths
from metrics.forecast.question import Question, pooled_ratio
from metrics.forecast.result import FanPoint, Forecast

__all__ = [
    "FanPoint",
    "Forecast",
    "Question",
    "Slice",
    "answer",
    "chance_of_objective",
    "distribution_of",
    "forecast",
    "forecast_card",
    "forecast_many",
    "met_paths",
    "pooled_ratio",
    "score_paths",
]
