"""One answer: read within limits, and decoded strictly."""

import codecs
import re
from collections.abc import Callable
from typing import Any

from requests import Response
from urllib3.exceptions import DecodeError

from connectors.errors import ContentError, shortened
from connectors.exact.strictjson import decode
from connectors.web.policy import Policy
from connectors.web.urls import shown

_CHUNK = 64 << 10
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,80})", re.IGNORECASE)
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)


class Answer(Response):
    """A response whose body is here already, and whose JSON is strict: numbers as they were written."""

    _decoded: tuple[Any] | None = None

    def json(self, **_options: Any) -> Any:
        """Decode the body.

        Raises:
            ContentError: it is a web page, or no strict JSON.
        """
        if self._decoded is None:
            refuse_markup(self, "JSON")
            self._decoded = (self._decode(),)
        return self._decoded[0]

    def _decode(self) -> Any:
        encoding = "utf-16" if self.content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig"
        try:
            return decode(self.content.decode(encoding))
        except UnicodeDecodeError as error:
            reason = f"of byte 0x{error.object[error.start]:02x} at position {error.start}, which is no UTF-8"
        except ValueError as error:
            reason = str(error)
        kind = self.headers.get("Content-Type", "nothing").partition(";")[0]
        stated = "" if "json" in kind else f" (it says that it is {shortened(kind)})"
        raise ContentError(
            f"could not read the answer as JSON, because {reason}{stated}; ask for it by hand to see what it says",
            file=shown(self.url),
        )


def read_body(answer: Response, policy: Policy, sink: Callable[[bytes], object]) -> None:
    """Hand the unpacked body on in pieces.

    Raises:
        ContentError: it is larger than the policy allows, or packed wrongly.
        urllib3.exceptions.HTTPError, OSError: the connection broke, or ended before the body did.
    """
    size = 0
    try:
        while piece := answer.raw.read1(_CHUNK, decode_content=True):
            size += len(piece)
            if size > policy.body_limit:
                raise ContentError(
                    f"could not read the answer, because it is larger than the limit of {policy.body_limit >> 20} MiB "
                    f"unpacked; ask for smaller pages",
                    file=shown(answer.url),
                )
            sink(piece)
    except DecodeError:
        raise ContentError(
            "could not unpack the answer, because it is damaged or in an encoding that is unknown here; ask for it "
            "again",
            file=shown(answer.url),
        ) from None


def refuse_markup(answer: Response, expected: str) -> None:
    """Refuse a web page: a login form or an error message of something in between.

    Raises:
        ContentError: the answer is HTML or XML.
    """
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in {"text/html", "application/xhtml+xml"} and not _MARKUP.match(answer.content[:200]):
        return
    title = _TITLE.search(answer.content[:4096].decode(errors="replace"))
    named = f" titled {shortened(' '.join(title.group(1).split()))}" if title else ""
    raise ContentError(
        f"could not read the answer as {expected}, because it is a web page{named} with status {answer.status_code}, "
        f"perhaps a login or error page; check the address and the credentials",
        file=shown(answer.url),
    )
