"""Questions asked together where one of them may fail: only that one gives its reason instead of an answer."""

from collections.abc import Sequence
from typing import Protocol

from metrics.errors import QuarterlineError
from metrics.model.reading import Measure, Measured


class Measuring(Protocol):
    """What answers questions (see `metrics.facts.Facts`)."""

    def measure(self, measures: Sequence[Measure]) -> list[Measured]:
        """Answer all questions together, in their order."""


def measure_each(facts: Measuring, measures: Sequence[Measure]) -> list[Measured | str]:
    """Ask together; when one metric spoils the batch, ask one by one, so that the others are answered."""
    try:
        return [*facts.measure(measures)] if measures else []
    except QuarterlineError:
        return [_answer_or_reason(facts, measure) for measure in measures]


def _answer_or_reason(facts: Measuring, measure: Measure) -> Measured | str:
    try:
        return facts.measure([measure])[0]
    except QuarterlineError as error:
        return str(error)
