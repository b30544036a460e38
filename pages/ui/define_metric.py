"""A metric built from a source's columns, or from other metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from metrics.model.definition import HOLISTIC
from pages.ui import data, define_data
from pages.ui.define_form import MetricForm
from pages.ui.fields import Fields
from pages.ui.markup import element

AGGREGATES = (
    "count", "sum", "mean", "median", "p75", "p90", "p95", "p99", "ratio", "count_distinct", "min", "max", "last",
    "derived", "sql",
)  # fmt: skip
ROLLUPS = ("pooled", "mean", "max", "min", "last")
DIRECTIONS = ("lower", "higher")
_TIMES = ("DATE", "TIMESTAMP")


def metric_fields(form: MetricForm, fields: Fields) -> MetricForm:
    """Draw a metric's fields and give what is typed."""
    words = fields.screen.words
    form = replace(form, **fields.in_both(form, "title", words("define.metric_title")))
    aggregate = fields.from_list(
        "aggregate",
        words("define.aggregate"),
        AGGREGATES,
        form.aggregate,
        lambda one: words.known(f"aggregate.{one}", one),
    )
    form = replace(form, aggregate=aggregate)
    form = _from_metrics(form, fields) if aggregate == "derived" else _from_rows(form, fields)
    return _meaning(form, fields)


def _from_metrics(form: MetricForm, fields: Fields) -> MetricForm:
    words = fields.screen.words
    known = ", ".join(data.definitions(fields.screen.version).metrics)
    expression = fields.text("expression", words("define.expression"), form.expression, example="revenue / orders")
    fields.screen.draw(element("p", words("define.metrics_known", names=known), class_="ql-note"))
    return replace(form, expression=expression)


def _from_rows(form: MetricForm, fields: Fields) -> MetricForm:
    words, version = fields.screen.words, fields.screen.version
    streams = list(data.workspace(version.root, version.configuration).streams)
    source = fields.from_list(
        "source", words("define.source"), ["", *streams], form.source, lambda one: one or words("define.choose")
    )
    columns = define_data.columns(version, source) if source else {}
    if source and not columns:
        fields.screen.draw(element("p", words("define.not_loaded", source=source), class_="ql-note"))
    times = [name for name, kind in columns.items() if kind.startswith(_TIMES)]
    time = fields.from_list(
        f"time-{source}", words("define.time"), ["", *times], form.time or (times[0] if times else ""),
        lambda one: one or words("define.choose"),
    )  # fmt: skip
    fields.tell("time")
    form = replace(form, source=source, time=time)
    if form.aggregate == "sql":
        query = fields.text("query", words("define.query"), form.query, long=True, hint=words("define.query_means"))
        if columns:
            _column_list(fields, columns)
        return replace(form, query=query)
    form = _expressions(form, fields, [name for name in columns if name in times])
    form = _accuracy(form, fields)
    where = fields.text("where", words("define.where"), form.where, example="channel <> 'spam'")
    if columns:
        _column_list(fields, columns)
    dimensions = fields.several(
        f"dimensions-{source}", words("define.dimensions"), [name for name in columns if name != time], form.dimensions
    )
    fields.tell("dimensions")
    return replace(form, where=where, dimensions=dimensions)


def _expressions(form: MetricForm, fields: Fields, times: Sequence[str]) -> MetricForm:
    words = fields.screen.words
    if form.aggregate == "ratio":
        numerator = fields.text("numerator", words("define.numerator"), form.numerator, example="is_complaint")
        denominator = fields.text("denominator", words("define.denominator"), form.denominator, example="true")
        return replace(form, numerator=numerator, denominator=denominator)
    if form.aggregate == "count":
        return form
    form = _working_hours(form, fields, times)
    if form.calendar:
        return form
    value = fields.text("value", words("define.value"), form.value, example="first_response_s / 3600.0",
                        hint=words("define.value_means"))  # fmt: skip
    return replace(form, value=value)


def _accuracy(form: MetricForm, fields: Fields) -> MetricForm:
    """Offer an engine's approximate aggregate where rows stay at their source; elsewhere it can be undone."""
    words, version = fields.screen.words, fields.screen.version
    source = data.workspace(version.root, version.configuration).sources.get(form.source.partition(".")[0])
    away = source is not None and source.mode == "pushdown"
    if form.aggregate not in HOLISTIC or not (away or form.approx):
        return form
    approx = fields.tick("approx", words("define.approx"), value=form.approx, hint=words("define.approx_means"))
    fields.tell("approx")
    return replace(form, approx=approx)


def _working_hours(form: MetricForm, fields: Fields, times: Sequence[str]) -> MetricForm:
    """Offer elapsed working time between two instants of a row, where a calendar says what working time is."""
    words, version = fields.screen.words, fields.screen.version
    calendars = list(data.workspace(version.root, version.configuration).calendars)
    if not calendars and not form.calendar:
        return form
    calendar = fields.from_list("calendar", words("define.calendar"), ["", *calendars], form.calendar,
                                lambda one: one or words("define.no_calendar"))  # fmt: skip
    fields.tell("working_hours")
    if not calendar:
        return replace(form, calendar="")
    left, right = st.columns(2)
    with left:
        starts = fields.from_list("hours_from", words("define.hours_from"), ["", *times], form.hours_from,
                                  lambda one: one or words("define.choose"))  # fmt: skip
    with right:
        ends = fields.from_list("hours_to", words("define.hours_to"), ["", *times], form.hours_to,
                                lambda one: one or words("define.choose"))  # fmt: skip
    return replace(form, calendar=calendar, hours_from=starts, hours_to=ends)


def _column_list(fields: Fields, columns: Mapping[str, str]) -> None:
    with st.expander(fields.screen.words.counted("define.columns", len(columns))):
        pairs = [
            element("li", element("code", name), " ", element("span", kind.lower(), class_="ql-note"))
            for name, kind in columns.items()
        ]
        fields.screen.draw(element("ul", *pairs, class_="ql-columns"))


def _meaning(form: MetricForm, fields: Fields) -> MetricForm:
    words = fields.screen.words
    left, right = st.columns(2)
    with left:
        unit = fields.name_of("unit", words("define.unit"), _units(fields), form.unit, hint=words("define.unit_means"))
    with right:
        better = fields.one_of(
            "better", words("define.better"), DIRECTIONS, form.better, lambda one: words(f"metrics.{one}")
        )
    form = replace(form, unit=unit, better=better)
    with st.expander(words("define.metric_more")):
        form = replace(form, **fields.in_both(form, "description", words("define.description"), long=True))
        left, right = st.columns(2)
        with left:
            low = fields.text("low", words("define.low_bound"), form.low)
        with right:
            high = fields.text("high", words("define.high_bound"), form.high)
        fields.tell("bounds")
        left, right = st.columns(2)
        with left:
            every = fields.text("expected_every", words("define.expected_every"), form.expected_every, example="1d")
        with right:
            known = define_data.people(fields.screen.version)
            owner = fields.name_of("owner", words("define.owner"), known, form.owner)
        sample = fields.tick("sample", words("define.sample"), value=form.sample)
        rollup = form.rollup
        if form.aggregate != "derived":
            rollup = fields.from_list(
                "rollup", words("define.rollup"), ROLLUPS, form.rollup, lambda one: words(f"rollup.{one}")
            )
    return replace(form, low=low, high=high, expected_every=every, owner=owner, rollup=rollup, sample=sample)


def _units(fields: Fields) -> list[str]:
    defined = {each.unit for each in data.definitions(fields.screen.version).metrics.values() if each.unit}
    return sorted(defined | {"percent", "hours", "vnd", "points"})
