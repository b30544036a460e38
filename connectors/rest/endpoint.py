"""One stream of a service as it is declared: what to ask for, where the rows are, and how to ask for what is new."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from connectors.base import Stream
from connectors.errors import DeclarationError
from connectors.rest.paging import build_paginator
from connectors.times import least_shown
from connectors.web.declared import mapping_of, refuse_unknown, required_text

INCREMENTAL_KEYS: Collection[str] = ("start_param", "initial_value", "format")
STREAM_KEYS = frozenset({"path", "method", "params", "json", "data_selector", "fields", "paginator", "incremental"})

Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Incremental:
    """How a service is asked for what changed.

    Attributes:
        start_param: query parameter that takes the cursor's value.
        initial_value: what a pull of everything sends in it; None sends nothing.
        format: `iso`, `date`, `unix`, `unix_ms`, or a strftime format in the stream's zone.
    """

    start_param: str
    initial_value: str | None = None
    format: str = "iso"

    def parameters(self, since: Any, zone: str) -> dict[str, Any]:
        """Return what to send to get the rows from a cursor's value on; None is everything."""
        if since is None:
            return {} if self.initial_value is None else {self.start_param: self.initial_value}
        return {self.start_param: self._written(since, zone)}

    def _written(self, since: Any, zone: str) -> Any:
        if isinstance(since, datetime):
            return self._instant(since, zone)
        return since.isoformat() if isinstance(since, date) else since

    def _instant(self, value: datetime, zone: str) -> Any:
        # Fractions of a second are cut off: an earlier value brings a known row again, a later one would lose one.
        whole = value.astimezone(UTC).replace(microsecond=0)
        match self.format:
            case "iso":
                return whole.isoformat().replace("+00:00", "Z")
            case "date":
                return value.astimezone(ZoneInfo(zone)).date().isoformat()
            case "unix":
                return int(whole.timestamp())
            case "unix_ms":
                return int(whole.timestamp()) * 1000
        local = value.astimezone(ZoneInfo(zone)) if "%z" in self.format else least_shown(value, zone)
        return local.strftime(self.format)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a stream asks for.

    Attributes:
        fields: JSON path by the name of a column that is taken from inside a record.
    """

    path: str
    method: Method
    params: dict[str, Any]
    json: Mapping[str, Any] | None
    data_selector: str | None
    fields: Mapping[str, str]
    paging: Any
    incremental: Incremental | None

    def paginator(self) -> Any:
        """Make a paginator at its beginning."""
        return build_paginator(self.paging)

    def with_fields(self, rows: list[Any]) -> list[Any]:
        """Return records with the columns that are taken from inside them.

        Raises:
            DeclarationError: a record has a value of that name already.
        """
        return [{**row, **self._inside(row)} if isinstance(row, dict) else row for row in rows] if self.fields else rows

    def _inside(self, row: dict[str, Any]) -> dict[str, Any]:
        from dlt.common import jsonpath  # noqa: PLC0415  # dlt takes a second, only when it is used

        found = {}
        for name, path in self.fields.items():
            if name in row:
                raise DeclarationError(
                    f"could not use fields, because the records have a {name!r} already; choose another name"
                )
            values = jsonpath.find_values(path, row)
            found[name] = values if "*" in path else next(iter(values), None)
        return found

    @property
    def paginator_kind(self) -> str:
        """Name of the declared paginator."""
        written = self.paging
        return str(written.get("type")) if isinstance(written, Mapping) else str(written or "auto")


def endpoint_of(stream: Stream, paginator: Any, learnt: Mapping[str, Any]) -> Endpoint:
    """Read a stream's options.

    Args:
        stream: with the keys of `STREAM_KEYS`.
        paginator: the source's own, for streams without one.
        learnt: what an earlier pull pinned.

    Raises:
        DeclarationError: a key cannot be used.
    """
    options = stream.options
    method = str(options.get("method", "GET")).upper()
    if method not in {"GET", "POST"}:
        raise DeclarationError(
            f"could not use method {method[:20]!r}, because only GET and POST read; write one of them"
        )
    selector = options.get("data_selector") or learnt.get("data_selector")
    fields = _texts(options.get("fields"), "fields")
    for path in (selector, *fields.values()):
        _check_path(path)
    return Endpoint(
        path=str(options.get("path", "")),
        method=cast("Method", method),
        params=_values(options.get("params"), "params"),
        json=None if options.get("json") is None else mapping_of(options["json"], "json"),
        data_selector=None if selector is None else str(selector),
        fields=fields,
        paging=options.get("paginator", paginator),
        incremental=_incremental(options.get("incremental"), stream),
    )


def _incremental(written: Any, stream: Stream) -> Incremental | None:
    if written is None:
        return None
    options = {"start_param": written} if isinstance(written, str) else mapping_of(written, "incremental")
    refuse_unknown(options, INCREMENTAL_KEYS, "incremental")
    if stream.cursor is None or not stream.primary_key:
        raise DeclarationError(
            "could not use incremental, because the stream has no cursor: or no primary_key:; declare the column that "
            "grows with every change, and the one that rows are merged by"
        )
    initial = options.get("initial_value")
    return Incremental(
        required_text(options, "start_param", "incremental"),
        None if initial is None else str(initial),
        str(options.get("format", "iso")),
    )


def _values(written: Any, key: str) -> dict[str, Any]:
    values = {} if written is None else dict(mapping_of(written, key))
    # YAML's true would be sent as Python writes it.
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}


def _texts(written: Any, key: str) -> dict[str, str]:
    return {name: required_text(written, name, key) for name in mapping_of(written, key)} if written else {}


def _check_path(selector: Any) -> None:
    if selector is None:
        return
    from dlt.common import jsonpath  # noqa: PLC0415  # dlt takes a second, only when it is used
    from jsonpath_ng.exceptions import JSONPathError  # noqa: PLC0415

    try:
        jsonpath.compile_path(str(selector))
    except JSONPathError:
        raise DeclarationError(
            f"could not use {str(selector)[:60]!r}, because it is no JSON path; write one such as data.items"
        ) from None
