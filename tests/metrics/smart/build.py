"""Definitions and evidence for tests, each with one thing changed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.model.definition import KeyResult, Metric, Objective, Organisation, Read
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle
from metrics.model.target import parse_target
from metrics.smart import Evidence, Finding, Stretch
from metrics.smart.wording import explain

ORGANISATION = Organisation("Sao Mai Retail", "Asia/Ho_Chi_Minh", "vi")
QUARTER = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
TODAY = date(2027, 1, 15)

RESPONSE = Metric(
    "first_response",
    {"en": "First response", "vi": "Phản hồi đầu tiên"},
    "helpdesk.tickets",
    "opened_at",
    "median",
    value="hours",
    unit="hours",
    better="lower",
    expected_every=timedelta(days=1),
)


def metric(**changes: Any) -> Metric:
    fields = {name: getattr(RESPONSE, name) for name in Metric.__dataclass_fields__}
    return Metric(**(fields | changes))


def key_result(target: str = "< 2", **changes: Any) -> KeyResult:
    fields: dict[str, Any] = {
        "id": "response-time",
        "objective": "service-quality",
        "cycle": "2027-Q1",
        "title": {"en": "First response in under 2 hours", "vi": "Phản hồi đầu tiên dưới 2 giờ"},
        "metric": "first_response",
        "read": Read("trailing", 28),
        "owner": "minh",
    }
    return KeyResult(target=parse_target(target), **(fields | changes))


def objective(*key_results: KeyResult, **changes: Any) -> Objective:
    fields: dict[str, Any] = {
        "id": "service-quality",
        "cycle": "2027-Q1",
        "title": {"en": "Raise customer-service quality", "vi": "Nâng cao chất lượng dịch vụ khách hàng"},
        "why": {"en": "Waiting is the first reason to leave us"},
        "owner": "linh",
    }
    return Objective(key_results=key_results, **(fields | changes))


def evidence(*moves: tuple[float | None, float | None], **changes: Any) -> Evidence:
    """Evidence that nothing is wrong with, with past stretches as (before, after)."""
    fields: dict[str, Any] = {
        "synced": True,
        "window": Window(date(2026, 12, 19), TODAY),
        "value": 4.0,
        "rows": 120,
        "ever": True,
        "measured_baseline": 4.0,
        "last_event_at": datetime(2027, 1, 15, 3, tzinfo=UTC),
        "past": tuple(Stretch(before, after) for before, after in moves),
    }
    return Evidence(**(fields | changes))


def drops(*sizes: float) -> list[tuple[float, float]]:
    """Past stretches that each brought the read down from 5 by so much."""
    return [(5.0, 5.0 - size) for size in sizes]


def codes(findings: Sequence[Finding], *severities: str) -> list[str]:
    """Codes of findings (of some severities), each of which can be worded in both languages."""
    for finding in findings:
        assert "{" not in explain(finding, "en") + explain(finding, "vi")
    return [finding.code for finding in findings if not severities or finding.severity in severities]


def doubts(findings: Sequence[Finding]) -> list[str]:
    """Codes of everything but the evidence of what passed."""
    return codes(findings, "unknown", "warning", "error")


def values_of(findings: Sequence[Finding], code: str) -> dict[str, float | str]:
    (found,) = [finding for finding in findings if finding.code == code]
    return dict(found.values)
