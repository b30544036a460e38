"""The one place that reads the clock; `QUARTERLINE_TODAY` holds a day still, for demonstrations and tests."""

import os
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from metrics.errors import QuarterlineError
from metrics.model.definition import Organisation

FIXED_DAY = "QUARTERLINE_TODAY"


def now(organisation: Organisation) -> datetime:
    """Give the present instant (UTC), or noon of the fixed day in the organisation's zone.

    Raises:
        QuarterlineError: the fixed day is no ISO date.
    """
    fixed = os.environ.get(FIXED_DAY)
    if not fixed:
        return datetime.now(UTC)
    try:
        day = date.fromisoformat(fixed)
    except ValueError:
        raise QuarterlineError(
            f"could not tell the day, because {FIXED_DAY}={fixed!r} is no date; write it as 2027-02-15 or unset it"
        ) from None
    return datetime.combine(day, time(12), ZoneInfo(organisation.timezone)).astimezone(UTC)
