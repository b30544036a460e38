"""Metrics: which numbers are there, how does each move, and what stands behind it?"""

from typing import cast

import streamlit as st

from metrics.exploring import MetricCard, Span, Split
from metrics.model.definition import Filter, Grain
from metrics.model.reading import Window
from pages.ui import metric_data
from pages.ui.annotating import annotation_part
from pages.ui.catalogue import (
    CATALOGUE_COLUMNS,
    catalogue_rows,
    catalogue_table,
    key_result_links,
    search_metrics,
)
from pages.ui.choices import DIMENSION, GRAIN, METRIC, SEARCH, SPAN, chosen, pick, pick_from_list, type_in
from pages.ui.detail import changes_of, history_table
from pages.ui.downloads import csv_button
from pages.ui.links import define_link, metrics_link
from pages.ui.markup import element
from pages.ui.metric_detail import metric_definition, metric_head, rows_table
from pages.ui.metric_filter import chosen_filter, metric_filter_menu
from pages.ui.remarks import remarks_block
from pages.ui.screen import Screen, empty_state, page
from pages.ui.series_chart import Look, line_name, lines_table, series_alt, series_figure

WHOLE = ""
VERSION_COLUMNS = ("version", "applied_at", "actor", "change")
LINE_COLUMNS = ("dimension", "value_of_dimension", "day", "value", "rows")


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    cards = metric_data.survey(screen.version, screen.as_of)
    name = chosen(METRIC)
    if not cards:
        step = screen.words("empty.no_metrics_next", command="{command}")
        screen.draw(
            screen.header(None), empty_state(screen.words("empty.no_metrics"), step, command="quarterline apply")
        )
    elif name is None:
        _catalogue(screen, cards)
    else:
        _explorer(screen, name, cards)


