"""Bytes of a file as they are meant: unpacked within limits, and refused when they are plainly something else."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from connectors.errors import ContentError
from connectors.files.archives import archive_of
from connectors.files.encoding import Rejoined
from connectors.files.paths import Found

UNPACKED_LIMIT = 8 << 30
RATIO_LIMIT = 100
RATIO_FROM = 4 << 20
_HASH_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "name it .zip or .xlsx if it is one"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "name it .xls, or save it as CSV"),
    (b"%PDF", "a PDF document", "export the data as CSV"),
    (b"PAR1", "a Parquet file", "name it .parquet or write format: parquet"),
    (b"SQLite format 3\0", "a SQLite database", "read it with type: sql"),
)


class Unpacked(io.RawIOBase):
    """Reads packed data, and stops when they grow beyond what an honest file would."""

    def __init__(self, plain: BinaryIO, kind: str, packed_bytes: Callable[[], int], label: str) -> None:
        """Wrap `plain`, a stream that unpacks as it is read.

        Args:
            kind: how it is packed, for messages.
            packed_bytes: gives how many packed bytes stand behind what was read.
        """
        super().__init__()
        self._plain, self._kind, self._packed_bytes, self._label = plain, kind, packed_bytes, label
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
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise ContentError(
                f"could not unpack the file, because its {self._kind} data are damaged ({error}); fetch it again",
                file=self._label,
            ) from None
        self._size += len(chunk)
        ratio = self._size / max(self._packed_bytes(), 1)
        if self._size > UNPACKED_LIMIT or (self._size > RATIO_FROM and ratio > RATIO_LIMIT):
            raise ContentError(
                f"could not unpack the file, because it grows beyond the limit ({self._size >> 20} MiB so far, "
                f"{ratio:.0f} times its packed size, allowed is {RATIO_LIMIT}); unpack it by hand if you trust it",
                file=self._label,
            )
        return chunk


@contextmanager
def opened(found: Found) -> Iterator[BinaryIO]:
    """Open a file for reading, gzip and zip unpacked.

    Raises:
        ContentError: the file is empty.
    """
    if found.size == 0:
        raise ContentError("could not read the file, because it is an empty file; fetch it again", file=found.label)
    with _stored(found) as raw:
        head = raw.read(len(_GZIP))
        rest = cast("BinaryIO", Rejoined(head, raw))
        if head != _GZIP:
            yield rest
        else:
            counted = _Counted(rest)
            plain = gzip.GzipFile(fileobj=cast("BinaryIO", counted))
            yield cast("BinaryIO", Unpacked(cast("BinaryIO", plain), "gzip", lambda: counted.bytes, found.label))


@contextmanager
def _stored(found: Found) -> Iterator[BinaryIO]:
    """Open the bytes that are stored: a file's own, or those of an archive's member within limits."""
    if found.member is None:
        with found.path.open("rb") as raw:
            yield raw
        return
    with archive_of(found) as archive, archive.open(found.member) as plain:
        packed = archive.getinfo(found.member).compress_size
        yield cast("BinaryIO", Unpacked(cast("BinaryIO", plain), "zip", lambda: packed, found.label))


class _Counted(io.RawIOBase):
    """Counts the bytes that were read."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream, self.bytes = stream, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.bytes += len(chunk)
        return chunk


def hash_file(found: Found) -> str:
    """Return the SHA-256 of a file's stored bytes, as hex; of an archive's member, of what it holds."""
    digest = hashlib.sha256()
    with _stored(found) as file:
        while chunk := file.read(_HASH_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def begins_with_lines(found: Found, size: int, digest: str) -> bool:
    """Tell whether a file's first `size` bytes are whole lines and have that SHA-256."""
    hashed, left, last = hashlib.sha256(), size, b""
    with _stored(found) as file:
        while left and (chunk := file.read(min(left, _HASH_BYTES))):
            hashed.update(chunk)
            left, last = left - len(chunk), chunk[-1:]
    return last == b"\n" and hashed.hexdigest() == digest


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
