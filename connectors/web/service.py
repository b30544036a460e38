"""One service as a source declares it: where it is, and what goes with every request."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import DeclarationError
from connectors.web.auth import AUTH_KINDS, build_auth
from connectors.web.declared import mapping_of
from connectors.web.policy import WEB_KEYS, Policy, policy_of
from connectors.web.session import GuardedSession
from connectors.web.urls import checked_url

SERVICE_KEYS = WEB_KEYS | {"auth", "headers"}
AUTH_KEYS = frozenset({"type", *(key for keys in AUTH_KINDS.values() for key in keys)})


@dataclass(frozen=True, slots=True)
class Service:
    """Where one service is, and how it is asked.

    Attributes:
        auth: as it is declared.
    """

    url: str
    headers: Mapping[str, str]
    auth: Any
    policy: Policy

    def session(self) -> GuardedSession:
        """Make a session whose requests carry the headers and the credentials."""
        session = GuardedSession(self.policy)
        session.headers.update(self.headers)
        session.auth = build_auth(self.auth, session)
        return session


def service_of(options: Mapping[str, Any], workspace: Path, *, source: str, key: str, example: str) -> Service:
    """Read the keys of `SERVICE_KEYS`, and the address under `key`.

    Raises:
        DeclarationError: one of them cannot be used.
    """
    url = options.get(key)
    if not isinstance(url, str) or not url:
        raise DeclarationError(
            f"could not use the source, because it has no {key!r}; write one such as {key}: {example}"
        )
    checked_url(url)
    headers = {name: str(each) for name, each in mapping_of(options.get("headers") or {}, "headers").items()}
    service = Service(url, headers, options.get("auth"), policy_of(source, options, workspace))
    service.session()
    return service
