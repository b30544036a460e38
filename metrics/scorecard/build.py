"""Joins readings, targets and rules into one frozen scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from metrics.errors import NotFoundError, QuarterlineError
from metrics.model.decision import Decided
from metrics.model.definition import (
    CycleDefinition,
    Definitions,
    Goal,
    KeyResult,
    Kind,
    Metric,
    Objective,
    Organisation,
)
from metrics.model.reading import Measure, Measured, Reading, SeriesRange, Window
from metrics.model.scorecard import (
    Cycle,
    Dropped,
    Freshness,
    GoalCard,
    KeyResultCard,
    ObjectiveCard,
    Scorecard,
)
from metrics.model.target import Target
from metrics.outlook import FactsHistory, Outlook, card_of, look_ahead, objective_chance, settled, with_percentile
from metrics.periods import (
    baseline_window,
    elapsed_share,
    end_of_day,
    goal_window,
    is_over,
    quarter_of,
    read_window,
    resolve_cycle,
    trend_window,
)
from metrics.progress.checklist import all_done_on, done_share, milestone_cards
from metrics.progress.decided import (
    CHECK_IN_EVERY,
    check_in_on,
    days_without_check_in,
    drop_on,
    is_locked,
    original_target,
    pursued,
    revision_on,
    state_on,
)
from metrics.progress.freshness import freshness_of, measured_until, next_due
from metrics.progress.interval import interval_of, squares_of
from metrics.progress.measure import (
    clip,
    effective_baseline,
    error_budget,
    expected_progress,
    is_limit,
    needed_change,
    raw_progress,
)
from metrics.progress.policies import DEFAULT_POLICY, POLICIES, Policy
from metrics.progress.rollup import roll_up
from metrics.progress.status import Evidence, judge
from metrics.progress.zones import zone_of
from metrics.scorecard.measuring import measure_all

GOAL_KIND: Kind = "committed"
"""A SMART goal passes when its target is met, as a commitment does."""


class FactsReader(FactsHistory, Protocol):
    """What a scorecard asks of a generation (see `metrics.facts`)."""

    @property
    def generation(self) -> str:
        """Name of the generation, such as `facts-12`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a scorecard is computed for.

    Attributes:
        as_of: day of the organisation's zone up to which rows count.
        now: instant (with zone) that staleness is measured at when `as_of` is today.
        original_targets: first target of each key result by key, where its definition was changed since.
        decided: what people decided about the cycle's key results.
        check_in_every: how often owners check in; without, a green status goes stale.
        level_shifts: days by metric on which its level changed for good.
    """

    organisation: Organisation
    cycle: Cycle
    as_of: date
    now: datetime
    policy: Policy = POLICIES[DEFAULT_POLICY]
    ledger_revision: int = 0
    original_targets: Mapping[str, Target] = field(default_factory=dict)
    decided: Decided = field(default_factory=Decided)
    check_in_every: timedelta = CHECK_IN_EVERY
    level_shifts: Mapping[str, tuple[date, ...]] = field(default_factory=dict)

    @property
    def reading_day(self) -> date:
        """The day that reads are made at: `as_of`, but never after the cycle."""
        return min(self.as_of, self.cycle.ends)

    @property
    def judged_on(self) -> date:
        """The day that verdicts are given as of: nothing is met or missed at the close while the last day runs."""
        if self.as_of < self.cycle.ends or is_over(self.cycle, self.as_of, self.organisation, self.now):
            return self.as_of
        return max(self.cycle.ends - timedelta(days=1), self.cycle.starts)


def choose_cycle(
    definitions: Definitions,
    organisation: Organisation,
    cycles: Sequence[CycleDefinition],
    *,
    as_of: date,
    cycle_id: str | None = None,
) -> Cycle:
    """Find the cycle asked for; without one, the quarter that holds `as_of`, else the newest begun that has objectives.

    Raises:
        NotFoundError: the cycle asked for is of no known form.
    """
    defined = sorted(definitions.written_cycles)
    if cycle_id is not None:
        try:
            return resolve_cycle(cycle_id, organisation, cycles)
        except ValueError:
            raise NotFoundError("cycle", cycle_id, defined) from None
    quarter = quarter_of(as_of, organisation, cycles)
    if quarter.id in defined:
        return quarter
    resolved = [resolve_cycle(name, organisation, cycles) for name in defined]
    holding = [cycle for cycle in resolved if cycle.starts <= as_of <= cycle.ends]
    if holding:
        return min(holding, key=lambda cycle: cycle.days)
    begun = [cycle for cycle in resolved if cycle.starts <= as_of]
    return max(begun, key=lambda cycle: (cycle.ends, -cycle.days), default=quarter)


def build_scorecard(definitions: Definitions, facts: FactsReader, frame: Frame) -> Scorecard:
    """Compute every key result of the frame's cycle from one generation, under the targets in force on its day.

    A metric that cannot be read is an error on its own key results; the others are unaffected. What was dropped is
    listed, not computed.
    """
    looked_at = [
        pursued(objective, frame.decided, frame.reading_day)
        for objective in definitions.objectives
        if objective.cycle == frame.cycle.id
    ]
    standing = by_priority([objective for objective, _ in looked_at if objective is not None])
    pursued_now = [(each, objective.kind) for objective in standing for each in objective.key_results]
    cards = _cards(pursued_now, definitions.metrics, facts, frame)
    objectives = tuple(
        _objective(objective, [cards[each.key] for each in objective.key_results], frame) for objective in standing
    )
    goals, dropped_goals = goal_cards(goals_of(definitions, frame.cycle), definitions.metrics, facts, frame)
    return Scorecard(
        generation=facts.generation,
        ledger_revision=frame.ledger_revision,
        as_of=frame.as_of,
        cycle=frame.cycle,
        elapsed=elapsed_share(frame.cycle, frame.as_of),
        policy=frame.policy.label,
        objectives=objectives,
        dropped=(*(each for _, dropped in looked_at for each in dropped), *dropped_goals),
        state=state_on(frame.decided.cycles, frame.cycle, frame.as_of),
        goals=tuple(each for each in goals if not each.goal.draft),
        drafts=tuple(each for each in goals if each.goal.draft),
    )


def by_priority(objectives: Sequence[Objective]) -> list[Objective]:
    """Put what matters most first: 1 before 2, then those without a priority, otherwise as they are written."""
    return sorted(objectives, key=lambda each: (each.priority <= 0, each.priority))


def goals_of(definitions: Definitions, cycle: Cycle) -> tuple[Goal, ...]:
    """Give the goals that are shown with a cycle: written in its file, or with days that touch its own."""
    return tuple(
        goal
        for goal in definitions.goals
        if goal.cycle == cycle.id or (goal.starts <= cycle.ends and cycle.starts <= goal.ends)
    )


def windows_of(key_result: KeyResult, frame: Frame) -> tuple[Window, Window, Window]:
    """Give the days behind a key result's value, its automatic baseline, and the cycle to date."""
    value = read_window(key_result.read, frame.cycle, frame.as_of, frame.organisation)
    to_date = Window(frame.cycle.starts, frame.reading_day)
    return value or to_date, baseline_window(key_result.read, frame.cycle, frame.organisation), to_date


