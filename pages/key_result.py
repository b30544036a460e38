"""Key result: where does it stand, and why?"""

from typing import cast

import streamlit as st
from plotly.graph_objects import Figure

from metrics.errors import NotFoundError
from metrics.model.definition import Grain, Metric
from metrics.model.scorecard import KeyResultCard, ObjectiveCard, Scorecard
from pages.ui import data, prospects
from pages.ui.chances import change_block, passes_short
from pages.ui.charts import PALETTES, Plot, bucket_figure, chart_alt, drawn_points
from pages.ui.choices import DIMENSION, GRAIN, KEY, chosen, pick
from pages.ui.detail import breakdown_table, changes_of, definition_list, headline_block, history_table, points_table
from pages.ui.doing import doing_block
from pages.ui.downloads import csv_button
from pages.ui.dropping import drop_menu, dropped_note
from pages.ui.fan import COURSE_COLUMNS, course_alt, course_figure, course_note, course_rows, fan_table, fan_words
from pages.ui.links import overview_link
from pages.ui.markup import EMPTY, Html, element
from pages.ui.milestones import milestone_block
from pages.ui.remarks import remarks_block
from pages.ui.screen import Screen, empty_state, no_generation, page
from pages.ui.supposing import what_if_panel
from pages.ui.timeline import timeline_block
from pages.ui.wording import card_title

READ = "read"

POINT_COLUMNS = ("day", "value", "rows")
VERSION_COLUMNS = ("version", "applied_at", "actor", "change")
PART_COLUMNS = ("dimension", "value_of_dimension", "value", "rows")


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version, key = screen.words, screen.version, chosen(KEY) or ""
    if version.generation is None:
        screen.draw(screen.header(None), no_generation(words, **screen.reader.kept))
        return
    cycle_id = key.partition("/")[0] if "/" in key else None
    try:
        scorecard = data.scorecard(version, cycle_id, screen.as_of)
    except NotFoundError:
        scorecard = data.scorecard(version, None, screen.as_of)
    found = _find(scorecard, key)
    cycle = data.other_cycle(version, scorecard.cycle.id, screen.as_of)
    overview = overview_link(cycle=cycle, **screen.reader.kept)
    back = element("a", "‹ ", words("key_result.back"), href=overview, class_="ql-back")  # noqa: RUF001
    if found is None and any(each.drop.decision.key == key for each in scorecard.dropped):
        _dropped(screen, scorecard, key, back)
        return
    if found is None:
        step = empty_state(words("key_result.not_found", key=key), "", link=element("p", back))
        screen.draw(screen.header(scorecard), step)
        return
    objective, card = found
    screen.draw(
        screen.header(scorecard), headline_block(card, objective, scorecard, screen.reader, back), _week(screen, card)
    )
    if card.milestones:
        screen.draw(milestone_block(card, words))
    metric = data.metric_of(version, card.key_result)
    if metric is not None:
        _chart(screen, scorecard, card)
    screen.draw(doing_block(card.key_result, data.definitions(version), screen.reader))
    _said(screen, card)
    if metric is not None:
        with screen.telling():
            _breakdown(screen, card, metric)
        with screen.telling():
            _behind(screen, card, metric)
    _history(screen, card)


def _dropped(screen: Screen, scorecard: Scorecard, key: str, back: Html) -> None:
    """Say that a key result was given up, and offer to take it up again."""
    (dropped,) = [each for each in scorecard.dropped if each.drop.decision.key == key]
    title = screen.words.title(dropped.title, dropped.id)
    screen.draw(screen.header(scorecard), element("section", back, element("h1", title)))
    dropped_note(screen, "key_result", key)
    drop_menu(screen, "key_result", key, scorecard.cycle.ends)


def _find(scorecard: Scorecard, key: str) -> tuple[ObjectiveCard, KeyResultCard] | None:
    pairs = ((objective, card) for objective in scorecard.objectives for card in objective.key_results)
    return next((pair for pair in pairs if pair[1].key_result.key == key), None)


def _chart(screen: Screen, scorecard: Scorecard, card: KeyResultCard) -> None:
    """Draw the chart and the what-ifs beside it."""
    large, side = st.columns([0.7, 0.3], gap="large")
    with large, screen.telling():
        _figure(screen, scorecard, card)
    with side, screen.telling():
        what_if_panel(screen, prospects.prospect(screen.version, card.key_result.key, screen.as_of).outlook, card)


def _figure(screen: Screen, scorecard: Scorecard, card: KeyResultCard) -> None:
    words, key = screen.words, card.key_result.key
    shown = pick(GRAIN, words("key_result.grain"), (READ, "week", "day"), lambda name: words(f"key_result.by_{name}"))
    palette = PALETTES["dark" if st.context.theme.type == "dark" else "light"]
    steps = prospects.steps(screen.version, card.key_result, screen.as_of)
    rare = card.due is not None
    plot = Plot(card, scorecard.cycle, steps, words, palette, screen.reader.today, rare=rare)
    if shown == READ:
        _course(screen, plot)
    else:
        _buckets(screen, plot, key, cast("Grain", shown))


