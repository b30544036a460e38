"""The calibrated forecast of a key result's value at the end of its window; see docs/forecasting.md."""

from metrics.forecast.card import forecast_card
from metrics.forecast.forecaster import answer, forecast, forecast_many
from metrics.forecast.joint import chance_of_objective, met_paths, score_paths
from metrics.forecast.question import Question, pooled_ratio
from metrics.forecast.result import FanPoint, Forecast

__all__ = [
    "FanPoint",
    "Forecast",
    "Question",
    "answer",
    "chance_of_objective",
    "forecast",
    "forecast_card",
    "forecast_many",
    "met_paths",
    "pooled_ratio",
    "score_paths",
]
