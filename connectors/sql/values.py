"""Rows as a driver gives them, column by column, to exact Arrow arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import INSTANT, Unit
from connectors.times import NAIVE, Clock, days_of_format, instants_of_format, instants_of_numbers, instants_of_text

Arrives: TypeAlias = Literal[
    "plain", "float", "decimal", "flag", "bits", "naive", "aware", "day", "clock", "text", "epoch"
]
"""How values arrive: as they are; floats that may be NaN; Decimals, ints or floats meant as decimals; 0/1; bit
strings; times without and with a zone; days; times of day; anything shown as text; numbers since 1970."""


@dataclass(slots=True)
class ResultColumn:
    """One column of a result and what becomes of its values.

    Attributes:
        type: of the Arrow array that leaves.
        unit: of times that arrive as numbers.
        format: strptime format of dates and times that arrive as text.
        declared: whether the type was declared rather than found.
        missing: NaN and infinite values that were taken as missing.
    """

    name: str
    type: pa.DataType
    arrives: Arrives
    clock: Clock
    unit: Unit | None = None
    format: str | None = None
    declared: bool = False
    missing: int = 0
    without_offset: int = 0
    notes: list[str] = field(default_factory=list)

    def to_arrow(self, values: Sequence[Any] | pa.Array) -> pa.Array:
        """Convert one batch.

        Raises:
            MisfitError: a value does not fit the column's type.
        """
        try:
            return _CONVERT[self.arrives](self, values)
        except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
            raise self._misfit(values, error) from None

    def all_notes(self) -> list[str]:
        """Say what a person should know about the column's values."""
        said = list(self.notes)
        if self.missing:
            said.append(f"column {self.name!r}: {self.missing} NaN or infinite values taken as missing")
        if self.without_offset:
            said.append(
                f"column {self.name!r}: {self.without_offset} times without an offset read in {self.clock.zone}"
            )
        return said + self.clock.notes(self.name)

    def finite(self, array: pa.Array) -> pa.Array:
        """Take NaN and infinite values as missing, and count them."""
        finite = pc.is_finite(array)
        odd = len(array) - array.null_count - (pc.sum(finite).as_py() or 0)
        if not odd:
            return array
        self.missing += odd
        return pc.if_else(finite, array, pa.scalar(None, array.type))

    def _misfit(self, values: Sequence[Any] | pa.Array, error: Exception) -> "MisfitError":
        for row, value in enumerate(values.to_pylist() if isinstance(values, pa.Array) else values):
            try:
                _CONVERT[self.arrives](self, [value])
            except (pa.ArrowException, OverflowError, TypeError, ValueError):
                return MisfitError(row, value, self)
        return MisfitError(0, error, self)


class MisfitError(Exception):
    """A value that does not fit its column.

    Attributes:
        row: counts from 0 within the batch.
        values: the whole row, once it is known.
    """

    def __init__(self, row: int, value: object, column: ResultColumn) -> None:
        super().__init__(f"row {row}, column {column.name}: {value!r}")
        self.row, self.value, self.column = row, value, column
        self.values: Sequence[Any] = ()


def _plain(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    if pa.types.is_integer(column.type) and any(isinstance(value, bool | float) for value in values):
        values = [_whole(value) for value in values]
    return pa.array(values, column.type)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return None if value is None else int(value)


def _float(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    return column.finite(pa.array(values, column.type))


def _decimal(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    # A float is what SQLite makes of 19.99; its shortest text is what was written.
    exact = [value if value is None or isinstance(value, Decimal) else Decimal(str(value)) for value in values]
    odd = sum(value is not None and not value.is_finite() for value in exact)
    column.missing += odd
    return pa.array([value if value is not None and value.is_finite() else None for value in exact], column.type)


def _flag(_column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    if any(value not in {None, 0, 1} for value in values):
        raise ValueError("neither 0 nor 1")
    return pa.array([None if value is None else bool(value) for value in values], pa.bool_())


def _bits(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    numbers = [int.from_bytes(value) if isinstance(value, bytes) else value for value in values]
    return _flag(column, numbers) if pa.types.is_boolean(column.type) else pa.array(numbers, column.type)


def _naive(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    if any(isinstance(value, str) for value in values):
        return _time_text(column, values)
    moments = [value if value is None or isinstance(value, datetime) else _midnight(value) for value in values]
    if any(value is not None and value.tzinfo is not None for value in moments):
        raise ValueError("a zone where none was expected")
    return column.clock.to_utc(pa.array(moments, NAIVE))


def _midnight(value: Any) -> datetime:
    if not isinstance(value, date):
        raise TypeError(value)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the clock adds the zone


def _aware(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    if any(isinstance(value, str) for value in values):
        return _time_text(column, values)
    return pa.array(values, INSTANT)


def _time_text(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    text = pa.array(values, pa.string())
    if column.format is not None:
        return instants_of_format(text, column.format, column.clock)
    instants, without = instants_of_text(text, column.clock)
    column.without_offset += without
    return instants


def _day(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    if not any(isinstance(value, str) for value in values):
        return pa.array([_as_day(value) for value in values], pa.date32())
    text = pa.array(values, pa.string())
    if column.format is not None:
        return days_of_format(text, column.format)
    return text.cast(pa.date32())


def _as_day(value: Any) -> date | None:
    if value is not None and (isinstance(value, datetime) or not isinstance(value, date)):
        raise TypeError(value)
    return value


def _clock(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    return pa.array([_time_of_day(value) for value in values], column.type)


def _time_of_day(value: Any) -> time | None:
    if isinstance(value, timedelta):
        if not timedelta(0) <= value < timedelta(days=1):
            raise ValueError("no time of day")
        return (datetime.min + value).time()  # noqa: DTZ901 - arithmetic on a time of day
    if isinstance(value, str):
        return time.fromisoformat(value)
    if value is not None and not isinstance(value, time):
        raise TypeError(value)
    return value


def _text(_column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    return pa.array(
        [value if value is None or isinstance(value, str) else _shown(value) for value in values], pa.string()
    )


def _shown(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _epoch(column: ResultColumn, values: Sequence[Any]) -> pa.Array:
    numbers = values.cast(pa.int64()) if isinstance(values, pa.Array) else pa.array(values, pa.int64())
    return instants_of_numbers(numbers, column.unit or "s")


_CONVERT: dict[Arrives, Callable[[ResultColumn, Sequence[Any]], pa.Array]] = {
    "plain": _plain,
    "float": _float,
    "decimal": _decimal,
    "flag": _flag,
    "bits": _bits,
    "naive": _naive,
    "aware": _aware,
    "day": _day,
    "clock": _clock,
    "text": _text,
    "epoch": _epoch,
}
