"""A metric's series as lines that carry their own names, with what people noted as marks on the time axis."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

from metrics.exploring import Line, Split
from metrics.model.decision import Annotation
from metrics.model.reading import Point, Window
from pages.ui.charts import HEIGHT, PALETTES, Palette, stroke, value_ticks
from pages.ui.formats import format_day, format_value
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.tables import plain_table

Theme = Literal["light", "dark"]
LINES: Mapping[Theme, tuple[str, ...]] = {
    "light": ("#2f5bd0", "#b0562a", "#1f7a6d", "#8a4fa8", "#8a7012", "#3d7fb5", "#a83f6c", "#5d6b3a"),
    "dark": ("#8fb0ff", "#f0a37c", "#6fd0c0", "#cf9be8", "#d9c25f", "#86c4ee", "#f08fb6", "#b4c487"),
}
"""Colours that tell lines apart; each line is also named where it ends."""

_TICKS = {"en": "%-d %b %y", "vi": "%-d/%-m/%y"}
_ROOM = 0.05
_LEAST_GAP = 0.055
_LONGEST_NAME = 22
_TEXT_HEIGHT, _AXES_HEIGHT = 17, 40
"""Of a line of text, and of what is not the plot itself, in pixels."""


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line, such as a target, over some days; `firm` lines are solid."""

    name: str
    value: float
    days: Window
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is drawn: for whom, in which theme, in which unit; `rare` ones are measured monthly or less."""

    words: Words
    theme: Theme
    unit: str
    rare: bool = False

    @property
    def palette(self) -> Palette:
        """Colours of axes and of a single line."""
        return PALETTES[self.theme]


def series_figure(
    split: Split,
    days: Window,
    noted: Sequence[Annotation],
    look: Look,
    *,
    levels: Sequence[Level] = (),
    height: int = HEIGHT,
) -> go.Figure:
    """Draw the lines over the days.

    Args:
        split: of what is not over yet, each line shows its value apart, for it will still move.
        noted: annotations; those outside the days are left out.
        levels: horizontal lines, such as a target.
    """
    figure, lines, finished = go.Figure(), split.lines, [_finished(line, split.open_from) for line in split.lines]
    for line, over, color in zip(lines, finished, line_colors(lines, look), strict=True):
        figure.add_trace(_trace(over, color, look, alone=len(lines) == 1))
        if len(over.points) < len(line.points):
            rest = replace(line, points=line.points[len(over.points) :])
            figure.add_trace(_so_far(rest, color, look, alone=len(lines) == 1))
    values = [point.value for line in lines for point in line.points if point.value is not None]
    values += [level.value for level in levels]
    ticks = value_ticks(min(values), max(values)) if values else [0.0, 1.0]
    for level in levels:
        _add_level(figure, level, look)
    lowest = _name_levels(figure, levels, ticks, look, height)
    _name_lines(figure, finished, ticks, look)
    _mark(figure, [each for each in noted if days.starts <= each.day <= days.ends], ticks, look)
    figure.update_layout(_layout(look, days, ticks, named=len(lines) > 1), height=height)
    if lowest is not None:
        figure.update_yaxes(range=[min(figure.layout.yaxis.range[0], lowest), figure.layout.yaxis.range[1]])
    return figure


def line_colors(lines: Sequence[Line], look: Look) -> list[str]:
    """Give each line its colour; what is folded stands back."""
    colors = iter(LINES[look.theme])
    return [look.palette.past if line.folded else next(colors) for line in lines]


def line_name(line: Line, words: Words) -> str:
    """Name a line: the dimension's value, or how many are folded."""
    if line.folded:
        return words.counted("metrics.others", len(line.folded))
    return line.value or words("metrics.whole")


def series_alt(title: str, lines: Sequence[Line], days: Window, look: Look) -> str:
    """Say in words what the chart shows: where each line stands at its end."""
    words = look.words
    ends = ", ".join(f"{line_name(line, words)} {format_value(_last(line.points), look.unit, words)}" for line in lines)
    start, end = (format_day(day, words, year=True) for day in (days.starts, days.ends))
    return words("metrics.chart_alt", title=title, start=start, end=end, ends=ends)


def lines_table(lines: Sequence[Line], look: Look, grain: str) -> Html:
    """Draw the numbers behind the chart, the newest first, a column for each line."""
    words = look.words
    head = [words(f"metrics.column_{grain}"), *(line_name(line, words) for line in lines)]
    by_day = [{point.day: point.value for point in line.points} for line in lines]
    days = sorted({day for line in by_day for day in line}, reverse=True)
    rows = [
        [format_day(day, words, year=True), *(format_value(line.get(day), look.unit, words) for line in by_day)]
        for day in days
    ]
    numbers = frozenset(range(1, len(head)))
    return element("div", plain_table(head, rows, numeric=numbers), class_="ql-scroll")


def _trace(line: Line, color: str, look: Look, *, alone: bool) -> go.Scatter:
    words, name = look.words, line_name(line, look.words)
    shown = [
        "<br>".join(
            [
                *([] if alone else [escape(name)]),
                format_day(point.day, words, year=True),
                escape(format_value(point.value, look.unit, words)),
            ]
        )
        for point in line.points
    ]
    return go.Scatter(
        x=[point.day.isoformat() for point in line.points],
        y=[point.value for point in line.points],
        line={"color": color, "width": 2.25 if alone else 1.75},
        name=escape(name),
        text=shown,
        hovertemplate="%{text}<extra></extra>",
        connectgaps=False,
        **stroke([point.value for point in line.points], joined=not look.rare),
    )


