"""PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from metrics.pushdown.engine import Engine


class PostgreSQL(Engine):
    """PostgreSQL 12 and newer."""

    name = "postgresql"
    double_type = "double precision"
    quantile = "percentile_cont({share}) WITHIN GROUP (ORDER BY {value})"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "lower": 'lower({0} COLLATE "und-x-icu")',
        "upper": 'upper({0} COLLATE "und-x-icu")',
        "trim": "btrim({0}, ' ')",
        "like": '({0} COLLATE "C" LIKE {1})',
        "round_decimal": "round(CAST({0} AS numeric), {1})",
    }

    def instant(self, value: datetime) -> str:
        """Write an instant."""
        return f"TIMESTAMPTZ '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time or an instant by seconds."""
        return f"({time} + make_interval(secs => {seconds}))"

    def ordered(self, text: str) -> str:
        """Make a text sort by its bytes."""
        return f'({text} COLLATE "C")'

    def flag_of_bits(self, column: str) -> str:
        """Take a bit string as true or false."""
        return f"({column} = B'1')"

    def finite_column(self, column: str, *, is_double: bool) -> str:
        """Take a stored number, missing where it is NaN or infinite."""
        finite = f"nullif({column}, 'NaN')"
        return f"nullif(nullif({finite}, 'Infinity'), '-Infinity')" if is_double else finite
