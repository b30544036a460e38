"""A pushed source from the command line: checked before it is applied, synced, shown, examined; never its password."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from .conftest import Command

pytestmark = pytest.mark.service

CONFIGURATION = """\
organisation: {name: Push, timezone: Asia/Ho_Chi_Minh}
sources:
  warehouse:
    type: sql
    url: ${WAREHOUSE_URL}
    mode: pushdown
    streams:
      tickets: {table: tickets, cursor: changed_at}
"""
METRICS = """\
metrics:
  late:
    source: warehouse.tickets
    time: opened_at
    aggregate: ratio
    numerator: minutes > 60
    denominator: "true"
    dimensions: [team]
    unit: percent
    better: lower
    expected_every: 1d
  minutes:
    source: warehouse.tickets
    time: opened_at
    aggregate: p90
    value: minutes
    dimensions: [team]
    better: lower
"""
OKRS = """\
cycle: 2026-Q4
objectives:
  - id: quick
    title: Answer quickly
    owner: linh
    key_results:
      - {id: late, title: Few are late, metric: late, owner: linh, target: "< 5 %"}
      - {id: p90, title: Nine in ten within an hour, metric: minutes, owner: linh, read: trailing 28d, target: "< 60",
         filter: {team: north}}
"""


@pytest.fixture
def warehouse(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WAREHOUSE_URL", postgres_url)
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS tickets"))
        connection.execute(
            text(
                "CREATE TABLE tickets AS SELECT n AS id, "
                "TIMESTAMPTZ '2026-11-23 03:00:00+00' - n * INTERVAL '2 hours' AS opened_at, "
                "(ARRAY['north', 'south'])[1 + n % 2] AS team, CAST(n % 97 AS numeric(8, 2)) AS minutes, "
                "TIMESTAMPTZ '2026-11-23 03:00:00+00' AS changed_at FROM generate_series(1, 1200) AS n"
            )
        )
    for name, content in (("quarterline.yaml", CONFIGURATION), ("metrics.yaml", METRICS), ("okrs/q4.yaml", OKRS)):
        path = tmp_path / "desk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    yield tmp_path / "desk"
    engine.dispose()


def expected(url: URL) -> tuple[float, float]:
    """By hand: the share of late tickets of the quarter, and the p90 of North's newest 28 days, in Vietnam's days."""
    engine = create_engine(url)
    day = "CAST(opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)"
    with engine.connect() as connection:
        share = connection.execute(
            text(f"SELECT avg(CASE WHEN minutes > 60 THEN 1.0 ELSE 0 END) FROM tickets WHERE {day} >= '2026-10-01'")
        ).scalar_one()
        p90 = connection.execute(
            text(
                "SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY minutes) FROM tickets "
                f"WHERE team = 'north' AND {day} BETWEEN '2026-10-27' AND '2026-11-23'"
            )
        ).scalar_one()
    engine.dispose()
    return float(share), float(p90)


def test_a_pushed_source_from_check_to_doctor(warehouse: Path, command: Command) -> None:
    assert command("--workspace", warehouse, "apply").code == 0
    synced = command("--workspace", warehouse, "sync", "--json")
    assert synced.code == 0, synced.err
    (stream,) = json.loads(synced.out)["streams"]
    assert (stream["outcome"], stream["mode"]) == ("ok", "replace")
    assert stream["notes"][0].startswith("1,200 rows stay in postgresql; ")
    status = json.loads(command("--workspace", warehouse, "status", "--json").out)
    late, p90 = status["key_results"]
    share, p90_of_north = expected(make_url(os.environ["WAREHOUSE_URL"]))
    assert late["value"] == pytest.approx(share, rel=1e-12)
    assert late["freshness"]["stale"] is False
    assert p90["value"] == pytest.approx(p90_of_north, rel=1e-12)
    series = command("--workspace", warehouse, "series", "minutes", "--grain", "week")
    assert series.code == 0, series.err
    doctor = command("--workspace", warehouse, "doctor")
    assert doctor.code == 0, doctor.out
    assert "warehouse: reachable (sql, metrics are computed there)" in doctor.out
    assert "rows of series came back" in doctor.out
    again = json.loads(command("--workspace", warehouse, "sync", "--json").out)
    assert (again["streams"][0]["outcome"], again["generation"]) == ("unchanged", None)
    refused = command("--workspace", warehouse, "series", "minutes", "--filter", "team=south")
    assert refused.code == 1
    assert "because its rows stay in postgresql and the sync did not bring this reading back" in refused.err


def test_what_the_engine_cannot_compute_is_refused_with_file_line_and_key(warehouse: Path, command: Command) -> None:
    path = warehouse / "metrics.yaml"
    path.write_text(path.read_text("utf-8").replace("value: minutes", "value: cast(minutes as integer)"), "utf-8")
    for asked in (("check",), ("apply",)):
        refused = command("--workspace", warehouse, *asked)
        assert refused.code == 1
        told = " ".join((refused.out + refused.err).split())
        assert "metrics.yaml:16: metrics.minutes.value: 'cast(minutes as integer)' converts DECIMAL(8,2)" in told


def test_a_database_that_is_no_engine_is_refused(warehouse: Path, command: Command) -> None:
    (warehouse / "data.db").write_bytes(b"")
    path = warehouse / "quarterline.yaml"
    path.write_text(path.read_text("utf-8").replace("url: ${WAREHOUSE_URL}", "url: sqlite:///data.db"), "utf-8")
    refused = command("--workspace", warehouse, "apply")
    assert refused.code == 1
    assert "metrics.yaml:3: metrics.late.source: metrics cannot be pushed down to 'sqlite'" in refused.err


def test_a_warehouse_that_is_down_is_said_without_its_password(
    warehouse: Path, command: Command, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("--workspace", warehouse, "apply").code == 0
    down = make_url(postgres_url).set(port=1, password="hunter2-of-the-warehouse")
    monkeypatch.setenv("WAREHOUSE_URL", down.render_as_string(hide_password=False))
    failed = command("--workspace", warehouse, "sync")
    assert failed.code == 1
    assert "warehouse.tickets: could not reach postgresql database" in failed.err
    assert "hunter2" not in failed.err + failed.out
