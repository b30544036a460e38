"""dlt's REST client over our session: records strictly by their path, and no link followed to another host."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlt.common import jsonpath
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.detector import (
    RECORD_KEY_PATTERNS,
    PaginatorFactory,
    header_links_detector,
    json_links_detector,
    single_page_detector,
)
from requests import Request, Response

from connectors.errors import ConnectorError, ContentError, DeclarationError, nearest
from connectors.exact.pull import Page
from connectors.rest.endpoint import Endpoint
from connectors.web import GuardedSession
from connectors.web.urls import following_url, shown

PAGES_LIMIT = 100_000


class StrictClient(RESTClient):
    """Reads the pages of one endpoint.

    Attributes:
        selector: path of the records, declared or detected.
        notes: what was detected.
    """

    def __init__(self, base_url: str, session: GuardedSession) -> None:
        # The configuration is given, so that dlt looks for none in the environment or a .dlt folder.
        super().__init__(base_url, session=session, config=RuntimeConfiguration())
        self.selector: str | None = None
        self.notes: list[str] = []
        self._first: Response | None = None
        self._asked: tuple[str, Any, Any] | None = None
        self._count = 0

    def pages(self, endpoint: Endpoint, params: Mapping[str, Any]) -> Iterator[Page]:
        """Ask for every page.

        Raises:
            ConnectorError: one cannot be had, or is not what was declared.
        """
        self.selector = endpoint.data_selector
        paginator = endpoint.paginator()
        previous: Sequence[Any] = ()
        try:
            pages = self.paginate(
                endpoint.path,
                method=endpoint.method,
                params=dict(params),
                json=None if endpoint.json is None else dict(endpoint.json),
                paginator=paginator,
                data_selector=endpoint.data_selector or "$",
            )
            for number, page in enumerate(pages, 1):
                rows: list[Any] = list(page)
                if rows and rows == previous:
                    raise ContentError(
                        f"could not read page {number}, because it is page {number - 1} again; check paginator:, "
                        f"and declare total_path: or maximum_page: if the service repeats its last page"
                    )
                previous = rows
                yield Page(endpoint.with_fields(rows), f"{shown(page.response.url)} page {number}")
        except ConnectorError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = " ".join(str(error).split())[:160]
            raise ContentError(
                f"could not tell the next page, because {reason}; check paginator:", file=shown(self.base_url)
            ) from None
        if self._count == 1 and endpoint.paginator_kind != "single_page":
            self._refuse_unfollowed()

    def extract_response(self, response: Response, _selector: Any) -> list[Any]:
        """Return the records of an answer; a path that leads nowhere is an error, not an empty page."""
        body = response.json()
        if self.selector is None:
            self.selector = self._detected_selector(body, response)
        found = jsonpath.find_values(self.selector, body)
        if len(found) == 1 and isinstance(found[0], list):
            return list(found[0])
        if found and found != [None]:
            return list(found)
        holder = self.selector.partition("[*]")[0].rstrip(".")
        if "[*]" in self.selector and jsonpath.find_values(holder or "$", body) == [[]]:
            return []
        keys = list(body) if isinstance(body, Mapping) else []
        raise ContentError(
            f"could not find records at data_selector {self.selector!r}, because the answer has none there; "
            f"{nearest(self.selector, keys) if keys else 'it is no object'}",
            file=shown(response.url),
        )

    def detect_paginator(self, response: Response, data: Any) -> Any:
        """Tell from the first answer whether it links to a second."""
        detected = PaginatorFactory([header_links_detector, json_links_detector, single_page_detector])
        paginator, score = detected.create_paginator(response)
        if score == 1.0:
            self.notes.append(f"paginator detected: {paginator}")
        del data
        return paginator

    def _send_request(self, request: Request, **options: Any) -> Response:
        self._count += 1
        if self._count > PAGES_LIMIT:
            raise ContentError(f"could not read, because there are more than {PAGES_LIMIT:,} pages; check paginator:")
        url = following_url(self.base_url, request.url)
        if url is None:
            raise DeclarationError(
                f"could not ask for the next page, because its link leads to {shown(request.url)}, another host than "
                f"{shown(self.base_url)}, which must not get the credentials"
            )
        request.url = url
        asked = (url, dict(request.params or {}), request.json)
        if asked == self._asked:
            raise ContentError("could not read, because the next page is the same page again; check paginator:")
        self._asked = (url, dict(request.params or {}), dict(request.json) if isinstance(request.json, dict) else None)
        response = super()._send_request(request, **options)
        self._first = self._first or response
        return response

    def _detected_selector(self, body: Any, response: Response) -> str:
        if isinstance(body, list):
            return "$"
        lists = [key for key, value in body.items() if isinstance(value, list)] if isinstance(body, Mapping) else []
        if likely := [key for key in lists if key.lower() in RECORD_KEY_PATTERNS]:
            self.notes.append(f"data_selector detected: {likely[0]}")
            return str(likely[0])
        keys = ", ".join(map(repr, list(body)[:8])) if isinstance(body, Mapping) else "no keys"
        raise ContentError(
            f"could not tell where the records are, because the answer holds {keys}; declare data_selector:",
            file=shown(response.url),
        )

    def _refuse_unfollowed(self) -> None:
        """Refuse to stop after the first page when it plainly links to a second."""
        if self._first is None:
            return
        for detect in (header_links_detector, json_links_detector):
            paginator, _ = detect(self._first)
            if paginator:
                raise ContentError(
                    f"could not read every page, because the first links to a next one that paginator: does not follow "
                    f"({' '.join(str(paginator).split())[:120]}); correct paginator:",
                    file=shown(self._first.url),
                )
