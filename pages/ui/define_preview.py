"""What the data say while one types: the metric's course with the target drawn in, and the five verdicts."""

from dataclasses import dataclass

import streamlit as st

from metrics.assessment import Background
from metrics.editing import Understood
from metrics.model.definition import Goal, KeyResult, Metric, Objective
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle, Freshness
from metrics.progress.freshness import next_due
from metrics.smart import KeyResultFindings
from pages.ui import define_data
from pages.ui.formats import format_count, format_day, format_target, format_value
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.screen import Screen
from pages.ui.series_chart import Level, Look, series_alt, series_figure
from pages.ui.verdicts import finding_list, verdict_list

_HEIGHT = 300


@dataclass(frozen=True, slots=True)
class Previewed:
    """What is looked at.

    Attributes:
        key_result: as far as it is understood; None while only a metric is written.
        doubtful: its fields that are refused, whose values only stand in.
        goal: where what is measured is a SMART goal, which has no objective.
    """

    understood: Understood
    objective: Objective | None
    key_result: KeyResult | None
    metric: Metric | None
    cycle: Cycle
    doubtful: frozenset[str]
    goal: Goal | None = None


def preview(screen: Screen, shown: Previewed) -> None:
    """Draw the preview: the course first, then the verdicts with their evidence."""
    words = screen.words
    screen.draw(element("h2", words("define.preview")))
    if screen.version.generation is None:
        screen.draw(element("p", words("define.no_data"), class_="ql-note"))
    elif shown.metric is not None:
        with screen.telling():
            _course(screen, shown, shown.metric)
    elif shown.key_result is None or not shown.key_result.is_checklist:
        screen.draw(element("p", words("define.no_metric_yet"), class_="ql-note"))
    judged = _judged(screen, shown)
    if judged is not None:
        target_known = judged.key_result.is_checklist or "target" not in shown.doubtful
        screen.draw(verdict_list(judged, screen.reader, target_known=target_known))
    if shown.objective is not None:
        found = define_data.objective_verdicts(screen.version, shown.understood, shown.objective).findings
        listed = finding_list(found, screen.reader)
        if listed is not None:
            screen.draw(element("section", element("h3", words("define.about_objective")), listed))


def _judged(screen: Screen, shown: Previewed) -> KeyResultFindings | None:
    """Judge what is measured; None while it is not understood."""
    if shown.goal is not None:
        return define_data.goal_verdicts(screen.version, shown.understood, shown.goal)
    if shown.objective is None or shown.key_result is None:
        return None
    return define_data.verdicts(screen.version, shown.understood, shown.objective, shown.key_result)


def automatic_baseline(background: Background, key_result: KeyResult | None, unit: str, words: Words) -> str:
    """Say what an automatic baseline gives."""
    found = background.evidence.measured_baseline
    if key_result is None or found is None:
        return words("define.automatic_unknown")
    return words("define.automatic_gives", value=format_value(found, unit, words))


def _course(screen: Screen, shown: Previewed, metric: Metric) -> None:
    words, one, cycle = screen.words, shown.key_result, shown.cycle
    adds_up = one is not None and one.shape == "total"
    filter_ = one.filter if one is not None and "filter" not in shown.doubtful else ()
    split = define_data.course(screen.version, metric, cycle, filter_, adds_up=adds_up)
    points = split.lines[0].points
    if not any(point.value is not None for point in points):
        screen.draw(element("p", words("define.no_values"), class_="ql-note"))
        return
    days = Window(points[0].day, cycle.ends)
    look = Look(words, "dark" if st.context.theme.type == "dark" else "light", metric.unit, metric.is_sparse)
    levels = _levels(screen, shown, metric, words)
    title = words.title(metric.title, metric.id)
    screen.draw(_now(screen, shown, metric))
    figure = series_figure(split, days, (), look, levels=levels, height=_HEIGHT)
    alt = " ".join([series_alt(title, split.lines, days, look), *(level.name for level in levels)])
    st.plotly_chart(figure, key="define-chart", alt=alt, theme=None, config={"displayModeBar": False})
    with st.expander(words("key_result.sql")):
        st.code(define_data.sql_of(screen.version, metric, filter_, days), language="sql", wrap_lines=True)


def _levels(screen: Screen, shown: Previewed, metric: Metric, words: Words) -> list[Level]:
    """Give the lines of target and baseline, each only where it is understood."""
    one = shown.key_result
    if one is None or one.is_checklist:
        return []
    days, levels = Window(shown.cycle.starts, shown.cycle.ends), []
    if not shown.doubtful & {"target", "metric"}:
        name = words("chart.target", target=format_target(one.target, metric.unit, words))
        levels = [Level(name, end, days) for end in (one.target.value, one.target.high) if end is not None]
    known = define_data.background(screen.version, shown.understood, one, shown.cycle).evidence
    baseline = one.baseline if one.baseline is not None else known.measured_baseline
    if baseline is not None and one.shape != "total" and "baseline" not in shown.doubtful:
        told = words("chart.baseline", baseline=format_value(baseline, metric.unit, words))
        levels.append(Level(told, baseline, days, firm=False))
    return levels


def _now(screen: Screen, shown: Previewed, metric: Metric) -> Html:
    """Say what the value is today, over which days and how many rows."""
    words, one = screen.words, shown.key_result
    title = element("strong", words.title(metric.title, metric.id))
    if one is None:
        return element("p", title)
    known = define_data.background(screen.version, shown.understood, one, shown.cycle).evidence
    if known.window is None:
        return element("p", title)
    told = words(
        "define.now",
        value=format_value(known.value, metric.unit, words),
        starts=format_day(known.window.starts, words),
        ends=format_day(known.window.ends, words),
        rows=format_count(known.rows, words),
    )
    due = next_due(metric, Freshness(known.last_event_at, stale=known.stale), screen.organisation)
    measured_next = words("sample.due_long", day=format_day(due, words, year=True)) if due else None
    notes = [element("span", each, class_="ql-note ql-line") for each in (told, measured_next) if each]
    return element("p", title, *notes)
