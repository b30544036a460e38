"""A published sheet: fetched through the guard, read as strictly as a file, and left alone while it is as it was."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import State, Stream
from connectors.errors import ContentError, DeclarationError, DriftError
from connectors.registry import open_connector
from tests.connectors.rest_server import Answer, RestServer

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer() as server:
        yield server


def publish(server: RestServer, text: str, headers: dict[str, str] = CSV) -> None:
    server.routes["/pub"] = lambda _seen: Answer(200, text.encode(), headers)


def stream(server: RestServer, query: str = "output=csv", **keys: Any) -> Stream:
    return Stream("plan", "targets", {"url": f"{server.url}/pub?{query}", **keys.pop("options", {})}, **keys)


def pull(wanted: Stream, state: State | None = None) -> tuple[pa.Table, str, list[str], State]:
    connector = open_connector("google_sheets", "plan", {"allow_hosts": ["127.0.0.1"]}, Path(), {})
    extract = connector.extract(wanted, state)
    table = pa.Table.from_batches(list(extract.batches()), extract.schema)
    return table, extract.mode, extract.notes, extract.state()


def test_a_sheet_is_read_whole_and_again_only_when_it_changed(server: RestServer) -> None:
    publish(server, "team,target\nBắc,1.5\nNam,2\n")
    first, mode, _, state = pull(stream(server))
    assert mode == "replace"
    assert first.to_pylist() == [
        {"team": "Bắc", "target": Decimal("1.5")},
        {"team": "Nam", "target": Decimal("2.0")},
    ]
    later = replace(stream(server), pinned=first.schema)
    same, mode, _, again = pull(later, state)
    assert (same.num_rows, mode, again) == (0, "merge", state)
    publish(server, "team,target\nNam,3\n")
    changed, mode, _, _ = pull(later, state)
    assert (changed["team"].to_pylist(), mode) == (["Nam"], "replace")


def test_an_emptied_sheet_keeps_the_earlier_rows(server: RestServer) -> None:
    publish(server, "team,target\nBắc,1\n")
    first, _, _, state = pull(stream(server))
    publish(server, "team,target\n")
    table, mode, notes, _ = pull(replace(stream(server), pinned=first.schema), state)
    assert (table.num_rows, mode) == (0, "merge")
    assert "the sheet has no rows below its header; earlier rows are kept" in notes


def test_a_formula_that_failed_is_named(server: RestServer) -> None:
    publish(server, "team,target\nBắc,1\n")
    first, _, _, state = pull(stream(server))
    publish(server, "team,target\nBắc,1\nNam,#REF!\n")
    with pytest.raises(DriftError, match="could not read '#REF!', because the column was bigint") as caught:
        pull(replace(stream(server), pinned=first.schema), state)
    assert (caught.value.line, caught.value.column) == (3, "target")


def test_a_login_page_is_named_as_such(server: RestServer) -> None:
    publish(server, "<!DOCTYPE html><title>Google Sheets: Sign-in</title>", {"Content-Type": "text/html"})
    with pytest.raises(ContentError, match="a web page titled 'Google Sheets: Sign-in'"):
        pull(stream(server))


def test_a_ragged_row_names_its_line(server: RestServer) -> None:
    publish(server, "team,target\nBắc,1\nNam,2,3\n")
    with pytest.raises(ContentError, match="3 fields and the header has 2") as caught:
        pull(stream(server))
    assert caught.value.line == 3


@pytest.mark.parametrize("query", ["", "usp=sharing", "output=pdf"])
def test_another_link_is_refused_with_the_way_to_the_right_one(server: RestServer, query: str) -> None:
    with pytest.raises(DeclarationError, match="Publish to web"):
        pull(stream(server, query))
    assert server.seen == []


def test_a_failing_fetch_is_tried_again_from_its_beginning(server: RestServer) -> None:
    publish(server, "team,target\nBắc,1\n")
    server.fail("cut", "500")
    assert pull(stream(server))[0].num_rows == 1


def test_a_declared_decimal_comma(server: RestServer) -> None:
    publish(server, 'team,target\nBắc,"1.234,5"\n')
    table, _, _, _ = pull(stream(server, options={"decimal": ",", "thousands": "."}))
    assert table["target"].to_pylist() == [Decimal("1234.5")]
