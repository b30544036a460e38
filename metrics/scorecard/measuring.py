"""Asks the facts for many readings at once, so that a metric that cannot be read spoils only its own."""

from collections.abc import Sequence
from typing import Protocol

from metrics.errors import QuarterlineError
from metrics.model.reading import Measure, Measured


class Measuring(Protocol):
    """What answers questions (see `metrics.facts`)."""

    def measure(self, measures: Sequence[Measure]) -> Sequence[Measured]:
        """Answer each question, in order."""


def measure_all(facts: Measuring, questions: Sequence[Measure | None]) -> list[Measured | str]:
    """Answer each question, or say why it cannot be; one that is None has an empty answer."""
    asked = [question for question in questions if question is not None]
    try:
        answers: list[Measured | str] = [*facts.measure(asked)]
    except QuarterlineError:  # one metric spoils the batch: ask one by one, so that only its own key results suffer
        answers = [_measure_one(facts, question) for question in asked]
    given = iter(answers)
    return [Measured(()) if question is None else next(given) for question in questions]


def _measure_one(facts: Measuring, question: Measure) -> Measured | str:
    try:
        return facts.measure([question])[0]
    except QuarterlineError as error:
        return str(error)
