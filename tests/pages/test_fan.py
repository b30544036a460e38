"""The chart of the read: the fan, the course, and the marks of what people noted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.forecast import FanPoint
from metrics.model.decision import Annotation, CheckIn, Decision, Recorded, TargetRevision
from metrics.model.reading import Point, Window
from metrics.model.target import parse_target
from metrics.outlook import Course, Stretch
from pages.ui.charts import PALETTES, Plot
from pages.ui.fan import COURSE_COLUMNS, course_alt, course_figure, course_rows, fan_table, fan_words
from pages.ui.i18n import Words, words_in
from tests.pages.factory import AS_OF, CYCLE, card
from tests.pages.test_markup import Seen

EN, VI, LIGHT = words_in("en"), words_in("vi"), PALETTES["light"]
WHOLE = Window(CYCLE.starts, CYCLE.ends)


def stretch(first: date, last: date, value: float) -> Stretch:
    days = (last - first).days + 1
    return Stretch(Window(first, last), tuple(Point(first + timedelta(days=at), value, 5) for at in range(days)))


FAN = (
    FanPoint(date(2026, 12, 12), 2.2, 2.4, 2.6, 2.9, 3.2),
    FanPoint(CYCLE.ends, 1.8, 2.2, 2.5, 3.0, 3.4),
)
COURSE = Course(
    (
        stretch(date(2026, 4, 1), date(2026, 6, 30), 4.0),
        stretch(date(2026, 7, 1), date(2026, 9, 30), 3.6),
        stretch(CYCLE.starts, AS_OF, 2.7),
    ),
    FAN,
)


def plot(words: Words = EN) -> Plot:
    shown = card()
    return Plot(shown, CYCLE, ((WHOLE, shown.target),), words, LIGHT, AS_OF)


def noted(*made: Decision) -> list[Recorded[Any]]:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return [Recorded(each, n, n, at, "linh", n) for n, each in enumerate(made, 1)]


def test_the_fan_opens_from_the_newest_value_to_the_last_day() -> None:
    traces = {trace.name: trace for trace in course_figure(plot(), COURSE, ()).data}
    outer, inner = traces["95\u00a0% band"], traces["80\u00a0% band"]
    assert list(outer.y) == [2.7, 2.2, 1.8, 3.4, 3.2, 2.7]
    assert list(inner.y) == [2.7, 2.4, 2.2, 3.0, 2.9, 2.7]
    assert outer.x[0] == outer.x[-1] == AS_OF.isoformat()
    middle = traces["Middle of the forecast"]
    assert list(middle.y) == [2.7, 2.6, 2.5]
    assert "80\u00a0%: 2.2\u00a0h to 3\u00a0h" in middle.text[-1]


def test_earlier_cycles_are_grey_and_the_observed_part_carries_the_accent() -> None:
    lines = [
        trace for trace in course_figure(plot(), COURSE, ()).data if trace.name in {"Earlier cycles", "This cycle"}
    ]
    assert [trace.line.color for trace in lines] == [LIGHT.past, LIGHT.past, LIGHT.accent]


def test_a_rare_measurement_is_a_mark_and_not_carried_on_as_a_line() -> None:
    survey = replace(plot(), rare=True)
    drawn = {trace.name: trace for trace in course_figure(survey, Course(COURSE.stretches, ()), ()).data}
    assert drawn["This cycle"].mode == "markers"
    assert list(drawn["This cycle"].x) == [CYCLE.starts.isoformat()], (
        "its rows came in on one day; later reads repeat it"
    )


def test_without_a_forecast_there_is_no_fan() -> None:
    names = {trace.name for trace in course_figure(plot(), Course(COURSE.stretches, ()), ()).data}
    assert "Middle of the forecast" not in names
    assert "This cycle" in names
    assert fan_words(Course(COURSE.stretches, ()), plot()) == ""


def test_what_people_noted_stands_on_the_time_axis_escaped() -> None:
    marks = noted(
        CheckIn("k", date(2026, 11, 2), 0.6, "<img src=x> slow"),
        TargetRevision("k", parse_target("< 2"), parse_target("< 3"), "a new shop", date(2026, 11, 5)),
        Annotation("m", date(2026, 10, 20), "bot <b>went live</b>", "level_shift"),
        Annotation("m", date(2025, 1, 1), "long ago"),
    )
    figure = course_figure(plot(), COURSE, marks)
    trace = next(each for each in figure.data if each.name == "Noted")
    assert list(trace.x) == ["2026-11-02", "2026-11-05", "2026-10-20"]
    assert list(trace.marker.symbol) == ["circle", "square", "diamond"]
    assert trace.yaxis == "y2"
    assert "60\u00a0% confident. &lt;img" in trace.text[0]
    assert "&lt; 2\u00a0h → &lt; 3\u00a0h: a new shop" in trace.text[1]
    assert "<b>" not in str(figure.to_json())
    assert len([shape for shape in figure.layout.shapes if shape.line.dash == "dot"]) == 1


def test_the_chart_and_its_fan_in_words() -> None:
    said = f"{course_alt(plot(), 'Response time', COURSE)} {fan_words(COURSE, plot())}".replace("\u00a0", " ")
    assert said == (
        "Response time: the value over the last 28 days from 1 Apr 2026 to 23 Nov 2026, newest 2.7 h, target < 2 h. "
        "Forecast for 31 Dec 2026: 2.5 h, 80 % between 2.2 h and 3 h."
    )
    assert "Dự báo cho 31/12/2026: 2,5 giờ" in fan_words(COURSE, plot(VI)).replace("\u00a0", " ")


def test_the_table_and_the_csv_behind_it_hold_every_number() -> None:
    table = Seen(fan_table(FAN, "hours", EN)).text.replace("\u00a0", " ")
    for number in ("2.5 h", "2.2 h", "3 h", "1.8 h", "3.4 h", "31 Dec 2026"):
        assert number in table
    rows = course_rows(COURSE)
    assert {len(row) for row in rows} == {len(COURSE_COLUMNS)}
    assert rows[-1] == (CYCLE.ends, None, None, 2.5, 2.2, 3.0, 1.8, 3.4)
    assert rows[0] == (date(2026, 4, 1), 4.0, 5, None, None, None, None, None)
