"""Every reading equals what plain Python computes from the same rows, however the rows came."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.facts import Facts
from metrics.model.definition import QUANTILES, Filter, Metric, Organisation, Read
from metrics.model.reading import Measure, Reading, SeriesRange, Window
from tests.metrics.sync.rig import MemoryLog, Rig, install_plug_in, key_result, metric

PARIS = ZoneInfo("Europe/Paris")
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("team", pa.string()),
        ("n", pa.int32()),
        ("amount", pa.decimal128(12, 2)),
        ("x", pa.float64()),
        ("ok", pa.bool_()),
    ]
)
Row = Mapping[str, Any]

# The last Sunday of March 2027 has 23 hours in Paris; instants gather around its midnights and its missing hour.
FIRST = datetime(2027, 3, 22, tzinfo=UTC)
ROWS = st.fixed_dictionaries(
    {
        "at": st.one_of(
            st.none(),
            st.integers(0, 15 * 24 * 4).map(lambda quarter: FIRST + timedelta(minutes=15 * quarter)),
            st.sampled_from([datetime(2027, 3, 27, 23, 0, tzinfo=UTC), datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC)]),
        ),
        "team": st.sampled_from(["north", "south", "O'Brien", None]),
        "n": st.one_of(st.none(), st.integers(-5, 9)),
        "amount": st.one_of(st.none(), st.integers(-10_000, 10_000).map(lambda cents: Decimal(cents) / 100)),
        "x": st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False)),
        "ok": st.sampled_from([True, False, None]),
    }
)
TABLES = st.dictionaries(st.integers(1, 60), ROWS, max_size=45)

CONDITION = "n > 0 OR ok"
ROLLUPS = ("pooled", "mean", "max", "min", "last")
FILTERS: tuple[Filter, ...] = ((), (("team", ("north",)),), (("team", ("O'Brien", "south")),))
WINDOWS = (
    Window(date(2027, 3, 22), date(2027, 4, 6)),
    Window(date(2027, 3, 28), date(2027, 3, 28)),
    Window(date(2027, 3, 25), date(2027, 3, 31)),
    Window(date(2027, 4, 1), date(2027, 4, 10)),
    Window(date(2026, 1, 1), date(2026, 1, 31)),
)
SERIES = tuple(SeriesRange(grain, WINDOWS[0]) for grain in ("day", "week", "month"))


def all_metrics() -> list[Metric]:
    """Every aggregate pooled, with and without a condition, and under one other rollup in turn."""
    folding = [
        ("mean", "amount"),
        ("sum", "n"),
        ("min", "x"),
        ("max", "amount"),
        ("last", "n"),
        ("sum", "ok"),
        ("mean", "x"),
    ]
    holistic = [("median", "amount"), ("p90", "x"), ("p99", "n"), ("count_distinct", "team"), ("count_distinct", "n")]
    daily: dict[str, Any] = {"expected_every": timedelta(days=1)}
    bodies: list[tuple[str, dict[str, Any]]] = [(name, {"value": value}) for name, value in [*folding, *holistic]]
    bodies += [("count", {}), ("count", daily), ("sum", {"value": "amount", **daily})]
    bodies += [
        ("ratio", {"numerator": "ok", "denominator": "true"}),
        ("ratio", {"numerator": "amount", "denominator": "n"}),
    ]
    defined: list[Metric] = []
    for index, (aggregate, body) in enumerate(bodies):
        for rollup, where in [
            ("pooled", None),
            ("pooled", CONDITION),
            (ROLLUPS[1 + index % 4], (None, CONDITION)[index % 2]),
        ]:
            more = {**body, "rollup": rollup, "where": where, "dimensions": ("team",)}
            defined.append(metric(f"m{len(defined)}", aggregate, **more))
    defined += [
        metric(f"silent_{rollup}", "count", rollup=rollup, dimensions=("team",), **daily) for rollup in ROLLUPS[1:]
    ]
    return defined


METRICS = all_metrics()
KEY_RESULTS = [
    key_result(f"k{index}", each.id, filter_=FILTERS[index % 3], read=read)
    for index, (each, read) in enumerate(
        (each, read)
        for each in METRICS
        if each.aggregate in {"median", "p99", "count_distinct"} and each.where is None
        for read in (Read("period"), Read("trailing", 5), Read("last week"))
    )
]


def table_of(rows: Mapping[int, Row]) -> pa.Table:
    return pa.Table.from_pylist([{"id": key, **row} for key, row in rows.items()], schema=SCHEMA)


# --- the oracle: plain Python over the rows ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Oracle:
    """Computes readings from rows by the definitions' words, sharing nothing with the store."""

    rows: Sequence[Row]

    def covered(self) -> tuple[date, date] | None:
        days = [day_of(row) for row in self.rows if row["at"] is not None and day_of(row) <= date(2027, 4, 10)]
        return (min(days), max(days)) if days else None

    def reading(self, asked: Metric, filter_: Filter, window: Window) -> Reading:
        days = [window.starts + timedelta(days=offset) for offset in range(window.days)]
        zeros = set()
        if asked.counts_silence_as_zero and (covered := self.covered()):
            zeros = {day for day in days if covered[0] <= day <= covered[1]}
        chosen = [row for row in self.counted(asked, filter_) if window.starts <= day_of(row) <= window.ends]
        if asked.rollup == "pooled":
            value = aggregate(asked, chosen)
            return Reading(0.0 if value is None and zeros else value, counted_rows(asked, chosen))
        daily: list[float] = []
        for day in days:
            value = aggregate(asked, [row for row in chosen if day_of(row) == day])
            daily += [value] if value is not None else [0.0] if day in zeros else []
        folds = {"mean": lambda: math.fsum(daily) / len(daily), "max": lambda: max(daily), "min": lambda: min(daily)}
        rolled = (folds.get(asked.rollup, lambda: daily[-1]))() if daily else None
        return Reading(rolled, counted_rows(asked, chosen))

    def counted(self, asked: Metric, filter_: Filter) -> list[Row]:
        return [
            row
            for row in self.rows
            if row["at"] is not None
            and all(row[name] in values for name, values in filter_)
            and (asked.where is None or (row["n"] or 0) > 0 or row["ok"])
        ]


