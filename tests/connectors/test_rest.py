"""JSON services: every page, exact types, only what changed, and no credential where it is not meant for."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import Connector, State, Stream
from connectors.errors import ConnectorError, ContentError, DeclarationError, DriftError, UnavailableError
from connectors.registry import open_connector
from tests.connectors.rest_server import Answer, RestServer, Seen, json_answer

ROWS = [
    {"id": number, "amount": f"{number}.50", "updated_at": f"2026-01-{number:02d}T10:00:00Z"} for number in range(1, 8)
]
PAGED = {"type": "page_number", "base_page": 1, "total_path": "pages"}


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer([row | {"amount": float(str(row["amount"]))} for row in ROWS]) as server:
        yield server


def opened(server: RestServer, *, environ: dict[str, str] | None = None, **options: Any) -> Connector:
    known = {"base_url": server.url, "allow_hosts": ["127.0.0.1"], "timeout": "5s"}
    return open_connector("rest", "shop", {**known, **options}, Path(), environ or {})


def stream(**options: Any) -> Stream:
    keys = {name: options.pop(name) for name in list(options) if name in Stream.__dataclass_fields__}
    return Stream("shop", "orders", {"path": "rows", "params": {"per_page": 2}, "paginator": PAGED, **options}, **keys)


def pull(connector: Connector, wanted: Stream, state: State | None = None) -> tuple[pa.Table, list[str], State]:
    extract = connector.extract(wanted, state)
    table = pa.Table.from_batches(list(extract.batches()), extract.schema)
    return table, extract.notes, extract.state()


def serve(server: RestServer, body: bytes, path: str = "/rows") -> None:
    server.routes[path] = lambda _seen: Answer(200, body)


def test_every_page_comes_once_and_numbers_are_exact(server: RestServer) -> None:
    table, notes, _ = pull(opened(server), stream(data_selector="data"))
    assert table["id"].to_pylist() == [1, 2, 3, 4, 5, 6, 7]
    assert table["amount"].to_pylist()[0] == Decimal("1.50")
    assert str(table.schema.field("updated_at").type) == "timestamp[us, tz=UTC]"
    assert [seen.query["page"] for seen in server.seen] == ["1", "2", "3", "4"]
    assert any(note.startswith("types: id bigint, amount decimal(18, ") for note in notes)


def test_records_and_links_are_detected_and_said(server: RestServer) -> None:
    table, notes, state = pull(opened(server), replace(stream(), options={"path": "rows", "params": {"per_page": 3}}))
    assert table.num_rows == 7
    assert "data_selector detected: data" in notes
    assert any(note.startswith("paginator detected: HeaderLinkPaginator") for note in notes)
    assert state["learnt"]["data_selector"] == "data"


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"type": "bearer", "token": "${SECRET}"}, ("authorization", "Bearer s3cret")),
        ({"type": "api_key", "name": "X-Key", "api_key": "${SECRET}"}, ("x-key", "s3cret")),
        ({"type": "http_basic", "username": "u", "password": "${SECRET}"}, ("authorization", "Basic dTpzM2NyZXQ=")),
    ],
)
def test_credentials_go_with_every_request(server: RestServer, auth: dict[str, str], header: tuple[str, str]) -> None:
    pull(opened(server, environ={"SECRET": "s3cret"}, auth=auth), stream())
    assert {seen.headers[header[0]] for seen in server.seen} == {header[1]}


def test_a_key_in_the_query_is_sent_and_never_shown(server: RestServer) -> None:
    auth = {"type": "api_key", "name": "key", "api_key": "${SECRET}", "location": "query"}
    connector = opened(server, environ={"SECRET": "s3cret"}, auth=auth)
    pull(connector, stream())
    assert {seen.query["key"] for seen in server.seen} == {"s3cret"}
    server.routes["/rows"] = lambda _seen: json_answer({"message": "no"}, 403)
    with pytest.raises(ContentError) as caught:
        pull(connector, stream())
    assert "s3cret" not in str(caught.value)


def test_client_credentials_get_a_token_first(server: RestServer) -> None:
    def token(seen: Seen) -> Answer:
        assert b"client_secret=s3cret" in seen.body
        return json_answer({"access_token": "t0ken", "expires_in": 3600})

    server.routes["/token"] = token
    auth = {
        "type": "oauth2_client_credentials",
        "access_token_url": f"{server.url}/token",
        "client_id": "me",
        "client_secret": "${SECRET}",
    }
    connector = opened(server, environ={"SECRET": "s3cret"}, auth=auth)
    pull(connector, stream())
    assert [seen.path for seen in server.seen] == ["/token", "/rows", "/rows", "/rows", "/rows"]
    assert server.seen[1].headers["authorization"] == "Bearer t0ken"
    server.routes["/token"] = lambda _seen: json_answer({"error": "invalid_client"})
    with pytest.raises(ContentError, match="has no 'access_token'"):
        pull(connector, stream())


def test_a_link_to_another_host_is_not_followed(server: RestServer) -> None:
    with RestServer(ROWS) as other:
        serve(server, json.dumps({"data": [{"id": 1}], "next": f"{other.url}/rows"}).encode())
        connector = opened(server, environ={"SECRET": "s"}, auth={"type": "bearer", "token": "${SECRET}"})
        with pytest.raises(DeclarationError, match="another host"):
            pull(connector, stream(paginator={"type": "json_link", "next_url_path": "next"}))
        assert other.seen == []


def incremental(**keys: Any) -> Stream:
    declared = {"start_param": "since", **keys}
    return stream(incremental=declared, primary_key=("id",), cursor="updated_at", lookback=timedelta(hours=1))


def test_the_next_pull_asks_for_what_changed(server: RestServer) -> None:
    connector = opened(server)
    first, _, state = pull(connector, incremental(initial_value="2026-01-03T00:00:00Z"))
    assert first["id"].to_pylist() == [3, 4, 5, 6, 7]
    server.seen.clear()
    server.rows.append({"id": 9, "amount": 9.25, "updated_at": "2026-01-09T00:00:00.500Z"})
    extract = connector.extract(replace(incremental(), pinned=first.schema), state)
    assert extract.mode == "merge"
    assert [row["id"] for batch in extract.batches() for row in batch.to_pylist()] == [7, 9]
    assert server.seen[0].query["since"] == "2026-01-07T09:00:00Z"
    assert extract.state()["cursor"] == "2026-01-09T00:00:00.500000+00:00"


def test_a_cursor_in_the_future_does_not_hide_what_comes(server: RestServer) -> None:
    connector = opened(server)
    wanted = replace(incremental(), asked_at=datetime(2026, 1, 8, tzinfo=UTC))
    server.rows.append({"id": 8, "amount": 1.0, "updated_at": "2099-01-01T00:00:00Z"})
    first, _, state = pull(connector, wanted)
    assert state["cursor"] == "2026-01-07T10:00:00+00:00"
    server.rows.append({"id": 9, "amount": 9.25, "updated_at": "2026-01-08T00:00:00Z"})
    wanted = replace(wanted, pinned=first.schema)
    assert pull(connector, wanted, state)[0]["id"].to_pylist() == [7, 8, 9]
    extract = connector.extract(wanted, {**state, "cursor": "2099-01-01T00:00:00+00:00"})
    assert (extract.mode, sum(batch.num_rows for batch in extract.batches())) == ("replace", 9)


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("iso", "2026-01-07T09:00:00Z"),
        ("date", "2026-01-07"),
        ("unix", "1767776400"),
        ("unix_ms", "1767776400000"),
        ("%d/%m/%Y %H:%M", "07/01/2026 16:00"),
    ],
)
def test_the_cursor_is_written_as_the_service_wants_it(server: RestServer, form: str, sent: str) -> None:
    connector, wanted = opened(server), replace(incremental(format=form), timezone="Asia/Ho_Chi_Minh")
    first, _, state = pull(connector, wanted)
    server.seen.clear()
    server.routes["/rows"] = lambda _seen: json_answer({"data": [], "pages": 0})
    pull(connector, replace(wanted, pinned=first.schema), state)
    assert server.seen[0].query["since"] == sent


def asked_next(server: RestServer, wanted: Stream) -> str:
    """Pull twice, and give what the second pull asks from."""
    first, _, state = pull(opened(server), wanted)
    server.seen.clear()
    pull(opened(server), replace(wanted, pinned=first.schema), state)
    return server.seen[0].query["since"]


def test_rows_that_a_service_shows_late_are_looked_back_for(server: RestServer) -> None:
    """Services set a row's time before they show the row, as databases do."""
    assert asked_next(server, replace(incremental(), lookback=timedelta(0))) == "2026-01-07T09:55:00Z"


