"""One table of sales around both clock changes of a year, and the metrics that every engine must agree on."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics.model.definition import Aggregate, Filter, Metric
from metrics.model.reading import Window

ZONE, STREAM_ZONE = "Europe/Berlin", "America/New_York"
"""The organisation's days are Berlin's; the stream's naive times are New York's."""

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
TEAMS = ("north", "North", "north ", "Đà Nẵng", "O'Brien", "100%_\\", "đội", None)
STRETCHES = (
    Window(date(2026, 3, 24), date(2026, 4, 3)),
    Window(date(2026, 10, 20), date(2026, 11, 6)),
)
WINDOWS = (
    Window(date(2026, 3, 29), date(2026, 3, 29)),
    Window(date(2026, 3, 25), date(2026, 4, 1)),
    Window(date(2026, 10, 25), date(2026, 10, 31)),
    Window(date(2026, 1, 1), date(2026, 12, 31)),
    Window(date(2026, 6, 1), date(2026, 6, 30)),
)
FILTERS: tuple[Filter, ...] = (
    (("team", ("north", "O'Brien")),),
    (("late", ("true",)), ("qty", ("1", "2", "no number"))),
    (("team", ("100%_\\", "Đà Nẵng")),),
)
COLUMNS = {
    "id": "BIGINT",
    "opened_at": "TIMESTAMP WITH TIME ZONE",
    "closed_at": "TIMESTAMP WITH TIME ZONE",
    "told_at": "TIMESTAMP WITH TIME ZONE",
    "due_on": "DATE",
    "team": "VARCHAR",
    "seconds": "BIGINT",
    "qty": "INTEGER",
    "price": "DECIMAL(12,2)",
    "score": "DOUBLE",
    "late": "BOOLEAN",
}
"""What the sync would store; `told_at` is without a zone at the source."""

Row = tuple[Any, ...]


def sales(count: int = 3_000) -> list[Row]:
    """Rows in the order of COLUMNS, `told_at` as New York's clock shows it, never a time that it skipped."""
    draw = random.Random(11)
    rows: list[Row] = []
    for number in range(count):
        stretch = STRETCHES[number % 2]
        length = stretch.days * 86_400_000_000
        opened = datetime(stretch.starts.year, stretch.starts.month, stretch.starts.day, tzinfo=UTC) + timedelta(
            microseconds=draw.randrange(length)
        )
        told = datetime(2026, 3, 8, 3, tzinfo=None) + timedelta(seconds=draw.randrange(240 * 86_400))  # noqa: DTZ001
        rows.append(
            (
                number,
                opened,
                opened + timedelta(seconds=draw.randrange(300_000)) if draw.random() < 0.9 else None,
                told,
                opened.date() + timedelta(days=draw.randrange(5)) if draw.random() < 0.95 else None,
                draw.choice(TEAMS),
                draw.randrange(-50, 100_000) if draw.random() < 0.9 else None,
                draw.choice([0, 1, 2, 3, -7]),
                Decimal(draw.randrange(-10_000, 1_000_000)) / 100 if draw.random() < 0.9 else None,
                draw.choice([draw.gauss(50, 20), 0.0, 2.5, -2.5, None]),
                draw.choice([True, False, None]),
            )
        )
    return rows


def metric(name: str, aggregate: Aggregate, **more: Any) -> Metric:
    """Define a metric over `shop.sales`."""
    given: dict[str, Any] = {"source": "shop.sales", "time": "opened_at", "dimensions": ("team", "late", "qty")}
    return Metric(id=name, title={"en": name}, aggregate=aggregate, **(given | more))


def of_expression(name: str, value: str, aggregate: Aggregate = "sum", **more: Any) -> Metric:
    """Define a metric that sums an expression."""
    return metric(name, aggregate, value=value, **more)


