"""Real public data, end to end: every value, progress and budget equals SQL written by hand on the raw rows.

The train data come through CSV and the web data through CSV, PostgreSQL and MariaDB; expectations are computed by a
DuckDB that reads the raw text itself and shares nothing with the product.
"""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from metrics.cli import main

TRAINS = """
  trains:
    type: files
    streams:
      routes:
        path: {shared}/real/tgv.csv
        encoding: windows-1252
        primary_key: [date, service, gare_depart, gare_arrivee]
        columns:
          date: {{type: date, format: "%m/%d/%Y"}}
          retard_moyen_tous_trains_arrivee: double
"""
WEB_CSV = """
  web:
    type: files
    streams:
      sessions:
        path: {shared}/real/web_sessions.csv
        delimiter: ";"
        primary_key: [date, country, browser, operating_system]
"""
WEB_SQL = """
  web:
    type: sql
    url: ${{WEB_URL}}
    streams:
      sessions: {{table: web_sessions, primary_key: id, cursor: id}}
"""
METRICS = """
metrics:
  late_arrivals:
    title: Late arrivals
    source: trains.routes
    time: date
    aggregate: ratio
    numerator: nb_train_retard_arrivee
    denominator: nb_train_prevu - nb_annulation
    dimensions: [service]
    unit: percent
    better: lower
    bounds: [0, 1]
  cancellations:
    title: Cancelled trains
    source: trains.routes
    time: date
    aggregate: sum
    value: nb_annulation
    dimensions: [service]
    unit: trains
    better: lower
  average_delay:
    title: Average delay
    source: trains.routes
    time: date
    aggregate: mean
    value: retard_moyen_tous_trains_arrivee
    where: service = 'National'
    unit: minutes
    better: lower
  sessions:
    title: Sessions
    source: web.sessions
    time: date
    aggregate: sum
    value: sessions
    unit: sessions
    better: higher
  chrome_share:
    title: Share of Chrome
    source: web.sessions
    time: date
    aggregate: ratio
    numerator: case when browser = 'Chrome' then sessions else 0 end
    denominator: sessions
    unit: percent
    better: higher
    bounds: [0, 1]
  daily_sessions:
    title: Sessions per day
    source: web.sessions
    time: date
    aggregate: sum
    rollup: mean
    value: sessions
    unit: sessions
    better: higher
"""
OKRS = {
    "2019-Q2": """
cycle: 2019-Q2
objectives:
  - id: punctual
    title: Trains arrive when they should
    owner: anne
    key_results:
      - id: late
        title: Late arrivals
        metric: late_arrivals
        filter: {service: [National]}
        shape: keep
        target: "< 0.12"
      - id: late-june
        title: Late
        metric: late_arrivals
        filter: {service: [National]}
        read: last month
        baseline: 0.15
        target: "<= 0.10"
      - id: late-june-auto
        title: Late
        metric: late_arrivals
        filter: {service: [National]}
        read: period
        baseline: auto
        target: "<= 0.10"
      - id: cancelled
        title: Cancelled
        metric: cancellations
        filter: {service: [National]}
        shape: total
        target: "<= 2000"
      - {id: delay, title: Delay, metric: average_delay, baseline: auto, target: "<= 4.5"}
""",
    "2019-Q3": """
cycle: 2019-Q3
objectives:
  - id: visited
    title: The site is found and used
    owner: paul
    key_results:
      - {id: sessions, title: Sessions, metric: sessions, shape: total, target: ">= 75000"}
      - {id: chrome, title: Chrome, metric: chrome_share, shape: keep, target: ">= 0.75"}
      - {id: chrome-reach, title: Chrome, metric: chrome_share, baseline: auto, target: ">= 0.75"}
      - id: per-day
        title: Sessions per day
        metric: daily_sessions
        read: trailing 28d
        baseline: auto
        target: ">= 1000"
""",
}

Card = dict[str, Any]


