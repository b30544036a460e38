"""JSON, strictly: no NaN, no repeated keys, numbers exactly as written; its objects as blocks of text."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn
from unicodedata import normalize

import pyarrow as pa

from connectors.errors import ContentError, shortened
from connectors.exact.observe import Form
from connectors.exact.text import TextBlock

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


def block_of_rows(rows: Sequence[Any], label: str, line_of: Callable[[int], int]) -> TextBlock:
    """Turn decoded objects into columns of text.

    Raises:
        ContentError: a row is no object, or a column's values are of different JSON types.
    """
    names: dict[str, None] = {}
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ContentError(
                f"could not read a row, because {shortened(written(row))} is no object; correct the source",
                file=label,
                line=line_of(index),
            )
        names |= dict.fromkeys(row)
    columns, forms = {}, {}
    for name in names:
        forms[name], columns[name] = _column(name, [row.get(name) for row in rows], label, line_of)
    return TextBlock(label, columns, forms, line_of, len(rows))


def written(value: Any) -> str:
    """Write a value as JSON again, its numbers as they stood."""
    if isinstance(value, JsonNumber):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _column(name: str, values: list[Any], label: str, line_of: Callable[[int], int]) -> tuple[Form, pa.Array]:
    form: Form = "any"
    texts: list[str | None] = []
    for index, value in enumerate(values):
        if value is None:
            texts.append(None)
            continue
        found = _form(value)
        form = found if form == "any" else form
        if found != form:
            raise ContentError(
                f"could not read {shortened(written(value))} in row {index + 1}, because it is a {found} where "
                f"{form}s stand before; make every value of a column the same JSON type, or null",
                file=label,
                line=line_of(index),
                column=name,
            )
        texts.append(value if found == "string" else written(value))
        if found == "nested" and _SURROGATE.search(str(texts[-1])):
            raise ContentError(
                "could not read a value, because its text holds half a surrogate pair; correct the source",
                file=label,
                line=line_of(index),
                column=name,
            )
    return form, pa.array(texts, pa.string())


def _form(value: Any) -> Form:
    if isinstance(value, JsonNumber):
        return "number"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "nested"


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in pairs:
        name = normalize("NFC", key)
        if name in row:
            raise ValueError(f"key {name!r} is repeated")
        if _SURROGATE.search(name) or (isinstance(value, str) and _SURROGATE.search(value)):
            raise ValueError(f"key {name!r} or its text holds half a surrogate pair")
        row[name] = normalize("NFC", value) if type(value) is str else value
    return row


_DECODER = json.JSONDecoder(
    parse_float=JsonNumber, parse_int=JsonNumber, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
)
