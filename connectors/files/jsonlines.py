"""JSON lines and JSON arrays of objects, strictly: no NaN, no repeated keys, numbers exactly as written."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, NoReturn
from unicodedata import normalize

import pyarrow as pa

from connectors.base import Stream
from connectors.errors import ContentError, shortened
from connectors.files.blocks import Block, cut_blocks
from connectors.files.encoding import Rejoined, detect_encoding, known_encoding, text_of, utf8_chunks
from connectors.files.observe import Form
from connectors.files.opening import opened, refuse_other_formats
from connectors.files.paths import Found
from connectors.files.text import TextBlock

_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")

ARRAY_LIMIT = 256 << 20
ARRAY_ROWS = 50_000


class _Number(str):
    """The text of a JSON number."""

    __slots__ = ()


class JsonFormat:
    """Reads one object per line, or one array of objects."""

    every_row_has_every_column: ClassVar[bool] = False

    def __init__(self, stream: Stream, _pinned: Mapping[str, Any]) -> None:
        """Take the declared encoding; JSON is UTF-8 otherwise."""
        self._declared_lines = stream.options.get("format") in {"jsonl", "ndjson"}
        declared = stream.options.get("encoding")
        self._encoding = None if declared is None else known_encoding(str(declared))
        self._columns: dict[str, dict[str, None]] = {}

    def jobs(self, found: Found) -> Iterator[Callable[[], TextBlock]]:
        """Yield the file's blocks."""
        with opened(found) as file:
            head = file.read(4096)
            refuse_other_formats(head, found.label, "JSON")
            self._columns[found.label] = {}
            chunks = utf8_chunks(Rejoined(head, file), self._encoding or detect_encoding(head), found.label)
            if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
                yield from self._array(b"".join(_bounded(chunks, found.label)), found)
                return
            for block in cut_blocks(chunks, found.label, quoted=False):
                _refuse_lone_object(block, found, self._declared_lines)
                yield partial(self._lines, block)

    def columns_of(self, found: Found) -> tuple[str, ...]:
        """Return the keys seen in the file."""
        return tuple(self._columns[found.label])

    def facts_to_state(self) -> dict[str, Any]:
        """Pin nothing: JSON says what its values are."""
        return {}

    def notes(self) -> list[str]:
        """Nothing is detected."""
        return []

    def _lines(self, block: Block) -> TextBlock:
        rows, lines = [], []
        for number, line in enumerate(block.data.split(b"\n"), start=block.line):
            if line.strip():
                rows.append(_line(line.decode(), block.label, number))
                lines.append(number)
        return self._block(rows, block.label, lines.__getitem__)

    def _array(self, data: bytes, found: Found) -> Iterator[Callable[[], TextBlock]]:
        text = text_of(data, found.label, 1).decode()
        rows: list[Any] = []
        lines: list[int] = []
        for row, line in _elements(text, found.label):
            rows.append(row)
            lines.append(line)
            if len(rows) == ARRAY_ROWS:
                yield partial(self._block, rows, found.label, lines.__getitem__)
                rows, lines = [], []
        if rows:
            yield partial(self._block, rows, found.label, lines.__getitem__)

    def _block(self, rows: list[Any], label: str, line_of: Callable[[int], int]) -> TextBlock:
        names: dict[str, None] = {}
        for index, row in enumerate(rows):
            if not isinstance(row, dict):
                raise ContentError(
                    "could not read a row, because it is no object; correct the file",
                    file=label,
                    line=line_of(index),
                )
            names |= dict.fromkeys(row)
        self._columns[label] |= names
        columns, forms = {}, {}
        for name in names:
            forms[name], columns[name] = _column(name, [row.get(name) for row in rows], label, line_of)
        return TextBlock(label, columns, forms, line_of, len(rows))


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
                f"could not read {shortened(_written(value))} in row {index + 1}, because it is a {found} where "
                f"{form}s stand before; make every value of a column the same JSON type, or null",
                file=label,
                line=line_of(index),
                column=name,
            )
        texts.append(value if found == "string" else _written(value))
    return form, pa.array(texts, pa.string())


def _form(value: Any) -> Form:
    if isinstance(value, _Number):
        return "number"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "nested"


def _written(value: Any) -> str:
    """Write a value as JSON again, its numbers as they stood."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_written(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _refuse_lone_object(block: Block, found: Found, declared: bool) -> None:  # noqa: FBT001 - one caller
    """Refuse a `.json` file of one object: an error message of a web service looks like that."""
    alone = block.line == 1 and block.data.strip().count(b"\n") == 0
    if alone and not declared and found.label.removesuffix(".gz").endswith(".json"):
        raise ContentError(
            f"could not read the file, because it holds one object ({shortened(block.data.decode().strip())}) and no "
            f"array of records; fetch it again, or declare format: jsonl if that is one row",
            file=found.label,
            line=1,
        )


def _elements(text: str, label: str) -> Iterator[tuple[Any, int]]:
    """Yield each element of an array with its physical line."""
    position, line, counted = _skip(text, text.index("[") + 1), 1, 0
    if text[position : position + 1] == "]":
        position += 1
    else:
        while True:
            line, counted = line + text.count("\n", counted, position), position
            value, position = _decoded(text, position, label, line)
            yield value, line
            position = _skip(text, position)
            if text[position : position + 1] != ",":
                break
            position = _skip(text, position + 1)
        if text[position : position + 1] != "]":
            raise _refusal(f"the array is not closed at character {position + 1}", label, line)
        position += 1
    if text[position:].strip():
        raise _refusal(f"there is more text after the array at character {position + 1}", label, line)


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _decoded(text: str, position: int, label: str, line: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')} at character {error.pos + 1}"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as error:
        reason = str(error)
    raise _refusal(reason, label, line)


def _line(text: str, label: str, line: int) -> Any:
    start = _skip(text, 0)
    value, end = _decoded(text, start, label, line)
    if text[end:].strip():
        raise _refusal(f"there is more text after the object at character {end + 1}", label, line)
    return value


def _refusal(reason: str, label: str, line: int) -> ContentError:
    return ContentError(
        f"could not read JSON, because {reason}; correct the file or fetch it again", file=label, line=line
    )


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


def _bounded(chunks: Iterator[bytes], label: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > ARRAY_LIMIT:
            raise ContentError(
                f"could not read the file, because a JSON array may have {ARRAY_LIMIT >> 20} MiB; write it as JSON "
                f"lines, one object per line",
                file=label,
            )
        yield chunk


_DECODER = json.JSONDecoder(
    parse_float=_Number, parse_int=_Number, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
)
