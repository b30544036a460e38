"""Small pictures as data URIs: a trend without axes, a strip of days, and a spread of final values."""

from collections.abc import Sequence

from metrics.forecast import Slice
from metrics.model.reading import Point

TREND_SIZE = (120, 28)
HISTOGRAM_SIZE = (240, 72)
_PAD = 3
# A picture inside <img> does not see the page's CSS: it carries both themes itself.
_STYLE = (
    "<style>.l{fill:none;stroke:#6b6a66;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}"
    ".t{stroke:#a3a19b;stroke-width:1;stroke-dasharray:2 3}.d{fill:#2f5bd0}"
    ".ok{fill:#8f8d87}.bad{fill:#c4302b}.none{fill:#e4e2dc}"
    ".in{fill:#2f5bd0}.out{fill:#d3d0c9}.g{stroke:#2f2d2b;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){.l{stroke:#b5b2ab}.t{stroke:#77746d}.d{fill:#8fb0ff}"
    ".ok{fill:#98958d}.bad{fill:#ff7b72}.none{fill:#3a3936}"
    ".in{fill:#8fb0ff}.out{fill:#4a4843}.g{stroke:#edebe8}}</style>"
)


def sparkline(points: Sequence[Point], *, target: float | None = None) -> str:
    """Draw a series as a line with its newest value as a dot and the target dashed; gaps stay gaps.

    Returns:
        A data URI; an empty picture where no point has a value.
    """
    width, height = TREND_SIZE
    values = [point.value for point in points if point.value is not None]
    if not values:
        return _picture(width, height, "")
    low, high = min(values), max(values)
    if target is not None and low - (high - low) <= target <= high + (high - low):
        low, high = min(low, target), max(high, target)
    shown_target = target if target is not None and low <= target <= high else None
    span = (high - low) or 1.0
    step = (width - 2 * _PAD) / max(len(points) - 1, 1)

    def y(value: float) -> float:
        return height / 2 if high == low else _PAD + (height - 2 * _PAD) * (high - value) / span

    line = "" if shown_target is None else f"<path class='t' d='M0 {y(shown_target):.1f}H{width}'/>"
    placed = [None if p.value is None else (_PAD + i * step, y(p.value)) for i, p in enumerate(points)]
    last = next(spot for spot in reversed(placed) if spot is not None)
    dot = f"<circle class='d' cx='{last[0]:.1f}' cy='{last[1]:.1f}' r='2.5'/>"
    return _picture(width, height, f"{line}<path class='l' d='{_path(placed)}'/>{dot}")


def day_strip(outcomes: Sequence[bool | None]) -> str:
    """Draw one bar per day, oldest first: a load that went well, one that failed (shorter), or none (a dot).

    Returns:
        A data URI.
    """
    width, height, step = len(outcomes) * 6, 20, 6
    shapes = {True: ("ok", 2, 16), False: ("bad", 8, 10), None: ("none", 15, 3)}
    bars = "".join(
        f"<rect class='{name}' x='{index * step + 1}' y='{top}' width='4' height='{tall}' rx='1'/>"
        for index, (name, top, tall) in enumerate(shapes[outcome] for outcome in outcomes)
    )
    return _picture(width, height, bars)


def histogram(slices: Sequence[Slice], limits: Sequence[float]) -> str:
    """Draw final values as bars, those that meet the target in the accent colour, with a line at each of its limits.

    Returns:
        A data URI; an empty picture without slices.
    """
    width, height = HISTOGRAM_SIZE
    if not slices:
        return _picture(width, height, "")
    low, high = slices[0].low, slices[-1].high
    most = max(each.share for each in slices)
    scale = width / (high - low)
    bars = []
    for each in slices:
        met = (height - 4) * each.met / most
        missed = (height - 4) * (each.share - each.met) / most
        for name, tall, base in (("in", met, height), ("out", missed, height - met)):
            if tall > 0:
                bars.append(
                    f"<rect class='{name}' x='{(each.low - low) * scale + 0.5:.1f}' y='{base - tall:.1f}' "
                    f"width='{max((each.high - each.low) * scale - 1, 0.5):.1f}' height='{tall:.1f}'/>"
                )
    for limit in limits:
        x = min(max((limit - low) * scale, 1), width - 1)
        bars.append(f"<path class='g' d='M{x:.1f} 0V{height}'/>")
    return _picture(width, height, "".join(bars))


def _path(spots: Sequence[tuple[float, float] | None]) -> str:
    commands, pen_down = [], False
    for spot in spots:
        if spot is not None:
            commands.append(f"{'L' if pen_down else 'M'}{spot[0]:.1f} {spot[1]:.1f}")
            if not pen_down:
                commands.append("h0")  # a lone point between two gaps is still seen
        pen_down = spot is not None
    return "".join(commands)


def _picture(width: int, height: int, body: str) -> str:
    opening = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
    return f"data:image/svg+xml,{_quoted(opening)}{_quoted(_STYLE)}{_quoted(body)}{_quoted('</svg>')}"


def _quoted(markup: str) -> str:
    # Only these characters of ours end or break a data URI; quoting all of them would treble the page's weight.
    return markup.replace("%", "%25").replace("#", "%23").replace("<", "%3C").replace(">", "%3E")
