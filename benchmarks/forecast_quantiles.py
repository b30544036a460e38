"""Backtests medians and 90 % quantiles on the real data beside the project, by what stands for their offset.

    python -m benchmarks.forecast_quantiles

A quantile over a window is forecast as the weighted mean of its periods' quantiles, moved by an offset ("What can be
asked" in docs/forecasting.md). Every quarter is forecast at 30, 50, 70 and 90 % of its days, from the rows known then,
with each of several offsets, and scored against the exact quantile of the window's rows.
"""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.forecast_pooled import crps
from metrics.forecast import Question, answer
from metrics.forecast.question import Days, Floats, day_number, day_of
from metrics.model.reading import Window

REAL = Path(__file__).parents[2] / "shared" / "real"
SHARES = (0.3, 0.5, 0.7, 0.9)
LEVELS = (0.5, 0.9)
LEAST_ROWS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Single values, each with the day on which its period ends, by day; `periods` are the days, each once."""

    name: str
    days: Days
    values: Floats
    share: float
    periods: Days
    quantiles: Floats
    counts: Floats

    def exact(self, first: int, last: int) -> float:
        """Quantile of the rows between two days, both included; NaN without any."""
        found = self.values[np.searchsorted(self.days, first) : np.searchsorted(self.days, last, "right")]
        return float(np.quantile(found, self.share)) if len(found) else np.nan

    def pooled(self, first: int, last: int) -> float:
        """Mean of the periods' quantiles between two days, weighted by their rows; NaN without any."""
        inside = (self.periods >= first) & (self.periods <= last)
        return float(np.average(self.quantiles[inside], weights=self.counts[inside])) if inside.any() else np.nan


def rows_of(name: str, days: list[int], values: list[float], share: float) -> Rows:
    order = np.argsort(days, kind="stable")
    at, found = np.array(days)[order], np.array(values)[order]
    periods, starts, counts = np.unique(at, return_index=True, return_counts=True)
    quantiles = np.array([np.quantile(part, share) for part in np.split(found, starts[1:])])
    return Rows(name, at, found, share, periods, quantiles, counts.astype(np.float64))


