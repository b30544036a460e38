"""What is asked of the facts store and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from metrics.model.definition import Filter, Grain, Metric


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the organisation's zone, both ends included."""

    starts: date
    ends: date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.ends - self.starts).days + 1


@dataclass(frozen=True, slots=True)
class SeriesRange:
    """Buckets of one grain that cover `window`; a bucket is named by its first day, and cut at the window's ends."""

    grain: Grain
    window: Window


@dataclass(frozen=True, slots=True)
class Measure:
    """One question to the facts store: a metric under a filter, over windows and as a series."""

    metric: Metric
    filter: Filter = ()
    windows: tuple[Window, ...] = ()
    series: SeriesRange | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric's value over one window.

    Attributes:
        value: in the metric's unit; None when no row counts (silence is not zero).
        rows: rows that count.
        numerator: of a ratio, else None.
        denominator: of a ratio, else None.
    """

    value: float | None
    rows: int
    numerator: float | None = None
    denominator: float | None = None


class Point(NamedTuple):
    """One bucket of a series; `day` is the bucket's first day, `value` None where there is a gap."""

    day: date
    value: float | None
    rows: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers in the order of the question's windows, and the series without its leading gap."""

    readings: tuple[Reading, ...]
    series: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a dimension and the metric's reading there."""

    value: str | None
    reading: Reading


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a number comes from: the SQL that gives it on the source's rows, and how many rows that was.

    Attributes:
        sql: runnable on the generation's raw tables; returns (value, rows).
        rows: rows that count.
        table: `source.stream`; of a derived metric, all of its components'.
        table_rows: all rows of the table.
        generation: such as `facts-12`.
        last_event_at: time (UTC) of the newest row that is not in the future.
        components: of a derived metric: what it was computed from.
    """

    sql: str
    rows: int
    table: str
    table_rows: int
    generation: str
    last_event_at: datetime | None
    components: tuple[tuple[Metric, Reading], ...] = ()
