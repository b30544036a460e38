"""The one large chart of a key result, as a Plotly figure: the metric's buckets, or the read and where it may go."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import accumulate
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from metrics.model.definition import Grain
from metrics.model.reading import Point, Window
from metrics.model.scorecard import Cycle, KeyResultCard
from metrics.model.target import Target
from metrics.periods import planned_value
from metrics.progress.measure import goal_of, is_limit
from pages.ui.formats import format_day, format_target, format_value
from pages.ui.i18n import Words

HEIGHT = 380
_TICKS = {"en": "%-d %b", "vi": "%-d/%-m"}
_FONT = '"Source Sans", sans-serif'
_ROOM = 0.03
_MARGINS, _NAME_HEIGHT, _NAME_WIDTH = 60, 18, 118
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme; statuses have no place in a chart of values."""

    accent: str
    past: str
    ink: str
    soft: str
    grid: str


PALETTES: Mapping[Literal["light", "dark"], Palette] = {
    "light": Palette("#2f5bd0", "#b3b0a9", "#2f2d2b", "#6b6862", "#eceae5"),
    "dark": Palette("#8fb0ff", "#6f6c66", "#edebe8", "#a8a49c", "#2d2c29"),
}


class EndName(NamedTuple):
    """What is written beside the cycle's end: at which value, what, in which colour."""

    value: float
    text: str
    color: str


@dataclass(frozen=True, slots=True)
class Plot:
    """What a figure is drawn from, beside its points.

    Attributes:
        steps: the targets of the cycle in turn, each with the days that it counts for.
        today: a bucket that is not over by then stands apart, for it will still move.
        rare: whether it is measured once a month or less, such as a quarterly survey.
    """

    card: KeyResultCard
    cycle: Cycle
    steps: Sequence[tuple[Window, Target]]
    words: Words
    palette: Palette
    today: date
    rare: bool = False


def bucket_figure(plot: Plot, segments: Sequence[tuple[Window, Sequence[Point]]], *, grain: Grain) -> go.Figure:
    """Draw earlier cycles in grey and this one in the accent colour, with target, baseline and what was expected.

    Args:
        segments: the metric's buckets per cycle, the oldest first, the last of them this cycle's.
    """
    card, words = plot.card, plot.words
    figure = go.Figure()
    *past, current = (drawn_points(card, window, points) for window, points in segments)
    over, open_end = _split_unfinished(card, current, min(segments[-1][0].ends, plot.cycle.ends), grain, plot.today)
    add_past(figure, plot, past)
    add_lines(figure, plot)
    name = words("chart.running" if card.key_result.shape == "total" else "chart.this_cycle")
    figure.add_trace(value_line(over, plot, color=plot.palette.accent, width=2.5, name=name))
    if open_end:
        figure.add_trace(_so_far(open_end, plot))
    return finished(figure, plot, segments[0][0].starts)


def add_past(figure: go.Figure, plot: Plot, stretches: Sequence[Sequence[Point]]) -> None:
    """Draw the cycles before this one in grey."""
    for points in stretches:
        name = plot.words("chart.history")
        figure.add_trace(value_line(points, plot, color=plot.palette.past, width=1.5, name=name))


def add_lines(figure: go.Figure, plot: Plot) -> None:
    """Draw what was expected, the target as it stood day by day, and the baseline."""
    _add_expected(figure, plot)
    for target_line in _target_lines(plot):
        figure.add_trace(target_line)
    for name, _, level in _dotted_levels(plot):
        figure.add_trace(_level(plot, level, name))


def finished(figure: go.Figure, plot: Plot, first: date, *, more: Sequence[EndName] = ()) -> go.Figure:
    """Add the cycle's end, the names of the lines and the axes."""
    cycle, palette = plot.cycle, plot.palette
    figure.add_vline(x=cycle.ends.isoformat(), line={"color": palette.soft, "width": 1})
    figure.add_annotation(
        x=cycle.ends.isoformat(),
        y=1,
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"color": palette.soft},
        text=escape(plot.words("chart.cycle_end", day=format_day(cycle.ends, plot.words))),
    )
    axis = _value_axis(figure, plot)
    figure.update_yaxes(axis)
    _name_ends(figure, plot, [*_own_names(plot), *more], axis["range"])
    return figure.update_layout(_layout(plot, first))


