"""What the sync keeps ready: the reads of key results and of goals, over the days that each is measured on."""

from datetime import date, timedelta

from metrics.compile.exact import wanted_series
from metrics.model.definition import Definitions, Goal, Objective, Read
from metrics.model.reading import Window
from tests.metrics.smart.build import ORGANISATION, RESPONSE, key_result, objective

TODAY = date(2027, 2, 15)
SPAN = Window(date(2026, 1, 1), TODAY)


def kept(goals: tuple[Goal, ...] = (), objectives: tuple[Objective, ...] = ()) -> frozenset[Window]:
    definitions = Definitions({RESPONSE.id: RESPONSE}, objectives, goals=goals)
    spans = {(RESPONSE.source, RESPONSE.time): SPAN}
    (series,) = wanted_series(definitions, ORGANISATION, (), today=TODAY, spans=spans)
    return series.windows


def test_a_goals_read_is_kept_over_its_own_days() -> None:
    """Its page then answers from what is kept, as a key result's does."""
    own = Goal(key_result(objective="", read=Read("period")), date(2027, 2, 3), date(2027, 3, 9))
    mine = kept((own,)) - kept()
    assert Window(own.starts, TODAY) in mine
    assert Window(own.starts - timedelta(days=35), own.starts - timedelta(days=1)) in mine, "its automatic baseline"
    assert min(window.starts for window in mine) >= date(2026, 12, 30)


def test_a_key_results_read_is_kept_over_its_cycle() -> None:
    of_cycle = kept(objectives=(objective(key_result(read=Read("period"))),)) - kept()
    assert {Window(date(2027, 1, 1), TODAY), Window(date(2026, 10, 1), date(2026, 12, 31))} <= of_cycle
