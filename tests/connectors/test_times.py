"""Local times to instants: equal to Python's own zones for every clock, gaps and overlaps counted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Stream
from connectors.errors import ConnectorError
from connectors.times import (
    NAIVE,
    Clock,
    clock_of,
    days_of_format,
    instants_of_format,
    instants_of_numbers,
    instants_of_text,
)

ZONES = ["UTC", "Asia/Ho_Chi_Minh", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    moments=st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), min_size=1, max_size=20),  # noqa: DTZ001
)
def test_a_clock_agrees_with_python(zone: str, moments: list[datetime]) -> None:
    """`fold=0` is the earlier of two and, in a gap, the offset before it: what the clock promises."""
    clock = Clock(zone)
    ours = clock.to_utc(pa.array(moments, NAIVE)).to_pylist()
    assert ours == [moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC) for moment in moments]


@pytest.mark.parametrize(
    ("zone", "local", "gaps", "overlaps"),
    [
        ("America/New_York", "2026-03-08 02:30:00", 1, 0),
        ("America/New_York", "2026-11-01 01:30:00", 0, 1),
        ("Australia/Lord_Howe", "2026-10-04 02:15:00", 1, 0),
        ("Europe/Paris", "2026-03-29 03:00:00", 0, 0),
    ],
)
def test_edges_are_counted(zone: str, local: str, gaps: int, overlaps: int) -> None:
    clock = Clock(zone)
    instants, _ = instants_of_text(pa.array([local, None, "2026-07-01 12:00:00"]), clock)
    expected = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert instants[0].as_py() == expected
    assert (clock.gaps, clock.overlaps) == (gaps, overlaps)
    assert len(clock.notes("at")) == gaps + overlaps


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("2/31/2018", "%m/%d/%Y"),
        ("1/2/18", "%m/%d/%Y"),
        ("31/12/2018", "%m/%d/%Y"),
        ("20180231", "%Y%m%d"),
        ("01.02.2018 25:00", "%d.%m.%Y %H:%M"),
    ],
)
def test_a_day_that_does_not_exist_is_no_day(text: str, format_: str) -> None:
    with pytest.raises(ValueError, match=r"time data|unconverted|out of range"):
        days_of_format(pa.array([text]), format_)


def test_formats_with_and_without_zone_and_fraction() -> None:
    clock = Clock("Asia/Ho_Chi_Minh")
    naive = instants_of_format(pa.array(["01.02.2018 10:00:00.5", None]), "%d.%m.%Y %H:%M:%S.%f", clock)
    zoned = instants_of_format(pa.array(["2018-02-01 10:00 +0700", None]), "%Y-%m-%d %H:%M %z", clock)
    assert naive.to_pylist() == [datetime(2018, 2, 1, 3, 0, 0, 500000, UTC), None]
    assert zoned.to_pylist() == [datetime(2018, 2, 1, 3, 0, tzinfo=UTC), None]


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000)])
def test_numbers_since_1970_only_in_their_unit(unit: str, factor: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    seconds = int(moment.timestamp())
    assert instants_of_numbers(pa.array([seconds * factor, None]), unit).to_pylist() == [moment, None]  # type: ignore[arg-type]
    for wrong in (seconds * factor * 1000, seconds * factor // 1000):
        with pytest.raises(pa.ArrowInvalid, match="1980"):
            instants_of_numbers(pa.array([min(wrong, 2**63 - 1)]), unit)  # type: ignore[arg-type]


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ConnectorError, match="'Asia/Saign'"):
        clock_of(Stream("s", "t", timezone="Asia/Saign", lookback=timedelta(0)))