def test_a_back_fill_asks_from_its_day_on(server: RestServer) -> None:
    wanted = replace(incremental(), timezone="Asia/Ho_Chi_Minh")
    assert asked_next(server, replace(wanted, since=date(2026, 1, 3))) == "2026-01-02T17:00:00Z"
    assert asked_next(server, replace(wanted, since=date(2026, 1, 9))) == "2026-01-07T09:00:00Z"


def test_a_cursor_of_days_looks_back_and_back_fills_too(server: RestServer) -> None:
    server.rows = [{"id": 1, "updated_at": "2026-01-06"}, {"id": 2, "updated_at": "2026-01-07"}]
    assert asked_next(server, replace(incremental(), lookback=timedelta(0))) == "2026-01-07"
    assert asked_next(server, replace(incremental(), lookback=timedelta(hours=36))) == "2026-01-05"
    assert asked_next(server, replace(incremental(), since=date(2026, 1, 2))) == "2026-01-02"


def test_a_local_time_is_asked_from_where_the_clock_is_put_back_to(server: RestServer) -> None:
    """What is changed within the hour that comes twice may show an earlier time than what was changed before."""
    server.rows = [{"id": 1, "updated_at": "2026-10-25T00:50:00Z"}]  # 02:50 in Berlin, ten minutes before it is 02:00
    wanted = replace(incremental(format="%Y-%m-%d %H:%M"), timezone="Europe/Berlin", lookback=timedelta(minutes=5))
    assert asked_next(server, wanted) == "2026-10-25 01:45"
    with_zone = replace(
        wanted, options={**wanted.options, "incremental": {"start_param": "since", "format": "%H:%M%z"}}
    )
    assert asked_next(server, with_zone) == "02:45+0200"


