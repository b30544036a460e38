"""Everything that is computed from rows ahead of its readers: days, daily parts, exact readings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from metrics.compile.exact import wanted_series
from metrics.compile.metric import CompiledMetric, compile_metric
from metrics.compile.quoting import SPAN_OF_DAYS
from metrics.compile.working_hours import no_calendar
from metrics.errors import DefinitionError
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.calendar import WorkCalendar
from metrics.model.definition import CycleDefinition, Definitions, Metric, Organisation
from metrics.model.reading import Window
from metrics.progress.interval import squares_of
from metrics.sync.calendars import keep_calendars
from metrics.sync.keep_exact import keep_exact
from metrics.sync.keep_parts import Kept, keep_days, keep_parts
from metrics.sync.keep_queries import keep_queries


def derive(
    writer: Writer,
    definitions: Definitions,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    *,
    today: date,
    kept: Kept,
    calendars: Mapping[str, WorkCalendar] | None = None,
) -> None:
    """Bring everything derived up to the rows; `kept` collects the errors and notes.

    Dying at any point is safe: days stay stale until all of it is done, and nothing is published before.
    """
    used = _calendars(definitions, calendars or {})
    names = keep_calendars(writer, used, organisation.timezone, today=today)
    tables = writer.tables()
    compiled = _compile(writer, definitions, kept, names, tables)
    keep_days(writer, list(compiled.values()), kept)
    keep_parts(writer, list(compiled.values()), tables, kept)
    known = replace(definitions, metrics=_computable(definitions.metrics, compiled))
    wanted = wanted_series(known, organisation, cycles, today=today, spans=_spans(writer))
    keep_exact(writer, compiled, wanted, kept)
    queried = [metric for metric in known.metrics.values() if metric.aggregate == "sql"]
    keep_queries(writer, queried, tables, kept)
    with writer.transaction():
        writer.connection.execute(f"DELETE FROM {SCHEMA}.stale_days")
        if kept.changed or _rows_became_due(writer, today):
            writer.count_change()


def _calendars(definitions: Definitions, calendars: Mapping[str, WorkCalendar]) -> list[WorkCalendar]:
    hours = [metric.working_hours for metric in definitions.metrics.values()]
    names = {working.calendar for working in hours if working is not None}
    return [calendar for name, calendar in calendars.items() if name in names]


def _compile(
    writer: Writer,
    definitions: Definitions,
    kept: Kept,
    calendars: Mapping[str, str],
    tables: Mapping[str, Mapping[str, str]],
) -> dict[str, CompiledMetric]:
    """Compile every metric whose stream has been loaded; a metric that does not fit its table is reported on it."""
    compiled: dict[str, CompiledMetric] = {}
    squares = (squares_of(metric) for metric in definitions.metrics.values())
    for metric in (*definitions.metrics.values(), *(each for each in squares if each is not None)):
        if metric.source not in tables:
            continue
        working = metric.working_hours
        if working is not None and working.calendar not in calendars:
            kept.errors[metric.id] = no_calendar(metric)
            continue
        try:
            compiled[metric.id] = compile_metric(
                metric, tables[metric.source], writer.connection, timezone=writer.timezone, calendars=calendars
            )
        except DefinitionError as error:
            kept.errors[metric.id] = "; ".join(str(problem) for problem in error.problems)
    return compiled


def _computable(metrics: Mapping[str, Metric], compiled: Mapping[str, CompiledMetric]) -> dict[str, Metric]:
    """Give the metrics that can be read: those that compile, and what is derived from nothing else."""
    return {key: metric for key, metric in metrics.items() if all(each.id in compiled for each in metric.measured)}


def _spans(writer: Writer) -> Mapping[tuple[str, str], Window]:
    rows = writer.rows(f"SELECT stream, time_column, {SPAN_OF_DAYS} FROM {SCHEMA}.days GROUP BY ALL")
    return {(stream, column): Window(first, last) for stream, column, first, last in rows}


def _rows_became_due(writer: Writer, today: date) -> bool:
    """Whether rows that were dated in the future when the last generation was published no longer are."""
    due = f"SELECT 1 FROM {SCHEMA}.days, {SCHEMA}.store WHERE day > store.today AND day <= ? LIMIT 1"
    return bool(writer.rows(due, [today]))
