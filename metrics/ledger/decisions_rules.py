"""What a decision must satisfy to stand beside those before it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from metrics.definitions.rules import key_result_findings
from metrics.errors import NotFoundError, RefusalCode, RefusedError
from metrics.model.decision import (
    Annotation,
    CheckIn,
    Comment,
    CycleChange,
    Decided,
    Decision,
    Done,
    Drop,
    GoalLock,
    Recorded,
    Review,
    ReviewDecision,
    Settlement,
    Subject,
    TargetRevision,
    Upload,
    Withdrawal,
)
from metrics.model.definition import Definitions, KeyResult
from metrics.progress.decided import is_locked

SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision is held against.

    Attributes:
        earlier: gives the decisions of one sort about one key, oldest first.
        subject: what the decision is about.
    """

    definitions: Definitions
    decided: Decided
    earlier: Callable[[type[Any], str], tuple[Recorded[Any], ...]]
    subject: Subject


def in_words(kind: str) -> str:
    """Word a kind for a message."""
    return kind.replace("_", " ")


def refuse_unfit(made: Decision, standing: Standing) -> None:
    """Let a decision pass that fits what stands.

    Raises:
        LedgerError: it does not; the message says why and what to do.
        NotFoundError: it is about something that is not defined.
    """
    _refuse_unknown(made, standing)
    _RULES[type(made)](made, standing)


def _refused(made: Decision, code: RefusalCode, because: str, **values: str | float | date) -> RefusedError:
    told = f"could not record the {in_words(made.kind)} of {made.key!r}, because {because}"
    return RefusedError(told, code, **values)


def _refuse_unknown(made: Decision, standing: Standing) -> None:
    known = _known(made.subject, standing.definitions)
    if known is not None and made.key not in known:
        raise NotFoundError(in_words(made.subject), made.key, known)


def _known(subject: Subject, definitions: Definitions) -> set[str] | None:
    match subject:
        case "metric":
            return set(definitions.metrics)
        case "cycle":
            return set(definitions.cycles)
        case "objective":
            return {objective.key for objective in definitions.objectives}
        case "key_result":
            return {each.key for each in definitions.key_results()} | {goal.key for goal in definitions.goals}
        case "goal":
            return {goal.key for goal in definitions.goals}
        case "source":
            return None  # a source of uploaded files begins with its first upload


def _text(made: Comment | Annotation, _standing: Standing) -> None:
    _say_something(made, made.text, "text")


def _say_something(made: Decision, text: str, what: str) -> None:
    if not text.strip():
        said = f"its {what} is blank; say in a sentence what should be remembered"
        raise _refused(made, "blank", said)


def _pursued(made: TargetRevision | CheckIn | Done | Drop, standing: Standing) -> None:
    """Refuse to touch what is closed; a goal has dates of its own, whatever becomes of its file's cycle."""
    if made.key in {goal.key for goal in standing.definitions.goals}:
        return
    cycle = made.key.partition("/")[0]
    newest = [each for each in standing.decided.cycles if each.decision.key == cycle]
    if newest and newest[-1].decision.state == "closed":
        raise _refused(
            made,
            "closed",
            f"{newest[-1].actor} closed cycle {cycle!r} on {newest[-1].decision.on}; "
            "reopen it with `quarterline cycle activate` first",
            actor=newest[-1].actor,
            cycle=cycle,
            day=newest[-1].decision.on,
        )


def _refuse_dropped(made: TargetRevision | CheckIn | Done, standing: Standing) -> None:
    dropped = _newest_drop(standing, "key_result", made.key) or _newest_drop(standing, "goal", made.key)
    if dropped is not None and dropped.decision.dropped:
        raise _refused(
            made,
            "dropped",
            f"{dropped.actor} dropped it on {dropped.decision.on}; take it up again with `drop --undo` first",
            actor=dropped.actor,
            day=dropped.decision.on,
        )


def _newest_drop(standing: Standing, subject: str, key: str) -> Recorded[Drop] | None:
    same = [each for each in standing.decided.drops if (each.decision.subject, each.decision.key) == (subject, key)]
    return same[-1] if same else None


def _key_result(key: str, standing: Standing) -> KeyResult:
    return next(each for each in standing.definitions.key_results() if each.key == key)


