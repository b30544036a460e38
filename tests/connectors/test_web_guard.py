"""Nothing private is reached, whatever a URL is spelt like, a name resolves to, or a redirect leads to."""

import json
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError, DeclarationError, UnavailableError
from connectors.web import GuardedSession, Policy, policy_of
from connectors.web.addresses import is_public
from tests.connectors.rest_server import Answer, RestServer, Seen, json_answer

_CONNECTS: list[tuple[int, Any]] = []
"""Thread and address of every connection that anything in this process tried, whatever library made it."""


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _CONNECTS.append((threading.get_ident(), arguments[1]))


sys.addaudithook(_note)


def connected(start: int) -> list[Any]:
    return [address for thread, address in _CONNECTS[start:] if thread == threading.get_ident()]


def session(**limits: Any) -> GuardedSession:
    return GuardedSession(Policy(**{"seconds": 5, "first_pause": 0.01, **limits}))


LOOPBACK = frozenset({"127.0.0.1"})

SPELLINGS = [
    "http://127.0.0.1:{port}/rows",
    "http://localhost:{port}/rows",
    "http://LOCALHOST:{port}/rows",
    "http://localhost.:{port}/rows",
    "http://127.1:{port}/rows",
    "http://127.0.1:{port}/rows",
    "http://0:{port}/rows",
    "http://0.0.0.0:{port}/rows",
    "http://2130706433:{port}/rows",
    "http://0x7f000001:{port}/rows",
    "http://0x7f.1:{port}/rows",
    "http://0177.0.0.1:{port}/rows",
    "http://017700000001:{port}/rows",
    "http://[::1]:{port}/rows",
    "http://[::]:{port}/rows",
    "http://[::ffff:127.0.0.1]:{port}/rows",
    "http://[::ffff:7f00:1]:{port}/rows",
    "http://[::127.0.0.1]:{port}/rows",
    "http://[64:ff9b::7f00:1]:{port}/rows",
    "http://[2002:7f00:1::]:{port}/rows",
    "http://[fe80::1]:{port}/rows",
    "http://[fd00:ec2::254]:{port}/rows",
    "http://user@127.0.0.1:{port}/rows",
    "http://api.example@127.0.0.1:{port}/rows",
    "http://127.0.0.1:{port}\\@api.example/rows",
    "http://127.0.0.1%2f@api.example:{port}/rows",
    "http://①②⑦.⓪.⓪.①:{port}/rows",
    "http://127。0。0。1:{port}/rows",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/metadata",
    "http://100.100.100.200/latest",
    "http://10.0.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/rows",
    "gopher://127.0.0.1:{port}/rows",
    "http:///rows",
    "//127.0.0.1:{port}/rows",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_reaches_loopback(spelling: str) -> None:
    with RestServer() as server:
        start = len(_CONNECTS)
        url = spelling.format(port=server.host.rpartition(":")[2])
        with pytest.raises((ConnectorError, ValueError)) as caught:
            session().get(url)
        assert connected(start) == []
        assert server.seen == []
        assert "\n" not in str(caught.value)


def test_the_hostile_urls_are_refused_before_connecting(shared: Path) -> None:
    urls = json.loads((shared / "trust/badfiles/payload_ssrf_urls.json").read_text())
    start = len(_CONNECTS)
    for url in urls:
        with pytest.raises(DeclarationError):
            session().get(url)
    assert len(urls) == 12
    assert connected(start) == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("93.184.216.34", True),
        ("100.63.255.255", True),
        ("100.64.0.1", False),
        ("172.15.0.1", True),
        ("172.16.0.1", False),
        ("192.0.0.192", False),
        ("198.18.0.1", False),
        ("240.0.0.1", False),
        ("2606:4700:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::808:808", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2002:808:808::", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_what_is_public_is_our_own_list(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def redirecting(server: RestServer, to: str, status: int = 302) -> str:
    server.routes["/away"] = lambda _seen: Answer(status, b"", {"Location": to})
    return f"{server.url}/away"


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/meta-data/", "http://localhost:{port}/rows", "file:///etc/passwd", "//[::1]/"],
)
def test_a_redirect_leads_nowhere_private(target: str) -> None:
    with RestServer() as server:
        url = redirecting(server, target.format(port=server.host.rpartition(":")[2]))
        start = len(_CONNECTS)
        with pytest.raises(DeclarationError):
            session(allow_hosts=LOOPBACK).get(url)
        assert {address[0] for address in connected(start)} == {"127.0.0.1"}
        assert [seen.path for seen in server.seen] == ["/away"]


def test_a_name_is_resolved_once_and_every_address_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that says something else the second time, or adds a private address, gains nothing."""
    answers = [["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "10.0.0.1"]]
    asked: list[str] = []

    def resolver(host: str, port: int, *arguments: Any, **options: Any) -> list[Any]:
        if host != "rebind.example":
            return real(host, port, *arguments, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answers[len(asked) - 1]]

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    start = len(_CONNECTS)
    with pytest.raises(ConnectorError):  # whatever answers there, if anything does
        session(seconds=0.5, attempts=1).get("http://rebind.example:9/")
    assert connected(start) == [("93.184.216.34", 9)]
    for _ in range(2):
        with pytest.raises(DeclarationError):
            session(attempts=1).get("http://rebind.example:9/")
    assert connected(start) == [("93.184.216.34", 9)]
    assert len(asked) == 3


def test_no_proxy_and_no_netrc_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with RestServer() as proxy, RestServer([{"id": 1}]) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hidden\n")
        (tmp_path / "netrc").chmod(0o600)
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        answer = session(allow_hosts=LOOPBACK).get(f"{server.url}/rows", proxies={"http": proxy.url})
        assert answer.json()["total"] == "1"
        assert proxy.seen == []
        assert "authorization" not in server.seen[0].headers
        with pytest.raises(DeclarationError):
            session().get("http://10.0.0.1/")
        assert proxy.seen == []


CREDENTIALS = {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Cookie": "session=secret", "Accept": "a/b"}


def test_credentials_stay_behind_when_the_host_changes() -> None:
    with RestServer([{"id": 1}]) as other, RestServer() as server:
        elsewhere = f"{other.url}/rows?key=secret&page=1"
        asking = session(allow_hosts=LOOPBACK)
        asking.secret_parameters.add("key")
        assert asking.get(redirecting(server, elsewhere), headers=CREDENTIALS, params={"key": "secret"}).json()
        assert server.seen[0].headers["x-api-key"] == "secret"
        arrived = other.seen[0]
        assert "secret" not in json.dumps([dict(arrived.headers), dict(arrived.query)])
        assert arrived.headers["accept"] == "a/b"
        assert arrived.query == {"page": "1"}


def test_credentials_follow_on_the_same_origin() -> None:
    with RestServer([{"id": 1}]) as server:
        session(allow_hosts=LOOPBACK).get(redirecting(server, "/rows"), headers=CREDENTIALS)
        assert server.seen[1].headers["authorization"] == "Bearer secret"


def test_a_body_never_goes_to_another_host() -> None:
    with RestServer() as other, RestServer() as server:
        with pytest.raises(DeclarationError, match="redirects to"):
            session(allow_hosts=LOOPBACK).post(redirecting(server, other.url, 307), data={"client_secret": "secret"})
        assert other.seen == []


def test_a_circle_of_redirects_ends() -> None:
    with RestServer() as server:
        with pytest.raises(ConnectorError, match="more than 5 times"):
            session(allow_hosts=LOOPBACK).get(redirecting(server, "/away"))
        assert len(server.seen) == 6


@contextmanager
def tls_server() -> Iterator[int]:
    """Serve one answer after another under a certificate for `localhost`."""
    folder = Path(__file__).parent / "tls"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    with RestServer([{"id": 1}]) as server:
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        yield int(server._server.server_address[1])


def test_a_certificate_must_be_trusted_and_name_the_host() -> None:
    folder = Path(__file__).parent / "tls"
    hosts = frozenset({"localhost", "127.0.0.1"})
    trusting = session(allow_hosts=hosts, ca_file=folder / "certificate.pem")
    with tls_server() as port:
        assert trusting.get(f"https://localhost:{port}/rows").json()["total"] == "1"
        with pytest.raises(UnavailableError, match="certificate cannot be verified") as caught:
            trusting.get(f"https://127.0.0.1:{port}/rows")
        assert not caught.value.retriable
        with pytest.raises(UnavailableError, match="certificate cannot be verified"):
            session(allow_hosts=hosts).get(f"https://localhost:{port}/rows")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"allow_hosts": ["http://intranet/"]}, "is no host"),
        ({"allow_hosts": 3}, "no list of hosts"),
        ({"timeout": "soon"}, "'soon' is no time"),
        ({"ca_file": "nowhere.pem"}, "no file 'nowhere.pem'"),
    ],
)
def test_keys_that_cannot_work_are_refused(options: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=words):
        policy_of("shop", options, tmp_path)


def test_an_allowed_host_may_name_its_port() -> None:
    with RestServer([{"id": 1}]) as server:
        assert session(allow_hosts=frozenset({server.host})).get(f"{server.url}/rows").json()["total"] == "1"
        with pytest.raises(DeclarationError):
            session(allow_hosts=frozenset({"127.0.0.1:1"})).get(f"{server.url}/rows")


def test_cookies_are_kept_for_their_host() -> None:
    def cookie(_seen: Seen) -> Answer:
        return json_answer({}, 200, Set_Cookie="session=1")

    with RestServer() as server:
        server.routes["/login"] = cookie
        asking = session(allow_hosts=LOOPBACK)
        asking.get(f"{server.url}/login")
        asking.get(f"{server.url}/login")
        assert server.seen[1].headers["cookie"] == "session=1"
