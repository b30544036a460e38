"""Scores people's check-in confidences the way forecasts are scored, beside the forecasts of the same days."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from metrics.backtest.record import CheckInRecord
from metrics.backtest.score import brier, calibration
from metrics.model.decision import CheckIn, Decided
from metrics.model.definition import Definitions, KeyResult, Organisation
from metrics.model.scorecard import Cycle
from metrics.outlook import FactsHistory, look_ahead
from metrics.periods import end_of_day
from metrics.progress.decided import in_force


@dataclass(frozen=True, slots=True)
class View:
    """A day that is over, seen from its end."""

    organisation: Organisation
    cycle: Cycle
    as_of: date
    now: datetime


def score_check_ins(
    definitions: Definitions,
    facts: FactsHistory,
    organisation: Organisation,
    cycles: Mapping[str, Cycle],
    decided: Decided,
    until: date,
) -> CheckInRecord:
    """Compare confidences with what came of the key results whose cycle is over.

    The target is the one in force on the cycle's last day. The forecast of a check-in's day knows the rows up to the
    day before it.

    Args:
        definitions: the key results.
        facts: one generation.
        organisation: whose days.
        cycles: by id, of every objective.
        decided: holds the check-ins.
        until: last day that is over.
    """
    confidences, chances, hits = [], [], []
    for cycle in cycles.values():
        if cycle.ends > until:
            continue
        found = _of_cycle(definitions, facts, organisation, cycle, decided)
        for confidence, chance, hit in found:
            confidences.append(confidence)
            chances.append(chance)
            hits.append(hit)
    return CheckInRecord(
        n=len(hits),
        brier=brier(confidences, hits),
        brier_forecast=brier(chances, hits),
        calibration=calibration(confidences, hits),
    )


def _of_cycle(
    definitions: Definitions, facts: FactsHistory, organisation: Organisation, cycle: Cycle, decided: Decided
) -> list[tuple[float, float, float]]:
    key_results = {each.key: in_force(each, decided, cycle.ends) for each in definitions.key_results(cycle.id)}
    by_day: dict[date, list[CheckIn]] = defaultdict(list)
    for key in key_results:
        for recorded in decided.check_ins.get(key, ()):
            if cycle.starts < recorded.decision.day < cycle.ends:
                by_day[recorded.decision.day].append(recorded.decision)
    if not by_day:
        return []
    outcomes = _chances(list(key_results.values()), definitions, facts, organisation, cycle, cycle.ends)
    found = []
    for day, made in sorted(by_day.items()):
        asked = [key_results[each.key] for each in made]
        chances = _chances(asked, definitions, facts, organisation, cycle, day - timedelta(days=1))
        found += [
            (each.confidence, chances[each.key], outcomes[each.key])
            for each in made
            if each.key in chances and each.key in outcomes
        ]
    return found


def _chances(
    key_results: list[KeyResult],
    definitions: Definitions,
    facts: FactsHistory,
    organisation: Organisation,
    cycle: Cycle,
    day: date,
) -> dict[str, float]:
    view = View(organisation, cycle, day, end_of_day(day, organisation))
    outlooks = look_ahead(key_results, definitions.metrics, facts, view)
    chances = {
        key: outlook.forecast.chance(outlook.key_result.target)
        for key, outlook in outlooks.items()
        if outlook.forecast is not None
    }
    return {key: chance for key, chance in chances.items() if chance is not None}