def web_sessions() -> Iterator[tuple[str, int, float]]:
    """Sessions of one country, browser and system on one day, by browser and by system."""
    with (REAL / "web_sessions.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day, sessions = day_number(date.fromisoformat(row["date"])), float(row["sessions"] or 0)
            for name in (row["browser"], row["operating_system"]):
                yield name, day, sessions


def delays() -> Iterator[tuple[str, int, float]]:
    """Mean delay of one route in one month, minutes, by station of departure and over all."""
    with (REAL / "tgv.csv").open(encoding="windows-1252", newline="") as file:
        for row in csv.DictReader(file):
            first = datetime.strptime(row["date"], "%m/%d/%Y").date()  # noqa: DTZ007 - a date, not a time
            end = day_number((first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
            if row["retard_moyen_tous_trains_arrivee"]:
                for name in ("all", row["gare_depart"]):
                    yield name, end, float(row["retard_moyen_tous_trains_arrivee"])


def parts(found: Iterator[tuple[str, int, float]], least: int) -> list[Rows]:
    gathered: dict[str, tuple[list[int], list[float]]] = {}
    for name, day, value in found:
        days, values = gathered.setdefault(name, ([], []))
        days.append(day)
        values.append(value)
    return [
        rows_of(name, *part, share)
        for name, part in sorted(gathered.items())
        if len(part[0]) >= least
        for share in LEVELS
    ]


Asked = tuple[Rows, int, int, int]
"""Rows, first and last day of the window, the day of asking."""


def newest(asked: Asked) -> float:
    """The miss over the newest stretch as long as the window."""
    rows, first, last, as_of = asked
    begins = as_of - (last - first)
    return rows.exact(begins, as_of) - rows.pooled(begins, as_of)


def stretches(asked: Asked, share: float, count: int) -> float:
    """The mean miss over the newest stretches, one after the other, each weighing `share` of the next newer one."""
    rows, first, last, as_of = asked
    length = last - first + 1
    ends = [as_of - length * at for at in range(count) if as_of - length * (at + 1) >= rows.days[0]] or [as_of]
    misses = np.array([rows.exact(end - length + 1, end) - rows.pooled(end - length + 1, end) for end in ends])
    weights = share ** np.arange(len(ends)) * np.isfinite(misses)
    return float(np.average(np.nan_to_num(misses), weights=weights)) if weights.any() else 0.0


def observed(asked: Asked) -> float | None:
    """What the observed part of the window missed: the question's own choice without an offset."""
    del asked
    return None


OFFSETS: Mapping[str, Callable[[Asked], float | None]] = {
    "newest stretch": newest,
    "mean of eight stretches": lambda asked: stretches(asked, 1.0, 8),
    "three stretches, halving": lambda asked: stretches(asked, 0.5, 3),
    "observed part": observed,
    "none": lambda _: 0.0,
}


def questions(rows: Rows, trailing: int | None) -> Iterator[Asked]:
    first, last = day_of(int(rows.periods[0])), day_of(int(rows.periods[-1]))
    for year in range(first.year, last.year + 1):
        for month in (1, 4, 7, 10):
            starts = date(year, month, 1)
            ends = (starts + timedelta(days=93)).replace(day=1) - timedelta(days=1)
            if starts < first + timedelta(days=120) or ends > last:
                continue
            for share in SHARES:
                as_of = starts + timedelta(days=int((ends - starts).days * share))
                begins = ends - timedelta(days=trailing - 1) if trailing else starts
                yield rows, day_number(begins), day_number(ends), day_number(as_of)


def score(asked: Asked) -> list[tuple[float, float, float]] | None:
    """CRPS in percent of the level, and whether the 80 and 95 % intervals held, per offset."""
    rows, first, last, as_of = asked
    actual, level = rows.exact(first, last), abs(rows.exact(int(rows.days[0]), as_of))
    if not level or not np.isfinite(actual) or not ((rows.periods > as_of) & (rows.periods <= last)).any():
        return None
    found = []
    for choose in OFFSETS.values():
        question = Question(
            rows.periods, rows.quantiles, Window(day_of(first), day_of(last)), day_of(as_of), "pooled", (0.0, None),
            weights=rows.counts, known=_known(rows, first, as_of), offset=choose(asked),
        )  # fmt: skip
        forecast = answer(question)
        ends = [forecast.quantile(at) for at in (0.1, 0.9, 0.025, 0.975)]
        found.append(
            (
                100 * crps(forecast.samples, actual) / level,
                float(ends[0] <= actual <= ends[1]),
                float(ends[2] <= actual <= ends[3]),
            )
        )
    return found


def _known(rows: Rows, first: int, as_of: int) -> float | None:
    exact = rows.exact(first, as_of)
    return exact if np.isfinite(exact) else None


def main() -> int:
    if not REAL.is_dir():
        print("no real data in ../shared/real; nothing to replay")
        return 0
    print("CRPS in percent of the level, and what the 80 and 95 % intervals held, by offset")
    print(f"{'':28s}{'n':>6s}" + "".join(f"{name:>28s}" for name in OFFSETS))
    for title, found, least, trailing in (
        ("sessions of a cell, period", web_sessions(), LEAST_ROWS, None),
        ("the same, trailing 28d", web_sessions(), LEAST_ROWS, 28),
        ("delays of a route, period", delays(), 300, None),
    ):
        every = parts(found, least)
        for share in LEVELS:
            series = [rows for rows in every if rows.share == share]
            scored = [one for rows in series for asked in questions(rows, trailing) if (one := score(asked))]
            table = np.array(scored).mean(axis=0)
            shown = "".join(f"{crps_:16.2f}  {in80:.2f} {in95:.2f}" for crps_, in80, in95 in table)
            print(f"{title} {share:.0%}".ljust(28) + f"{len(scored):6d}{shown}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
