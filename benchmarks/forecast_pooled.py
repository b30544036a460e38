"""Backtests pooled ratios on the real data beside the project: what share of late trains, what share of sessions.

    python -m benchmarks.forecast_pooled

Every quarter is forecast at 30, 50, 70 and 90 % of its days from what was known then. Beside ours stand the pace rule
(the ratio to date goes on), the last period's rate going on, and ours without weights (the plain mean of daily rates).
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from metrics.forecast import Forecast, answer, pooled_ratio
from metrics.forecast.question import Days, Floats, day_number, day_of
from metrics.model.reading import Window

REAL = Path(__file__).parents[2] / "shared" / "real"
SHARES = (0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """Numerator and denominator per period, oldest first."""

    name: str
    days: Days
    numerator: Floats
    denominator: Floats


def web_sessions() -> Iterator[Ratio]:
    """Share of sessions per browser, operating system and country (0.2 % to 99.8 %), by day."""
    parts: dict[str, dict[date, float]] = {}
    with (REAL / "web_sessions.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day, sessions = date.fromisoformat(row["date"]), float(row["sessions"] or 0)
            for key in ("all", f"browser {row['browser']}", f"os {row['operating_system']}", f"in {row['country']}"):
                part = parts.setdefault(key, {})
                part[day] = part.get(day, 0.0) + sessions
    whole = parts.pop("all")
    days = sorted(whole)
    denominator = np.array([whole[day] for day in days])
    for name, part in sorted(parts.items()):
        numerator = np.array([part.get(day, 0.0) for day in days])
        if 0.002 < numerator.sum() / denominator.sum() < 0.998:
            yield Ratio(name, np.array([day_number(day) for day in days]), numerator, denominator)


def late_trains() -> Iterator[Ratio]:
    """Share of trains that arrive late per station of departure, by month."""
    parts: dict[str, dict[date, tuple[float, float]]] = {}
    with (REAL / "tgv.csv").open(encoding="windows-1252", newline="") as file:
        for row in csv.DictReader(file):
            first = datetime.strptime(row["date"], "%m/%d/%Y").date()  # noqa: DTZ007 - a date, not a time
            ran = float(row["nb_train_prevu"] or 0) - float(row["nb_annulation"] or 0)
            late, all_ran = parts.setdefault(row["gare_depart"], {}).get(first, (0.0, 0.0))
            parts[row["gare_depart"]][first] = (late + float(row["nb_train_retard_arrivee"] or 0), all_ran + ran)
    for name, part in sorted(parts.items()):
        months = sorted(part)
        ends = [(month + timedelta(days=31)).replace(day=1) - timedelta(days=1) for month in months]
        late, ran = np.array([part[month] for month in months]).T
        yield Ratio(name, np.array([day_number(end) for end in ends]), late, ran)


def quarters(ratio: Ratio) -> Iterator[tuple[Window, date]]:
    """Quarters that the data cover whole, after at least four months of history, and the days of asking."""
    first, last = day_of(int(ratio.days[0])), day_of(int(ratio.days[-1]))
    for year in range(first.year, last.year + 1):
        for month in (1, 4, 7, 10):
            starts = date(year, month, 1)
            ends = (starts + timedelta(days=93)).replace(day=1) - timedelta(days=1)
            if starts >= first + timedelta(days=120) and ends <= last:
                for share in SHARES:
                    yield Window(starts, ends), starts + timedelta(days=int((ends - starts).days * share))


def crps(samples: Floats, actual: float) -> float:
    ordered, n = np.sort(samples), len(samples)
    spread = float((2 * np.arange(1, n + 1) - n - 1) @ ordered) / n**2
    return float(np.abs(ordered - actual).mean()) - spread


def score(ratio: Ratio, window: Window, as_of: date, trailing: int | None) -> tuple[float, ...] | None:
    ends = day_number(window.ends)
    if trailing:
        window = Window(window.ends - timedelta(days=trailing - 1), window.ends)
    inside = (ratio.days >= day_number(window.starts)) & (ratio.days <= ends)
    known = ratio.days <= day_number(as_of)
    coming, seen = inside & ~known, inside & known
    if not coming.any() or not ratio.denominator[inside].sum() or known.sum() < 8:
        return None
    actual = ratio.numerator[inside].sum() / ratio.denominator[inside].sum()
    question = pooled_ratio(
        ratio.days, ratio.numerator, ratio.denominator, window=window, as_of=as_of, bounds=(0.0, 1.0)
    )
    ours, plain = answer(question), answer(replace(question, kind="mean", weights=None))
    newest = np.flatnonzero(known & (ratio.denominator > 0))
    lately = newest[-28:] if len(ratio.days) > 200 else newest[-3:]
    so_far = seen if seen.any() else np.isin(np.arange(len(known)), lately)
    rate = ratio.numerator[so_far].sum() / max(ratio.denominator[so_far].sum(), 1.0)
    last = ratio.numerator[newest[-1]] / ratio.denominator[newest[-1]]
    volume = ratio.denominator[lately].mean() * coming.sum()
    spent, base = ratio.numerator[seen].sum(), ratio.denominator[seen].sum()
    pace, naive = ((spent + volume * r) / (base + volume) for r in (rate, last))
    return (
        crps(ours.samples, actual),
        crps(plain.samples, actual),
        abs(pace - actual),
        abs(naive - actual),
        *_covered(ours, actual),
        0.01 * max(float(ratio.numerator[known].sum() / ratio.denominator[known].sum()), 1e-4),
    )


def _covered(forecast: Forecast, actual: float) -> tuple[float, float]:
    inside80 = forecast.quantile(0.1) <= actual <= forecast.quantile(0.9)
    return float(inside80), float(forecast.quantile(0.025) <= actual <= forecast.quantile(0.975))


def main() -> int:
    if not REAL.is_dir():
        print("no real data in ../shared/real; nothing to replay")
        return 0
    print("errors in percent of the ratio's own level; ours and ours unweighted as CRPS, the rules as absolute error")
    print(f"{'':34s}{'n':>6s}{'ours':>8s}{'unweighted':>12s}{'pace':>8s}{'last':>8s}{'80 %':>8s}{'95 %':>8s}")
    for title, ratios in (
        ("share of sessions, daily", list(web_sessions())),
        ("late trains, monthly", list(late_trains())),
    ):
        for trailing in (None, 28) if "daily" in title else (None,):
            rows = [score(ratio, *asked, trailing) for ratio in ratios for asked in quarters(ratio)]
            table = np.array([row for row in rows if row is not None])
            errors = (table[:, :4] / table[:, 6:]).mean(axis=0)
            covered = table[:, 4:6].mean(axis=0)
            name = f"{title}{', trailing 28d' if trailing else ''}"
            print(
                f"{name:34s}{len(table):6d}" + "{:8.2f}{:12.2f}{:8.2f}{:8.2f}{:8.3f}{:8.3f}".format(*errors, *covered)
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
