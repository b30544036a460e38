"""Small pictures say what the numbers say."""

import re
from datetime import date, timedelta
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from metrics.model.reading import Point
from pages.ui.svg import TREND_SIZE, day_strip, sparkline

NAMESPACE = "{http://www.w3.org/2000/svg}"


def points(*values: float | None) -> list[Point]:
    return [Point(date(2026, 9, 7) + timedelta(weeks=i), value, 1) for i, value in enumerate(values)]


def drawn(uri: str) -> ET.Element:
    head, _, picture = uri.partition(",")
    assert head == "data:image/svg+xml"
    return ET.fromstring(unquote(picture))


def line_of(uri: str) -> str:
    return next(path.get("d", "") for path in drawn(uri).iter(f"{NAMESPACE}path") if path.get("class") == "l")


def test_a_gap_breaks_the_line() -> None:
    assert line_of(sparkline(points(1, 2, None, 3, 4))).count("M") == 2
    assert line_of(sparkline(points(1, 2, 3, 4))).count("M") == 1


def test_a_rising_series_rises() -> None:
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", line_of(sparkline(points(1, 2, 3))))]
    assert heights == sorted(heights, reverse=True)


def test_the_dot_stands_at_the_newest_value() -> None:
    dot = next(drawn(sparkline(points(1, 5, None))).iter(f"{NAMESPACE}circle"))
    assert float(dot.get("cy", "")) < TREND_SIZE[1] / 2
    assert 0 < float(dot.get("cx", "")) < TREND_SIZE[0] - 3


def test_the_target_is_drawn_only_where_it_does_not_flatten_the_line() -> None:
    assert "class='t'" in unquote(sparkline(points(3, 2.5), target=2))
    assert "class='t'" not in unquote(sparkline(points(3, 2.5), target=2000))


def test_nothing_to_draw_is_an_empty_picture() -> None:
    assert list(drawn(sparkline(points(None, None))).iter(f"{NAMESPACE}path")) == []
    assert list(drawn(sparkline([])).iter(f"{NAMESPACE}path")) == []


@given(st.lists(st.none() | st.floats(-1e12, 1e12), max_size=20), st.none() | st.floats(-1e12, 1e12))
def test_every_point_stays_inside_the_picture(values: list[float | None], target: float | None) -> None:
    uri = sparkline(points(*values), target=target)
    for path in drawn(uri).iter(f"{NAMESPACE}path"):
        for number in re.findall(r"[ML][\d.-]+ ([\d.-]+)", path.get("d", "")):
            assert 0 <= float(number) <= TREND_SIZE[1]


def test_the_strip_has_one_bar_per_day_and_failures_look_different() -> None:
    bars = [bar.get("class") for bar in drawn(day_strip([True, False, None, True])).iter(f"{NAMESPACE}rect")]
    assert bars == ["ok", "bad", "none", "ok"]


def test_pictures_carry_both_themes() -> None:
    assert "prefers-color-scheme:dark" in unquote(day_strip([True]))
