"""Bundled and third-party connectors by name, imported on use."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.errors import DeclarationError, nearest
from connectors.secrets import resolve_options

GROUP = "quarterline.connectors"

_BUNDLED: Mapping[str, str] = {
    "dlt": "connectors.dlt:DltConnector",
    "files": "connectors.files:FilesConnector",
    "google_sheets": "connectors.files.published:GoogleSheetsConnector",
    "prometheus": "connectors.prometheus:PrometheusConnector",
    "push": "connectors.push:PushConnector",
    "rest": "connectors.rest:RestConnector",
    "spark": "connectors.spark:SparkConnector",
    "sql": "connectors.sql:SqlConnector",
}

_REQUIRED = ("source_keys", "stream_keys", "columns", "extract", "check")


def connector_names() -> tuple[str, ...]:
    """Name every installed connector, sorted, without importing any."""
    return tuple(sorted({*_BUNDLED, *_plug_ins()}))


def load_connector(name: str) -> type[Connector]:
    """Import one connector class.

    A plug-in never replaces a bundled name.

    Raises:
        DeclarationError: nothing provides `name`, or what provides it cannot be imported or is no connector.
    """
    if name in _BUNDLED:
        module, _, attribute = _BUNDLED[name].partition(":")
        bundled: type[Connector] = getattr(import_module(module), attribute)
        return bundled
    plug_in = _plug_ins().get(name)
    if plug_in is None:
        raise DeclarationError(
            f"could not use connector {name!r}, because nothing installed provides it; "
            f"{nearest(name, connector_names())}"
        )
    return _load_plug_in(plug_in)


def open_connector(
    connector: str,
    source: str,
    options: Mapping[str, Any],
    workspace: Path,
    environ: Mapping[str, str] | None = None,
) -> Connector:
    """Build the connector of a source, with its environment references resolved.

    Args:
        connector: name as in `connector_names`.
        source: name of the source.
        options: the source's keys as written, `${NAME}` included.
        workspace: folder that relative paths start from.
        environ: where references are looked up; the process's environment by default.

    Raises:
        ConnectorError: the connector is unknown or its options cannot work.
    """
    resolved = resolve_options(options, source=source, environ=environ)
    return load_connector(connector)(source, resolved.options, workspace)


def _plug_ins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in _BUNDLED}


def _load_plug_in(point: EntryPoint) -> type[Connector]:
    try:
        loaded = point.load()
    except Exception as error:  # a stranger's module may fail in any way on import
        raise DeclarationError(
            f"could not use connector {point.name!r}, because its plug-in {point.value!r} failed to load "
            f"({type(error).__name__}: {error}); repair or uninstall that package"
        ) from error
    missing = ", ".join(part for part in _REQUIRED if not hasattr(loaded, part))
    if not isinstance(loaded, type) or missing:
        raise DeclarationError(
            f"could not use connector {point.name!r}, because its plug-in {point.value!r} is no connector class"
            f"{' (it lacks ' + missing + ')' if missing else ''}; see connectors/base.py"
        )
    plug_in: type[Connector] = loaded
    return plug_in
