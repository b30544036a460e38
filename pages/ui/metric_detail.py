"""One metric's blocks: its head, how it is defined, the rows behind it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from metrics.exploring import MetricCard
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Lineage, Window
from metrics.scorecard.document import filter_text
from pages.ui.catalogue import freshness_badge, metric_note
from pages.ui.failures import failure_line
from pages.ui.formats import NOTHING, format_age, format_count, format_day, format_moment, format_value
from pages.ui.i18n import Words
from pages.ui.markup import Html, element, join
from pages.ui.reader import Reader


def metric_head(card: MetricCard, reader: Reader, back: Html, edit: Html) -> Html:
    """Draw the answer: what the metric stands at, and whether its rows are as new as they should be."""
    words, metric, newest = reader.words, card.metric, card.newest
    value = format_value(newest.value if newest else None, metric.unit, words)
    week = words("metrics.in_week", day=format_day(newest.day, words)) if newest else words("metrics.no_week")
    about = words.title(metric.description)
    return element(
        "section",
        back,
        element("h1", words.title(metric.title, metric.id)),
        element("p", metric_note(metric, words), class_="ql-note"),
        element(
            "div",
            element("span", value, class_="ql-huge"),
            element(
                "span",
                element("span", week),
                element("span", words("metrics.is_better", way=words(f"metrics.{metric.better}"))),
                class_="ql-beside",
            ),
            freshness_badge(card.freshness, reader),
            edit,
            class_="ql-headline",
        ),
        element("p", about) if about else None,
        element("p", failure_line(card.error, words), class_="ql-notice", role="alert") if card.error else None,
    )


def metric_definition(metric: Metric, lineage: Lineage, window: Window, filter_: Filter, reader: Reader) -> Html:
    """Draw how a metric is defined, and what its value over the shown days rests on."""
    words = reader.words
    days = f"{format_day(window.starts, words, year=True)} – {format_day(window.ends, words, year=True)}"  # noqa: RUF001
    last = lineage.last_event_at
    entries = [
        ("source", metric.source),
        ("time", metric.time),
        ("aggregate", words.known(f"aggregate.{metric.aggregate}", metric.aggregate)),
        ("value_expression", metric.value),
        ("numerator", metric.numerator),
        ("denominator", metric.denominator),
        ("expression", metric.expression),
        ("working_hours", _working_hours(metric)),
        ("where", metric.where),
        ("dimensions", ", ".join(metric.dimensions)),
        ("approx", words("approx.long") if metric.is_approximate else None),
        ("rollup", None if metric.rollup == "pooled" else words(f"rollup.{metric.rollup}")),
        ("bounds", _bounds(metric, words)),
        ("expected_every", metric.expected_every and format_age(metric.expected_every, words)),
        ("filter", filter_text(filter_)),
        ("window", days),
        ("rows", format_count(lineage.rows, words)),
        ("table_rows", format_count(lineage.table_rows, words)),
        ("generation", lineage.generation),
        ("last_event", format_moment(last, words, reader.timezone) if last else NOTHING),
        ("definition", metric.definition),
    ]
    pairs = [join(element("dt", words(f"metrics.{name}")), element("dd", text)) for name, text in entries if text]
    return element("dl", *pairs)


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], reader: Reader) -> Html:
    """Draw raw rows as the source gave them."""
    head = element("tr", *(element("th", name, scope="col") for name in columns))
    body = [element("tr", *(element("td", _cell(value, reader)) for value in row)) for row in rows]
    table = element("table", element("thead", head), element("tbody", *body), class_="ql-raw")
    return element("div", table, class_="ql-scroll", tabindex="0")


def _working_hours(metric: Metric) -> str | None:
    measured = metric.working_hours
    return None if measured is None else f"{measured.starts} → {measured.ends} ({measured.calendar})"


def _bounds(metric: Metric, words: Words) -> str | None:
    if metric.bounds == (None, None):
        return None
    low, high = ("∞" if end is None else format_value(end, metric.unit, words) for end in metric.bounds)
    return f"{'−' if low == '∞' else ''}{low} … {high}"  # noqa: RUF001 - the sign


def _cell(value: Any, reader: Reader) -> str:
    if isinstance(value, datetime):
        return format_moment(value, reader.words, reader.timezone) if value.tzinfo else value.isoformat(" ")
    if isinstance(value, date):
        return format_day(value, reader.words, year=True)
    return NOTHING if value is None else str(value)
