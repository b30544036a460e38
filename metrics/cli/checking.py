"""`check`: what is wrong with the definitions, and whether each key result is SMART."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metrics.assessment import Moment, assess, assess_goals, chances_of
from metrics.checks import check_columns
from metrics.cli.session import JsonOption, Session, WorkspaceOption, print_json
from metrics.definitions import load_definitions
from metrics.definitions.load import definition_files
from metrics.errors import DefinitionError, FactsError, NotFoundError, Problem
from metrics.facts import Facts
from metrics.ledger import is_begun
from metrics.model.definition import Definitions, Language
from metrics.model.scorecard import Cycle
from metrics.periods import days_left, resolve_cycle
from metrics.progress.decided import standing_definitions
from metrics.scorecard.build import Frame, build_scorecard, goal_cards
from metrics.scorecard.told import title_in
from metrics.smart import (
    LETTERS,
    CycleFindings,
    Finding,
    GoalFindings,
    KeyResultFindings,
    ObjectiveFindings,
    Outcome,
    Severity,
)
from metrics.smart.wording import explain, wording_table

MARKS: dict[Outcome, str] = {
    "pass": "[green]✔[/]",
    "unknown": "[dim]?[/]",
    "warn": "[yellow]▲[/]",
    "fail": "[red]✘[/]",
}
_SEVERITIES: dict[Severity, str] = {
    "error": "[red]error[/]",
    "warning": "[yellow]warning[/]",
    "unknown": "[dim]unknown[/]",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    context: typer.Context,
    cycle: Annotated[
        str | None, typer.Option("--cycle", help="Cycle such as 2027-Q1 [default: all that are not over].")
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Check the definitions, and every key result against its metric's own history; exit 1 on errors."""
    session = Session.start(context, workspace)
    definitions, problems = _read_definitions(session)
    facts, note = _read_facts(session)
    cycles = list(_cycles(session, definitions, problems, chosen=cycle))
    standing = _standing(session, definitions)
    found = Checked(
        tuple(problems),
        tuple(_judge(session, standing, facts, each) for each in cycles),
        _judge_goals(session, standing, facts, chosen=cycle),
    )
    if as_json:
        print_json(_document(session, found, facts))
    else:
        _print(Console(), found, note, session.workspace.organisation.language)
    if found.count("error"):
        raise typer.Exit(1)


def _standing(session: Session, definitions: Definitions) -> Definitions:
    """Judge the targets in force, not those that a file which lags behind still carries."""
    if not is_begun(session.workspace.ledger_url, session.workspace.root):
        return definitions
    ledger = session.ledger
    return standing_definitions(definitions, ledger.definitions(), ledger.decided(), session.today)


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that a check found."""

    problems: tuple[Problem, ...]
    cycles: tuple[CycleFindings, ...]
    goals: tuple[GoalFindings, ...]

    def count(self, severity: Severity) -> int:
        """Count findings of a severity; what the files may not say is an error."""
        findings = sum(finding.severity == severity for goal in self.goals for finding in goal.measured.findings)
        refused = len(self.problems) if severity == "error" else 0
        return refused + findings + sum(each.count(severity) for each in self.cycles)


def _read_definitions(session: Session) -> tuple[Definitions, list[Problem]]:
    """Read the workspace's files (or the ledger, where there is none) and note every problem."""
    if not definition_files(session.workspace.root):
        return session.ledger.definitions(), []
    try:
        definitions = load_definitions(session.workspace)
    except DefinitionError as error:
        return Definitions({}, ()), list(error.problems)
    try:
        for warning in check_columns(session.workspace, definitions.metrics.values()):
            typer.echo(f"warning: {warning}", err=True)
    except DefinitionError as error:
        return definitions, list(error.problems)
    return definitions, []


def _read_facts(session: Session) -> tuple[Facts | None, str | None]:
    try:
        return session.facts, None
    except FactsError as error:
        return None, str(error)


def _cycles(
    session: Session, definitions: Definitions, problems: list[Problem], *, chosen: str | None
) -> Iterator[Cycle]:
    """Resolve the cycles to be judged, in the order they end, the longest first.

    Raises:
        NotFoundError: the chosen cycle has no objective.
    """
    known = sorted(definitions.written_cycles)
    if chosen is not None and chosen not in known and not problems:
        raise NotFoundError("objectives of cycle", chosen, known)
    resolved = []
    for name in known:
        try:
            resolved.append(resolve_cycle(name, session.workspace.organisation, session.workspace.cycles))
        except ValueError as error:
            problems.append(Problem("quarterline.yaml", 0, "cycles", str(error)))
    for each in sorted(resolved, key=lambda one: (one.ends, one.starts, one.id)):
        if each.id == chosen or (chosen is None and each.ends >= session.today):
            yield each


def _judge(session: Session, definitions: Definitions, facts: Facts | None, cycle: Cycle) -> CycleFindings:
    organisation, today = session.workspace.organisation, session.today
    moment = Moment(organisation, today, session.now)
    chances = {}
    if facts is not None and cycle.starts <= today <= cycle.ends:
        chances = chances_of(build_scorecard(definitions, facts, Frame(organisation, cycle, today, session.now)))
    return assess(definitions, facts, moment, cycle, chances=chances)


