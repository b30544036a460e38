"""The one large chart of a key result, as a Plotly figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import accumulate
from typing import Any, Literal

import plotly.graph_objects as go

from metrics.model.definition import Grain
from metrics.model.reading import Point, Window
from metrics.model.scorecard import Cycle, KeyResultCard
from metrics.periods import planned_value
from metrics.progress.measure import goal_of, is_limit
from pages.ui.formats import format_day, format_target, format_value
from pages.ui.i18n import Words

HEIGHT = 380
_TICKS = {"en": "%-d %b", "vi": "%-d/%-m"}
_FONT = '"Source Sans", sans-serif'
_ROOM = 0.03


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


def key_result_figure(
    card: KeyResultCard,
    cycle: Cycle,
    segments: Sequence[tuple[Window, Sequence[Point]]],
    words: Words,
    palette: Palette,
    *,
    grain: Grain,
    today: date,
) -> go.Figure:
    """Draw earlier cycles in grey and this one in the accent colour, with target, baseline and what was expected.

    Args:
        segments: the metric's buckets per cycle, the oldest first, the last of them this cycle's.
        today: a bucket that is not over by then stands apart, for it will still move.
    """
    figure = go.Figure()
    *past, current = (drawn_points(card, window, points) for window, points in segments)
    over, open_end = _split_unfinished(card, current, min(segments[-1][0].ends, cycle.ends), grain, today)
    for points in past:
        figure.add_trace(_line(points, card, words, color=palette.past, width=1.5, name=words("chart.history")))
    _add_expected(figure, card, cycle, words, palette)
    for name, level, dash in _levels(card, words):
        figure.add_trace(_level(cycle, level, palette.soft if dash == "dot" else palette.ink, dash, name))
        _name_at_end(figure, cycle.ends, level, name, palette, below=(dash == "solid") == _falls(card))
    running = card.key_result.shape == "total"
    name = words("chart.running" if running else "chart.this_cycle")
    figure.add_trace(_line(over, card, words, color=palette.accent, width=2.5, name=name))
    if open_end:
        figure.add_trace(_so_far(open_end, card, words, palette))
    figure.add_vline(x=cycle.ends.isoformat(), line={"color": palette.soft, "width": 1})
    figure.add_annotation(
        x=cycle.ends.isoformat(),
        y=1,
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"color": palette.soft},
        text=escape(words("chart.cycle_end", day=format_day(cycle.ends, words))),
    )
    figure.update_yaxes(_value_axis(figure, card, words, palette))
    return figure.update_layout(_layout(words, palette, segments[0][0].starts, cycle))


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


def _line(
    points: Sequence[Point], card: KeyResultCard, words: Words, *, color: str, width: float, name: str
) -> go.Scatter:
    shown = [
        f"{format_day(point.day, words, year=True)}<br>{escape(format_value(point.value, card.unit, words))}"
        for point in points
    ]
    return go.Scatter(
        x=[point.day.isoformat() for point in points],
        y=[point.value for point in points],
        mode="lines+markers" if len(points) < 3 else "lines",
        line={"color": color, "width": width},
        name=escape(name),
        text=shown,
        hovertemplate="%{text}<extra></extra>",
        connectgaps=False,
    )


def _split_unfinished(
    card: KeyResultCard, points: list[Point], last_day: date, grain: Grain, today: date
) -> tuple[list[Point], list[Point]]:
    if not points or card.key_result.shape == "total" or last_day < today:
        return points, []
    ends = points[-1].day + timedelta(days=6 if grain == "week" else 0)
    return (points[:-1], points[-1:]) if ends >= today else (points, [])


def _so_far(points: Sequence[Point], card: KeyResultCard, words: Words, palette: Palette) -> go.Scatter:
    trace = _line(points, card, words, color=palette.accent, width=1.5, name=words("chart.so_far"))
    trace.update(mode="markers", hovertemplate=f"%{{text}}<br>{escape(words('chart.so_far'))}<extra></extra>")
    return trace.update(marker={"symbol": "circle-open", "size": 7, "color": palette.accent})


def _add_expected(figure: go.Figure, card: KeyResultCard, cycle: Cycle, words: Words, palette: Palette) -> None:
    if card.baseline is None or is_limit(card.key_result):
        return
    goal = goal_of(card.target, card.baseline)
    days = [cycle.starts - timedelta(days=1), *(point.by for point in card.key_result.plan), cycle.ends]
    values = [planned_value(card.key_result.plan, cycle, day, baseline=card.baseline, target=goal) for day in days]
    figure.add_trace(
        go.Scatter(
            x=[day.isoformat() for day in days],
            y=values,
            mode="lines",
            line={"color": palette.soft, "width": 1, "dash": "dash"},
            name=escape(words("chart.expected")),
            hoverinfo="name",
        )
    )


def _levels(card: KeyResultCard, words: Words) -> list[tuple[str, float, str]]:
    target = words("chart.target", target=format_target(card.target, card.unit, words))
    levels = [(target, card.target.value, "solid")]
    if card.target.high is not None:
        levels.append((target, card.target.high, "solid"))
    if card.original_target != card.target:
        was = words("key_result.was", target=format_target(card.original_target, card.unit, words))
        levels.append((was, card.original_target.value, "dot"))
    if card.baseline is not None and card.key_result.shape != "total":
        shown = format_value(card.baseline, card.unit, words)
        levels.append((words("chart.baseline", baseline=shown), card.baseline, "dot"))
    return levels


def _level(cycle: Cycle, value: float, color: str, dash: str, name: str) -> go.Scatter:
    return go.Scatter(
        x=[cycle.starts.isoformat(), cycle.ends.isoformat()],
        y=[value, value],
        mode="lines",
        line={"color": color, "width": 1.25, "dash": dash},
        name=escape(name),
        hoverinfo="name",
    )


def _falls(card: KeyResultCard) -> bool:
    """Tell whether the way to the target leads down, so that names keep out of its way."""
    return card.target.direction == "lower"


def _name_at_end(figure: go.Figure, day: date, value: float, name: str, palette: Palette, *, below: bool) -> None:
    figure.add_annotation(
        x=day.isoformat(),
        y=value,
        text=escape(name),
        xanchor="right",
        yanchor="top" if below else "bottom",
        xshift=-4,
        showarrow=False,
        font={"color": palette.soft},
    )


def value_ticks(low: float, high: float) -> list[float]:
    """Choose four to eight round numbers that cover a range."""
    rough = ((high - low) or abs(high) or 1.0) / 5
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 12) for index in range(first, last + 1)]


def _value_axis(figure: go.Figure, card: KeyResultCard, words: Words, palette: Palette) -> dict[str, Any]:
    values = [value for trace in figure.data for value in trace.y if value is not None]
    ticks = value_ticks(min(values), max(values))
    pad = (ticks[-1] - ticks[0]) * _ROOM
    return {
        "range": [ticks[0] - pad, ticks[-1] + 3 * pad],  # the name of a line at the top needs room
        "tickvals": ticks,
        # Worded here, because Plotly would write "350M" in every language.
        "ticktext": [escape(format_value(tick, card.unit, words)) for tick in ticks],
        "gridcolor": palette.grid,
        "zeroline": False,
        "automargin": True,
    }


def _layout(words: Words, palette: Palette, first: date, cycle: Cycle) -> dict[str, Any]:
    room = round((cycle.ends - first).days * _ROOM)
    return {
        "height": HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 28, "b": 0},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.soft, "size": 13, "family": _FONT},
        "hovermode": "closest",
        "xaxis": {
            "range": [first.isoformat(), (cycle.ends + timedelta(days=room)).isoformat()],
            "tickformat": _TICKS[words.language],
            "showgrid": False,
            "linecolor": palette.grid,
            "ticks": "",
        },
    }