def _catalogue(screen: Screen, cards: tuple[MetricCard, ...]) -> None:
    words = screen.words
    late = sum(card.freshness.stale for card in cards)
    said = (
        words.counted("metrics.summary_late", late, total=len(cards))
        if late
        else words.counted("metrics.summary", len(cards))
    )
    screen.draw(screen.header(None), element("h1", words("metrics.title")), element("p", said, class_="ql-summary"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=320):
            asked = type_in(SEARCH, words("metrics.search"))
        found = search_metrics(cards, asked)
        csv_button(
            words("download.csv"), CATALOGUE_COLUMNS, lambda: catalogue_rows(found, words), file_name="metrics.csv"
        )
    if found:
        screen.draw(catalogue_table(found, screen.reader))
    else:
        screen.draw(element("p", words("metrics.nothing_found", asked=asked)))


def _explorer(screen: Screen, name: str, cards: tuple[MetricCard, ...]) -> None:
    words = screen.words
    back = element("a", "‹ ", words("metrics.back"), href=metrics_link(**screen.reader.kept), class_="ql-back")  # noqa: RUF001
    card = next((each for each in cards if each.metric.id == name), None)
    if card is None:
        step = empty_state(words("metrics.not_found", metric=name), "", link=element("p", back))
        screen.draw(screen.header(None), step)
        return
    edit = element("a", words("metrics.edit"), href=define_link(edit=name, **screen.reader.kept), class_="ql-edit")
    screen.draw(screen.header(None), metric_head(card, screen.reader, back, edit))
    if screen.version.generation is not None:
        filter_ = chosen_filter(card.metric.dimensions)
        with screen.telling():
            days = _series(screen, card, filter_)
            annotation_part(screen, name, metric_data.annotations(screen.version, name))
            _users(screen, card)
            _behind(screen, card, days, filter_)
    with screen.telling():
        remarks_block(screen, "metric", name)
    _history(screen, name)


def _series(screen: Screen, card: MetricCard, filter_: Filter) -> Window:
    """Draw the chart with its choices, and give the days that it covers."""
    words, metric, version = screen.words, card.metric, screen.version
    with st.container(horizontal=True, vertical_alignment="center"):
        grain = pick(GRAIN, words("key_result.grain"), ("week", "day", "month"), lambda one: words(f"metrics.by_{one}"))
        span = pick(
            SPAN, words("metrics.span"), ("year", "half", "quarter", "all"), lambda one: words(f"metrics.span_{one}")
        )
        by = WHOLE
        if metric.dimensions:
            with st.container(width=220):
                by = pick_from_list(
                    DIMENSION,
                    words("metrics.split"),
                    [WHOLE, *metric.dimensions],
                    lambda one: (
                        words("metrics.split_by", dimension=one.replace("_", " ")) if one else words("metrics.whole")
                    ),
                    labelled=False,
                )
            metric_filter_menu(
                metric.dimensions,
                lambda dimension: metric_data.dimension_values(version, metric.id, dimension),
                filter_,
                words,
            )
    days = metric_data.window(version, metric.id, cast("Span", span), cast("Grain", grain), screen.as_of)
    split = metric_data.split(version, metric.id, (cast("Grain", grain), days), filter_, by or None)
    _draw_chart(screen, card, split, days, grain)
    return days


def _draw_chart(screen: Screen, card: MetricCard, split: Split, days: Window, grain: str) -> None:
    words, metric = screen.words, card.metric
    if not any(point.value is not None for line in split.lines for point in line.points):
        screen.draw(element("p", words("chart.empty"), class_="ql-note"))
        return
    look = Look(words, "dark" if st.context.theme.type == "dark" else "light", metric.unit, metric.is_sparse)
    noted = [each.decision for each in metric_data.annotations(screen.version, metric.id)]
    st.plotly_chart(
        series_figure(split, days, noted, look),
        key="chart",
        alt=series_alt(words.title(metric.title, metric.id), split.lines, days, look),
        theme=None,
        config={"displayModeBar": False},
    )
    if split.nameless:
        screen.draw(element("p", words.counted("metrics.nameless", split.nameless), class_="ql-note"))
    with st.expander(words("key_result.data")):
        screen.draw(lines_table(split.lines, look, grain))
        by = chosen(DIMENSION)
        csv_button(
            words("download.csv"),
            LINE_COLUMNS,
            lambda: [
                (by, line_name(line, words) if by else None, point.day, point.value, point.rows)
                for line in split.lines
                for point in line.points
            ],
            file_name=f"{metric.id}-{grain}.csv",
        )


def _users(screen: Screen, card: MetricCard) -> None:
    words = screen.words
    links = key_result_links(card.used_by, screen.reader)
    nobody = element("p", words("metrics.unused"), class_="ql-note")
    screen.draw(element("section", element("h2", words("metrics.users")), links if card.used_by else nobody))


def _behind(screen: Screen, card: MetricCard, days: Window, filter_: Filter) -> None:
    words, name = screen.words, card.metric.id
    lineage = metric_data.lineage(screen.version, name, days, filter_)
    defined = metric_definition(card.metric, lineage, days, filter_, screen.reader)
    screen.draw(element("section", element("h2", words("key_result.behind")), defined))
    with st.expander(words("key_result.sql")):
        st.code(lineage.sql, language="sql", wrap_lines=True)
    behind = st.expander(words("metrics.raw_rows"), on_change="rerun", key="raw-rows")
    if behind.open:
        with behind:
            columns, rows = metric_data.raw_rows(screen.version, name, days, filter_)
            screen.draw(
                element("p", words("metrics.newest_rows", count=len(rows)), class_="ql-note"),
                rows_table(columns, rows, screen.reader),
            )


def _history(screen: Screen, name: str) -> None:
    words = screen.words
    versions = metric_data.history(screen.version, name)
    table = history_table(versions, screen.reader)
    screen.draw(element("section", element("h2", words("key_result.history")), table))
    csv_button(
        words("download.csv"),
        VERSION_COLUMNS,
        lambda: [
            (one.version, one.applied_at, one.actor, change)
            for one, change in zip(versions, changes_of(versions, words), strict=True)
        ],
        file_name=f"{name}-versions.csv",
    )
