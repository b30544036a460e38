"""The Key result page's blocks: headline, tables of numbers and parts, what stands behind the number, its history."""

import json
from collections.abc import Sequence
from typing import Any

from metrics.ledger import Version
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Lineage, Part, Point, Reading, Window
from metrics.model.scorecard import KeyResultCard, ObjectiveCard, Scorecard
from metrics.scorecard.document import filter_text
from pages.ui.chances import headline_chance
from pages.ui.formats import (
    NOTHING,
    format_count,
    format_day,
    format_moment,
    format_share,
    format_target,
    format_value,
)
from pages.ui.i18n import Words
from pages.ui.markup import Html, element, join
from pages.ui.parts import progress_cell, status_badge, value_with_unit
from pages.ui.reader import Reader
from pages.ui.samples import sample_sentences, zones_line
from pages.ui.tables import plain_table
from pages.ui.wording import card_title, explain, needed_per_week, read_in_words, sentence


def headline_block(
    card: KeyResultCard, objective: ObjectiveCard, scorecard: Scorecard, reader: Reader, back: Html
) -> Html:
    """Draw the answer: value, target, status, and one sentence."""
    words = reader.words
    verdict = words(
        "key_result.sentence", status=words(f"status.{card.status}"), reason=explain(card, words, reader.now)
    )
    target = words("key_result.target", target=format_target(card.target, card.unit, words))
    about = [words.title(objective.objective.title, objective.objective.id)]
    if not card.key_result.is_checklist:
        about.append(read_in_words(card.key_result.read, words))
    return element(
        "section",
        back,
        element("h1", card_title(card, words)),
        element("p", " · ".join([*about, *filter(None, [card.key_result.owner])]), class_="ql-note"),
        element(
            "div",
            element("span", value_with_unit(card, words), class_="ql-huge"),
            element("span", target, _from(card, words), _was(card, words), class_="ql-beside"),
            headline_chance(card, scorecard.cycle.ends, words),
            element("div", progress_cell(card, scorecard.elapsed, words), class_="ql-progress"),
            status_badge(card.status, words),
            class_="ql-headline",
        ),
        zones_line(card, words),
        element("p", " ".join([sentence(verdict), *_needed(card, words)]), class_="ql-summary"),
        element("p", " ".join(said), class_="ql-note") if (said := sample_sentences(card, words)) else None,
    )


def points_table(points: Sequence[Point], unit: str, grain: str, words: Words) -> Html:
    """Draw the numbers behind a chart, the newest first."""
    rows = [
        (
            format_day(point.day, words, year=True),
            format_value(point.value, unit, words),
            format_count(point.rows, words),
        )
        for point in reversed(points)
    ]
    return element(
        "div",
        plain_table([words(f"column.{grain}"), words("column.value"), words("column.rows")], rows),
        class_="ql-scroll",
    )


def breakdown_table(parts: Sequence[Part], card: KeyResultCard, dimension: str, words: Words) -> Html:
    """Draw a value apart by a dimension, each part with a bar for its share of the rows."""
    total = sum(part.reading.rows for part in parts) or 1
    head = (dimension, words("column.value"), words("column.rows"), words("column.share"))
    rows = [_part_row(part, card.unit, part.reading.rows / total, words) for part in parts]
    return plain_table(head, rows)


