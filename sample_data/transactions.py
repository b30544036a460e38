"""The tills and the online shop: transactions with money, complaints and returns, in Parquet files."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sample_data import story
from sample_data.draws import Draws, Ints, Words, draw, lookup, pick
from sample_data.seasons import Floats
from sample_data.timeline import Timeline

TABLE = 3

_HOURS = (0.6, 0.3, 0.2, 0.1, 0.1, 0.2, 0.6, 2, 4, 6, 7, 7, 6, 5, 5.5, 6, 6.5, 8, 9, 9.5, 9, 6, 3, 1.4)
_STORES = {
    "hn-hoan-kiem": 0.16,
    "hn-cau-giay": 0.12,
    "hp-le-chan": 0.08,
    "dn-hai-chau": 0.11,
    "hue-phu-hoi": 0.06,
    "hcm-quan-1": 0.2,
    "hcm-thu-duc": 0.15,
    "ct-ninh-kieu": 0.12,
}
_STORE_REGION = {"hn": "north", "hp": "north", "dn": "central", "hue": "central", "hcm": "south", "ct": "south"}
_ONLINE_REGIONS = {"south": 0.48, "north": 0.36, "central": 0.16}
_CATEGORIES = {"home": 0.34, "fashion": 0.28, "beauty": 0.22, "electronics": 0.16}
_CATEGORY_VALUE = {"home": 0.9, "fashion": 0.8, "beauty": 0.65, "electronics": 2.04}
_PAYMENT_ONLINE = {"cod": 0.46, "wallet": 0.34, "card": 0.2}
_PAYMENT_STORE = {"cash": 0.38, "card": 0.3, "wallet": 0.32}
_ONLINE_VALUE = 1.06  # an online order to one in a store
_SPREAD = 0.5  # of the logarithm of amounts
_WHOLESALE, _WHOLESALE_TIMES = 0.0006, 14
_MEAN_FACTOR = sum(_CATEGORIES[name] * value for name, value in _CATEGORY_VALUE.items()) * (
    1 + _WHOLESALE * (_WHOLESALE_TIMES - 1)
)

_SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("store", pa.string()),
        ("region", pa.string()),
        ("channel", pa.string()),
        ("category", pa.string()),
        ("payment", pa.string()),
        ("items", pa.int16()),
        ("amount", pa.decimal128(14, 0)),
        ("is_complaint", pa.bool_()),
        ("returned", pa.bool_()),
        ("is_new_customer", pa.bool_()),
    ]
)


def order_rates(line: Timeline, *, per_day: float) -> tuple[Floats, Floats]:
    """Expected transactions of every day: in stores, and online."""
    online_share = line.follow(story.ONLINE)
    down = line.on_phase(story.OUTAGE)
    store = per_day * line.growth * (1 - online_share) * line.season.store
    online = per_day * line.growth * online_share * line.season.online * np.where(down, 0.35, 1.0)
    return store, online


def expected_sales(line: Timeline, *, per_day: float) -> tuple[Floats, Floats, Floats]:
    """Expected orders, VND and new customers of every day."""
    store, online = order_rates(line, per_day=per_day)
    revenue = line.follow(story.ORDER_VALUE) * (store + _ONLINE_VALUE * online)
    return store + online, revenue, (store + online) * line.follow(story.NEW_CUSTOMERS)


def write_transactions(directory: Path, line: Timeline, *, per_day: float) -> int:
    """Write `transactions-YYYY-MM.parquet` files by local month and give the number of rows; times are in UTC."""
    store, online = order_rates(line, per_day=per_day)
    draws = draw(line, table=TABLE, rates=store + online, hours=_HOURS, columns=12)
    table = _table(draws, line, online_share=online / (store + online))
    directory.mkdir(parents=True, exist_ok=True)
    months = draws.moment.astype("datetime64[M]")
    starts = np.concatenate(([0], np.flatnonzero(months[1:] != months[:-1]) + 1, [len(months)]))
    for first, end in pairwise(starts.tolist()):
        path = directory / f"transactions-{months[first]}.parquet"
        pq.write_table(table.slice(first, end - first), path, compression="zstd")
    return len(draws)


def _table(draws: Draws, line: Timeline, *, online_share: Floats) -> pa.Table:
    u = draws.uniform
    is_online = u[0] < online_share[draws.day]
    store = np.where(is_online, "web", pick(u[1], _STORES))
    category = pick(u[2], _CATEGORIES)
    trouble = 1 + 1.6 * line.on_phase(story.OUTAGE) + 0.8 * line.on_phase(story.OUTAGE_BEFORE)
    complaints = line.follow(story.COMPLAINTS) * trouble
    days = np.array([int(day.strftime("%Y%m%d")) for day in line.days], dtype=np.int64)
    columns = (
        days[draws.day] * 10_000 + draws.number,
        draws.moment - np.timedelta64(7, "h"),
        store,
        _regions(store, u[3]),
        np.where(is_online, "online", "store"),
        category,
        np.where(is_online, pick(u[4], _PAYMENT_ONLINE), pick(u[4], _PAYMENT_STORE)),
        1 + np.floor(-1.1 * np.log1p(-u[5])).astype(np.int16),
        _decimals(_amounts(draws, line, is_online, category)),
        u[9] < complaints[draws.day] * np.where(is_online, 1.3, 0.86),
        u[10] < line.follow(story.RETURNS)[draws.day] * np.where(is_online, 1.5, 0.77),
        u[11] < line.follow(story.NEW_CUSTOMERS)[draws.day] * np.where(is_online, 1.25, 0.88),
    )
    arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


def _regions(store: Words, uniform: Floats) -> Words:
    """Where the store stands; for the online shop, where the parcel goes."""
    names, index = np.unique(store, return_inverse=True)
    by_store = np.array([_STORE_REGION.get(str(name).split("-")[0], "") for name in names])[index]
    return np.where(store == "web", pick(uniform, _ONLINE_REGIONS), by_store)


def _amounts(draws: Draws, line: Timeline, is_online: np.ndarray, category: Words) -> Ints:
    """Whole thousands of VND: log-normal, a few wholesale orders far above the rest."""
    u = draws.uniform
    mean = line.follow(story.ORDER_VALUE)[draws.day] * np.where(is_online, _ONLINE_VALUE, 1.0) / _MEAN_FACTOR
    mean = mean * lookup(category, _CATEGORY_VALUE) * np.where(u[8] < _WHOLESALE, _WHOLESALE_TIMES, 1)
    amount = mean * np.exp(_SPREAD * draws.normal(6, 7) - _SPREAD**2 / 2)
    return np.maximum(np.round(amount / 1000), 9).astype(np.int64) * 1000


def _decimals(whole: Ints) -> pa.Array:
    """Exact decimals; Arrow asks for nineteen digits on the way from 64-bit integers."""
    return pa.array(whole).cast(pa.decimal128(19, 0))
