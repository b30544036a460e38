"""The chart of a key result's read: its course over three cycles, the fan to the last day, and what people noted."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

import plotly.graph_objects as go

from metrics.forecast import FanPoint
from metrics.model.decision import Annotation, CheckIn, TargetRevision
from metrics.model.reading import Point
from metrics.outlook import Course, newest_value
from metrics.tabular import Cell
from pages.ui.charts import EndName, Plot, add_lines, add_past, finished, has_way, measurements, value_line
from pages.ui.formats import format_day, format_share, format_target, format_value, value_beside
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.prospects import Noted, day_of
from pages.ui.tables import plain_table
from pages.ui.wording import read_in_words

COURSE_COLUMNS = ("day", "value", "rows", "median", "lo80", "hi80", "lo95", "hi95")

_BANDS = (("lo95", "hi95", 0.13), ("lo80", "hi80", 0.2))
_SYMBOLS = {"check_in": "circle", "note": "triangle-up", "level_shift": "diamond", "target_revision": "square"}
_LINE_LENGTH = 60


def course_figure(plot: Plot, course: Course, noted: Sequence[Noted]) -> go.Figure:
    """Draw the read day by day, earlier cycles in grey and this one in the accent colour, and where it may end.

    Args:
        noted: check-ins, revisions and annotations, as marks on the time axis.
    """
    figure, words, accent = go.Figure(), plot.words, plot.palette.accent
    *past, current = (measurements(stretch.points) if plot.rare else stretch.points for stretch in course.stretches)
    newest = newest_value(course)
    fan = course.fan if newest is not None else ()
    if newest is not None and fan:
        figure.add_traces([_band(fan, newest, *band, color=accent, words=words) for band in _BANDS])
    add_past(figure, plot, past)
    add_lines(figure, plot)
    name = words("chart.running" if plot.card.key_result.shape == "total" else "chart.this_cycle")
    figure.add_trace(value_line(current, plot, color=accent, width=2.5, name=name))
    if newest is not None and fan:
        figure.add_trace(_middle(fan, newest, plot))
    figure = finished(figure, plot, course.stretches[0].window.starts, more=_names(fan, plot))
    shown = [each for each in noted if course.stretches[0].window.starts <= day_of(each) <= plot.cycle.ends]
    if shown:
        _add_marks(figure, shown, plot)
    return figure


def course_note(plot: Plot) -> str:
    """Say what is drawn, so that nothing in the chart needs a legend."""
    card, words = plot.card, plot.words
    said = words("outlook.drawn", read=read_in_words(card.key_result.read, words))
    if not has_way(card):
        return said
    return f"{said} {words('outlook.drawn_plan' if card.key_result.plan else 'outlook.drawn_expected')}"


def fan_words(course: Course, plot: Plot) -> str:
    """Say where the read may end, for whoever cannot see the fan."""
    if not course.fan:
        return ""
    last, unit, words = course.fan[-1], plot.card.unit, plot.words
    return words(
        "outlook.fan_alt",
        day=format_day(last.day, words, year=True),
        median=value_beside(plot.card.target, last.median, unit, words),
        low=format_value(last.lo80, unit, words),
        high=format_value(last.hi80, unit, words),
    )


def course_alt(plot: Plot, title: str, course: Course) -> str:
    """Say in words what the known part of the chart shows."""
    newest, words = newest_value(course), plot.words
    return words(
        "outlook.alt",
        title=title,
        read=read_in_words(plot.card.key_result.read, words),
        start=format_day(course.stretches[0].window.starts, words, year=True),
        end=format_day(course.stretches[-1].window.ends, words, year=True),
        last=format_value(None if newest is None else newest.value, plot.card.unit, words),
        target=format_target(plot.card.target, plot.card.unit, words),
    )


def fan_table(fan: Sequence[FanPoint], unit: str, words: Words) -> Html:
    """Draw the numbers behind the fan, the last day first."""
    head = [words(f"outlook.{name}") for name in ("day", "middle", "low80", "high80", "low95", "high95")]
    rows = [
        (
            format_day(point.day, words, year=True),
            *(
                format_value(value, unit, words)
                for value in (point.median, point.lo80, point.hi80, point.lo95, point.hi95)
            ),
        )
        for point in reversed(fan)
    ]
    return element("div", plain_table(head, rows, numeric=frozenset(range(1, 6))), class_="ql-scroll")


def course_rows(course: Course) -> list[tuple[Cell, ...]]:
    """Give the course and the fan as rows of a CSV file."""
    known = [(point.day, point.value, point.rows, None, None, None, None, None) for point in course.points]
    coming = [
        (point.day, None, None, point.median, point.lo80, point.hi80, point.lo95, point.hi95) for point in course.fan
    ]
    return [*known, *coming]


def _band(
    fan: Sequence[FanPoint], newest: Point, low: str, high: str, opacity: float, *, color: str, words: Words
) -> go.Scatter:
    days = [newest.day, *(point.day for point in fan)]
    lower = [newest.value, *(getattr(point, low) for point in fan)]
    upper = [newest.value, *(getattr(point, high) for point in fan)]
    return go.Scatter(
        x=[day.isoformat() for day in (*days, *reversed(days))],
        y=[*lower, *reversed(upper)],
        fill="toself",
        fillcolor=f"rgba({', '.join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))}, {opacity})",
        line={"width": 0},
        mode="lines",
        name=words("outlook.band", share=format_share(int(low[-2:]) / 100, words)),
        hoverinfo="skip",
    )


def _middle(fan: Sequence[FanPoint], newest: Point, plot: Plot) -> go.Scatter:
    points = [Point(newest.day, newest.value, 0), *(Point(point.day, point.median, 0) for point in fan)]
    trace = value_line(points, plot, color=plot.palette.accent, width=1.5, name=plot.words("outlook.middle"))
    said = ["", *(_said(point, plot) for point in fan)]
    texts = [f"{text}<br>{more}" if more else text for text, more in zip(trace.text, said, strict=True)]
    return trace.update(line={"dash": "dot"}, mode="lines", text=texts)


def _said(point: FanPoint, plot: Plot) -> str:
    words, unit = plot.words, plot.card.unit
    return "<br>".join(
        escape(
            words(
                "outlook.between",
                share=format_share(share, words),
                low=format_value(low, unit, words),
                high=format_value(high, unit, words),
            )
        )
        for share, low, high in ((0.8, point.lo80, point.hi80), (0.95, point.lo95, point.hi95))
    )


def _names(fan: Sequence[FanPoint], plot: Plot) -> list[EndName]:
    if not fan:
        return []
    return [EndName(fan[-1].median, format_value(fan[-1].median, plot.card.unit, plot.words), plot.palette.accent)]


def _add_marks(figure: go.Figure, noted: Sequence[Noted], plot: Plot) -> None:
    """Set marks on the time axis; they have an axis of their own, so that no value moves them."""
    for each in noted:
        if isinstance(each.decision, Annotation) and each.decision.sort == "level_shift":
            figure.add_vline(
                x=each.decision.day.isoformat(), line={"color": plot.palette.soft, "width": 1, "dash": "dot"}
            )
    figure.add_trace(
        go.Scatter(
            x=[day_of(each).isoformat() for each in noted],
            y=[0.0] * len(noted),
            yaxis="y2",
            mode="markers",
            marker={
                "symbol": [_SYMBOLS[sort_of(each)] for each in noted],
                "size": 9,
                "color": plot.palette.soft,
                "line": {"width": 1, "color": plot.palette.ink},
            },
            name=escape(plot.words("outlook.marks")),
            text=[mark_text(each, plot) for each in noted],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
        )
    )
    figure.update_layout(
        yaxis2={"overlaying": "y", "range": [-0.02, 1], "visible": False, "fixedrange": True, "zeroline": False}
    )


def mark_text(noted: Noted, plot: Plot) -> str:
    """Say what a mark stands for, escaped for Plotly."""
    head = f"{format_day(day_of(noted), plot.words, year=True)} · {plot.words(f'timeline.{sort_of(noted)}')}"
    lines = [head, *wrap(noted_text(noted, plot.card.unit, plot.words), _LINE_LENGTH), noted.actor]
    return "<br>".join(escape(line) for line in lines)


def noted_text(noted: Noted, unit: str, words: Words) -> str:
    """Say in one line what was noted."""
    match noted.decision:
        case CheckIn():
            confidence = format_share(noted.decision.confidence, words)
            return words("timeline.said_check_in", confidence=confidence, note=noted.decision.note)
        case TargetRevision():
            return words(
                "timeline.said_revision",
                old=format_target(noted.decision.old, unit, words),
                new=format_target(noted.decision.new, unit, words),
                reason=noted.decision.reason,
            )
        case Annotation():
            return noted.decision.text


def sort_of(noted: Noted) -> str:
    """Name what was noted, as catalogues and marks do."""
    return noted.decision.sort if isinstance(noted.decision, Annotation) else noted.decision.kind