def definition_list(
    card: KeyResultCard, metric: Metric, lineage: Lineage, window: Window, filters: Filter, reader: Reader
) -> Html:
    """Draw what stands behind the number: definition, days, rows, generation, freshness."""
    words = reader.words
    days = f"{format_day(window.starts, words, year=True)} – {format_day(window.ends, words, year=True)}"  # noqa: RUF001
    last = lineage.last_event_at
    entries = [
        ("metric", f"{words.title(metric.title, metric.id)} ({metric.id})"),
        ("aggregate", ": ".join([words.known(f"aggregate.{metric.aggregate}", metric.aggregate), *_parts(metric)])),
        ("read", read_in_words(card.key_result.read, words)),
        ("filter", filter_text(filters)),
        ("window", days),
        ("source", lineage.table),
        ("rows", format_count(lineage.rows, words)),
        ("table_rows", format_count(lineage.table_rows, words)),
        ("generation", lineage.generation),
        ("last_event", format_moment(last, words, reader.timezone) if last else NOTHING),
        ("definition", card.key_result.definition),
    ]
    parts = [_component(component, reading, words) for component, reading in lineage.components]
    entries[2:2] = [("components", " · ".join(parts))]
    pairs = [join(element("dt", words(f"key_result.{name}")), element("dd", text)) for name, text in entries if text]
    return element("dl", *pairs)


def history_table(versions: Sequence[Version], reader: Reader) -> Html:
    """Draw the versions of a definition, the newest first, each with what changed."""
    words = reader.words
    head = [words(f"column.{name}") for name in ("version", "when", "who", "change")]
    rows = [
        (str(version.version), format_moment(version.applied_at, words, reader.timezone), version.actor, change)
        for version, change in zip(versions, changes_of(versions, words), strict=True)
    ]
    return plain_table(head, rows[::-1], numeric=frozenset())


def changes_of(versions: Sequence[Version], words: Words) -> list[str]:
    """Word what each version changed against the one before of the same definition; a metric's changes name it."""
    newest: dict[tuple[str, str], Version] = {}
    changes = []
    for version in versions:
        change = _changed(version, newest.get((version.kind, version.key)), words)
        changes.append(f"{version.key}: {change}" if version.kind == "metric" else change)
        newest[version.kind, version.key] = version
    return changes


def _changed(version: Version, before: Version | None, words: Words) -> str:
    if version.retired:
        return words("key_result.retired")
    if before is None:
        return words("key_result.created")
    old, new = before.body, version.body
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return "; ".join(
        f"{words.known(f'field.{name}', name)}: {_plain(old.get(name))} → {_plain(new.get(name))}" for name in names
    )


def _plain(value: Any) -> str:
    return NOTHING if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _part_row(part: Part, unit: str, share: float, words: Words) -> tuple[str, ...]:
    label = format_share(share, words)
    bar = element("span", class_="ql-shares", style=f"width:{100 * share:.1f}%")
    return (
        words("key_result.other") if part.value is None else part.value,
        format_value(part.reading.value, unit, words),
        format_count(part.reading.rows, words),
        element("span", bar, element("span", label, class_="ql-note"), class_="ql-share"),
    )


def _parts(metric: Metric) -> list[str]:
    """Give what the aggregate is taken of, as one text; nothing for a mere count."""
    parts = [
        metric.row_value,
        metric.expression,
        metric.query,
        metric.numerator and f"{metric.numerator} / {metric.denominator}",
        metric.where and f"where {metric.where}",
    ]
    told = " ".join(part for part in parts if part)
    return [told] if told else []


def _component(metric: Metric, reading: Reading, words: Words) -> str:
    return f"{words.title(metric.title, metric.id)}: {format_value(reading.value, metric.unit, words)}"


def _from(card: KeyResultCard, words: Words) -> Html | None:
    if card.baseline is None:
        return None
    text = words("key_result.baseline", baseline=format_value(card.baseline, card.unit, words))
    return element("span", text, class_="ql-note")


def _was(card: KeyResultCard, words: Words) -> Html | None:
    if card.original_target == card.target:
        return None
    was = words("key_result.was", target=format_target(card.original_target, card.unit, words))
    return element("span", was, class_="ql-note")


def _needed(card: KeyResultCard, words: Words) -> list[str]:
    if card.needed is None or card.needed.per_week is None:
        return []
    if card.needed.per_week == 0:
        return [words("needed.reached")]
    return [needed_per_week(card.needed.per_week, card, words)]
