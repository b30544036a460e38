"""Warehouses reached through their SQLAlchemy dialects: Trino, Snowflake, BigQuery."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from metrics.model.reading import Window
from metrics.pushdown.engine import Engine


class Trino(Engine):
    """Trino; its only quantile function is approximate, so quantiles come from ranks."""

    name = "trino"
    approx_quantile = "approx_percentile({value}, {share})"
    approx_distinct = "approx_distinct({value})"
    finite = "is_finite({0})"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "days_between": "date_diff('day', {0}, {1})",
        "add_days": "date_add('day', {1}, {0})",
        "isodow": "day_of_week({0})",
    }

    def decimal_literal(self, value: Decimal) -> str:
        """Write an exact number."""
        return f"DECIMAL '{value:f}'"

    def of_utc(self, naive: str) -> str:
        """Take a time without a zone as one of UTC."""
        return f"with_timezone({naive}, 'UTC')"

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970."""
        return f"from_unixtime({sql})"

    def local(self, instant: str, zone: str, window: Window) -> str:  # noqa: ARG002 - the engine knows the zone
        """Show an instant as a zone's clock does."""
        return f"CAST({instant} AT TIME ZONE {self.text(zone)} AS TIMESTAMP(6))"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time or an instant by seconds."""
        return f"date_add('second', {seconds}, {time})"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"to_unixtime({instant})"

    def total(self, sql: str, *, is_whole: bool) -> str:
        """Sum exactly; whole numbers with room for any sum."""
        return f"sum(CAST({sql} AS DECIMAL(38, 0)))" if is_whole else f"sum({sql})"


class Snowflake(Engine):
    """Snowflake; an instant is a time of UTC without a zone."""

    name = "snowflake"
    approx_quantile = "APPROX_PERCENTILE({value}, {share})"
    approx_distinct = "APPROX_COUNT_DISTINCT({value})"
    escapes: ClassVar[Mapping[str, str]] = {"\\": "\\\\", "'": "''"}
    quantile = "percentile_cont({share}) WITHIN GROUP (ORDER BY {value})"
    finite = "({0} NOT IN ('NaN'::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE))"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "trim": "trim({0}, ' ')",
        "position": "charindex({1}, {0})",
        "divide_whole": "trunc({0} / {1})",
        "days_between": "datediff('day', {0}, {1})",
        "add_days": "dateadd('day', {1}, {0})",
        "isodow": "dayofweekiso({0})",
    }

    def identifier(self, name: str) -> str:
        """Quote a name; SQLAlchemy shows in small letters what is stored in capitals."""
        return super().identifier(name.upper() if name == name.lower() else name)

    def naive(self, value: datetime) -> str:
        """Write a time without a zone."""
        return f"TO_TIMESTAMP_NTZ('{value:%Y-%m-%d %H:%M:%S.%f}')"

    def instant(self, value: datetime) -> str:
        """Write an instant, as a time of UTC."""
        return self.naive(value.astimezone(UTC))

    def of_utc(self, naive: str) -> str:
        """Take a time without a zone as one of UTC."""
        return naive

    def of_aware(self, column: str) -> str:
        """Take a column of times with a zone."""
        return f"CAST(convert_timezone('UTC', {column}) AS TIMESTAMP_NTZ)"

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970."""
        return f"dateadd('microsecond', ({sql}) * 1000000, TO_TIMESTAMP_NTZ('1970-01-01'))"

    def local(self, instant: str, zone: str, window: Window) -> str:  # noqa: ARG002 - the engine knows the zone
        """Show an instant as a zone's clock does."""
        return f"convert_timezone('UTC', {self.text(zone)}, {instant})"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time by seconds."""
        return f"dateadd('second', {seconds}, {time})"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"CAST(date_part('epoch_microsecond', {instant}) / 1000000.0 AS DOUBLE)"


class BigQuery(Engine):
    """BigQuery; its quantile function is a window function, so quantiles come from ranks."""

    name = "bigquery"
    approx_quantile = "APPROX_QUANTILES({value}, 100)[OFFSET({percent})]"
    approx_distinct = "APPROX_COUNT_DISTINCT({value})"
    quote = "`"
    double_type = "FLOAT64"
    integer_type = "INT64"
    text_type = "STRING"
    escapes: ClassVar[Mapping[str, str]] = {"\\": "\\\\", "'": "\\'"}
    finite = "(NOT is_nan({0}) AND NOT is_inf({0}))"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "trim": "trim({0}, ' ')",
        "divide_whole": "div({0}, {1})",
        "remainder": "mod({0}, {1})",
        "days_between": "date_diff({1}, {0}, DAY)",
        "add_days": "date_add({0}, INTERVAL {1} DAY)",
        "isodow": "(mod(EXTRACT(DAYOFWEEK FROM {0}) + 5, 7) + 1)",
    }

    def identifier(self, name: str) -> str:
        """Quote a name."""
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

    def decimal(self, sql: str, scale: int) -> str:  # noqa: ARG002 - the type holds any
        """Take an exact number for arithmetic with others."""
        return f"CAST({sql} AS BIGNUMERIC)"

    def decimal_literal(self, value: Decimal) -> str:
        """Write an exact number; a plain one would be a float."""
        return f"BIGNUMERIC '{value:f}'"

    def naive(self, value: datetime) -> str:
        """Write a time without a zone."""
        return f"DATETIME '{value:%Y-%m-%d %H:%M:%S.%f}'"

    def instant(self, value: datetime) -> str:
        """Write an instant."""
        return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"

    def of_utc(self, naive: str) -> str:
        """Take a time without a zone as one of UTC."""
        return f"TIMESTAMP({naive}, 'UTC')"

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970."""
        return f"TIMESTAMP_MICROS(CAST(({sql}) * 1000000 AS INT64))"

    def local(self, instant: str, zone: str, window: Window) -> str:  # noqa: ARG002 - the engine knows the zone
        """Show an instant as a zone's clock does."""
        return f"DATETIME({instant}, {self.text(zone)})"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time or an instant by seconds; times without a zone are moved as those of UTC."""
        return f"({time} + INTERVAL ({seconds}) SECOND)"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"(UNIX_MICROS({instant}) / 1e6)"

    def total(self, sql: str, *, is_whole: bool) -> str:
        """Sum exactly; whole numbers with room for any sum."""
        return f"sum(CAST({sql} AS BIGNUMERIC))" if is_whole else f"sum({sql})"
