"""The large chart draws what the numbers say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import PlanPoint
from metrics.model.reading import Point, Window
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target, parse_target
from pages.ui.charts import PALETTES, Plot, bucket_figure, chart_alt, drawn_points, measurements, value_ticks
from pages.ui.i18n import Words, words_in
from tests.pages.factory import CYCLE, card, key_result

Steps = tuple[tuple[Window, Target], ...]
EN, VI, LIGHT = words_in("en"), words_in("vi"), PALETTES["light"]


TODAY = date(2026, 11, 23)
WHOLE = Window(CYCLE.starts, CYCLE.ends)


def plot(shown: KeyResultCard, words: Words = EN, *, today: date = TODAY, steps: Steps | None = None) -> Plot:
    return Plot(shown, CYCLE, steps or ((WHOLE, shown.target),), words, LIGHT, today)


def weekly(first: date, *values: float | None) -> list[Point]:
    return [Point(first + timedelta(weeks=i), value, 10) for i, value in enumerate(values)]


SEGMENTS: list[tuple[Window, Sequence[Point]]] = [
    (Window(date(2026, 4, 1), date(2026, 6, 30)), weekly(date(2026, 4, 6), 4.2, 4.0)),
    (Window(date(2026, 7, 1), date(2026, 9, 30)), weekly(date(2026, 7, 6), 3.8, None, 3.6)),
    (Window(CYCLE.starts, date(2026, 11, 23)), weekly(CYCLE.starts, 3.4, 3.0, 2.7)),
]


def traces(shown: KeyResultCard, **options: Any) -> dict[str, Any]:
    figure = bucket_figure(plot(shown, **options), SEGMENTS, grain="week")
    return {trace.name: trace for trace in figure.data}


def test_earlier_cycles_are_grey_and_this_one_carries_the_accent() -> None:
    figure = bucket_figure(plot(card()), SEGMENTS, grain="week")
    colours = [trace.line.color for trace in figure.data if trace.name in {"Earlier cycles", "This cycle"}]
    assert colours == [LIGHT.past, LIGHT.past, LIGHT.accent]


def test_gaps_stay_gaps() -> None:
    figure = bucket_figure(plot(card()), SEGMENTS, grain="week")
    assert figure.data[1].y == (3.8, None, 3.6)
    assert figure.data[1].connectgaps is False


def test_a_value_alone_between_gaps_is_still_seen() -> None:
    alone = bucket_figure(plot(card()), [(WHOLE, weekly(CYCLE.starts, 3.4, 3.1, None, 3.0, None))], grain="week").data
    line = next(trace for trace in alone if trace.name == "This cycle")
    assert line.mode == "lines+markers"
    assert list(line.marker.size) == [0, 0, 0, 6, 0]


def test_rare_measurements_are_not_joined() -> None:
    """A quarterly survey says nothing about the weeks between two of them."""
    survey = replace(plot(card()), rare=True)
    drawn = {trace.name: trace for trace in bucket_figure(survey, SEGMENTS, grain="week").data}
    assert drawn["Earlier cycles"].mode == drawn["This cycle"].mode == "markers"


def test_a_read_is_measured_on_the_days_that_rows_came_in() -> None:
    days = [Point(CYCLE.starts + timedelta(days=at), value, rows) for at, (value, rows) in enumerate(
        [(None, 0), (0.9, 10), (0.9, 10), (0.8, 25), (0.8, 25), (0.7, 12)]  # at last, some leave a trailing window
    )]  # fmt: skip
    assert [point.value for point in measurements(days)] == [0.9, 0.8]


def test_target_baseline_and_expected_are_lines_over_the_cycle() -> None:
    drawn = traces(card())
    assert list(drawn["Target &lt; 2\u00a0h"].y) == [2, 2]
    assert list(drawn["Baseline 3.6\u00a0h"].y) == [3.6, 3.6]
    assert list(drawn["Expected"].y) == [3.6, 2]
    assert list(drawn["Expected"].x) == ["2026-09-30", "2026-12-31"]


def test_a_bucket_that_is_not_over_stands_apart_from_the_line() -> None:
    segments = [*SEGMENTS[:2], (SEGMENTS[2][0], weekly(date(2026, 11, 9), 3.0, 2.9, 1.1))]
    monday = bucket_figure(plot(card()), segments, grain="week")
    assert {trace.name: list(trace.y) for trace in monday.data if trace.name in {"This cycle", "not over yet"}} == {
        "This cycle": [3.0, 2.9],
        "not over yet": [1.1],
    }
    later = bucket_figure(plot(card(), today=date(2027, 1, 5)), segments, grain="week")
    assert "not over yet" not in {trace.name for trace in later.data}


def test_a_plan_bends_the_expected_line() -> None:
    planned = card(of=key_result(plan=(PlanPoint(date(2026, 10, 31), 3.0),)))
    assert list(traces(planned)["Expected"].y) == [3.6, 3.0, 2]


def test_a_range_has_both_its_ends_and_a_limit_expects_no_distance() -> None:
    figure = bucket_figure(plot(card(of=key_result(target="2..3"))), SEGMENTS, grain="week")
    levels = [list(trace.y) for trace in figure.data if str(trace.name).startswith("Target")]
    assert levels == [[2, 2], [3, 3]]
    assert "Expected" not in traces(card(of=key_result(shape="keep")))


def test_a_revised_target_steps_on_its_first_day() -> None:
    revised = card(of=key_result(target="< 3"), original_target=parse_target("< 2"))
    second = date(2026, 11, 10)
    steps = (
        (Window(CYCLE.starts, date(2026, 11, 9)), parse_target("< 2")),
        (Window(second, CYCLE.ends), parse_target("< 3")),
    )
    line = traces(revised, steps=steps)["Target &lt; 3\u00a0h"]
    assert list(line.y) == [2, 2, 3, 3]
    assert list(line.x) == ["2026-10-01", "2026-11-10", "2026-11-10", "2026-12-31"]


def test_a_target_that_a_definition_changed_is_shown_beside_the_first_one() -> None:
    changed = traces(card(of=key_result(target="< 3"), original_target=parse_target("< 2")))
    assert list(changed["was &lt; 2\u00a0h"].y) == [2, 2]


def test_names_of_lines_that_lie_close_are_pushed_apart() -> None:
    figure = bucket_figure(plot(card(of=key_result(target="< 3.59"))), SEGMENTS, grain="week")
    named = sorted(each.y for each in figure.layout.annotations if each.xanchor == "left")
    assert len(named) == 2
    assert named[1] - named[0] > 0.05


def test_a_total_runs_up_within_each_cycle() -> None:
    total = card(of=key_result(shape="total", target=">= 100"))
    drawn = drawn_points(total, *SEGMENTS[1])
    assert [point.value for point in drawn] == pytest.approx([3.8, 3.8, 7.4])
    assert [point.day for point in drawn] == [date(2026, 7, 12), date(2026, 7, 19), date(2026, 9, 30)]
    assert [point.value for point in drawn_points(card(), *SEGMENTS[1])] == [3.8, None, 3.6]
    assert drawn_points(total, SEGMENTS[1][0], []) == []
    assert "Total so far" in traces(total)


def test_the_axes_speak_the_readers_language() -> None:
    layout = bucket_figure(plot(card(), VI), SEGMENTS, grain="week").layout
    assert layout.yaxis.ticktext[:2] == ("2\u00a0giờ", "2,5\u00a0giờ")
    assert layout.xaxis.tickformat == "%-d/%-m"
    percent = bucket_figure(plot(card(unit="percent")), SEGMENTS, grain="week").layout
    assert percent.yaxis.ticktext[0] == "200\u00a0%"


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_few_and_cover_what_is_drawn(low: float, span: float) -> None:
    ticks = value_ticks(low, low + span)
    assert 2 <= len(ticks) <= 9
    assert ticks[0] <= low + 1e-6 * (abs(low) + span)
    assert ticks[-1] >= low + span - 1e-6 * (abs(low) + span)


def test_ticks_of_a_flat_line() -> None:
    assert len(value_ticks(0, 0)) >= 1
    assert 5 in value_ticks(5, 5)


def test_text_that_people_typed_is_escaped_for_plotly() -> None:
    hostile = bucket_figure(plot(card(unit="<b>x</b>")), SEGMENTS, grain="week")
    assert "<b>" not in str(hostile.to_json())


def test_the_chart_in_words() -> None:
    alt = chart_alt(card(), "Response time", SEGMENTS, "week", EN).replace("\u00a0", " ")
    assert alt == "Response time: weekly values from 1 Apr 2026 to 23 Nov 2026, newest 2.7 h, target < 2 h."
