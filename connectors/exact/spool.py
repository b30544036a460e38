"""Typed blocks on disk between the pass that proves a file and the pass that hands it on."""

import tempfile
import weakref
from collections.abc import Iterator

import pyarrow as pa


class Spool:
    """Keeps record batches, each with a schema of its own, in a temporary file that goes away by itself."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="quarterline-")  # noqa: SIM115 - it lives as long as the spool
        weakref.finalize(self, self._file.close)
        self._sizes: list[int] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        self._sizes.append(self._file.write(sink.getvalue()))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches in the order they came."""
        self._file.seek(0)
        for size in self._sizes:
            with pa.ipc.open_stream(self._file.read(size)) as reader:
                yield reader.read_next_batch()

    def close(self) -> None:
        """Drop the batches."""
        self._file.close()

    def __del__(self) -> None:
        self._file.close()  # a pull that fails, or only looks, never gets to `close`
