"""metrics.yaml and okrs/*.yaml of a workspace to definitions, with every problem of every file at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from metrics.definitions.build import seal
from metrics.definitions.checking import Checker
from metrics.definitions.reading import METRICS_FILE, Loading, read_metrics, read_okrs
from metrics.definitions.references import resolve_references
from metrics.definitions.strict_yaml import Document, dotted, parse_yaml
from metrics.definitions.strict_yaml import Path as Steps
from metrics.definitions.workspace import Workspace
from metrics.errors import DefinitionError, Problem, WorkspaceError
from metrics.model.definition import Definitions


def load_definitions(workspace: Workspace) -> Definitions:
    """Read a workspace's metrics and OKRs.

    Raises:
        WorkspaceError: a file cannot be read.
        DefinitionError: something cannot be accepted; carries every problem of every file.
    """
    documents = {file: parse_yaml(_read(workspace.root / file), file) for file in definition_files(workspace.root)}
    return check_documents(workspace, documents)


def definition_files(root: Path) -> tuple[str, ...]:
    """Name the definition files of a workspace that exist, relative to it, in the order they are read."""
    okrs = sorted(path for path in (root / "okrs").glob("*") if path.suffix in {".yaml", ".yml"})
    named = [Path(METRICS_FILE), *(path.relative_to(root) for path in okrs)]
    return tuple(path.as_posix() for path in named if (root / path).exists())


def check_documents(workspace: Workspace, documents: Mapping[str, Document]) -> Definitions:
    """Turn parsed files into definitions: `metrics.yaml` and any number of OKR files.

    Raises:
        DefinitionError: something cannot be accepted; carries every problem of every file.
    """
    definitions, problems = understand_documents(workspace, documents)
    if problems:
        raise DefinitionError(problems)
    return definitions


def understand_documents(
    workspace: Workspace, documents: Mapping[str, Document]
) -> tuple[Definitions, tuple[Problem, ...]]:
    """Make of parsed files what can be made of them, for whoever is still writing, and give every problem.

    Where a key was refused, its default or something that stands in for it is in its place; a metric that is at fault
    is left out.
    """
    loading = Loading(
        workspace,
        checkers=[Checker(document) for document in documents.values()],
        unread=frozenset(file for file, document in documents.items() if document.problems),
    )
    readable = [checker for checker in loading.checkers if checker.document.file not in loading.unread]
    for checker in readable:
        if checker.document.file == METRICS_FILE:
            read_metrics(loading, checker)
    for checker in readable:
        if checker.document.file != METRICS_FILE:
            read_okrs(loading, checker)
    resolved = loading.objectives
    if not loading.unread:
        resolved = resolve_references(resolved, loading.note)
    return seal(loading.metrics, resolved, loading.cycles, loading.goals), tuple(loading.problems)


def definition_places(workspace: Workspace) -> dict[str, tuple[Document, Steps]]:
    """Say where each objective, key result and goal (`cycle/id`) of a workspace's files is written.

    Raises:
        WorkspaceError: a file cannot be read.
    """
    places: dict[str, tuple[Document, Steps]] = {}
    for file in definition_files(workspace.root):
        document = parse_yaml(_read(workspace.root / file), file)
        if isinstance(document.value, Mapping) and "cycle" in document.value:
            places.update(_places(document, document.value))
    return places


def _places(document: Document, raw: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Document, Steps]]]:
    checker = Checker(document)
    for _, objective, path in checker.items(raw.get("objectives"), ("objectives",)):
        below = checker.items(objective.get("key_results"), (*path, "key_results"))
        for entry, at in ((objective, path), *((each, step) for _, each, step in below)):
            yield f"{raw['cycle']}/{entry.get('id')}", (document, at)
    for _, goal, path in checker.items(raw.get("goals"), ("goals",)):
        yield f"{raw['cycle']}/{goal.get('id')}", (document, path)


def locate_problems(root: Path, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give problems of metrics that know only their key (`metrics.revenue.value`) the line where that key stands."""
    path = root / METRICS_FILE
    if not path.exists():
        return tuple(problems)
    lines = {dotted(steps): line for steps, line in parse_yaml(_read(path), METRICS_FILE).lines.items()}
    return tuple(_located(problem, lines) for problem in problems)


def _located(problem: Problem, lines: Mapping[str, int]) -> Problem:
    key = problem.key
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return replace(problem, file=METRICS_FILE, line=lines[key]) if key and not problem.file else problem


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkspaceError(
            f"could not read {path}, because {error.strerror or error}; check the file and its permissions"
        ) from error
