"""Readers: one generation, opened once, asked by many threads."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Self

import duckdb

from metrics.compile.derived import derived_sql
from metrics.compile.expression import ExpressionError
from metrics.compile.metric import CompiledMetric, compile_metric
from metrics.compile.parts import folds_from_parts, query_key
from metrics.compile.query import CheckedQuery, check_query, query_problem, query_sql
from metrics.compile.rows import raw_rows_sql, reading_sql, with_instants_as_text
from metrics.compile.working_hours import no_calendar
from metrics.errors import DefinitionError, FactsError
from metrics.facts.answers import answer
from metrics.facts.arrival import arrival
from metrics.facts.breakdown import break_down, check_dimension, dimension_values
from metrics.facts.catalogue import Catalogue, read_catalogue
from metrics.facts.derived import answer_all
from metrics.facts.generation import OpenGeneration, open_newest
from metrics.formula import combine_parts
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Lineage, Measure, Measured, Part, Window
from metrics.pushdown import engine_of, push_metric
from metrics.pushdown import reading_sql as pushed_reading_sql


class Facts:
    """One generation of the facts store.

    Every method may be called from any thread; each query has its own cursor. Days are days of the organisation's zone.
    Errors of the store are `FactsError`; a metric that does not fit its table is a `DefinitionError`.

    Attributes:
        generation: such as `facts-12`.
        published_at: UTC.
        notices: one sentence per newer generation that was passed over because it is damaged.
    """

    def __init__(self, opened: OpenGeneration) -> None:
        self.generation = opened.sidecar.generation
        self.published_at = opened.sidecar.published
        self.notices = opened.notices
        self._connection = opened.connection
        self._lock = Lock()
        self._catalogue: Catalogue = read_catalogue(self.query)
        # Every cursor starts with the global zone; row expressions cut days and hours by it.
        self.query(f"SET GLOBAL TimeZone = '{self._catalogue.timezone}'")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query of our own making and give all of its rows.

        Raises:
            FactsError: the store cannot answer.
        """
        try:
            with self._lock:
                cursor = self._connection.cursor()
            with cursor:
                return cursor.execute(sql).fetchall()
        except duckdb.Error as error:
            reason = " ".join(str(error).partition("LINE 1")[0].split())
            raise FactsError(f"could not read generation {self.generation}, because {reason}") from error

    def measure(self, measures: Sequence[Measure], *, timezone: str | None = None) -> list[Measured]:
        """Answer all questions together, in their order: one query per parts table, two for what does not fold.

        Whatever the sync did not keep is computed from its rows, exactly.

        Raises:
            FactsError: `timezone` is not the one that days were cut by, or the store cannot answer.
        """
        if timezone not in {None, self._catalogue.timezone}:
            raise FactsError(
                f"could not read {self.generation} by days of {timezone}, because its days are those of "
                f"{self._catalogue.timezone}; run `quarterline sync`"
            )
        return answer_all(
            measures, lambda asked: answer(asked, self._catalogue, self.query, self._compiled, self._checked)
        )

    def breakdown(self, metric: Metric, dimension: str, window: Window, filter: Filter = ()) -> tuple[Part, ...]:  # noqa: A002
        """Read a metric for each value of a dimension, the values with most rows first."""
        if metric.aggregate == "derived":
            check_dimension(metric, dimension)
            parts = {each.id: self.breakdown(each, dimension, window, filter) for each in metric.components}
            return combine_parts(metric, parts)
        return break_down(metric, dimension, window, filter, self._catalogue, self.query, self._compiled)

    def dimension_values(self, metric: Metric, dimension: str) -> tuple[str, ...]:
        """List the values that a dimension takes in the metric's stream, sorted; at most a thousand."""
        check_dimension(metric, dimension)
        found = (dimension_values(each, dimension, self._catalogue, self.query) for each in metric.measured)
        return tuple(sorted({value for values in found for value in values}))

    def freshness(self, metric: Metric, until: datetime) -> tuple[datetime | None, int]:
        """Give the time (UTC) of the stream's newest row up to an instant, and how many rows lie after it.

        A derived metric is as old as its stalest component; its rows to come are all of theirs.
        """
        found = [arrival(each, until, self._catalogue, self.query) for each in metric.measured]
        times = [last for last, _ in found if last is not None]
        return min(times) if len(times) == len(found) else None, sum(future for _, future in found)

    def lineage(self, measure: Measure) -> Lineage:
        """Tell where the measure's first window's reading comes from."""
        if measure.metric.aggregate == "derived":
            return self._derived_lineage(measure)
        metric, window = measure.metric, measure.windows[0]
        (measured,) = self.measure([Measure(metric, measure.filter, (window,))])
        covered = self._catalogue.silence(metric).zeros(window)
        last_event_at, _ = self.freshness(metric, self.published_at)
        if metric.aggregate == "sql":
            sql = query_sql(self._checked(metric), metric, window)
        else:
            sql = self._reading_sql(metric, measure.filter, window, covered)
        return Lineage(
            sql=sql,
            rows=measured.readings[0].rows,
            table=metric.source,
            table_rows=self._catalogue.rows.get(metric.source, 0),
            generation=self.generation,
            last_event_at=last_event_at,
        )

    def raw_rows(self, measure: Measure, *, limit: int = 100) -> tuple[tuple[Any, ...], ...]:
        """Give the newest raw rows that count in the measure's first window, in the order of the table's columns.

        Those of a derived metric are its first component's.
        """
        subject = measure.metric.measured[0]
        sql = raw_rows_sql(self._compiled(subject), measure.filter, measure.windows[0], limit=limit)
        try:
            return tuple(self.query(sql))
        except OverflowError:  # an instant outside the years that Python knows, such as the end of 9999
            return tuple(self.query(with_instants_as_text(sql, self.columns(subject.source))))

    def tables(self) -> tuple[str, ...]:
        """List the raw tables, as `source.stream`."""
        return tuple(self._catalogue.tables)

    def columns(self, table: str) -> Mapping[str, str]:
        """Give the DuckDB type of each column of a raw table.

        Raises:
            NotFoundError: there is no such table.
        """
        return self._catalogue.columns(table)

    def row_counts(self) -> Mapping[str, int]:
        """Give the number of rows of each raw table."""
        return self._catalogue.rows

    def days(self, metric: Metric) -> Window | None:
        """Give the first and last day, up to that of the sync, on which the metric's stream has rows.

        For a derived metric, the days on which all of its components' have.
        """
        spans = [self._catalogue.spans.get((each.source, each.time)) for each in metric.measured]
        known = [span for span in spans if span is not None]
        if len(known) < len(spans):
            return None
        shared = Window(max(span.starts for span in known), min(span.ends for span in known))
        return shared if shared.days > 0 else None

    def is_kept(self, metric: Metric, filter: Filter = ()) -> bool:  # noqa: A002
        """Whether a metric is answered from what the sync keeps, rather than from its rows."""
        if metric.aggregate == "derived":
            return all(self.is_kept(each, filter) for each in metric.measured)
        if metric.aggregate == "sql":
            return query_key(metric) in self._catalogue.queries
        if folds_from_parts(metric):
            return self._catalogue.parts_for(metric, filter) is not None
        return self._catalogue.keeps(metric, filter)

    @property
    def today(self) -> date:
        """The organisation's day at which the generation was published."""
        return self._catalogue.today

    def close(self) -> None:
        """Close the generation's file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _derived_lineage(self, measure: Measure) -> Lineage:
        metric, window = measure.metric, measure.windows[0]
        over = {each.id: each for each in (*metric.components, *metric.measured)}
        parts = {name: self.lineage(Measure(each, measure.filter, (window,))) for name, each in over.items()}
        of_rows = [parts[each.id] for each in metric.measured]
        tables = {part.table: part.table_rows for part in of_rows}
        asked = (metric, *metric.components)
        whole, *of_components = self.measure([Measure(each, measure.filter, (window,)) for each in asked])
        last_event_at, _ = self.freshness(metric, self.published_at)
        return Lineage(
            sql=derived_sql(metric, {each.id: parts[each.id].sql for each in metric.components}),
            rows=whole.readings[0].rows,
            table=", ".join(tables),
            table_rows=sum(tables.values()),
            generation=self.generation,
            last_event_at=last_event_at,
            components=tuple(
                (each, found.readings[0]) for each, found in zip(metric.components, of_components, strict=True)
            ),
        )

    def _reading_sql(self, metric: Metric, filter_: Filter, window: Window, covered: Window | None) -> str:
        """SQL of a reading: on the generation's rows, or in the words of the engine that has them."""
        pushed = self._catalogue.pushed.get(metric.source)
        if pushed is None:
            return reading_sql(self._compiled(metric), filter_, window, covered=covered)
        zone = self._catalogue.timezone
        with self._lock:
            cursor = self._connection.cursor()
        with cursor:
            compiled = push_metric(metric, pushed.stored, pushed.types, cursor, zone=zone, window=window)
        zeros = covered is not None and metric.counts_silence_as_zero
        return f"-- {compiled.engine.name}\n{pushed_reading_sql(compiled, filter_, window, zeros=zeros)}"

    def _compiled(self, metric: Metric) -> CompiledMetric:
        if metric.source in self._catalogue.pushed:
            engine = engine_of(self._catalogue.pushed[metric.source].stored.dialect)
            raise FactsError(
                f"could not compute {metric.id!r} as asked, because its rows stay in {engine.name} and the sync did "
                f"not bring this reading back; run `quarterline sync`, or ask for days, weeks, months, or a key "
                f"result's own read and filter"
            )
        columns, calendars = self._catalogue.columns(metric.source), self._catalogue.calendars
        if metric.working_hours is not None and metric.working_hours.calendar not in calendars:
            raise FactsError(no_calendar(metric))
        with self._lock:
            cursor = self._connection.cursor()
        with cursor:
            return compile_metric(metric, columns, cursor, timezone=self._catalogue.timezone, calendars=calendars)

    def _checked(self, metric: Metric) -> CheckedQuery:
        with self._lock:
            cursor = self._connection.cursor()
        with cursor:
            try:
                return check_query(metric, self._catalogue.tables, cursor)
            except ExpressionError as error:
                raise DefinitionError([query_problem(metric, error)]) from error


def open_facts(var: Path) -> Facts:
    """Open the newest generation that is whole, after checking its size and hash.

    Raises:
        FactsError: there is none.
    """
    return Facts(open_newest(var))
