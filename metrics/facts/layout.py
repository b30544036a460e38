"""Where the facts store keeps what: files under `var/facts`, and tables of schema `quarterline` inside them."""

import re
from dataclasses import dataclass
from pathlib import Path

SCHEMA = "quarterline"
KEPT_GENERATIONS = 3

TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.store (
    timezone VARCHAR, week_start VARCHAR, today DATE, changes BIGINT NOT NULL, generation BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.streams (
    stream VARCHAR PRIMARY KEY, state VARCHAR, pinned VARCHAR, cursor VARCHAR, rows BIGINT NOT NULL, loaded_at VARCHAR
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.declarations (stream VARCHAR PRIMARY KEY, declaration VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.days (
    stream VARCHAR, time_column VARCHAR, day DATE, rows BIGINT, first_at BIGINT, last_at BIGINT
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.tracked (stream VARCHAR, time_column VARCHAR, PRIMARY KEY (stream, time_column));
CREATE TABLE IF NOT EXISTS {SCHEMA}.stale_days (stream VARCHAR, time_column VARCHAR, day DATE);
CREATE TABLE IF NOT EXISTS {SCHEMA}.parts (
    name VARCHAR PRIMARY KEY, stream VARCHAR, time_column VARCHAR, dimensions VARCHAR[], part_columns VARCHAR[],
    signature VARCHAR
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.pieces (
    number BIGINT PRIMARY KEY, stream VARCHAR NOT NULL, size BIGINT NOT NULL, sha256 VARCHAR NOT NULL,
    columns VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.dropped_rows (piece BIGINT NOT NULL, position BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.split_streams (stream VARCHAR PRIMARY KEY);
CREATE TABLE IF NOT EXISTS {SCHEMA}.exact (
    series VARCHAR PRIMARY KEY, stream VARCHAR, time_column VARCHAR, signature VARCHAR
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.exact_days (series VARCHAR, day DATE, value DOUBLE, n BIGINT);
CREATE TABLE IF NOT EXISTS {SCHEMA}.queries (series VARCHAR PRIMARY KEY, signature VARCHAR);
CREATE TABLE IF NOT EXISTS {SCHEMA}.query_days (series VARCHAR, day DATE, value DOUBLE, n BIGINT);
CREATE TABLE IF NOT EXISTS {SCHEMA}.calendars (name VARCHAR PRIMARY KEY, spans VARCHAR);
CREATE TABLE IF NOT EXISTS {SCHEMA}.working_time (calendar VARCHAR, starts BIGINT, ends BIGINT, before BIGINT);
CREATE TABLE IF NOT EXISTS {SCHEMA}.exact_windows (series VARCHAR, starts DATE, ends DATE, value DOUBLE, n BIGINT);
CREATE TABLE IF NOT EXISTS {SCHEMA}.exact_parts (
    series VARCHAR, dimension VARCHAR, part VARCHAR, starts DATE, ends DATE, value DOUBLE, n BIGINT
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.pushed (stream VARCHAR PRIMARY KEY, description VARCHAR NOT NULL);
"""
"""`declarations` names how a stream was declared when its rows were read; `days` counts every raw row by day (times in
microseconds since 1970, UTC, so that reading them needs no time zone library); `stale_days` names days whose parts must
be computed again before anything is published; `changes` grows with every commit that a reader could see; `pushed`
describes streams whose rows stay at their source, and `exact_parts` holds their readings by dimension, which nobody can
compute here."""

_PIECE = re.compile(r"^piece-([1-9]\d{0,17})\.duckdb$")
_GENERATION = re.compile(r"^facts-([1-9]\d{0,17})$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one facts store."""

    folder: Path

    @classmethod
    def of(cls, var: Path) -> "Layout":
        """Give the facts store of a workspace's `var` folder."""
        return cls(var / "facts")

    @property
    def work(self) -> Path:
        """The writer's file; nobody else opens it."""
        return self.folder / "work.duckdb"

    @property
    def lock(self) -> Path:
        """Held by the one sync that runs."""
        return self.folder / "sync.lock"

    @property
    def spill(self) -> Path:
        """Where the writer puts what does not fit into memory."""
        return self.folder / "spill"

    @property
    def current(self) -> Path:
        """Holds the name of the newest generation."""
        return self.folder / "current"

    def database(self, generation: str) -> Path:
        """The file of a generation."""
        return self.folder / f"{generation}.duckdb"

    def sidecar(self, generation: str) -> Path:
        """Size and hash of a generation's file."""
        return self.folder / f"{generation}.json"

    def piece(self, number: int) -> Path:
        """The file of a piece."""
        return self.folder / f"piece-{number}.duckdb"

    def pieces(self) -> list[int]:
        """Numbers of all pieces that have a file."""
        found = (_PIECE.match(path.name) for path in self.folder.glob("piece-*.duckdb"))
        return sorted(int(match[1]) for match in found if match)

    def generations(self) -> list[str]:
        """Names of all generations that have a file, newest first."""
        names = [path.stem for path in self.folder.glob("facts-*.duckdb") if _GENERATION.match(path.stem)]
        return sorted(names, key=number_of, reverse=True)

    def pointed(self) -> str | None:
        """The name that `current` holds, None when it is missing or holds no generation's name."""
        try:
            name = self.current.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if _GENERATION.match(name) else None


def number_of(generation: str) -> int:
    """The number in a generation's name."""
    found = _GENERATION.match(generation)
    if found is None:
        raise ValueError(f"{generation!r} is no generation's name")
    return int(found[1])
