"""When the newest row of a stream happened, and how many rows are dated later than can be."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from metrics.compile.quoting import identifier, literal, table_name
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Metric

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def arrival(metric: Metric, until: datetime, catalogue: Catalogue, query: Query) -> tuple[datetime | None, int]:
    """Give the time (UTC) of the stream's newest row up to an instant, and how many rows lie after it.

    A row with a date but no time counts as arrived on that day, and its time is the end of the day or `until`,
    whichever is earlier.
    """
    columns = catalogue.columns(metric.source)
    if columns.get(metric.time) == "DATE":
        return _dates(metric, until, catalogue, query)
    limit = (until - _EPOCH) // _MICROSECOND
    days = (
        f"SELECT * FROM {SCHEMA}.days WHERE stream = {literal(metric.source)} AND time_column = {literal(metric.time)}"
    )
    ((last, future, cut),) = query(
        f"SELECT max({_known_by(limit)}) FILTER (WHERE first_at <= {limit}), "
        f"sum(rows) FILTER (WHERE first_at > {limit}), "
        f"count_if(first_at <= {limit} AND last_at > {limit}) FROM ({days})"
    )
    if cut and metric.source not in catalogue.pushed:
        name = identifier(metric.time)
        instant = f"make_timestamptz({limit})"
        day = f"{name} BETWEEN {instant} - INTERVAL 26 HOUR AND {instant}"
        ((last_of_cut,),) = query(f"SELECT epoch_us(max({name})) FROM {table_name(metric.source)} WHERE {day}")
        ((future,),) = query(f"SELECT count(*) FROM {table_name(metric.source)} WHERE {name} > {instant}")
        last = max((each for each in (last, last_of_cut) if each is not None), default=None)
    return (None if last is None else _EPOCH + last * _MICROSECOND), int(future or 0)


def _known_by(limit: int) -> str:
    """SQL of the newest time of a day that is known to be no later than an instant."""
    return f"CASE WHEN last_at <= {limit} THEN last_at ELSE first_at END"


def _dates(metric: Metric, until: datetime, catalogue: Catalogue, query: Query) -> tuple[datetime | None, int]:
    zone = ZoneInfo(catalogue.timezone)
    today = until.astimezone(zone).date()
    ((last, future),) = query(
        f"SELECT max(day) FILTER (WHERE day <= DATE '{today}'), sum(rows) FILTER (WHERE day > DATE '{today}') "
        f"FROM {SCHEMA}.days WHERE stream = {literal(metric.source)} AND time_column = {literal(metric.time)}"
    )
    if last is None:
        return None, int(future or 0)
    midnight = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    return min(midnight, until.astimezone(UTC)), int(future or 0)
