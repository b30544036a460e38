"""A session that follows redirects by hand, leaves credentials behind at other hosts, and tries again within limits."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO, Any

from requests import PreparedRequest, Request, Response, Session
from requests.cookies import extract_cookies_to_jar
from requests.exceptions import ConnectionError as ConnectionFailed
from requests.exceptions import RequestException, SSLError, Timeout
from requests.hooks import dispatch_hook
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from urllib3.exceptions import HTTPError

from connectors.errors import ConnectorError, ContentError, DeclarationError, UnavailableError, shortened
from connectors.web.answer import Answer, read_body
from connectors.web.policy import Policy
from connectors.web.transport import Deadline, GuardedAdapter, deadline
from connectors.web.urls import checked_url, may_keep_credentials, redirect_target, shown, without_parameters

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
UNCREDENTIALED = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})
"""Headers that may go to another host; any other may carry a credential."""

_BODY_HEADERS = ("Content-Length", "Content-Type", "Transfer-Encoding")


class PassingError(UnavailableError):
    """A failure that may pass within seconds.

    Attributes:
        retry_after: seconds that the service asks us to wait.
    """

    retry_after: float | None = None


class GuardedSession(Session):
    """What every connector asks the web through; `connectors.web.policy.Policy` says how far it goes.

    Attributes:
        secret_parameters: query parameters that carry a credential; they never reach another host.
    """

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.policy = policy
        # The environment's proxies and .netrc would go round the guard, or add credentials that nobody declared.
        self.trust_env = False
        self._trusted = True if policy.ca_file is None else str(policy.ca_file)
        self.secret_parameters: set[str] = set()
        self.headers["User-Agent"] = "Quarterline"
        self.adapters.clear()
        for scheme in ("http://", "https://"):
            self.mount(scheme, GuardedAdapter(policy))

    def send(self, request: PreparedRequest, **_options: Any) -> Response:
        """Send a request, follow it, and read its answer to the end.

        Raises:
            ConnectorError: the answer cannot be had, or says that something is wrong.
        """
        pieces: list[bytes] = []
        answer = self._persistent(request, pieces.append, pieces.clear)
        answer._content = b"".join(pieces)  # noqa: SLF001  # where requests keeps it
        self._refuse_status(answer)
        hooked: Response = dispatch_hook("response", request.hooks, answer) or answer  # type: ignore[no-untyped-call]
        return hooked

    def download(self, url: str, file: IO[bytes]) -> Response:
        """Write the body of an answer to a file instead of memory; errors as of `send`."""

        def again() -> None:
            file.seek(0)
            file.truncate()

        answer = self._persistent(self.prepare_request(Request("GET", url)), file.write, again)
        file.seek(0)
        answer._content = file.read(4096)  # noqa: SLF001  # enough to tell what it is
        self._refuse_status(answer)
        return answer

    def probe(self, url: str) -> None:
        """Ask whether something answers; only a refusal of the credentials is an error besides silence.

        Raises:
            ConnectorError: nothing answers, or it knows the credentials not.
        """
        answer = self._persistent(self.prepare_request(Request("GET", url)), lambda _piece: None, lambda: None)
        if answer.status_code in {401, 403, 407}:
            answer._content = b""  # noqa: SLF001  # where requests keeps it
            self._refuse_status(answer)

    def _persistent(
        self, request: PreparedRequest, sink: Callable[[bytes], object], again: Callable[[], object]
    ) -> Response:
        """Ask until there is an answer, or no hope for one."""
        policy = self.policy
        backoff = wait_exponential_jitter(multiplier=policy.first_pause, max=policy.longest_pause, jitter=0.1)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            asked = error.retry_after if isinstance(error, PassingError) else None
            return backoff(state) if asked is None else asked

        def once() -> Response:
            again()
            return self._followed(request, sink)

        retrying = Retrying(
            stop=stop_after_attempt(policy.attempts),
            wait=pause,
            retry=retry_if_exception_type(PassingError),
            reraise=True,
        )
        try:
            return retrying(once)
        except PassingError as error:  # tried here as often as it should be, so that no caller multiplies it
            error.retriable = False
            raise

    def _followed(self, request: PreparedRequest, sink: Callable[[bytes], object]) -> Response:
        hops = 0
        with deadline(self.policy.seconds) as running:
            while True:
                answer = self._sent(request, running)
                if not answer.is_redirect:
                    self._read(answer, sink, running)
                    return answer
                answer.close()
                hops += 1
                if hops > self.policy.hops:
                    raise ContentError(
                        f"could not follow {shown(request.url)}, because it redirects more than {self.policy.hops} "
                        f"times; give the address that it leads to",
                    )
                request = self._redirected(request, answer)

    def _sent(self, request: PreparedRequest, running: Deadline) -> Answer:
        checked_url(str(request.url))
        try:
            response = self.get_adapter(str(request.url)).send(
                request, stream=True, timeout=self.policy.seconds, verify=self._trusted
            )
        except (RequestException, HTTPError, OSError) as error:
            raise self._failure(error, request.url, running) from None
        answer = Answer()
        answer.__dict__.update(response.__dict__)
        extract_cookies_to_jar(self.cookies, request, response.raw)  # type: ignore[no-untyped-call]
        return answer

    def _read(self, answer: Response, sink: Callable[[bytes], object], running: Deadline) -> None:
        try:
            if answer.status_code in _PASSING:
                raise self._passing(answer)
            read_body(answer, self.policy, sink)
        except (RequestException, HTTPError, OSError) as error:
            raise self._failure(error, answer.url, running) from None
        finally:
            answer.close()
        if running.expired:
            raise self._failure(Timeout(), answer.url, running)

    def _redirected(self, request: PreparedRequest, answer: Response) -> PreparedRequest:
        old = str(request.url)
        new = redirect_target(old, answer.headers["location"])
        following = request.copy()
        self.rebuild_method(following, answer)
        if following.method != request.method or answer.status_code not in {307, 308}:
            following.body = None
            for name in _BODY_HEADERS:
                following.headers.pop(name, None)
        if not may_keep_credentials(old, new):
            if following.body:
                raise DeclarationError(
                    f"could not follow {shown(old)}, because it redirects to {shown(new)} and what is sent with the "
                    f"request may be secret; give the address that it leads to, if you trust it"
                )
            for name in [name for name in following.headers if name.lower() not in UNCREDENTIALED]:
                del following.headers[name]
            new = without_parameters(new, self.secret_parameters)
        following.headers.pop("Cookie", None)
        following.url = new
        checked_url(new)
        following.prepare_cookies(self.cookies)
        return following

    def _passing(self, answer: Response) -> UnavailableError:
        status = _status(answer)
        asked = _retry_after(answer)
        if asked is not None and asked > self.policy.longest_pause:
            return UnavailableError(
                f"could not read, because {shown(answer.url)} answers {status} and asks to wait {asked:,.0f} seconds; "
                f"a sync after that will try again",
                retriable=False,
            )
        error = PassingError(
            f"could not read, because {shown(answer.url)} answers {status}, {self.policy.attempts} times; try again "
            f"later, or ask whoever runs the service"
        )
        error.retry_after = asked
        return error

    def _failure(self, error: Exception, url: str | None, running: Deadline) -> ConnectorError:
        if running.expired or isinstance(error, Timeout):
            return UnavailableError(
                f"could not read, because {shown(url)} did not answer in full within {self.policy.seconds:g} seconds; "
                f"try again later, or give the source a longer timeout:"
            )
        if isinstance(error, SSLError):
            return UnavailableError(
                f"could not trust {shown(url)}, because its certificate cannot be verified ({_reason(error)}); check "
                f"the address, or name the authority's certificate under ca_file:",
                retriable=False,
            )
        what = "cannot be reached" if isinstance(error, ConnectionFailed) else "broke off its answer"
        return PassingError(
            f"could not read, because {shown(url)} {what} ({_reason(error)}); check the address and that the service "
            f"is up"
        )

    def _refuse_status(self, answer: Response) -> None:
        """Refuse an answer that is an error.

        Raises:
            ContentError: it is.
        """
        if answer.status_code < 400:
            return
        said = " ".join(answer.content[:300].decode(errors="replace").split())
        quoted = f", saying {shortened(said, 100)}" if said and not said.startswith("<") else ""
        remedy = {
            401: "check the credentials under auth:",
            403: "check the credentials, and what they may read",
            404: "check base_url: and path:",
        }.get(answer.status_code, "check path: and params:")
        raise ContentError(
            f"could not read, because {shown(answer.url)} answers {_status(answer)}{quoted}; {remedy}",
        )


def _status(answer: Response) -> str:
    try:
        return f"{answer.status_code} {HTTPStatus(answer.status_code).phrase}"
    except ValueError:
        return str(answer.status_code)


def _retry_after(answer: Response) -> float | None:
    said = answer.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        # By the service's own clock, which may differ from ours.
        now = parsedate_to_datetime(answer.headers.get("Date", ""))
        return max((parsedate_to_datetime(said) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _reason(error: Exception) -> str:
    """Word why a connection failed, without the URL, whose query may be secret."""
    inner: BaseException = error
    while True:
        below = getattr(inner, "reason", None) or next(
            (each for each in inner.args if isinstance(each, Exception)), None
        )
        if not isinstance(below, BaseException):
            break
        inner = below
    text = str(inner).rpartition(": ")[2] or type(inner).__name__
    return shortened(" ".join(text.split()), 120).strip("'\"")
