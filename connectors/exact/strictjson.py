"""JSON, strictly: no NaN, no repeated keys, no half characters, numbers exactly as they are written."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from unicodedata import normalize

DEPTH_LIMIT = 64

_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonNumber(str):
    """The text of a JSON number."""

    __slots__ = ()


def skip_space(text: str, position: int) -> int:
    """Return the position of the next character that is no white space."""
    found = _SPACE.match(text, position)
    return found.end() if found else position


def decode_at(text: str, position: int) -> tuple[Any, int]:
    """Read one JSON value; gives it, and where it ends.

    Raises:
        ValueError: it is not strict JSON; the text says why, as what follows "because".
    """
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')} at character {error.pos + 1}"
        raise ValueError(reason) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value, end


def decode(text: str) -> Any:
    """Read a whole JSON document; errors as of `decode_at`."""
    value, end = decode_at(text, skip_space(text, 0))
    end = skip_space(text, end)
    if end < len(text):
        raise ValueError(f"there is more text after the document at character {end + 1}")
    refuse_depth(value)
    return value


def refuse_depth(value: Any) -> None:
    """Refuse what is nested beyond any honest record.

    Raises:
        ValueError: it is nested too deeply.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise ValueError(f"it is nested more than {DEPTH_LIMIT} levels deep")
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]


def written(value: Any) -> str:
    """Write a value as JSON again, its numbers as they stood and its keys in order, so that equal objects are equal."""
    if isinstance(value, JsonNumber):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(key)}: {written(value[key])}" for key in sorted(value)) + "}"
    return json.dumps(value, ensure_ascii=False)


def has_half_character(text: str) -> bool:
    """Tell whether a text holds half a surrogate pair, which no encoding writes."""
    return _SURROGATE.search(text) is not None


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in pairs:
        name = normalize("NFC", key)
        if name in row:
            raise ValueError(f"key {name!r} is repeated")
        if has_half_character(name) or (isinstance(value, str) and has_half_character(value)):
            raise ValueError(f"key {name!r} or its text holds half a surrogate pair")
        row[name] = normalize("NFC", value) if type(value) is str else value
    return row


_DECODER = json.JSONDecoder(
    parse_float=JsonNumber, parse_int=JsonNumber, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
)
