"""Bytes of a file as they are meant: unpacked within limits, and refused when they are plainly something else."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from connectors.errors import ContentError
from connectors.files.paths import Found

UNPACKED_LIMIT = 8 << 30
RATIO_LIMIT = 100
RATIO_FROM = 4 << 20

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save it as CSV"),
    (b"%PDF", "a PDF document", "export the data as CSV"),
    (b"PAR1", "a Parquet file", "name it .parquet or write format: parquet"),
    (b"SQLite format 3\0", "a SQLite database", "read it with type: sql"),
)


class Unpacked(io.RawIOBase):
    """Reads gzip, and stops when it grows beyond what an honest file would."""

    def __init__(self, packed: BinaryIO, label: str) -> None:
        super().__init__()
        self._packed, self._label = packed, label
        self._plain = gzip.GzipFile(fileobj=packed)
        self._size = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read some bytes.

        Raises:
            ContentError: the data are damaged, or grow beyond the limits.
        """
        try:
            chunk = self._plain.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ContentError(
                f"could not unpack the file, because its gzip data are damaged ({error}); fetch it again",
                file=self._label,
            ) from None
        self._size += len(chunk)
        ratio = self._size / max(self._packed.tell(), 1)
        if self._size > UNPACKED_LIMIT or (self._size > RATIO_FROM and ratio > RATIO_LIMIT):
            raise ContentError(
                f"could not unpack the file, because it grows beyond the limit ({self._size >> 20} MiB so far, "
                f"{ratio:.0f} times its packed size, allowed is {RATIO_LIMIT}); unpack it by hand if you trust it",
                file=self._label,
            )
        return chunk


@contextmanager
def opened(found: Found) -> Iterator[BinaryIO]:
    """Open a file for reading, gzip unpacked.

    Raises:
        ContentError: the file is empty.
    """
    if found.size == 0:
        raise ContentError("could not read the file, because it is an empty file; fetch it again", file=found.label)
    with found.path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        yield cast("BinaryIO", Unpacked(raw, found.label)) if packed else raw


def refuse_other_formats(head: bytes, label: str, expected: str) -> None:
    """Refuse a file whose first bytes say that it is no `expected`.

    Raises:
        ContentError: it looks like HTML, an archive or another binary format.
    """
    for signature, what, remedy in _SIGNATURES:
        if head.startswith(signature):
            raise ContentError(
                f"could not read the file as {expected}, because it has the zip signature of {what}; {remedy}"
                if signature.startswith(b"PK")
                else f"could not read the file as {expected}, because it is {what}; {remedy}",
                file=label,
            )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise ContentError(
            f"could not read the file as {expected}, because it looks like HTML, perhaps a login or error page; "
            f"fetch the file again",
            file=label,
            line=1,
        )
