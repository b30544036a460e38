"""Keeping exact readings of quantiles and distinct counts true: only windows that hold a changed day are computed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import duckdb
import pyarrow as pa

from metrics.compile.exact import ExactSeries
from metrics.compile.metric import CompiledMetric
from metrics.compile.parts import short_hash
from metrics.compile.quoting import SPAN_OF_DAYS, literal
from metrics.compile.rows import counted_rows, filter_flag
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.definition import QUANTILES, Filter
from metrics.model.reading import Window
from metrics.sync.keep_parts import HAS_ROWS, Kept, StaleDays, computing_failed, stale_days
from metrics.sync.quantiles import bin_values, distinct_by_window, quantiles_by_window

VALUES, ASKED = "temp.main.exact_values", "temp.main.exact_asked"


@dataclass(frozen=True, slots=True)
class _Family:
    """Series over the same rows and values, which share every scan.

    Attributes:
        series: by filter, then by aggregate.
    """

    compiled: CompiledMetric
    series: Mapping[Filter, Mapping[str, ExactSeries]]

    def windows(self, filter_: Filter) -> frozenset[Window]:
        return frozenset(window for each in self.series[filter_].values() for window in each.windows if window.days > 1)


def keep_exact(
    writer: Writer, compiled: Mapping[str, CompiledMetric], wanted: Sequence[ExactSeries], kept: Kept
) -> None:
    """Bring every kept reading up to its rows: drop what is not wanted, compute what is missing or touched."""
    signatures = {each.key: _signature(compiled[each.metric.id]) for each in wanted}
    stored = dict(writer.rows(f"SELECT series, signature FROM {SCHEMA}.exact WHERE {HAS_ROWS}"))
    dropped = [key for key, signature in stored.items() if signatures.get(key) != signature]
    if dropped:
        _drop(writer, dropped)
        kept.changed = True
    held = frozenset(stored) - frozenset(dropped)
    for family in _families(compiled, wanted):
        try:
            writer.memory.growing(partial(_keep_family, writer, family, held, signatures, kept))
        except duckdb.Error as error:
            ids = {each.metric.id for group in family.series.values() for each in group.values()}
            kept.errors |= {metric_id: computing_failed(compiled[metric_id], error) for metric_id in ids}
            _drop(writer, [each.key for group in family.series.values() for each in group.values()])


def _signature(compiled: CompiledMetric) -> str:
    return short_hash([compiled.table, compiled.day, {key: term.sql for key, term in compiled.terms.items()}])


def _families(compiled: Mapping[str, CompiledMetric], wanted: Iterable[ExactSeries]) -> list[_Family]:
    grouped: dict[tuple[object, ...], dict[Filter, dict[str, ExactSeries]]] = defaultdict(lambda: defaultdict(dict))
    first: dict[tuple[object, ...], CompiledMetric] = {}
    for each in wanted:
        metric = each.metric
        rows = (metric.source, metric.time, metric.row_value, metric.where, metric.aggregate in QUANTILES)
        first.setdefault(rows, compiled[metric.id])
        known = grouped[rows][each.filter].get(metric.aggregate)
        windows = each.windows | (known.windows if known else frozenset())
        grouped[rows][each.filter][metric.aggregate] = ExactSeries(metric, each.filter, windows)
    return [_Family(first[rows], filters) for rows, filters in grouped.items()]


def _keep_family(
    writer: Writer, family: _Family, stored: frozenset[str], signatures: Mapping[str, str], kept: Kept
) -> None:
    metric = family.compiled.metric
    stale = stale_days(writer, metric.source, metric.time)
    keys = [each.key for group in family.series.values() for each in group.values()]
    _drop_touched_windows(writer, keys, stale)
    missing = _reconcile_windows(writer, family)
    fresh = {
        filter_ for filter_, group in family.series.items() if any(each.key not in stored for each in group.values())
    }
    if not fresh and not stale.days and not any(missing.values()):
        return
    hull = _hull(writer, family, stale, missing, everything=bool(fresh))
    if hull is None:
        return
    kept.changed = True
    filters = list(family.series)
    flags = [f"{filter_flag(filter_)} AS accepted_{index}" for index, filter_ in enumerate(filters)]
    counted = counted_rows(family.compiled, (), hull, *flags)
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {VALUES} AS FROM ({counted}) WHERE value IS NOT NULL")
    if metric.aggregate in QUANTILES:
        bin_values(writer.connection, VALUES)
    for index, filter_ in enumerate(filters):
        accepted = f"accepted_{index}"
        with writer.transaction():
            _store_days(writer, family, filter_, accepted, stale, everything=filter_ in fresh, signatures=signatures)
            _store_windows(writer, family, filter_, accepted, missing[filter_])
    writer.connection.execute(f"DROP TABLE {VALUES}")


def _reconcile_windows(writer: Writer, family: _Family) -> dict[Filter, list[Window]]:
    """Forget kept windows that are no longer wanted; gives those that are wanted and not kept, by filter."""
    missing: dict[Filter, list[Window]] = {}
    for filter_, group in family.series.items():
        wanted = family.windows(filter_)
        lacking: set[Window] = set()
        for each in group.values():
            rows = writer.rows(f"SELECT starts, ends FROM {SCHEMA}.exact_windows WHERE series = ?", [each.key])
            held = {Window(starts, ends) for starts, ends in rows}
            lacking |= wanted - held
            if unwanted := held - wanted:
                _ask(writer, sorted(unwanted, key=_order))
                writer.connection.execute(
                    f"DELETE FROM {SCHEMA}.exact_windows AS kept USING {ASKED} AS asked "
                    f"WHERE kept.series = ? AND kept.starts = asked.starts AND kept.ends = asked.ends",
                    [each.key],
                )
        missing[filter_] = sorted(lacking, key=_order)
    return missing


def _hull(
    writer: Writer, family: _Family, stale: StaleDays, missing: Mapping[Filter, Sequence[Window]], *, everything: bool
) -> Window | None:
    """Give the days whose rows must be read."""
    metric = family.compiled.metric
    spans = [window for windows in missing.values() for window in windows]
    spans += [stale.span] if stale.span else []
    if everything:
        days = f"SELECT {SPAN_OF_DAYS} FROM {SCHEMA}.days WHERE stream = ? AND time_column = ?"
        spans += [Window(first, last) for first, last in writer.rows(days, [metric.source, metric.time]) if first]
    return Window(min(each.starts for each in spans), max(each.ends for each in spans)) if spans else None


def _store_days(
    writer: Writer,
    family: _Family,
    filter_: Filter,
    accepted: str,
    stale: StaleDays,
    *,
    everything: bool,
    signatures: Mapping[str, str],
) -> None:
    days = "TRUE" if everything else f"day IN ({stale.listed})"
    aggregates = family.series[filter_]
    if family.compiled.metric.aggregate in QUANTILES:
        shares = ", ".join(str(QUANTILES[name]) for name in aggregates)
        computed = f"quantile_cont(CAST(value AS DOUBLE), [{shares}])"
    else:
        computed = "[CAST(count(DISTINCT value) AS DOUBLE)]"
    _temporary = "temp.main.exact_by_day"
    writer.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_temporary} AS SELECT day, {computed} AS found, count(*) AS n FROM {VALUES} "
        f"WHERE {accepted} AND {days} GROUP BY day"
    )
    for index, each in enumerate(aggregates.values(), 1):
        writer.connection.execute(f"DELETE FROM {SCHEMA}.exact_days WHERE series = {literal(each.key)} AND {days}")
        writer.connection.execute(
            f"INSERT INTO {SCHEMA}.exact_days SELECT {literal(each.key)}, day, found[{index}], n FROM {_temporary}"
        )
        writer.connection.execute(
            f"INSERT OR REPLACE INTO {SCHEMA}.exact VALUES (?, ?, ?, ?)",
            [each.key, each.metric.source, each.metric.time, signatures[each.key]],
        )


def _store_windows(writer: Writer, family: _Family, filter_: Filter, accepted: str, missing: Sequence[Window]) -> None:
    if not missing:
        return
    _ask(writer, missing)
    aggregates = family.series[filter_]
    values = f"SELECT * FROM {VALUES} WHERE {accepted}"
    if family.compiled.metric.aggregate in QUANTILES:
        found = quantiles_by_window(values, ASKED, [QUANTILES[name] for name in aggregates])
    else:
        found = distinct_by_window(values, ASKED)
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE temp.main.exact_by_window AS {found}")
    for index, each in enumerate(aggregates.values(), 1):
        key = literal(each.key)
        writer.connection.execute(
            f"DELETE FROM {SCHEMA}.exact_windows AS kept USING {ASKED} AS asked "
            f"WHERE kept.series = {key} AND kept.starts = asked.starts AND kept.ends = asked.ends"
        )
        writer.connection.execute(
            f"INSERT INTO {SCHEMA}.exact_windows SELECT {key}, starts, ends, found[{index}], coalesce(n, 0) "
            f"FROM {ASKED} LEFT JOIN temp.main.exact_by_window USING (starts, ends)"
        )


def _drop_touched_windows(writer: Writer, keys: Sequence[str], stale: StaleDays) -> None:
    if not stale.days:
        return
    writer.connection.execute(
        f"DELETE FROM {SCHEMA}.exact_windows AS kept WHERE series IN ({_listed(keys)}) AND EXISTS "
        f"(SELECT 1 FROM ({stale.listed}) AS stale WHERE stale.day BETWEEN kept.starts AND kept.ends)"
    )


def _drop(writer: Writer, keys: Sequence[str]) -> None:
    with writer.transaction():
        for table in ("exact", "exact_days", "exact_windows"):
            writer.connection.execute(f"DELETE FROM {SCHEMA}.{table} WHERE series IN ({_listed(keys)})")


def _ask(writer: Writer, windows: Sequence[Window]) -> None:
    asked = pa.table({"starts": [each.starts for each in windows], "ends": [each.ends for each in windows]})
    writer.connection.register("quarterline_asked", asked)
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {ASKED} AS FROM quarterline_asked")
    writer.connection.unregister("quarterline_asked")


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(literal(key) for key in keys)


def _order(window: Window) -> tuple[object, object]:
    return window.starts, window.ends
