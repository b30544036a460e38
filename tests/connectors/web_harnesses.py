"""Web services of every bundled kind that hold given rows: what the conformance kit asks an author for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import Connector, Stream
from connectors.columns import INSTANT
from connectors.registry import open_connector
from connectors.testing import SCHEMA, ZONE, Sample
from metrics.definitions import Workspace, load_workspace
from metrics.observations import store_observations
from tests.connectors.harnesses import local_text, write_csv
from tests.connectors.prometheus_server import Prometheus
from tests.connectors.rest_server import Answer, RestServer

DLT_SOURCES = Path(__file__).parent / "dlt_sources"


class Exact(str):
    """The text of a JSON number, such as a service with decimals writes it."""

    __slots__ = ()


def json_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a row as a service would: times with Z, `opened_at` as its zone's clock shows it."""
    return {name: _written(name, value) for name, value in row.items()}


def _written(name: str, value: Any) -> Any:
    if name == "opened_at":
        return local_text(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return Exact(value) if isinstance(value, Decimal) else value


def exact_json(value: Any) -> bytes:
    """Write JSON with numbers as `Exact` has them."""
    if isinstance(value, Exact):
        return str(value).encode()
    if isinstance(value, Mapping):
        return (
            b"{" + b", ".join(json.dumps(key).encode() + b": " + exact_json(each) for key, each in value.items()) + b"}"
        )
    if isinstance(value, list):
        return b"[" + b", ".join(map(exact_json, value)) + b"]"
    return json.dumps(value, ensure_ascii=False).encode()


class ExactServer(RestServer):
    """Serves decimals as they are written."""

    def encoded(self, body: Any) -> bytes:
        return exact_json(body)


class RestHarness:
    """A service of its own, two rows a page."""

    def __init__(self, server: RestServer, folder: Path, paginator: Mapping[str, Any]) -> None:
        self.server, self.folder, self.paginator = server, folder, paginator

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        self.server.rows = [json_row(row) for row in rows.to_pylist()]
        options = {
            "base_url": self.server.url,
            "allow_hosts": ["127.0.0.1"],
            "auth": {"type": "bearer", "token": "${TOKEN}"},
            "paginator": self.paginator,
        }
        stream = Stream(
            "shop",
            "orders",
            {"path": "rows", "params": {"per_page": 2}, "data_selector": "data", "incremental": "since"},
            primary_key=("id",),
            cursor="updated_at",
            timezone=ZONE,
        )
        return open_connector("rest", "shop", options, self.folder, {"TOKEN": "t0ken"}), stream

    def change(self, rows: pa.Table) -> None:
        changed = {row["id"]: json_row(row) for row in rows.to_pylist()}
        self.server.rows = [row for row in self.server.rows if row["id"] not in changed] + list(changed.values())

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, options={**stream.options, "path": "nowhere"})


class SheetHarness:
    """A published sheet behind a redirect to another host, as Google's are."""

    def __init__(self, server: RestServer, content: RestServer, folder: Path) -> None:
        self.server, self.content, self.folder = server, content, folder
        self.rows: dict[int, dict[str, Any]] = {}
        server.routes["/spreadsheets/d/e/2PACX/pub"] = lambda seen: Answer(
            307, b"", {"Location": f"{content.url}/pub/{seen.query['output']}"}
        )
        content.routes["/pub/csv"] = lambda _seen: Answer(200, self.written(), {"Content-Type": "text/csv"})

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        self.rows = {}
        self.change(rows)
        url = f"{self.server.url}/spreadsheets/d/e/2PACX/pub?gid=0&single=true&output=csv"
        stream = Stream("shop", "orders", {"url": url}, primary_key=("id",), timezone=ZONE)
        return open_connector("google_sheets", "shop", {"allow_hosts": ["127.0.0.1"]}, self.folder, {}), stream

    def change(self, rows: pa.Table) -> None:
        self.rows |= {row["id"]: row for row in rows.to_pylist()}

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, options={"url": str(stream.options["url"]).replace("2PACX", "nowhere")})

    def written(self) -> bytes:
        path = self.folder / "sheet.csv"
        write_csv(path, pa.Table.from_pylist(list(self.rows.values()), SCHEMA))
        return path.read_bytes()


_POINTS = pa.schema([("time", INSTANT), ("service", pa.string()), ("value", pa.float64())])


def _points(*rows: tuple[int, str, float]) -> pa.Table:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    names = _POINTS.names
    written = [(noon + timedelta(hours=hours), service, value) for hours, service, value in rows]
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in written], _POINTS)


