"""A derived metric from its components' readings: over a window, as a series, apart by a dimension."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from metrics.formula.arithmetic import compute
from metrics.formula.syntax import Call, Component, Formula, Number, components_of, parse_formula
from metrics.model.definition import Metric
from metrics.model.reading import Measured, Part, Point, Reading

NOTHING = Reading(None, 0)


@dataclass(frozen=True, slots=True)
class Totals:
    """What of a formula is a total over days.

    Attributes:
        adds_up: whether the whole formula is one: a window's value is the sum of its days'.
        ratio: what is divided by what, where the formula divides one total by another.
    """

    adds_up: bool
    ratio: tuple[Formula, Formula] | None


def formula_of(metric: Metric) -> Formula:
    """Give the formula of a derived metric.

    Raises:
        FormulaError: it has none that can be read.
    """
    return parse_formula(metric.expression or "")


def adds_up(metric: Metric) -> bool:
    """Tell whether the metric's value over several days is the sum of theirs; distinct counts are not."""
    if metric.aggregate == "derived":
        return totals_of(metric).adds_up
    return metric.aggregate in {"sum", "count"} and metric.rollup == "pooled"


def totals_of(metric: Metric) -> Totals:
    """Tell what of a derived metric's formula is a total."""
    totals = frozenset(component.id for component in metric.components if adds_up(component))
    return _totals(metric.expression or "", totals)


@lru_cache(maxsize=1024)
def _totals(expression: str, totals: frozenset[str]) -> Totals:
    formula = parse_formula(expression)
    ratio = None
    if isinstance(formula, Call) and formula.name == "/":
        above, below = formula.operands[0], _without_nullif(formula.operands[1])
        if _adds_up(above, totals) and _adds_up(below, totals):
            ratio = above, below
    return Totals(_adds_up(formula, totals), ratio)


def combine_readings(metric: Metric, readings: Mapping[str, Reading]) -> Reading:
    """Compute a derived metric over one window from its components' readings there.

    Its rows are those of the component that has fewest, components without any apart: no number is better founded than
    its thinnest part. Where it divides one total by another, both are given: budgets and forecasts weigh by them.
    """
    values = {name: reading.value for name, reading in readings.items()}
    rows = min((reading.rows for reading in readings.values() if reading.rows), default=0)
    ratio = totals_of(metric).ratio
    above, below = (compute(side, values) for side in ratio) if ratio else (None, None)
    return Reading(compute(formula_of(metric), values), rows, above, below)


def combine_series(metric: Metric, series: Mapping[str, Sequence[Point]]) -> tuple[Point, ...]:
    """Compute a derived metric's series from its components' over the same buckets, without its leading gap."""
    by_day: dict[str, dict[date, Point]] = {
        name: {point.day: point for point in points} for name, points in series.items()
    }
    days = sorted({day for points in by_day.values() for day in points})
    combined: list[Point] = []
    for day in days:
        found = {name: _read(points.get(day)) for name, points in by_day.items()}
        reading = combine_readings(metric, found)
        if reading.value is not None or combined:
            combined.append(Point(day, reading.value, reading.rows))
    return tuple(combined)


def combine_measured(metric: Metric, answers: Mapping[str, Measured]) -> Measured:
    """Compute a derived metric's answers to one question from its components' answers to the same."""
    windows = range(max(len(answer.readings) for answer in answers.values()))
    readings = (
        combine_readings(metric, {name: answer.readings[index] for name, answer in answers.items()})
        for index in windows
    )
    return Measured(tuple(readings), combine_series(metric, {name: answer.series for name, answer in answers.items()}))


def combine_parts(metric: Metric, parts: Mapping[str, Iterable[Part]]) -> tuple[Part, ...]:
    """Compute a derived metric for each value of a dimension, the values with most rows first."""
    by_value: dict[str | None, dict[str, Reading]] = {}
    for name, listed in parts.items():
        for part in listed:
            by_value.setdefault(part.value, dict.fromkeys(parts, NOTHING))[name] = part.reading
    combined = (Part(value, combine_readings(metric, readings)) for value, readings in by_value.items())
    return tuple(sorted(combined, key=lambda part: (-part.reading.rows, part.value or "")))


def _read(point: Point | None) -> Reading:
    return NOTHING if point is None else Reading(point.value, point.rows)


def _adds_up(formula: Formula, totals: frozenset[str]) -> bool:
    """Tell whether a formula is a sum of totals, each times or over a number."""
    if not isinstance(formula, Call):
        return isinstance(formula, Component) and formula.metric in totals
    first, *rest = formula.operands
    if formula.name in {"abs", "greatest", "least", "nullif"}:
        return False
    if formula.name == "*" and _is_number(first):
        return _adds_up(rest[0], totals)
    return _adds_up(first, totals) and all(_keeps_total(formula.name, each, totals) for each in rest)


def _keeps_total(name: str, operand: Formula, totals: frozenset[str]) -> bool:
    """Tell whether a total stays one when an operation takes this besides."""
    if name in {"+", "-"}:
        return _adds_up(operand, totals)
    return _is_zero(operand) if name == "coalesce" else _is_number(operand)


def _is_number(formula: Formula) -> bool:
    return not components_of(formula)


def _is_zero(formula: Formula) -> bool:
    return isinstance(formula, Number) and float(formula.text) == 0


def _without_nullif(formula: Formula) -> Formula:
    if isinstance(formula, Call) and formula.name == "nullif" and _is_zero(formula.operands[1]):
        return formula.operands[0]
    return formula
