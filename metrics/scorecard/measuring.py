"""Asks the facts for the readings of many key results at once."""

from collections.abc import Sequence

from metrics.model.reading import Measure, Measured
from metrics.outlook.ahead import measure_each
from metrics.outlook.plan import Measuring


def measure_all(facts: Measuring, questions: Sequence[Measure | None]) -> list[Measured | str]:
    """Answer each question, or say why it cannot be; one that is None has an empty answer."""
    given = iter(measure_each(facts, [question for question in questions if question is not None]))
    return [Measured(()) if question is None else next(given) for question in questions]
