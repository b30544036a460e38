"""Bytes of any declared or detected encoding to UTF-8 text in NFC."""

import codecs
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from connectors.errors import ContentError, DeclarationError

CHUNK_BYTES = 4 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Rejoined:
    """A file whose first bytes were already read."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def read(self, size: int) -> bytes:
        """Read the first bytes again, then the rest."""
        head, self._head = self._head, b""
        return head + self._file.read(size - len(head))


def known_encoding(name: str) -> str:
    """Return Python's name of a declared encoding.

    Raises:
        DeclarationError: there is no such text encoding.
    """
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        raise DeclarationError(
            f"could not use encoding {name!r}, because it is unknown; write one such as utf-8, utf-16 or windows-1258"
        ) from None


def detect_encoding(head: bytes) -> str:
    """Tell the encoding from the byte-order mark; UTF-8 without one, to be proven by reading strictly."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def utf8_chunks(file: BinaryIO | Rejoined, encoding: str, label: str) -> Iterator[bytes]:
    """Yield the file as UTF-8 bytes in chunks of some megabytes, without a byte-order mark.

    UTF-8 itself passes unchecked: whether it is valid shows where its records are cut (`text_of`).

    Raises:
        ContentError: bytes that the encoding does not have, with their line.
    """
    if encoding in {"utf-8", "utf-8-sig"}:
        first = True
        while chunk := file.read(CHUNK_BYTES):
            yield chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
            first = False
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    chunk = file.read(CHUNK_BYTES)
    while chunk:
        following = file.read(CHUNK_BYTES)
        try:
            text = decoder.decode(chunk, final=not following)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].decode(encoding, errors="ignore").count("\n")
            raise _undecodable(error, encoding, label, line) from None
        line += text.count("\n")
        yield text.encode()
        chunk = following


def text_of(block: bytes, label: str, line: int) -> bytes:
    """Prove that a block is UTF-8, and bring it to NFC, so that equal words are equal text.

    Args:
        line: physical line that the block starts at, for the error.

    Raises:
        ContentError: it is not valid UTF-8; the message names byte and line.
    """
    if block.isascii():
        return block
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        raise _undecodable(error, "utf-8", label, line + block.count(b"\n", 0, error.start)) from None
    return block if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text).encode()


def _undecodable(error: UnicodeDecodeError, encoding: str, label: str, line: int) -> ContentError:
    return ContentError(
        f"could not read the file as {encoding}, because of byte 0x{error.object[error.start]:02x}; declare its "
        f"encoding, such as encoding: windows-1258",
        file=label,
        line=line,
    )
