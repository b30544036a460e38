"""How a source says who it is: a bearer token, an API key, a name and password, or OAuth2 client credentials."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from requests.auth import AuthBase

from connectors.errors import ContentError, DeclarationError
from connectors.web import GuardedSession
from connectors.web.declared import required_text, typed_choice
from connectors.web.urls import checked_url

AUTH_KINDS: Mapping[str, Collection[str]] = {
    "bearer": ("token",),
    "api_key": ("name", "api_key", "location"),
    "http_basic": ("username", "password"),
    "oauth2_client_credentials": (
        "access_token_url",
        "client_id",
        "client_secret",
        "access_token_request_data",
        "default_token_expiration",
    ),
}


def build_auth(written: Any, session: GuardedSession) -> AuthBase | None:
    """Build what `auth:` declares; None without it.

    Raises:
        DeclarationError: it is declared in a way that cannot work.
    """
    if written is None:
        return None
    kind, options = typed_choice(written, AUTH_KINDS, "auth")
    return _BUILDERS[kind](options, session)


def _bearer(options: Mapping[str, Any], _session: GuardedSession) -> AuthBase:
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth  # noqa: PLC0415  # dlt takes a second, only when it is used

    return BearerTokenAuth(token=_header_text(options, "token"))


def _api_key(options: Mapping[str, Any], session: GuardedSession) -> AuthBase:
    from dlt.sources.helpers.rest_client.auth import APIKeyAuth  # noqa: PLC0415

    location = options.get("location", "header")
    name = str(options.get("name", "Authorization"))
    if location == "query":
        session.secret_parameters.add(name)
        return APIKeyAuth(name=name, api_key=_header_text(options, "api_key"), location="query")
    if location != "header":
        raise DeclarationError(
            "could not use auth, because location is neither 'header' nor 'query'; write one of them"
        )
    return APIKeyAuth(name=name, api_key=_header_text(options, "api_key"))


def _http_basic(options: Mapping[str, Any], _session: GuardedSession) -> AuthBase:
    from dlt.sources.helpers.rest_client.auth import HttpBasicAuth  # noqa: PLC0415

    username, password = required_text(options, "username", "auth"), str(options.get("password", ""))
    return HttpBasicAuth(username=username, password=password)


def _client_credentials(options: Mapping[str, Any], session: GuardedSession) -> AuthBase:
    from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials  # noqa: PLC0415

    class Credentials(OAuth2ClientCredentials):
        def parse_access_token(self, response_json: Any) -> str:
            token = response_json.get("access_token") if isinstance(response_json, Mapping) else None
            if not isinstance(token, str) or not token:
                raise ContentError(
                    "could not log in, because the answer of access_token_url has no 'access_token'; check client_id, "
                    "client_secret and access_token_request_data"
                )
            return token

    url = required_text(options, "access_token_url", "auth")
    checked_url(url)
    return Credentials(
        access_token_url=url,
        client_id=required_text(options, "client_id", "auth"),
        client_secret=required_text(options, "client_secret", "auth"),
        access_token_request_data=dict(options.get("access_token_request_data") or {}),
        default_token_expiration=int(options.get("default_token_expiration", 3600)),
        session=GuardedSession(session.policy),  # one that carries neither this token nor the source's headers
    )


def _header_text(options: Mapping[str, Any], name: str) -> str:
    value = required_text(options, name, "auth")
    if not value.isascii() or not value.isprintable():
        raise DeclarationError(
            f"could not use auth, because {name!r} holds a line break or a letter that no header carries; set the "
            f"variable again"
        )
    return value


_BUILDERS: Mapping[str, Callable[[Mapping[str, Any], GuardedSession], AuthBase]] = {
    "bearer": _bearer,
    "api_key": _api_key,
    "http_basic": _http_basic,
    "oauth2_client_credentials": _client_credentials,
}
