"""How much memory the writer takes: little for as long as that is enough, so that it does not grow with the rows."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import duckdb

LITTLE, SOME, MORE = "96MB", "256MB", "512MB"

LARGE_BYTES = 64 << 20
"""Rows of a load from here on are stored with little memory, which is slower; before, some does not grow to much."""

MUCH_BYTES = 64 << 20
"""From here on it is not worth while to try with little."""

THREADS = 4
"""More of them would each need memory of their own."""

_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of one connection; what does not fit is put on the disk, which not every computation can.

    Attributes:
        most: what DuckDB takes where nobody limits it, most of the machine's.
    """

    connection: duckdb.DuckDBPyConnection
    most: str

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> "Memory":
        """Begin with little."""
        (most, threads) = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        ).fetchall()[0]
        connection.execute(f"SET threads = {min(threads, THREADS)}")
        connection.execute(f"SET memory_limit = '{LITTLE}'")
        return cls(connection, most)

    def growing(self, work: Callable[[], _Done], *, about: int = 0) -> _Done:
        """Do some work that may begin anew, again with more memory where it had too little.

        `about` is the size in bytes of what it is done to, if that is known.
        """
        limits = iter((MORE, self.most))
        try:
            if about > MUCH_BYTES:
                self._limit(next(limits))
            while True:
                try:
                    return work()
                except duckdb.OutOfMemoryException:
                    if (limit := next(limits, None)) is None:
                        raise
                    self._limit(limit)
        finally:
            self._shrink()

    @contextmanager
    def some(self) -> Iterator[Callable[[int], None]]:
        """Take some memory in the block until it says that it has stored many bytes; gives whom to say how many."""
        large = False

        def stored(size: int) -> None:
            nonlocal large
            if size >= LARGE_BYTES and not large:
                large = True
                self._shrink()

        with self._within(SOME):
            yield stored

    def more(self) -> AbstractContextManager[None]:
        """Let the block use several cores, of which each needs memory of its own however few the rows are."""
        return self._within(MORE)

    def ample(self) -> AbstractContextManager[None]:
        """Take what is needed in the block, which cannot begin anew."""
        return self._within(self.most)

    @contextmanager
    def _within(self, limit: str) -> Iterator[None]:
        self._limit(limit)
        try:
            yield
        finally:
            self._shrink()

    def _limit(self, limit: str) -> None:
        self.connection.execute(f"SET memory_limit = '{limit}'")

    def _shrink(self) -> None:
        with suppress(duckdb.Error):  # what is in use cannot be given back yet, or the transaction is over
            self._limit(LITTLE)
