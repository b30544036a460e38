"""The Forecast record's blocks: what held, how chances came true beside two simple rules, per key result, people."""

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from metrics.backtest import Bin, Figures, Record, SubjectRecord
from metrics.backtest.record import CheckInRecord
from metrics.model.definition import Definitions
from metrics.tabular import Cell
from pages.ui.charts import Palette
from pages.ui.formats import format_count, format_moment, format_score, format_share
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.reader import Reader
from pages.ui.tables import plain_table

FIGURE_COLUMNS = (
    "key_result", "metric", "filter", "read", "shape", "quarters", "n", "cov80", "cov95", "chances", "brier",
    "brier_pace", "brier_last", "ece", "mae_to_pace", "mae_to_last",
)  # fmt: skip

_HEIGHT = 380
_SMALLEST, _LARGEST = 7, 22


def record_summary(record: Record, reader: Reader) -> Html:
    """Draw the sentence that answers the page's question, and what it rests on."""
    words, all_ = reader.words, record.pooled
    said = words(
        "record.summary",
        n=format_count(all_.n, words),
        cov80=format_share(all_.cov80, words),
        cov95=format_share(all_.cov95, words),
    )
    rests = words(
        "record.rests_on",
        moment=format_moment(record.computed_at, words, reader.timezone),
        generation=record.generation,
        subjects=format_count(len(record.subjects), words),
        quarters=format_count(len({quarter for each in record.subjects for quarter in each.quarters}), words),
    )
    return element("div", element("p", said, class_="ql-summary"), element("p", rests, class_="ql-note"))


def headline_figures(figures: Figures, words: Words) -> Html:
    """Draw coverage and Brier as large numbers, each with what it should be or is beaten by."""
    ours, pace, last = (format_score(each, words) for each in (figures.brier, figures.brier_pace, figures.brier_last))
    counted, chances = format_count(figures.n, words), format_count(figures.chances, words)
    parts = [
        (format_share(figures.cov80, words), words("record.in80"), words("record.of_n", n=counted)),
        (format_share(figures.cov95, words), words("record.in95"), words("record.of_n", n=counted)),
        (ours, words("record.brier"), words("record.beside", pace=pace, last=last, n=chances)),
    ]
    return element("div", *(_stat(*part) for part in parts), class_="ql-stats")


def calibration_figure(curves: Mapping[str, Sequence[Bin]], words: Words, palette: Palette) -> go.Figure:
    """Draw how often chances came true against how large they were; on the diagonal they are worth what they say.

    Args:
        curves: bins by whose they are: `ours`, `pace`, `last`, in the order that they are drawn.
    """
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": palette.past, "width": 1, "dash": "dash"},
            name=escape(words("record.diagonal")),
            hoverinfo="name",
        )
    )
    most = max((each.n for bins in curves.values() for each in bins), default=1)
    for whose, bins in curves.items():
        figure.add_trace(_curve(whose, bins, most, words, palette))
    axis = {
        "range": [-0.04, 1.04],
        "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1],
        "ticktext": [format_share(each / 5, words) for each in range(6)],
        "gridcolor": palette.grid,
        "zeroline": False,
        "automargin": True,
    }
    return figure.update_layout(
        height=_HEIGHT,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.soft, "size": 13, "family": '"Source Sans", sans-serif'},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={**axis, "title": escape(words("record.chance_given"))},
        yaxis={**axis, "title": escape(words("record.came_true"))},
    )


def calibration_alt(bins: Sequence[Bin], words: Words) -> str:
    """Say in words what the curve shows."""
    pairs = "; ".join(
        words("record.alt_bin", mean=format_share(each.mean, words), hits=format_share(each.hits, words))
        for each in bins
    )
    return words("record.alt", pairs=pairs)


def calibration_table(curves: Mapping[str, Sequence[Bin]], words: Words) -> Html:
    """Draw the numbers behind the curves."""
    head = [words(f"record.{name}") for name in ("whose", "chance_given", "came_true", "n")]
    rows = [
        (
            words(f"record.{whose}"),
            format_share(each.mean, words),
            format_share(each.hits, words),
            format_count(each.n, words),
        )
        for whose, bins in curves.items()
        for each in bins
    ]
    return plain_table(head, rows, numeric=frozenset({1, 2, 3}))


