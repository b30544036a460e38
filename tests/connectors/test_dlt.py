"""Any dlt source, in a process of its own: typed exactly, with its own state, guarded whatever it speaks through."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import requests

from connectors.base import Connector, State, Stream
from connectors.dlt import child
from connectors.dlt.guarding import BoundedAdapter
from connectors.dlt.job import job_of, read_job
from connectors.dlt.plain import Plain, rows_of
from connectors.errors import ConnectorError, ContentError, DeclarationError, UnavailableError
from connectors.registry import open_connector
from connectors.web import Policy
from tests.connectors.rest_server import Answer, RestServer, json_answer
from tests.connectors.web_harnesses import DLT_SOURCES

ROWS = [
    {"id": number, "amount": number + 0.25, "updated_at": f"2026-01-{number:02d}T10:00:00Z"} for number in range(1, 6)
]


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer(ROWS) as server:
        yield server


def opened(server: RestServer, *, allow: tuple[str, ...] = ("127.0.0.1",), **options: Any) -> Connector:
    known = {"source": "desk_source:desk", "arguments": {"base_url": server.url, "token": "${TOKEN}"}}
    written = {**known, "allow_hosts": list(allow), "timeout": "20s", **options}
    return open_connector("dlt", "desk", written, DLT_SOURCES, {"TOKEN": "s3cret"})


TROUBLE = "desk_source:trouble"


def stream(name: str, **keys: Any) -> Stream:
    return Stream("desk", name, keys.pop("options", {}), **keys)


def pull(connector: Connector, wanted: Stream, state: State | None = None) -> tuple[pa.Table, str, list[str], State]:
    extract = connector.extract(wanted, state)
    table = pa.Table.from_batches(list(extract.batches()), extract.schema)
    return table, extract.mode, extract.notes, extract.state()


def test_an_incremental_resource_remembers_how_far_it_came(server: RestServer) -> None:
    connector, wanted = opened(server), stream("tickets", primary_key=("id",), cursor="updated_at")
    server.fail("500", "429")
    first, mode, _, state = pull(connector, wanted)
    assert mode == "replace"
    assert first["id"].to_pylist() == [1, 2, 3, 4, 5]
    assert first["amount"].to_pylist()[0] == Decimal("1.25")
    assert str(first.schema.field("updated_at").type) == "timestamp[us, tz=UTC]"
    assert server.seen[0].headers["x-api-key"] == "s3cret"
    server.seen.clear()
    server.rows.append({"id": 9, "amount": 3, "updated_at": "2026-02-01T00:00:00Z"})
    later, mode, _, _ = pull(connector, replace(wanted, pinned=first.schema), state)
    assert (later["id"].to_pylist(), mode) == ([9], "merge")
    assert server.seen[0].query["since"] == "2026-01-05T10:00:00Z"
    back_filled = replace(wanted, pinned=first.schema, since=date(2026, 1, 2))
    assert any("--since does not reach it" in note for note in pull(connector, back_filled, state)[2])


def test_without_a_key_everything_comes_each_time(server: RestServer) -> None:
    connector, wanted = opened(server), stream("tickets")
    _, _, _, state = pull(connector, wanted)
    again, mode, _, _ = pull(connector, wanted, state)
    assert (again.num_rows, mode) == (5, "replace")


def test_dlts_own_client_and_a_resource_alone(server: RestServer) -> None:
    assert pull(opened(server), stream("paged"))[0]["id"].to_pylist() == [1, 2, 3, 4, 5]
    alone = opened(server, source="desk_source:numbers", arguments={"count": 2500})
    table, mode, _, _ = pull(alone, stream("many", options={"resource": "numbers"}))
    assert (table.num_rows, mode) == (2500, "replace")


def test_what_a_source_prints_is_no_row_and_nested_values_are_text(server: RestServer) -> None:
    table, _, notes, _ = pull(opened(server, source=TROUBLE), stream("chatty"))
    assert table.select(["id", "nested"]).to_pylist() == [{"id": 1, "nested": '{"a": [1, 2.5]}'}]
    assert "1 NaN or infinite values taken as missing" in notes


@pytest.mark.parametrize(("source", "resource"), [("desk", "tickets"), ("trouble", "raw"), ("trouble", "datagram")])
def test_no_library_goes_to_a_private_address(server: RestServer, source: str, resource: str) -> None:
    with pytest.raises(ConnectorError, match="is not on the public internet"):
        pull(opened(server, allow=(), source=f"desk_source:{source}"), stream(resource))
    assert server.seen == []


def test_a_redirect_neither_leads_inside_nor_carries_the_token(server: RestServer) -> None:
    server.routes["/away"] = lambda _seen: Answer(302, b"", {"Location": "http://169.254.169.254/latest/"})
    with pytest.raises(ConnectorError, match=r"169\.254\.169\.254 is not on the public internet"):
        pull(opened(server, source=TROUBLE), stream("straight"))
    with RestServer() as other:
        other.routes["/there"] = lambda _seen: json_answer({"id": 1})
        server.routes["/away"] = lambda _seen: Answer(302, b"", {"Location": f"{other.url}/there"})
        pull(opened(server, source=TROUBLE), stream("straight"))
        assert server.seen[-1].headers["authorization"] == "Bearer s3cret"
        assert "authorization" not in other.seen[0].headers


@pytest.mark.parametrize(
    ("resource", "kind", "words"),
    [
        ("broken", UnavailableError, "because of ZeroDivisionError 'a bug in the source'"),
        ("ended", UnavailableError, "its process was ended by signal 9"),
    ],
)
def test_what_goes_wrong_inside_is_one_line(
    server: RestServer, resource: str, kind: type[ConnectorError], words: str
) -> None:
    with pytest.raises(kind, match=re.escape(words)) as caught:
        pull(opened(server, source=TROUBLE), stream(resource))
    assert "\n" not in str(caught.value)
    assert (caught.value.source, caught.value.stream) == ("desk", resource)


def test_a_bomb_is_left_after_the_limit(server: RestServer) -> None:
    server.fail("bomb")
    with pytest.raises(ContentError, match="larger than the limit"):
        pull(opened(server), stream("tickets"))


@pytest.mark.parametrize(
    ("reference", "resource", "words"),
    [
        ("desk_source:dsk", "tickets", "could not find 'dsk' in desk_source; did you mean 'desk'"),
        ("desk_sorce:desk", "tickets", "could not import desk_sorce"),
        ("desk_source:nothing", "tickets", "it gives a int"),
        ("desk_source:desk", "tikets", "could not find resource 'tikets' in the source; did you mean 'tickets'"),
        ("desk_source:numbers", "number", "could not find resource 'number'; did you mean 'numbers'"),
    ],
)
def test_a_source_that_is_none_says_so(
    monkeypatch: pytest.MonkeyPatch, reference: str, resource: str, words: str
) -> None:
    monkeypatch.syspath_prepend(DLT_SOURCES)
    arguments = {"desk": {"base_url": "https://desk.example"}, "numbers": {"count": 1}}.get(reference.partition(":")[2])
    job = job_of({"source": reference, "arguments": arguments}, Policy(), DLT_SOURCES)
    with pytest.raises(DeclarationError, match=words):
        child._chosen(child._built(job), resource)


def test_check_imports_and_builds_the_source(server: RestServer) -> None:
    with pytest.raises(DeclarationError, match="could not import desk_sorce"):
        opened(server, source="desk_sorce:desk").check()


@pytest.mark.parametrize("written", [None, "desk", "desk.source", "os:system; x", 3])
def test_a_reference_names_module_and_function(written: Any) -> None:
    with pytest.raises(DeclarationError, match=r"write source: package\.module:function"):
        job_of({"source": written}, Policy(), Path())


def test_a_job_survives_being_written_and_read(tmp_path: Path) -> None:
    policy = Policy(frozenset({"a.example"}), ca_file=tmp_path / "ca.pem")
    job = job_of({"source": "a.b:c", "arguments": {"x": [1, "y"]}}, policy, tmp_path).reading("r", "{}", 5)
    assert read_job(job.written()) == job


def test_values_become_json_that_loses_nothing() -> None:
    plain = Plain()
    row = {"money": Decimal("12345678901234567890.10"), "big": 2**70, "x": 0.1, "raw": b"\x01\xff", "odd": float("inf")}
    text = '{"money": 12345678901234567890.10, "big": 1180591620717411303424, "x": 0.1, "raw": "01ff", "odd": null}'
    assert plain.row(row) == text
    assert Plain().row({"tags": {"c", "a", "b"}}) == '{"tags": ["a", "b", "c"]}'
    assert plain.notes() == ["1 NaN or infinite values taken as missing"]


def test_rows_come_out_of_lists_tables_and_frames() -> None:
    rows = [{"id": 1}, {"id": 2}]
    assert list(rows_of([rows[0], [rows[1]]])) == rows
    assert list(rows_of(pa.Table.from_pylist(rows))) == rows
    assert list(rows_of(pa.Table.from_pylist(rows).to_pandas())) == rows
    with pytest.raises(TypeError, match="yields int where rows are expected"):
        list(rows_of(42))


@pytest.mark.parametrize(
    "read",
    [
        lambda answer: list(answer.iter_content(1 << 16)),
        lambda answer: answer.content,
        lambda answer: answer.raw.read(),
    ],
    ids=["pieces", "whole", "raw"],
)
def test_a_streamed_body_ends_at_its_limit(server: RestServer, read: Callable[[requests.Response], object]) -> None:
    server.fail("endless")
    policy = Policy(frozenset({"127.0.0.1"}), seconds=20, stream_limit=2 << 20)
    with requests.Session() as session:
        session.mount("http://", BoundedAdapter(policy))
        answer = session.get(f"{server.url}/rows", stream=True)
        with pytest.raises(ContentError, match="larger than the limit of 2 MiB unpacked"):
            read(answer)


def test_a_streamed_body_within_its_limit_arrives_whole(server: RestServer) -> None:
    policy = Policy(frozenset({"127.0.0.1"}), stream_limit=2 << 20)
    with requests.Session() as session:
        session.mount("http://", BoundedAdapter(policy))
        lines = session.get(f"{server.url}/rows", stream=True).iter_lines()
        assert b"".join(lines) == session.get(f"{server.url}/rows").content


def test_what_a_source_asked_for_again_itself_is_not_retriable(server: RestServer) -> None:
    """dlt's helper tries again, a plain request does not; only what was not tried again may be, by the sync."""
    server.fail_often(1.0, "500")
    with pytest.raises(UnavailableError) as helped:
        pull(opened(server), stream("tickets", primary_key=("id",)))
    assert len(server.seen) > 1
    assert not helped.value.retriable
    server.seen.clear()
    with pytest.raises(UnavailableError) as plain:
        pull(opened(server, source=TROUBLE), stream("checked"))
    assert len(server.seen) == 1
    assert plain.value.retriable
