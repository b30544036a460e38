"""CSV: strict, in blocks, with the exact line looked for only when something is wrong."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from connectors.base import Stream
from connectors.errors import ContentError
from connectors.exact.text import TextBlock
from connectors.files.blocks import FIELD_LIMIT, Block, RecordIndex, check_quotes, cut_blocks
from connectors.files.dialect import DELIMITERS, Header, declared_delimiter, read_header
from connectors.files.encoding import Rejoined, detect_encoding, known_encoding, utf8_chunks
from connectors.files.opening import opened, refuse_other_formats
from connectors.files.paths import Found

_HEAD_BYTES = 4096


class DelimitedFormat:
    """Reads delimited text; delimiter and encoding are detected once, then pinned."""

    every_row_has_every_column: ClassVar[bool] = True

    def __init__(self, stream: Stream, pinned: Mapping[str, Any]) -> None:
        """Take what is declared, else what an earlier load pinned.

        Raises:
            DeclarationError: a declared encoding, delimiter or null value cannot be used.
        """
        declared = stream.options.get("encoding")
        self._encoding = None if declared is None else known_encoding(str(declared))
        self._declared_delimiter = declared_delimiter(stream.options)
        self._delimiter = self._declared_delimiter or pinned.get("delimiter")
        nulls = stream.options.get("null_values", ())
        self._nulls = ["", *([nulls] if isinstance(nulls, str) else map(str, nulls))]
        self._detected_encoding: str | None = None
        self._headers: dict[str, tuple[str, ...]] = {}

    def jobs(self, found: Found) -> Iterator[Callable[[], TextBlock]]:
        """Yield the file's blocks."""
        with opened(found) as file:
            head = file.read(_HEAD_BYTES)
            refuse_other_formats(head, found.label, "CSV")
            encoding = self._encoding or detect_encoding(head)
            self._detected_encoding = self._detected_encoding or encoding
            chunks = utf8_chunks(Rejoined(head, file), encoding, found.label)
            header: Header | None = None
            for block in cut_blocks(chunks, found.label):
                body = block
                if header is None:
                    header = read_header(block, self._delimiter)
                    self._delimiter = self._delimiter or header.delimiter
                    self._headers[found.label] = header.names
                    body = Block(block.data[header.size :], block.line_at(header.size), block.label)
                yield partial(self._parse, body, header)
            if header is None:
                raise ContentError(
                    "could not read the file, because it is an empty file; fetch it again", file=found.label
                )

    def columns_of(self, found: Found) -> tuple[str, ...]:
        """Return the header's names."""
        return self._headers[found.label]

    def facts_to_state(self) -> dict[str, Any]:
        """Return encoding and delimiter."""
        return {"encoding": self._encoding or self._detected_encoding, "delimiter": self._delimiter}

    def notes(self) -> list[str]:
        """Say what was detected rather than declared."""
        said = []
        if self._encoding is None and self._detected_encoding:
            said.append(f"encoding detected: {self._detected_encoding}")
        if self._declared_delimiter is None and self._delimiter:
            said.append(f"delimiter detected: {DELIMITERS.get(self._delimiter, repr(self._delimiter))}")
        return said

    def _parse(self, block: Block, header: Header) -> TextBlock:
        check_quotes(block, header.delimiter)
        names = list(map(str, range(len(header.names))))
        if not block.data.strip(b"\r\n"):
            empty = pa.array([], pa.string())
            return TextBlock(block.label, dict.fromkeys(header.names, empty), {}, block.line_at, 0)
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(block.data),
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names, block_size=len(block.data) + 1, use_threads=False
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=header.delimiter, newlines_in_values=b'"' in block.data
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=self._nulls,
                    strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise _refusal(block, header, error) from None
        columns = [column.combine_chunks() for column in table.columns]
        index = partial(_line_of, block, header.delimiter)
        _refuse_long_fields(columns, header, block)
        return TextBlock(block.label, dict(zip(header.names, columns, strict=True)), {}, index, table.num_rows)


def _line_of(block: Block, delimiter: str, row: int) -> int:
    return RecordIndex(block, delimiter).line_of(row)


def _refuse_long_fields(columns: list[pa.Array], header: Header, block: Block) -> None:
    for name, column in zip(header.names, columns, strict=True):
        lengths = pc.binary_length(column)
        longest = pc.max(lengths).as_py()
        if longest is not None and longest > FIELD_LIMIT:
            row = pc.index(lengths, longest).as_py()
            raise ContentError(
                f"could not read a field, because its {longest:,} bytes are over the limit of {FIELD_LIMIT:,}; check "
                f"that no quote is missing, or shorten it",
                file=block.label,
                line=_line_of(block, header.delimiter, row),
                column=name,
            )


def _refusal(block: Block, header: Header, error: pa.ArrowInvalid) -> ContentError:
    ragged = RecordIndex(block, header.delimiter).first_ragged(len(header.names))
    if ragged is None:
        return ContentError(
            f"could not read the records from here on, because of {str(error).splitlines()[0][:200]}; correct the file",
            file=block.label,
            line=block.line,
        )
    line, fields = ragged
    return ContentError(
        f"could not read the record, because it has {fields} fields and the header has {len(header.names)}; correct "
        f"that line, or declare delimiter:",
        file=block.label,
        line=line,
    )
