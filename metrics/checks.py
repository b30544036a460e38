"""Checks metrics against the columns that their streams really have, before anything is applied."""

from collections.abc import Iterable, Mapping

from connectors.errors import ConnectorError
from connectors.registry import open_connector
from metrics.compile.metric import check_metric
from metrics.compile.query import query_problems
from metrics.definitions import Workspace, locate_problems
from metrics.errors import DefinitionError, FactsError, Problem
from metrics.facts import open_facts
from metrics.model.definition import Metric


def check_columns(workspace: Workspace, metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Check every metric's expressions against its stream, as loaded or else as its source describes itself.

    Returns:
        One line per stream that could not be asked, so that its metrics went unchecked.

    Raises:
        DefinitionError: with every problem, each naming metric, key and the nearest column.
    """
    known = dict(_loaded_columns(workspace))
    unchecked: dict[str, str] = {}
    problems: list[Problem] = []
    for metric in metrics:
        if metric.aggregate == "derived":
            continue  # it has no rows; its components are checked by themselves
        if metric.source not in known and metric.source not in unchecked:
            try:
                known[metric.source] = _described_columns(workspace, metric.source)
            except ConnectorError as error:
                unchecked[metric.source] = str(error)
        if metric.source in known:
            zone = workspace.organisation.timezone
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
    import duckdb  # noqa: PLC0415 - only paid for before a stream's first load

    source = workspace.sources[name.partition(".")[0]]
    connector = open_connector(source.type, source.name, source.options, workspace.root)
    schema = connector.columns(workspace.streams[name])
    with duckdb.connect() as connection:
        relation = connection.from_arrow(schema.empty_table())
        return dict(zip(relation.columns, map(str, relation.types), strict=True))
