"""JSON lines and JSON arrays of objects, strictly: no NaN, no repeated keys, numbers exactly as written."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

from connectors.base import Stream
from connectors.errors import ContentError, shortened
from connectors.exact.jsonrows import block_of_rows
from connectors.exact.strictjson import decode_at, skip_space
from connectors.exact.text import TextBlock
from connectors.files.blocks import Block, cut_blocks
from connectors.files.encoding import Rejoined, detect_encoding, known_encoding, text_of, utf8_chunks
from connectors.files.opening import opened, refuse_other_formats
from connectors.files.paths import Found

ARRAY_LIMIT = 256 << 20
ARRAY_ROWS = 50_000


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
        block = block_of_rows(rows, label, line_of)
        self._columns[label] |= dict.fromkeys(block.columns)
        return block


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
    position, line, counted = skip_space(text, text.index("[") + 1), 1, 0
    if text[position : position + 1] == "]":
        position += 1
    else:
        while True:
            line, counted = line + text.count("\n", counted, position), position
            value, position = _decoded(text, position, label, line)
            yield value, line
            position = skip_space(text, position)
            if text[position : position + 1] != ",":
                break
            position = skip_space(text, position + 1)
        if text[position : position + 1] != "]":
            raise _refusal(f"the array is not closed at character {position + 1}", label, line)
        position += 1
    if text[position:].strip():
        raise _refusal(f"there is more text after the array at character {position + 1}", label, line)


def _decoded(text: str, position: int, label: str, line: int) -> tuple[Any, int]:
    try:
        return decode_at(text, position)
    except ValueError as error:
        raise _refusal(str(error), label, line) from None


def _line(text: str, label: str, line: int) -> Any:
    start = skip_space(text, 0)
    value, end = _decoded(text, start, label, line)
    if text[end:].strip():
        raise _refusal(f"there is more text after the object at character {end + 1}", label, line)
    return value


def _refusal(reason: str, label: str, line: int) -> ContentError:
    return ContentError(
        f"could not read JSON, because {reason}; correct the file or fetch it again", file=label, line=line
    )


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
