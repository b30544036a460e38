"""How a service divides its rows into pages; the names and keys are dlt's."""

from collections.abc import Collection, Mapping
from typing import Any

from connectors.errors import DeclarationError
from connectors.web.declared import typed_choice

_RANGE = ("total_path", "stop_after_empty_page", "has_more_path")
PAGINATOR_KINDS: Mapping[str, Collection[str]] = {
    "auto": (),
    "single_page": (),
    "header_link": ("links_next_key",),
    "json_link": ("next_url_path",),
    "page_number": ("base_page", "page", "page_param", "page_body_path", "maximum_page", *_RANGE),
    "offset": (
        "limit",
        "offset",
        "offset_param",
        "offset_body_path",
        "limit_param",
        "limit_body_path",
        "maximum_offset",
        *_RANGE,
    ),
    "cursor": ("cursor_path", "cursor_param", "cursor_body_path", "stop_after_empty_page", "has_more_path"),
    "header_cursor": ("cursor_key", "cursor_param"),
}


def build_paginator(written: Any) -> Any:
    """Build what `paginator:` declares; None when the first answer is to tell.

    Raises:
        DeclarationError: it is declared in a way that cannot work.
    """
    if written is None:
        return None
    kind, options = typed_choice(written, PAGINATOR_KINDS, "paginator")
    if kind == "auto":
        return None
    from dlt.sources.helpers.rest_client import paginators  # noqa: PLC0415  # dlt takes a second, only when it is used
    from jsonpath_ng.exceptions import JSONPathError  # noqa: PLC0415

    # A total is looked for only where it is declared; otherwise the last page is the one without rows.
    if kind in {"page_number", "offset"}:
        options.setdefault("total_path", None)
    if kind == "offset" and "limit" not in options:
        raise DeclarationError("could not use paginator, because it has no 'limit'; write the number of rows per page")

    class JsonLink(paginators.JSONLinkPaginator):
        def update_state(self, response: Any, data: list[Any] | None = None) -> None:
            super().update_state(response, data)
            # Some services end with an empty link instead of none.
            self._next_reference = self._next_reference or None

    classes = {
        "single_page": paginators.SinglePagePaginator,
        "header_link": paginators.HeaderLinkPaginator,
        "json_link": JsonLink,
        "page_number": paginators.PageNumberPaginator,
        "offset": paginators.OffsetPaginator,
        "cursor": paginators.JSONResponseCursorPaginator,
        "header_cursor": paginators.HeaderCursorPaginator,
    }
    try:
        return classes[kind](**options)
    except (ValueError, TypeError, JSONPathError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DeclarationError(f"could not use paginator, because {reason}; see docs/connectors.md") from None