def _course(screen: Screen, plot: Plot) -> None:
    """Draw the quantity that is forecast: the read, as of each day."""
    words, card = screen.words, plot.card
    course = prospects.prospect(screen.version, card.key_result.key, screen.as_of).course
    screen.draw(element("p", course_note(plot), class_="ql-note"))
    if not any(point.value is not None for point in course.points):
        screen.draw(element("p", words("chart.empty"), class_="ql-note"))
        return
    figure = course_figure(plot, course, prospects.notes(screen.version, card.key_result))
    alt = f"{course_alt(plot, card_title(card, words), course)} {fan_words(course, plot)}".strip()
    _plotly(figure, alt)
    with st.expander(words("key_result.data")):
        if course.fan:
            screen.draw(fan_table(course.fan, card.unit, words))
        known = [point for point in course.points if point.value is not None]
        screen.draw(points_table(known, card.unit, "day", words))
        csv_button(
            words("download.csv"),
            COURSE_COLUMNS,
            lambda: course_rows(course),
            file_name=f"{card.key_result.id}-forecast.csv",
        )


def _buckets(screen: Screen, plot: Plot, key: str, grain: Grain) -> None:
    words, card = screen.words, plot.card
    segments = [(segment.window, segment.points) for segment in data.segments(screen.version, key, screen.as_of, grain)]
    screen.draw(element("p", words("outlook.drawn_buckets", grain=words(f"chart.{grain}")), class_="ql-note"))
    if not any(point.value is not None for _, points in segments for point in points):
        screen.draw(element("p", words("chart.empty"), class_="ql-note"))
        return
    _plotly(
        bucket_figure(plot, segments, grain=grain), chart_alt(card, card_title(card, words), segments, grain, words)
    )
    with st.expander(words("key_result.data")):
        drawn = [point for window, points in segments for point in drawn_points(card, window, points)]
        screen.draw(points_table(drawn, card.unit, grain, words))
        csv_button(
            words("download.csv"),
            POINT_COLUMNS,
            lambda: [(point.day, point.value, point.rows) for point in drawn],
            file_name=f"{card.key_result.id}-{grain}.csv",
        )


def _plotly(figure: Figure, alt: str) -> None:
    st.plotly_chart(figure, key="chart", alt=alt, theme=None, config={"displayModeBar": False})


def _week(screen: Screen, card: KeyResultCard) -> Html:
    """Say how the chance moved within a week, and why."""
    if card.forecast.p_hit is None:
        return EMPTY
    found = prospects.prospect(screen.version, card.key_result.key, screen.as_of)
    if found.change is None or found.since is None:
        return EMPTY
    return change_block(found.change, found.since, screen.words, of_whole=passes_short(card))


def _said(screen: Screen, card: KeyResultCard) -> None:
    """Draw what people recorded and remarked, with the forms to add to it."""
    told, remarked = st.columns([0.6, 0.4], gap="large")
    with told, screen.telling():
        timeline_block(screen, card, prospects.notes(screen.version, card.key_result))
    with remarked, screen.telling():
        remarks_block(screen, "key_result", card.key_result.key)


def _breakdown(screen: Screen, card: KeyResultCard, metric: Metric) -> None:
    words = screen.words
    dimensions = metric.dimensions
    screen.draw(element("h2", words("key_result.why")))
    if not dimensions:
        screen.draw(element("p", words("key_result.no_dimensions"), class_="ql-note"))
        return
    if len(dimensions) > 1:
        dimension = pick(DIMENSION, words("key_result.dimension"), dimensions, str)
    else:
        dimension = dimensions[0]
    parts = data.breakdown(screen.version, card.key_result.key, screen.as_of, dimension)
    screen.draw(breakdown_table(parts, card, dimension, words))
    csv_button(
        words("download.csv"),
        PART_COLUMNS,
        lambda: [(dimension, part.value, part.reading.value, part.reading.rows) for part in parts],
        file_name=f"{card.key_result.id}-{dimension}.csv",
    )


def _behind(screen: Screen, card: KeyResultCard, metric: Metric) -> None:
    words, key = screen.words, card.key_result.key
    screen.draw(element("h2", words("key_result.behind")))
    lineage, window, filters = data.lineage(screen.version, key, screen.as_of)
    screen.draw(definition_list(card, metric, lineage, window, filters, screen.reader))
    with st.expander(words("key_result.sql")):
        st.code(lineage.sql, language="sql", wrap_lines=True)


def _history(screen: Screen, card: KeyResultCard) -> None:
    words = screen.words
    versions = data.history(screen.version, card.key_result.key)
    screen.draw(element("h2", words("key_result.history")), history_table(versions, screen.reader))
    changes = changes_of(versions, words)
    csv_button(
        words("download.csv"),
        VERSION_COLUMNS,
        lambda: [(v.version, v.applied_at, v.actor, change) for v, change in zip(versions, changes, strict=True)],
        file_name=f"{card.key_result.id}-versions.csv",
    )
