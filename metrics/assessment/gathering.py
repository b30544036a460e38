"""What the facts say about each key result of a cycle, gathered for the SMART rules to judge."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from metrics.errors import QuarterlineError
from metrics.model.definition import Definitions, Goal, KeyResult, Metric, Organisation
from metrics.model.reading import Measure, Measured, Reading, Window
from metrics.model.scorecard import Cycle, Scorecard
from metrics.outlook.ahead import measure_each
from metrics.periods import baseline_window, end_of_day, goal_window, previous_cycle, read_window
from metrics.progress.freshness import freshness_of
from metrics.scorecard.build import FactsReader
from metrics.smart import NOT_SYNCED, CycleFindings, Evidence, GoalFindings, Stretch, judge_cycle, judge_goal
from metrics.smart.history import PastStretches, past_stretches


class FactsHistory(FactsReader, Protocol):
    """What an assessment asks of a generation (see `metrics.facts`)."""

    def days(self, metric: Metric) -> Window | None:
        """Give the first and last day on which the metric's stream has rows; None before it was loaded."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When and whose: the organisation, its day, and the instant that lateness is measured at."""

    organisation: Organisation
    as_of: date
    now: datetime


@dataclass(frozen=True, slots=True)
class _Question:
    """The days to be read for one key result."""

    key_result: KeyResult
    metric: Metric
    value: Window
    baseline: Window
    past: PastStretches
    known: Window
    last_day: date

    @property
    def measure(self) -> Measure:
        """One question to the facts: every window once."""
        stretches = (window for pair in self.past.windows for window in pair)
        return Measure(
            self.metric, self.key_result.filter, tuple(dict.fromkeys((self.value, self.baseline, *stretches)))
        )


def assess(
    definitions: Definitions,
    facts: FactsHistory | None,
    moment: Moment,
    cycle: Cycle,
    *,
    chances: Mapping[str, float] | None = None,
) -> CycleFindings:
    """Judge every objective and key result of a cycle by its definition and by what its metric did before.

    Args:
        definitions: all of them, since parents may lie in other cycles.
        facts: None before the first sync: whatever needs data is then unknown.
        moment: as of when.
        cycle: whose key results are judged; it may lie ahead.
        chances: probability of meeting the target by key result (`cycle/id`), where a forecast gives one.
    """
    evidence = {} if facts is None else gather_evidence(definitions, facts, moment, cycle)
    for key, chance in (chances or {}).items():
        if key in evidence:
            evidence[key] = replace(evidence[key], chance=chance)
    generation = None if facts is None else facts.generation
    return judge_cycle(definitions, cycle, moment.as_of, evidence=evidence, generation=generation)


def gather_evidence(definitions: Definitions, facts: FactsHistory, moment: Moment, cycle: Cycle) -> dict[str, Evidence]:
    """Read what the rules need of every key result of a cycle, in one question to the facts.

    A metric that cannot be computed says so in its own evidence. Targets play no part, so a page may keep the evidence
    while somebody tries targets.

    Returns:
        Evidence by key result (`cycle/id`); a key result whose metric is not defined or not loaded has none.
    """
    return evidence_of(definitions.key_results(cycle.id), definitions.metrics, facts, moment, cycle)


def evidence_of(
    key_results: Iterable[KeyResult],
    metrics: Mapping[str, Metric],
    facts: FactsHistory,
    moment: Moment,
    cycle: Cycle,
) -> dict[str, Evidence]:
    """Read what the rules need of some key results, which share a cycle; see `gather_evidence`."""
    questions = list(_questions(key_results, metrics, facts, moment, cycle))
    answers = measure_each(facts, [question.measure for question in questions])
    gathered = {
        question.key_result.key: _evidence(question, answer, facts, moment)
        for question, answer in zip(questions, answers, strict=True)
    }
    silent = [question for question in questions if _is_silent(gathered[question.key_result.key])]
    asked = [Measure(one.metric, one.key_result.filter, (one.known,)) for one in silent]
    for question, answer in zip(silent, measure_each(facts, asked), strict=True):
        key = question.key_result.key
        gathered[key] = replace(gathered[key], ever=isinstance(answer, Measured) and _counts(answer.readings[0]))
    return gathered


