"""The story of the quarter: how each number moves, and what went wrong, told by phase.

Phase 0 is the first day of the current quarter and 1 the end of it; negative phases are quarters before. The page is
looked at between phase 0.5 and 0.83, so the slopes are gentle there and the story holds on every day.
"""

from collections.abc import Mapping
from typing import TypeAlias

Curve: TypeAlias = Mapping[float, float]
"""Phase to value, straight lines between."""

OUTAGE = 0.12
"""The shop was down for a day: a burst of tickets, slow answers, complaints."""

OUTAGE_BEFORE = -2.4
"""Couriers were on strike for a day."""

SURVEY_DOWN = 0.17
SURVEY_DOWN_DAYS = 4
"""The survey system sent nothing for four days."""

FIRST_RESPONSE: Curve = {-6: 4.9, -3: 4.3, -1: 3.8, 0: 3.65, 0.15: 3.5, 0.3: 2.95, 0.5: 2.7, 0.85: 2.5, 1: 2.4}
"""Median hours to the first response: new shifts since the quarter's third week."""

RESOLUTION: Curve = {-6: 31, -1: 27, 0: 26, 0.2: 24, 0.5: 21, 0.85: 19.5, 1: 19}
"""Median hours to the resolution."""

SOUTH_LAG: Curve = {-1: 1.0, 0: 1.05, 0.5: 1.22, 1: 1.28}
"""Multiple of the response time in the south, where two people are missing."""

SATISFIED: Curve = {-6: 0.715, -2: 0.745, -0.4: 0.75, 0: 0.755, 0.12: 0.785, 0.27: 0.828, 0.5: 0.847, 1: 0.875}
"""Share of answers with a score of 4 or 5."""

CENTRAL_GAP: Curve = {-6: 0.04, 0: 0.045, 0.3: 0.075, 1: 0.085}
"""How much smaller that share is in the central team."""

REOPENED: Curve = {-6: 0.085, 0: 0.075, 1: 0.07}
"""Share of tickets that come back."""

COMPLAINTS: Curve = {-6: 0.054, -3: 0.047, -1: 0.0475, 0: 0.05, 0.3: 0.0525, 0.6: 0.051, 1: 0.049}
"""Share of transactions with a complaint."""

RETURNS: Curve = {-6: 0.041, -1: 0.036, 0: 0.034, 1: 0.032}
"""Share of orders brought or sent back."""

ONLINE: Curve = {-6: 0.26, -1: 0.305, 0: 0.315, 0.5: 0.345, 1: 0.37}
"""Share of orders placed online on an ordinary day."""

NEW_CUSTOMERS: Curve = {-6: 0.17, -1: 0.185, 0: 0.19, 0.5: 0.21, 1: 0.215}
"""Share of orders by somebody who had not bought before."""

ORDER_VALUE: Curve = {-6: 470_000, -1: 498_000, 0: 500_000, 0.5: 497_000, 1: 498_000}
"""Mean VND of an order in a store."""
