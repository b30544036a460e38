"""The published record: how well forecasts did, kept as JSON so that a page reads it without computing anything."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from metrics.errors import QuarterlineError

SCHEMA = 2
FILE = "forecast-record.json"


@dataclass(frozen=True, slots=True)
class Bin:
    """Chances of about the same size, and how often they came true.

    Attributes:
        low: where the bin begins; it is a tenth wide.
        n: chances in it.
        mean: their mean.
        hits: share that came true.
    """

    low: float
    n: int
    mean: float
    hits: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How well forecasts did; every number None where nothing was scored.

    Attributes:
        n: forecasts with an interval.
        cov80: share of outcomes inside the 80 % interval.
        cov95: share of outcomes inside the 95 % interval.
        chances: chances scored, several targets per forecast.
        brier: mean squared error of the chances.
        brier_pace: the same of the pace rule, which is certain one way or the other.
        brier_last: the same of "it stays as it is".
        ece: mean distance of a bin's chances from its hits, weighted by their number.
        mae: mean distance of the median from the outcome, in the metric's unit; None over several metrics.
        mae_to_pace: that distance as a share of the pace rule's; over several metrics their geometric mean.
        mae_to_last: the same against "it stays as it is".
    """

    n: int
    cov80: float | None
    cov95: float | None
    chances: int
    brier: float | None
    brier_pace: float | None
    brier_last: float | None
    ece: float | None
    mae: float | None
    mae_to_pace: float | None
    mae_to_last: float | None


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """The record of one metric under one filter, as its key results read it.

    Attributes:
        key_result: `cycle/id` of the newest key result that reads it so.
        quarters: ids of the quarters that were replayed.
        abstained: replayed moments without an interval, by reason.
        calibration: of its chances; `calibration_pace` and `calibration_last` of the simple rules' verdicts.
    """

    key_result: str
    metric: str
    filter: str
    read: str
    shape: str
    unit: str
    quarters: tuple[str, ...]
    figures: Figures
    abstained: Mapping[str, int]
    calibration: tuple[Bin, ...] = ()
    calibration_pace: tuple[Bin, ...] = ()
    calibration_last: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckInRecord:
    """People's confidences beside the forecasts of the same days, for key results whose cycle is over.

    Attributes:
        n: confidences that had both an outcome and a forecast.
        brier: of people.
        brier_forecast: of the forecasts.
        calibration: of people.
    """

    n: int
    brier: float | None
    brier_forecast: float | None
    calibration: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a backtest found.

    Attributes:
        computed_at: UTC.
        generation: facts that were replayed.
        pooled: over all subjects.
        by_elapsed: the same by the share of the quarter that had elapsed.
        calibration: of all chances; `calibration_pace` and `calibration_last` of the simple rules' verdicts.
    """

    computed_at: datetime
    generation: str
    pooled: Figures
    by_elapsed: tuple[tuple[float, Figures], ...]
    calibration: tuple[Bin, ...]
    subjects: tuple[SubjectRecord, ...]
    check_ins: CheckInRecord
    calibration_pace: tuple[Bin, ...] = ()
    calibration_last: tuple[Bin, ...] = ()


def record_document(record: Record) -> dict[str, Any]:
    """Give the record as a JSON document; numbers are not rounded."""
    return {"schema": SCHEMA, **asdict(record), "computed_at": record.computed_at.isoformat()}


def save_record(var: Path, record: Record) -> Path:
    """Put the record in the place of the one before, at once."""
    path, fresh = var / FILE, var / f"{FILE}.new"
    var.mkdir(parents=True, exist_ok=True)
    fresh.write_text(json.dumps(record_document(record), ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")
    fresh.replace(path)
    return path


def load_record(var: Path) -> Record | None:
    """Read the newest record; None before the first backtest, or where its file is of another version.

    Raises:
        QuarterlineError: the file cannot be read.
    """
    path = var / FILE
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise QuarterlineError(
            f"could not read the forecast record {path}, because it is damaged ({type(error).__name__}); "
            "run `quarterline backtest` again"
        ) from error
    return _record(document) if document.get("schema") == SCHEMA else None


def _record(document: Mapping[str, Any]) -> Record:
    check_ins = document["check_ins"]
    return Record(
        computed_at=datetime.fromisoformat(document["computed_at"]),
        generation=document["generation"],
        pooled=Figures(**document["pooled"]),
        by_elapsed=tuple((share, Figures(**figures)) for share, figures in document["by_elapsed"]),
        calibration=_bins(document["calibration"]),
        calibration_pace=_bins(document["calibration_pace"]),
        calibration_last=_bins(document["calibration_last"]),
        subjects=tuple(_subject(each) for each in document["subjects"]),
        check_ins=CheckInRecord(**{**check_ins, "calibration": _bins(check_ins["calibration"])}),
    )


def _subject(document: Mapping[str, Any]) -> SubjectRecord:
    bins = {name: _bins(document[name]) for name in ("calibration", "calibration_pace", "calibration_last")}
    figures, quarters = Figures(**document["figures"]), tuple(document["quarters"])
    return SubjectRecord(**{**document, **bins, "figures": figures, "quarters": quarters})


def _bins(found: list[dict[str, Any]]) -> tuple[Bin, ...]:
    return tuple(Bin(**each) for each in found)
