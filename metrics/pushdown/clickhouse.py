"""ClickHouse."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from metrics.model.reading import Window
from metrics.pushdown.engine import Engine

_WIDE = "Int128"
_WIDE_DECIMAL_DIGITS = 76


class ClickHouse(Engine):
    """ClickHouse 24.3 and newer.

    Whole numbers and decimals are widened first, because its arithmetic wraps round where theirs ends. Its functions
    give 0 or '' over no rows unless arguments can be NULL, so values are made nullable.
    """

    name = "clickhouse"
    quote = "`"
    double_type = "Nullable(Float64)"
    integer_type = f"Nullable({_WIDE})"
    text_type = "Nullable(String)"
    escapes: ClassVar[Mapping[str, str]] = {"\\": "\\\\", "'": "\\'"}
    quantile = "quantileExactInclusiveOrNull({share})({value})"
    distinct = "uniqExact({value})"
    approx_quantile = "toFloat64(quantileTDigestOrNull({share})({value}))"
    approx_distinct = "uniq({value})"
    finite = "isFinite({0})"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "lower": "lowerUTF8({0})",
        "upper": "upperUTF8({0})",
        "length": "lengthUTF8({0})",
        "trim": "trimBoth({0})",
        "substring": "substringUTF8({0}, {1}, {2})",
        "replace": "replaceAll({0}, {1}, {2})",
        "concat": "concat({0}, {1})",
        "position": "position({0}, {1})",
        "divide_whole": "intDiv({0}, {1})",
        "remainder": "modulo({0}, {1})",
        "days_between": "dateDiff('day', {0}, {1})",
        "add_days": "addDays({0}, {1})",
        "year": "toYear({0})",
        "quarter": "toQuarter({0})",
        "month": "toMonth({0})",
        "day": "toDayOfMonth({0})",
        "hour": "toHour({0})",
        "minute": "toMinute({0})",
        "isodow": "toDayOfWeek({0})",
    }

    def integer(self, sql: str) -> str:
        """Take a whole number for arithmetic, wide enough that it does not wrap round."""
        return f"CAST({sql} AS Nullable({_WIDE}))"

    def decimal(self, sql: str, scale: int) -> str:
        """Take an exact number for arithmetic, as wide as can be."""
        return f"CAST({sql} AS Nullable(Decimal({_WIDE_DECIMAL_DIGITS}, {scale})))"

    def decimal_literal(self, value: Decimal) -> str:
        """Write an exact number; a plain one would be a float."""
        exponent = value.as_tuple().exponent
        return f"toDecimal256('{value:f}', {-exponent if isinstance(exponent, int) and exponent < 0 else 0})"

    def date(self, value: date) -> str:
        """Write a day."""
        return f"toDate32('{value.isoformat()}')"

    def naive(self, value: datetime) -> str:
        """Write a time without a zone, which here is one of UTC."""
        return f"toDateTime64('{value:%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')"

    def instant(self, value: datetime) -> str:
        """Write an instant."""
        return self.naive(value.astimezone(UTC))

    def of_utc(self, naive: str) -> str:
        """Take a time of UTC."""
        return f"toDateTime64({naive}, 6, 'UTC')"

    def of_aware(self, column: str) -> str:
        """Take a column of instants, whatever zone it shows them in."""
        return f"toDateTime64({column}, 6, 'UTC')"

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970."""
        return f"toDateTime64({sql}, 6, 'UTC')"

    def local(self, instant: str, zone: str, window: Window) -> str:  # noqa: ARG002 - the engine knows the zone
        """Show an instant as a zone's clock does."""
        return f"toTimeZone({instant}, {self.text(zone)})"

    def day(self, local: str) -> str:
        """Give the day of a time, as its zone shows it."""
        return f"toDate32({local})"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time or an instant by seconds."""
        return f"({time} + toIntervalSecond({seconds}))"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"(toFloat64(toUnixTimestamp64Micro({instant})) / 1e6)"

    def aggregate(self, name: str, sql: str) -> str:
        """Write min, max or sum of values, NULL over none."""
        return f"{name}OrNull({sql})"

    def total(self, sql: str, *, is_whole: bool) -> str:
        """Sum exactly; NULL over no value."""
        return self.aggregate("sum", self.integer(sql) if is_whole else sql)

    def given(self, sql: str, *, is_whole: bool) -> str:
        """Give a whole number as text, because drivers read none that wide."""
        return f"toString({sql})" if is_whole else sql
