"""Derived metrics: arithmetic over other metrics, where a division by zero is missing and never infinite."""

from metrics.formula.arithmetic import compute
from metrics.formula.derived import (
    adds_up,
    combine_measured,
    combine_parts,
    combine_readings,
    combine_series,
    formula_of,
    totals_of,
)
from metrics.formula.syntax import FUNCTIONS, Formula, FormulaError, components_of, formula_sql, parse_formula

__all__ = [
    "FUNCTIONS",
    "Formula",
    "FormulaError",
    "adds_up",
    "combine_measured",
    "combine_parts",
    "combine_readings",
    "combine_series",
    "components_of",
    "compute",
    "formula_of",
    "formula_sql",
    "parse_formula",
    "totals_of",
]
