"""What stands under a key: a mapping with a `type` and that type's own keys, each known."""

from collections.abc import Collection, Mapping
from typing import Any

from connectors.errors import DeclarationError, nearest


def refuse_unknown(written: Mapping[str, Any], known: Collection[str], key: str) -> None:
    """Refuse keys that mean nothing.

    Raises:
        DeclarationError: one is unknown; names the nearest.
    """
    for name in written:
        if name not in known:
            raise DeclarationError(f"could not use {key}, because its key {name!r} is unknown; {nearest(name, known)}")


def mapping_of(written: Any, key: str) -> Mapping[str, Any]:
    """Return a mapping; a word alone is its `type`.

    Raises:
        DeclarationError: it is neither.
    """
    if isinstance(written, str):
        return {"type": written}
    if not isinstance(written, Mapping):
        raise DeclarationError(f"could not use {key}, because it is no mapping; write {key}: {{type: ...}}")
    return written


def typed_choice(written: Any, kinds: Mapping[str, Collection[str]], key: str) -> tuple[str, dict[str, Any]]:
    """Return the type that a mapping names, and its other keys.

    Raises:
        DeclarationError: the type or a key is unknown.
    """
    mapping = mapping_of(written, key)
    kind = str(mapping.get("type", ""))
    if kind not in kinds:
        raise DeclarationError(f"could not use {key}, because its type {kind!r} is unknown; {nearest(kind, kinds)}")
    rest = {name: value for name, value in mapping.items() if name != "type"}
    refuse_unknown(rest, kinds[kind], key)
    return kind, rest


def required_text(written: Mapping[str, Any], name: str, key: str) -> str:
    """Return a text that must be there.

    Raises:
        DeclarationError: it is missing or empty.
    """
    value = written.get(name)
    if not isinstance(value, str) or not value:
        raise DeclarationError(f"could not use {key}, because it has no {name!r}; write {key}: {{{name}: ...}}")
    return value
