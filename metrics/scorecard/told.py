"""What people decided, as JSON values of a scorecard: revisions, check-ins, drops, what is ticked off."""

from typing import Any

from metrics.model.decision import CheckIn, Recorded, TargetRevision
from metrics.model.definition import Initiative, Language, Title
from metrics.model.scorecard import Dropped, MilestoneCard

Document = dict[str, Any]


def milestone_document(card: MilestoneCard, language: Language) -> Document:
    """Write one thing that people tick off."""
    return {
        "id": card.id,
        "title": title_in(card.title, language),
        "weight": card.weight,
        "done_on": card.done_on.isoformat() if card.done_on else None,
        "by": card.by,
    }


def revision_document(recorded: Recorded[TargetRevision]) -> Document:
    """Write the revision whose target is in force."""
    revision = recorded.decision
    return {
        "old": revision.old.text,
        "new": revision.new.text,
        "effective_on": revision.effective_on.isoformat(),
        "reason": revision.reason,
        "by": recorded.actor,
        "approver": revision.approver,
    }


def initiative_document(initiative: Initiative, language: Language) -> Document:
    """Write what people do about a key result, and what it taught them."""
    return {
        "title": title_in(initiative.title, language),
        "owner": initiative.owner,
        "state": initiative.state,
        "learned": title_in(initiative.learned, language) or None,
    }


def check_in_document(recorded: Recorded[CheckIn]) -> Document:
    """Write a check-in."""
    check_in = recorded.decision
    return {
        "day": check_in.day.isoformat(),
        "note": check_in.note,
        "blockers": check_in.blockers,
        "next_steps": check_in.next_steps,
        "by": recorded.actor,
    }


def dropped_document(dropped: Dropped, language: Language) -> Document:
    """Write what is no longer pursued, and why."""
    drop = dropped.drop.decision
    return {
        "subject": drop.subject,
        "id": dropped.id,
        "objective": dropped.objective or None,
        "title": title_in(dropped.title, language),
        "reason": drop.reason,
        "on": drop.on.isoformat(),
        "by": dropped.drop.actor,
    }


def title_in(title: Title, language: Language) -> str:
    """Give a title in a language, or in whichever it has."""
    return title.get(language) or next(iter(title.values()), "")
