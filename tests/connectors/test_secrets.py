"""Secrets come from the environment only, and no form of them is ever shown."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SecretError
from connectors.secrets import redact, resolve_options, secrets_of

PASSWORD = 'c@nary/"Ước" +1'


def test_references_resolve_at_any_depth() -> None:
    options = {"headers": {"Authorization": "Bearer ${TOKEN}"}, "hosts": ["${HOST}", "b"], "port": 1}
    resolved = resolve_options(options, source="s", environ={"TOKEN": "t0ken", "HOST": "a"})
    assert resolved.options == {"headers": {"Authorization": "Bearer t0ken"}, "hosts": ["a", "b"], "port": 1}
    assert {"t0ken", "a"} <= resolved.secrets


def test_a_reference_within_a_url_is_encoded_and_a_whole_url_is_taken_as_it_is() -> None:
    """A password may hold any character; a URL that is one variable is already a URL."""
    inside = resolve_options({"url": "postgresql://u:${PW}@h/d"}, source="s", environ={"PW": PASSWORD})
    assert inside.options["url"] == f"postgresql://u:{quote(PASSWORD, safe='')}@h/d"
    whole = resolve_options({"url": "${URL}"}, source="s", environ={"URL": "sqlite:///data/a.db"})
    assert whole.options["url"] == "sqlite:///data/a.db"
    assert whole.secrets == frozenset()


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SecretError, match=r"\$\{NOPE\} in 'url'.*variable NOPE is not set"):
        resolve_options({"url": "${NOPE}"}, source="s", environ={})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "postgresql://u:canary@h/d"),
        ("url", "https://h/?access_token=canary"),
        ("url", "mysql://u:ca@nary@h/d"),
        ("password", "canary"),
        ("api_key", "canary"),
        ("client_secret", "canary"),
        ("Authorization", "Bearer canary"),
        ("X-Api-Key", "canary"),
    ],
)
def test_a_written_secret_is_refused_without_echo(key: str, value: str) -> None:
    with pytest.raises(SecretError, match="plain text") as caught:
        resolve_options({key: value}, source="s", environ={})
    assert "nary" not in str(caught.value)


def test_ordinary_options_are_left_alone() -> None:
    options = {"url": "postgresql://u@h/d", "path": "data/*.csv", "user": "linh", "tokens_per_day": "x"}
    assert resolve_options(options, source="s", environ={}).options == options


FORMS = [
    PASSWORD,
    quote(PASSWORD),
    quote(PASSWORD, safe=""),
    quote_plus(PASSWORD),
    json.dumps(PASSWORD),
    json.dumps(PASSWORD, ensure_ascii=False),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_secret_is_hidden(form: str) -> None:
    shown = redact(f"before {form} after", {PASSWORD})
    assert shown.replace('"***"', "***") == "before *** after"


@given(secret=st.text(min_size=6, max_size=30), user=st.text(max_size=6))
def test_no_alignment_of_base64_gives_a_secret_away(secret: str, user: str) -> None:
    """Within user:password, as basic authentication sends it, no run that the secret alone decides is left."""
    encoded = base64.b64encode(f"{user}:{secret}".encode()).decode()
    shown = redact(encoded, {secret})
    assert "***" in shown
    assert len(shown) <= len(encoded)


def test_a_urls_password_is_a_secret_and_its_host_is_not() -> None:
    found = secrets_of("postgresql://linh:p%40ss@db.example/d?sslpassword=other")
    assert {"p%40ss", "p@ss", "other"} <= found
    assert not any(secret in "db.example" for secret in found)
