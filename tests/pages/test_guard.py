"""The application's own middleware, driven as a server drives it."""

from typing import Any

from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.guard import CONTENT_SECURITY_POLICY, Guard, health


def answers(app: ASGIApp, scope: dict[str, Any]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request" if scope["type"] == "http" else "websocket.connect"}

    whole = {"headers": [], "path": "/", "query_string": b"", "method": "GET", **scope}
    with start_blocking_portal() as portal:  # a thread of its own: browser tests keep a loop running in this one
        portal.call(app, whole, receive, send)
    return sent


async def accepting(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})


def headers_of(path: str) -> dict[str, str]:
    start = answers(Guard(Starlette(routes=[Route("/healthz", health)])), {"type": "http", "path": path})[0]
    return {name.decode(): value.decode() for name, value in start["headers"]}


def test_the_health_check_answers() -> None:
    start, body = answers(Guard(Starlette(routes=[Route("/healthz", health)])), {"type": "http", "path": "/healthz"})
    assert (start["status"], body["body"]) == (200, b"ok")


def test_every_answer_carries_the_headers_even_one_that_says_not_found() -> None:
    for path in ("/healthz", "/no-such-page"):
        headers = headers_of(path)
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_scripts_typed_into_the_page_may_not_run() -> None:
    scripts = next(part for part in CONTENT_SECURITY_POLICY.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in scripts
    assert "sha256-" in scripts
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_a_websocket_from_nowhere_is_refused_before_the_application_sees_it() -> None:
    sent = answers(Guard(accepting), {"type": "websocket"})
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


def test_a_websocket_that_says_where_it_comes_from_passes() -> None:
    sent = answers(Guard(accepting), {"type": "websocket", "headers": [(b"origin", b"http://127.0.0.1:8501")]})
    assert [message["type"] for message in sent] == ["websocket.accept"]
