"""Cached reads of the Metrics pages, keyed by the version of what they read."""

from datetime import date
from typing import Any

import streamlit as st

from metrics.exploring import MetricCard, Span, Split, find_metric, span_window, split_series, survey_metrics
from metrics.ledger import Version as DefinitionVersion
from metrics.model.decision import Annotation, Recorded
from metrics.model.definition import Filter, Grain, Metric
from metrics.model.reading import Lineage, Measure, SeriesRange, Window
from pages.ui import data

_FIVE_MINUTES = 300
_ONE_HOUR = 3600
_ENTRIES = 128
SHOWN_ROWS = 100


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=_ENTRIES, show_spinner=False)
def survey(version: data.Version, as_of: date) -> tuple[MetricCard, ...]:
    """Look at every metric that is defined."""
    opened = data.facts(version) if version.generation is not None else None
    organisation = data.workspace(version.root, version.configuration).organisation
    return survey_metrics(data.definitions(version), opened, organisation, as_of=as_of, now=data.present(version))


def metric(version: data.Version, name: str) -> Metric:
    """Find a metric.

    Raises:
        NotFoundError: there is none of that name.
    """
    return find_metric(data.definitions(version), name)


def window(version: data.Version, name: str, span: Span, grain: Grain, as_of: date) -> Window:
    """Give the days that a span covers."""
    organisation = data.workspace(version.root, version.configuration).organisation
    return span_window(span, grain, organisation, known=data.facts(version).days(metric(version, name)), as_of=as_of)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def split(version: data.Version, name: str, series: tuple[Grain, Window], filter_: Filter, by: str | None) -> Split:
    """Read a metric's series, as a whole or by a dimension."""
    organisation = data.workspace(version.root, version.configuration).organisation
    return split_series(
        data.facts(version),
        metric(version, name),
        SeriesRange(*series),
        organisation,
        today=data.present_day(version),
        filter_=filter_,
        by=by,
    )


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def dimension_values(version: data.Version, name: str, dimension: str) -> tuple[str, ...]:
    """List the values that a dimension takes."""
    return data.facts(version).dimension_values(metric(version, name), dimension)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def lineage(version: data.Version, name: str, days: Window, filter_: Filter) -> Lineage:
    """Trace a metric's value over some days back to SQL and rows."""
    return data.facts(version).lineage(Measure(metric(version, name), filter_, (days,)))


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def raw_rows(
    version: data.Version, name: str, days: Window, filter_: Filter
) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """Give the columns and the newest raw rows that a metric counts."""
    subject, opened = metric(version, name), data.facts(version)
    rows = opened.raw_rows(Measure(subject, filter_, (days,)), limit=SHOWN_ROWS)
    return tuple(opened.columns(subject.measured[0].source)), rows


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def history(version: data.Version, name: str) -> tuple[DefinitionVersion, ...]:
    """Give the versions of a metric's definition, the oldest first."""
    return data.ledger(version.root, version.configuration).history("metric", name)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def annotations(version: data.Version, name: str) -> tuple[Recorded[Annotation], ...]:
    """Give what people noted on a metric's series, the newest day first."""
    noted = data.ledger(version.root, version.configuration).decisions(Annotation, name)
    return tuple(sorted(noted, key=lambda each: (each.decision.day, each.id), reverse=True))