def subjects_table(record: Record, definitions: Definitions, reader: Reader) -> Html:
    """Draw one row per replayed key result, and by how much of the quarter had elapsed."""
    words = reader.words
    head = [
        words(f"record.{name}")
        for name in ("subject", "n", "in80", "in95", "brier", "pace", "last", "error_pace", "error_last")
    ]
    rows = [(subject_name(each, definitions, words), *_cells(each.figures, words)) for each in record.subjects]
    rows += [
        (words("record.elapsed", share=format_share(share, words)), *_cells(figures, words))
        for share, figures in record.by_elapsed
    ]
    rows.append((words("record.all"), *_cells(record.pooled, words)))
    table = plain_table(head, rows, numeric=frozenset(range(1, 9)))
    return element(
        "div", table, class_="ql-wide", tabindex="0", role="region", aria_label=words("record.by_key_result")
    )


def subject_name(subject: SubjectRecord, definitions: Definitions, words: Words) -> str:
    """Name what was replayed by the key result that stands for it."""
    titles = {each.key: words.title(each.title, each.id) for each in definitions.key_results()}
    return titles.get(subject.key_result, subject.key_result)


def people_block(check_ins: CheckInRecord, words: Words) -> Html:
    """Draw people's confidences, scored as the forecasts of the same days are."""
    head = element("h2", words("record.people"))
    if not check_ins.n:
        return element("section", head, element("p", words("record.no_people"), class_="ql-note"))
    said = words.counted(
        "record.people_said",
        check_ins.n,
        brier=format_score(check_ins.brier, words),
        forecast=format_score(check_ins.brier_forecast, words),
    )
    return element("section", head, element("p", said), calibration_table({"people": check_ins.calibration}, words))


def figure_rows(record: Record) -> list[tuple[Cell, ...]]:
    """Give the record as rows of a CSV file, one per replayed key result and one over all."""
    rows = [
        (each.key_result, each.metric, each.filter, each.read, each.shape, " ".join(each.quarters), *_raw(each.figures))
        for each in record.subjects
    ]
    return [*rows, ("", "", "", "", "", "", *_raw(record.pooled))]


def _raw(figures: Figures) -> tuple[Cell, ...]:
    return tuple(getattr(figures, name) for name in FIGURE_COLUMNS[6:])


def _cells(figures: Figures, words: Words) -> tuple[str, ...]:
    return (
        format_count(figures.n, words),
        format_share(figures.cov80, words),
        format_share(figures.cov95, words),
        *(format_score(each, words) for each in (figures.brier, figures.brier_pace, figures.brier_last)),
        *(format_score(each, words, decimals=2) for each in (figures.mae_to_pace, figures.mae_to_last)),
    )


def _curve(whose: str, bins: Sequence[Bin], most: int, words: Words, palette: Palette) -> go.Scatter:
    ours = whose in {"ours", "people"}
    color = palette.accent if ours else palette.soft
    sizes = [_SMALLEST + (_LARGEST - _SMALLEST) * (each.n / most) ** 0.5 for each in bins]
    symbol = {"pace": "square-open", "last": "diamond-open"}.get(whose, "circle")
    return go.Scatter(
        x=[each.mean for each in bins],
        y=[each.hits for each in bins],
        mode="lines+markers" if ours else "markers",
        line={"color": color, "width": 1.5},
        marker={"size": sizes, "color": color, "symbol": symbol, "line": {"width": 2, "color": color}},
        name=escape(words(f"record.{whose}")),
        text=[
            escape(
                words(
                    "record.point",
                    mean=format_share(each.mean, words),
                    hits=format_share(each.hits, words),
                    n=format_count(each.n, words),
                )
            )
            for each in bins
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _stat(number: str, name: str, note: str) -> Html:
    return element(
        "div",
        element("span", number, class_="ql-huge"),
        element("span", name, element("span", note, class_="ql-note"), class_="ql-beside"),
    )
