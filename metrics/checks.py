"""Checks metrics against the columns that their streams really have, before anything is applied."""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from connectors.base import Connector
from connectors.computing import ComputingConnector, StoredStream
from connectors.errors import ConnectorError, DeclarationError
from connectors.registry import open_connector
from metrics.compile.metric import check_metric
from metrics.compile.query import query_problems
from metrics.definitions import Workspace, locate_problems
from metrics.errors import DefinitionError, FactsError, Problem
from metrics.facts import open_facts
from metrics.model.definition import Metric
from metrics.pushdown import check_pushed, is_engine
from metrics.pushdown.stored import PushedStream


def check_columns(workspace: Workspace, metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Check every metric's expressions against its stream, as loaded or else as its source describes itself.

    Returns:
        One line per stream that could not be asked, so that its metrics went unchecked.

    Raises:
        DefinitionError: with every problem, each naming metric, key and the nearest column.
    """
    known = dict(_loaded_columns(workspace))
    pushed: dict[str, PushedStream] = {}
    unchecked: dict[str, str] = {}
    problems: list[Problem] = []
    zone = workspace.organisation.timezone
    for metric in metrics:
        if metric.aggregate == "derived":
            continue  # it has no rows; its components are checked by themselves
        is_pushed = workspace.sources[metric.source.partition(".")[0]].mode == "pushdown"
        looked_at = pushed if is_pushed else known
        if metric.source not in looked_at and metric.source not in unchecked:
            try:
                if is_pushed:
                    pushed[metric.source] = _where_it_is(workspace, metric.source)
                else:
                    known[metric.source] = _described_columns(workspace, metric.source)
            except ConnectorError as error:
                unchecked[metric.source] = str(error)
        if is_pushed and metric.source in pushed:
            there = pushed[metric.source]
            problems.extend(check_pushed(metric, there.stored, there.types, timezone=zone))
        elif not is_pushed and metric.source in known:
            problems.extend(check_metric(metric, known[metric.source], timezone=zone))
            if metric.aggregate == "sql":
                problems.extend(_query_problems(workspace, metric, known))
    if problems:
        raise DefinitionError(locate_problems(workspace.root, problems))
    return tuple(f"the columns of {name} went unchecked: {why}" for name, why in unchecked.items())


def _query_problems(workspace: Workspace, metric: Metric, known: dict[str, Mapping[str, str]]) -> Iterable[Problem]:
    """Check a metric's own query against every stream of its source; unchecked when one of them cannot be asked."""
    source = metric.source.partition(".")[0]
    for name in workspace.streams:
        if name.partition(".")[0] == source and name not in known:
            try:
                known[name] = _described_columns(workspace, name)
            except ConnectorError:
                return ()
    return query_problems(metric, known)


def _loaded_columns(workspace: Workspace) -> Mapping[str, Mapping[str, str]]:
    try:
        facts = open_facts(workspace.var)
    except FactsError:
        return {}
    return {table: facts.columns(table) for table in facts.tables()}


def _described_columns(workspace: Workspace, name: str) -> Mapping[str, str]:
    return _types(_connector(workspace, name).columns(workspace.streams[name]))


def _where_it_is(workspace: Workspace, name: str) -> PushedStream:
    """Ask a database that computes metrics itself how it stores a stream."""
    connector = _connector(workspace, name)
    if not isinstance(connector, ComputingConnector):
        raise DeclarationError("cannot compute metrics; leave out mode: pushdown")
    stream = workspace.streams[name]
    if not is_engine(connector.dialect):  # said by every metric that asks for it, before anything is reached
        return PushedStream(StoredStream(connector.dialect, "", stream.timezone, ()), {})
    with connector.computing(stream) as sitting:
        stored = sitting.stored()
    return PushedStream(stored, _types(pa.schema([(column.name, column.type) for column in stored.columns])))


def _connector(workspace: Workspace, name: str) -> Connector:
    source = workspace.sources[name.partition(".")[0]]
    return open_connector(source.type, source.name, source.options, workspace.root)


def _types(schema: pa.Schema) -> Mapping[str, str]:
    import duckdb  # noqa: PLC0415 - only paid for before a stream's first load

    with duckdb.connect() as connection:
        relation = connection.from_arrow(schema.empty_table())
        return dict(zip(relation.columns, map(str, relation.types), strict=True))
