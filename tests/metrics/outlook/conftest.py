"""A small company in a real store: daily sales since 2025, one monthly stream, one that stopped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from metrics.facts import Facts
from metrics.model.decision import Decided
from metrics.model.definition import KeyResult, Metric, Organisation, Read
from metrics.model.scorecard import Cycle
from metrics.model.target import parse_target
from metrics.periods import end_of_day
from tests.metrics.sync.rig import Rig, install_plug_in, metric

FIRST, LAST, SYNCED = date(2025, 6, 1), date(2026, 12, 20), datetime(2026, 12, 20, 10, tzinfo=UTC)
ORGANISATION = Organisation("Test", timezone="Asia/Ho_Chi_Minh")
Q4 = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
DAILY = timedelta(days=1)
METRICS = {
    each.id: each
    for each in (
        metric("revenue", "sum", value="n", bounds=(0.0, None), expected_every=DAILY),
        metric("orders", "count", expected_every=DAILY, dimensions=("team",)),
        metric("average", "mean", value="n"),
        metric("share", "ratio", numerator="good", denominator="true", bounds=(0.0, 1.0), dimensions=("team",)),
        metric("middle", "median", value="n", bounds=(0.0, None)),
        metric("buyers", "count_distinct", value="n"),
        metric("per_day", "sum", value="n", rollup="mean"),
        metric("highest", "max", value="n"),
        metric("lowest", "min", value="n"),
        metric("monthly", "sum", value="n", source="shop.months"),
        metric("stopped", "sum", value="n", source="shop.stopped", expected_every=DAILY),
        metric("broken", "sum", value="no_such_column"),
        metric("average_as_ratio", "ratio", numerator="n", denominator="true"),
        metric("net", "sum", value="n - 2.0", expected_every=DAILY),
        metric("mislaid", "sum", value="n - 50.0", bounds=(0.0, None), expected_every=DAILY),
    )
}


def derive(name: str, expression: str, *components: str, **more: Any) -> None:
    parts = tuple(METRICS[component] for component in components)
    METRICS[name] = Metric(name, {}, "", "", "derived", expression=expression, components=parts, **more)


derive("per_order", "revenue / orders", "revenue", "orders")
derive("net_of_orders", "revenue - 2 * orders", "revenue", "orders")
derive("spread", "middle * share", "middle", "share")


@dataclass(frozen=True)
class Moment:
    """What a scorecard's frame tells an outlook."""

    as_of: date
    now: datetime
    cycle: Cycle = Q4
    organisation: Organisation = ORGANISATION
    decided: Decided = field(default_factory=Decided)
    level_shifts: dict[str, tuple[date, ...]] = field(default_factory=dict)


def at(day: date, now: datetime | None = None) -> Moment:
    """A day that is over."""
    return Moment(day, now or end_of_day(day, ORGANISATION) + timedelta(hours=5))


def key_result(metric_id: str, target: str = "> 1", read: Read | None = None, **more: Any) -> KeyResult:
    """A key result of the fourth quarter of 2026."""
    identity = more.pop("id", metric_id)
    return KeyResult(
        identity, "o", "2026-Q4", {"en": identity}, metric_id, parse_target(target), read=read or Read("period"), **more
    )


def sales(until: date) -> list[dict[str, Any]]:
    """A few rows on every day but Sundays, the same ones whatever the last day."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        drawn = rng.normal(50, 10, 8).round(2), rng.random(8) < 0.6, int(rng.integers(4, 9))
        if day > until or day.weekday() == 6:
            continue
        rows += [
            {
                "id": number * 10 + key,
                "at": datetime(day.year, day.month, day.day, key, tzinfo=UTC),
                "n": float(abs(drawn[0][key])),
                "good": bool(drawn[1][key]),
                "team": ("north", "south")[key % 2],
            }
            for key in range(drawn[2])
        ]
    return rows


def build(root: Path, until: date, *, months_until: date) -> Facts:
    """Sync the company's rows up to a day."""
    rig = Rig(root, organisation=ORGANISATION)
    rig.define(*(each for each in METRICS.values() if each.id != "broken"))
    rig.put("sales", pa.Table.from_pylist(sales(until)))
    months = [date(2024 + index // 12, index % 12 + 1, 1) for index in range(36)]
    monthly = [
        {"id": index, "at": datetime(day.year, day.month, 1, tzinfo=UTC), "n": 100.0 + index % 5}
        for index, day in enumerate(months)
        if day <= months_until
    ]
    rig.put("months", pa.Table.from_pylist(monthly))
    stopped = [
        {"id": index, "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=index), "n": 1.0} for index in range(60)
    ]
    rig.put("stopped", pa.Table.from_pylist(stopped))
    assert rig.sync(now=SYNCED).ok
    return rig.facts()


@pytest.fixture(scope="session")
def build_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[date], Facts]]:
    """Sync the company up to a day, once per day."""
    known: dict[date, Facts] = {}
    with pytest.MonkeyPatch.context() as patch:
        install_plug_in(patch, tmp_path_factory.mktemp("site"))

        def built(until: date) -> Facts:
            if until not in known:
                known[until] = build(tmp_path_factory.mktemp("company"), until, months_until=until)
            return known[until]

        yield built
    for facts in known.values():
        facts.close()


@pytest.fixture
def company(build_company: Callable[[date], Facts]) -> Facts:
    """The company with all of its rows."""
    return build_company(LAST)


@pytest.fixture
def metrics() -> dict[str, Metric]:
    return METRICS