def _judge_goals(
    session: Session, definitions: Definitions, facts: Facts | None, *, chosen: str | None
) -> tuple[GoalFindings, ...]:
    """Judge goals of every file that are not over, or those of the chosen cycle's file."""
    organisation, today = session.workspace.organisation, session.today
    goals = [goal for goal in definitions.goals if (goal.ends >= today if chosen is None else goal.cycle == chosen)]
    chances = {}
    if facts is not None and goals:
        frame = Frame(organisation, Cycle("", today, today), today, session.now)
        cards, _ = goal_cards([goal for goal in goals if goal.starts <= today], definitions.metrics, facts, frame)
        chances = {each.goal.key: each.card.forecast.p_hit for each in cards if each.card.forecast.p_hit is not None}
    moment = Moment(organisation, today, session.now)
    return assess_goals(goals, definitions.metrics, facts, moment, chances=chances)


def _document(session: Session, found: Checked, facts: Facts | None) -> dict[str, Any]:
    day: date = session.today
    language = session.workspace.organisation.language
    return {
        "schema": 1,
        "as_of": day.isoformat(),
        "generation": facts.generation if facts else None,
        "errors": found.count("error"),
        "warnings": found.count("warning"),
        "problems": [
            {"file": each.file, "line": each.line, "key": each.key, "message": each.message} for each in found.problems
        ],
        "cycles": [_cycle_document(each, language) for each in found.cycles],
        "goals": [_goal_document(each, language) for each in found.goals],
    }


def _cycle_document(judged: CycleFindings, language: Language) -> dict[str, Any]:
    cycle = judged.cycle
    return {
        "id": cycle.id,
        "starts": cycle.starts.isoformat(),
        "ends": cycle.ends.isoformat(),
        "days_left": days_left(cycle, judged.as_of),
        "findings": [_finding_document(each) for each in judged.findings],
        "objectives": [_objective_document(each, language) for each in judged.objectives],
    }


def _objective_document(judged: ObjectiveFindings, language: Language) -> dict[str, Any]:
    objective = judged.objective
    return {
        "id": objective.id,
        "title": title_in(objective.title, language),
        "kind": objective.kind,
        "level": objective.level,
        "findings": [_finding_document(each) for each in judged.findings],
        "key_results": [_key_result_document(each, language) for each in judged.key_results],
    }


def _goal_document(judged: GoalFindings, language: Language) -> dict[str, Any]:
    goal = judged.goal
    return {
        **_key_result_document(judged.measured, language),
        "key": goal.key,
        "starts": goal.starts.isoformat(),
        "ends": goal.ends.isoformat(),
        "draft": goal.draft,
    }


def _key_result_document(judged: KeyResultFindings, language: Language) -> dict[str, Any]:
    key_result = judged.key_result
    return {
        "id": key_result.id,
        "title": title_in(key_result.title, language),
        "metric": key_result.metric,
        "unit": judged.unit,
        "target": key_result.target.text,
        "verdicts": {
            verdict.letter: {
                "verdict": verdict.outcome,
                "findings": [_finding_document(each) for each in verdict.findings],
            }
            for verdict in judged.verdicts
        },
    }


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "values": dict(finding.values),
        "text": explain(finding),
    }


def _print(console: Console, found: Checked, note: str | None, language: Language) -> None:
    for problem in found.problems:
        console.print(f"{_SEVERITIES['error']} {_plain(str(problem))}", highlight=False, soft_wrap=True)
    if note is not None:
        console.print(f"[dim]{_plain(note)}[/]", highlight=False, soft_wrap=True)
    for cycle in found.cycles:
        _print_cycle(console, cycle, language)
    if found.goals:
        console.print("[bold]SMART goals[/]")
        console.print(_table([each.measured for each in found.goals], language))
        console.print()
    console.print(f"{found.count('error')} errors, {found.count('warning')} warnings")


def _print_cycle(console: Console, judged: CycleFindings, language: Language) -> None:
    cycle = judged.cycle
    console.print(f"[bold]{cycle.id}[/]  {cycle.starts} to {cycle.ends}", highlight=False)
    _print_findings(console, judged.findings)
    for objective in judged.objectives:
        console.print()
        console.print(f"[bold]{_plain(title_in(objective.objective.title, language))}[/]", highlight=False)
        _print_findings(console, objective.findings)
        if objective.key_results:
            console.print(_table(objective.key_results, language))
    console.print()


def _table(key_results: Sequence[KeyResultFindings], language: Language) -> Table:
    names = wording_table("en")["terms"]["letter"]
    table = Table(expand=True, pad_edge=False)
    table.add_column("key result", ratio=2)
    for letter in LETTERS:
        table.add_column(str(names[letter])[0].upper(), justify="center", no_wrap=True)
    table.add_column("to be looked at", ratio=5)
    for one in key_results:
        doubtful = [_line(finding) for finding in one.findings if finding.severity != "ok"]
        title = _plain(title_in(one.key_result.title, language) or one.key_result.id)
        table.add_row(title, *(MARKS[verdict.outcome] for verdict in one.verdicts), "\n".join(doubtful) or _proof(one))
    return table


def _proof(judged: KeyResultFindings) -> str:
    """What stands behind a key result that passes: how its history did."""
    achievable = next(verdict for verdict in judged.verdicts if verdict.letter == "achievable")
    return "\n".join(f"[dim]{_plain(explain(finding))}[/]" for finding in achievable.findings)


def _print_findings(console: Console, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        if finding.severity != "ok":
            console.print(f"  {_line(finding)}", highlight=False, soft_wrap=True)


def _line(finding: Finding) -> str:
    return f"{_SEVERITIES[finding.severity]} {_plain(explain(finding))}"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