def test_numbers_are_looked_back_for_too(server: RestServer) -> None:
    assert asked_next(server, replace(incremental(), cursor="id", lookback=timedelta(0))) == "0"
    server.rows = [{"id": 4200, "amount": 1.0, "updated_at": "2026-01-01T00:00:00Z"}]
    assert asked_next(server, replace(incremental(), cursor="id", lookback=timedelta(0))) == "3200"


def test_a_cursor_that_is_no_time_cannot_go_back(server: RestServer) -> None:
    wanted = replace(incremental(), cursor="id", since=date(2026, 1, 2))
    with pytest.raises(DeclarationError, match="could not go back from cursor 7, because it is no time"):
        asked_next(server, wanted)


def test_a_failing_page_is_asked_for_again(server: RestServer) -> None:
    server.fail("500", "cut", "429")
    table, _, _ = pull(opened(server), stream())
    assert table["id"].to_pylist() == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        ("html", ContentError, "web page titled 'Sign in'"),
        ("json", ContentError, "could not find records at data_selector 'data'"),
        ("short", ContentError, "unterminated string"),
    ],
)
def test_what_is_no_page_stops_the_pull(
    server: RestServer, failure: Any, kind: type[ConnectorError], words: str
) -> None:
    connector = opened(server)
    connector.check()
    server.fail(failure)
    with pytest.raises(kind, match=words) as caught:
        pull(connector, stream(data_selector="data"))
    assert (caught.value.source, caught.value.stream) == ("shop", "orders")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("json_truncated.json", "could not read the answer as JSON"),
        ("json_html_500.json", "web page"),
        ("json_nan.json", "NaN is no JSON number"),
        ("json_error_200.json", "could not tell where the records are"),
        ("json_mixed_types.json", "because it is a string where numbers stand before"),
    ],
)
def test_bad_answers_name_what_is_wrong(server: RestServer, shared: Path, name: str, words: str) -> None:
    serve(server, (shared / "trust/badfiles" / name).read_bytes())
    with pytest.raises(ContentError, match=words) as caught:
        pull(opened(server), stream(paginator="single_page"))
    assert "\n" not in str(caught.value)


