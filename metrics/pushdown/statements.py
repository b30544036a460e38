"""The statements that bring a metric's series back: days, daily parts, exact readings over windows, one reading.

Aliases begin with `q_`, so that no engine takes one for a column of the stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.base import LATE
from connectors.computing import StoredColumn
from metrics.compile.parts import PartColumn, Role, part_columns
from metrics.model.definition import QUANTILES, Filter
from metrics.model.reading import Window
from metrics.pushdown.engine import Engine
from metrics.pushdown.metric import PushedMetric, PushedTerm
from metrics.pushdown.rendering import kind_of

_DAY, _MOMENT, _VALUE, _ID = "q_day", "q_moment", "q_value", "q_id"


@dataclass(slots=True)
class _Rows:
    """The rows that count, with what is computed of each under an alias."""

    pushed: PushedMetric
    columns: dict[str, str] = field(default_factory=dict)

    def alias(self, sql: str) -> str:
        """Name what a row gives."""
        return self.columns.setdefault(sql, f"q_x{len(self.columns)}")

    def sql(self, days: Sequence[Window] | None, *conditions: str) -> str:
        """SELECT the rows of some days, of all days around the metric's window for None."""
        named = {f"{sql}": alias for sql, alias in self.columns.items()}
        columns = [f"{self.pushed.day} AS {_DAY}", f"{self.pushed.moment} AS {_MOMENT}"]
        columns += [f"{sql} AS {alias}" for sql, alias in named.items()]
        where = [self.pushed.near, *conditions]
        inner = f"SELECT\n    {_listed(columns)}\n  FROM {self.pushed.relation}\n  WHERE {_both(where)}"
        wanted = on_days(self.pushed, days)
        return f"SELECT * FROM (\n  {inner}\n) AS q_all\nWHERE {wanted}"


def on_days(pushed: PushedMetric, days: Sequence[Window] | None) -> str:
    """SQL of a condition on a row's day: within one of some stretches, or known at all."""
    if days is None:
        return f"{_DAY} IS NOT NULL"
    written = pushed.engine.date
    stretches = [f"{_DAY} BETWEEN {written(each.starts)} AND {written(each.ends)}" for each in days]
    return " OR ".join(stretches) if len(stretches) == 1 else f"({' OR '.join(stretches)})"


def bounds_sql(pushed: PushedMetric, column: str) -> str:
    """SQL giving (rows with a time, least and greatest stored time)."""
    name = pushed.engine.identifier(column)
    return f"SELECT count({name}), min({name}), max({name}) FROM {pushed.relation}"


def cursor_days_sql(pushed: PushedMetric, column: StoredColumn, since: str, lookback: timedelta) -> str:
    """SQL giving the days of rows whose cursor is not behind a value, as the driver showed it, by more than a time."""
    condition = _not_behind(pushed, column, since, lookback)
    return f"SELECT DISTINCT {_DAY} FROM (\n{_Rows(pushed).sql(None, condition)}\n) AS q_rows"


