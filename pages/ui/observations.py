"""The address that observations are sent to: `POST /api/v1/observations`."""

import asyncio
import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from metrics.definitions import Workspace, load_workspace
from metrics.errors import QuarterlineError
from metrics.observations import LARGEST_BODY, Fault, RefusedError, is_token, push_token, store_observations
from pages.ui.data import workspace_root

PATH = "/api/v1/observations"
SECONDS_TO_SEND = 30

_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "POST"}}
_LOG = logging.getLogger(__name__)


class _RefusedRequestError(Exception):
    """A request that is answered without looking at its observations."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


async def receive_observations(request: Request) -> JSONResponse:
    """Store what was sent and say so, or say what is wrong with it; nothing is stored in part."""
    try:
        workspace = await _workspace_for(request)
        stored = await run_in_threadpool(store_observations, workspace, await _body(request))
    except _RefusedRequestError as error:
        return JSONResponse({"error": str(error)}, error.status, _HEADERS.get(error.status))
    except RefusedError as error:
        return JSONResponse({"error": str(error), "errors": [_as_json(fault) for fault in error.faults]}, 422)
    except QuarterlineError as error:
        _LOG.error("%s", error)  # the sentence says it all, and a trace helps nobody
        return JSONResponse({"error": str(error)}, 503)
    return JSONResponse({"stored": stored})


async def _workspace_for(request: Request) -> Workspace:
    """Return the workspace, when the sender may send to it."""
    try:
        workspace = await run_in_threadpool(load_workspace, workspace_root())
        token = push_token(workspace)
    except QuarterlineError as error:
        _LOG.error("%s", error)  # what is wrong with the configuration is no sender's business
        raise _RefusedRequestError(
            503, "could not receive observations, because the workspace is not set up for it; see the dashboard's log"
        ) from None
    if token is None:
        raise _RefusedRequestError(404, "not found")
    if request.method != "POST":
        raise _RefusedRequestError(405, "could not receive observations, because they are sent with POST")
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not is_token(token, shown.strip()):
        raise _RefusedRequestError(401, "could not receive observations, because the token is missing or wrong")
    return workspace


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _RefusedRequestError(415, "could not read the body, because it is not sent as application/json")
    pieces, size = [], 0
    try:
        async with asyncio.timeout(SECONDS_TO_SEND):
            async for piece in request.stream():
                size += len(piece)
                if size > LARGEST_BODY:
                    limit = f"{LARGEST_BODY >> 20} MiB"
                    raise _RefusedRequestError(
                        413, f"could not read the body, because it has more than {limit}; split it"
                    )
                pieces.append(piece)
    except (TimeoutError, ClientDisconnect):
        raise _RefusedRequestError(408, f"could not read the body within {SECONDS_TO_SEND} seconds") from None
    return b"".join(pieces)


def _as_json(fault: Fault) -> dict[str, object]:
    return {"row": fault.row or None, "key": fault.key or None, "message": fault.message}
