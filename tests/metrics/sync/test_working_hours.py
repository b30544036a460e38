"""Working hours in the facts: by hand across Tết, weekends, lunch and changes of clocks, and minute by minute."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from metrics.compile import check_metric
from metrics.definitions import Workspace
from metrics.errors import FactsError
from metrics.facts import Facts
from metrics.model.calendar import WorkCalendar, WorkingHours
from metrics.model.definition import Metric, Organisation
from metrics.model.reading import Measure, Window
from metrics.sync.calendars import public_holidays
from metrics.working_time import spans_on
from tests.metrics.sync.rig import Rig, install_plug_in, metric

SAIGON, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin")
WEEK = ((8 * 60, 12 * 60), (13 * 60, 17 * 60 + 30))
OFFICE = WorkCalendar("office", (WEEK,) * 5 + (((8 * 60, 12 * 60),), ()), holidays="VN")
NIGHT = WorkCalendar("night", (((0, 6 * 60), (22 * 60, 24 * 60)),) * 7, holidays="DE")
HOURS = WorkingHours("opened", "answered", "office")
YEAR = Window(date(2026, 1, 1), date(2027, 12, 31))


class CalendarRig(Rig):
    """A rig whose workspace declares calendars."""

    calendars: dict[str, WorkCalendar]

    @property
    def workspace(self) -> Workspace:
        return replace(super().workspace, calendars=self.calendars)


@pytest.fixture
def calendar_rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CalendarRig:
    install_plug_in(monkeypatch, tmp_path / "site")
    root = tmp_path / "workspace"
    root.mkdir()
    made = CalendarRig(root, Organisation("Test", timezone="Asia/Ho_Chi_Minh"))
    made.calendars = {"office": OFFICE, "night": NIGHT}
    return made


def at(text: str, zone: ZoneInfo = SAIGON, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def tickets(rows: list[tuple[Any, Any]]) -> pa.Table:
    kind = pa.timestamp("us", tz="UTC")
    listed = [
        {"id": number, "at": opened, "opened": opened, "answered": answered}
        for number, (opened, answered) in enumerate(rows)
    ]
    return pa.Table.from_pylist(
        listed, schema=pa.schema([("id", pa.int64()), ("at", kind), ("opened", kind), ("answered", kind)])
    )


def waited(rig: Rig, rows: list[tuple[Any, Any]], working: WorkingHours = HOURS) -> list[float | None]:
    """Give the hours of each row: a metric over the instant's own key reads them one by one."""
    subject = metric("waited", "sum", working_hours=working)
    rig.define(subject)
    rig.put("sales", tickets(rows))
    assert rig.sync(now=datetime(2027, 12, 1, tzinfo=UTC)).ok
    with rig.facts() as facts:
        compiled = facts._compiled(subject)
        found = facts.query(f'SELECT "quarterline working hours" FROM {compiled.table} ORDER BY id')
    return [hours for (hours,) in found]


BY_HAND: list[tuple[str | None, str | None, float | None]] = [
    ("2027-03-15 09:00", "2027-03-15 11:30", 2.5),  # a Monday morning
    ("2027-03-15 11:30", "2027-03-15 13:30", 1.0),  # across lunch
    ("2027-03-15 12:10", "2027-03-15 12:50", 0.0),  # within lunch
    ("2027-03-15 06:00", "2027-03-15 08:15", 0.25),  # opened before work begins
    ("2027-03-15 17:15", "2027-03-16 08:15", 0.5),  # over night
    ("2027-03-15 19:00", "2027-03-15 23:00", 0.0),  # opened and answered after work
    ("2027-03-19 17:00", "2027-03-22 08:30", 5.0),  # Friday to Monday: half an hour, Saturday's four, half an hour
    ("2027-03-20 11:00", "2027-03-21 20:00", 1.0),  # Saturday noon, then Sunday
    ("2027-02-03 17:00", "2027-02-11 08:30", 1.0),  # Tết 2027 is free from 4 to 10 February
    ("2027-02-06 09:00", "2027-02-06 10:00", 0.0),  # the first day of the year of the Goat
    ("2027-04-29 17:00", "2027-05-04 08:30", 1.0),  # 30 April and 1 May, with the day that makes up for Saturday
    ("2027-03-15 09:00", "2027-03-15 09:00", 0.0),
    ("2027-03-15 09:00", "2027-03-15 08:59", None),  # reversed
    ("2027-03-15 09:00", None, None),  # not answered yet
    (None, "2027-03-15 09:00", None),
    ("1999-12-31 09:00", "2000-01-05 09:00", None),  # before the calendar begins
]