def _finished(line: Line, open_from: date | None) -> Line:
    return line if open_from is None else replace(line, points=tuple(p for p in line.points if p.day < open_from))


def _so_far(line: Line, color: str, look: Look, *, alone: bool) -> go.Scatter:
    trace, told = _trace(line, color, look, alone=alone), escape(look.words("chart.so_far"))
    trace.update(mode="markers", cliponaxis=False, hovertemplate=f"%{{text}}<br>{told}<extra></extra>")
    return trace.update(marker={"symbol": "circle-open", "size": 7, "color": color})


def _add_level(figure: go.Figure, level: Level, look: Look) -> None:
    ends = [level.days.starts.isoformat(), level.days.ends.isoformat()]
    color, dash = (look.palette.ink, "solid") if level.firm else (look.palette.soft, "dot")
    line = {"color": color, "width": 1.25, "dash": dash}
    name = escape(level.name)
    figure.add_trace(go.Scatter(x=ends, y=[level.value] * 2, mode="lines", line=line, name=name, hoverinfo="name"))


def _name_levels(
    figure: go.Figure, levels: Sequence[Level], ticks: Sequence[float], look: Look, height: int
) -> float | None:
    """Write each level's name on its line, the lowest one's beneath it where the next is close; give where that ends.

    A range has two lines of one name, which is written once, on the upper one.
    """
    named = sorted({level.name: level for level in sorted(levels, key=lambda each: each.value)}.values(),
                   key=lambda each: each.value)  # fmt: skip
    line = (ticks[-1] - ticks[0]) * (1 + 2 * _ROOM) * _TEXT_HEIGHT / (height - _AXES_HEIGHT)
    crowded = len(named) > 1 and named[1].value - named[0].value < line
    floor = -math.inf
    for index, level in enumerate(named):
        beneath = crowded and index == 0
        at = level.value - line if beneath else max(level.value, floor)
        floor = at + line
        end = level.days.ends.isoformat()
        _write(figure, end, at, level.name, look.palette.soft, xanchor="right", yanchor="bottom")
    return named[0].value - line if crowded else None


def _name_lines(figure: go.Figure, lines: Sequence[Line], ticks: Sequence[float], look: Look) -> None:
    """Write each line's name beside its end, moved apart where ends lie close together."""
    if len(lines) < 2:
        return
    least = (ticks[-1] - ticks[0]) * _LEAST_GAP
    ends = [(value, index) for index, line in enumerate(lines) if (value := _last(line.points)) is not None]
    colors, floor = line_colors(lines, look), ticks[0]
    for value, index in sorted(ends):
        height = max(value, floor)
        floor = height + least
        name = line_name(lines[index], look.words)
        shown = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        _write(figure, 1, height, shown, colors[index], xref="paper", xanchor="left", yanchor="middle", xshift=6)


def _mark(figure: go.Figure, noted: Sequence[Annotation], ticks: Sequence[float], look: Look) -> None:
    for each in noted:
        dash = "dash" if each.sort == "level_shift" else "dot"
        figure.add_vline(x=each.day.isoformat(), line={"color": look.palette.soft, "width": 1, "dash": dash})
    if not noted:
        return
    told = [f"{format_day(each.day, look.words, year=True)}<br>{escape(each.text)}" for each in noted]
    symbols = ["diamond" if each.sort == "level_shift" else "triangle-down" for each in noted]
    figure.add_trace(
        go.Scatter(
            x=[each.day.isoformat() for each in noted],
            y=[ticks[-1]] * len(noted),
            mode="markers",
            marker={"symbol": symbols, "size": 10, "color": look.palette.ink},
            text=told,
            hovertemplate="%{text}<extra></extra>",
            name=escape(look.words("metrics.noted")),
        )
    )


def _write(figure: go.Figure, x: str | float, y: float, text: str, color: str, **where: Any) -> None:
    figure.add_annotation(x=x, y=y, text=escape(text), showarrow=False, font={"color": color, "size": 12}, **where)


def _last(points: Sequence[Point]) -> float | None:
    return next((point.value for point in reversed(points) if point.value is not None), None)


def _layout(look: Look, days: Window, ticks: Sequence[float], *, named: bool) -> dict[str, Any]:
    pad = ((ticks[-1] - ticks[0]) or 1.0) * _ROOM
    return {
        "margin": {"l": 0, "r": 130 if named else 8, "t": 12, "b": 0},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": look.palette.soft, "size": 13, "family": '"Source Sans", sans-serif'},
        "hovermode": "closest",
        "xaxis": {
            "range": [days.starts.isoformat(), days.ends.isoformat()],
            "tickformat": _TICKS[look.words.language],
            "showgrid": False,
            "linecolor": look.palette.grid,
            "ticks": "",
            "nticks": 7,
            "automargin": True,
        },
        "yaxis": {
            "range": [ticks[0] - pad, ticks[-1] + pad],
            "tickvals": list(ticks),
            # Worded here, because Plotly would write "350M" in every language.
            "ticktext": [escape(format_value(tick, look.unit, look.words)) for tick in ticks],
            "gridcolor": look.palette.grid,
            "zeroline": False,
            "automargin": True,
        },
    }
