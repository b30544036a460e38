"""Web services of every bundled kind that hold given rows: what the conformance kit asks an author for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import Connector, Stream
from connectors.registry import open_connector
from connectors.testing import SCHEMA, ZONE
from tests.connectors.harnesses import local_text, write_csv
from tests.connectors.rest_server import Answer, RestServer


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
