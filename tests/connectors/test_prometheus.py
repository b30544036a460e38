"""A real Prometheus: points exactly as it gives them, gaps left open, and a later pull that fits onto the first."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import Connector, State, Stream
from connectors.errors import ContentError, DeclarationError, UnavailableError
from connectors.registry import open_connector
from tests.connectors.prometheus_server import NodeExporter, Prometheus, require_prometheus
from tests.connectors.rest_server import RestServer, json_answer

pytestmark = pytest.mark.service

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTES = [minute for minute in range(4000) if not 1000 <= minute < 1060]
"""Minutes with a point: two days and a half, with an hour of silence."""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A server with one long series and three short ones."""
    require_prometheus()
    server = Prometheus(tmp_path_factory.mktemp("prometheus"))
    noon = int(NOON.timestamp())
    points: list[Any] = [({"job": "web"}, noon + minute * 60, minute / 7) for minute in MINUTES]
    points += [({"job": "db", "pod": pod}, noon, 1.0) for pod in ("a", "b")]
    points += [({"job": "odd"}, noon + minute * 60, float("nan")) for minute in range(3)]
    server.write_history("seconds", points)
    with server:
        yield server


def opened(url: str, **options: Any) -> Connector:
    known = {"url": url, "allow_hosts": ["127.0.0.1"], **options}
    return open_connector("prometheus", "mon", known, Path(), {"SECRET": "s3cret"})


def stream(query: str, *, labels: tuple[str, ...] = (), start: Any = "2026-01-01", **keys: Any) -> Stream:
    options = {"query": query, "step": keys.pop("step", "1m"), "start": start, "labels": list(labels)}
    return Stream("mon", "seconds", options, primary_key=("time", *labels), cursor="time", **keys)


def pull(connector: Connector, wanted: Stream, state: State | None = None) -> tuple[pa.Table, list[str], State]:
    extract = connector.extract(wanted, state)
    table = pa.Table.from_batches(list(extract.batches()), extract.schema)
    return table, extract.notes, extract.state()


def test_a_long_range_comes_in_chunks_without_loss_and_gaps_stay_open(history: Prometheus) -> None:
    table, _, state = pull(opened(history.url), stream('seconds{job="web"}', start="2026-01-01T00:00:00Z"))
    assert table["time"].to_pylist() == [NOON + timedelta(minutes=minute) for minute in MINUTES]
    assert table["value"].to_pylist() == [minute / 7 for minute in MINUTES]
    assert state["until"] == int((NOON + timedelta(minutes=3999)).timestamp())


def test_a_later_pull_begins_at_the_last_point_less_the_look_back(history: Prometheus) -> None:
    wanted = stream('seconds{job="web"}', lookback=timedelta(minutes=5))
    connector = opened(history.url)
    _, _, state = pull(connector, wanted)
    extract = connector.extract(wanted, state)
    assert extract.mode == "merge"
    assert sum(batch.num_rows for batch in extract.batches()) == 6
    assert extract.state() == state


def test_without_a_look_back_points_that_come_late_are_asked_for(history: Prometheus) -> None:
    wanted = stream('seconds{job="web"}')
    _, _, state = pull(opened(history.url), wanted)
    assert pull(opened(history.url), wanted, state)[0].num_rows == 6


def test_a_back_fill_asks_from_its_day_on_but_not_before_the_start(history: Prometheus) -> None:
    wanted = replace(stream('seconds{job="web"}', start="2026-01-02"), timezone="Asia/Ho_Chi_Minh")
    _, _, state = pull(opened(history.url), wanted)
    later, _, after = pull(opened(history.url), replace(wanted, since=date(2026, 1, 3)), state)
    assert later["time"][0].as_py() == datetime(2026, 1, 2, 17, tzinfo=UTC)
    assert after == state
    earlier, _, _ = pull(opened(history.url), replace(wanted, since=date(2025, 12, 1)), state)
    assert earlier["time"][0].as_py() == datetime(2026, 1, 2, tzinfo=UTC)


def test_series_that_labels_do_not_tell_apart_are_refused(history: Prometheus) -> None:
    with pytest.raises(ContentError, match=r"gives 2 series that labels: \[job\] does not tell apart; add some of pod"):
        pull(opened(history.url), stream('seconds{job="db"}', labels=("job",)))
    table, _, _ = pull(opened(history.url), stream('seconds{job="db"}', labels=("job", "pod")))
    assert table.select(["job", "pod", "value"]).to_pylist() == [
        {"job": "db", "pod": "a", "value": 1.0},
        {"job": "db", "pod": "b", "value": 1.0},
    ]


