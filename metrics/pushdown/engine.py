"""How an engine writes what a metric needs: names, values, times, and aggregates that are exact.

Every engine is a subclass that says where it differs. A template it does not have is None or missing, and what would
need it is refused where the metric is defined, never replaced by something that is nearly the same.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from connectors.computing import StoredColumn
from metrics.model.reading import Window
from metrics.pushdown.zones import offset_sql

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


class Engine:
    """Standard SQL; every hook takes and gives SQL.

    Instants travel through an engine's SQL in the one form that `instant` writes; `local` gives a time without a zone.
    """

    name: ClassVar[str] = ""
    quote: ClassVar[str] = '"'
    double_type: ClassVar[str] = "DOUBLE"
    integer_type: ClassVar[str] = "BIGINT"
    text_type: ClassVar[str] = "VARCHAR"
    escapes: ClassVar[Mapping[str, str]] = {"'": "''"}
    """Of characters inside a text literal."""
    quantile: ClassVar[str | None] = None
    """Exact, interpolating linearly between neighbours (`value`, `share`); None: computed from ranks, which every
    engine with window functions can."""
    distinct: ClassVar[str] = "count(DISTINCT {value})"
    approx_quantile: ClassVar[str | None] = None
    """Of metrics that ask for it (`value`, `share`, `percent`); None: the engine has none."""
    approx_distinct: ClassVar[str | None] = None
    """Likewise (`value`)."""
    finite: ClassVar[str | None] = None
    """Condition that a double is a finite number; None where the engine lets no other come into being."""
    functions: ClassVar[Mapping[str, str]] = {
        "abs": "abs({0})",
        "ceil": "ceil({0})",
        "floor": "floor({0})",
        "lower": "lower({0})",
        "upper": "upper({0})",
        "length": "length({0})",
        "trim": "trim({0})",
        "substring": "substring({0}, {1}, {2})",
        "replace": "replace({0}, {1}, {2})",
        "concat": "({0} || {1})",
        "position": "strpos({0}, {1})",
        "greatest": "coalesce(greatest({0}, {1}), {0}, {1})",
        "least": "coalesce(least({0}, {1}), {0}, {1})",
        "divide_whole": "({0} / {1})",
        "remainder": "({0} % {1})",
        "round_decimal": "round({0}, {1})",
        "like": "({0} LIKE {1})",
        "days_between": "({1} - {0})",
        "add_days": "({0} + {1})",
        "year": "EXTRACT(YEAR FROM {0})",
        "quarter": "EXTRACT(QUARTER FROM {0})",
        "month": "EXTRACT(MONTH FROM {0})",
        "day": "EXTRACT(DAY FROM {0})",
        "hour": "EXTRACT(HOUR FROM {0})",
        "minute": "EXTRACT(MINUTE FROM {0})",
        "isodow": "EXTRACT(ISODOW FROM {0})",
    }
    """Of checked arguments; a function that is not here is refused."""

    def approximate(self, aggregate: str) -> str | None:
        """Give the template of an approximate aggregate, None where there is none."""
        return self.approx_distinct if aggregate == "count_distinct" else self.approx_quantile

    def identifier(self, name: str) -> str:
        """Quote a name."""
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def text(self, value: str) -> str:
        """Write a text."""
        return "'" + "".join(self.escapes.get(each, each) for each in value) + "'"

    def double(self, sql: str) -> str:
        """Convert a number to double precision."""
        return f"CAST({sql} AS {self.double_type})"

    def integer(self, sql: str) -> str:
        """Take a whole number for arithmetic that must not overflow unnoticed."""
        return sql

    def decimal(self, sql: str, scale: int) -> str:  # noqa: ARG002 - some engines need it
        """Take an exact number for arithmetic with others, with room for `scale` digits after the point."""
        return sql

    def decimal_literal(self, value: Decimal) -> str:
        """Write an exact number."""
        return f"{value:f}"

    def whole_literal(self, value: int) -> str:
        """Write a whole number."""
        return str(value)

    def number(self, value: float | Decimal) -> str:
        """Write a number exactly."""
        if isinstance(value, float):
            return self.double(repr(value))
        sql = self.decimal_literal(value) if isinstance(value, Decimal) else self.whole_literal(value)
        return f"({sql})" if value < 0 else sql

    def date(self, value: date) -> str:
        """Write a day."""
        return f"DATE '{value.isoformat()}'"

    def naive(self, value: datetime) -> str:
        """Write a time without a zone."""
        return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S.%f}'"

    def instant(self, value: datetime) -> str:
        """Write an instant."""
        return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC'"

    def of_utc(self, naive: str) -> str:
        """Take a time without a zone as one of UTC."""
        return f"({naive} AT TIME ZONE 'UTC')"

    def of_aware(self, column: str) -> str:
        """Take a column of times with a zone."""
        return column

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970, which may have a fraction."""
        return f"to_timestamp({sql})"

    def local(self, instant: str, zone: str, window: Window) -> str:  # noqa: ARG002 - some engines need the window
        """Show an instant as a zone's clock does."""
        return f"({instant} AT TIME ZONE {self.text(zone)})"

    def day(self, local: str) -> str:
        """Give the day of a time without a zone."""
        return f"CAST({local} AS DATE)"

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time or an instant by seconds."""
        return f"({time} + INTERVAL '1' SECOND * ({seconds}))"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"CAST(EXTRACT(EPOCH FROM {instant}) AS {self.double_type})"

    def compared(self, text: str) -> str:
        """Make a text compare, group and count by its bytes."""
        return text

    def ordered(self, text: str) -> str:
        """Make a text sort by its bytes."""
        return text

    def text_column(self, column: str) -> str:
        """Take a column of texts."""
        return column

    def flag_of_bits(self, column: str) -> str:
        """Take a bit string as true or false."""
        return column

    def finite_column(self, column: str, *, is_double: bool) -> str:
        """Take a stored double, real or decimal, missing where it is no finite number."""
        return f"CASE WHEN {self.finite.format(column)} THEN {column} END" if self.finite and is_double else column

    def aggregate(self, name: str, sql: str) -> str:
        """Write min, max or sum of values, NULL over none."""
        return f"{name}({sql})"

    def total(self, sql: str, *, is_whole: bool) -> str:  # noqa: ARG002 - some engines need it
        """Sum exactly."""
        return self.aggregate("sum", sql)

    def given(self, sql: str, *, is_whole: bool) -> str:  # noqa: ARG002 - some engines need it
        """Give a value in a type that drivers read."""
        return sql

    def moment(self, column: StoredColumn, name: str, timezone: str, window: Window) -> str:
        """Give the instants of a column, however it stores them."""
        if column.storage == "aware":
            return self.of_aware(name)
        if column.storage == "epoch":
            return self.of_seconds(f"({name} / {float(PER_SECOND[column.unit or 's'])})")
        if timezone == "UTC":
            return self.of_utc(name)
        offset = offset_sql(timezone, window, name, self.naive, of_local=True)
        return self.of_utc(self.plus_seconds(name, f"-({offset})"))

    def near(self, column: StoredColumn, name: str, starts: datetime, ends: datetime) -> str:
        """Let a scan skip what lies outside two times (UTC), far enough apart for any zone, by an index if there is."""
        if column.storage == "epoch":
            unit = PER_SECOND[column.unit or "s"]
            low, high = (int(each.replace(tzinfo=UTC).timestamp()) * unit for each in (starts, ends))
            return f"{name} >= {low} AND {name} < {high}"
        if column.storage == "aware":
            return f"{name} >= {self.instant(starts)} AND {name} < {self.instant(ends)}"
        return f"{name} >= {self.naive(starts)} AND {name} < {self.naive(ends)}"

    def listed(self, rows: Sequence[Mapping[str, str]]) -> str:
        """Write a small table to stand after FROM."""
        selects = [", ".join(f"{sql} AS {name}" for name, sql in row.items()) for row in rows]
        return "(\n  SELECT " + "\n  UNION ALL SELECT ".join(selects) + "\n)"
