"""A workspace with two streams, and definitions written and read through its files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connectors.base import Stream
from metrics.definitions import load_definitions
from metrics.definitions.workspace import Source, Workspace
from metrics.errors import DefinitionError
from metrics.model.definition import CycleDefinition, Definitions, Organisation

METRICS = """\
metrics:
  first_response:
    title: {en: First response time, vi: Thời gian phản hồi}
    source: helpdesk.tickets
    time: opened_at
    aggregate: median
    value: first_response_s / 3600.0
    where: channel <> 'spam'
    dimensions: [team, region]
    unit: hours
    better: lower
    bounds: [0, null]
    expected_every: 1d
  complaint_rate:
    source: billing.transactions
    time: created_at
    aggregate: ratio
    numerator: is_complaint
    denominator: true
    unit: percent
    better: lower
    bounds: [0, 1]
  orders: {source: billing.transactions, time: created_at, aggregate: count, unit: orders}
"""
OKRS = """\
cycle: 2027-Q1
objectives:
  - id: service-quality
    title: {vi: Nâng cao chất lượng dịch vụ khách hàng, en: Raise customer-service quality}
    why: Customers leave when they wait.
    kind: committed
    level: company
    team: customer-service
    owner: linh
    key_results:
      - id: response-time
        title: First response under two hours
        metric: first_response
        filter: {team: [north, south]}
        read: trailing 28d
        baseline: 4
        target: "< 2"
        stretch: "< 1.5"
        commit: "< 3"
        weight: 2
        owner: linh
        contributors: [minh]
        plan: [{by: 2027-01-31, value: 3}, {by: 2027-02-28, value: 2.5}]
      - {id: complaints, title: Few complaints, metric: complaint_rate, shape: keep, target: "< 5 %"}
  - id: growth
    title: Grow
    parent: service-quality
    kind: aspirational
    key_results:
      - {id: orders, title: Orders, metric: orders, shape: total, target: ">= 5000"}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace as quarterline.yaml would describe it."""
    streams = {"helpdesk": ("tickets",), "billing": ("transactions",)}
    return Workspace(
        tmp_path,
        Organisation("Sao Mai Retail", timezone="Asia/Ho_Chi_Minh", language="en"),
        cycles=(CycleDefinition("tet", date(2027, 1, 18), date(2027, 2, 14)),),
        sources={
            source: Source(source, "files", {}, "pull", {name: Stream(source, name) for name in names})
            for source, names in streams.items()
        },
    )


Read = Callable[..., Definitions]


@pytest.fixture
def read(workspace: Workspace) -> Read:
    """Write definition files and load them."""

    def write_and_load(metrics: str = METRICS, **okrs: str) -> Definitions:
        (workspace.root / "okrs").mkdir(exist_ok=True)
        (workspace.root / "metrics.yaml").write_text(metrics, encoding="utf-8")
        for name, text in (okrs or {"q1": OKRS}).items():
            (workspace.root / "okrs" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_definitions(workspace)

    return write_and_load


@pytest.fixture
def refusals(read: Read) -> Callable[..., list[str]]:
    """Write definition files and give the lines of the refusal."""

    def write_and_fail(metrics: str = METRICS, **okrs: str) -> list[str]:
        with pytest.raises(DefinitionError) as refused:
            read(metrics, **okrs)
        return str(refused.value).splitlines()

    return write_and_fail
