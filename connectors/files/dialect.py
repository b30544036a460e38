"""How a delimited file is written: delimiter and header, declared or detected."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import ContentError, DeclarationError
from connectors.files.blocks import Block

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_BYTES = 64 << 10

_DATA = re.compile(r"^[+-]?[\d.,]*\d[\d.,]*%?$|^\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Header:
    """The first record.

    Attributes:
        names: column names in NFC, without surrounding spaces.
        size: bytes that it takes at the start of the first block.
    """

    names: tuple[str, ...]
    delimiter: str
    size: int


def declared_delimiter(options: Mapping[str, Any]) -> str | None:
    """Return the declared delimiter.

    Raises:
        DeclarationError: it is not one character.
    """
    delimiter = options.get("delimiter")
    delimiter = {"tab": "\t", "\\t": "\t"}.get(str(delimiter), delimiter)
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or not delimiter.isascii()):
        raise DeclarationError(f"could not use delimiter {delimiter!r}, because it is not one ASCII character")
    return delimiter


def read_header(block: Block, delimiter: str | None) -> Header:
    """Read the first record of a file, its delimiter detected when None.

    Raises:
        ContentError: there is none, a name is missing or repeated, it looks like data, or the delimiter is not clear.
    """
    leading = len(block.data) - len(block.data.lstrip(b"\r\n"))
    if not block.data.strip():
        raise ContentError("could not read the file, because it is an empty file; fetch it again", file=block.label)
    sample = block.data[leading : leading + SAMPLE_BYTES]
    used = delimiter or _detect(_records(sample, whole=len(sample) == len(block.data) - leading), block, leading)
    first = next(csv.reader(_lines(sample), delimiter=used))
    names = tuple(unicodedata.normalize("NFC", name).strip() for name in first)
    line = block.line_at(leading)
    refuse_names(names, block.label, line)
    return Header(names, used, leading + _record_size(block.data[leading:]))


def _lines(sample: bytes) -> list[str]:
    return sample.decode(errors="ignore").splitlines(keepends=True)


def _records(sample: bytes, *, whole: bool) -> list[bytes]:
    size, records = 0, []
    while size < len(sample) and (length := _record_size(sample[size:])):
        records.append(sample[size : size + length])
        size += length
    return [record for record in (records if whole else records[:-1] or records) if record.strip()]


def _record_size(data: bytes) -> int:
    end = data.find(b"\n") + 1
    while end and data.count(b'"', 0, end) % 2:
        end = data.find(b"\n", end) + 1
    return end or len(data)


def _detect(records: Sequence[bytes], block: Block, leading: int) -> str:
    counts = {delimiter: [_fields(record, delimiter) for record in records] for delimiter in DELIMITERS}
    several = {delimiter: found for delimiter, found in counts.items() if found[0] > 1}
    regular = [delimiter for delimiter, found in several.items() if len(set(found)) == 1]
    if len(regular) == 1:
        return regular[0]
    if len(regular) > 1:
        raise ContentError(
            f"could not tell the delimiter, because {' and '.join(DELIMITERS[each] for each in regular)} fit equally; "
            f'declare it, such as delimiter: "{regular[0]}"',
            file=block.label,
            line=block.line_at(leading),
        )
    # A ragged file: the header's most frequent delimiter, so that the error names the record at fault.
    return max(several, key=lambda delimiter: several[delimiter][0], default=",")


def _fields(record: bytes, delimiter: str) -> int:
    return len(next(csv.reader(_lines(record), delimiter=delimiter), []))


def refuse_names(names: Sequence[str], label: str, line: int) -> None:
    """Refuse a header whose names are missing, repeated, or look like data.

    Raises:
        ContentError: it is such a header; the message names the line.
    """
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if not name:
            raise ContentError(
                f"could not read the header, because column {number} has no name; name it", file=label, line=line
            )
        if name.casefold() in seen:
            raise ContentError(
                f"could not read the header, because column {name!r} is repeated; rename one of the two",
                file=label,
                line=line,
                column=name,
            )
        seen.add(name.casefold())
    if all(_DATA.match(name) for name in names):
        raise ContentError(
            f"could not read the header, because the first record looks like data ({', '.join(names[:3])}); add a line "
            f"with the columns' names",
            file=label,
            line=line,
        )
