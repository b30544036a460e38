"""URLs as they may be asked for, and as they may be shown."""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from connectors.errors import DeclarationError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"^[a-z0-9_.-]+$|^[0-9a-f:.]+$")


def checked_url(url: str) -> tuple[str, int]:
    """Return host and port of a URL that may be asked for.

    Raises:
        DeclarationError: it is not http or https, carries a user or a password, or has no plain ASCII host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise _refusal(url, "it is no URL; write one such as https://api.example.com/") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise _refusal(url, f"{parts.scheme[:20]!r} is neither http nor https; write an http or https URL")
    if "@" in parts.netloc:
        raise _refusal(url, "it carries a user or password; declare auth: instead")
    if any(ord(letter) < 33 or letter == "\\" for letter in url) or not host.isascii() or not _HOST.match(host):
        raise _refusal(url, "its host is no plain ASCII name; write it in letters, digits, dots and hyphens")
    return host, port or _DEFAULT_PORTS[parts.scheme]


def shown(url: str | None) -> str:
    """Write a URL for people: without user, query and fragment, any of which may be a secret."""
    try:
        parts = urlsplit(url or "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "the URL"
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}{f':{port}' if port else ''}{parts.path}"[:200]


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: what credentials are meant for."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def may_keep_credentials(old: str, new: str) -> bool:
    """Tell whether a redirect leads to where the credentials were meant for: the same origin, or its https."""
    (_, old_host, old_port), (scheme, host, port) = origin(old), origin(new)
    upgraded = (scheme, host, old_port, port) == ("https", old_host, 80, 443)
    return origin(old) == origin(new) or upgraded


def following_url(base: str, link: str) -> str | None:
    """Return the URL of a link to the next page, if it stays where the credentials are meant for; else None.

    A service behind a proxy that ends TLS writes http links; with the same host they are asked for over https.
    """
    parts = urlsplit(link)
    if (parts.scheme, urlsplit(base).scheme) == ("http", "https") and parts.port in {None, 80}:
        link = parts._replace(scheme="https", netloc=parts.hostname or "").geturl()
    return link if may_keep_credentials(base, link) else None


def redirect_target(base: str, location: str) -> str:
    """Return the URL that a Location header means."""
    # The HTTP library reads headers as Latin-1; what stands in them is UTF-8, if it is more than ASCII at all.
    return urljoin(base, location.encode("latin-1", "replace").decode("utf-8", "replace"))


def without_parameters(url: str, names: Collection[str]) -> str:
    """Return a URL without some query parameters."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in names]
    return parts._replace(query=urlencode(kept)).geturl() if names else url


def _refusal(url: str, why: str) -> DeclarationError:
    return DeclarationError(f"could not ask for {shown(url)}, because {why}")