def drawn_points(card: KeyResultCard, window: Window, points: Sequence[Point]) -> list[Point]:
    """Give the points as they are drawn: a `total` runs up from its cycle's start, everything else as it is.

    What has run up stands at its bucket's last day, so that it meets the line of what was expected by then.
    """
    if card.key_result.shape != "total":
        return list(points)
    sums = accumulate(point.value or 0.0 for point in points)
    last_days = [*(point.day - timedelta(days=1) for point in points[1:]), window.ends]
    return [Point(day, total, point.rows) for day, total, point in zip(last_days, sums, points, strict=False)]


def chart_alt(
    card: KeyResultCard, title: str, segments: Sequence[tuple[Window, Sequence[Point]]], grain: str, words: Words
) -> str:
    """Say in words what the chart shows."""
    drawn = drawn_points(card, *segments[-1])
    last = next((point.value for point in reversed(drawn) if point.value is not None), None)
    return words(
        "chart.alt",
        title=title,
        grain=words(f"chart.{grain}"),
        start=format_day(segments[0][0].starts, words, year=True),
        end=format_day(segments[-1][0].ends, words, year=True),
        last=format_value(last, card.unit, words),
        target=format_target(card.target, card.unit, words),
    )


def value_line(points: Sequence[Point], plot: Plot, *, color: str, width: float, name: str) -> go.Scatter:
    """Draw values as a line whose points say their day and value; what is measured rarely is not joined."""
    words = plot.words
    shown = [
        f"{format_day(point.day, words, year=True)}<br>{escape(format_value(point.value, plot.card.unit, words))}"
        for point in points
    ]
    return go.Scatter(
        x=[point.day.isoformat() for point in points],
        y=[point.value for point in points],
        line={"color": color, "width": width},
        name=escape(name),
        text=shown,
        hovertemplate="%{text}<extra></extra>",
        connectgaps=False,
        **stroke([point.value for point in points], joined=not plot.rare),
    )


def stroke(values: Sequence[float | None], *, joined: bool) -> dict[str, Any]:
    """Say how a series is stroked: as a line, with a mark where a value stands alone between gaps; or as marks only.

    Args:
        joined: whether a line between two values says something about the days between them.
    """
    if not joined:
        return {"mode": "markers", "marker": {"size": 8}}
    around = [None, *values, None]
    alone = [
        each is not None and before is None and after is None
        for before, each, after in zip(around, values, around[2:], strict=False)
    ]
    if len(values) < 3:
        return {"mode": "lines+markers"}
    return (
        {"mode": "lines+markers", "marker": {"size": [6 * one for one in alone]}} if any(alone) else {"mode": "lines"}
    )


def measurements(points: Sequence[Point]) -> list[Point]:
    """Give the points of a read, day by day, at which rows had come in: between them it only repeats what was known."""
    before = [0, *(point.rows for point in points)]
    return [point for point, known in zip(points, before, strict=False) if point.rows > known]


def _split_unfinished(
    card: KeyResultCard, points: list[Point], last_day: date, grain: Grain, today: date
) -> tuple[list[Point], list[Point]]:
    if not points or card.key_result.shape == "total" or last_day < today:
        return points, []
    ends = points[-1].day + timedelta(days=6 if grain == "week" else 0)
    return (points[:-1], points[-1:]) if ends >= today else (points, [])


def _so_far(points: Sequence[Point], plot: Plot) -> go.Scatter:
    name = plot.words("chart.so_far")
    trace = value_line(points, plot, color=plot.palette.accent, width=1.5, name=name)
    trace.update(mode="markers", hovertemplate=f"%{{text}}<br>{escape(name)}<extra></extra>")
    return trace.update(marker={"symbol": "circle-open", "size": 7, "color": plot.palette.accent})


def has_way(card: KeyResultCard) -> bool:
    """Tell whether there is a way from the baseline to the target, on which something is expected by every day."""
    return card.baseline is not None and not is_limit(card.key_result)


def _add_expected(figure: go.Figure, plot: Plot) -> None:
    card, cycle = plot.card, plot.cycle
    if card.baseline is None or not has_way(card):
        return
    goal = goal_of(card.target, card.baseline)
    days = [cycle.starts - timedelta(days=1), *(point.by for point in card.key_result.plan), cycle.ends]
    values = [planned_value(card.key_result.plan, cycle, day, baseline=card.baseline, target=goal) for day in days]
    figure.add_trace(
        go.Scatter(
            x=[day.isoformat() for day in days],
            y=values,
            mode="lines",
            line={"color": plot.palette.soft, "width": 1, "dash": "dash"},
            name=escape(plot.words("chart.expected")),
            hoverinfo="name",
        )
    )


