"""Closing a cycle: its scores recorded with what was learned, and what goes on carried into the next one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from metrics.definitions import Workspace
from metrics.errors import NotFoundError, QuarterlineError
from metrics.facts import Facts
from metrics.ledger import Ledger
from metrics.model.decision import ClosingScore, CycleChange, Decided, Recorded
from metrics.model.definition import CycleDefinition, Definitions, KeyResult, Objective, Organisation
from metrics.model.scorecard import Cycle, Scorecard
from metrics.periods import resolve_cycle, today
from metrics.progress.closing import closing_score
from metrics.progress.decided import definitions_in_force, done_on
from metrics.scorecard.build import build_scorecard
from metrics.scorecard.current import record_shown, workspace_frame

_NEWEST_PULLS = 1000


def closing_scores(scorecard: Scorecard) -> tuple[ClosingScore, ...]:
    """Score every key result of a scorecard, in its order; what was dropped is not scored."""
    return tuple(
        closing_score(card, objective.objective.kind)
        for objective in scorecard.objectives
        for card in objective.key_results
    )


def close_cycle(
    workspace: Workspace,
    ledger: Ledger,
    facts: Facts,
    *,
    cycle_id: str,
    note: str,
    actor: str,
    now: datetime,
    carry: Collection[str] = (),
    into: str | None = None,
    early: bool = False,
) -> Recorded[CycleChange]:
    """Close a cycle with the scores of its last day, carry key results into the next one, and record what is shown.

    Args:
        note: what was learned.
        carry: keys (`cycle/id`) of key results that go on; they are defined anew through `Ledger.apply`.
        into: the cycle they go on in [default: the one that follows].
        early: close before the last day is over, or without what came after the last sync, with the scores of today.

    Raises:
        QuarterlineError: the cycle is not over, or was not at the last sync, or there is no cycle to carry into.
        NotFoundError: the cycle holds no objective, or a key result is not pursued in it.
        LedgerError: the cycle is closed already, or the next one has a key result of that name.
    """
    definitions, day, at_revision = ledger.definitions(), today(workspace.organisation, now), ledger.revision()
    frame = workspace_frame(workspace, ledger, definitions, now=now, cycle_id=cycle_id)
    if day <= frame.cycle.ends and not early:
        raise QuarterlineError(
            f"could not close cycle {cycle_id!r}, because its last day {frame.cycle.ends} is not over; wait, or "
            "confirm with --early"
        )
    synced = last_synced(workspace, ledger)
    if synced is not None and synced <= frame.cycle.ends and not early:
        raise QuarterlineError(
            f"could not close cycle {cycle_id!r}, because its last day {frame.cycle.ends} was not over when data were "
            f"last synced ({synced}), so what came after is in no score; run `quarterline sync` first, or confirm "
            "with --early"
        )
    scorecard = build_scorecard(definitions, facts, frame)
    following = wanted = None
    if carry:
        following = into or following_cycle(frame.cycle, workspace.organisation, workspace.cycles)
        pursued = [card.key_result.key for card in scorecard.key_results]
        wanted = carry_forward(definitions, frame.decided, carry, pursued, into=following, day=frame.reading_day)
        ledger.plan(wanted)
    change = CycleChange(
        cycle_id, "closed", day, note, closing_scores(scorecard), facts.generation, tuple(carry), following
    )
    closed = ledger.decide(change, actor=actor, at=now)
    if wanted is not None:
        ledger.apply(wanted, actor=actor, at=now, seen=at_revision)
    record_shown(workspace, ledger, facts, now=now)
    return closed


def last_synced(workspace: Workspace, ledger: Ledger) -> date | None:
    """Give the day of the newest pull that did not fail, whether or not it brought anything; None before any."""
    pulls = [load.started_at for load in ledger.loads(limit=_NEWEST_PULLS) if load.outcome != "failed"]
    return today(workspace.organisation, max(pulls)) if pulls else None


def following_cycle(cycle: Cycle, organisation: Organisation, cycles: Sequence[CycleDefinition]) -> str:
    """Name the cycle that begins the day after: a declared one, else the next year, quarter or month.

    Raises:
        QuarterlineError: none does.
    """
    begins = cycle.ends + timedelta(days=1)
    year, month = begins.year, begins.month
    calendar = [f"{year}-{month:02}", *(f"{y}-Q{q}" for y in (year, year + 1) for q in (1, 2, 3, 4)), f"{year}"]
    names = [declared.id for declared in cycles if declared.starts == begins] + [*calendar, f"{year + 1}"]
    found = [resolve_cycle(name, organisation, cycles) for name in names]
    beginning = [each for each in found if each.starts == begins]
    if not beginning:
        raise QuarterlineError(
            f"could not tell which cycle follows {cycle.id!r}, because none begins on {begins}; name it with --into"
        )
    return min(beginning, key=lambda each: abs(each.days - cycle.days)).id


def carry_forward(
    definitions: Definitions,
    decided: Decided,
    carry: Collection[str],
    pursued: Collection[str],
    *,
    into: str,
    day: date,
) -> Definitions:
    """Define key results anew in another cycle, beside everything that is defined already.

    They keep their target in force; their baseline is measured anew, since that is where they start from, and the
    plan's days are over. Of milestones and initiatives, those go on that are left.

    Args:
        carry: keys of key results.
        pursued: those that may be carried.

    Raises:
        NotFoundError: one of them is not pursued.
        QuarterlineError: the other cycle has a key result of that name already.
    """
    for key in carry:
        if key not in pursued:
            raise NotFoundError("key result to carry forward", key, pursued)
    current = definitions_in_force(definitions, decided, day)
    carried: dict[str, Objective] = {}
    for objective in current.objectives:
        chosen = tuple(_anew(each, decided, into, day) for each in objective.key_results if each.key in carry)
        if chosen:
            carried[objective.key] = replace(objective, cycle=into, key_results=chosen)
    added = [_among_carried(each, carried) for each in carried.values()]
    return replace(
        definitions,
        objectives=tuple(_merged(definitions.objectives, added)),
        cycles=tuple(sorted({*definitions.cycles, into})),
    )


def _among_carried(objective: Objective, carried: Mapping[str, Objective]) -> Objective:
    """Let what is carried serve and wait for what is carried with it; what stays behind is waited for no longer."""
    moved = {
        **{key: each.key for key, each in carried.items()},
        **{f"{key.partition('/')[0]}/{one.id}": one.key for key, each in carried.items() for one in each.key_results},
    }
    closing = {key.partition("/")[0] for key in carried}

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(moved.get(key, key) for key in names if key in moved or key.partition("/")[0] not in closing)

    above = carried.get(objective.parent or "")
    return replace(
        objective,
        parent=above.key if above else objective.parent,
        depends_on=kept(objective.depends_on),
        key_results=tuple(replace(one, depends_on=kept(one.depends_on)) for one in objective.key_results),
    )


def _anew(key_result: KeyResult, decided: Decided, into: str, day: date) -> KeyResult:
    done = done_on(decided.done.get(key_result.key, ()), day)
    left = tuple(milestone for milestone in key_result.milestones if milestone.id not in done)
    going_on = tuple(one for one in key_result.initiatives if one.state in {"planned", "doing"})
    return replace(
        key_result,
        cycle=into,
        baseline=None,
        plan=(),
        milestones=left or key_result.milestones,
        initiatives=going_on,
    )


def _merged(standing: Sequence[Objective], added: Sequence[Objective]) -> list[Objective]:
    """Add key results to the objectives that stand, and objectives where none of that name stands."""
    merged = {objective.key: objective for objective in standing}
    for objective in added:
        there = merged.get(objective.key)
        if there is None:
            merged[objective.key] = objective
            continue
        taken = sorted({each.key for each in there.key_results} & {each.key for each in objective.key_results})
        if taken:
            raise QuarterlineError(
                f"could not carry {taken[0]!r} forward, because that cycle has a key result of this name; leave it out"
            )
        merged[objective.key] = replace(there, key_results=(*there.key_results, *objective.key_results))
    return list(merged.values())