FOLDABLE: Sequence[Metric] = (
    metric("count", "count"),
    metric("count_where", "count", where="late and team <> 'north'"),
    of_expression("sum_whole", "seconds"),
    of_expression("sum_exact", "price"),
    of_expression("sum_double", "score"),
    of_expression("sum_flags", "late"),
    of_expression("mean", "seconds / 3600.0", "mean", where="team <> 'spam'"),
    of_expression("mean_of_price", "price", "mean"),
    of_expression("least", "score", "min"),
    of_expression("greatest", "price * 2", "max"),
    of_expression("last", "seconds", "last"),
    of_expression("last_where", "price", "last", where="late"),
    metric("ratio", "ratio", numerator="late", denominator="true"),
    metric("ratio_of_sums", "ratio", numerator="price", denominator="seconds / 60", where="seconds > 0"),
    metric("ratio_of_flags", "ratio", numerator="late", denominator="late is not null"),
    of_expression("by_date", "price", time="due_on"),
    of_expression("by_naive_time", "qty", time="told_at"),
    of_expression("last_of_naive", "qty", "last", time="told_at"),
    of_expression("best_day", "score", "mean", rollup="max"),
    of_expression("last_day", "price", "sum", rollup="last"),
)
HOLISTIC: Sequence[Metric] = (
    of_expression("median", "seconds / 3600.0", "median", where="late"),
    of_expression("p75", "price", "p75"),
    of_expression("p90", "score", "p90"),
    of_expression("p95", "seconds", "p95"),
    of_expression("p99", "score * seconds", "p99"),
    of_expression("distinct_texts", "team", "count_distinct"),
    of_expression("distinct_lower", "lower(team)", "count_distinct"),
    of_expression("distinct_numbers", "qty", "count_distinct"),
    of_expression("mean_of_medians", "score", "median", rollup="mean"),
)
EXPRESSIONS: Sequence[Metric] = tuple(
    of_expression(f"expression_{index}", value)
    for index, value in enumerate(
        (
            "seconds / qty",
            "seconds // 7 - qty // 2",
            "seconds % 7 + qty % 3",
            "price * qty - 1.5",
            "price + score",
            "price / 3",
            "-seconds + abs(price)",
            "case when team in ('north', 'O''Brien') then seconds when late then price else 0 end",
            "case qty when 1 then 10 when 2 then 20.5 end",
            "coalesce(price, seconds, 0)",
            "nullif(qty, 3)",
            "greatest(seconds, qty, 100) - least(price, 7)",
            "if(late, 1, 2)",
            "round(score) + round(score, 1) + round(price, 1)",
            "floor(score) + ceil(score) + floor(price) + ceil(price)",
            "sign(score) * 3",
            "length(team) + length(upper(team))",
            "team like 'n%h'",
            "team ilike 'N_R%'",
            "team not like 'O%'",
            "contains(team, 'th') or starts_with(team, 'Đ') or team = 'north '",
            "left(team, 2) = 'no' or substring(team, 2, 3) = 'à N'",
            "replace(team, 'o', '00') = 'n00rth'",
            "team || '-' || team = 'north-north'",
            "concat(team, 'x') = 'x'",
            "trim(team) = 'north'",
            "team < 'a' or team >= 'Đ'",
            "team between 'O' and 'p'",
            "team is distinct from 'north'",
            "late = true or late is null",
            "late and not (qty > 1) or seconds is not null",
            "hour(opened_at) * 100 + minute(opened_at)",
            "hour(told_at) + day(told_at)",
            "year(opened_at) + month(opened_at) + day(opened_at) + quarter(due_on)",
            "isodow(opened_at) * 10 + dayofweek(due_on)",
            "(epoch(closed_at) - epoch(opened_at)) / 3600",
            "date_diff('minute', opened_at, closed_at) + date_diff('minute', opened_at, told_at)",
            "date_diff('day', opened_at, closed_at) + date_diff('day', due_on, closed_at)",
            "date_diff('second', opened_at, closed_at)",
            "closed_at > opened_at + interval 30 hour",
            "opened_at >= '2026-03-29' and opened_at < timestamptz '2026-10-25 02:30:00+01'",
            "due_on - cast(opened_at as date)",
            "due_on + 1 > date '2026-10-30'",
            "due_on in ('2026-03-29', '2026-10-25')",
            "cast(late as integer) + cast(qty as double) / 2 + cast(price as decimal(18,4))",
            "cast(qty as varchar) = '3'",
            "1.0 * seconds > 30000.5 and price <> 10",
            "score > 2.5 or score = price",
            "seconds between 10 and 20000.5",
            "extract(hour from opened_at) in (1, 2, 3)",
        )
    )
)
