"""Scores replayed moments: coverage, Brier, calibration and distance, beside the pace rule and the last value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from metrics.backtest.record import Bin, Figures

BINS = 10


@dataclass(frozen=True, slots=True)
class Scored:
    """One target at one moment: the chance given, the simple rules' verdicts (0 or 1), and what came of it."""

    chance: float
    pace: float
    last: float
    hit: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """One replayed moment with an interval.

    Attributes:
        subject: what it is the forecast of, for means over several metrics.
        elapsed: share of the quarter.
        error: distance of the median from the outcome; `pace` and `last` are those of the simple rules.
    """

    subject: str
    quarter: str
    elapsed: float
    in80: bool
    in95: bool
    error: float
    pace: float
    last: float
    targets: tuple[Scored, ...]


def figures_of(moments: Sequence[Replayed]) -> Figures:
    """Work out all figures of some moments."""
    scored = [each for moment in moments for each in moment.targets]
    chances, hits = [each.chance for each in scored], [each.hit for each in scored]
    subjects = {moment.subject for moment in moments}
    return Figures(
        n=len(moments),
        cov80=_mean(moment.in80 for moment in moments),
        cov95=_mean(moment.in95 for moment in moments),
        chances=len(scored),
        brier=brier(chances, hits),
        brier_pace=brier([each.pace for each in scored], hits),
        brier_last=brier([each.last for each in scored], hits),
        ece=_ece(calibration(chances, hits)),
        mae=_mean(moment.error for moment in moments) if len(subjects) == 1 else None,
        mae_to_pace=_ratio(moments, sorted(subjects), "pace"),
        mae_to_last=_ratio(moments, sorted(subjects), "last"),
    )


def brier(chances: Sequence[float], hits: Sequence[float]) -> float | None:
    """Mean squared error of chances (Brier, 1950); None without any."""
    return _mean((chance - hit) ** 2 for chance, hit in zip(chances, hits, strict=True))


def calibration(chances: Sequence[float], hits: Sequence[float]) -> tuple[Bin, ...]:
    """Compare chances with outcomes by tenths; empty bins are left out."""
    bins = []
    for index in range(BINS):
        inside = [
            (chance, hit)
            for chance, hit in zip(chances, hits, strict=True)
            if min(int(chance * BINS), BINS - 1) == index
        ]
        if inside:
            mean, share = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            bins.append(Bin(index / BINS, len(inside), mean, share))
    return tuple(bins)


def calibrations(moments: Sequence[Replayed]) -> tuple[tuple[Bin, ...], ...]:
    """Compare the chances of some moments with outcomes, then the pace rule's verdicts, then the last value's."""
    scored = [each for moment in moments for each in moment.targets]
    hits = [each.hit for each in scored]
    ours, pace, last = ([getattr(each, name) for each in scored] for name in ("chance", "pace", "last"))
    return calibration(ours, hits), calibration(pace, hits), calibration(last, hits)


def _ece(bins: Sequence[Bin]) -> float | None:
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.mean - each.hits) for each in bins) / total if total else None


def _ratio(moments: Sequence[Replayed], subjects: Sequence[str], rule: str) -> float | None:
    """Compare mean distances per subject; the geometric mean keeps one wild metric from deciding it."""
    logs = []
    for subject in subjects:
        own = [moment for moment in moments if moment.subject == subject]
        ours, theirs = sum(moment.error for moment in own), sum(getattr(moment, rule) for moment in own)
        if ours > 0 and theirs > 0:
            logs.append(log(ours / theirs))
    return exp(sum(logs) / len(logs)) if logs else None


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None