def assess_goals(
    goals: Iterable[Goal],
    metrics: Mapping[str, Metric],
    facts: FactsHistory | None,
    moment: Moment,
    *,
    chances: Mapping[str, float] | None = None,
) -> tuple[GoalFindings, ...]:
    """Judge SMART goals, each over dates of its own.

    Args:
        goals: drafts too.
        metrics: by id.
        facts: None before the first sync.
        moment: as of when.
        chances: probability of meeting the target by goal (`cycle/id`), where a forecast gives one.
    """
    judged = []
    for goal in goals:
        dates = goal_window(goal)
        known = {} if facts is None else evidence_of((goal.measured,), metrics, facts, moment, dates)
        evidence = replace(known.get(goal.key, NOT_SYNCED), chance=(chances or {}).get(goal.key))
        metric = goal.measured.measured_by(metrics)
        judged.append(judge_goal(goal, metric, dates, moment.as_of, evidence=evidence))
    return tuple(judged)


def chances_of(scorecard: Scorecard) -> dict[str, float]:
    """Take the chances that a scorecard's forecasts give, by key result or goal (`cycle/id`)."""
    cards = (*scorecard.key_results, *(each.card for each in (*scorecard.goals, *scorecard.drafts)))
    return {card.key_result.key: card.forecast.p_hit for card in cards if card.forecast.p_hit is not None}


def _questions(
    key_results: Iterable[KeyResult],
    metrics: Mapping[str, Metric],
    facts: FactsHistory,
    moment: Moment,
    cycle: Cycle,
) -> Iterator[_Question]:
    for key_result in key_results:
        metric = key_result.measured_by(metrics)
        known = None if metric is None else facts.days(metric)
        if metric is None or known is None:
            continue
        value, baseline = _windows(key_result, cycle, moment)
        past = past_stretches(key_result.read, cycle, moment.organisation, as_of=moment.as_of, known=known)
        yield _Question(key_result, metric, value, baseline, past, known, cycle.ends)


def _windows(key_result: KeyResult, cycle: Cycle, moment: Moment) -> tuple[Window, Window]:
    """Give the days of value and automatic baseline; ahead of the cycle, both are what is read today."""
    read, organisation = key_result.read, moment.organisation
    value = read_window(read, cycle, moment.as_of, organisation)
    if value is not None:
        return value, baseline_window(read, cycle, organisation)
    following = Cycle(cycle.id, moment.as_of + timedelta(days=1), moment.as_of + timedelta(days=cycle.days))
    today = baseline_window(read, following, organisation)
    return (today, today) if read.kind != "period" else (previous_cycle(following),) * 2


def _evidence(question: _Question, answer: Measured | str, facts: FactsHistory, moment: Moment) -> Evidence:
    if isinstance(answer, str):
        return Evidence(synced=True, error=answer)
    readings = dict(zip(question.measure.windows, answer.readings, strict=True))
    value, baseline = readings[question.value], readings[question.baseline]
    last_event_at, stale = _arrival(question.metric, facts, moment, min(moment.as_of, question.last_day))
    return Evidence(
        synced=True,
        window=question.value,
        value=value.value,
        rows=value.rows,
        ever=any(map(_counts, answer.readings)),
        measured_baseline=baseline.value,
        last_event_at=last_event_at,
        stale=stale,
        past=_stretches(question.past, readings),
        overlapping=question.past.overlapping,
    )


def _stretches(past: PastStretches, readings: Mapping[Window, Reading]) -> tuple[Stretch, ...]:
    """Keep stretches since the first row: under a filter, rows may begin long after the stream's."""
    kept = list(past.windows)
    while kept and not readings[kept[-1][0]].rows:
        kept.pop()
    return tuple(Stretch(readings[before].value, readings[after].value) for before, after in kept)


def _arrival(metric: Metric, facts: FactsHistory, moment: Moment, day: date) -> tuple[datetime | None, bool]:
    until = min(moment.now, end_of_day(day, moment.organisation))
    try:
        freshness = freshness_of(metric, until, facts.freshness)
    except QuarterlineError:
        return None, False
    return freshness.last_event_at, freshness.stale


def _is_silent(evidence: Evidence) -> bool:
    return evidence.error is None and not evidence.ever


def _counts(reading: Reading) -> bool:
    return reading.rows > 0