def test_an_empty_list_gives_no_rows_and_keeps_what_is_known(server: RestServer, shared: Path) -> None:
    connector = opened(server)
    first, _, state = pull(connector, stream(paginator="single_page"))
    serve(server, (shared / "trust/badfiles/json_empty_list.json").read_bytes())
    again, _, later = pull(
        connector, replace(stream(paginator="single_page", data_selector="$"), pinned=first.schema), state
    )
    assert (again.num_rows, again.schema) == (0, first.schema)
    assert later["learnt"]["always"] == state["learnt"]["always"]


def test_a_place_in_an_answer_is_named(server: RestServer) -> None:
    serve(server, b'[{"id": 1}, {"id": 2}, {"id": "x"}]')
    with pytest.raises(ContentError) as caught:
        pull(opened(server), stream(paginator="single_page"))
    assert str(caught.value).startswith(f"shop.orders, {server.url}/rows page 1, row 3, column 'id': could not read ")


def test_a_column_that_every_row_had_must_not_vanish(server: RestServer) -> None:
    """A renamed field would otherwise become a column without values, and every number wrong."""
    connector = opened(server)
    serve(server, b'[{"id": 1, "amount": 1, "note": "a"}, {"id": 2, "amount": 2}]')
    first, _, state = pull(connector, stream(paginator="single_page"))
    later = replace(stream(paginator="single_page"), pinned=first.schema)
    serve(server, b'[{"id": 3, "amount": 3}]')
    _, _, state = pull(connector, later, state)
    serve(server, b'[{"id": 3, "amount_vnd": 3}]')
    with pytest.raises(DriftError, match=r"could not find column 'amount'.*did you mean 'amount_vnd'"):
        pull(connector, later, state)


def test_another_type_stops_the_stream_and_a_wider_number_does_not(server: RestServer) -> None:
    connector = opened(server)
    serve(server, b'[{"id": 1, "amount": 1}]')
    first, _, state = pull(connector, stream(paginator="single_page"))
    later = replace(stream(paginator="single_page"), pinned=first.schema)
    serve(server, b'[{"id": 1, "amount": 1.25, "extra": true}]')
    wider, notes, _ = pull(connector, later, state)
    assert wider["amount"].to_pylist() == [Decimal("1.25")]
    assert "column 'extra' is new" in notes
    serve(server, b'[{"id": 1, "amount": "many"}]')
    with pytest.raises(DriftError, match="could not read 'many', because the column was bigint"):
        pull(connector, later, state)


