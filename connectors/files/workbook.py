"""A workbook as the zip archive that it is: its size when unpacked, and the error cells that reading it hides."""

import re
import zipfile
from collections.abc import Callable
from xml.etree.ElementTree import ParseError

from connectors.errors import ContentError
from connectors.files.opening import RATIO_FROM, RATIO_LIMIT
from connectors.files.paths import Found

WORKBOOK_LIMIT = 1 << 30
_ERROR_CELL = re.compile(rb"<c\b[^>]*\bt=\"e\"")


def refuse_unpackable(found: Found) -> None:
    """Refuse a workbook that grows beyond what an honest one would.

    Reading it through proves what its directory says of sizes.

    Raises:
        ContentError: it grows too far, or is damaged.
    """
    if not zipfile.is_zipfile(found.path):
        return  # an old workbook is not packed
    try:
        with zipfile.ZipFile(found.path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            ratio = unpacked / max(found.size, 1)
            if unpacked > WORKBOOK_LIMIT or (unpacked > RATIO_FROM and ratio > RATIO_LIMIT):
                raise ContentError(
                    f"could not open the workbook, because it grows beyond the limit ({unpacked >> 20} MiB, "
                    f"{ratio:.0f} times its packed size, allowed is {RATIO_LIMIT}); save it as CSV if you trust it",
                    file=found.label,
                )
            wrong = archive.testzip()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        wrong = str(error)
    if wrong is not None:
        raise ContentError(
            f"could not open the workbook, because it is damaged ({wrong}); save it again", file=found.label
        )


def error_cells(found: Found, sheet: str) -> int:
    """Count the cells of an .xlsx sheet that hold an error, which reading gives as empty."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - as calamine: only workbooks need it

    if not zipfile.is_zipfile(found.path):
        return 0
    with zipfile.ZipFile(found.path) as archive:
        try:
            book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat refuses expansion bombs
            links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
            ids = {
                each.get("name"): value
                for each in book.iter()
                if each.tag.endswith("}sheet")
                for key, value in each.attrib.items()
                if key.endswith("}id")
            }
            targets = {each.get("Id"): str(each.get("Target")) for each in links}
            target = targets[ids[sheet]].removeprefix("/").removeprefix("xl/")
            with archive.open(f"xl/{target}") as file:
                return _count_errors(file.read)
        except (KeyError, ParseError):
            return 0


def _count_errors(read: Callable[[int], bytes]) -> int:
    count, rest = 0, b""
    while chunk := read(1 << 20):
        data = rest + chunk
        cut = data.rfind(b"<c")
        count += len(_ERROR_CELL.findall(data[:cut] if cut > 0 else data))
        rest = data[cut:] if cut > 0 else b""
    return count + len(_ERROR_CELL.findall(rest))
