"""Cycles, the fiscal calendar, and reads as windows of days: pure rules that take `as_of`.

Days are days of the organisation's zone throughout; both ends of every window are included.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from metrics.model.definition import CycleDefinition, Goal, Organisation, PlanPoint, Read
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle

TREND_WEEKS = 13
_YEAR = re.compile(r"^(\d{4})$")
_QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")
_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


def resolve_cycle(cycle_id: str, organisation: Organisation, cycles: Sequence[CycleDefinition] = ()) -> Cycle:
    """Turn a cycle id into its days.

    A declared cycle overrides the fiscal calendar. `2027` is a fiscal year and `2027-Q1` one of its quarters, named by
    the calendar year in which the fiscal year ends; `2027-03` is the calendar month.

    Raises:
        ValueError: the id is neither declared nor of the fiscal calendar's form.
    """
    for declared in cycles:
        if declared.id == cycle_id:
            return _declared(declared, cycles)
    start_month = organisation.fiscal_year_start
    if found := _YEAR.match(cycle_id):
        starts = _fiscal_year_starts(int(found[1]), start_month)
        return Cycle(cycle_id, starts, _add_months(starts, 12) - timedelta(days=1))
    if found := _QUARTER.match(cycle_id):
        starts = _add_months(_fiscal_year_starts(int(found[1]), start_month), 3 * (int(found[2]) - 1))
        return Cycle(cycle_id, starts, _add_months(starts, 3) - timedelta(days=1))
    if found := _MONTH.match(cycle_id):
        year, month = int(found[1]), int(found[2])
        return Cycle(cycle_id, date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    declared_ids = ", ".join(repr(declared.id) for declared in cycles)
    rest = f"or one of {declared_ids}" if declared_ids else "or declare it under cycles: in quarterline.yaml"
    raise ValueError(
        f"{cycle_id!r} is no cycle; write a fiscal year such as '2027', a quarter such as '2027-Q1', a month such as "
        f"'2027-03', {rest}"
    )


def goal_window(goal: Goal) -> Cycle:
    """Give the days that a goal is measured over; no cycle is of that name."""
    return Cycle(goal.key, goal.starts, goal.ends)


def quarter_of(day: date, organisation: Organisation, cycles: Sequence[CycleDefinition] = ()) -> Cycle:
    """Find the cycle that a day belongs to: the shortest declared one that holds it, else its fiscal quarter."""
    declared = [cycle for cycle in cycles if cycle.starts <= day <= cycle.ends]
    if declared:
        shortest = min(declared, key=lambda cycle: (cycle.ends - cycle.starts, cycle.id))
        return _declared(shortest, cycles)
    months_in = (day.month - organisation.fiscal_year_start) % 12
    ends_in = day.year + (
        1 if organisation.fiscal_year_start > 1 and day.month >= organisation.fiscal_year_start else 0
    )
    return resolve_cycle(f"{ends_in}-Q{months_in // 3 + 1}", organisation)


def previous_cycle(cycle: Cycle) -> Window:
    """Give the days of the cycle before: of a declared one that which ends the day before, whatever its length.

    Else as many whole months for a cycle of whole months, else as many days.
    """
    last = cycle.starts - timedelta(days=1)
    if cycle.follows is not None:
        return Window(cycle.follows, last)
    day_after = cycle.ends + timedelta(days=1)
    if cycle.starts.day == 1 and day_after.day == 1:
        months = (day_after.year - cycle.starts.year) * 12 + day_after.month - cycle.starts.month
        return Window(_add_months(cycle.starts, -months), last)
    return Window(cycle.starts - timedelta(days=cycle.days), last)


def elapsed_share(cycle: Cycle, as_of: date) -> float:
    """Share of the cycle's days that have begun by `as_of`, between 0 and 1: day 46 of 90 is 0.511."""
    return min(max((as_of - cycle.starts).days + 1, 0), cycle.days) / cycle.days


def days_left(cycle: Cycle, as_of: date) -> int:
    """Days of the cycle that come after `as_of`."""
    return min(max((cycle.ends - as_of).days, 0), cycle.days)


def today(organisation: Organisation, now: datetime) -> date:
    """Give the organisation's day at an instant (`now` must carry a zone)."""
    return now.astimezone(ZoneInfo(organisation.timezone)).date()


def is_over(cycle: Cycle, as_of: date, organisation: Organisation, now: datetime) -> bool:
    """Tell whether a cycle had ended by a day; on its last day only looking back, for today's rows still arrive."""
    return as_of > cycle.ends or (as_of == cycle.ends and today(organisation, now) > cycle.ends)


