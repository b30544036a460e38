"""Puts an edit in force: refused where a rule or a SMART check calls it an error, else by the ledger's one path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from metrics.assessment import Moment, assess_draft_objective, assess_goals, background_of
from metrics.definitions import Workspace
from metrics.definitions.load import definition_files, load_definitions
from metrics.editing.edit import Edit, Understood, expression_problems, understand
from metrics.editing.meanwhile import EditOvertakenError, overtaken, rebase
from metrics.errors import DefinitionError, LedgerError, Problem
from metrics.facts import Facts
from metrics.ledger import Ledger, Plan
from metrics.model.decision import TargetRevision
from metrics.model.definition import Definitions
from metrics.periods import resolve_cycle, today
from metrics.scorecard.current import level_shifts, record_shown
from metrics.scorecard.proposal import propose_revision
from metrics.smart import Finding
from metrics.smart.wording import explain


@dataclass(frozen=True, slots=True)
class Revising:
    """How a key result's new target is to be taken: from a day on, with a reason, rather than as a correction."""

    reason: str
    effective_on: date
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedProblem(Problem):
    """An error of the SMART checks; the finding is worded in the reader's language by whoever shows it."""

    finding: Finding


def publish(
    workspace: Workspace,
    ledger: Ledger,
    edit: Edit,
    *,
    facts: Facts | None,
    actor: str,
    now: datetime,
    retire: bool = False,
    revising: Mapping[str, Revising] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Plan:
    """Put an edit in force beside everything else.

    Args:
        facts: None before the first sync.
        retire: let key results of the objective that the edit leaves out vanish.
        revising: by key result's id, where a moved target is a revision.
        overrides: reasons by goal (`cycle/id`) for changing it, or what it measures, although it is locked.

    Raises:
        DefinitionError: the edit cannot be accepted, or a SMART check calls it an error; carries every problem.
        EditOvertakenError: somebody else published the same meanwhile.
        LedgerError: a key result would vanish without `retire`, a locked goal would change without an override, or the
            ledger cannot be written.
    """
    day = today(workspace.organisation, now)
    edit = _brought_up(workspace, ledger, edit, day)
    definitions = ledger.definitions()
    understood = understand(workspace, definitions, _with_standing_targets(definitions, edit, revising or {}))
    wanted = understand(workspace, definitions, edit)
    _refuse(wanted.problems)
    if facts is not None:
        edited = [understood.definitions.metrics[name] for name in edit.metrics]
        _refuse(expression_problems(edited, facts, timezone=workspace.organisation.timezone))
    _refuse(_smart_errors(workspace, ledger, wanted, edit, facts, now))
    plan = ledger.apply(
        understood.definitions,
        actor=actor,
        at=now,
        force=retire,
        seen=edit.seen,
        day=day,
        overrides=overrides,
        revisions=[_revision(workspace, ledger, edit, name, how) for name, how in (revising or {}).items()],
    )
    if facts is not None:
        record_shown(workspace, ledger, facts, now=now)
    return plan


def locked_goals(workspace: Workspace, ledger: Ledger, understood: Understood, now: datetime) -> tuple[str, ...]:
    """Name the locked goals (`cycle/id`) that an edit would change, themselves or by their metric."""
    try:
        return ledger.plan(understood.definitions, day=today(workspace.organisation, now)).locked
    except LedgerError:
        return ()  # what cannot be planned is refused when it is published


def _brought_up(workspace: Workspace, ledger: Ledger, edit: Edit, day: date) -> Edit:
    """Give the edit on top of what is in force now, so that nothing of others is undone unseen.

    Raises:
        EditOvertakenError: others published the same.
    """
    if ledger.revision() == edit.seen:
        return edit
    if met := overtaken(ledger, edit, understand(workspace, ledger.definitions(), edit).definitions):
        raise EditOvertakenError(met)
    return rebase(ledger, edit, day, {})


def files_behind(workspace: Workspace, ledger: Ledger) -> tuple[str, ...]:
    """Name the definitions (`kind key`) in which the workspace's files differ from what is in force.

    A workspace without definition files is never behind.
    """
    if not definition_files(workspace.root):
        return ()
    try:
        plan = ledger.plan(load_definitions(workspace))
    except (DefinitionError, LedgerError):
        return ()
    return tuple(f"{change.kind} {change.key}" for change in plan.changes)


def _with_standing_targets(definitions: Definitions, edit: Edit, revising: Mapping[str, Revising]) -> Edit:
    """Leave the targets that are to be revised as they are defined."""
    if edit.objective is None or not revising:
        return edit
    defined = {one.id: one.target.text for one in definitions.key_results(edit.cycle)}
    entries = [
        {**one, "target": defined[one["id"]]} if one.get("id") in revising and one["id"] in defined else one
        for one in edit.objective.get("key_results", ())
    ]
    return replace(edit, objective={**edit.objective, "key_results": entries})


def _refuse(problems: Iterable[Problem]) -> None:
    if found := tuple(problems):
        raise DefinitionError(found)


def _smart_errors(
    workspace: Workspace, ledger: Ledger, understood: Understood, edit: Edit, facts: Facts | None, now: datetime
) -> Iterator[Problem]:
    objective, goal, organisation = understood.objective(edit), understood.goal(edit), workspace.organisation
    moment = Moment(organisation, today(organisation, now), now)
    if goal is not None and not goal.draft:
        (judged_goal,) = assess_goals((goal,), understood.definitions.metrics, facts, moment)
        yield from _errors(judged_goal.measured.findings, "goal")
    if objective is None:
        return
    cycle = resolve_cycle(edit.cycle, organisation, workspace.cycles)
    shifts, definitions = level_shifts(ledger), understood.definitions
    backgrounds = {
        one.key: background_of(definitions, one, facts, moment, cycle, level_shifts=shifts)
        for one in objective.key_results
        if facts is not None
    }
    judged = assess_draft_objective(definitions, objective, moment, cycle, backgrounds=backgrounds)
    yield from _errors(judged.findings, "objective")
    for index, one in enumerate(judged.key_results):
        yield from _errors(one.findings, f"objective.key_results[{index}]")


def _errors(findings: Iterable[Finding], key: str) -> Iterator[JudgedProblem]:
    for finding in findings:
        if finding.severity == "error":
            yield JudgedProblem("", 0, key, explain(finding), finding)


def _revision(workspace: Workspace, ledger: Ledger, edit: Edit, name: str, how: Revising) -> TargetRevision:
    key_result = next(one for one in ledger.definitions().key_results(edit.cycle) if one.id == name)
    entries = {one.get("id"): one for one in (edit.objective or {}).get("key_results", ())}
    return propose_revision(
        key_result,
        ledger.decided(edit.cycle),
        resolve_cycle(edit.cycle, workspace.organisation, workspace.cycles),
        target=str(entries[name]["target"]),
        reason=how.reason,
        effective_on=how.effective_on,
        approver=how.approver,
    )
