"""Zip archives: which of their members are data, and why some are refused; nothing is ever written to disk."""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from connectors.errors import ContentError
from connectors.files.paths import Found

MEMBERS_LIMIT = 1000
_ENCRYPTED = 0x1


@contextmanager
def archive_of(found: Found) -> Iterator[zipfile.ZipFile]:
    """Open an archive for reading.

    Raises:
        ContentError: it is no zip archive, or its directory is damaged.
    """
    try:
        with zipfile.ZipFile(found.path) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ContentError(
            f"could not open the archive, because it is damaged or of an unknown kind ({error}); fetch it again",
            file=found.label,
        ) from None


def members_of(found: Found, pattern: str | None) -> list[Found]:
    """List the data files inside an archive, in order of name.

    Args:
        found: the archive.
        pattern: which members to read, such as `*.csv`; all of them when None.

    Raises:
        ContentError: a name leads outside the archive, a member is encrypted or a link, there are too many, or none.
    """
    with archive_of(found) as archive:
        listed = archive.infolist()
    if len(listed) > MEMBERS_LIMIT:
        raise ContentError(
            f"could not read the archive, because it has {len(listed):,} entries and {MEMBERS_LIMIT:,} are allowed; "
            f"unpack it and name the files",
            file=found.label,
        )
    for entry in listed:
        _refuse_unsafe(entry, found.label)
    chosen = [entry for entry in listed if _is_data(entry) and fnmatchcase(entry.filename, pattern or "*")]
    if not chosen:
        raise ContentError(
            f"could not find a file in the archive, because none of its {len(listed)} entries matches "
            f"{pattern or '*'!r}; correct member:",
            file=found.label,
        )
    named = sorted(chosen, key=lambda entry: entry.filename)
    return [
        replace(found, label=f"{found.label}:{entry.filename}", size=entry.file_size, member=entry.filename)
        for entry in named
    ]


def _refuse_unsafe(entry: zipfile.ZipInfo, label: str) -> None:
    # `orig_filename` is what the archive says, before zipfile cuts and mends it.
    raw = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(raw)
    if "\0" in raw or path.is_absolute() or ".." in path.parts or raw[1:2] == ":":
        why = f"entry {raw[:80]!r} has a path that leads outside of it"
    elif stat.S_ISLNK(entry.external_attr >> 16):
        why = f"entry {raw[:80]!r} is a link"
    elif entry.flag_bits & _ENCRYPTED:
        why = f"entry {raw[:80]!r} is encrypted"
    else:
        return
    raise ContentError(f"could not read the archive, because {why}; make it anew with plain files", file=label)


def _is_data(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not entry.is_dir() and not hidden
