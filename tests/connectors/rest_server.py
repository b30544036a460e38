"""A real web server on loopback that serves rows as JSON pages, and fails in every way that real ones do.

    with RestServer(rows) as server:
        server.fail("500", "html")            # the next two answers
        server.fail_often(0.3, seed=7)        # and later each with a chance of 30 %
        ... GET {server.url}/rows?since=...&page=2&per_page=100 ...

`/rows` pages by `page` (from 1), by `offset` and `limit`, or by `cursor`; every answer carries the total, the next
page's URL (in the body and as a Link header) and the next cursor, so that each way of paging can be tried. `since`
keeps rows whose `updated_at` is not before it.
"""

import gzip
import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

Failure = Literal["429", "500", "html", "json", "cut", "short", "reset", "drip", "endless", "bomb"]
"""`json`: an error message with status 200; `cut`: fewer bytes than announced; `short`: a whole answer of half a
document; `reset`: no answer at all; `drip`: a byte now and then; `endless`: bytes without end; `bomb`: gzip that grows.
"""

FAILURES: tuple[Failure, ...] = get_args(Failure)
BOMB_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server gives back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Route = Callable[[Seen], Answer]


def json_answer(value: Any, status: int = 200, /, **headers: str) -> Answer:
    """Answer with a JSON document."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), {"Content-Type": "application/json", **named})


_FAILED: Mapping[str, Answer] = {
    "500": json_answer({"message": "out of order"}, 500),
    "html": Answer(
        200,
        b"<!DOCTYPE html><html><title>Sign in</title><form action=/login></form></html>",
        {"Content-Type": "text/html; charset=utf-8"},
    ),
    "json": json_answer({"error": "token expired"}),
    "short": Answer(200, b'{"data": [{"id": 1, "name": "half'),
}


class RestServer:
    """Serves `rows` at `/rows` and what `routes` adds.

    Attributes:
        rows: what is served now, in order; replace or change it between requests.
        routes: other paths.
        seen: every request so far.
        retry_after: what a 429 says.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]] = (), *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.rows = list(rows)
        self.routes: dict[str, Route] = {"/rows": self._rows}
        self.seen: list[Seen] = []
        self.retry_after = "0"
        self._failures: deque[Failure] = deque()
        self._chance, self._random = 0.0, random.Random(0)
        self._often: tuple[Failure, ...] = ()
        self.stopping = threading.Event()
        self._server = _Server((host, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def host(self) -> str:
        return f"{self._server.server_address[0]!s}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, *failures: Failure) -> None:
        """Let the next answers fail, one each."""
        self._failures.extend(failures)

    def fail_often(self, chance: float, *failures: Failure, seed: int = 0) -> None:
        """Let every answer fail with a chance, in one of some ways (all of them by default)."""
        self._chance, self._often, self._random = chance, failures or FAILURES, random.Random(seed)

    def answer_of(self, seen: Seen) -> Answer | Failure:
        self.seen.append(seen)
        if self._failures:
            return self._failures.popleft()
        if self._random.random() < self._chance:
            return self._random.choice(self._often)
        route = self.routes.get(seen.path)
        return route(seen) if route else json_answer({"message": "no such resource"}, 404)

    def _rows(self, seen: Seen) -> Answer:
        rows = [row for row in self.rows if str(row.get("updated_at", "")) >= seen.query.get("since", "")]
        query = dict(seen.query)
        size = int(query.get("per_page", query.get("limit", 100)))
        if "offset" in query or "cursor" in query:
            name = "offset" if "offset" in query else "cursor"
            start = int(query[name] or 0)
            following = query | {name: str(start + size)}
        else:
            page = int(query.get("page", 1))
            start, following = (page - 1) * size, query | {"page": str(page + 1)}
        more = start + size < len(rows)
        link = f"{self.url}{seen.path}?{urlencode(following)}" if more else None
        body = {
            "data": rows[start : start + size],
            "total": len(rows),
            "pages": -(-len(rows) // size),
            "next": link,
            "next_cursor": str(start + size) if more else None,
        }
        headers = {"Content-Type": "application/json"} | ({"Link": f'<{link}>; rel="next"'} if link else {})
        return Answer(200, self.encoded(body), headers)

    def encoded(self, body: Any) -> bytes:
        """Write a body as JSON."""
        return json.dumps(body, ensure_ascii=False).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], owner: RestServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away in the middle is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): text for name, text in self.headers.items()},
            body,
        )
        found = self.server.owner.answer_of(seen)
        if isinstance(found, Answer):
            self._send(found)
        else:
            self._fail(found)

    def _send(self, answer: Answer, *, length: int | None = None) -> None:
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(answer.body) if length is None else length))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _fail(self, failure: Failure) -> None:
        self.close_connection = True
        match failure:
            case "429":
                self._send(json_answer({"message": "slow down"}, 429, Retry_After=self.server.owner.retry_after))
            case "cut":
                self._send(_FAILED["short"], length=10_000)
            case "reset":
                self.connection.close()
            case "drip":
                self._stream(b" ", seconds=0.2)
            case "endless":
                self._stream(b" " * (64 << 10), seconds=0)
            case "bomb":
                self._send(Answer(200, packed_bomb(), {"Content-Type": "application/json", "Content-Encoding": "gzip"}))
            case _:
                self._send(_FAILED[failure])

    def _stream(self, piece: bytes, *, seconds: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        stopping = self.server.owner.stopping
        while not (stopping.wait(seconds) if seconds else stopping.is_set()):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()


@lru_cache(maxsize=1)
def packed_bomb() -> bytes:
    """Return about a megabyte of gzip that unpacks to a gigabyte of blanks."""
    member = gzip.compress(b" " * (16 << 20), 9)
    return member * (BOMB_BYTES // (16 << 20))


@contextmanager
def serving(rows: Sequence[Mapping[str, Any]] = ()) -> Iterator[RestServer]:
    """Serve rows for the length of a `with`."""
    with RestServer(rows) as server:
        yield server
