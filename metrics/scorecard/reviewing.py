"""A month under review: each key result's month beside the one before, what waits for a decision, what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from metrics.errors import QuarterlineError
from metrics.model.decision import Decided, Recorded, Review, ReviewDecision, Settlement, TargetRevision
from metrics.model.definition import Metric, Objective
from metrics.model.reading import Measure, Measured, Reading, Window
from metrics.model.scorecard import Cycle, KeyResultCard, MilestoneCard, Scorecard
from metrics.outlook.plan import Measuring
from metrics.periods import month_before, month_window, months_of
from metrics.progress.checklist import done_share
from metrics.progress.rollup import NEEDS_ATTENTION, WORST_FIRST
from metrics.scorecard.measuring import measure_all

DecisionState = Literal["open", "overdue", "settled"]
MonthState = Literal["held", "due", "ahead"]


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """What a review decided, and what became of it.

    Attributes:
        state: overdue where its day is over and nobody saw to it.
        settlement: the one that settles it; None while it is open.
    """

    made: Recorded[ReviewDecision]
    state: DecisionState
    settlement: Recorded[Settlement] | None = None


@dataclass(frozen=True, slots=True)
class ReviewedKeyResult:
    """One row of the agenda.

    Attributes:
        card: how it stands on the day of the meeting.
        month: over the month under review; of what people tick off, the share that was done by its end.
        before: the same over the month before.
        change: the month against the one before; None where either has no value.
        error: why the months could not be read.
        decisions: what this review decided about it.
        still_open: what earlier reviews decided about it and nobody has seen to.
        revisions: targets revised in this review.
    """

    objective: Objective
    card: KeyResultCard
    month: Reading
    before: Reading
    error: str | None = None
    decisions: tuple[LoggedDecision, ...] = ()
    still_open: tuple[LoggedDecision, ...] = ()
    revisions: tuple[Recorded[TargetRevision], ...] = ()

    @property
    def change(self) -> float | None:
        """The month against the one before."""
        if self.month.value is None or self.before.value is None:
            return None
        return self.month.value - self.before.value

    @property
    def needs_decision(self) -> bool:
        """Whether somebody has to do something: it is not going well, or a promise about it was not kept."""
        return self.card.status in NEEDS_ATTENTION or any(each.state == "overdue" for each in self.still_open)


@dataclass(frozen=True, slots=True)
class MonthReview:
    """The review of a calendar month (`2027-01`).

    Attributes:
        days: the month, cut at the day of the meeting.
        held: None until somebody records that it was held.
        agenda: what needs a decision first, the worst before the others.
    """

    scorecard: Scorecard
    month: str
    days: Window
    held: Recorded[Review] | None
    agenda: tuple[ReviewedKeyResult, ...]

    @property
    def cycle(self) -> Cycle:
        """The cycle that it belongs to."""
        return self.scorecard.cycle

    @property
    def waiting(self) -> tuple[ReviewedKeyResult, ...]:
        """What needs a decision."""
        return tuple(each for each in self.agenda if each.needs_decision)


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month of a cycle: reviewed, due for review, or not over yet."""

    month: str
    state: MonthState
    held: Recorded[Review] | None = None

    def begun_by(self, day: date) -> bool:
        """Whether the month has begun on a day, so that there is something to look at."""
        return month_window(self.month).starts <= day


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything that the reviews of a cycle recorded, each in the order it was recorded."""

    reviews: Sequence[Recorded[Review]] = ()
    decisions: Sequence[Recorded[ReviewDecision]] = ()
    settlements: Sequence[Recorded[Settlement]] = ()

    def held(self, month: str) -> Recorded[Review] | None:
        """Give the review of a month as it was last recorded."""
        same = [each for each in self.reviews if each.decision.month == month]
        return same[-1] if same else None


def month_to_review(cycle: Cycle, day: date) -> str:
    """Name the month that a meeting on a day looks at: the calendar month that is over, but none after the cycle."""
    return month_before(min(day, cycle.ends + timedelta(days=1)))


def meeting_day(minutes: Minutes, month: str, today: date) -> date:
    """Give the day that a month is looked at from: when it was reviewed, else today."""
    held = minutes.held(month)
    return today if held is None else min(held.decision.held_on, today)


def review_calendar(cycle: Cycle, minutes: Minutes, day: date) -> tuple[CalendarMonth, ...]:
    """Give a cycle's months, and others that were reviewed in it, in order."""
    months = sorted({*months_of(cycle), *(each.decision.month for each in minutes.reviews)})
    return tuple(_calendar_month(month, minutes.held(month), day) for month in months)


