"""Every bundled connector passes the conformance kit, against real files and real databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.registry import connector_names
from connectors.testing import ConnectorConformance, Harness
from tests.connectors.harnesses import FilesHarness, SqlHarness, write_csv, write_excel, write_json_lines, write_parquet
from tests.connectors.prometheus_server import require_prometheus
from tests.connectors.rest_server import RestServer
from tests.connectors.web_harnesses import (
    DltHarness,
    ExactServer,
    PrometheusHarness,
    PushHarness,
    RestHarness,
    SheetHarness,
)

PAGINATORS: list[dict[str, object]] = [
    {"type": "header_link"},
    {"type": "json_link", "next_url_path": "next"},
    {"type": "page_number", "base_page": 1, "total_path": "pages"},
    {"type": "offset", "limit": 2},
    {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"},
]


class TestCsv(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return FilesHarness(tmp_path, ".csv", write_csv)


class TestJsonLines(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return FilesHarness(tmp_path, ".jsonl", write_json_lines)


class TestParquet(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return FilesHarness(tmp_path, ".parquet", write_parquet)


class TestExcel(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return FilesHarness(tmp_path, ".xlsx", write_excel, {"id": "bigint", "amount": "decimal(12, 2)"})


class TestSqlite(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return SqlHarness("sqlite:///shop.db", tmp_path)


@pytest.mark.service
class TestPostgresql(ConnectorConformance):
    @pytest.fixture
    def harness(self, postgres_url: str, tmp_path: Path) -> Harness:
        return SqlHarness(postgres_url, tmp_path)


@pytest.mark.service
class TestMariadb(ConnectorConformance):
    @pytest.fixture
    def harness(self, mariadb_url: str, tmp_path: Path) -> Harness:
        return SqlHarness(mariadb_url, tmp_path)


@pytest.fixture(params=PAGINATORS, ids=lambda declared: str(declared["type"]))
def paginator(request: pytest.FixtureRequest) -> dict[str, object]:
    return dict(request.param)


class TestRest(ConnectorConformance):
    @pytest.fixture
    def harness(self, paginator: dict[str, object], tmp_path: Path) -> Iterator[Harness]:
        with ExactServer() as server:
            yield RestHarness(server, tmp_path, paginator)


class TestGoogleSheets(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[Harness]:
        with RestServer() as server, RestServer() as content:
            yield SheetHarness(server, content, tmp_path)


@pytest.mark.service
class TestPrometheus(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[Harness]:
        require_prometheus()
        harness = PrometheusHarness(tmp_path)
        yield harness
        harness.close()


class TestPush(ConnectorConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return PushHarness(tmp_path)


@pytest.mark.slow
class TestDlt(ConnectorConformance):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with ExactServer() as server:
            yield DltHarness(server)


def test_no_bundled_connector_is_left_out() -> None:
    """A connector that is added must be put through the kit here; Spark pulls no rows, it computes."""
    assert set(connector_names()) == {"dlt", "files", "google_sheets", "prometheus", "push", "rest", "spark", "sql"}
