"""Formulas computed: missing values stay missing, and what is not a finite number is missing too."""

import math
from collections.abc import Callable, Mapping, Sequence

from metrics.formula.syntax import Component, Formula, Number

_OF_PRESENT: Mapping[str, Callable[[Sequence[float]], float]] = {
    "coalesce": lambda present: present[0],
    "greatest": max,
    "least": min,
}
"""Functions that pass over missing values."""


def compute(formula: Formula, values: Mapping[str, float | None]) -> float | None:
    """Compute a formula from its metrics' values; None where it has none.

    As in SQL, `coalesce` takes the first value that is there, `greatest` and `least` pass over missing ones, and every
    other operation on a missing value is missing. Dividing by zero is missing.
    """
    if isinstance(formula, Number):
        return _finite(float(formula.text))
    if isinstance(formula, Component):
        return values[formula.metric]
    operands = [compute(operand, values) for operand in formula.operands]
    present = [operand for operand in operands if operand is not None]
    if formula.name == "nullif":
        return None if operands[0] == operands[1] else operands[0]
    if formula.name in _OF_PRESENT:
        return _OF_PRESENT[formula.name](present) if present else None
    return _finite(_applied(formula.name, present)) if len(present) == len(operands) else None


def _applied(name: str, operands: Sequence[float]) -> float:
    if name == "-" and len(operands) == 1:
        return -operands[0]
    if name == "abs":
        return abs(operands[0])
    left, right = operands
    match name:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right if right else math.nan


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