def decision_log(minutes: Minutes, day: date) -> tuple[LoggedDecision, ...]:
    """Give every decision with what became of it by a day, in the order they were made."""
    return tuple(_logged(each, minutes.settlements, day) for each in minutes.decisions)


def review_month(
    scorecard: Scorecard,
    metrics: Mapping[str, Metric],
    facts: Measuring,
    *,
    month: str,
    minutes: Minutes,
    decided: Decided,
) -> MonthReview:
    """Look at a month of a scorecard's cycle, as of the scorecard's day.

    Raises:
        QuarterlineError: it is no month, or has not begun on that day.
    """
    days, before = _days(month, scorecard.as_of)
    pairs = [(objective.objective, card) for objective in scorecard.objectives for card in objective.key_results]
    answers = measure_all(facts, [_question(card, metrics, (days, before)) for _, card in pairs])
    log = decision_log(minutes, scorecard.as_of)
    agenda = [
        _row(objective, card, answer, (days, before), month, log, decided)
        for (objective, card), answer in zip(pairs, answers, strict=True)
    ]
    return MonthReview(scorecard, month, days, minutes.held(month), tuple(sorted(agenda, key=_urgency)))


def _days(month: str, day: date) -> tuple[Window, Window]:
    try:
        days = month_window(month)
    except ValueError as error:
        raise QuarterlineError(f"could not review a month, because {error}") from None
    if days.starts > day:
        raise QuarterlineError(
            f"could not review {month} as of {day}, because it has not begun; choose a month that is over"
        )
    return Window(days.starts, min(days.ends, day)), month_window(month_before(days.starts))


def _question(card: KeyResultCard, metrics: Mapping[str, Metric], windows: tuple[Window, ...]) -> Measure | None:
    metric = card.key_result.measured_by(metrics)
    return None if metric is None else Measure(metric, card.key_result.filter, windows)


def _row(
    objective: Objective,
    card: KeyResultCard,
    answer: Measured | str,
    windows: tuple[Window, Window],
    month: str,
    log: Sequence[LoggedDecision],
    decided: Decided,
) -> ReviewedKeyResult:
    key = card.key_result.key
    about = [each for each in log if each.made.decision.key == key]
    read = () if isinstance(answer, str) else answer.readings
    now, then = read or (_ticked(card.milestones, each.ends) for each in windows)
    return ReviewedKeyResult(
        objective,
        card,
        now,
        then,
        error=answer if isinstance(answer, str) else card.error,
        decisions=tuple(each for each in about if each.made.decision.month == month),
        still_open=tuple(each for each in about if each.made.decision.month < month and each.state != "settled"),
        revisions=tuple(each for each in decided.revisions.get(key, ()) if each.decision.review == month),
    )


def _ticked(milestones: Sequence[MilestoneCard], day: date) -> Reading:
    """Read what was ticked off by a day; of a metric that is not defined, nothing."""
    if not milestones:
        return Reading(None, 0)
    done = [one.done_on is not None and one.done_on <= day for one in milestones]
    then = [
        MilestoneCard(one.id, one.title, one.weight, one.done_on if ticked else None)
        for one, ticked in zip(milestones, done, strict=True)
    ]
    return Reading(done_share(then), sum(done))


def _urgency(row: ReviewedKeyResult) -> tuple[bool, int, float]:
    chance = row.card.forecast.p_pass
    return not row.needs_decision, WORST_FIRST.index(row.card.status), 1.0 if chance is None else chance


def _logged(made: Recorded[ReviewDecision], settlements: Sequence[Recorded[Settlement]], day: date) -> LoggedDecision:
    same = [
        each
        for each in settlements
        if (each.decision.key, each.decision.decision) == (made.decision.key, made.version) and each.decision.on <= day
    ]
    if same and same[-1].decision.settled:
        return LoggedDecision(made, "settled", same[-1])
    due = made.decision.due
    return LoggedDecision(made, "overdue" if due is not None and due < day else "open")


def _calendar_month(month: str, held: Recorded[Review] | None, day: date) -> CalendarMonth:
    if held is not None:
        return CalendarMonth(month, "held", held)
    return CalendarMonth(month, "due" if month_window(month).ends < day else "ahead")
