"""The guard of a whole process: whatever library a source speaks through, no connection goes to a private address.

Only the process that runs one source calls this; it changes `requests` itself, and cannot be undone.
"""

import sys
from ipaddress import ip_address
from typing import Any

import requests
from requests import PreparedRequest, Response
from urllib3.exceptions import HTTPError

from connectors.errors import DeclarationError
from connectors.web import Policy
from connectors.web.addresses import is_public, resolve
from connectors.web.answer import read_body
from connectors.web.session import UNCREDENTIALED
from connectors.web.transport import GuardedAdapter, deadline
from connectors.web.urls import checked_url, may_keep_credentials, shown


def guard_process(policy: Policy) -> None:
    """Guard every connection that this process makes from now on, and every session of `requests`."""
    sys.addaudithook(_refusing(policy))
    _guard_requests(policy)


def _refusing(policy: Policy) -> Any:
    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"}:
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


class _BoundedAdapter(GuardedAdapter):
    """Reads bodies within the policy's limits, unless the caller streams them."""

    def send(self, request: PreparedRequest, stream: bool = False, *options: Any, **named: Any) -> Response:  # noqa: FBT001, FBT002
        checked_url(str(request.url))
        with deadline(self._policy.seconds) as running:
            response = super().send(request, True, *options, **named)
            if not stream:
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


def _guard_requests(policy: Policy) -> None:
    """Let every session, whoever makes it, send through our adapter and leave credentials behind at other hosts."""
    adapter = _BoundedAdapter(policy)
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
