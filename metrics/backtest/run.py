"""Runs a backtest over a workspace's own past quarters and gathers its record."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from metrics.backtest.check_ins import View, score_check_ins
from metrics.backtest.record import Record, SubjectRecord
from metrics.backtest.replay import SHARES, Subject, replay, subjects_of
from metrics.backtest.score import Replayed, calibrations, figures_of
from metrics.errors import QuarterlineError
from metrics.model.decision import Decided
from metrics.model.definition import Definitions, Filter, Organisation
from metrics.model.scorecard import Cycle
from metrics.outlook import FactsHistory
from metrics.outlook.plan import whole_until
from metrics.periods import quarter_of, today

Progress = Callable[[int, int, str], None]
"""Told how many subjects are done, of how many, and what comes next."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose past is replayed, from which generation, at which instant (with zone)."""

    organisation: Organisation
    generation: str
    now: datetime


def run_backtest(
    definitions: Definitions,
    facts: FactsHistory,
    scope: Scope,
    *,
    cycles: Mapping[str, Cycle] | None = None,
    decided: Decided | None = None,
    on_progress: Progress | None = None,
) -> Record:
    """Replay every key result's read over the past fiscal quarters that its stream holds.

    At 30, 50, 70 and 90 % of each quarter the forecast is made from the rows up to that day. Its intervals and median
    are compared with the exact read of the closing day, its chances with targets at quantiles of the metric's own
    earlier changes. The pace rule and the last value are scored on the same moments. Annotated level shifts are not
    used: on the replayed day nobody may have annotated them yet.

    Args:
        definitions: whose key results are replayed; those that read the same are replayed once.
        facts: one generation.
        scope: whose days, and when.
        cycles: by id, for people's check-ins.
        decided: holds the check-ins.
        on_progress: told before each subject and at the end.
    """
    subjects = subjects_of(list(definitions.key_results()), definitions.metrics)
    day = today(scope.organisation, scope.now)
    until = whole_until(View(scope.organisation, quarter_of(day, scope.organisation), day, scope.now), facts.today)
    moments: list[Replayed] = []
    records = []
    for done, subject in enumerate(subjects):
        if on_progress:
            on_progress(done, len(subjects), subject.key_result.key)
        own, abstained = _replay_one(subject, facts, scope.organisation, until)
        moments += own
        records.append(_subject_record(subject, own, abstained))
    if on_progress:
        on_progress(len(subjects), len(subjects), "")
    ours, pace, last = calibrations(moments)
    return Record(
        computed_at=scope.now.astimezone(UTC),
        generation=scope.generation,
        pooled=figures_of(moments),
        by_elapsed=tuple((share, figures_of([each for each in moments if each.elapsed == share])) for share in SHARES),
        calibration=ours,
        calibration_pace=pace,
        calibration_last=last,
        subjects=tuple(records),
        check_ins=score_check_ins(definitions, facts, scope.organisation, cycles or {}, decided or Decided(), until),
    )


def _replay_one(
    subject: Subject, facts: FactsHistory, organisation: Organisation, until: date
) -> tuple[list[Replayed], Counter[str]]:
    own: list[Replayed] = []
    abstained: Counter[str] = Counter()
    try:
        for found in replay(subject, facts, organisation, until):
            if isinstance(found, str):
                abstained[found] += 1
            else:
                own.append(found)
    except QuarterlineError:
        abstained["error"] += 1
    return own, abstained


def _subject_record(subject: Subject, moments: list[Replayed], abstained: Counter[str]) -> SubjectRecord:
    key_result = subject.key_result
    ours, pace, last = calibrations(moments)
    return SubjectRecord(
        key_result=key_result.key,
        metric=subject.metric.id,
        filter=_filter_text(key_result.filter),
        read=str(key_result.read),
        shape=key_result.shape,
        unit=subject.metric.unit,
        quarters=tuple(sorted({moment.quarter for moment in moments})),
        figures=figures_of(moments),
        abstained=dict(sorted(abstained.items())),
        calibration=ours,
        calibration_pace=pace,
        calibration_last=last,
    )


def _filter_text(filters: Filter) -> str:
    return "; ".join(f"{dimension}={'|'.join(values)}" for dimension, values in filters)
