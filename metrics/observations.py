"""Observations that are sent to us: who may send them, what they must be, and where they wait for the next sync."""

import hmac
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors.base import Stream
from connectors.columns import declared_columns, type_name
from connectors.errors import ConnectorError, SecretError, shortened
from connectors.exact.strictjson import JsonNumber, decode, written
from connectors.push.extract import KEY, TIME, VALUE, load_rows, typed_stream
from connectors.push.inbox import Inbox
from connectors.secrets import resolve_options
from metrics.definitions import Workspace
from metrics.errors import PushError, nearest

SHORTEST_TOKEN = 32
MOST_OBSERVATIONS = 10_000
MOST_ERRORS = 100
LARGEST_BODY = 5 << 20

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEY_LENGTH = 200
_NUMBERS = ("int", "decimal", "double", "real", "float", "numeric", "bigint")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one observation.

    Attributes:
        row: its number in the request, from 1; 0 for the request itself.
        key: of the observation's key that is at fault.
    """

    row: int
    key: str
    message: str


class RefusedError(PushError):
    """Observations that were not stored, none of them.

    Attributes:
        faults: why, one by one.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = faults[0]
        place = f"row {first.row}, {first.key}: " if first.row else ""
        super().__init__(
            f"could not store the observations, because {place}{first.message}; correct and send all again"
        )


def push_token(workspace: Workspace) -> str | None:
    """Return the token that senders must show; None when nothing may be pushed here.

    Raises:
        PushError: the token's variable is not set, or too short to be one.
    """
    if workspace.push_token is None:
        return None
    try:
        token = str(resolve_options({"token": workspace.push_token}, source="push").options["token"])
    except SecretError as error:
        raise PushError(f"could not receive observations, because {error.message}") from None
    if len(token) < SHORTEST_TOKEN:
        raise PushError(
            f"could not receive observations, because the token has fewer than {SHORTEST_TOKEN} characters; set its "
            f"variable to a longer one, such as openssl rand -hex 32 gives"
        )
    return token


def is_token(token: str, shown: str) -> bool:
    """Compare in a time that says nothing about the token."""
    return hmac.compare_digest(sha256(token.encode()).digest(), sha256(shown.encode()).digest())


def store_observations(workspace: Workspace, body: bytes) -> int:
    """Store the observations of a request, all or none; gives how many.

    Raises:
        RefusedError: something is wrong with them; says what, row by row.
        PushError: they could not be written.
    """
    stream, rows = _request(workspace, body)
    if faults := _first(_faults(stream, rows)):
        raise RefusedError(faults)
    _refuse_misfits(stream, rows)
    try:
        Inbox(workspace.root, stream.source, stream.name).append([written(row) for row in rows])
    except OSError as error:
        raise PushError(
            f"could not store the observations, because {error.strerror or error}; make room, and send them again"
        ) from error
    return len(rows)


def _request(workspace: Workspace, body: bytes) -> tuple[Stream, list[Any]]:
    try:
        sent = decode(body.decode())
    except UnicodeDecodeError as error:
        raise RefusedError([Fault(0, "", f"byte {error.start + 1} of the body is no UTF-8")]) from None
    except ValueError as error:
        raise RefusedError([Fault(0, "", f"the body is no JSON: {error}")]) from None
    if not isinstance(sent, dict) or set(sent) != {"stream", "observations"}:
        raise RefusedError([Fault(0, "", 'the body is not {"stream": "source.stream", "observations": [...]}')])
    stream, rows = _stream(workspace, sent["stream"]), sent["observations"]
    if not isinstance(rows, list) or not rows:
        raise RefusedError([Fault(0, "observations", "observations is no list, or an empty one")])
    if len(rows) > MOST_OBSERVATIONS:
        raise RefusedError([Fault(0, "observations", f"there are more than {MOST_OBSERVATIONS:,}; send fewer at once")])
    return stream, rows


def _stream(workspace: Workspace, name: Any) -> Stream:
    known = {
        f"{source.name}.{stream.name}": stream
        for source in workspace.sources.values()
        if source.type == "push"
        for stream in source.streams.values()
    }
    if not isinstance(name, str) or name not in known:
        hint = nearest(str(name), known)
        raise RefusedError([Fault(0, "stream", f"{shortened(name)} is no stream of a push source{hint}")])
    try:
        return typed_stream(known[name])
    except ConnectorError as error:
        raise PushError(f"could not receive observations: {error}") from None


def _faults(stream: Stream, rows: Sequence[Any]) -> Iterator[Fault]:
    expected = {name: _json_type(type_name(column.type)) for name, column in declared_columns(stream).items()}
    first_rows: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            yield Fault(number, "", f"{shortened(written(row))} is no object")
            continue
        yield from (Fault(number, name, message) for name, message in _row_faults(row, expected))
        key = row.get(KEY)
        if isinstance(key, str) and (before := first_rows.setdefault(key, number)) != number:
            yield Fault(number, KEY, f"{shortened(key)} is the key of row {before} too")


def _row_faults(row: Mapping[str, Any], expected: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in (KEY, TIME, VALUE):
        if row.get(name) is None:
            yield name, "is missing"
    for name, value in row.items():
        if not _NAME.fullmatch(name):
            yield name[:80], "is no name; use lower-case letters a-z, digits and _"
        elif value is not None and (found := _found_type(value)) != expected.get(name, "text"):
            yield name, f"{expected.get(name, 'text')} expected, got {found} {shortened(written(value))}"
        elif message := _value_fault(name, value):
            yield name, message


def _value_fault(name: str, value: Any) -> str | None:
    if name == KEY and isinstance(value, str) and not 0 < len(value) <= _KEY_LENGTH:
        return f"has {len(value)} characters; 1 to {_KEY_LENGTH} are allowed"
    if name == VALUE and isinstance(value, JsonNumber) and not math.isfinite(float(value)):
        return f"{shortened(value)} is too large"
    if name == TIME and isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return f"{shortened(value)} is no time; write one such as 2026-01-31T08:00:00+07:00"
    return None


def _refuse_misfits(stream: Stream, rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what the next sync could not type, so that nothing in the inbox can ever stop it."""
    try:
        load_rows(stream, rows, "the request")
    except ConnectorError as error:
        raise RefusedError([Fault(error.line or 0, error.column or "", error.message)]) from None


def _json_type(name: str) -> str:
    if name.startswith(("u", "tiny", "small")) or name.startswith(_NUMBERS):
        return "number"
    return "boolean" if name == "boolean" else "text"


def _found_type(value: Any) -> str:
    if isinstance(value, JsonNumber):
        return "number"
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "nested value"


def _first(faults: Iterator[Fault]) -> list[Fault]:
    return [fault for fault, _ in zip(faults, range(MOST_ERRORS), strict=False)]
