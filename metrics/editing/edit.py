"""What somebody edits: an objective, a goal or metrics, understood among everything in force by the rules for files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from metrics.compile.metric import check_metric
from metrics.definitions import Workspace
from metrics.definitions.documents import goal_document, metric_document
from metrics.definitions.dump import definition_contents, objective_entry, okrs_file
from metrics.definitions.load import understand_documents
from metrics.definitions.reading import METRICS_FILE
from metrics.definitions.strict_yaml import Document
from metrics.errors import NotFoundError, Problem
from metrics.facts import Facts
from metrics.ledger import Ledger
from metrics.model.definition import Definitions, Goal, Metric, Objective
from metrics.model.target import Target, parse_target
from metrics.progress.decided import in_force

Entry = Mapping[str, Any]
"""One definition as it stands in a file."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants to define.

    Attributes:
        seen: the ledger's revision that it was begun from.
        cycle: of the objective.
        objective: as in okrs/*.yaml; None where only metrics are edited.
        was: id of the objective in force that it changes, None for a new one.
        metrics: by id, as in metrics.yaml; a new id is a new metric.
        goal: a SMART goal as in okrs/*.yaml; `cycle` is then its file's, and `was` the goal in force that it changes.
    """

    seen: int
    cycle: str = ""
    objective: Entry | None = None
    was: str | None = None
    metrics: Mapping[str, Entry] = field(default_factory=dict)
    goal: Entry | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What an edit comes to beside everything in force.

    Attributes:
        definitions: all of them with the edit, as far as it could be understood.
        problems: those of the edit with keys below it (`objective.key_results[0].target`, `goal.target`,
            `metrics.revenue.value`).
    """

    definitions: Definitions
    problems: tuple[Problem, ...]

    def objective(self, edit: Edit) -> Objective | None:
        """Give the edited objective, as far as it could be understood."""
        key = f"{edit.cycle}/{(edit.objective or {}).get('id')}"
        return next((each for each in self.definitions.objectives if each.key == key), None)

    def goal(self, edit: Edit) -> Goal | None:
        """Give the edited SMART goal, as far as it could be understood."""
        key = f"{edit.cycle}/{(edit.goal or {}).get('id')}"
        return next((each for each in self.definitions.goals if each.key == key), None)


def edit_of_objective(ledger: Ledger, key: str, day: date, *, revision: int | None = None) -> Edit:
    """Begin to edit an objective in force (`cycle/id`), with the targets that its key results have on a day.

    Args:
        revision: the ledger's, at which it was in force [default: now].

    Raises:
        NotFoundError: there is none.
    """
    seen = ledger.revision() if revision is None else revision
    definitions, decided = ledger.definitions(revision), ledger.decided()
    for objective in definitions.objectives:
        if objective.key == key:
            standing = tuple(in_force(one, decided, day) for one in objective.key_results)
            entry = objective_entry(replace(objective, key_results=standing))
            return Edit(seen, objective.cycle, entry, objective.id)
    raise NotFoundError("objective", key, [each.key for each in definitions.objectives])


def edit_of_goal(ledger: Ledger, key: str, *, revision: int | None = None) -> Edit:
    """Begin to edit a SMART goal in force (`cycle/id`).

    Args:
        revision: the ledger's, at which it was in force [default: now].

    Raises:
        NotFoundError: there is none.
    """
    seen = ledger.revision() if revision is None else revision
    goals = ledger.definitions(revision).goals
    for goal in goals:
        if goal.key == key:
            return Edit(seen, goal.cycle, was=goal.id, goal={"id": goal.id, **goal_document(goal)})
    raise NotFoundError("goal", key, [each.key for each in goals])


def edit_of_metric(ledger: Ledger, metric_id: str) -> Edit:
    """Begin to edit a metric in force.

    Raises:
        NotFoundError: there is none.
    """
    seen, definitions = ledger.revision(), ledger.definitions()
    if metric_id not in definitions.metrics:
        raise NotFoundError("metric", metric_id, definitions.metrics)
    return Edit(seen, metrics={metric_id: metric_document(definitions.metrics[metric_id])})


def understand(workspace: Workspace, definitions: Definitions, edit: Edit) -> Understood:
    """Check an edit among the definitions in force, by the rules that files are checked by; reads nothing."""
    contents = definition_contents(definitions)
    contents[METRICS_FILE] = {"metrics": {**contents[METRICS_FILE]["metrics"], **edit.metrics}}
    file = place = ""
    name, entry = ("goal", edit.goal) if edit.goal is not None else ("objective", edit.objective)
    if entry is not None:
        file = okrs_file(edit.cycle)
        content = contents.setdefault(file, {"cycle": edit.cycle, "objectives": []})
        entries = list(content.get(f"{name}s") or [])
        index = next((at for at, one in enumerate(entries) if one["id"] == edit.was), len(entries))
        contents[file] = {**content, f"{name}s": [*entries[:index], entry, *entries[index + 1 :]]}
        place = f"{name}s[{index}]"
    documents = {each: Document(each, content, {}, ()) for each, content in contents.items()}
    understood, problems = understand_documents(workspace, documents)
    return Understood(understood, tuple(_below(problem, file, place, name) for problem in problems))


def changed_targets(definitions: Definitions, ledger: Ledger, edit: Edit, day: date) -> dict[str, tuple[str, str]]:
    """Give the target in force and the edit's for key results (by id) in force whose target the edit moves."""
    decided = ledger.decided()
    standing = {one.id: in_force(one, decided, day).target for one in definitions.key_results(edit.cycle)}
    wanted = {one.get("id"): one.get("target") for one in (edit.objective or {}).get("key_results", ())}
    return {
        name: (standing[name].text, str(text))
        for name, text in wanted.items()
        if name in standing and text is not None and not _means(str(text), standing[name])
    }


def _means(text: str, target: Target) -> bool:
    """Tell whether a target compares as another does, however it is spelt; one that cannot be read does not."""
    try:
        return parse_target(text).means(target)
    except ValueError:
        return False


def expression_problems(metrics: Iterable[Metric], facts: Facts, *, timezone: str) -> tuple[Problem, ...]:
    """Check metrics' expressions against the columns that their streams were loaded with; unloaded ones pass."""
    loaded = frozenset(facts.tables())
    return tuple(
        problem
        for metric in metrics
        if metric.source in loaded
        for problem in check_metric(metric, facts.columns(metric.source), timezone=timezone)
    )


def _below(problem: Problem, file: str, place: str, name: str) -> Problem:
    """Name a problem's key below the edit where it is the edit's; files and lines mean nothing here."""
    if file and problem.file == file and (problem.key + ".").startswith((f"{place}.", f"{place}[")):
        return Problem("", 0, f"{name}{problem.key.removeprefix(place)}", problem.message)
    return Problem("" if problem.file == METRICS_FILE else problem.file, 0, problem.key, problem.message)
