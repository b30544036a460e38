"""Scorecards built by hand, as the rules would build them, for drawing without a store."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.model.definition import KeyResult, Kind, Objective, Read
from metrics.model.reading import Point
from metrics.model.scorecard import (
    Budget,
    Cycle,
    ForecastCard,
    Freshness,
    KeyResultCard,
    ObjectiveCard,
    Reason,
    Scorecard,
    Status,
)
from metrics.model.target import parse_target
from metrics.periods import elapsed_share
from metrics.progress.policies import POLICIES
from metrics.progress.rollup import roll_up

CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
AS_OF = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
PACE = (("progress", 0.4), ("expected", 0.587), ("threshold", 0.387), ("policy", "burning"))


def key_result(
    name: str = "response-time",
    *,
    title: dict[str, str] | None = None,
    target: str = "< 2",
    **fields: Any,
) -> KeyResult:
    """Build a key result of the objective `service`."""
    return KeyResult(
        id=name,
        objective=fields.pop("objective", "service"),
        cycle=CYCLE.id,
        title=title or {"en": "Response time", "vi": "Thời gian phản hồi"},
        metric=fields.pop("metric", "first_response"),
        target=parse_target(target),
        owner=fields.pop("owner", "linh"),
        read=fields.pop("read", Read("trailing", 28)),
        **fields,
    )


def trend(values: Sequence[float | None] = (3.6, 3.4, None, 3.1, 2.9, 2.7)) -> tuple[Point, ...]:
    """Build weekly points that end in the week of `AS_OF`."""
    first = date(2026, 11, 23) - timedelta(weeks=len(values) - 1)
    return tuple(
        Point(first + timedelta(weeks=index), value, 0 if value is None else 40) for index, value in enumerate(values)
    )


def card(
    status: Status = "at_risk",
    *,
    of: KeyResult | None = None,
    value: float | None = 2.71,
    unit: str = "hours",
    progress: float | None = 0.4,
    why: Reason | None = None,
    budget: Budget | None = None,
    **fields: Any,
) -> KeyResultCard:
    """Build a key result's card; by default a little behind its pace."""
    shown = of or key_result()
    return KeyResultCard(
        key_result=shown,
        unit=unit,
        value=value,
        rows=0 if value is None else 4120,
        baseline=fields.pop("baseline", 3.6),
        target=shown.target,
        original_target=fields.pop("original_target", shown.target),
        met=None if value is None else shown.target.is_met(value),
        progress_raw=progress,
        progress=None if progress is None else min(max(progress, 0.0), 1.0),
        expected=fields.pop("expected", elapsed_share(CYCLE, AS_OF)),
        forecast=fields.pop("forecast", ForecastCard(reason="not_available")),
        needed=fields.pop("needed", None),
        budget=budget,
        status=status,
        why=why or Reason("behind_pace", PACE),
        freshness=fields.pop("freshness", Freshness(datetime(2026, 11, 22, 16, 0, tzinfo=UTC), stale=False)),
        trend=fields.pop("trend", trend()),
        **fields,
    )


def objective_card(
    *cards: KeyResultCard, name: str = "service", kind: Kind = "committed", **fields: Any
) -> ObjectiveCard:
    """Roll cards up under one objective."""
    objective = Objective(
        id=name,
        cycle=CYCLE.id,
        title=fields.pop(
            "title", {"en": "Raise customer-service quality", "vi": "Nâng cao chất lượng dịch vụ khách hàng"}
        ),
        key_results=tuple(each.key_result for each in cards),
        kind=kind,
        owner=fields.pop("owner", "linh"),
        team=fields.pop("team", "customer-service"),
        **fields,
    )
    return roll_up(objective, cards, CYCLE, AS_OF, policy=POLICIES["burning"])


def scorecard(*objectives: ObjectiveCard) -> Scorecard:
    """Build a scorecard over objectives; without any, one objective with four key results in different states."""
    return Scorecard(
        generation="facts-12",
        ledger_revision=3,
        as_of=AS_OF,
        cycle=CYCLE,
        elapsed=elapsed_share(CYCLE, AS_OF),
        policy="burning/1",
        objectives=objectives or (objective_card(*sample_cards()),),
    )


def sample_cards() -> tuple[KeyResultCard, ...]:
    """Build four key results: behind, on track, burning a budget, and without data."""
    satisfaction = key_result("satisfaction", title={"en": "Satisfaction", "vi": "Mức hài lòng"}, target=">= 90 %")
    complaints = key_result(
        "complaints", title={"en": "Complaint rate", "vi": "Tỷ lệ khiếu nại"}, target="< 5 %", shape="keep"
    )
    empty = key_result("onboarding", title={"en": "Onboarding", "vi": "Đào tạo nhân viên mới"}, target=">= 80")
    return (
        card(),
        card(
            "on_track",
            of=satisfaction,
            value=0.841,
            unit="percent",
            progress=0.61,
            why=Reason("ahead_of_pace", PACE),
            baseline=0.75,
            trend=trend((0.75, 0.77, 0.8, 0.82, 0.841)),
        ),
        card(
            "at_risk",
            of=complaints,
            value=0.053,
            unit="percent",
            progress=0.0,
            expected=1.0,
            why=Reason("recoverable", (("burn", 1.2), ("rest_rate", 0.045))),
            budget=Budget(allowed=60000, spent=42000, burn=1.2, rest_rate=0.045),
            trend=trend((0.05, 0.052, 0.053)),
        ),
        card("no_data", of=empty, value=None, unit="points", progress=None, why=Reason("no_rows"), trend=()),
    )
