"""The scorecard that a workspace shows: which cycle, which day, which policy, whose original targets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from metrics.definitions import Workspace
from metrics.errors import NotFoundError, QuarterlineError
from metrics.facts import Facts
from metrics.ledger import Ledger, Shown
from metrics.model.decision import Annotation, Decided, Decision, Recorded, Review, ReviewDecision, Settlement
from metrics.model.definition import Definitions, Goal
from metrics.model.scorecard import Cycle, GoalCard, Scorecard
from metrics.periods import today
from metrics.progress.decided import change_on
from metrics.progress.policies import POLICIES
from metrics.scorecard.alignment import Alignment, align, cycles_around
from metrics.scorecard.build import Frame, build_scorecard, choose_cycle, goal_cards, goals_of
from metrics.scorecard.document import canonical_json, scorecard_document
from metrics.scorecard.reviewing import Minutes, MonthReview, meeting_day, month_to_review, review_month

D = TypeVar("D", bound=Decision)
_WEEK = timedelta(weeks=1)
_CLOSING_TIME = timedelta(days=45)


def workspace_frame(
    workspace: Workspace,
    ledger: Ledger,
    definitions: Definitions,
    *,
    now: datetime,
    as_of: date | None = None,
    cycle_id: str | None = None,
) -> Frame:
    """Choose what a workspace's scorecard is computed for [default: the current cycle, as of the organisation's today].

    Raises:
        QuarterlineError: nothing is defined yet, or the day lies ahead.
        NotFoundError: the cycle is unknown or holds no objective.
    """
    known = sorted(definitions.written_cycles)
    if not known:
        raise QuarterlineError(
            f"could not show the status, because no objective is defined in {workspace.root}; write one under okrs/ "
            "and run `quarterline apply`"
        )
    day = day_looked_at(workspace, as_of, now)
    cycle = choose_cycle(definitions, workspace.organisation, workspace.cycles, as_of=day, cycle_id=cycle_id)
    if cycle.id not in known:
        raise NotFoundError("objectives of cycle", cycle.id, known)
    return Frame(
        organisation=workspace.organisation,
        cycle=cycle,
        as_of=day,
        now=now,
        policy=POLICIES[workspace.status_policy],
        ledger_revision=ledger.revision(),
        original_targets=ledger.original_targets(),
        decided=_decided(ledger, definitions, cycle),
        check_in_every=workspace.check_in_every,
        level_shifts=level_shifts(ledger),
    )


def day_looked_at(workspace: Workspace, as_of: date | None, now: datetime) -> date:
    """Give the day that is asked for [default: the organisation's today].

    Raises:
        QuarterlineError: it lies ahead; its rows are still to come, so every verdict on it would be made up.
    """
    present = today(workspace.organisation, now)
    if as_of is not None and as_of > present:
        raise QuarterlineError(
            f"could not look at {as_of}, because that day lies ahead (today is {present}); name today or an earlier "
            "day, and see `quarterline forecast` for what is to come"
        )
    return as_of or present


def week_before(frame: Frame) -> Frame | None:
    """Give the frame of the same weekday and hour a week earlier; None where the cycle had not begun by then."""
    earlier = frame.as_of - _WEEK
    return replace(frame, as_of=earlier, now=frame.now - _WEEK) if earlier >= frame.cycle.starts else None


def current_goals(
    workspace: Workspace, ledger: Ledger, facts: Facts, *, now: datetime, as_of: date | None = None
) -> tuple[GoalCard, ...]:
    """Compute every SMART goal that is not over on a day, drafts too, whatever cycles they are written in.

    Raises:
        QuarterlineError: the day lies ahead.
    """
    day = day_looked_at(workspace, as_of, now)
    running = [goal for goal in ledger.definitions().goals if goal.ends >= day]
    return goals_as_of(workspace, ledger, facts, running, now=now, as_of=day)


def goals_as_of(
    workspace: Workspace,
    ledger: Ledger,
    facts: Facts,
    goals: Sequence[Goal],
    *,
    now: datetime,
    as_of: date | None = None,
) -> tuple[GoalCard, ...]:
    """Compute some SMART goals as of a day [default: today]; one that is over is as of its last day."""
    day = as_of or today(workspace.organisation, now)
    frame = Frame(
        organisation=workspace.organisation,
        cycle=Cycle("", day, day),
        as_of=day,
        now=now,
        policy=POLICIES[workspace.status_policy],
        ledger_revision=ledger.revision(),
        decided=ledger.decided(),
        check_in_every=workspace.check_in_every,
        level_shifts=level_shifts(ledger),
    )
    return goal_cards(goals, ledger.definitions().metrics, facts, frame)[0]


def _decided(ledger: Ledger, definitions: Definitions, cycle: Cycle) -> Decided:
    """Read what was decided about a cycle, and about goals of other files that are shown with it."""
    elsewhere = any(goal.cycle != cycle.id for goal in goals_of(definitions, cycle))
    return ledger.decided(None if elsewhere else cycle.id)


def decide_and_show(
    workspace: Workspace,
    ledger: Ledger,
    made: D,
    *,
    facts: Facts | None,
    actor: str,
    now: datetime,
    seen: int | None = None,
) -> Recorded[D]:
    """Record a decision, and what is shown from now on, so that `--shown-on` knows it.

    Args:
        facts: None before the first sync, when nothing is shown.
        seen: version of the same thing that the decision rests on (0: none).

    Raises:
        OvertakenError: somebody else decided the same thing meanwhile; it carries both.
        LedgerError: the decision does not fit what stands.
    """
    recorded = ledger.decide(made, actor=actor, at=now, seen=seen)
    if facts is not None:
        record_shown(workspace, ledger, facts, now=now)
    return recorded


def read_minutes(ledger: Ledger, cycle_id: str) -> Minutes:
    """Read everything that the reviews of a cycle recorded."""
    return Minutes(
        ledger.decisions(Review, cycle_id),
        [each for each in ledger.decisions(ReviewDecision) if each.decision.key.startswith(f"{cycle_id}/")],
        [each for each in ledger.decisions(Settlement) if each.decision.key.startswith(f"{cycle_id}/")],
    )


def workspace_review(
    workspace: Workspace,
    ledger: Ledger,
    facts: Facts,
    *,
    now: datetime,
    month: str | None = None,
    cycle_id: str | None = None,
    as_of: date | None = None,
) -> MonthReview:
    """Look at a month of a workspace's cycle, as every front end shows it.

    Args:
        month: such as `2027-01` [default: the calendar month that is over].
        cycle_id: the cycle [default: the current].
        as_of: the day it is looked at from [default: when it was reviewed, else today].

    Raises:
        QuarterlineError: nothing is defined yet, or the month is none or has not begun.
        NotFoundError: the cycle is unknown or holds no objective.
    """
    definitions = ledger.definitions()
    frame = workspace_frame(workspace, ledger, definitions, now=now, as_of=as_of, cycle_id=cycle_id)
    minutes = read_minutes(ledger, frame.cycle.id)
    looked_at = month or month_to_review(frame.cycle, frame.as_of)
    if as_of is None:
        frame = replace(frame, as_of=meeting_day(minutes, looked_at, frame.as_of))
    scorecard = build_scorecard(definitions, facts, frame)
    return review_month(scorecard, definitions.metrics, facts, month=looked_at, minutes=minutes, decided=frame.decided)


def workspace_alignment(
    workspace: Workspace,
    ledger: Ledger,
    facts: Facts,
    *,
    now: datetime,
    as_of: date | None = None,
    cycle_id: str | None = None,
) -> Alignment:
    """Put a cycle's objectives beneath those of the cycles around it.

    Raises:
        QuarterlineError: nothing is defined yet.
        NotFoundError: the cycle is unknown or holds no objective.
    """
    definitions = ledger.definitions()
    chosen = workspace_frame(workspace, ledger, definitions, now=now, as_of=as_of, cycle_id=cycle_id)
    around = cycles_around(definitions, workspace.organisation, workspace.cycles, chosen.cycle)
    frames = [
        workspace_frame(workspace, ledger, definitions, now=now, as_of=chosen.as_of, cycle_id=each.id)
        for each in around
    ]
    return align([build_scorecard(definitions, facts, frame) for frame in frames])


def level_shifts(ledger: Ledger) -> dict[str, tuple[date, ...]]:
    """Give the days by metric on which people say that its level changed for good."""
    shifts: dict[str, tuple[date, ...]] = {}
    for each in ledger.decisions(Annotation):
        if each.decision.sort == "level_shift":
            shifts[each.decision.key] = (*shifts.get(each.decision.key, ()), each.decision.day)
    return shifts


def record_shown(workspace: Workspace, ledger: Ledger, facts: Facts, *, now: datetime) -> tuple[Scorecard, ...]:
    """Record what is shown today, once per day, generation and ledger revision.

    That is of every cycle that runs, that is over and waits to be closed (late rows still count), or is closed today.

    Returns:
        The scorecards.
    """
    definitions, day = ledger.definitions(), today(workspace.organisation, now)
    scorecards = []
    for cycle_id in sorted(definitions.written_cycles):
        frame = workspace_frame(workspace, ledger, definitions, now=now, cycle_id=cycle_id)
        if not _is_looked_at(frame, day):
            continue
        scorecard = build_scorecard(definitions, facts, frame)
        document = canonical_json(scorecard_document(scorecard, workspace.organisation.language))
        ledger.record_shown(
            Shown(cycle_id, day, scorecard.generation, scorecard.ledger_revision, document, recorded_at=now)
        )
        scorecards.append(scorecard)
    return tuple(scorecards)


def _is_looked_at(frame: Frame, day: date) -> bool:
    """Tell whether a cycle's numbers still move people: long after its end nobody waits for its closing any more."""
    cycle, change = frame.cycle, change_on(frame.decided.cycles, frame.cycle.id, day)
    if change is not None and change.decision.state == "closed" and day > cycle.ends:
        return change.decision.on == day
    return cycle.starts <= day <= cycle.ends + _CLOSING_TIME