def goal_cards(
    goals: Sequence[Goal], metrics: Mapping[str, Metric], facts: FactsReader, frame: Frame
) -> tuple[tuple[GoalCard, ...], tuple[Dropped, ...]]:
    """Compute goals, each over its own days whatever the frame's cycle, and list those that are no longer pursued."""
    cards, dropped = [], []
    for goal in goals:
        own = replace(frame, cycle=goal_window(goal))
        if drop := drop_on(frame.decided, "goal", goal.key, own.reading_day):
            dropped.append(Dropped(drop, goal.id, "", goal.measured.title))
            continue
        card, _ = _cards([(goal.measured, GOAL_KIND)], metrics, facts, own)[goal.key]
        locked = is_locked(goal, frame.decided, frame.as_of)
        cards.append(GoalCard(goal, card, elapsed_share(own.cycle, frame.as_of), locked))
    return tuple(cards), tuple(dropped)


def _cards(
    key_results: Sequence[tuple[KeyResult, Kind]], metrics: Mapping[str, Metric], facts: FactsReader, frame: Frame
) -> dict[str, tuple[KeyResultCard, Outlook]]:
    """Compute key results, each with the kind it passes by, from as few questions as there can be."""
    listed = [each for each, _ in key_results]
    questions = [_question(each, metrics, frame) for each in listed]
    answered = measure_all(facts, [*questions, *map(_squares, questions)])
    answers = zip(answered[: len(listed)], answered[len(listed) :], strict=True)
    outlooks = look_ahead(listed, metrics, facts, frame, level_shifts=frame.level_shifts)
    fresh = _Freshness(facts, frame)
    return {
        each.key: (_card(outlooks[each.key], kind, metrics, answer, frame, fresh), outlooks[each.key])
        for (each, kind), answer in zip(key_results, answers, strict=True)
    }


def _question(key_result: KeyResult, metrics: Mapping[str, Metric], frame: Frame) -> Measure | None:
    metric = key_result.measured_by(metrics)
    if metric is None or frame.as_of < frame.cycle.starts:
        return None
    value, baseline, to_date = windows_of(key_result, frame)
    return Measure(
        metric=metric,
        filter=key_result.filter,
        windows=(value, baseline, to_date),
        series=SeriesRange("week", trend_window(frame.reading_day, frame.organisation)),
    )


def _squares(question: Measure | None) -> Measure | None:
    """Ask for what the interval of a sampled mean needs besides the mean."""
    squares = None if question is None else squares_of(question.metric)
    return None if question is None or squares is None else Measure(squares, question.filter, question.windows[:1])


class _Freshness:
    """Asks once per metric, however many key results read it."""

    def __init__(self, facts: FactsReader, frame: Frame) -> None:
        self._facts = facts
        self._until = min(frame.now, end_of_day(frame.reading_day, frame.organisation))
        self._known: dict[str, Freshness] = {}

    def of(self, metric: Metric) -> Freshness:
        if metric.id not in self._known:
            try:
                self._known[metric.id] = freshness_of(metric, self._until, self._facts.freshness)
            except QuarterlineError:
                self._known[metric.id] = Freshness(None, metric.schedule is not None)
        return self._known[metric.id]


