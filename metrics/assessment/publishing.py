"""What keeps definitions from being published: errors of the SMART checks, each at the line that it is about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from metrics.assessment.gathering import FactsHistory, Moment, assess, assess_goals
from metrics.definitions import Workspace
from metrics.definitions.load import definition_places
from metrics.definitions.strict_yaml import Document, Path
from metrics.errors import Problem
from metrics.ledger import Ledger
from metrics.model.definition import CycleDefinition, Definitions
from metrics.model.scorecard import Cycle
from metrics.periods import resolve_cycle
from metrics.progress.decided import standing_definitions
from metrics.smart import Finding
from metrics.smart.wording import explain

_KEYS: Mapping[str, str] = {
    "title_missing": "title",
    "metric_unknown": "metric",
    "metric_unreadable": "metric",
    "never_rows": "metric",
    "plan_outside_cycle": "plan",
    "no_key_results": "key_results",
}
"""The key of a definition that each error is about."""


@dataclass(frozen=True, slots=True)
class Blocking:
    """One error of the SMART checks.

    Attributes:
        key: `cycle/id` of the objective, key result or goal.
    """

    key: str
    finding: Finding


def blocking_errors(
    definitions: Definitions,
    facts: FactsHistory | None,
    moment: Moment,
    cycles: Iterable[CycleDefinition] = (),
) -> tuple[Blocking, ...]:
    """Find every error in what is not over: objectives and key results cycle by cycle, then goals; drafts may err.

    Args:
        definitions: what is to be published, without what was dropped.
        facts: None before the first sync: then only what needs no data can be an error.
        moment: as of when.
        cycles: those of one's own.
    """
    found: list[Blocking] = []
    own = tuple(cycles)
    for name in sorted(definitions.written_cycles):
        cycle = resolve_cycle(name, moment.organisation, own)
        if cycle.ends >= moment.as_of:
            found.extend(_of_cycle(definitions, facts, moment, cycle))
    running = [goal for goal in definitions.goals if goal.ends >= moment.as_of and not goal.draft]
    for judged in assess_goals(running, definitions.metrics, facts, moment):
        found.extend(Blocking(judged.goal.key, each) for each in judged.measured.findings)
    return tuple(each for each in found if each.finding.severity == "error")


def publishing_problems(
    workspace: Workspace, ledger: Ledger, definitions: Definitions, facts: FactsHistory | None, moment: Moment
) -> tuple[Problem, ...]:
    """Say for each error of a workspace's files which file, line and key it is about.

    Args:
        definitions: as the files have them.
    """
    standing = standing_definitions(definitions, ledger.definitions(), ledger.decided(), moment.as_of)
    errors = blocking_errors(standing, facts, moment, workspace.cycles)
    places = definition_places(workspace) if errors else {}
    return tuple(_located(error, places) for error in errors)


def _of_cycle(definitions: Definitions, facts: FactsHistory | None, moment: Moment, cycle: Cycle) -> Iterator[Blocking]:
    for key, finding in assess(definitions, facts, moment, cycle).all_findings():
        yield Blocking(key, finding)


def _located(error: Blocking, places: Mapping[str, tuple[Document, Path]]) -> Problem:
    message = f"{explain(error.finding)} ({error.finding.code})"
    if error.key not in places:
        return Problem("okrs", 0, error.key, message)
    document, path = places[error.key]
    return document.problem((*path, _KEYS.get(error.finding.code, "id")), message)