def day_of(row: Row) -> date:
    found: date = row["at"].astimezone(PARIS).date()
    return found


def value_of(row: Row, name: str | None) -> Any:
    return True if name == "true" else row[name or ""]


def counted_rows(asked: Metric, rows: Sequence[Row]) -> int:
    name = asked.denominator if asked.aggregate == "ratio" else asked.value
    return len(rows) if name is None else sum(value_of(row, name) is not None for row in rows)


def total(rows: Iterable[Row], name: str | None) -> Any:
    values = [value for row in rows if (value := value_of(row, name)) is not None]
    return (math.fsum(values) if name == "x" else sum(values)) if values else None


def aggregate(asked: Metric, rows: Sequence[Row]) -> float | None:  # noqa: PLR0911
    if asked.aggregate == "ratio":
        above, below = total(rows, asked.numerator), total(rows, asked.denominator)
        return float(above) / float(below) if above is not None and below else None
    if asked.aggregate == "count":
        return float(len(rows)) or None
    present = [row for row in rows if row[asked.value or ""] is not None]
    values = [row[asked.value or ""] for row in present]
    if not values:
        return None
    match asked.aggregate:
        case "sum":
            return float(total(rows, asked.value))
        case "mean":
            return float(total(rows, asked.value)) / len(values)
        case "min":
            return float(min(values))
        case "max":
            return float(max(values))
        case "last":
            return float(max((row["at"], row[asked.value or ""]) for row in present)[1])
        case "count_distinct":
            return float(len(set(values)))
        case quantile:
            ordered = sorted(float(value) for value in values)
            place = (len(ordered) - 1) * QUANTILES[quantile]
            low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
            return low + (high - low) * (place - math.floor(place))


def same(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9 * 1e6)


def check(facts: Facts, oracle: Oracle) -> None:
    questions = [
        Measure(each, filter_, WINDOWS, series) for each in METRICS for filter_ in FILTERS for series in SERIES[:1]
    ]
    questions += [Measure(each, (), (), series) for each in METRICS[::7] for series in SERIES[1:]]
    for question, answer in zip(questions, facts.measure(questions), strict=True):
        for window, reading in zip(question.windows, answer.readings, strict=True):
            wanted = oracle.reading(question.metric, question.filter, window)
            assert same(reading.value, wanted.value), (question, window, reading, wanted)
            assert reading.rows == wanted.rows, (question, window, reading, wanted)
        seen_value = False
        for point in answer.series:
            bucket = bucket_of(point.day, question.series)
            wanted = oracle.reading(question.metric, question.filter, bucket)
            assert same(point.value, wanted.value), (question, bucket, point, wanted)
            seen_value = seen_value or point.value is not None
        assert seen_value or not answer.series


