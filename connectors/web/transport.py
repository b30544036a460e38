"""Connections that go to a checked address and nowhere else, and that end when their time is over."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from connectors.errors import DeclarationError
from connectors.web.addresses import Address, first_closed, resolve
from connectors.web.policy import Policy


class Deadline:
    """Cuts the connections of one request when its time is over, however slowly they still send."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection too."""
        with self._lock:
            self._sockets.append(connected)
        if self.expired:
            self._cut()

    def start(self) -> None:
        """Begin to count."""
        self._timer.start()

    def stop(self) -> None:
        """Stop counting."""
        self._timer.cancel()
        with self._lock:
            self._sockets.clear()

    def _cut(self) -> None:
        self.expired = True
        with self._lock:
            for connected in self._sockets:
                with contextlib.suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)


class _Running(threading.local):
    deadline: Deadline | None = None


_RUNNING = _Running()


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Bound everything that this thread asks for within."""
    running = Deadline(seconds)
    running.start()
    outer, _RUNNING.deadline = _RUNNING.deadline, running
    try:
        yield running
    finally:
        _RUNNING.deadline = outer
        running.stop()


class _Checked(HTTPConnection):
    """Resolves its host once, checks every address, and connects to one of those."""

    policy: Policy
    _handle: socket.socket | None = None
    """A second handle on the connection, which stays valid when TLS takes the first."""

    def _new_conn(self) -> socket.socket:
        connected = self._connected(checked_addresses(self, self.policy))
        self._handle = connected.dup()
        self._watch()
        return connected

    def putrequest(self, *args: Any, **options: Any) -> None:
        # A connection that is used again has another request's deadline.
        self._watch()
        super().putrequest(*args, **options)

    def close(self) -> None:
        super().close()
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _watch(self) -> None:
        if self._handle is not None and _RUNNING.deadline is not None:
            _RUNNING.deadline.watch(self._handle)

    def _connected(self, addresses: list[Address]) -> socket.socket:
        last: OSError | None = None
        for address in addresses:
            try:
                return create_connection(
                    (str(address), self.port), self.timeout, self.source_address, self.socket_options
                )
            except OSError as error:
                last = error
        raise NewConnectionError(self, f"could not connect: {last}")


class _CheckedTls(_Checked, HTTPSConnection):
    """The same under TLS; the certificate is checked for the name in the URL."""


def checked_addresses(connection: HTTPConnection, policy: Policy) -> list[Address]:
    """Resolve a connection's host, and refuse it unless each of its addresses may be reached.

    Raises:
        DeclarationError: an address is not public and the host is not allowed.
        NameResolutionError: there is no such host.
    """
    host, port = connection.host.strip("[]"), connection.port
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(connection.host, connection, reason) from error
    closed = first_closed(addresses)
    if closed is not None and not policy.allows(host.lower(), port):
        raise DeclarationError(
            f"could not connect to {host}, because its address {closed} is not on the public internet; name the host "
            f"under allow_hosts: of the source if it is meant"
        )
    return addresses


class GuardedAdapter(HTTPAdapter):
    """Sends requests over checked connections; a proxy would resolve names itself, so none is used."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002
        """Make pools whose connections know the policy."""
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._policy)

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request, never through a proxy."""
        del proxies
        return super().send(request, stream, timeout, verify, cert, {})


def _pool_classes(policy: Policy) -> dict[str, Any]:
    plain = type("Plain", (_Checked,), {"policy": policy})
    secure = type("Secure", (_CheckedTls,), {"policy": policy})
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
