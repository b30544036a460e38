"""Choosing a generation that is whole, and opening it so that nothing can reach out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from metrics.errors import FactsError
from metrics.facts.files import file_hash
from metrics.facts.layout import SCHEMA, Layout, number_of
from metrics.facts.pieces import Piece, attach, damage, read_pieces
from metrics.facts.publish import Sidecar, read_sidecar

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """A verified generation, open for reading.

    Attributes:
        notices: one sentence per newer generation that was passed over.
    """

    sidecar: Sidecar
    connection: duckdb.DuckDBPyConnection
    notices: tuple[str, ...]


def current_generation(var: Path) -> str | None:
    """Give the name of the newest generation, None before the first sync; one small read, fit for polling."""
    return Layout.of(var).pointed()


def open_newest(var: Path) -> OpenGeneration:
    """Open the newest generation whose file is exactly what was published.

    Raises:
        FactsError: there is none.
    """
    layout = Layout.of(var)
    for _ in range(_ATTEMPTS):
        pointed = layout.pointed()
        notices: list[str] = []
        for generation in _candidates(layout, pointed):
            opened = _open(layout, generation)
            if isinstance(opened, OpenGeneration):
                return OpenGeneration(opened.sidecar, opened.connection, tuple(notices))
            notices.append(opened)
        if layout.pointed() == pointed:
            break
    if notices:
        raise FactsError(
            f"could not read any generation, because {notices[0].partition(', because ')[2] or 'all are damaged'}; run "
            f"`quarterline sync --full`"
        )
    raise FactsError("could not read any numbers, because nothing was synced yet; run `quarterline sync`")


def _candidates(layout: Layout, pointed: str | None) -> Iterator[str]:
    """Name the generation that `current` points to, then those before it, newest first."""
    if pointed is not None:
        yield pointed
    for generation in layout.generations():
        if pointed is None or number_of(generation) < number_of(pointed):
            yield generation


def _open(layout: Layout, generation: str) -> OpenGeneration | str:
    """Open a generation, or say in a notice why it is passed over."""
    if isinstance(found := _whole(layout, generation), str):
        return f"generation {generation} was passed over, because {found}"
    try:
        connection = duckdb.connect(str(layout.database(generation)), read_only=True, config=_CONFIG)
        stored = connection.execute(f"SELECT generation FROM {SCHEMA}.store").fetchall()
        if pieces := read_pieces(connection):
            if reason := next(filter(None, (damage(layout, each, thorough=True) for each in pieces)), None):
                connection.close()
                return f"generation {generation} was passed over, because {reason}"
            connection.close()
            connection = _open_with(layout, generation, pieces)
    except duckdb.Error as error:
        reason = " ".join(str(error).split())[:200]
        return f"generation {generation} was passed over, because it cannot be opened: {reason}"
    if stored != [(number_of(generation),)]:
        connection.close()
        return f"generation {generation} was passed over, because its file is another generation's"
    return OpenGeneration(found, connection, ())


def _open_with(layout: Layout, generation: str, pieces: Sequence[Piece]) -> duckdb.DuckDBPyConnection:
    """Open a generation that has pieces, and let nothing reach out once they are attached."""
    config = {name: value for name, value in _CONFIG.items() if name != "enable_external_access"}
    connection = duckdb.connect(str(layout.database(generation)), read_only=True, config=config)
    for piece in pieces:
        attach(connection, layout, piece)
    connection.execute("SET enable_external_access = false")
    return connection


def _whole(layout: Layout, generation: str) -> Sidecar | str:
    path = layout.database(generation)
    sidecar = read_sidecar(layout, generation)
    try:
        size = path.stat().st_size
        if sidecar is None:
            return "its size and hash are not known"
        if path.with_name(f"{path.name}.wal").exists():
            return "a write-ahead log lies beside it, which would change what it says"
        if size != sidecar.size:
            return f"its file has {size:,} bytes instead of {sidecar.size:,}"
        return sidecar if file_hash(path) == sidecar.sha256 else "its file was changed after it was published"
    except FileNotFoundError:
        return "its file is missing"
    except OSError as error:
        return f"its file cannot be read ({error.strerror})"
