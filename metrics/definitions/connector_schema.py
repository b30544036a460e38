"""The keys that each connector accepts, written into the JSON Schema of `quarterline.yaml`."""

from collections.abc import Collection, Mapping
from typing import Any

from connectors.errors import ConnectorError
from connectors.registry import connector_names, load_connector

_Schema = dict[str, Any]


def add_connectors(source: _Schema) -> None:
    """Let the schema of a source say, by its type, which keys it and its streams have."""
    names = connector_names()
    stream = source["properties"]["streams"]["additionalProperties"]
    source["properties"]["type"]["examples"] = list(names)
    source["allOf"] = [
        rule for name in names if (rule := _rule(name, source["properties"], stream["properties"])) is not None
    ]


def _rule(name: str, source: Mapping[str, Any], stream: Mapping[str, Any]) -> _Schema | None:
    try:
        connector = load_connector(name)
    except ConnectorError:  # a plug-in that is broken has no keys to complete
        return None
    nested: Mapping[str, Collection[str]] = getattr(connector, "nested_keys", {})
    streams = _keys({*stream, *connector.stream_keys}, connector.stream_keys, nested)
    entry = _keys({*source, *connector.source_keys}, connector.source_keys, nested)
    entry["properties"]["streams"] = {"additionalProperties": streams}
    return {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": entry}


def _keys(allowed: Collection[str], own: Collection[str], nested: Mapping[str, Collection[str]]) -> _Schema:
    return {
        "propertyNames": {"enum": sorted(allowed)},
        "properties": {
            key: {"if": {"type": "object"}, "then": {"propertyNames": {"enum": sorted(nested[key])}}}
            if key in nested
            else {}
            for key in sorted(own)
        },
    }
