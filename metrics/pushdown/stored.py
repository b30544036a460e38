"""A pushed stream as a generation remembers it: where it is stored, with which columns."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from connectors.computing import StoredColumn, StoredStream


@dataclass(frozen=True, slots=True)
class PushedStream:
    """A stream whose rows stay where they are.

    Attributes:
        types: DuckDB's type by column, as the stream's rows would have once they were pulled.
    """

    stored: StoredStream
    types: Mapping[str, str]

    def to_text(self) -> str:
        """Write it down."""
        stored = self.stored
        schema = pa.schema([(column.name, column.type) for column in stored.columns])
        return json.dumps(
            {
                "version": 1,
                "dialect": stored.dialect,
                "relation": stored.relation,
                "timezone": stored.timezone,
                "schema": base64.b64encode(schema.serialize().to_pybytes()).decode(),
                "storage": [[column.storage, column.unit] for column in stored.columns],
                "types": dict(self.types),
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_text(cls, text: str) -> "PushedStream":
        """Read what `to_text` wrote."""
        told = json.loads(text)
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(told["schema"])))
        columns = tuple(
            StoredColumn(field.name, field.type, storage, unit)
            for field, (storage, unit) in zip(schema, told["storage"], strict=True)
        )
        return cls(StoredStream(told["dialect"], told["relation"], told["timezone"], columns), told["types"])
