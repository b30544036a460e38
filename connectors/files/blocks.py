"""A text file in blocks of whole records, each proven to be well quoted, with physical line numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from connectors.errors import ContentError
from connectors.files.encoding import text_of

RECORD_LIMIT = 16 << 20
FIELD_LIMIT = 1 << 20

_LF, _CR, _QUOTE = 10, 13, 34


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records as UTF-8 bytes.

    Attributes:
        line: physical line, from 1, that the block starts at.
    """

    data: bytes
    line: int
    label: str

    def line_at(self, offset: int) -> int:
        """Return the physical line of a byte."""
        return self.line + self.data.count(b"\n", 0, offset)


def cut_blocks(chunks: Iterable[bytes], label: str, *, quoted: bool = True) -> Iterator[Block]:
    """Cut chunks where a record ends; where records may be `quoted`, a line break inside quotes ends none.

    Raises:
        ContentError: a NUL byte, bytes that are not UTF-8, an unterminated quote, a record beyond the limit.
    """
    pending, line, carriage_returns = b"", 1, None
    for chunk in chunks:
        if carriage_returns is None:
            carriage_returns = b"\r" in chunk and b"\n" not in chunk
        pending += chunk.replace(b"\r", b"\n") if carriage_returns else chunk
        cut = _last_record_end(pending) if quoted else pending.rfind(b"\n") + 1
        if cut:
            yield _proven(pending[:cut], label, line)
            line += pending.count(b"\n", 0, cut)
            pending = pending[cut:]
        elif len(pending) > RECORD_LIMIT:
            raise _unterminated(pending, label, line)
    if pending:
        if quoted and pending.count(b'"') % 2:
            raise _unterminated(pending, label, line)
        yield _proven(pending if pending.endswith(b"\n") else pending + b"\n", label, line)


def check_quotes(block: Block, delimiter: str) -> None:
    """Prove that quotes stand only around whole fields, doubled inside.

    Raises:
        ContentError: a quote inside an unquoted field, or text after a closing quote.
    """
    if b'"' not in block.data:
        return
    data = np.frombuffer(block.data, np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    # A quote that closes and at once opens again is a doubled quote inside its field.
    doubled = closing[:-1] + 1 == opening[1:]
    opening, closing = opening[np.concatenate(([True], ~doubled))], closing[np.concatenate((~doubled, [True]))]
    edges = np.array([_LF, _CR, ord(delimiter)], np.uint8)
    before = data[np.maximum(opening - 1, 0)]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    bad_opening = opening[~(np.isin(before, edges) | (opening == 0))]
    bad_closing = closing[~np.isin(after, edges)]
    if len(bad_closing) and (not len(bad_opening) or bad_closing[0] < bad_opening[0]):
        opener = int(opening[np.searchsorted(closing, bad_closing[0])])
        raise ContentError(
            f"could not read the record, because the quote opened here is followed by more text where it closes (line "
            f"{block.line_at(int(bad_closing[0]))}); it may be unterminated: close it, or double quotes inside a field",
            file=block.label,
            line=block.line_at(opener),
        )
    if len(bad_opening):
        raise ContentError(
            "could not read the record, because a quote stands inside an unquoted field; quote the whole field and "
            "double the quotes inside",
            file=block.label,
            line=block.line_at(int(bad_opening[0])),
        )


class RecordIndex:
    """Where each record of a well-quoted block lies; blank lines are none."""

    def __init__(self, block: Block, delimiter: str) -> None:
        self._block = block
        data = np.frombuffer(block.data, np.uint8)
        quotes = np.flatnonzero(data == _QUOTE)
        ends = self._outside(np.flatnonzero(data == _LF), quotes)
        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts - (data[np.maximum(ends - 1, 0)] == _CR)
        filled = lengths > 0
        self._starts, self._ends = starts[filled], ends[filled]
        self._delimiters = self._outside(np.flatnonzero(data == ord(delimiter)), quotes)

    def __len__(self) -> int:
        return len(self._starts)

    def line_of(self, row: int) -> int:
        """Return the physical line on which a record starts."""
        return self._block.line_at(int(self._starts[row]))

    def first_ragged(self, fields: int) -> tuple[int, int] | None:
        """Return line and field count of the first record without exactly `fields` fields."""
        counts = np.searchsorted(self._delimiters, self._ends) - np.searchsorted(self._delimiters, self._starts) + 1
        wrong = np.flatnonzero(counts != fields)
        return (self.line_of(int(wrong[0])), int(counts[wrong[0]])) if len(wrong) else None

    @staticmethod
    def _outside(positions: np.ndarray, quotes: np.ndarray) -> np.ndarray:
        return positions[np.searchsorted(quotes, positions) % 2 == 0] if len(quotes) else positions


def _last_record_end(data: bytes) -> int:
    """Return the offset after the last line break outside quotes, 0 when there is none."""
    end = data.rfind(b"\n") + 1
    if not end or not data.count(b'"', 0, end) % 2:
        return end
    array = np.frombuffer(data, np.uint8)
    breaks, quotes = np.flatnonzero(array == _LF), np.flatnonzero(array == _QUOTE)
    outside = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _proven(data: bytes, label: str, line: int) -> Block:
    if (nul := data.find(b"\0")) >= 0:
        raise ContentError(
            "could not read the file, because it holds a NUL byte; export it again, or declare its encoding (utf-16?)",
            file=label,
            line=line + data.count(b"\n", 0, nul),
        )
    return Block(text_of(data, label, line), line, label)


def _unterminated(pending: bytes, label: str, line: int) -> ContentError:
    opener = pending.rfind(b'"') if pending.count(b'"') % 2 else 0
    what = "a quote is unterminated" if pending.count(b'"') % 2 else f"a record is longer than {RECORD_LIMIT >> 20} MiB"
    return ContentError(
        f"could not read the record, because {what}; correct the file",
        file=label,
        line=line + pending.count(b"\n", 0, opener),
    )