@pytest.fixture(scope="module")
def raw(shared: Path) -> duckdb.DuckDBPyConnection:
    """The raw rows as text, read by Python's own CSV reader."""
    connection = duckdb.connect()
    for table, file, encoding, delimiter in (
        ("trains", "tgv.csv", "windows-1252", ","),
        ("web", "web_sessions.csv", "utf-8", ";"),
    ):
        with (shared / "real" / file).open(encoding=encoding, newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter=delimiter))
        columns = list(rows[0])
        connection.execute(f"create table {table} ({', '.join(f'{column} varchar' for column in columns)})")
        frame = pd.DataFrame(rows, columns=columns)
        connection.register("incoming", frame)
        connection.execute(f"insert into {table} select * from incoming")
        connection.unregister("incoming")
    connection.execute(
        "create view national as select strptime(date, '%m/%d/%Y')::date as day, * from trains "
        "where service = 'National'"
    )
    return connection


def one(raw: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = raw.execute(query).fetchone()
    assert row is not None
    return row


def lay_out(directory: Path, shared: Path, web: str) -> None:
    (directory / "okrs").mkdir(parents=True)
    sources = (TRAINS + web).format(shared=shared.resolve())
    organisation = "organisation: {name: Real, timezone: Europe/Paris, language: en}\nsources:"
    (directory / "quarterline.yaml").write_text(organisation + sources)
    (directory / "metrics.yaml").write_text(METRICS)
    for cycle, okrs in OKRS.items():
        (directory / "okrs" / f"{cycle}.yaml").write_text(okrs)


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 0


def cards(directory: Path, cycle: str, as_of: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Card]:
    capsys.readouterr()
    run("--workspace", str(directory), "status", "--cycle", cycle, "--as-of", as_of, "--json")
    return {card["id"]: card for card in json.loads(capsys.readouterr().out)["key_results"]}


@pytest.fixture
def synced(tmp_path: Path, shared: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Path]:
    def lay_out_and_sync(web: str) -> Path:
        directory = tmp_path / "workspace"
        lay_out(directory, shared, web)
        run("--workspace", str(directory), "apply")
        run("--workspace", str(directory), "sync")
        return directory

    return lay_out_and_sync


def test_trains_through_csv(
    synced: Callable[[str], Path], raw: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    found = cards(synced(WEB_CSV), "2019-Q2", "2019-06-30", capsys)
    q2 = "day between date '2019-04-01' and date '2019-06-30'"
    q1 = "day between date '2019-01-01' and date '2019-03-31'"
    june = "day between date '2019-06-01' and date '2019-06-30'"
    run_trains = "sum(nb_train_prevu::bigint - nb_annulation::bigint)"
    rate = f"sum(nb_train_retard_arrivee::bigint)::double / {run_trains}"
    late, late_trains, trains = one(
        raw, f"select {rate}, sum(nb_train_retard_arrivee::bigint), {run_trains} from national where {q2}"
    )
    assert found["late"]["value"] == pytest.approx(late, rel=1e-9)
    assert found["late"]["value"] == pytest.approx(0.126549, abs=1e-6)
    assert found["late"]["met"] is False
    assert found["late"]["progress_raw"] == 0.0
    budget = found["late"]["budget"]
    assert budget["allowed"] == pytest.approx(0.12 * float(trains), rel=1e-9)
    assert budget["spent"] == pytest.approx(float(late_trains), rel=1e-9)
    assert budget["burn"] == pytest.approx(float(late_trains) / (0.12 * float(trains)), rel=1e-9)
    assert budget["burn"] > 1
    assert found["late"]["status"] == "missed"

    (june_rate,) = one(raw, f"select {rate} from national where {june}")
    assert found["late-june"]["value"] == pytest.approx(june_rate, rel=1e-9)
    assert found["late-june"]["progress_raw"] == pytest.approx((june_rate - 0.15) / (0.10 - 0.15), rel=1e-9)

    (before,) = one(raw, f"select {rate} from national where {q1}")
    assert found["late-june-auto"]["baseline"] == pytest.approx(before, rel=1e-9)
    assert found["late-june-auto"]["progress_raw"] == pytest.approx((late - before) / (0.10 - before), rel=1e-9)

    (cancelled,) = one(raw, f"select sum(nb_annulation::bigint) from national where {q2}")
    assert (found["cancelled"]["value"], int(cancelled)) == (1999, 1999)
    assert found["cancelled"]["met"] is True
    assert found["cancelled"]["budget"]["burn"] == pytest.approx(1999 / 2000, rel=1e-9)

    mean = "avg(retard_moyen_tous_trains_arrivee::double)"
    (delay, rows) = one(raw, f"select {mean}, count(*) from national where {q2}")
    (delay_before,) = one(raw, f"select {mean} from national where {q1}")
    assert found["delay"]["value"] == pytest.approx(delay, rel=1e-9)
    assert found["delay"]["rows"] == rows
    assert found["delay"]["progress_raw"] == pytest.approx((delay - delay_before) / (4.5 - delay_before), rel=1e-9)


def check_web(found: dict[str, Card], raw: duckdb.DuckDBPyConnection) -> None:
    q3 = "date::date between date '2019-07-01' and date '2019-08-31'"
    q2 = "date::date between date '2019-04-01' and date '2019-06-30'"
    (sessions,) = one(raw, f"select sum(sessions::bigint) from web where {q3}")
    assert found["sessions"]["value"] == sessions == 53051
    assert found["sessions"]["progress_raw"] == pytest.approx(53051 / 75000, rel=1e-9)
    days_left = (date(2019, 9, 30) - date(2019, 8, 31)).days
    assert found["sessions"]["needed"]["per_week"] == pytest.approx((75000 - 53051) / (days_left / 7), rel=1e-9)

    share = "sum(sessions::bigint) filter (browser = 'Chrome')::double / sum(sessions::bigint)"
    (chrome,) = one(raw, f"select {share} from web where {q3}")
    (chrome_before,) = one(raw, f"select {share} from web where {q2}")
    (others,) = one(raw, f"select sum(sessions::bigint) filter (browser <> 'Chrome') from web where {q3}")
    assert found["chrome"]["value"] == pytest.approx(chrome, rel=1e-9)
    assert found["chrome"]["value"] == pytest.approx(0.737479, abs=1e-6)
    assert found["chrome"]["met"] is False
    assert found["chrome"]["budget"]["spent"] == pytest.approx(float(others), rel=1e-9)
    assert found["chrome"]["budget"]["allowed"] == pytest.approx(0.25 * float(sessions) / (62 / 92), rel=1e-9)
    assert found["chrome-reach"]["baseline"] == pytest.approx(chrome_before, rel=1e-9)
    assert found["chrome-reach"]["progress_raw"] == pytest.approx(
        (chrome - chrome_before) / (0.75 - chrome_before), rel=1e-9
    )

    totals = "select sum(sessions::bigint) as total from web where date::date between {} group by date"
    per_day = f"select avg(total) from ({totals})"
    (value,) = one(raw, per_day.format("date '2019-08-04' and date '2019-08-31'"))
    (baseline,) = one(raw, per_day.format("date '2019-06-03' and date '2019-06-30'"))
    assert found["per-day"]["value"] == pytest.approx(value, rel=1e-9)
    assert found["per-day"]["baseline"] == pytest.approx(baseline, rel=1e-9)
    assert found["per-day"]["progress_raw"] == pytest.approx((value - baseline) / (1000 - baseline), rel=1e-9)


def test_web_sessions_through_csv(
    synced: Callable[[str], Path], raw: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    check_web(cards(synced(WEB_CSV), "2019-Q3", "2019-08-31", capsys), raw)


@pytest.mark.service
@pytest.mark.parametrize("database", ["postgres_url", "mariadb_url"])
def test_web_sessions_through_a_database(
    database: str,
    synced: Callable[[str], Path],
    raw: duckdb.DuckDBPyConnection,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url: str = request.getfixturevalue(database)
    rows = raw.execute("select * from web").fetchall()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "create table web_sessions (id integer primary key, date date not null, country varchar(80), "
                "browser varchar(80), operating_system varchar(80), sessions integer not null, users integer not null)"
            )
        )
        columns = ("date", "country", "browser", "operating_system", "sessions", "users")
        insert = text(f"insert into web_sessions values (:id, {', '.join(f':{column}' for column in columns)})")
        for begin in range(0, len(rows), 10_000):
            chunk = rows[begin : begin + 10_000]
            connection.execute(
                insert,
                [{"id": begin + index, **dict(zip(columns, row, strict=True))} for index, row in enumerate(chunk)],
            )
        in_place = connection.execute(
            text("select sum(sessions) from web_sessions where date between '2019-07-01' and '2019-08-31'")
        ).scalar_one()
    engine.dispose()
    monkeypatch.setenv("WEB_URL", url)
    found = cards(synced(WEB_SQL), "2019-Q3", "2019-08-31", capsys)
    assert found["sessions"]["value"] == int(in_place)
    check_web(found, raw)
