"""Python values of any source as JSON that loses nothing: numbers with all their digits, times in ISO 8601."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any


class Plain:
    """Writes rows; counts what has no reading."""

    def __init__(self) -> None:
        self.missing = 0

    def row(self, row: Mapping[Any, Any]) -> str:
        """Write one row."""
        return "{" + ", ".join(f"{json.dumps(str(key))}: {self._value(value)}" for key, value in row.items()) + "}"

    def notes(self) -> list[str]:
        """Say what a person should know."""
        return [f"{self.missing:,} NaN or infinite values taken as missing"] if self.missing else []

    def _value(self, value: Any) -> str:
        if value is None or isinstance(value, bool):
            return json.dumps(value)
        if isinstance(value, int | float | Decimal):
            return self._number(value)
        if isinstance(value, Mapping):
            return self.row(value)
        if isinstance(value, list | tuple | set | frozenset):
            written = map(self._value, value)
            return f"[{', '.join(written if isinstance(value, list | tuple) else sorted(written))}]"
        return json.dumps(_text(value))

    def _number(self, value: float | Decimal) -> str:
        if isinstance(value, int):
            return int.__repr__(value)
        if not math.isfinite(value):
            self.missing += 1
            return "null"
        # The shortest writing of a double is what it was read from, so that 12.34 is money again.
        return format(value, "f") if isinstance(value, Decimal) else float.__repr__(value)


def rows_of(item: Any) -> Iterator[Mapping[Any, Any]]:
    """Yield the rows of whatever a resource yields: a row, a list of them, an Arrow table or a data frame.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(item, Mapping):
        yield item
    elif isinstance(item, list | tuple):
        for each in item:
            yield from rows_of(each)
    elif hasattr(item, "to_pylist"):
        yield from item.to_pylist()
    elif hasattr(item, "to_dict") and hasattr(item, "columns"):
        yield from item.to_dict(orient="records")
    elif item is not None:
        raise TypeError(f"it yields {type(item).__name__} where rows are expected")


def _text(value: Any) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