def test_hours_by_hand(calendar_rig: CalendarRig) -> None:
    rows = [(opened and at(opened), answered and at(answered)) for opened, answered, _ in BY_HAND]
    found = waited(calendar_rig, rows)
    assert dict(zip(BY_HAND, found, strict=True)) == {case: case[2] for case in BY_HAND}


def test_days_off_and_days_worked_besides_overrule_the_week(calendar_rig: CalendarRig) -> None:
    sunday, monday = date(2027, 3, 21), date(2027, 3, 22)
    calendar_rig.calendars["office"] = replace(
        OFFICE, days_off=frozenset({monday}), extra=((sunday, ((9 * 60, 10 * 60),)),)
    )
    rows = [(at("2027-03-21 00:00"), at("2027-03-21 23:00")), (at("2027-03-22 00:00"), at("2027-03-22 23:00"))]
    assert waited(calendar_rig, rows) == [1.0, 0.0]


ACROSS_CHANGES = [
    ("2027-03-27 21:00", "2027-03-28 07:00", 7.0),  # the clocks go forward at 2: two hours and five, not six
    ("2027-10-30 21:00", "2027-10-31 07:00", 9.0),  # and back at 3: two hours and seven
    ("2027-06-01 21:00", "2027-06-02 07:00", 8.0),
]


def test_a_shift_across_a_change_of_clocks_is_as_long_as_it_was(calendar_rig: CalendarRig) -> None:
    calendar_rig.organisation = Organisation("Test", timezone="Europe/Berlin")
    rows = [(at(opened, BERLIN), at(answered, BERLIN)) for opened, answered, _ in ACROSS_CHANGES]
    found = waited(calendar_rig, rows, replace(HOURS, calendar="night"))
    assert found == [hours for _, _, hours in ACROSS_CHANGES]


def test_hours_that_the_change_of_clocks_leaves_out_take_none_from_those_after(calendar_rig: CalendarRig) -> None:
    """The hour from two to three never was on that Sunday; the three hours until six were worked."""
    calendar_rig.organisation = Organisation("Test", timezone="Europe/Berlin")
    calendar_rig.calendars["shifts"] = WorkCalendar("shifts", (((0, 120), (120, 180), (180, 360)),) * 7)
    rows = [(at("2026-03-28 20:00", BERLIN), at("2026-03-29 05:00", BERLIN))]
    assert waited(calendar_rig, rows, replace(HOURS, calendar="shifts")) == [4.0]


def counted(opened: datetime, answered: datetime) -> float:
    """Count the stretches of five minutes that fall into working time, one by one."""
    free, found, instant = public_holidays("VN", 2027, 2027), 0, opened
    while instant < answered:
        local = instant.astimezone(SAIGON)
        minute = local.hour * 60 + local.minute
        found += any(
            begins <= minute < ends for begins, ends in spans_on(OFFICE, local.date(), extra={}, holidays=free)
        )
        instant += timedelta(minutes=5)
    return found / 12


def test_hours_are_those_counted_one_by_one(calendar_rig: CalendarRig) -> None:
    """Sixty stretches of up to nine days around Tết, drawn once and for all."""
    rng = random.Random(7)
    begins = [datetime(2027, 1, 29, tzinfo=UTC) + timedelta(minutes=5 * rng.randrange(6000)) for _ in range(60)]
    rows = [(begin, begin + timedelta(minutes=5 * rng.randrange(2600))) for begin in begins]
    assert waited(calendar_rig, rows) == [pytest.approx(counted(*row), abs=1e-9) for row in rows]


def aggregates() -> list[Metric]:
    return [
        metric(f"{name}_{working is not None}", name, **({"working_hours": working} if working else {"value": value}))
        for name in ("median", "p90", "mean", "max", "sum", "last")
        for working, value in ((HOURS, None), (None, "date_diff('minute', opened, answered) / 60.0"))
    ]


