"""Holding what is stored against its source: rows, values and sums of every column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors.base import Connector, Stream, Total, Totalling, Totals
from connectors.errors import ConnectorError
from connectors.registry import open_connector
from metrics.compile.quoting import identifier, table_name
from metrics.definitions import Workspace
from metrics.errors import FactsError
from metrics.facts import Facts
from metrics.facts.catalogue import Query
from metrics.facts.writer import Writer, open_writer
from metrics.sync.drift import INTEGERS
from metrics.sync.merge import merge

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Verified:
    """How a stream compares with its source.

    Attributes:
        counted_by: the source itself, or a second reading of everything.
        source_rows: None where the source could not be counted.
        problem: one line: what differs or why it could not be compared, and what to do; None when all agrees.
    """

    stream: str
    counted_by: str
    source_rows: int | None
    stored_rows: int
    columns: int = 0
    problem: str | None = None


def verify_streams(
    workspace: Workspace, facts: Facts, *, now: datetime, only: Sequence[str] = ()
) -> tuple[Verified, ...]:
    """Compare every stream that was loaded, or those of `only`, with its source as it is now."""
    found = []
    for source in workspace.sources.values():
        for stream in source.streams.values():
            name = f"{source.name}.{stream.name}"
            wanted = not only or name in only or source.name in only
            if not wanted or name not in facts.tables() or source.mode != "pull":
                continue
            found.append(_verify(workspace, facts, source.type, source.options, stream, now))
    return tuple(found)


def _verify(
    workspace: Workspace, facts: Facts, kind: str, options: Mapping[str, Any], stream: Stream, now: datetime
) -> Verified:
    name = f"{stream.source}.{stream.name}"
    types = dict(facts.columns(name))
    stored = totals_of(facts.query, name, types)
    try:
        connector = open_connector(kind, stream.source, options, workspace.root)
        counted_by = "the source"
        there = connector.totals(stream) if isinstance(connector, Totalling) else None
        if there is None:
            counted_by = "a second reading"
            there = _read_again(workspace, connector, stream, now)
    except (ConnectorError, FactsError) as error:
        problem = f"could not be compared with its source, because {error}"
        return Verified(name, "nobody", None, stored.rows, problem=problem)
    compared = [column for column in there.values if column in stored.values]
    return Verified(
        name, counted_by, there.rows, stored.rows, len(compared), _difference(name, there, stored, compared)
    )


def _read_again(workspace: Workspace, connector: Connector, stream: Stream, now: datetime) -> Totals:
    """Load the stream into a store of its own, in the same way, and count that."""
    with (
        TemporaryDirectory(dir=workspace.var, prefix="verify-") as folder,
        open_writer(Path(folder), workspace.organisation, at=now) as writer,
    ):
        merge(writer, stream, connector.extract(stream, None), whole=True, at=now, on_rows=lambda *_: None)
        return totals_of(writer.rows, f"{stream.source}.{stream.name}", _types(writer, stream))


def totals_of(query: Query, stream: str, types: Mapping[str, str]) -> Totals:
    """Count the stored rows of a stream."""
    summed = {name: sql for name, kind in types.items() if (sql := _sum(name, kind)) is not None}
    counts = [f"count({identifier(name)})" for name in types]
    asked = ", ".join(["count(*)", *counts, *summed.values()])
    (row,) = query(f"SELECT {asked} FROM {table_name(stream)}")
    values = dict(zip(types, row[1:], strict=False))
    sums = {name: value or 0 for name, value in zip(summed, row[1 + len(types) :], strict=True)}
    return Totals(row[0], values, sums)


def _types(writer: Writer, stream: Stream) -> dict[str, str]:
    described = writer.rows(f"DESCRIBE {table_name(f'{stream.source}.{stream.name}')}")
    return {name: kind for name, kind, *_ in described}


def _sum(name: str, kind: str) -> str | None:
    column = identifier(name)
    if kind in INTEGERS or kind.startswith("DECIMAL"):
        return f"sum({column})"
    if kind in {"DOUBLE", "FLOAT"}:
        return f"fsum({column})"
    if kind == "BOOLEAN":
        return f"count_if({column})"
    return f"sum(strlen({column}))" if kind == "VARCHAR" else None


def _difference(name: str, there: Totals, stored: Totals, columns: Sequence[str]) -> str | None:
    what = _first_difference(there, stored, columns)
    if what is None:
        return None
    return (
        f"{what} are stored; rows may have changed since the sync: sync again, or read everything again with "
        f"`quarterline sync {name} --full`"
    )


def _first_difference(there: Totals, stored: Totals, columns: Sequence[str]) -> str | None:
    if there.rows != stored.rows:
        return f"the source has {there.rows:,} rows and {stored.rows:,}"
    for column in columns:
        if there.values[column] != stored.values[column]:
            return f"column {column!r} has {there.values[column]:,} values at the source and {stored.values[column]:,}"
        if column in there.sums and column in stored.sums and not _equal(there.sums[column], stored.sums[column]):
            return (
                f"column {column!r} has sum {there.sums[column]} at the source and values of sum {stored.sums[column]}"
            )
    return None


def _equal(one: Total, other: Total) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return isclose(float(one), float(other), rel_tol=_CLOSE, abs_tol=_CLOSE)
    return Decimal(one) == Decimal(other)
