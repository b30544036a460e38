"""Writes the workspace's YAML: metrics as they are, OKRs with targets that fit the company's size."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, log10
from pathlib import Path
from string import Template

import numpy as np

from sample_data.fiscal import Quarter, add_months, year_of
from sample_data.tickets import expected_reopened
from sample_data.timeline import Timeline, timeline
from sample_data.transactions import expected_sales

MARKER = "# Sao Mai Retail, the sample company"
"""Every written YAML file begins with these words; only such files are ever replaced."""

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Volumes:
    """Rows of an average day around the beginning of the current quarter."""

    tickets: float
    answers: float
    transactions: float


def write_definitions(directory: Path, *, today: date, quarter: Quarter, volumes: Volumes) -> None:
    """Write `quarterline.yaml`, `metrics.yaml` and the OKRs of the year, the quarter and the quarter before.

    Totals are set from what the company would reach if its story ran on, so that they fit every day and size.
    """
    previous = quarter.previous()
    write = _writer(directory)
    write("quarterline.yaml", "quarterline.yaml", {"today": today, "fiscal_year_start": quarter.start_month})
    write("metrics.yaml", "metrics.yaml", {})
    write("year.yaml", f"okrs/{quarter.year}.yaml", _year_values(quarter, volumes))
    write("quarter.yaml", f"okrs/{quarter.id}.yaml", _quarter_values(quarter, quarter, volumes))
    write("previous.yaml", f"okrs/{previous.id}.yaml", _quarter_values(previous, quarter, volumes))


def _writer(directory: Path) -> Callable[[str, str, Mapping[str, object]], None]:
    (directory / "okrs").mkdir(parents=True, exist_ok=True)
    for stale in (directory / "okrs").glob("*.yaml"):
        if stale.read_text(encoding="utf-8").startswith(MARKER):
            stale.unlink()

    def write(template: str, name: str, values: Mapping[str, object]) -> None:
        text = Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
        (directory / name).write_text(text, encoding="utf-8", newline="\n")

    return write


def _quarter_values(quarter: Quarter, current: Quarter, volumes: Volumes) -> dict[str, object]:
    line = timeline(current, quarter.starts, quarter.ends)
    _, revenue, new_customers = expected_sales(line, per_day=volumes.transactions)
    welcome = round_down(float(new_customers.sum()) / 1.04)
    month_ends = [add_months(quarter.starts, months) - timedelta(days=1) for months in (1, 2)]
    target = round_down(float(revenue.sum()) * 1.03)
    reopened_over_cap = 1.03 if quarter == current else 0.95
    return {
        "quarter": quarter.id,
        "year": current.year,
        "revenue": target,
        "plan": _plan(line, revenue, target, month_ends),
        "new_customers": welcome,
        "new_customers_en": f"{welcome:,}",
        "new_customers_vi": f"{welcome:,}".replace(",", "."),
        "goal_starts": quarter.starts + timedelta(days=14),
        "goal_ends": quarter.ends - timedelta(days=16),
        "reopened": round_down(expected_reopened(line, per_day=volumes.tickets) / reopened_over_cap),
    }


def _year_values(quarter: Quarter, volumes: Volumes) -> dict[str, object]:
    starts, ends = year_of(quarter)
    line = timeline(quarter, starts, ends)
    orders, revenue, _ = expected_sales(line, per_day=volumes.transactions)
    quarter_ends = [add_months(starts, months) - timedelta(days=1) for months in (3, 6, 9)]
    target = round_down(float(revenue.sum()) * 1.02)
    return {
        "year": quarter.year,
        "year_revenue": target,
        "year_plan": _plan(line, revenue, target, quarter_ends),
        "year_orders": round_down(float(orders.sum()) * 0.99),
    }


def _plan(line: Timeline, amounts: np.ndarray, target: int, until: list[date]) -> str:
    """Points of a plan that knows of the seasons, Tết among them, as YAML."""
    share = np.cumsum(amounts) / amounts.sum()
    points = [(day, round_down(target * float(share[line.days.index(day)]))) for day in until]
    return "".join(f"\n          - {{by: {day}, value: {value}}}" for day, value in points)


def round_down(amount: float) -> int:
    """Round down to three digits that people would write into a plan; small numbers to two."""
    digits = 2 if amount < 10_000 else 3
    unit = 10 ** max(floor(log10(amount)) + 1 - digits, 0)
    return int(amount // unit * unit)
