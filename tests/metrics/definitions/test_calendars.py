"""Calendars in quarterline.yaml, working hours in metrics.yaml, and everything that is refused of them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from metrics.definitions import load_workspace, restore_definitions, stored_documents
from metrics.definitions.dump import definition_texts
from metrics.errors import DefinitionError
from metrics.model.calendar import WorkCalendar, WorkingHours
from metrics.model.definition import Definitions
from tests.metrics.definitions.samples import METRICS

Reader = Callable[..., Definitions]
Refusals = Callable[..., list[str]]

WORKSPACE = """\
organisation: {name: Sao Mai Retail, timezone: Asia/Ho_Chi_Minh}
calendars:
  office:
    hours: {mon-fri: ["08:00-12:00", "13:00-17:30"], sat: "08:00-12:00"}
    holidays: VN
    except: [2027-02-03, 2027-12-24]
    extra: {2027-02-13: ["08:00-12:00"]}
  night: {hours: {sun: ["00:00-06:00", "22:00-24:00"]}, holidays: DE-BE}
"""
WORKED = METRICS.replace(
    "    value: first_response_s / 3600.0\n",
    "    working_hours: {field: [opened_at, first_response_at], calendar: office}\n",
)


def load(root: Path, text: str) -> dict[str, WorkCalendar]:
    (root / "quarterline.yaml").write_text(text, encoding="utf-8")
    return dict(load_workspace(root).calendars)


def test_a_calendar_has_hours_by_weekday_holidays_days_off_and_days_worked(tmp_path: Path) -> None:
    week, saturday = ((480, 720), (780, 1050)), ((480, 720),)
    found = load(tmp_path, WORKSPACE)
    assert found["office"] == WorkCalendar(
        "office",
        (week, week, week, week, week, saturday, ()),
        "VN",
        frozenset({date(2027, 2, 3), date(2027, 12, 24)}),
        ((date(2027, 2, 13), saturday),),
    )
    assert found["night"].hours == ((),) * 6 + (((0, 360), (1320, 1440)),)
    assert found["night"].holidays == "DE-BE"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mon-fri:", "mon-fry:", "4: calendars.office.hours.mon-fry: 'mon-fry' is no weekday or range of them"),
        ("mon-fri:", "fri-mon:", "'fri-mon' is no weekday or range of them; write mon, or mon-fri, or sat-sun"),
        ("mon-fri:", "mon-sat:", "calendars.office.hours.sat: sat has hours already; give each weekday once"),
        ('"08:00-12:00", "13', '"8-12", "13', 'is no list of hours; write for example ["08:00-12:00", "13:00-17:30"]'),
        (
            '"08:00-12:00", "13',
            '"12:00-08:00", "13',
            "'12:00-08:00' ends before it begins; split hours",
        ),
        ('"13:00-17:30"', '"11:00-17:30"', "'11:00-17:30' begins before the hours before it end"),
        ('"13:00-17:30"', '"13:00-25:00"', "is no list of hours"),
        ("holidays: VN", "holidays: VM", "5: calendars.office.holidays: 'VM' is no country whose holidays are known"),
        ("DE-BE", "DE-XX", "calendars.night.holidays: 'DE-XX' names no part of DE"),
        ("2027-12-24]", "2027-13-24]", "'2027-13-24' is no date; write it as 2027-01-31"),
        ("{2027-02-13:", "{soon:", "7: calendars.office.extra.soon: 'soon' is no date"),
        ("    except:", "    exept:", "calendars.office.exept: unknown key; did you mean 'except'?"),
        ("    hours: {mon", "    hour: {mon", "calendars.office.hours: is missing"),
    ],
)
def test_what_a_calendar_may_not_say(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in WORKSPACE
    with pytest.raises(DefinitionError) as refused:
        load(tmp_path, WORKSPACE.replace(old, new))
    assert expected in str(refused.value)
    assert all(line.startswith("quarterline.yaml:") for line in str(refused.value).splitlines())


def test_working_hours_stand_in_the_values_place(read: Reader) -> None:
    metric = read(WORKED).metrics["first_response"]
    assert metric.working_hours == WorkingHours("opened_at", "first_response_at", "office")
    assert metric.row_value == "working hours from opened_at to first_response_at (office)"


def test_working_hours_go_into_the_ledger_and_yaml_and_back(read: Reader) -> None:
    definitions = read(WORKED)
    assert restore_definitions(stored_documents(definitions)) == definitions
    assert read(definition_texts(definitions)["metrics.yaml"]) == definitions


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "calendar: office",
            "calendar: offices",
            "working_hours.calendar: 'offices' is no calendar in quarterline.yaml; did you mean 'office'?",
        ),
        ("[opened_at, first_response_at]", "[opened_at]", "working_hours.field: "),
        ("calendar: office", "calender: office", "working_hours.calender: unknown key"),
        (
            "aggregate: median",
            "aggregate: count",
            "working_hours: has no meaning for aggregate count; use mean, median or p90",
        ),
        (
            "aggregate: median",
            "aggregate: median\n    value: x",
            "value: has no meaning beside working_hours",
        ),
        ("unit: hours", "unit: minutes", "unit: is 'minutes', but working_hours gives hours; write unit: hours"),
    ],
)
def test_what_working_hours_may_not_be(refusals: Refusals, old: str, new: str, expected: str) -> None:
    assert old in WORKED
    found = refusals(WORKED.replace(old, new, 1))
    assert any(f"metrics.first_response.{expected}" in line for line in found), found
