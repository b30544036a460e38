"""How old a metric's newest row is, whether that is later than declared, and when the next one is due."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from metrics.model.definition import Metric, Organisation
from metrics.model.scorecard import Freshness
from metrics.periods import confirmed_day

Arrival = Callable[[Metric, datetime], tuple[datetime | None, int]]
"""Gives the newest row's time (UTC) up to an instant, and how many rows lie after it."""


def freshness_of(metric: Metric, until: datetime, arrival: Arrival) -> Freshness:
    """Judge a metric's freshness at an instant.

    A derived metric is as old as its stalest component. Without a schedule of its own it is late when any component is
    late by that component's.
    """
    last_event_at, future_rows = arrival(metric, until)
    if metric.aggregate != "derived" or metric.expected_every is not None:
        return Freshness(last_event_at, is_late(metric.expected_every, last_event_at, until), future_rows)
    parts = [freshness_of(component, until, arrival) for component in metric.components]
    return Freshness(last_event_at, any(part.stale for part in parts), future_rows)


def measured_until(metric: Metric | None, freshness: Freshness, organisation: Organisation, day: date) -> date:
    """Give the day up to which a metric is known: of one measured once a month or less, its last measurement's."""
    if metric is None or not metric.is_sparse or freshness.last_event_at is None:
        return day
    return min(day, confirmed_day(freshness.last_event_at, organisation))


def next_due(metric: Metric | None, freshness: Freshness, organisation: Organisation) -> date | None:
    """Give the day on which the next measurement is expected; None for what is measured more often than monthly."""
    if metric is None or not metric.is_sparse or metric.schedule is None or freshness.last_event_at is None:
        return None
    return confirmed_day(freshness.last_event_at, organisation) + metric.schedule


def is_late(expected_every: timedelta | None, last_event_at: datetime | None, until: datetime) -> bool:
    """Tell whether rows that are expected on a schedule are overdue."""
    return expected_every is not None and (last_event_at is None or until - last_event_at > expected_every)