def bucket_of(day: date, series: SeriesRange | None) -> Window:
    assert series is not None
    if series.grain == "day":
        return Window(day, day)
    if series.grain == "week":
        following = day + timedelta(days=7 - day.weekday())
    else:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Window(day, min(following - timedelta(days=1), series.window.ends))


def derived(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Give everything that the newest generation keeps, in a fixed order."""
    name = (folder / "current").read_text().strip()
    with duckdb.connect(str(folder / f"{name}.duckdb"), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM quarterline.parts").fetchall()]
        tables += ["days", "exact_days", "exact_windows"]
        found = {}
        for table in sorted(tables):
            columns = connection.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_name", [table]
            ).fetchall()
            picked = ", ".join(
                f"round({column}, 6)" if kind == "DOUBLE" else f"CAST({column} AS VARCHAR)" for column, kind in columns
            )
            found[table] = connection.execute(f"SELECT {picked} FROM quarterline.{table} ORDER BY ALL").fetchall()
        return found


@pytest.fixture(scope="module")
def plug_in(tmp_path_factory: pytest.TempPathFactory) -> Iterable[None]:
    with pytest.MonkeyPatch.context() as patch:
        install_plug_in(patch, tmp_path_factory.mktemp("site"))
        yield


def new_rig(folder: Path) -> Rig:
    folder.mkdir(parents=True)
    rig = Rig(folder, Organisation("Test", timezone="Europe/Paris"), {}, MemoryLog(Rig(folder).log.defined))
    rig.define(*METRICS, key_results=KEY_RESULTS)
    return rig


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(first=TABLES, changed=TABLES, gone=st.sets(st.integers(1, 60), max_size=10))
@pytest.mark.usefixtures("plug_in")
def test_readings_equal_plain_python_and_increments_equal_a_build_from_scratch(
    first: dict[int, Row], changed: dict[int, Row], gone: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("numbers")
    steady = {
        100: {
            "at": FIRST + timedelta(days=3),
            "team": "north",
            "n": 1,
            "amount": Decimal("1.50"),
            "x": 0.25,
            "ok": True,
        }
    }
    rig = new_rig(folder / "grown")
    rig.put("sales", table_of(steady | first))
    assert rig.sync().ok
    with rig.facts() as facts:
        check(facts, Oracle([*(steady | first).values()]))
    rig.put("sales", table_of(changed), mode="merge")
    assert rig.sync().ok
    final = {key: row for key, row in (steady | first | changed).items() if key not in gone}
    rig.put("sales", table_of(final))
    assert rig.sync().ok
    scratch = new_rig(folder / "scratch")
    scratch.put("sales", table_of(final))
    assert scratch.sync().ok
    assert derived(rig.folder) == derived(scratch.folder)
    with rig.facts() as facts:
        check(facts, Oracle([*final.values()]))


@pytest.mark.usefixtures("plug_in")
def test_answers_from_rows_equal_kept_answers(tmp_path: Path) -> None:
    """Nothing is kept for a metric that was never synced, so the same questions go to the rows."""
    rows = {
        key: {
            "at": FIRST + timedelta(hours=5 * key),
            "team": ["north", "south", None][key % 3],
            "n": key % 7 - 2,
            "amount": Decimal(key * 37 % 1000) / 100,
            "x": math.sin(key) * 1000,
            "ok": key % 2 == 0,
        }
        for key in range(1, 70)
    }
    rig = new_rig(tmp_path / "kept")
    rig.put("sales", table_of(rows))
    rig.sync()
    bare = new_rig(tmp_path / "bare")
    bare.define(replace(METRICS[0], id="other", value="x + 1"))
    bare.put("sales", table_of(rows))
    bare.sync()
    with rig.facts() as facts, bare.facts() as from_rows:
        assert all(facts.is_kept(each, filter_) for each in METRICS if each.aggregate == "mean" for filter_ in FILTERS)
        assert not any(from_rows.is_kept(each) for each in METRICS)
        check(facts, Oracle([*rows.values()]))
        check(from_rows, Oracle([*rows.values()]))