def _not_behind(pushed: PushedMetric, column: StoredColumn, since: str, lookback: timedelta) -> str:
    engine, name = pushed.engine, pushed.engine.identifier(column.name)
    if column.storage in {"naive", "aware"}:
        begin = datetime.fromisoformat(since) - (lookback or LATE)
        literal = engine.naive(begin) if column.storage == "naive" else engine.instant(_in_utc(begin))
    elif pa.types.is_date(column.type):
        literal = engine.date(date.fromisoformat(since) - timedelta(days=-(-lookback // timedelta(days=1))))
    elif pa.types.is_string(column.type):
        name, literal = engine.ordered(name), engine.ordered(engine.text(since))
    else:
        literal = engine.number(Decimal(since))
    return f"({name} >= {literal} OR {name} IS NULL)"


def come_sql(engine: Engine, column: StoredColumn, now: datetime, zone: str) -> str:
    """SQL of whether a cursor's value can be by now: a later one is a mistake, and would hide what comes until then."""
    name, local = engine.identifier(column.name), now.astimezone(ZoneInfo(zone))
    if column.storage == "naive":
        return f"{name} <= {engine.naive(local.replace(tzinfo=None))}"
    if column.storage == "aware":
        return f"{name} <= {engine.instant(_in_utc(now))}"
    return f"{name} <= {engine.date(local.date())}" if pa.types.is_date(column.type) else "1 = 1"


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def days_sql(pushed: PushedMetric, now: datetime, days: Sequence[Window] | None = None) -> str:
    """SQL giving (day, 1 for rows later than now, rows, first and last moment); no moments where there are only dates.

    Rows that are dated later on the same day are apart, so that readers know how many do not count yet.
    """
    rows = _Rows(pushed)
    if pushed.time_type == "DATE":
        counted = rows.sql(days)
        selected = f"{_DAY}, 0 AS q_late, count(*), NULL AS q_first, NULL AS q_last"
        return f"SELECT {selected}\nFROM (\n{counted}\n) AS q_rows\nGROUP BY {_DAY}"
    late = rows.alias(f"CASE WHEN {pushed.moment} > {pushed.engine.instant(now)} THEN 1 ELSE 0 END")
    return (
        f"SELECT {_DAY}, {late}, count(*), min({_MOMENT}), max({_MOMENT})\n"
        f"FROM (\n{rows.sql(days)}\n) AS q_rows\nGROUP BY {_DAY}, {late}"
    )


@dataclass(frozen=True, slots=True)
class PartsStatement:
    """A SELECT of daily parts.

    Attributes:
        dimensions: in the order of the result, after the day.
        columns: in the order of the result, after the dimensions, with DuckDB's type of the value; a `last` takes two,
            value and moment.
    """

    sql: str
    dimensions: tuple[str, ...]
    columns: tuple[tuple[PartColumn, str], ...]


def parts_statement(
    members: Sequence[PushedMetric], dimensions: Sequence[str], days: Sequence[Window] | None = None
) -> PartsStatement:
    """Select the daily parts of metrics over one stream and time column, by dimensions that all of them declare."""
    rows = _Rows(members[0])
    keys = [_DAY, *(rows.alias(members[0].dimension(name)) for name in dimensions)]
    found: dict[str, tuple[PartColumn, str]] = {}
    selected: list[str] = []
    ranked: list[str] = []
    for member in members:
        for column, aggregates, kind in _aggregates(member, rows, keys, ranked):
            if column.name not in found:
                found[column.name] = column, kind
                selected += aggregates
    counted = rows.sql(days)
    if ranked:
        counted = f"SELECT q_plain.*, {', '.join(ranked)} FROM (\n{counted}\n) AS q_plain"
    sql = f"SELECT {', '.join([*keys, *selected])}\nFROM (\n{counted}\n) AS q_rows\nGROUP BY {', '.join(keys)}"
    return PartsStatement(sql, tuple(dimensions), tuple(found.values()))


def _aggregates(
    member: PushedMetric, rows: _Rows, keys: Sequence[str], ranked: list[str]
) -> list[tuple[PartColumn, list[str], str]]:
    pairs: list[tuple[PartColumn, list[str], str]] = []
    for role, column in part_columns(member.metric).items():
        if column.value is None:
            counted = f"count({rows.alias(_where(member, '1'))})" if member.where else "count(*)"
            pairs.append((column, [counted], "BIGINT"))
            continue
        term = _term_of(member, role)
        value = rows.alias(_where(member, term.sql))
        pairs.append((column, _aggregate(member, column, term, value, keys, ranked), term.type))
        if term.lost:
            lost = rows.alias(_where(member, f"CASE WHEN {term.lost} THEN 1 END"))
            pairs.append((PartColumn("lost", column.value, column.where), [f"count({lost})"], "BIGINT"))
    return pairs


def _aggregate(
    member: PushedMetric, column: PartColumn, term: PushedTerm, value: str, keys: Sequence[str], ranked: list[str]
) -> list[str]:
    match column.kind:
        case "n":
            return [f"count({value})"]
        case "sum":
            return [member.engine.given(total(member, value, term.type), is_whole=_is_whole(term.type))]
        case "last":
            place = f"q_r{len(ranked)}"
            ranked.append(f"{_newest_first(value, keys)} AS {place}")
            first = f"{place} = 1 AND {value} IS NOT NULL"
            found = (f"CASE WHEN {first} THEN {each} END" for each in (value, _MOMENT))
            newest, moment = (member.engine.aggregate("max", each) for each in found)
            return [member.engine.given(newest, is_whole=_is_whole(term.type)), moment]
        case kind:
            return [member.engine.given(member.engine.aggregate(kind, value), is_whole=_is_whole(term.type))]


def _newest_first(value: str, keys: Sequence[str]) -> str:
    """SQL of a row's place among those with a value, the newest first; of rows at the same time the greatest value."""
    order = f"CASE WHEN {value} IS NULL THEN 1 ELSE 0 END, {_MOMENT} DESC, {value} DESC"
    return f"row_number() OVER (PARTITION BY {', '.join(keys)} ORDER BY {order})"


def total(member: PushedMetric, value: str, kind: str) -> str:
    """SQL of an exact sum of values of a DuckDB type."""
    return member.engine.total(value, is_whole=_is_whole(kind))


def _is_whole(kind: str) -> bool:
    return kind_of(kind) == "whole"


def readings_sql(
    members: Sequence[PushedMetric],
    filter_: Filter,
    *,
    days: Sequence[Window] | None = None,
    windows: Mapping[int, Window] | None = None,
    dimension: str | None = None,
    pooled: bool = False,
) -> str:
    """SQL of holistic readings of metrics that read the same values: (key ..., rows, one value per member).

    The key is the window's number with `windows`, else the day unless `pooled`; a `dimension` follows it.
    """
    first = members[0]
    rows = _Rows(first)
    value = rows.alias(_where(first, first.terms["value"].sql))
    by = [rows.alias(first.dimension(dimension))] if dimension else []
    counted = rows.sql(days if windows is None else [_hull(windows)], *first.accepts(filter_))
    keys = [*([] if pooled else [_DAY if windows is None else _ID]), *by]
    source = f"(\n{counted}\n) AS q_rows"
    condition = f"{value} IS NOT NULL"
    if windows is not None:
        source = f"(\n{_pairs(first, windows)}\n) AS q_pairs JOIN {source} ON {_DAY} = q_on"
    found = ", ".join(f"{_holistic(member, value)} AS q_found{at}" for at, member in enumerate(members))
    grouped = f"\nGROUP BY {', '.join(keys)}" if keys else ""
    if not any(_needs_ranks(member) for member in members):
        selected = ", ".join([*keys, f"count({value}) AS q_count", found])
        return f"SELECT {selected}\nFROM {source}\nWHERE {condition}{grouped}"
    partition = f"PARTITION BY {', '.join(keys)}" if keys else ""
    places = f"row_number() OVER ({partition} ORDER BY {value}) - 1 AS q_place, count(*) OVER ({partition}) AS q_n"
    ranked = f"SELECT {', '.join([*keys, value, places])}\nFROM {source}\nWHERE {condition}"
    selected = ", ".join([*keys, "coalesce(max(q_n), 0) AS q_count", found])
    return f"SELECT {selected}\nFROM (\n{ranked}\n) AS q_ranked{grouped}"


def _needs_ranks(member: PushedMetric) -> bool:
    return member.metric.aggregate in QUANTILES and member.engine.quantile is None and not member.metric.approx


def _holistic(member: PushedMetric, value: str) -> str:
    aggregate = member.metric.aggregate
    share = QUANTILES.get(aggregate, 0.0)
    if member.metric.approx:
        template = member.engine.approximate(aggregate) or ""
        return template.format(value=value, share=share, percent=round(share * 100))
    if aggregate not in QUANTILES:
        return member.engine.distinct.format(value=value)
    if member.engine.quantile is not None:
        return member.engine.quantile.format(value=value, share=share)
    place = f"((q_n - 1) * {member.engine.double(str(share))})"
    low, high = (f"max(CASE WHEN q_place = {cut}({place}) THEN {value} END)" for cut in ("floor", "ceil"))
    return f"{low} + ({high} - {low}) * (max({place}) - floor(max({place})))"


def reading_sql(pushed: PushedMetric, filter_: Filter, window: Window, *, zeros: bool = False) -> str:
    """SQL giving (value, rows) over one window, for lineage; with `zeros` a silent window counts as zero."""
    by_day = pushed.metric.rollup != "pooled"
    daily = _pooled(pushed, filter_, window, keys=[_DAY] if by_day else [])
    if not by_day:
        value = f"coalesce({_VALUE}, 0)" if zeros else _VALUE
        return f"SELECT {value} AS value, q_count AS n\nFROM (\n{daily}\n) AS q_reading"
    note = "-- days without rows count as 0\n" if zeros else ""
    if pushed.metric.rollup == "last":
        newest = f"row_number() OVER (ORDER BY CASE WHEN {_VALUE} IS NULL THEN 1 ELSE 0 END, {_DAY} DESC) AS q_place"
        daily = f"SELECT q_days.*, {newest} FROM (\n{daily}\n) AS q_days"
        value = f"max(CASE WHEN q_place = 1 THEN {_VALUE} END)"
    else:
        value = f"{'avg' if pushed.metric.rollup == 'mean' else pushed.metric.rollup}({_VALUE})"
    return f"{note}SELECT {value} AS value, sum(q_count) AS n\nFROM (\n{daily}\n) AS q_reading"


def _pooled(pushed: PushedMetric, filter_: Filter, window: Window, *, keys: Sequence[str]) -> str:
    aggregate = pushed.metric.aggregate
    named = ", ".join(keys)
    if aggregate in QUANTILES or aggregate == "count_distinct":
        found = readings_sql([pushed], filter_, days=[window], pooled=not keys)
        value = "nullif(q_found0, 0)" if aggregate == "count_distinct" else "q_found0"
        return f"SELECT {', '.join([*keys, f'{value} AS {_VALUE}', 'q_count'])}\nFROM (\n{found}\n) AS q_holistic"
    rows = _Rows(pushed)
    roles = part_columns(pushed.metric)
    columns = {
        role: rows.alias(_where(pushed, "1" if column.value is None else _term_of(pushed, role).sql))
        for role, column in roles.items()
    }
    counted = rows.sql([window], *pushed.accepts(filter_))
    grouped = f"\nGROUP BY {named}" if keys else ""
    if aggregate == "last":
        order = _newest_first(columns["last"], [*keys, "1"][:1])
        counted = f"SELECT q_plain.*, {order} AS q_place FROM (\n{counted}\n) AS q_plain"
    value = _pooled_value(pushed, columns)
    selected = [*keys, f"{value} AS {_VALUE}", f"count({columns['n']}) AS q_count"]
    return f"SELECT {', '.join(selected)}\nFROM (\n{counted}\n) AS q_rows{grouped}"


def _pooled_value(pushed: PushedMetric, columns: Mapping[Role, str]) -> str:
    double = pushed.engine.double
    sums = {
        role: total(pushed, alias, "BIGINT" if part_columns(pushed.metric)[role].value is None else _kind(pushed, role))
        for role, alias in columns.items()
        if role in {"sum", "numerator", "denominator"}
    }
    match pushed.metric.aggregate:
        case "ratio":
            return f"{double(sums['numerator'])} / nullif({double(sums['denominator'])}, {double('0')})"
        case "count":
            return f"nullif(count({columns['n']}), 0)"
        case "mean":
            return f"{double(sums['sum'])} / nullif(count({columns['n']}), 0)"
        case "sum":
            return sums["sum"]
        case "last":
            return pushed.engine.aggregate("max", f"CASE WHEN q_place = 1 THEN {columns['last']} END")
        case aggregate:
            return pushed.engine.aggregate(aggregate, columns["min" if aggregate == "min" else "max"])


def _kind(pushed: PushedMetric, role: Role) -> str:
    return _term_of(pushed, role).type


def _term_of(member: PushedMetric, role: Role) -> PushedTerm:
    if member.metric.aggregate == "ratio":
        return member.terms["numerator" if role == "numerator" else "denominator"]
    return member.terms["value"]


def _where(member: PushedMetric, sql: str) -> str:
    return f"CASE WHEN {member.where} THEN {sql} END" if member.where else sql


def _asked(pushed: PushedMetric, windows: Mapping[int, Window]) -> str:
    written = pushed.engine.date
    return pushed.engine.listed(
        [
            {_ID: str(number), "q_starts": written(window.starts), "q_ends": written(window.ends)}
            for number, window in windows.items()
        ]
    )


def _pairs(pushed: PushedMetric, windows: Mapping[int, Window]) -> str:
    """SQL of (window's number, day of it that has rows), so that rows find their windows by their day."""
    days = f"SELECT DISTINCT {_DAY} AS q_on FROM (\n{_Rows(pushed).sql([_hull(windows)])}\n) AS q_some"
    both = f"{_asked(pushed, windows)} AS q_asked CROSS JOIN (\n{days}\n) AS q_days"
    return f"SELECT {_ID}, q_on\nFROM {both}\nWHERE q_on BETWEEN q_starts AND q_ends"


def _hull(windows: Mapping[int, Window]) -> Window:
    return Window(min(each.starts for each in windows.values()), max(each.ends for each in windows.values()))


def _both(conditions: Sequence[str]) -> str:
    return "\n    AND ".join(conditions)


def _listed(columns: Sequence[str]) -> str:
    return ",\n    ".join(columns)