def end_of_day(day: date, organisation: Organisation) -> datetime:
    """Give the instant (UTC) at which a day of the organisation's zone is over."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(organisation.timezone))
    return midnight.astimezone(UTC)


def confirmed_day(last_event_at: datetime, organisation: Organisation) -> date:
    """Give the day of a stream's newest row.

    A row dated by its day counts as arrived when that day is over, which is the next day's first instant.
    """
    return (last_event_at - timedelta(microseconds=1)).astimezone(ZoneInfo(organisation.timezone)).date()


def read_window(read: Read, cycle: Cycle, as_of: date, organisation: Organisation) -> Window | None:
    """Give the days that "the value" covers as of a day, or None before the cycle has begun.

    `last week` and `last month` are the newest that are over on or before `as_of`; after the cycle, everything is as of
    its last day.
    """
    if as_of < cycle.starts:
        return None
    return _window_at(read, cycle, min(as_of, cycle.ends), organisation)


def baseline_window(read: Read, cycle: Cycle, organisation: Organisation) -> Window:
    """Give the days that an `auto` baseline covers: the same read as of the day before the cycle.

    For `period` that is the whole previous cycle.
    """
    if read.kind == "period":
        return previous_cycle(cycle)
    return _window_at(read, cycle, cycle.starts - timedelta(days=1), organisation)


def trend_window(as_of: date, organisation: Organisation) -> Window:
    """Give the thirteen newest weeks that are over on or before `as_of`; a week that has just begun would mislead."""
    following = week_of(as_of + timedelta(days=1), organisation)
    return Window(following - timedelta(weeks=TREND_WEEKS), following - timedelta(days=1))


def week_of(day: date, organisation: Organisation) -> date:
    """Give the first day of the week that holds `day`."""
    offset = day.weekday() if organisation.week_start == "monday" else (day.weekday() + 1) % 7
    return day - timedelta(days=offset)


def month_window(month: str) -> Window:
    """Give the days of a calendar month such as `2027-01`.

    Raises:
        ValueError: it is no month.
    """
    found = _MONTH.match(month)
    if not found:
        raise ValueError(f"{month!r} is no month; write it as 2027-01")
    starts = date(int(found[1]), int(found[2]), 1)
    return Window(starts, _add_months(starts, 1) - timedelta(days=1))


def month_before(day: date) -> str:
    """Name the calendar month before the one that holds a day: `2027-01` on any day of February."""
    return f"{_add_months(day.replace(day=1), -1):%Y-%m}"


def months_of(cycle: Cycle) -> tuple[str, ...]:
    """Name the calendar months that have days in a cycle."""
    first = cycle.starts.replace(day=1)
    count = (cycle.ends.year - first.year) * 12 + cycle.ends.month - first.month + 1
    return tuple(f"{_add_months(first, number):%Y-%m}" for number in range(count))


def planned_value(plan: Sequence[PlanPoint], cycle: Cycle, as_of: date, *, baseline: float, target: float) -> float:
    """Read a plan's curve at a day: straight lines from the baseline through the plan's points to the target.

    The baseline stands at the day before the cycle, the target at its last day unless the plan says otherwise.
    """
    knots = [(cycle.starts - timedelta(days=1), baseline), *((point.by, point.value) for point in plan)]
    if knots[-1][0] < cycle.ends:
        knots.append((cycle.ends, target))
    for (left_day, left), (right_day, right) in pairwise(knots):
        if as_of <= right_day:
            share = max((as_of - left_day).days, 0) / (right_day - left_day).days
            return left + share * (right - left)
    return knots[-1][1]


def _window_at(read: Read, cycle: Cycle, as_of: date, organisation: Organisation) -> Window:
    match read.kind:
        case "period":
            return Window(cycle.starts, as_of)
        case "trailing":
            return Window(as_of - timedelta(days=(read.days or 1) - 1), as_of)
        case "last week":
            following = week_of(as_of + timedelta(days=1), organisation)
            return Window(following - timedelta(days=7), following - timedelta(days=1))
        case "last month":
            following = (as_of + timedelta(days=1)).replace(day=1)
            return Window(_add_months(following, -1), following - timedelta(days=1))


def _declared(declared: CycleDefinition, cycles: Sequence[CycleDefinition]) -> Cycle:
    """Resolve a declared cycle; the one before it ends the day before and is about as long, as 5 weeks before 4.

    A year that happens to end then is no month's cycle before.
    """
    last, length = declared.starts - timedelta(days=1), declared.ends - declared.starts
    apart = {each.starts: abs(each.ends - each.starts - length) for each in cycles if each.ends == last}
    nearest = min(apart, key=lambda starts: apart[starts], default=None)
    follows = None if nearest is None or 3 * apart[nearest] > length else nearest
    return Cycle(declared.id, declared.starts, declared.ends, follows)


def _fiscal_year_starts(year: int, start_month: int) -> date:
    return date(year if start_month == 1 else year - 1, start_month, 1)


def _add_months(first_of_month: date, months: int) -> date:
    index = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