def _objective(objective: Objective, judged: Sequence[tuple[KeyResultCard, Outlook]], frame: Frame) -> ObjectiveCard:
    """Roll an objective up; its chance is that of the key results that have data, as its progress is."""
    counted = [(card, outlook) for card, outlook in judged if card.progress is not None]
    chance = objective_chance(
        [_with_done(outlook, card) for card, outlook in counted],
        objective.kind,
        {card.key_result.key: card.baseline for card, _ in counted},
    )
    cards = [card for card, _ in judged]
    return roll_up(objective, cards, frame.cycle, frame.judged_on, policy=frame.policy, chance=chance)


def _with_done(outlook: Outlook, card: KeyResultCard) -> Outlook:
    """Count what people have ticked off as settled; what they have not, nothing can forecast."""
    done = card.key_result.is_checklist and card.met and card.value is not None
    return replace(outlook, forecast=settled(card.value or 0.0)) if done else outlook


def _card(
    outlook: Outlook,
    kind: Kind,
    metrics: Mapping[str, Metric],
    answers: tuple[Measured | str, Measured | str],
    frame: Frame,
    fresh: _Freshness,
) -> KeyResultCard:
    answer, squares = answers
    key_result = outlook.key_result
    metric, done = key_result.measured_by(metrics), milestone_cards(key_result, frame.decided, frame.reading_day)
    if metric is None and not key_result.is_checklist:
        answer = f"could not compute {key_result.id!r}, because its metric {key_result.metric!r} is not defined"
    begun = isinstance(answer, Measured) and bool(answer.readings)
    readings = answer.readings if isinstance(answer, Measured) and begun else (Reading(None, 0),) * 3
    value, automatic, to_date = readings
    if done and frame.as_of >= frame.cycle.starts:
        value = Reading(done_share(done), sum(one.done_on is not None for one in done))
    baseline = effective_baseline(key_result, automatic.value)
    progress = raw_progress(key_result, value=value.value, baseline=baseline)
    freshness = fresh.of(metric) if metric is not None and begun else Freshness(None, stale=False)
    known_on = measured_until(metric, freshness, frame.organisation, frame.as_of)
    expected = expected_progress(key_result, frame.cycle, known_on, baseline=baseline)
    budget = error_budget(key_result, metric, frame.cycle, frame.as_of, to_date=to_date) if metric else None
    error = answer if isinstance(answer, str) else None
    original = _under_first_target(key_result, frame)
    first = raw_progress(original, value=value.value, baseline=baseline)
    check_in = check_in_on(frame.decided, key_result.key, frame.as_of)
    silent = days_without_check_in(frame.decided, key_result.key, frame.cycle, frame.as_of, every=frame.check_in_every)
    forecast = card_of(outlook, kind, baseline=baseline)
    due = next_due(metric, freshness, frame.organisation)
    evidence = Evidence(value.value, progress, expected, budget, freshness, error, silent, forecast, due)
    needed = needed_change(key_result, frame.cycle, frame.reading_day, value=value.value)
    status, why = judge(key_result, kind, frame.cycle, frame.judged_on, evidence=evidence, policy=frame.policy)
    return KeyResultCard(
        key_result=key_result,
        unit=metric.unit if metric else "percent" if done else "",
        value=value.value,
        rows=value.rows,
        baseline=None if is_limit(key_result) and key_result.baseline is None else baseline,
        target=key_result.target,
        original_target=original.target,
        met=None if value.value is None else key_result.target.is_met(value.value),
        progress_raw=progress,
        progress=None if progress is None else clip(progress),
        expected=expected,
        forecast=forecast,
        needed=None if metric is not None and metric.is_sparse else with_percentile(needed, outlook, frame.reading_day),
        budget=budget,
        status=status,
        why=why,
        freshness=freshness,
        trend=answer.series if isinstance(answer, Measured) else (),
        confidence=check_in.decision.confidence if check_in else None,
        error=error,
        original_progress=None if first is None else clip(first),
        original_met=None if value.value is None else original.target.is_met(value.value),
        revision=revision_on(frame.decided, key_result.key, frame.reading_day),
        check_in=check_in,
        milestones=done,
        done_on=all_done_on(done),
        zone=zone_of(key_result, value.value),
        approximate=metric is not None and metric.is_approximate,
        interval=interval_of(metric, value, _sum_of(squares)) if metric else None,
        due=due,
    )


def _sum_of(squares: Measured | str) -> float | None:
    return squares.readings[0].value if isinstance(squares, Measured) and squares.readings else None


def _under_first_target(key_result: KeyResult, frame: Frame) -> KeyResult:
    if key_result.is_checklist:
        return key_result
    first = frame.original_targets.get(key_result.key) or original_target(key_result, frame.decided)
    return replace(key_result, target=first)
