"""The example of each connector in the documentation runs as it stands: only addresses lead to servers of the test."""

import json
import re
import sqlite3
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import create_engine, make_url, text

from metrics.definitions import load_workspace
from metrics.facts import open_facts
from metrics.model.definition import Definitions, Metric
from metrics.observations import store_observations
from metrics.sync import run_sync
from tests.connectors.prometheus_server import Prometheus, require_prometheus
from tests.connectors.rest_server import Answer, RestServer
from tests.connectors.test_documented import EXAMPLES, PAGE
from tests.metrics.sync.rig import MemoryLog

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTHING = Definitions({}, ())


def example(kind: str, first: str) -> str:
    """Give the example of a type of source, by the name of its first source."""
    (found,) = [str(each) for each in EXAMPLES if _is(each, kind, first)]
    return found


def _is(text: str, kind: str, first: str) -> bool:
    return re.search(rf"^sources:\n  {first}:\n    type: {kind}\n", text, re.MULTILINE) is not None


def addressed(written: str, old: str, new: str) -> str:
    """Let an example lead to another address."""
    assert old in written, old
    return written.replace(old, new)


def sync(root: Path, written: str, definitions: Definitions = NOTHING) -> None:
    (root / "quarterline.yaml").write_text(
        f"organisation: {{name: Sao Mai, timezone: Asia/Ho_Chi_Minh}}\n{written}", encoding="utf-8"
    )
    result = run_sync(load_workspace(root), MemoryLog(definitions), now=NOW)
    assert result.ok, (result.error, result.metric_errors, [stream.error for stream in result.streams])


