"""`${NAME}` references to the environment, and the redaction of what they stand for."""

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from connectors.errors import SecretError, nearest

MASK = "***"

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*://")
_USERINFO = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*?:([^/?#]*)@")
_SECRET_KEY = re.compile(
    r"password$|^(?:proxy-)?authorization$|(?:^|[_-])(?:passwd|pwd|token|secret|api[_-]?key|private[_-]?key)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Options with their references replaced, and every text that must never be shown."""

    options: Mapping[str, Any]
    secrets: frozenset[str]


def resolve_options(options: Mapping[str, Any], *, source: str, environ: Mapping[str, str] | None = None) -> Resolved:
    """Replace `${NAME}` in the options of a source, at any depth.

    A reference inside a URL is percent-encoded, so that a password may hold any character; a URL that is a reference
    as a whole is taken as it is.

    Raises:
        SecretError: a variable is not set, or a password stands in the options themselves. The secret is not echoed.
    """
    environment = os.environ if environ is None else environ
    secrets: set[str] = set()

    def walk(value: Any, key: str) -> Any:
        if isinstance(value, Mapping):
            return {name: walk(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [walk(inner, key) for inner in value]
        if not isinstance(value, str):
            return value
        _refuse_literal(value, key, source)
        text = _substitute(value, key, source, environment, secrets)
        if text != value:
            secrets.update(secrets_of(text))
        return text

    return Resolved({name: walk(value, str(name)) for name, value in options.items()}, frozenset(secrets))


def secrets_of(value: str) -> frozenset[str]:
    """Return the parts of a value that must not be shown: a URL's password and tokens, or the whole of other text."""
    if not _URL.match(value):
        return frozenset({value} if value else ())
    hidden = list(_url_secrets(value))
    return frozenset({value, *hidden, *(unquote(part) for part in hidden)} if hidden else ())


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in `text`, raw, URL-encoded, in base64 or as JSON, by `***`."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def _substitute(value: str, key: str, source: str, environment: Mapping[str, str], secrets: set[str]) -> str:
    whole = _REFERENCE.fullmatch(value) is not None

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            similar = [known for known in environment if known.casefold()[:3] == name.casefold()[:3]]
            hint = f" ({nearest(name, similar)})" if similar else ""
            raise SecretError(
                f"could not resolve ${{{name}}} in {key!r}, because the environment variable {name} is not set{hint}; "
                f"set it before the sync",
                source=source,
            )
        found = environment[name]
        secrets.update(secrets_of(found))
        return found if whole or not _URL.match(value) else quote(found, safe="")

    return _REFERENCE.sub(replace, value)


def is_literal_secret(key: str, value: str) -> bool:
    """Tell whether an option holds a secret written out: a URL with a password, or a secret's key without `${NAME}`."""
    literal_url = bool(_URL.match(value)) and any(not _REFERENCE.search(part) for part in _url_secrets(value))
    return literal_url or bool(_SECRET_KEY.search(key) and not _REFERENCE.search(value))


def _refuse_literal(value: str, key: str, source: str) -> None:
    if is_literal_secret(key, value):
        raise SecretError(
            f"could not accept {key!r}, because it holds a secret in plain text; put it into an environment variable "
            f"and write ${{NAME}} in its place",
            source=source,
        )


def _url_secrets(url: str) -> Iterator[str]:
    if found := _USERINFO.match(url):
        yield from filter(None, [found.group(1)])
    try:
        address = urlsplit(url)
    except ValueError:
        return
    told = parse_qsl(address.query)
    told += [(name, value) for name, _, value in (part.partition("=") for part in address.path.split(";")[1:])]
    yield from (value for name, value in told if _SECRET_KEY.search(name) and value)


def _forms(secret: str) -> Iterator[str]:
    yield from (secret, quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    raw = secret.encode()
    # A secret inside a longer base64 text (user:password) stands at one of three alignments; its edges mix with what
    # surrounds it, so only the characters that it alone decides are sought.
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        core = encoded[(0, 2, 3)[before] : len(encoded) - (1 if (before + len(raw)) % 3 else 0)]
        if len(core) >= 4:
            yield core
            yield core.replace("+", "-").replace("/", "_")
