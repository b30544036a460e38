"""When rows are late, and when a rare measurement is due next."""

from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.model.definition import Metric, Organisation
from metrics.model.scorecard import Freshness
from metrics.progress.freshness import is_late, measured_until, next_due

ORGANISATION = Organisation("Test", timezone="Asia/Ho_Chi_Minh")
QUARTERLY = Metric("s", {}, "survey.answers", "at", "mean", value="s", expected_every=timedelta(days=90))
DAILY = Metric("d", {}, "shop.sales", "at", "sum", value="n", expected_every=timedelta(days=1))
MEASURED = Freshness(datetime(2027, 1, 14, 20, tzinfo=UTC), stale=False)  # the 15th in Ho Chi Minh City


def test_a_quarterly_survey_is_due_a_quarter_after_the_last_one() -> None:
    assert next_due(QUARTERLY, MEASURED, ORGANISATION) == date(2027, 4, 15)
    assert measured_until(QUARTERLY, MEASURED, ORGANISATION, date(2027, 2, 20)) == date(2027, 1, 15)
    assert measured_until(QUARTERLY, MEASURED, ORGANISATION, date(2027, 1, 10)) == date(2027, 1, 10)


@pytest.mark.parametrize(
    ("metric", "freshness"), [(DAILY, MEASURED), (None, MEASURED), (QUARTERLY, Freshness(None, False))]
)
def test_what_comes_daily_or_never_came_has_no_date(metric: Metric | None, freshness: Freshness) -> None:
    assert next_due(metric, freshness, ORGANISATION) is None
    assert measured_until(metric, freshness, ORGANISATION, date(2027, 2, 20)) == date(2027, 2, 20)


@pytest.mark.parametrize(
    ("every", "hours", "late"),
    [(None, 999, False), (24, 24, False), (24, 25, True), (24, None, True), (None, None, False)],
)
def test_rows_are_late_only_past_their_schedule(every: int | None, hours: int | None, late: bool) -> None:
    until = datetime(2027, 2, 15, tzinfo=UTC)
    last = None if hours is None else until - timedelta(hours=hours)
    assert is_late(None if every is None else timedelta(hours=every), last, until) is late
