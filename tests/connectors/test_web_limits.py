"""Whatever a service does, an answer is whole and exact, or there is one line that says why not, in bounded time."""

import resource
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import ConnectorError, ContentError, UnavailableError
from connectors.web import GuardedSession, Policy
from tests.connectors.rest_server import Answer, Failure, RestServer, json_answer, packed_bomb

ROWS = [{"id": number} for number in range(3)]
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer(ROWS) as server:
        yield server


def session(**limits: Any) -> GuardedSession:
    return GuardedSession(
        Policy(**{"allow_hosts": frozenset({"127.0.0.1"}), "seconds": 5, "first_pause": 0.01, **limits})
    )


@pytest.mark.parametrize("failure", ["429", "500", "cut", "reset"])
def test_what_may_pass_is_asked_for_again(server: RestServer, failure: Failure) -> None:
    server.fail(failure, failure, failure)
    assert session().get(f"{server.url}/rows").json()["total"] == "3"
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        ("500", UnavailableError, "answers 500 Internal Server Error, 5 times"),
        ("429", UnavailableError, "answers 429 Too Many Requests, 5 times"),
        ("cut", UnavailableError, "broke off its answer"),
        ("reset", UnavailableError, "cannot be reached"),
        ("html", ContentError, "it is a web page titled 'Sign in'"),
        ("short", ContentError, "unterminated string starting at character 29"),
        ("endless", ContentError, "larger than the limit of 4 MiB unpacked"),
        ("bomb", ContentError, "larger than the limit of 4 MiB unpacked"),
    ],
)
def test_what_does_not_pass_is_one_clear_line(
    server: RestServer, failure: Failure, kind: type[ConnectorError], words: str
) -> None:
    server.fail(*[failure] * 5)
    with pytest.raises(kind) as caught:
        session(body_limit=4 << 20).get(f"{server.url}/rows?token=secret").json()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_bomb_does_not_grow_memory(server: RestServer) -> None:
    """A megabyte that unpacks to a gigabyte is left after the limit."""
    packed_bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    server.fail("bomb")
    with pytest.raises(ContentError):
        session(body_limit=8 << 20).get(f"{server.url}/rows")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_a_dripping_body_ends_with_its_time(server: RestServer) -> None:
    server.fail("drip")
    began = time.monotonic()
    with pytest.raises(UnavailableError, match=r"did not answer in full within 0\.5 seconds"):
        session(seconds=0.5).get(f"{server.url}/rows")
    assert time.monotonic() - began < 5
    assert len(server.seen) == 1


def test_dripping_headers_end_with_their_time() -> None:
    """Every byte would begin a read's own time anew; the answer's time is not extended by them."""
    stopping = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not stopping.wait(0.1):
                try:
                    connection.send(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        began = time.monotonic()
        with pytest.raises(UnavailableError, match=r"did not answer in full within 0\.5 seconds"):
            session(seconds=0.5).get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert time.monotonic() - began < 5
        stopping.set()
        thread.join()


def test_a_connection_used_again_keeps_to_the_new_deadline(server: RestServer) -> None:
    asking = session(seconds=0.5)
    for _ in range(4):
        assert asking.get(f"{server.url}/rows").json()["total"] == "3"
        time.sleep(0.3)
    server.fail("drip")
    with pytest.raises(UnavailableError, match="did not answer in full"):
        asking.get(f"{server.url}/rows")


def test_a_service_is_waited_for_only_so_long(server: RestServer) -> None:
    server.retry_after = "86400"
    server.fail("429")
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="asks to wait 86,400 seconds"):
        session().get(f"{server.url}/rows")
    assert time.monotonic() - began < 5
    assert len(server.seen) == 1


def test_a_date_to_wait_for_is_read_by_the_services_clock(server: RestServer) -> None:
    busy = json_answer({}, 503, Date="Mon, 02 Mar 2026 10:00:00 GMT", Retry_After="Mon, 02 Mar 2026 10:02:00 GMT")
    server.routes["/busy"] = lambda _seen: busy
    with pytest.raises(UnavailableError, match=r"asks to wait (119|120|121) seconds|5 times"):
        session().get(f"{server.url}/busy")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": 1, "a": 2}', "key 'a' is repeated"),
        (b'{"a": "\\ud800"}', "half a surrogate pair"),
        (b'{"a": 1} {"b": 2}', "more text after the document"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "nested more than 64 levels deep"),
        (b'{"a": "\xff"}', "byte 0xff at position 7"),
        (b"", "expecting value at character 1"),
        (b"<html><title>Error</title>", "a web page titled 'Error'"),
    ],
)
def test_json_is_strict(server: RestServer, body: bytes, words: str) -> None:
    server.routes["/odd"] = lambda _seen: Answer(200, body)
    with pytest.raises(ContentError, match=words):
        session().get(f"{server.url}/odd").json()


def test_numbers_stay_as_they_are_written(server: RestServer) -> None:
    body = b'{"a": 0.10, "b": 9007199254740993, "c": 1e3}'
    server.routes["/exact"] = lambda _seen: Answer(200, body)
    assert session().get(f"{server.url}/exact").json() == {"a": "0.10", "b": "9007199254740993", "c": "1e3"}


@pytest.mark.parametrize(
    ("status", "words"), [(401, "check the credentials"), (404, "check base_url"), (418, "I'm a Teapot")]
)
def test_a_refusal_says_what_to_check(server: RestServer, status: int, words: str) -> None:
    server.routes["/no"] = lambda _seen: json_answer({"message": "not for you"}, status)
    with pytest.raises(ContentError, match=words) as caught:
        session().get(f"{server.url}/no")
    assert "not for you" in str(caught.value)
    assert len(server.seen) == 1