def stored(root: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    with open_facts(root / "var") as facts:
        return list(facts.query(f"SELECT {columns} FROM {table} ORDER BY 1"))


def test_files(tmp_path: Path) -> None:
    (tmp_path / "data/survey").mkdir(parents=True)
    (tmp_path / "data/survey/a.csv").write_text("answer_id;answered_on;branch_code\n1;31/10/2026;007\n")
    (tmp_path / "data/survey/b.csv").write_text("answer_id;answered_on;branch_code\n2;01/11/2026;010\n")
    sync(tmp_path, example("files", "survey"))
    assert stored(tmp_path, "survey.answers", "answer_id, answered_on, branch_code") == [
        (1, date(2026, 10, 31), "007"),
        (2, date(2026, 11, 1), "010"),
    ]


def test_workbooks_and_archives(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Visits"
    for line in (["Visits of the branches"], [], ["visit_id", "visitors"], [1, 40], [2, 7]):
        sheet.append(line)
    workbook.save(tmp_path / "data/visits.xlsx")
    with zipfile.ZipFile(tmp_path / "data/returns.zip", "w") as archive:
        archive.writestr("october.csv", "return_id,amount\n1,12.50\n")
        archive.writestr("readme.txt", "nothing to load")
    sync(tmp_path, example("files", "branches"))
    assert stored(tmp_path, "branches.visits", "visit_id, visitors") == [(1, 40), (2, 7)]
    assert stored(tmp_path, "branches.returns", "return_id, amount") == [(1, Decimal("12.50"))]


@pytest.mark.service
def test_sql(tmp_path: Path, postgres_url: str, mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(
        postgres_url,
        "CREATE SCHEMA support",
        "CREATE TABLE support.tickets (id bigint, updated_at timestamptz, spent numeric(8, 2))",
        "INSERT INTO support.tickets VALUES (1, '2026-11-01 08:00+07', 1.25)",
    )
    run(
        mariadb_url,
        "CREATE TABLE orders (id int, total decimal(12, 2), paid_at datetime, test tinyint(1))",
        "INSERT INTO orders VALUES (1, 99.90, '2026-11-01 08:00', 0), (2, 1, '2026-11-01 09:00', 1)",
    )
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data/archive.db") as archive:
        archive.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY, seconds INTEGER)")
        archive.execute("INSERT INTO calls VALUES (1, 61)")
    archive.close()
    monkeypatch.setenv("HELPDESK_URL", postgres_url)
    sync(
        tmp_path, addressed(example("sql", "helpdesk"), "mysql://reader:${SHOP_PASSWORD}@db.example/shop", mariadb_url)
    )
    eight = datetime(2026, 11, 1, 1, tzinfo=UTC)
    assert stored(tmp_path, "helpdesk.tickets", "id, updated_at, spent") == [(1, eight, Decimal("1.25"))]
    assert stored(tmp_path, "shop.orders", "id, total, paid_at") == [(1, Decimal("99.90"), eight)]
    assert stored(tmp_path, "archive.calls", "id, seconds") == [(1, 61)]


@pytest.mark.service
def test_push_down(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(
        postgres_url,
        "CREATE SCHEMA sales",
        "CREATE TABLE sales.transactions (paid_at timestamptz, amount numeric(12, 2), updated_at timestamptz)",
        "INSERT INTO sales.transactions SELECT paid, 2.5, paid FROM generate_series("
        "'2026-11-01 08:00+07'::timestamptz, '2026-11-04 08:00+07', '1 day') AS paid",
    )
    monkeypatch.setenv("WAREHOUSE_URL", postgres_url)
    metric = Metric("paid", {"en": "Paid"}, "warehouse.transactions", "paid_at", "sum", value="amount")
    sync(tmp_path, example("sql", "warehouse"), Definitions({metric.id: metric}, ()))
    with open_facts(tmp_path / "var") as facts:
        assert facts.days(metric) is not None
        assert facts.tables() == ()


def test_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "s3cret-of-the-desk")
    rows = [{"id": each, "amount": "1.50", "updated_at": f"2026-11-0{each}T08:00:00Z"} for each in (1, 2)]
    with RestServer() as server:
        server.routes["/api/v2/tickets"] = lambda _seen: Answer(200, json.dumps({"data": rows, "pages": 1}).encode())
        written = addressed(example("rest", "desk"), "https://desk.example.com", server.url)
        sync(tmp_path, addressed(written, "    streams:", "    allow_hosts: [127.0.0.1]\n    streams:"))
        assert server.seen[0].headers["authorization"] == "Bearer s3cret-of-the-desk"
        assert server.seen[0].query["updated_since"] == "2026-01-01T00:00:00Z"
    assert stored(tmp_path, "desk.tickets", "id, amount") == [(1, Decimal("1.50")), (2, Decimal("1.50"))]


def test_dlt(tmp_path: Path) -> None:
    (tmp_path / "zendesk.py").write_text(ZENDESK, encoding="utf-8")
    sync(tmp_path, example("dlt", "desk"))
    assert stored(tmp_path, "desk.tickets", "id, since") == [(1, date(2026, 1, 1))]
    assert stored(tmp_path, "desk.people", "id, name") == [(7, "Linh")]


def test_google_sheets(tmp_path: Path) -> None:
    with RestServer() as server:
        server.routes["/pub"] = lambda _seen: Answer(200, b"team,target\nnorth,12.5\n", {"Content-Type": "text/csv"})
        old = "https://docs.google.com/spreadsheets/d/e/2PACX-.../pub?gid=0&single=true&output=csv"
        written = addressed(example("google_sheets", "plan"), old, f"{server.url}/pub?output=csv")
        sync(tmp_path, addressed(written, "    streams:", "    allow_hosts: [127.0.0.1]\n    streams:"))
    assert stored(tmp_path, "plan.targets", "team, target") == [("north", Decimal("12.50"))]


@pytest.mark.service
def test_prometheus(tmp_path: Path) -> None:
    require_prometheus()
    first = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    with Prometheus(tmp_path / "server") as server:
        server.stop()
        buckets: Mapping[str, float] = {"0.1": 3.0, "1": 6.0, "+Inf": 6.0}
        points = [
            ({"le": edge, "service": "shop"}, first + 60 * minute, step * minute)
            for edge, step in buckets.items()
            for minute in range(30)
        ]
        server.write_history("http_request_duration_seconds_bucket", points)
        server.start()
        host = f"127.0.0.1:{server.port}"
        sync(tmp_path, addressed(example("prometheus", "monitoring"), "prometheus.example.com:9090", host))
    found = stored(tmp_path, "monitoring.latency", "time, service, value")
    assert len(found) >= 5
    assert {service for _, service, _ in found} == {"shop"}
    assert all(0.1 < value <= 1 for _, _, value in found)


def test_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the documented request sends is what the next sync loads."""
    monkeypatch.setenv("QUARTERLINE_PUSH_TOKEN", "x" * 32)
    (sent,) = re.findall(r"-d '(\{.*?\})'\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    written = example("push", "floor")
    (tmp_path / "quarterline.yaml").write_text(f"organisation: {{name: Sao Mai}}\n{written}", encoding="utf-8")
    assert store_observations(load_workspace(tmp_path), sent.encode()) == 1
    sync(tmp_path, written)
    assert stored(tmp_path, "floor.output", "key, value, line, shift") == [("2026-11-01/A", Decimal("118.500"), "A", 1)]


ZENDESK = """
import dlt


@dlt.source
def zendesk_support(start_date):
    @dlt.resource(primary_key="id")
    def tickets(updated=dlt.sources.incremental("updated_at", initial_value=start_date)):
        yield {"id": 1, "since": updated.last_value, "updated_at": "2026-11-01"}

    @dlt.resource
    def users():
        yield {"id": 7, "name": "Linh"}

    return [tickets, users]
"""


def run(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
