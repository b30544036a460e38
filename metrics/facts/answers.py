"""Answering many questions together: kept parts and readings first, raw rows for the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias

from metrics.compile.exact import bucket_windows, series_key
from metrics.compile.metric import CompiledMetric
from metrics.compile.parts import Role, folds_from_parts, part_columns, parts_table
from metrics.compile.rows import rows_condition
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.fold import DayParts, FoldedReadings, Value, spread_days
from metrics.facts.folded import PartsQuery, day_parts, transposed
from metrics.facts.holistic import NOTHING, ExactQuery, ExactReadings, Kept, lacking, readings_from_rows
from metrics.facts.queried import Check, QueriedReadings, queried_days
from metrics.model.definition import HOLISTIC, Filter, Metric
from metrics.model.reading import Measure, Measured, Point, Reading, SeriesRange, Window

Compile: TypeAlias = Callable[[Metric], CompiledMetric]


class Readings(Protocol):
    """Answers to one question."""

    def reading(self, window: Window) -> Reading:
        """Read the metric over one of the question's windows."""

    def days(self) -> Mapping[date, Value]:
        """Give the value and rows of every day that has rows."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A measure and the buckets of its series, which day series have no need of."""

    measure: Measure
    buckets: tuple[Window, ...]

    @property
    def windows(self) -> tuple[Window, ...]:
        return (*self.measure.windows, *self.buckets)

    @property
    def span(self) -> Window:
        spans = [*self.measure.windows, *([self.measure.series.window] if self.measure.series else [])]
        return Window(min(each.starts for each in spans), max(each.ends for each in spans))


def answer(
    measures: Sequence[Measure], catalogue: Catalogue, query: Query, compiled: Compile, checked: Check
) -> list[Measured]:
    """Answer questions in their order, in as few queries as there are tables that keep what they need."""
    buckets: dict[SeriesRange | None, tuple[Window, ...]] = {None: ()}
    for measure in measures:
        if measure.series is not None and measure.series not in buckets:
            by_day = measure.series.grain == "day"
            cut = () if by_day else bucket_windows(measure.series, week_start=catalogue.week_start)
            buckets[measure.series] = cut
    questions = [_Question(measure, buckets[measure.series]) for measure in measures]
    asked = [question for question in questions if question.measure.windows or question.measure.series]
    folding = [question for question in asked if folds_from_parts(question.measure.metric)]
    holistic = [question for question in asked if question.measure.metric.aggregate in HOLISTIC]
    queried = [question for question in asked if question.measure.metric.aggregate == "sql"]
    readings = _folded(folding, catalogue, query, compiled) | _holistic(holistic, catalogue, query, compiled)
    for question in queried:
        days = queried_days(question.measure.metric, catalogue, query, checked)
        readings[id(question)] = QueriedReadings(question.measure.metric, days)
    return [
        _measured(question, readings[id(question)], catalogue) if id(question) in readings else Measured(())
        for question in questions
    ]


def _measured(question: _Question, readings: Readings, catalogue: Catalogue) -> Measured:
    values = tuple(readings.reading(window) for window in question.measure.windows)
    series = question.measure.series
    if series is None:
        return Measured(values)
    if series.grain == "day":
        silence = catalogue.silence(question.measure.metric)
        points = spread_days(readings.days(), series.window, silence)
    else:
        found = ((bucket, readings.reading(bucket)) for bucket in question.buckets)
        points = [Point(bucket.starts, reading.value, reading.rows) for bucket, reading in found]
    first = next((index for index, point in enumerate(points) if point.value is not None), len(points))
    return Measured(values, tuple(points[first:]))


def _folded(
    questions: Sequence[_Question], catalogue: Catalogue, query: Query, compiled: Compile
) -> dict[int, Readings]:
    scans: dict[str, PartsQuery] = {}
    placed: list[tuple[_Question, str, Mapping[Role, int]]] = []
    answers: dict[int, Readings] = {}
    for question in questions:
        metric, filter_ = question.measure.metric, question.measure.filter
        table = catalogue.parts_for(metric, filter_)
        if table is None:
            parts = days_from_rows(compiled(metric), filter_, question.span, query)
            answers[id(question)] = FoldedReadings(metric, parts, catalogue.silence(metric))
            continue
        span = question.span
        scan = scans.setdefault(table.name, PartsQuery(table, span))
        placed.append((question, table.name, scan.include(metric, filter_, span)))
    columns = {name: transposed(scan.run(query)) for name, scan in scans.items()}
    for question, name, positions in placed:
        metric = question.measure.metric
        parts = day_parts(columns[name], positions)
        answers[id(question)] = FoldedReadings(metric, parts, catalogue.silence(metric))
    return answers


def days_from_rows(compiled: CompiledMetric, filter_: Filter, span: Window, query: Query) -> DayParts:
    """Compute a foldable metric's parts by day from the raw rows of a span."""
    columns = part_columns(compiled.metric)
    table = parts_table([compiled], ())
    picked = [f"{column.name}.value" if column.kind == "last" else column.name for column in columns.values()]
    select = table.select(rows_condition(compiled, filter_, span))
    rows = query(f"SELECT day, {', '.join(picked)} FROM ({select}) ORDER BY day")
    return day_parts(transposed(rows), {role: index for index, role in enumerate(columns)})


def _holistic(
    questions: Sequence[_Question], catalogue: Catalogue, query: Query, compiled: Compile
) -> dict[int, Readings]:
    lookup = ExactQuery(catalogue)
    needs = [(question, *_needs(question)) for question in questions]
    for question, days, windows in needs:
        lookup.include(question.measure.metric, question.measure.filter, days, windows)
    found = lookup.run(query)
    answers: dict[int, Readings] = {}
    for question, days, windows in needs:
        metric, filter_ = question.measure.metric, question.measure.filter
        kept = found.get(series_key(metric, filter_), Kept({}, {}))
        missing = lacking(metric, filter_, days, windows, kept, catalogue)
        computed = readings_from_rows(compiled(metric), filter_, missing, query) if missing else {}
        by_day = {each.starts: (reading.value, reading.rows) for each, reading in computed.items() if each.days == 1}
        longer = dict.fromkeys(windows, NOTHING) | kept.windows | computed
        answers[id(question)] = ExactReadings(metric, kept.days | by_day, longer, catalogue)
    return answers


def _needs(question: _Question) -> tuple[Window | None, tuple[Window, ...]]:
    """Give the span of days and the longer windows that a holistic question needs."""
    if question.measure.metric.rollup != "pooled":
        return question.span, ()
    series = question.measure.series
    days = [each for each in question.windows if each.starts == each.ends]
    days += [series.window] if series is not None and series.grain == "day" else []
    span = Window(min(each.starts for each in days), max(each.ends for each in days)) if days else None
    return span, tuple(dict.fromkeys(each for each in question.windows if each.starts != each.ends))
