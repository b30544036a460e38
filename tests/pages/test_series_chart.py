"""A metric's lines: colours, names that keep apart, marks, and what is not over yet."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from metrics.exploring import Line, Split
from metrics.model.decision import Annotation
from metrics.model.reading import Point, Window
from pages.ui.i18n import words_in
from pages.ui.series_chart import LINES, Level, Look, line_colors, line_name, lines_table, series_alt, series_figure
from tests.pages.test_markup import Seen

DAYS = Window(date(2026, 9, 7), date(2026, 11, 23))
EN = Look(words_in("en"), "light", "hours")


def line(value: str | None, *values: float | None, folded: tuple[str, ...] = ()) -> Line:
    points = (Point(DAYS.starts + timedelta(weeks=week), each, 4) for week, each in enumerate(values))
    return Line(value, tuple(points), folded)


def named(split: Split) -> dict[str, float]:
    figure = series_figure(split, DAYS, (), EN)
    return {each.text: each.y for each in figure.layout.annotations}


def test_lines_end_with_their_names_far_enough_apart_to_be_read() -> None:
    split = Split(tuple(line(name, 2.0, 3.0 + index / 100) for index, name in enumerate("abcd")))
    heights = sorted(named(split).values())
    assert len(heights) == 4
    assert min(later - earlier for earlier, later in pairwise(heights)) > 0.05


def test_a_single_line_needs_no_name() -> None:
    assert named(Split((line(None, 1.0, 2.0),))) == {}


def test_what_is_folded_stands_back_and_says_how_many() -> None:
    split = (line("a", 1.0), line(None, 2.0, folded=("b", "c")))
    assert line_colors(split, EN) == [LINES["light"][0], EN.palette.past]
    assert line_name(split[1], EN.words) == "2 others"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_chart_is_said_in_words(language: str) -> None:
    words = words_in(language)
    told = series_alt("X", [line("north", 1.0, 2.5)], DAYS, Look(words, "dark", "hours"))
    assert "north" in told
    assert ("2.5" if language == "en" else "2,5") in told


def test_rare_measurements_are_not_joined_and_a_value_alone_is_seen() -> None:
    split = Split((line(None, 75.0, None, None, 91.0),))
    assert series_figure(split, DAYS, (), replace(EN, rare=True)).data[0].mode == "markers"
    (drawn,) = series_figure(split, DAYS, (), EN).data
    assert (drawn.mode, list(drawn.marker.size)) == ("lines+markers", [6, 0, 0, 6])


def test_a_bucket_that_is_not_over_is_drawn_apart() -> None:
    whole = line(None, 4.0, 3.0, 1.0)
    figure = series_figure(Split((whole,), open_from=whole.points[-1].day), DAYS, (), EN)
    drawn, rest = figure.data
    assert list(drawn.y) == [4.0, 3.0]
    assert list(rest.y) == [1.0]
    assert rest.mode == "markers"


def test_marks_stand_on_their_days_and_say_what_happened() -> None:
    noted = [
        Annotation("m", date(2026, 10, 5), "<b>two</b> left", "level_shift"),
        Annotation("m", date(2020, 1, 1), "long ago"),
    ]
    figure = series_figure(Split((line(None, 1.0, 2.0),)), DAYS, noted, EN)
    marks = figure.data[-1]
    assert list(marks.x) == ["2026-10-05"]
    assert "&lt;b&gt;two" in marks.text[0]
    assert len(figure.layout.shapes) == 1


def test_a_level_such_as_a_target_is_always_inside_the_chart() -> None:
    figure = series_figure(Split((line(None, 4.0, 3.0),)), DAYS, (), EN, levels=[Level("Target < 2 h", 2.0, DAYS)])
    low, high = figure.layout.yaxis.range
    assert low <= 2.0 <= high
    assert "Target &lt; 2 h" in [each.text for each in figure.layout.annotations]


@pytest.mark.parametrize("height", [300, 380])
@pytest.mark.parametrize(
    "values", [(2.0, 2.01), (2.01, 2.0), (2.0, 2.0), (4.0, 3.95), (2.0, 4.0)], ids=lambda pair: f"{pair[0]}-{pair[1]}"
)
def test_names_of_levels_lie_apart_and_no_line_runs_through_one(values: tuple[float, float], height: int) -> None:
    """Target and baseline may be as close as they like; in pixels, a line of text stays clear of the other's."""
    levels = [Level("Target", values[0], DAYS), Level("Baseline", values[1], DAYS, firm=False)]
    figure = series_figure(Split((line(None, 4.0, 3.0),)), DAYS, (), EN, levels=levels, height=height)
    low, high = figure.layout.yaxis.range
    pixel = (high - low) / (height - 40)
    at = {each.text: each.y / pixel for each in figure.layout.annotations}
    lines = {level.name: level.value / pixel for level in levels}
    lower, upper = sorted(at.values())
    assert upper - lower >= 15.9
    assert lower >= low / pixel - 0.1
    for name, bottom in at.items():
        (other,) = (place for each, place in lines.items() if each != name)
        assert not bottom + 1 < other < bottom + 14, f"the line of the other runs through {name}"
        assert abs(bottom - lines[name]) < 18, "a name stays at its own line"


def test_a_range_is_named_once() -> None:
    levels = [Level("Target 2–4 h", 2.0, DAYS), Level("Target 2–4 h", 4.0, DAYS), Level("Baseline", 3.0, DAYS)]  # noqa: RUF001
    figure = series_figure(Split((line(None, 4.0, 3.0),)), DAYS, (), EN, levels=levels)
    assert [(each.text, each.y) for each in figure.layout.annotations] == [("Baseline", 3.0), ("Target 2–4 h", 4.0)]  # noqa: RUF001


def test_the_table_has_a_column_per_line_and_keeps_gaps() -> None:
    seen = Seen(lines_table([line("a", 1.0, None), line("b", 2.0, 3.0)], EN, "week"))
    assert [tag for tag, _ in seen.tags].count("tr") == 3
    assert "–" in seen.text  # noqa: RUF001
