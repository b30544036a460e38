"""A reader that answers from a table in the test, so that rules are tested without a store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from metrics.errors import FactsError
from metrics.model.definition import Definitions, KeyResult, Metric, Objective, Organisation, Read
from metrics.model.reading import Measure, Measured, Point, Reading, Window
from metrics.model.target import parse_target

ORGANISATION = Organisation("Sao Mai Retail", "Asia/Ho_Chi_Minh", "vi")


@dataclass
class TableReader:
    """Answers each (metric, window) from a mapping; a metric named `broken` fails the whole batch, as a store does."""

    table: Mapping[tuple[str, Window], Reading]
    last_event_at: datetime | None = datetime(2027, 2, 15, 8, tzinfo=UTC)
    generation: str = "facts-12"
    asked: list[Measure] = field(default_factory=list)
    spans: dict[str, Window] = field(default_factory=dict)

    def measure(self, measures: Sequence[Measure]) -> Sequence[Measured]:
        self.asked.extend(measures)
        if any(measure.metric.id == "broken" for measure in measures):
            raise FactsError(
                "could not compute 'broken', because column 'amout' does not exist; did you mean 'amount'?"
            )
        return [
            Measured(
                tuple(self.table.get((measure.metric.id, window), Reading(None, 0)) for window in measure.windows),
                (Point(date(2027, 2, 8), 2.9, 70), Point(date(2027, 2, 15), 2.7, 10)),
            )
            for measure in measures
        ]

    @property
    def today(self) -> date:
        return date(2027, 2, 15)

    def days(self, metric: Metric) -> Window | None:
        return self.spans.get(metric.id)

    def freshness(self, metric: Metric, until: datetime) -> tuple[datetime | None, int]:  # noqa: ARG002
        last = self.last_event_at
        return (last if last is None or last <= until else until), 0


def metric(name: str, **changes: object) -> Metric:
    return Metric(name, {"en": name}, "helpdesk.tickets", "opened_at", "median", value="x", unit="hours", **changes)  # type: ignore[arg-type]


@pytest.fixture
def definitions() -> Definitions:
    response = KeyResult(
        "response-time",
        "service-quality",
        "2027-Q1",
        {"en": "First response under two hours", "vi": "Phản hồi đầu tiên dưới hai giờ"},
        "first_response",
        parse_target("< 2"),
        read=Read("trailing", 28),
        filter=(("team", ("north", "south")),),
        owner="linh",
        definition="sha256:abc",
    )
    complaints = KeyResult(
        "complaints",
        "service-quality",
        "2027-Q1",
        {"en": "Complaints below 5 %", "vi": "=Khiếu nại dưới 5 %"},
        "complaint_rate",
        parse_target("< 5 %"),
        shape="keep",
        weight=2.0,
    )
    objective = Objective(
        "service-quality",
        "2027-Q1",
        {"en": "Raise customer-service quality", "vi": "Nâng cao chất lượng dịch vụ khách hàng"},
        (response, complaints),
        owner="linh",
    )
    rate = Metric(
        "complaint_rate",
        {"en": "Complaint rate"},
        "billing.transactions",
        "created_at",
        "ratio",
        numerator="is_complaint",
        denominator="true",
        unit="percent",
        better="lower",
    )
    return Definitions({"first_response": metric("first_response"), "complaint_rate": rate}, (objective,))


@pytest.fixture
def reader() -> TableReader:
    return TableReader(
        {
            ("first_response", Window(date(2027, 1, 19), date(2027, 2, 15))): Reading(2.71, 4120),
            ("first_response", Window(date(2026, 12, 4), date(2026, 12, 31))): Reading(3.6, 4000),
            ("complaint_rate", Window(date(2027, 1, 1), date(2027, 2, 15))): Reading(0.06, 400_000, 24_000, 400_000),
        }
    )