def _refuse_pointless(made: TargetRevision, standing: Standing) -> None:
    _say_something(made, made.reason, "reason")
    if made.key in {goal.key for goal in standing.definitions.goals}:
        raise _refused(
            made,
            "goal_target",
            "a SMART goal does not move its target; change its definition with `apply --override`, or drop it",
        )
    _pursued(made, standing)
    _refuse_dropped(made, standing)
    if made.review is not None:
        _month(made, made.review)
    key_result = _key_result(made.key, standing)
    earlier = standing.decided.revisions.get(made.key, ())
    target = earlier[-1].decision.new if earlier else key_result.target
    if made.old != target:
        raise _refused(
            made,
            "target_moved",
            f"its target is {target.text!r} and no longer {made.old.text!r}; look at its history and decide again",
            target=target.text,
            old=made.old.text,
        )
    if (made.new.comparator, made.new.value, made.new.high) == (target.comparator, target.value, target.high):
        raise _refused(
            made, "target_same", f"its target is {target.text!r} already; name another one", target=target.text
        )
    if earlier and made.effective_on < earlier[-1].decision.effective_on:
        raise _refused(
            made,
            "revision_before",
            f"the one before counts from {earlier[-1].decision.effective_on}; choose that day or a later one",
            day=earlier[-1].decision.effective_on,
        )
    revised = replace(key_result, target=made.new)
    metric = key_result.measured_by(standing.definitions.metrics)
    findings = sorted(key_result_findings(revised, metric, frozenset()), key=lambda each: each.key[0] != "target")
    if findings:
        where = ".".join(map(str, findings[0].key))
        told = f"with target {made.new.text!r} its {where} {findings[0].message}"
        raise _refused(made, "another_target", told, target=made.new.text, why=findings[0].message)


def _check_in(made: CheckIn, standing: Standing) -> None:
    if not (math.isfinite(made.confidence) and 0 <= made.confidence <= 1):
        told = f"a confidence lies between 0 and 1, not at {made.confidence:g}; write 0.7 for 70 %"
        raise _refused(made, "confidence", told)
    _say_something(made, made.note, "note")
    _pursued(made, standing)
    _refuse_dropped(made, standing)


def _done(made: Done, standing: Standing) -> None:
    _pursued(made, standing)
    _refuse_dropped(made, standing)
    if made.key in {goal.key for goal in standing.definitions.goals}:
        raise _refused(made, "goal_measured", "a SMART goal is measured: its metric says how far it is")
    _can_be_ticked(made, _key_result(made.key, standing))
    if made.done_on is None:
        same = [each.decision for each in standing.decided.done.get(made.key, ())]
        stands = [each for each in same if each.milestone == made.milestone]
        if not stands or stands[-1].done_on is None:
            what = "it" if made.milestone is None else f"milestone {made.milestone!r}"
            raise _refused(made, "done_not", f"{what} is not done; there is nothing to take back")


def _can_be_ticked(made: Done, key_result: KeyResult) -> None:
    if not key_result.is_checklist:
        raise _refused(made, "done_not_ticked", f"its shape is {key_result.shape}: a metric says how far it is")
    milestones = [milestone.id for milestone in key_result.milestones]
    if made.milestone is None and milestones:
        told = f"it is done milestone by milestone; name one of {', '.join(milestones)}"
        raise _refused(made, "done_which", told, known=", ".join(milestones))
    if made.milestone is not None and made.milestone not in milestones:
        raise NotFoundError(f"milestone of {made.key!r}", made.milestone, milestones)


def _drop(made: Drop, standing: Standing) -> None:
    _say_something(made, made.reason, "reason")
    _pursued(made, standing)
    newest = _newest_drop(standing, made.subject, made.key)
    if newest is not None and made.on < newest.decision.on:
        told = f"the last one counts from {newest.decision.on}; let this one count from then or later"
        raise _refused(made, "drop_before", told, day=newest.decision.on)
    dropped = newest is not None and newest.decision.dropped
    if made.dropped and dropped and newest is not None:
        told = f"{newest.actor} dropped it on {newest.decision.on} already"
        raise _refused(made, "drop_already", told, actor=newest.actor, day=newest.decision.on)
    if not made.dropped and not dropped:
        raise _refused(made, "drop_not", "it is not dropped; there is nothing to take back")