def test_a_label_that_a_series_lacks_is_empty(history: Prometheus) -> None:
    table, _, _ = pull(opened(history.url), stream("seconds", labels=("job", "pod")))
    assert set(table["pod"].to_pylist()) == {"", "a", "b"}


def test_points_that_are_no_number_are_missing(history: Prometheus) -> None:
    table, notes, _ = pull(opened(history.url), stream('seconds{job="odd"}'))
    assert table.num_rows == 0
    assert notes == ["3 points are not finite (NaN or infinite) and are taken as missing"]


@pytest.mark.parametrize(
    ("query", "words"),
    [("seconds{", "answers 400 Bad Request.*parse error"), ("rate(seconds)", "answers 400 Bad Request")],
)
def test_a_wrong_query_is_what_the_server_says(history: Prometheus, query: str, words: str) -> None:
    with pytest.raises(ContentError, match=words) as caught:
        pull(opened(history.url), stream(query))
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_what_an_exporter_says_arrives_again_and_again(tmp_path: Path) -> None:
    """Scraped every second from this machine, pulled twice: the second pull brings what came since."""
    require_prometheus()
    with NodeExporter() as exporter, Prometheus(tmp_path, scrape=exporter.address) as server:
        connector = opened(server.url)
        wanted = stream("node_time_seconds", labels=("job",), start="10m", step="1s", lookback=timedelta(seconds=2))
        first, state = wait_for_points(connector, wanted, None, 3)
        again, _ = wait_for_points(connector, wanted, state, 5)
        known = {row["time"]: row["value"] for row in first.to_pylist()}
        new = {row["time"]: row["value"] for row in again.to_pylist()}
        assert {at: value for at, value in new.items() if at in known}.items() <= known.items()
        assert max(new) > max(known)
        assert all(abs(value - at.timestamp()) < 60 for at, value in new.items())


def wait_for_points(connector: Connector, wanted: Stream, state: State | None, count: int) -> tuple[pa.Table, State]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        table, _, later = pull(connector, wanted, state)
        if table.num_rows >= count:
            return table, later
        time.sleep(0.5)
    pytest.fail("the exporter was not scraped within a minute")


def test_a_token_is_fetched_once_and_no_header_goes_to_whoever_gives_it() -> None:
    auth = {"type": "oauth2_client_credentials", "client_id": "me", "client_secret": "${SECRET}"}
    with RestServer() as server, RestServer() as authority:
        authority.routes["/token"] = lambda _seen: json_answer({"access_token": "abc", "expires_in": 3600})
        server.routes["/api/v1/query"] = lambda _seen: json_answer(
            {"status": "success", "data": {"resultType": "scalar", "result": [NOON.timestamp(), "1"]}}
        )
        auth["access_token_url"] = f"{authority.url}/token"
        opened(server.url, auth=auth, headers={"X-Scope-OrgID": "tenant"}).check()
        (asked,), (fetched,) = server.seen, authority.seen
    assert asked.headers["authorization"] == "Bearer abc"
    assert asked.headers["x-scope-orgid"] == "tenant"
    assert "x-scope-orgid" not in fetched.headers


def test_a_service_that_is_no_prometheus_is_noticed() -> None:
    with RestServer([{"id": 1}]) as server:
        server.routes["/api/v1/query"] = server.routes["/rows"]
        with pytest.raises(ContentError, match="it is not one of Prometheus"):
            opened(server.url).check()
    with pytest.raises(UnavailableError, match="cannot be reached"):
        opened("http://127.0.0.1:9", timeout="1s").check()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"query": ""}, "has no 'query'"),
        ({"step": "soon"}, "could not use step 'soon'"),
        ({"start": "last year"}, "neither a day nor a time before now"),
        ({"labels": ["value"]}, "a column has that name already"),
    ],
)
def test_a_stream_declared_wrongly_says_how(change: dict[str, Any], words: str) -> None:
    wanted = stream("up")
    with pytest.raises(DeclarationError, match=words):
        opened("http://127.0.0.1:9").columns(replace(wanted, options={**wanted.options, **change}))


def test_a_key_must_tell_points_apart() -> None:
    wanted = replace(stream("up", labels=("job",)), primary_key=("time",))
    with pytest.raises(DeclarationError, match=r"write primary_key: \[time, job\]"):
        opened("http://127.0.0.1:9").columns(wanted)
