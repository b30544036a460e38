"""The server's HTTP interface: its time, and the points of a query between two instants."""

from collections.abc import Mapping
from typing import Any

from connectors.errors import ContentError, shortened
from connectors.web import GuardedSession
from connectors.web.urls import shown


class Server:
    """Asks one Prometheus, or anything that speaks as it does."""

    def __init__(self, url: str, session: GuardedSession) -> None:
        self.url, self._session = url.rstrip("/"), session
        self.warnings: dict[str, None] = {}

    def now(self) -> int:
        """Return the server's own time, in seconds since 1970.

        Raises:
            ConnectorError: it cannot be asked, or is no Prometheus.
        """
        found = self._asked("query", {"query": "time()"}, "scalar")
        return int(float(found[0]))

    def points(self, query: str, start: int, end: int, step: int) -> list[Mapping[str, Any]]:
        """Return the series of a range query, each with its `metric` and `values`.

        Raises:
            ConnectorError: it cannot be asked, or the query is wrong.
        """
        form = {"query": query, "start": str(start), "end": str(end), "step": str(step)}
        return list(self._asked("query_range", form, "matrix"))

    def _asked(self, what: str, form: Mapping[str, str], expected: str) -> list[Any]:
        url = f"{self.url}/api/v1/{what}"
        body = self._session.post(url, data=dict(form)).json()
        data = body.get("data") if isinstance(body, Mapping) else None
        if not isinstance(data, Mapping) or body.get("status") != "success" or not isinstance(data.get("result"), list):
            raise ContentError(
                "could not read the answer, because it is not one of Prometheus; check url:", file=shown(url)
            )
        self.warnings |= dict.fromkeys(str(each) for each in body.get("warnings") or ())
        if data.get("resultType") != expected:
            raise ContentError(
                f"could not read the answer, because it is a {shortened(data.get('resultType'))} where a {expected} "
                f"was expected; check query:",
                file=shown(url),
            )
        return list(data["result"])
