"""Security headers on every answer, and no websocket from nowhere."""

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def _inline_scripts() -> str:
    """Allow the inline scripts of Streamlit's own page, by their hashes, and no other."""
    page = Path(str(files("streamlit"))) / "static/index.html"
    digests = [b64encode(sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(page.read_bytes())]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


# Streamlit's client styles elements inline, starts workers from blobs and compiles chart expressions. No inline script
# and no handler in an attribute runs, and nothing is fetched from another host, whatever text people have typed.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' 'unsafe-eval' {_inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_POLICY_VIOLATION = 1008


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its answer with our headers; close a websocket that does not say where it comes from."""
        if scope["type"] == "websocket" and not Headers(scope=scope).get("origin"):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "Origin is required"})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_guarded)


async def health(_request: Request) -> PlainTextResponse:
    """Answer that the server is up."""
    return PlainTextResponse("ok")
