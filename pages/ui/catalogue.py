"""The Metrics page's table: one row per metric, and the search that narrows it."""

import unicodedata
from collections.abc import Iterable, Sequence

from metrics.exploring import MetricCard
from metrics.model.definition import KeyResult, Metric
from metrics.model.scorecard import Freshness
from metrics.tabular import Cell
from pages.ui.failures import failure_line
from pages.ui.formats import NOTHING, format_age, format_value
from pages.ui.i18n import Words
from pages.ui.links import metric_link
from pages.ui.markup import EMPTY, Html, element, join
from pages.ui.reader import Reader
from pages.ui.svg import TREND_SIZE, sparkline

CATALOGUE_COLUMNS = (
    "id", "title", "source", "aggregate", "unit", "better", "owner", "newest_week", "value", "last_event_at", "stale",
    "key_results",
)  # fmt: skip
_MOST_NAMED = 2


def search_metrics(cards: Iterable[MetricCard], asked: str) -> tuple[MetricCard, ...]:
    """Keep metrics that have every word somewhere in their names; accents and case do not matter."""
    sought = _folded(asked).split()
    return tuple(card for card in cards if all(word in _searchable(card) for word in sought))


def catalogue_table(cards: Sequence[MetricCard], reader: Reader) -> Html:
    """Draw the metrics, each with its newest weeks, how late its rows are, and who uses it."""
    words = reader.words
    names = ("metric", "value", "trend", "better", "freshness", "used_by")
    head = [
        element("th", words(f"metrics.{name}"), scope="col", class_="ql-number" if name == "value" else f"ql-{name}")
        for name in names
    ]
    rows = [_row(card, reader) for card in cards]
    return element(
        "table", element("thead", element("tr", *head)), element("tbody", *rows), class_="ql-catalogue ql-rows"
    )


def catalogue_rows(cards: Sequence[MetricCard], words: Words) -> list[tuple[Cell, ...]]:
    """Give the table's rows for a file."""
    return [
        (
            card.metric.id,
            words.title(card.metric.title, card.metric.id),
            card.metric.source,
            card.metric.aggregate,
            card.metric.unit,
            card.metric.better,
            card.metric.owner,
            card.newest.day if card.newest else None,
            card.newest.value if card.newest else None,
            card.freshness.last_event_at,
            card.freshness.stale,
            " ".join(one.key for one in card.used_by),
        )
        for card in cards
    ]


def metric_note(metric: Metric, words: Words) -> str:
    """Say in one line what a metric is: its name in definitions, its unit, where it comes from, whose it is."""
    unit = words.known(f"unit.{metric.unit}", metric.unit)
    return " · ".join(part for part in (metric.id, unit, metric.source, metric.owner) if part)


def freshness_badge(freshness: Freshness, reader: Reader) -> Html:
    """Draw how old the newest row is, and whether that is later than declared."""
    words = reader.words
    if freshness.last_event_at is None:
        return element("span", words("metrics.never"), class_="ql-note")
    age = format_age(reader.now - freshness.last_event_at, words)
    shape, look, key = ("◔", "ql-stale", "late") if freshness.stale else ("●", "ql-on_track", "fresh")
    told = words(f"metrics.{key}", age=age) if age != words("age.now") else age
    return element("span", element("span", shape, aria_hidden="true"), " ", told, class_=f"ql-status {look}")


def better_mark(metric: Metric, words: Words) -> Html:
    """Draw which way is better."""
    arrow = element("span", "↓" if metric.better == "lower" else "↑", aria_hidden="true")
    return element("span", arrow, " ", words(f"metrics.{metric.better}"))


def key_result_links(used_by: Sequence[KeyResult], reader: Reader) -> Html:
    """Draw links to key results, each with its cycle."""
    return join(
        *(
            element(
                "span",
                element("a", reader.words.title(one.title, one.id), href=reader.to_key_result(one.key)),
                " ",
                element("span", one.cycle, class_="ql-note"),
                class_="ql-line",
            )
            for one in used_by
        )
    )


def _row(card: MetricCard, reader: Reader) -> Html:
    words, metric = reader.words, card.metric
    link = element("a", words.title(metric.title, metric.id), href=metric_link(metric.id, **reader.kept))
    newest = card.newest
    return element(
        "tr",
        element("th", link, element("span", metric_note(metric, words), class_="ql-note"), scope="row"),
        element("td", format_value(newest.value if newest else None, metric.unit, words), class_="ql-number ql-now"),
        element("td", _trend(card, words), class_="ql-trend"),
        element("td", better_mark(metric, words), class_="ql-better"),
        element("td", _state(card, reader), class_="ql-freshness"),
        element("td", _users(card, reader), class_="ql-used_by"),
    )


def _trend(card: MetricCard, words: Words) -> Html:
    values = [point.value for point in card.trend if point.value is not None]
    if not values:
        return element("span", words("trend.none"), class_="ql-note")
    first, last, low, high = (
        format_value(value, card.metric.unit, words) for value in (values[0], values[-1], min(values), max(values))
    )
    width, height = TREND_SIZE
    alt = words("trend.alt", first=first, last=last, low=low, high=high)
    return element("img", src=sparkline(card.trend), alt=alt, width=width, height=height, class_="ql-trend")


def _state(card: MetricCard, reader: Reader) -> Html:
    badge = freshness_badge(card.freshness, reader)
    if card.error is None:
        return badge
    return join(badge, element("span", failure_line(card.error, reader.words), class_="ql-error ql-line"))


def _users(card: MetricCard, reader: Reader) -> Html:
    if not card.used_by:
        return element("span", NOTHING, class_="ql-note")
    more = len(card.used_by) - _MOST_NAMED
    rest = element("span", reader.words.counted("metrics.more", more), class_="ql-note ql-line") if more > 0 else EMPTY
    return join(key_result_links(card.used_by[:_MOST_NAMED], reader), rest)


def _searchable(card: MetricCard) -> str:
    metric = card.metric
    named = [metric.id, *metric.title.values(), metric.source, metric.unit, metric.owner or ""]
    return _folded(" ".join([*named, *(title for one in card.used_by for title in one.title.values())]))


def _folded(text: str) -> str:
    """Write without accents and case, so that `phan hoi` finds `Phản hồi`."""
    plain = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    return plain.casefold().replace("đ", "d")
