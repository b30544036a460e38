"""dlt sources as people write them: incremental, paged, with a token; and one whose resources go wrong."""

import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import dlt
import requests as plain_requests
from dlt.sources.helpers import requests
from dlt.sources.helpers.rest_client.client import RESTClient

Rows = Iterator[list[dict[str, Any]]]


@dlt.source
def desk(base_url: str, token: str = "none", numbers: str = "float") -> Any:
    """Tickets, incremental; agents, whole each time; and pages through dlt's client."""

    def pages(url: str) -> Rows:
        following: str | None = url
        while following:
            answer = requests.get(following, headers={"X-Api-Key": token})
            body = answer.json(parse_float=Decimal) if numbers == "decimal" else answer.json()
            yield body["data"]
            following = body["next"]

    @dlt.resource(primary_key="id", write_disposition="merge")
    def tickets(
        updated: Any = dlt.sources.incremental("updated_at", initial_value="2000-01-01T00:00:00Z"),  # noqa: B008
    ) -> Rows:
        yield from pages(f"{base_url}/rows?since={updated.last_value}&per_page=2")

    @dlt.resource(write_disposition="replace")
    def agents() -> Rows:
        yield from pages(f"{base_url}/rows?per_page=100")

    @dlt.resource
    def paged() -> Iterator[Any]:
        yield from RESTClient(base_url).paginate("rows", params={"per_page": 3}, data_selector="data")

    return [tickets, agents, paged]


@dlt.source
def trouble(base_url: str, token: str = "none") -> Any:
    """Resources that go round dlt's helper, or wrong."""

    @dlt.resource
    def chatty() -> Iterator[dict[str, Any]]:
        sys.stdout.write("a source that prints\n")
        yield {"id": 1, "nested": {"a": [1, 2.5]}, "ratio": float("nan")}

    @dlt.resource
    def straight() -> Iterator[dict[str, Any]]:
        yield plain_requests.get(f"{base_url}/away", headers={"Authorization": f"Bearer {token}"}, timeout=9).json()

    @dlt.resource
    def checked() -> Iterator[dict[str, Any]]:
        answer = plain_requests.get(f"{base_url}/rows", timeout=9)
        answer.raise_for_status()
        yield from answer.json()["data"]

    @dlt.resource
    def raw() -> Iterator[dict[str, Any]]:
        with urllib.request.urlopen(f"{base_url}/rows") as answer:
            yield {"body": answer.read().decode()}

    @dlt.resource
    def datagram() -> Iterator[dict[str, Any]]:
        address = urlsplit(base_url)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            sending.sendmsg([b"anyone there?"], [], 0, (address.hostname, address.port))
        yield {"id": 1}

    @dlt.resource
    def broken() -> Iterator[dict[str, Any]]:
        yield {"id": 1}
        raise ZeroDivisionError("a bug in the source")

    @dlt.resource
    def ended() -> Iterator[dict[str, Any]]:
        yield {"id": 1}
        os.kill(os.getpid(), signal.SIGKILL)

    return [chatty, straight, checked, raw, datagram, broken, ended]


@dlt.resource
def numbers(count: int) -> Iterator[dict[str, int]]:
    """A resource without a source."""
    yield from ({"id": each} for each in range(count))


def nothing() -> int:
    """Give what is no source."""
    return 3
