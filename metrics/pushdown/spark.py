"""Spark and Databricks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from metrics.model.reading import Window
from metrics.pushdown.engine import Engine


class Spark(Engine):
    """Spark 3.4 and newer, its session in UTC and its arithmetic checked (`spark.sql.ansi.enabled`)."""

    name = "spark"
    quote = "`"
    text_type = "STRING"
    escapes: ClassVar[Mapping[str, str]] = {"\\": "\\\\", "'": "\\'"}
    quantile = "percentile({value}, {share})"
    approx_quantile = "percentile_approx({value}, {share})"
    approx_distinct = "approx_count_distinct({value})"
    finite = "(NOT isnan({0}) AND abs({0}) < CAST('Infinity' AS DOUBLE))"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "concat": "concat({0}, {1})",
        "position": "instr({0}, {1})",
        "greatest": "greatest({0}, {1})",
        "least": "least({0}, {1})",
        "divide_whole": "({0} DIV {1})",
        "days_between": "datediff({1}, {0})",
        "add_days": "date_add({0}, CAST({1} AS INT))",
        "isodow": "(weekday({0}) + 1)",
    }

    def decimal_literal(self, value: Decimal) -> str:
        """Write an exact number."""
        return f"{value:f}BD"

    def integer(self, sql: str) -> str:
        """Take a whole number for arithmetic; the engine stops where it overflows."""
        return f"CAST({sql} AS BIGINT)"

    def naive(self, value: datetime) -> str:
        """Write a time without a zone."""
        return f"TIMESTAMP_NTZ '{value:%Y-%m-%d %H:%M:%S.%f}'"

    def instant(self, value: datetime) -> str:
        """Write an instant."""
        return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}Z'"

    def of_utc(self, naive: str) -> str:
        """Take a time without a zone as one of UTC, which is the session's zone."""
        return f"CAST({naive} AS TIMESTAMP)"

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970."""
        return f"timestamp_seconds({sql})"

    def local(self, instant: str, zone: str, window: Window) -> str:  # noqa: ARG002 - the engine knows the zone
        """Show an instant as a zone's clock does."""
        return f"from_utc_timestamp({instant}, {self.text(zone)})"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time or an instant by seconds."""
        return f"({time} + make_dt_interval(0, 0, 0, {seconds}))"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"(CAST(unix_micros({instant}) AS DOUBLE) / 1e6D)"

    def total(self, sql: str, *, is_whole: bool) -> str:
        """Sum exactly; whole numbers with room for any sum."""
        return f"sum(CAST({sql} AS DECIMAL(38, 0)))" if is_whole else f"sum({sql})"


class Databricks(Spark):
    """Databricks SQL: Spark's functions."""

    name = "databricks"
