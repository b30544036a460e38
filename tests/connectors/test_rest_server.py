"""The server that tests pull from fails as it says, and pages without losing a row."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.connectors.rest_server import Failure, RestServer

ROWS = [{"id": number, "updated_at": f"2026-01-{number:02d}T00:00:00Z"} for number in range(1, 26)]


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer(ROWS) as server:
        yield server


def fetched(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return dict(json.load(answer))


@pytest.mark.parametrize("start", ["page=1&per_page=10", "offset=0&limit=7", "cursor=&limit=4", "page=1&per_page=25"])
def test_every_way_of_paging_gives_every_row_once(server: RestServer, start: str) -> None:
    url, rows = f"{server.url}/rows?{start}", []
    while url:
        page = fetched(url)
        rows += page["data"] if isinstance(page["data"], list) else []
        url = str(page["next"] or "")
    assert rows == ROWS


def test_since_keeps_what_is_not_before_it(server: RestServer) -> None:
    assert fetched(f"{server.url}/rows?since=2026-01-20T00:00:00Z")["total"] == 6


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("429", urllib.error.HTTPError),
        ("500", urllib.error.HTTPError),
        ("html", json.JSONDecodeError),
        ("cut", http.client.IncompleteRead),
        ("short", json.JSONDecodeError),
        ("reset", OSError),
    ],
)
def test_an_answer_fails_once_as_told(server: RestServer, failure: Failure, error: type[Exception]) -> None:
    server.fail(failure)
    with pytest.raises(error) as caught:
        fetched(f"{server.url}/rows")
    if isinstance(caught.value, urllib.error.HTTPError):
        caught.value.close()
    assert fetched(f"{server.url}/rows")["total"] == 25


@pytest.mark.parametrize("failure", ["drip", "endless", "bomb"])
def test_bytes_that_would_not_end_leave_the_server_free(server: RestServer, failure: Failure) -> None:
    server.fail(failure)
    with urllib.request.urlopen(f"{server.url}/rows", timeout=10) as answer:
        assert answer.read(2)
    assert fetched(f"{server.url}/rows")["total"] == 25
