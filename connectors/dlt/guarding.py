"""The guard of a whole process: whatever library a source speaks through, no connection goes to a private address.

Only the process that runs one source calls this; it changes `requests` itself, and cannot be undone.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import requests
from requests import PreparedRequest, Response
from urllib3.exceptions import HTTPError

from connectors.errors import ContentError, DeclarationError
from connectors.web import Policy
from connectors.web.addresses import is_public, resolve
from connectors.web.answer import read_body
from connectors.web.session import UNCREDENTIALED
from connectors.web.transport import GuardedAdapter, deadline
from connectors.web.urls import checked_url, may_keep_credentials, shown

_CHUNK = 64 << 10


def guard_process(policy: Policy) -> "BoundedAdapter":
    """Guard every connection that this process makes from now on, and every session of `requests`."""
    sys.addaudithook(_refusing(policy))
    adapter = BoundedAdapter(policy)
    _guard_requests(policy, adapter)
    return adapter


def _refusing(policy: Policy) -> Any:
    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and arguments[1] is not None:
            _refuse_address(arguments[1], policy)

    return refuse


def _refuse_address(address: Any, policy: Policy) -> None:
    host, port = (str(address[0]), int(address[1])) if isinstance(address, tuple) else (str(address), 0)
    try:
        numeric = ip_address(host)
    except ValueError:
        raise DeclarationError(f"could not connect to {host!r}, because it is no address that can be checked") from None
    if is_public(numeric) or policy.allows(host, port):
        return
    for allowed in policy.allow_hosts:
        name, _, limit = allowed.rpartition(":") if allowed.rpartition(":")[2].isdigit() else (allowed, "", "")
        if limit in {"", str(port)} and numeric in _addresses(name.strip("[]"), port):
            return
    raise DeclarationError(
        f"could not connect to {host}, because it is not on the public internet; name the host under allow_hosts: of "
        f"the source if it is meant"
    )


def _addresses(host: str, port: int) -> list[Any]:
    try:
        return list(resolve(host, port))
    except OSError:
        return []


class BoundedAdapter(GuardedAdapter):
    """Reads bodies within the policy's limits, also those that the caller streams.

    Attributes:
        asked_again: whether what failed last had failed before, as the source itself tried again.
    """

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.asked_again = False
        self._failed: Counter[tuple[Any, ...]] = Counter()

    def send(self, request: PreparedRequest, stream: bool = False, *options: Any, **named: Any) -> Response:  # noqa: FBT001, FBT002
        """Send one request, and note whether it failed before."""
        asked = (request.method, request.url, request.body)
        try:
            response = self._sent(request, stream, *options, **named)
        except (requests.RequestException, OSError):
            self._count(asked)
            raise
        if response.status_code >= 400:
            self._count(asked)
        else:
            self._failed.pop(asked, None)
        return response

    def _count(self, asked: tuple[Any, ...]) -> None:
        self.asked_again = self._failed[asked] > 0
        self._failed[asked] += 1

    def _sent(self, request: PreparedRequest, stream: bool, *options: Any, **named: Any) -> Response:  # noqa: FBT001
        checked_url(str(request.url))
        with deadline(self._policy.seconds) as running:
            response = super().send(request, True, *options, **named)
            if stream:
                response.raw = _Capped(response.raw, self._policy.stream_limit, response.url)
            else:
                pieces: list[bytes] = []
                try:
                    read_body(response, self._policy, pieces.append)
                except (HTTPError, OSError) as error:
                    raise requests.exceptions.ChunkedEncodingError(str(error)) from error
                response._content = b"".join(pieces)  # noqa: SLF001  # where requests keeps it
                response.close()
        if running.expired:
            raise requests.Timeout(f"{shown(request.url)} did not answer in full within {self._policy.seconds:g} s")
        return response


class _Capped:
    """A body that is read piece by piece, and refused beyond a limit."""

    def __init__(self, raw: Any, limit: int, url: str) -> None:
        self._raw, self._limit, self._url = raw, limit, url
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def __iter__(self) -> Iterator[bytes]:
        return map(self._counted, self._raw)

    def stream(self, amt: int = _CHUNK, decode_content: bool | None = None) -> Iterator[bytes]:  # noqa: FBT001
        return map(self._counted, self._raw.stream(amt, decode_content))

    def read(self, amt: int | None = None, *options: Any, **named: Any) -> bytes:
        if amt is not None and amt >= 0:
            return self._counted(self._raw.read(amt, *options, **named))
        pieces: list[bytes] = []
        while piece := self.read(_CHUNK, *options, **named):
            pieces.append(piece)
        return b"".join(pieces)

    def read1(self, *options: Any, **named: Any) -> bytes:
        return self._counted(self._raw.read1(*options, **named))

    def readinto(self, into: Any) -> int:
        piece = self.read(len(into))
        into[: len(piece)] = piece
        return len(piece)

    def _counted(self, piece: bytes) -> bytes:
        self._size += len(piece)
        if self._size > self._limit:
            raise ContentError(
                f"could not read the answer, because it is larger than the limit of {self._limit >> 20} MiB unpacked; "
                f"ask for less at once",
                file=shown(self._url),
            )
        return piece


def _guard_requests(policy: Policy, adapter: BoundedAdapter) -> None:
    """Let every session, whoever makes it, send through our adapter and leave credentials behind at other hosts."""
    session: Any = requests.Session
    begin = session.__init__

    def initialise(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        self.trust_env = False
        self.max_redirects = policy.hops
        self.verify = True if policy.ca_file is None else str(policy.ca_file)

    session.__init__ = initialise
    session.get_adapter = lambda _self, url: checked_url(url) and adapter
    session.merge_environment_settings = _own_settings
    session.rebuild_auth = _rebuild_auth


def _own_settings(self: Any, _url: str, _proxies: Any, *settings: Any) -> dict[str, Any]:
    stream, verify, cert = settings
    return {"proxies": {}, "stream": bool(stream), "verify": self.verify if verify is None else verify, "cert": cert}


def _rebuild_auth(_self: Any, following: PreparedRequest, response: Response) -> None:
    old, new = str(response.request.url), str(following.url)
    if may_keep_credentials(old, new):
        return
    if following.body:
        raise DeclarationError(
            f"could not follow {shown(old)}, because it redirects to {shown(new)} and what is sent with the request "
            f"may be secret"
        )
    for name in [name for name in following.headers if name.lower() not in UNCREDENTIALED]:
        del following.headers[name]
