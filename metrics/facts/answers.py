"""Answering many questions together: kept parts and readings first, raw rows for the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from metrics.compile.exact import bucket_windows
from metrics.compile.metric import CompiledMetric
from metrics.compile.parts import Role, folds_from_parts, part_columns, parts_table
from metrics.compile.rows import rows_condition
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.fold import DayParts, each_day, fold_parts, points, roll_up_days
from metrics.facts.folded import PartsQuery, days_of
from metrics.facts.holistic import ExactQuery, exact_readings, readings_from_rows
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Measure, Measured, Reading, Window

Compile: TypeAlias = Callable[[Metric], CompiledMetric]
Readings: TypeAlias = Callable[[Window], Reading]


@dataclass(frozen=True, slots=True)
class _Question:
    measure: Measure
    buckets: tuple[Window, ...]

    @property
    def windows(self) -> tuple[Window, ...]:
        return (*self.measure.windows, *self.buckets)

    @property
    def span(self) -> Window:
        return Window(min(each.starts for each in self.windows), max(each.ends for each in self.windows))


def answer(measures: Sequence[Measure], catalogue: Catalogue, query: Query, compiled: Compile) -> list[Measured]:
    """Answer questions in their order, in as few queries as there are tables that keep what they need."""
    questions = [_Question(measure, _buckets(measure, catalogue)) for measure in measures]
    folding = [question for question in questions if question.windows and folds_from_parts(question.measure.metric)]
    holistic = [
        question for question in questions if question.windows and not folds_from_parts(question.measure.metric)
    ]
    readings: dict[int, Readings] = {}
    for question, of_question in _folded(folding, catalogue, query, compiled):
        readings[id(question)] = of_question
    for question, of_question in _holistic(holistic, catalogue, query, compiled):
        readings[id(question)] = of_question
    return [_measured(question, readings.get(id(question))) for question in questions]


def _buckets(measure: Measure, catalogue: Catalogue) -> tuple[Window, ...]:
    return bucket_windows(measure.series, week_start=catalogue.week_start) if measure.series else ()


def _measured(question: _Question, reading: Readings | None) -> Measured:
    if reading is None:
        return Measured(())
    return Measured(
        tuple(reading(window) for window in question.measure.windows),
        points((bucket, reading(bucket)) for bucket in question.buckets),
    )


def _folded(
    questions: Sequence[_Question], catalogue: Catalogue, query: Query, compiled: Compile
) -> list[tuple[_Question, Readings]]:
    scans: dict[str, PartsQuery] = {}
    placed: list[tuple[_Question, str, Mapping[Role, int]]] = []
    answers: list[tuple[_Question, Readings]] = []
    for question in questions:
        metric, filter_ = question.measure.metric, question.measure.filter
        table = catalogue.parts_for(metric, filter_)
        if table is None:
            days = days_from_rows(compiled(metric), filter_, question.span, query)
            answers.append((question, _from_days(metric, days, catalogue)))
            continue
        scan = scans.setdefault(table.name, PartsQuery(table, question.span))
        placed.append((question, table.name, scan.include(metric, filter_, question.span)))
    rows = {name: scan.run(query) for name, scan in scans.items()}
    for question, name, positions in placed:
        days = days_of(rows[name], positions)
        answers.append((question, _from_days(question.measure.metric, days, catalogue)))
    return answers


def _from_days(metric: Metric, days: Mapping[date, DayParts], catalogue: Catalogue) -> Readings:
    silence = catalogue.silence(metric)
    return lambda window: fold_parts(metric, days, window, silence)


def days_from_rows(compiled: CompiledMetric, filter_: Filter, span: Window, query: Query) -> dict[date, DayParts]:
    """Compute a foldable metric's parts by day from the raw rows of a span."""
    columns = part_columns(compiled.metric)
    table = parts_table([compiled], ())
    picked = [f"{column.name}.value" if column.kind == "last" else column.name for column in columns.values()]
    rows = query(f"SELECT day, {', '.join(picked)} FROM ({table.select(rows_condition(compiled, filter_, span))})")
    return days_of(rows, {role: index for index, role in enumerate(columns)})


def _holistic(
    questions: Sequence[_Question], catalogue: Catalogue, query: Query, compiled: Compile
) -> list[tuple[_Question, Readings]]:
    lookup = ExactQuery(catalogue)
    needed = [(question, _needed(question)) for question in questions]
    for question, windows in needed:
        lookup.include(question.measure.metric, question.measure.filter, windows)
    found = lookup.run(query)
    answers: list[tuple[_Question, Readings]] = []
    for question, windows in needed:
        metric, filter_ = question.measure.metric, question.measure.filter
        readings, open_windows = exact_readings(metric, filter_, windows, found, catalogue)
        if open_windows:
            readings |= readings_from_rows(compiled(metric), filter_, open_windows, query)
        answers.append((question, _from_readings(metric, readings, catalogue)))
    return answers


def _needed(question: _Question) -> Sequence[Window]:
    if question.measure.metric.rollup == "pooled":
        return question.windows
    return [Window(day, day) for day in each_day(question.span)]


def _from_readings(metric: Metric, readings: Mapping[Window, Reading], catalogue: Catalogue) -> Readings:
    if metric.rollup == "pooled":
        return readings.__getitem__
    silence = catalogue.silence(metric)
    days = {window.starts: reading for window, reading in readings.items()}
    return lambda window: roll_up_days(metric, days, window, silence)