@pytest.mark.parametrize(
    ("paginator", "words"),
    [
        ({"type": "page_number", "page_param": "seite", "base_page": 1}, "page 2, because it is page 1 again"),
        ({"type": "json_link", "next_url_path": "nxt"}, "does not follow"),
        ({"type": "cursor", "cursor_path": "total", "cursor_param": "c"}, "page 2, because it is page 1 again"),
    ],
)
def test_paging_that_is_declared_wrongly_is_noticed(server: RestServer, paginator: dict[str, Any], words: str) -> None:
    with pytest.raises(ContentError, match=words):
        pull(opened(server), stream(paginator=paginator))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"auth": {"type": "barer"}}, "its type 'barer' is unknown; did you mean 'bearer'"),
        ({"auth": {"type": "bearer", "tokn": "x"}}, "its key 'tokn' is unknown; did you mean 'token'"),
        ({"auth": {"type": "bearer"}}, "it has no 'token'"),
        ({"base_url": "ftp://x/"}, "neither http nor https"),
        ({"base_url": "https://${WHO}@x/"}, "carries a user or password"),
        ({"base_url": ""}, "it has no 'base_url'"),
        ({"paginator": {"type": "ofset"}}, "did you mean 'offset'"),
        ({"paginator": {"type": "offset"}}, "it has no 'limit'"),
        ({"paginator": {"type": "cursor", "cursor_path": "a["}}, "could not use paginator"),
    ],
)
def test_a_source_declared_wrongly_says_how(server: RestServer, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConnectorError, match=words) as caught:
        opened(server, environ={"WHO": "me"}, **options)
    assert caught.value.source == "shop"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "DELETE"}, "only GET and POST read"),
        ({"data_selector": "a["}, "is no JSON path"),
        ({"fields": {"queue": "a["}}, "is no JSON path"),
        ({"fields": {"queue": {"of": "a"}}}, "it has no 'queue'"),
        ({"incremental": "since"}, "no cursor: or no primary_key:"),
        ({"incremental": {"start": "since"}}, "did you mean 'start_param'"),
        ({"params": 3}, "it is no mapping"),
    ],
)
def test_a_stream_declared_wrongly_says_how(server: RestServer, options: dict[str, Any], words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        opened(server).extract(stream(**options), None)


def test_values_inside_a_record_become_columns(server: RestServer) -> None:
    """Their types follow from the values, and a record without the value has none."""
    serve(
        server,
        b"""[{"id": 1, "queue": {"name": "North", "size": {"seats": 4}}, "tags": [{"of": "a"}, {"of": "b"}]},
            {"id": 2, "queue": {"name": null}, "tags": [{"of": "c"}]}, {"id": 3, "queue": null}]""",
    )
    fields = {"queue_name": "queue.name", "seats": "queue.size.seats", "first": "tags[0].of", "kinds": "tags[*].of"}
    table, _, _ = pull(opened(server), stream(data_selector="$", paginator="single_page", fields=fields))
    assert table["queue_name"].to_pylist() == ["North", None, None]
    assert table["seats"].to_pylist() == [4, None, None]
    assert table["first"].to_pylist() == ["a", "c", None]
    assert table["kinds"].to_pylist() == ['["a", "b"]', '["c"]', "[]"]
    assert str(table["queue"][1]) == '{"name": null}'


def test_a_column_from_inside_a_record_hides_no_other(server: RestServer) -> None:
    with pytest.raises(DeclarationError, match="the records have a 'id' already"):
        pull(opened(server), stream(data_selector="data", fields={"id": "amount"}))


def test_a_search_is_posted_page_by_page(server: RestServer) -> None:
    def search(seen: Seen) -> Answer:
        asked = json.loads(seen.body)
        start = asked["from"]
        return json_answer({"hits": [{"_source": {"id": each}} for each in range(start, min(start + 2, 5))]})

    server.routes["/search"] = search
    paging = {"type": "offset", "limit": 2, "offset_body_path": "from", "limit_body_path": "size"}
    wanted = stream(
        path="search", method="POST", params={}, json={"query": "x"}, paginator=paging, data_selector="hits[*]._source"
    )
    table, _, _ = pull(opened(server), wanted)
    assert table["id"].to_pylist() == [0, 1, 2, 3, 4]
    assert {seen.method for seen in server.seen} == {"POST"}


def test_nothing_answers(server: RestServer) -> None:
    gone = opened(server, base_url="http://127.0.0.1:9", timeout="1s")
    with pytest.raises(UnavailableError, match="cannot be reached"):
        gone.check()


def test_dlt_is_not_imported_until_it_is_used() -> None:
    code = (
        "import sys; from pathlib import Path; from connectors.registry import open_connector;"
        "open_connector('rest', 's', {'base_url': 'https://api.example/'}, Path(), {});"
        "assert 'dlt' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    """Half a million rows in pages of a thousand, in a process of their own: growth is bounded, not the rows' size."""
    script = Path(__file__).parent / "pull_much.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows, grown = map(int, done.stdout.split())
    assert rows == 300_000
    assert grown < 200 << 20


def test_times_are_instants(server: RestServer) -> None:
    table, _, _ = pull(opened(server), stream())
    assert table["updated_at"].to_pylist()[0] == datetime(2026, 1, 1, 10, tzinfo=UTC)
