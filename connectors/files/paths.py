"""Which files a stream reads, and whether they changed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.base import Stream
from connectors.errors import ContentError, DeclarationError, UnavailableError, nearest


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a stream.

    Attributes:
        label: path as a person would write it: relative to the workspace, or absolute when declared so; a member of an
            archive stands after a colon.
        size: bytes, of a member those that it has unpacked.
        stamp: size and time of modification of the file on disk.
        member: name inside the archive at `path`; None for a file of its own.
    """

    path: Path
    label: str
    size: int
    modified_ns: int
    stamp: tuple[int, int]
    member: str | None = None

    def same_stat(self, known: Mapping[str, Any]) -> bool:
        """Tell whether size and time of modification are those of an earlier load."""
        return (self.size, self.modified_ns) == (known["size"], known["modified_ns"])

    def still_the_same(self) -> bool:
        """Tell whether the file is still as it was when it was found."""
        try:
            stat = self.path.stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == self.stamp


def find_files(stream: Stream, workspace: Path) -> list[Found]:
    """Find the files that a stream's `path` names, in order of name.

    Raises:
        DeclarationError: `path` is missing or leaves the workspace without being absolute.
        ContentError: no file matches.
    """
    pattern = stream.options.get("path")
    if not isinstance(pattern, str) or not pattern:
        raise DeclarationError(
            "could not find files, because the stream has no 'path'; write one such as path: data/*.csv",
            source=stream.source,
            stream=stream.name,
        )
    root = workspace.resolve()
    absolute = Path(pattern).is_absolute()
    base = Path(Path(pattern).anchor) if absolute else root
    relative = Path(pattern).relative_to(base) if absolute else Path(pattern)
    matches = sorted(path for path in base.glob(str(relative)) if path.is_file()) if relative.parts else []
    if not absolute and (".." in relative.parts or any(not path.resolve().is_relative_to(root) for path in matches)):
        raise DeclarationError(
            f"could not use path {pattern!r}, because it leaves the workspace; write the absolute path if you mean it",
            source=stream.source,
            stream=stream.name,
        )
    if not matches:
        raise ContentError(_no_match(pattern, base / relative), source=stream.source, stream=stream.name, file=pattern)
    return [_found(path, str(path) if absolute else str(path.relative_to(root)), stream) for path in matches]


def _found(path: Path, label: str, stream: Stream) -> Found:
    if not os.access(path, os.R_OK):
        raise UnavailableError(
            "could not open the file, because reading it is not permitted; let the user that runs the sync read it",
            source=stream.source,
            stream=stream.name,
            file=label,
        )
    stat = path.stat()
    return Found(path, label, stat.st_size, stat.st_mtime_ns, (stat.st_size, stat.st_mtime_ns))


def _no_match(pattern: str, path: Path) -> str:
    folder = path.parent
    if not any(letter in str(folder) for letter in "*?[") and folder.is_dir():
        siblings = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
        return f"could not find a file, because none matches {pattern!r}; {nearest(path.name, siblings)}"
    return f"could not find a file, because none matches {pattern!r}; check the folder's name"
