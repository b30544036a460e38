"""Sentences for findings: English for the command line and JSON; the Vietnamese table is for pages to take over."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from metrics.model.definition import Language
from metrics.model.written import bounded_chance
from metrics.smart.findings import Finding

QUANTITIES = frozenset({"baseline", "change", "declared", "from", "measured"})
"""Values that are in the metric's unit."""

SHARES = frozenset({"chance", "pass_mark", "percentile"})


def explain(finding: Finding, language: Language = "en") -> str:
    """Word a finding as one sentence without its full stop; numbers are written plainly, with a decimal point."""
    table = wording_table(language)
    values = dict(finding.values)
    unit = str(values.get("unit", ""))
    written = {name: _written(name, value, unit, table["terms"]) for name, value in values.items()}
    return str(table["finding"][finding.code]).format(**written)


@cache
def wording_table(language: Language) -> Mapping[str, Any]:
    """Give the words of a language: `finding` by code, and `terms` for values that are themselves codes."""
    return tomllib.loads(files("metrics.smart").joinpath(f"words/{language}.toml").read_text(encoding="utf-8"))


def _written(name: str, value: float | str, unit: str, terms: Mapping[str, Mapping[str, str]]) -> str:
    if name == "last_event_at" and value:
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, str):
        return terms.get(name, {}).get(value, value)
    if name == "chance":
        sign, shown = bounded_chance(value)
        return f"{sign} {_number(shown * 100)} %".lstrip()
    if name == "change" and unit == "percent":
        return f"{_number(value * 100)} {terms['unit']['points']}"
    if name in SHARES or (name in QUANTITIES and unit == "percent"):
        return f"{_number(value * 100)} %"
    return f"{_number(value)} {unit}".rstrip() if name in QUANTITIES else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
