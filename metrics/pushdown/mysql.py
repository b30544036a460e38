"""MySQL and MariaDB."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import ClassVar

from metrics.model.reading import Window
from metrics.pushdown.engine import Engine
from metrics.pushdown.zones import offset_sql


class MySQL(Engine):
    """MySQL 8.0.17 and newer, MariaDB 10.4 and newer.

    An instant is a time without a zone in UTC, because the session's zone is UTC and the servers' zone tables may be
    empty. Texts are compared by their bytes, because the servers' collations take `A` for `a` and `a ` for `a`.
    """

    name = "mysql"
    quote = "`"
    integer_type = "SIGNED"
    text_type = "CHAR"
    functions: ClassVar[Mapping[str, str]] = {
        **Engine.functions,
        "length": "char_length({0})",
        "trim": "trim({0})",
        "concat": "concat({0}, {1})",
        "position": "locate(CAST({1} AS BINARY), CAST({0} AS BINARY))",
        "divide_whole": "({0} DIV {1})",
        "like": "({0} LIKE {1} COLLATE utf8mb4_bin)",
        "days_between": "datediff({1}, {0})",
        "add_days": "({0} + INTERVAL ({1}) DAY)",
        "isodow": "(weekday({0}) + 1)",
    }

    def text(self, value: str) -> str:
        """Write a text; one that escapes could change is written by its bytes."""
        if value.isascii() and "\\" not in value and value.isprintable():
            return super().text(value)
        return f"CONVERT(x'{value.encode().hex()}' USING utf8mb4)"

    def date(self, value: date) -> str:
        """Write a day."""
        return f"DATE'{value.isoformat()}'"

    def naive(self, value: datetime) -> str:
        """Write a time without a zone."""
        return f"TIMESTAMP'{value:%Y-%m-%d %H:%M:%S.%f}'"

    def instant(self, value: datetime) -> str:
        """Write an instant, as a time of UTC."""
        return self.naive(value.astimezone(UTC))

    def of_utc(self, naive: str) -> str:
        """Take a time without a zone as one of UTC."""
        return naive

    def of_seconds(self, sql: str) -> str:
        """Take seconds since 1970."""
        return f"(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL ({sql}) SECOND)"

    def local(self, instant: str, zone: str, window: Window) -> str:
        """Show an instant as a zone's clock does, by the zone's changes around the window."""
        return self.plus_seconds(instant, offset_sql(zone, window, instant, self.naive))

    def plus_seconds(self, time: str, seconds: str) -> str:
        """Move a time by seconds."""
        return f"({time} + INTERVAL ({seconds}) SECOND)"

    def epoch(self, instant: str) -> str:
        """Give the seconds since 1970 as a double."""
        return f"(CAST(timestampdiff(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', {instant}) AS DOUBLE) / 1e6)"

    def compared(self, text: str) -> str:
        """Make a text compare, group and count by its bytes."""
        return f"CAST({text} AS BINARY)"

    ordered = compared

    def text_column(self, column: str) -> str:
        """Take a column of texts in one character set."""
        return f"CONVERT({column} USING utf8mb4)"

    def flag_of_bits(self, column: str) -> str:
        """Take a bit string as true or false."""
        return f"({column} + 0)"
