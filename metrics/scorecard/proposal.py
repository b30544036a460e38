"""Turns what somebody asks for into a decision: names found, targets read, days held against the cycle."""

from datetime import date

from metrics.errors import NotFoundError, RefusedError
from metrics.model.decision import Decided, TargetRevision
from metrics.model.definition import Definitions, KeyResult
from metrics.model.scorecard import Cycle
from metrics.model.target import Target, parse_target


def find_key_result(definitions: Definitions, name: str, cycle_id: str) -> KeyResult:
    """Find a key result by its id within a cycle, or by `cycle/id`; what a goal measures is found likewise.

    Raises:
        NotFoundError: there is none.
    """
    key = name if "/" in name else f"{cycle_id}/{name}"
    listed = [*definitions.key_results(), *(goal.measured for goal in definitions.goals)]
    for key_result in listed:
        if key_result.key == key:
            return key_result
    known = [each.key for each in listed] if "/" in name else [each.id for each in listed if each.cycle == cycle_id]
    raise NotFoundError("key result", name, known)


def standing_target(key_result: KeyResult, decided: Decided) -> Target:
    """Give the target that a further revision would replace: the newest one, also where it counts only later."""
    revisions = decided.revisions.get(key_result.key, ())
    return revisions[-1].decision.new if revisions else key_result.target


def propose_revision(
    key_result: KeyResult,
    decided: Decided,
    cycle: Cycle,
    *,
    target: str,
    reason: str,
    effective_on: date,
    approver: str | None = None,
    review: str | None = None,
) -> TargetRevision:
    """Propose another target for a key result.

    Args:
        target: such as `< 3`.
        effective_on: first day that it counts for.
        review: month (`2027-01`) of the review it is decided in.

    Raises:
        RefusedError: the target cannot be read, or the day lies outside the cycle.
    """
    try:
        wanted = parse_target(target)
    except ValueError as error:
        told = f"could not revise {key_result.key!r}, because {error}"
        raise RefusedError(told, "unreadable_target", target=target) from None
    if not cycle.starts <= effective_on <= cycle.ends:
        raise RefusedError(
            f"could not revise {key_result.key!r} from {effective_on}, because cycle {cycle.id!r} runs from "
            f"{cycle.starts} to {cycle.ends}; name one of its days with --effective",
            "outside_cycle",
            day=effective_on,
            cycle=cycle.id,
            starts=cycle.starts,
            ends=cycle.ends,
        )
    old = standing_target(key_result, decided)
    return TargetRevision(key_result.key, old, wanted, reason, effective_on, approver, review)
