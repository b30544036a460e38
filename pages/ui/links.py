"""Addresses of pages, with the choices that they keep."""

from urllib.parse import urlencode

from metrics.model.definition import Language

OVERVIEW, KEY_RESULT, SOURCES = "overview", "key-result", "sources"
METRICS, DEFINE = "metrics", "define"
FORECAST_RECORD = "forecast-record"
REVIEW, ALIGNMENT, CYCLES, POLICIES, THEN = "review", "alignment", "cycles", "policies", "then"


def key_result_link(key: str, **kept: str | None) -> str:
    """Give the address of a key result's page; `kept` are choices such as `lang` and `as_of`, left out when None."""
    return _link(KEY_RESULT, kr=key, **kept)


def overview_link(**kept: str | None) -> str:
    """Give the address of the Overview, which is served at the root."""
    return _link("./", **kept)


def metrics_link(**kept: str | None) -> str:
    """Give the address of the Metrics page."""
    return _link(METRICS, **kept)


def metric_link(metric_id: str, **kept: str | None) -> str:
    """Give the address at which one metric is explored."""
    return _link(METRICS, metric=metric_id, **kept)


def define_link(**kept: str | None) -> str:
    """Give the address of the Define page; `draft`, `objective`, `goal` or `edit` name what is opened there."""
    return _link(DEFINE, **kept)


def sources_link(**kept: str | None) -> str:
    """Give the address of the Sources page."""
    return _link(SOURCES, **kept)


def review_link(**kept: str | None) -> str:
    """Give the address of the Review page."""
    return _link(REVIEW, **kept)


def language_link(language: Language, choices: dict[str, str]) -> str:
    """Give the address of the page that is open, in another language."""
    return _link("", **{**choices, "lang": language})


def _link(path: str, **choices: str | None) -> str:
    query = urlencode({name: value for name, value in choices.items() if value}, safe="/")
    return f"{path}?{query}" if query else path or "?"