def test_every_aggregate_is_kept_and_equals_its_rows(calendar_rig: CalendarRig) -> None:
    """Within one morning working hours are hours, so both kinds of metric must agree, kept or computed anew."""
    rows = [
        (at(f"2027-03-{day} 08:{minute:02}"), at(f"2027-03-{day} 11:{minute:02}"))
        for day in (15, 16, 17)
        for minute in (0, 20, 55)
    ]
    rows = [(opened, answered - timedelta(minutes=7 * number)) for number, (opened, answered) in enumerate(rows)]
    calendar_rig.define(*aggregates())
    calendar_rig.put("sales", tickets([*rows, (at("2027-03-18 09:00"), at("2027-03-18 08:00"))]))
    result = calendar_rig.sync(now=datetime(2027, 4, 1, tzinfo=UTC))
    assert result.ok
    assert "'working hours from opened to answered (office)' gives no finite number on 1 rows" in " ".join(
        result.streams[0].notes
    )
    with calendar_rig.facts() as facts:
        week = Window(date(2027, 3, 15), date(2027, 3, 17))
        for worked, plain in zip(aggregates()[::2], aggregates()[1::2], strict=True):
            one, other = facts.measure([Measure(worked, (), (week,)), Measure(plain, (), (week,))])
            assert one.readings[0].value == pytest.approx(other.readings[0].value)
            assert one.readings[0].rows == other.readings[0].rows == 9
            assert facts.is_kept(worked)
            lineage = facts.lineage(Measure(worked, (), (week,)))
            assert facts.query(lineage.sql) == [(pytest.approx(one.readings[0].value), 9)]


def median_over_all(facts: Facts) -> float | None:
    return facts.measure([Measure(metric("waited", "median", working_hours=HOURS), (), (YEAR,))])[0].readings[0].value


def test_a_changed_calendar_changes_what_was_kept(calendar_rig: CalendarRig) -> None:
    rows = [(at("2027-03-20 08:00"), at("2027-03-22 10:00"))]
    calendar_rig.define(metric("waited", "median", working_hours=HOURS), metric("mean", "mean", working_hours=HOURS))
    calendar_rig.put("sales", tickets(rows))
    calendar_rig.sync(now=datetime(2027, 4, 1, tzinfo=UTC))
    with calendar_rig.facts() as facts:
        assert median_over_all(facts) == 6.0
    calendar_rig.calendars["office"] = replace(OFFICE, hours=(WEEK,) * 5 + ((), ()))
    assert calendar_rig.sync(now=datetime(2027, 4, 1, 1, tzinfo=UTC)).generation == "facts-2"
    with calendar_rig.facts() as facts:
        assert median_over_all(facts) == 2.0
        mean = metric("mean", "mean", working_hours=HOURS)
        assert facts.measure([Measure(mean, (), (YEAR,))])[0].readings[0].value == 2.0
    assert calendar_rig.sync(now=datetime(2027, 4, 1, 2, tzinfo=UTC)).generation is None


def test_a_calendar_that_was_never_synced_is_named(calendar_rig: CalendarRig) -> None:
    other = metric("waited", "median", working_hours=replace(HOURS, calendar="shop"))
    calendar_rig.define(metric("n", "count"), other)
    calendar_rig.put("sales", tickets([(at("2027-03-15 09:00"), at("2027-03-15 10:00"))]))
    assert "calendar 'shop' is not in the facts store" in calendar_rig.sync().metric_errors["waited"]
    with calendar_rig.facts() as facts, pytest.raises(FactsError, match="declare it under calendars: in quarterline"):
        facts.measure([Measure(other, (), (YEAR,))])


def test_columns_must_be_instants_that_exist() -> None:
    columns = {"at": "TIMESTAMP WITH TIME ZONE", "opened": "DATE", "answer": "TIMESTAMP WITH TIME ZONE"}
    found = check_metric(metric("waited", "median", working_hours=HOURS), columns)
    assert [problem.key for problem in found] == ["metrics.waited.working_hours"] * 2
    assert "column 'opened' is DATE, and working hours lie between instants" in found[0].message
    assert "could not find column 'answered' in shop.sales; did you mean 'answer'?" in found[1].message
