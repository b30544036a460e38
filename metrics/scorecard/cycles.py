"""The cycles that hold objectives: their state, how they ended, and what was dropped on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metrics.model.decision import ClosingScore, CycleChange, CycleState, Decided, Recorded
from metrics.model.definition import CycleDefinition, Definitions, Organisation
from metrics.model.scorecard import Cycle, Dropped
from metrics.periods import resolve_cycle
from metrics.progress.decided import change_on, pursued, state_on

SUCCESSES = frozenset({"met", "passed"})
"""Verdicts of a key result that reached what its kind passes at."""


@dataclass(frozen=True, slots=True)
class ListedCycle:
    """A cycle as it stands on a day.

    Attributes:
        change: what somebody decided last about its state; None where the calendar alone says it.
        closings: every closing, also one that was reopened, in order.
        over: whether its last day is.
    """

    cycle: Cycle
    state: CycleState
    change: Recorded[CycleChange] | None
    closings: tuple[Recorded[CycleChange], ...]
    over: bool

    @property
    def scores(self) -> tuple[ClosingScore, ...]:
        """How its key results ended; nothing while it is not closed."""
        return self.change.decision.scores if self.change is not None and self.state == "closed" else ()

    @property
    def waits(self) -> bool:
        """Whether it is over and nobody closed it."""
        return self.over and self.state != "closed"


def list_cycles(
    definitions: Definitions,
    decided: Decided,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    *,
    day: date,
) -> tuple[ListedCycle, ...]:
    """Give every cycle that definitions speak of, in the order of their ids."""
    resolved = [resolve_cycle(name, organisation, cycles) for name in definitions.cycles]
    return tuple(
        ListedCycle(
            cycle,
            state_on(decided.cycles, cycle, day),
            change_on(decided.cycles, cycle.id, day),
            tuple(
                each
                for each in decided.cycles
                if each.decision.key == cycle.id and each.decision.state == "closed" and each.decision.on <= day
            ),
            day > cycle.ends,
        )
        for cycle in resolved
    )


def succeeded(scores: Sequence[ClosingScore]) -> int:
    """Count the key results that reached what their kind passes at."""
    return sum(score.verdict in SUCCESSES for score in scores)


def dropped_list(definitions: Definitions, decided: Decided, day: date) -> tuple[tuple[str, Dropped], ...]:
    """Give what is no longer pursued on a day, with its cycle, in the order of the objectives."""
    return tuple(
        (objective.cycle, dropped)
        for objective in definitions.objectives
        for dropped in pursued(objective, decided, day)[1]
    )