def _target_lines(plot: Plot) -> list[go.Scatter]:
    """Step the target where it was revised; a range has a line at either end."""
    name = plot.words("chart.target", target=format_target(plot.card.target, plot.card.unit, plot.words))
    last = plot.cycle.ends
    ends = [[(days, target.value) for days, target in plot.steps]]
    if any(target.high is not None for _, target in plot.steps):
        ends.append([(days, target.value if target.high is None else target.high) for days, target in plot.steps])
    return [
        go.Scatter(
            x=[day.isoformat() for days, _ in steps for day in (days.starts, min(days.ends + _ONE_DAY, last))],
            y=[value for _, value in steps for _ in range(2)],
            mode="lines",
            line={"color": plot.palette.ink, "width": 1.25},
            name=escape(name),
            hoverinfo="name",
        )
        for steps in ends
        if steps
    ]


def _dotted_levels(plot: Plot) -> list[tuple[str, str, float]]:
    """Give the name, the shorter one beside the line, and the value of each."""
    card, words = plot.card, plot.words
    levels = []
    if card.original_target != card.target and len(plot.steps) < 2:  # set aside by a definition, not by a revision
        was = words("key_result.was", target=format_target(card.original_target, card.unit, words))
        levels.append((was, was, card.original_target.value))
    if card.baseline is not None and card.key_result.shape != "total":
        shown = format_value(card.baseline, card.unit, words)
        levels.append(
            (words("chart.baseline", baseline=shown), words("key_result.baseline", baseline=shown), card.baseline)
        )
    return levels


def _level(plot: Plot, value: float, name: str) -> go.Scatter:
    return go.Scatter(
        x=[plot.cycle.starts.isoformat(), plot.cycle.ends.isoformat()],
        y=[value, value],
        mode="lines",
        line={"color": plot.palette.soft, "width": 1.25, "dash": "dot"},
        name=escape(name),
        hoverinfo="name",
    )


def _own_names(plot: Plot) -> list[EndName]:
    card, words = plot.card, plot.words
    target = format_target(card.target, card.unit, words)
    names = [EndName(card.target.value, target, plot.palette.ink)]
    return names + [EndName(level, short, plot.palette.soft) for _, short, level in _dotted_levels(plot)]


def _name_ends(figure: go.Figure, plot: Plot, names: Sequence[EndName], span: Sequence[float]) -> None:
    """Write the names of lines right of the cycle's end, pushed apart where they would cover each other."""
    line = _NAME_HEIGHT * (span[1] - span[0]) / (HEIGHT - _MARGINS)
    at: list[float] = []
    ordered = sorted(names, key=lambda each: each.value)
    for name in ordered:
        at.append(max(name.value, at[-1] + line) if at else name.value)
    for name, y in zip(ordered, at, strict=True):
        figure.add_annotation(
            x=plot.cycle.ends.isoformat(),
            y=y,
            text=escape(name.text),
            xanchor="left",
            yanchor="middle",
            xshift=6,
            showarrow=False,
            font={"color": name.color},
        )


def value_ticks(low: float, high: float) -> list[float]:
    """Choose four to eight round numbers that cover a range."""
    rough = ((high - low) or abs(high) or 1.0) / 5
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 12) for index in range(first, last + 1)]


def _value_axis(figure: go.Figure, plot: Plot) -> dict[str, Any]:
    values = [value for trace in figure.data for value in trace.y if value is not None]
    ticks = value_ticks(min(values), max(values))
    pad = (ticks[-1] - ticks[0]) * _ROOM
    return {
        "range": [ticks[0] - 2 * pad, ticks[-1] + pad],  # marks stand below the lowest value
        "tickvals": ticks,
        # Worded here, because Plotly would write "350M" in every language.
        "ticktext": [escape(format_value(tick, plot.card.unit, plot.words)) for tick in ticks],
        "gridcolor": plot.palette.grid,
        "zeroline": False,
        "automargin": True,
    }


def _layout(plot: Plot, first: date) -> dict[str, Any]:
    palette, cycle = plot.palette, plot.cycle
    return {
        "height": HEIGHT,
        "margin": {"l": 0, "r": _NAME_WIDTH, "t": 28, "b": 0},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.soft, "size": 13, "family": _FONT},
        "hovermode": "closest",
        "xaxis": {
            "range": [first.isoformat(), cycle.ends.isoformat()],
            "tickformat": _TICKS[plot.words.language],
            "showgrid": False,
            "linecolor": palette.grid,
            "automargin": True,
            "ticks": "",
        },
    }