class PrometheusHarness:
    """A real server whose history is written beforehand; what was scraped never changes, so changes are only new."""

    sample = Sample(
        ("time", "service"),
        _points((0, "đơn hàng", 0.1), (0, "billing", 1e-7), (1, "billing", -3.0), (5, "đơn hàng", 9007199254740993.0)),
        _points((6, "billing", 2.5), (6, "mới", 1.0)),
    )

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.server = Prometheus(folder / "0")

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        self.close()
        self.count += 1
        self.server = Prometheus(self.folder / str(self.count))
        self.change(rows)
        self.server.start()
        stream = Stream(
            "shop",
            "latency",
            {"query": "latency", "step": "1h", "start": "2025-12-31", "labels": ["service"]},
            primary_key=("time", "service"),
            cursor="time",
        )
        return open_connector(
            "prometheus", "shop", {"url": self.server.url, "allow_hosts": ["127.0.0.1"]}, self.folder, {}
        ), stream

    def change(self, rows: pa.Table) -> None:
        points = [({"service": row["service"]}, int(row["time"].timestamp()), row["value"]) for row in rows.to_pylist()]
        self.server.write_history("latency", points)

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, options={**stream.options, "query": "latency{"})

    def close(self) -> None:
        self.server.stop()


_PUSHED = pa.schema(
    [
        ("key", pa.string()),
        ("time", INSTANT),
        ("value", pa.float64()),
        ("amount", pa.decimal128(12, 2)),
        ("paid", pa.bool_()),
        ("day", pa.date32()),
        ("team", pa.string()),
    ]
)


_BEFORE_THE_GAP = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)


def _pushed(*rows: tuple[Any, ...]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(_PUSHED.names, row, strict=True)) for row in rows], _PUSHED)


class PushHarness:
    """An inbox that is filled as the dashboard fills it."""

    sample = Sample(
        ("key",),
        _pushed(
            (
                "a",
                datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
                0.1,
                Decimal("9999999999.99"),
                True,
                date(2024, 2, 29),
                "Bắc",
            ),
            ("Đ-2", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), -1e-7, Decimal("-0.01"), False, None, "2026-01-01"),
            ("c", datetime(2026, 1, 1, 12, tzinfo=UTC), 9007199254740993.0, None, None, None, None),
        ),
        _pushed(
            ("Đ-2", datetime(2026, 10, 25, 0, 31, tzinfo=UTC), 2.5, None, None, None, "Nam"),
            ("d", datetime(2026, 1, 2, tzinfo=UTC), 3.0, Decimal("5.55"), True, date(1999, 12, 31), None),
        ),
    )

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.workspace: Workspace | None = None

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        self.count += 1
        root = self.folder / str(self.count)
        root.mkdir()
        columns = '{amount: "decimal(12, 2)", paid: boolean, day: date, team: text}'
        (root / "quarterline.yaml").write_text(
            f"organisation: {{name: Shop, timezone: {ZONE}}}\npush: {{token: '${{TOKEN}}'}}\nsources:\n"
            f"  shop: {{type: push, streams: {{orders: {{primary_key: key, columns: {columns}}}}}}}\n"
        )
        self.workspace = load_workspace(root)
        self.change(rows)
        return open_connector("push", "shop", {}, root, {}), self.workspace.streams["shop.orders"]

    def change(self, rows: pa.Table) -> None:
        assert self.workspace is not None
        if rows.num_rows:
            sent = [{name: _pushed_value(name, value) for name, value in row.items()} for row in rows.to_pylist()]
            store_observations(self.workspace, exact_json({"stream": "shop.orders", "observations": sent}))

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, primary_key=("time",))


def _pushed_value(name: str, value: Any) -> Any:
    # A local time without an offset is one of the organisation's zone.
    return local_text(value) if name == "time" else _written(name, value)


class DltHarness:
    """A real dlt source over a service of its own."""

    def __init__(self, server: RestServer) -> None:
        self.server = server
        self.rest = RestHarness(server, DLT_SOURCES, {})

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        self.server.rows = [json_row(row) for row in rows.to_pylist()]
        options = {
            "source": "desk_source:desk",
            "arguments": {"base_url": self.server.url, "numbers": "decimal"},
            "allow_hosts": ["127.0.0.1"],
        }
        stream = Stream("shop", "tickets", {}, primary_key=("id",), cursor="updated_at", timezone=ZONE)
        return open_connector("dlt", "shop", options, DLT_SOURCES, {}), stream

    def change(self, rows: pa.Table) -> None:
        self.rest.change(rows)

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, options={"resource": "tikets"})
