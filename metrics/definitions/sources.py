"""A source's own keys, as its connector declares them, and secrets kept out of files."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConnectorError
from connectors.registry import connector_names, load_connector
from connectors.secrets import is_literal_secret as has_literal_secret
from metrics.definitions.checking import Checker
from metrics.definitions.strict_yaml import Path
from metrics.errors import nearest

__all__ = ["ConnectorKeys", "check_options", "connector_keys", "has_literal_secret"]


@dataclass(frozen=True, slots=True)
class ConnectorKeys:
    """What a connector accepts in a source and in its streams.

    Attributes:
        nested: keys of the mappings that stand under a key, where they are a closed set.
        modes: what it can do: `pull` rows, or compute where they are (`pushdown`).
    """

    source: frozenset[str]
    stream: frozenset[str]
    nested: Mapping[str, Collection[str]]
    modes: tuple[str, ...] = ("pull",)


def connector_keys(checker: Checker, name: str, path: Path) -> ConnectorKeys | None:
    """Look a connector up; note a problem and return None when there is none that works."""
    names = connector_names()
    if name not in names:
        checker.note((*path, "type"), f"{name[:40]!r} is no connector{nearest(name, names)}")
        return None
    try:
        connector = load_connector(name)
    except ConnectorError as error:
        checker.note((*path, "type"), error.message)
        return None
    modes: tuple[str, ...] = ("pull",) if getattr(connector, "pulls", True) else ()
    modes += ("pushdown",) if hasattr(connector, "computing") else ()
    return ConnectorKeys(connector.source_keys, connector.stream_keys, getattr(connector, "nested_keys", {}), modes)


def check_options(
    checker: Checker,
    options: Mapping[str, Any],
    path: Path,
    *,
    known: Collection[str],
    fixed: Collection[str],
    nested: Mapping[str, Collection[str]],
) -> None:
    """Note unknown keys and secrets written out; values are never echoed, because any may be a secret."""
    for key, inner in nested.items():
        below = options.get(key)
        for name in below if isinstance(below, Mapping) else ():
            if name not in inner:
                checker.note((*path, key, name), f"unknown key{nearest(name, inner)}")
    for key in options:
        if key not in known:
            checker.note((*path, key), f"unknown key{nearest(key, {*known, *fixed})}")
    for key, value, below in _texts(options, path):
        if has_literal_secret(key, value):
            checker.note(
                below,
                "holds a secret in plain text; put it into an environment variable and write ${NAME} in its place",
            )


def _texts(value: Any, path: Path, key: str = "") -> Iterator[tuple[str, str, Path]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name), name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index), key)
    elif isinstance(value, str):
        yield key, value, path