def _cycle_change(made: CycleChange, standing: Standing) -> None:
    newest = [each for each in standing.decided.cycles if each.decision.key == made.key]
    last = newest[-1] if newest else None
    if last is not None and last.decision.state == made.state:
        told = f"{last.actor} made it {made.state} on {last.decision.on} already"
        raise _refused(made, "cycle_already", told, actor=last.actor, day=last.decision.on)
    if last is not None and made.on < last.decision.on:
        told = f"it became {last.decision.state} on {last.decision.on}; choose that day or a later one"
        raise _refused(made, "cycle_before", told, day=last.decision.on)
    if last is not None and last.decision.state == "closed":
        if made.state == "draft":
            raise _refused(
                made, "cycle_no_draft", "a closed cycle does not become a draft again; reopen it with `cycle activate`"
            )
        _say_something(made, made.note, "note (why it is reopened)")
    if made.state == "closed":
        _say_something(made, made.note, "note (what was learned)")


def _month(made: Decision, month: str) -> None:
    if not MONTH.fullmatch(month):
        raise _refused(made, "month", f"{month!r} is no month; write it as 2027-01", month=month)


def _review(made: Review | ReviewDecision, standing: Standing) -> None:
    _month(made, made.month)
    if isinstance(made, Review):
        return
    _say_something(made, made.text, "text")
    cycle = made.key.partition("/")[0]
    held = {each.decision.month for each in standing.earlier(Review, cycle)}
    if made.month not in held:
        raise _refused(
            made,
            "no_review",
            f"no review of {made.month} was held in cycle {cycle!r}; record it with `quarterline review hold`",
            month=made.month,
            cycle=cycle,
        )


def _settlement(made: Settlement, standing: Standing) -> None:
    known = [each.version for each in standing.earlier(ReviewDecision, made.key)]
    if made.decision not in known:
        told = f"no review decided anything numbered {made.decision} about it; look at `review list`"
        raise _refused(made, "no_decision", told, number=made.decision)
    same = [each for each in standing.earlier(Settlement, made.key) if each.decision.decision == made.decision]
    settled = bool(same) and same[-1].decision.settled
    if made.settled and settled:
        told = f"{same[-1].actor} settled number {made.decision} on {same[-1].decision.on} already"
        raise _refused(made, "settled_already", told, actor=same[-1].actor, day=same[-1].decision.on)
    if not made.settled:
        if not settled:
            raise _refused(made, "settled_not", f"number {made.decision} is still open; there is nothing to take back")
        _say_something(made, made.note, "note (why it is open again)")


def _upload(made: Upload, standing: Standing) -> None:
    if not SOURCE.fullmatch(made.key):
        raise _refused(
            made,
            "source_name",
            "a source's name is a small letter, then small letters, digits or _, 40 at most; choose such a name",
        )
    if made.files:
        return
    _say_something(made, made.note, "reason")
    earlier = standing.earlier(Upload, made.key)
    if not earlier or not earlier[-1].decision.files:
        raise _refused(made, "source_gone", "there is no such source to take away")


def _goal_lock(made: GoalLock, standing: Standing) -> None:
    goal = next(each for each in standing.definitions.goals if each.key == made.key)
    locked = is_locked(goal, standing.decided, made.on)
    if made.locked == locked:
        raise _refused(made, "goal_lock", f"it is {'locked already' if locked else 'not locked'}")
    if not made.locked:
        _say_something(made, made.reason, "reason (a locked goal stands still unless somebody answers for it)")


def _withdrawal(made: Withdrawal, standing: Standing) -> None:
    _say_something(made, made.reason, "reason")
    sort = {"comment": Comment, "annotation": Annotation, "check_in": CheckIn}[made.of]
    stands = [
        each
        for each in standing.earlier(sort, made.key)
        if (each.decision.subject, each.version) == (made.subject, made.version)
    ]
    if not stands:
        told = f"no {in_words(made.of)} number {made.version} stands there; look at its history"
        raise _refused(made, "nothing_there", told)


_RULES: Mapping[type[Decision], Callable[[Any, Standing], None]] = {
    TargetRevision: _refuse_pointless,
    CheckIn: _check_in,
    Comment: _text,
    Annotation: _text,
    Done: _done,
    Drop: _drop,
    CycleChange: _cycle_change,
    Review: _review,
    ReviewDecision: _review,
    Settlement: _settlement,
    GoalLock: _goal_lock,
    Upload: _upload,
    Withdrawal: _withdrawal,
}
