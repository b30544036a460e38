"""Brings a forecast down to what a scorecard shows of it."""

from metrics.forecast.result import Forecast
from metrics.model.scorecard import ForecastCard
from metrics.model.target import Target


def forecast_card(forecast: Forecast, target: Target) -> ForecastCard:
    """Give the scorecard's fields; what the history rules withhold is None, with the reason beside it."""
    return ForecastCard(
        median=forecast.median,
        lo80=forecast.lo80,
        hi80=forecast.hi80,
        lo95=forecast.lo95,
        hi95=forecast.hi95,
        p_hit=forecast.chance(target),
        method=forecast.method if forecast.has_range else None,
        history=forecast.history,
        reason=None if forecast.certain else forecast.reason,
        low_confidence=forecast.low_confidence,
    )
