"""What a source may reach over the web, how much it may send, and how long anything may take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.errors import DeclarationError

WEB_KEYS = frozenset({"allow_hosts", "timeout", "ca_file"})
"""Keys of every source that is read over the web."""

_HOST = re.compile(r"^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$")
_SECONDS = re.compile(r"^([1-9]\d{0,3})\s*(s|m)$")


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits of one source.

    Attributes:
        allow_hosts: hosts, or `host:port`, that may be reached at any address; all others only at public ones.
        seconds: from the first byte sent to the last received, of one answer.
        body_limit: bytes of one answer, unpacked.
        stream_limit: likewise, of an answer that is handed on piece by piece.
        attempts: how often an answer is asked for that failed in a way that may pass.
        first_pause: seconds before the second attempt; each pause after is twice as long.
        longest_pause: seconds that a service may ask us to wait; when it asks for more, the next sync tries again.
        ca_file: certificates to trust instead of the usual ones.
    """

    allow_hosts: frozenset[str] = frozenset()
    seconds: float = 60
    body_limit: int = 64 << 20
    stream_limit: int = 1 << 30
    attempts: int = 5
    first_pause: float = 0.25
    longest_pause: float = 30
    hops: int = 5
    ca_file: Path | None = None

    def allows(self, host: str, port: int) -> bool:
        """Tell whether a host is named in `allow_hosts`."""
        named = f"[{host}]" if ":" in host else host
        return not self.allow_hosts.isdisjoint({host, named, f"{named}:{port}"})

    def with_limit(self, body_limit: int) -> "Policy":
        """Return the policy with another limit on bodies."""
        return replace(self, body_limit=body_limit)


def policy_of(source: str, options: Mapping[str, Any], workspace: Path) -> Policy:
    """Read the keys in `WEB_KEYS`.

    Raises:
        DeclarationError: one of them cannot be used.
    """
    return Policy(
        allow_hosts=_hosts(source, options.get("allow_hosts")),
        seconds=_seconds(source, options.get("timeout", "60s")),
        ca_file=_ca_file(source, options.get("ca_file"), workspace),
    )


def _hosts(source: str, written: Any) -> frozenset[str]:
    hosts = [] if written is None else [written] if isinstance(written, str) else written
    if not isinstance(hosts, list | tuple):
        raise _refusal(source, "allow_hosts", "it is no list of hosts; write allow_hosts: [intranet.example]")
    for host in hosts:
        if not isinstance(host, str) or not _HOST.match(host.lower()):
            raise _refusal(source, "allow_hosts", f"{str(host)[:60]!r} is no host; write one such as intranet.example")
    return frozenset(host.lower() for host in hosts)


def _seconds(source: str, written: Any) -> float:
    if found := _SECONDS.match(str(written)):
        return int(found.group(1)) * (60 if found.group(2) == "m" else 1)
    raise _refusal(source, "timeout", f"{str(written)[:20]!r} is no time; write one such as 30s or 5m")


def _ca_file(source: str, written: Any, workspace: Path) -> Path | None:
    if written is None:
        return None
    path = workspace / str(written)
    if not path.is_file():
        raise _refusal(source, "ca_file", f"there is no file {str(written)!r}; give the path of a PEM file")
    return path


def _refusal(source: str, key: str, why: str) -> DeclarationError:
    return DeclarationError(f"could not use {key}, because {why}", source=source)
