"""Definitions as readable YAML: the same bytes for the same definitions, and nothing lost."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from metrics.definitions.documents import goal_document, key_result_document, metric_document, objective_document
from metrics.definitions.strict_yaml import plain_value
from metrics.errors import WorkspaceError
from metrics.model.definition import Definitions, Objective

_WIDTH = 120
_INLINE = frozenset({"dimensions", "bounds", "filter", "working_hours", "contributors", "plan", "depends_on"})
"""Keys whose values read best on one line."""


class _Inline(dict[str, Any]):
    """A mapping written in braces."""


class _InlineList(list[Any]):
    """A list written in brackets."""


class _Writer(yaml.SafeDumper):
    """Writes scalars so that the strict reader gives back the very same value.

    Text that other readers would take for a boolean or a number is quoted too; dates are text to us and stay bare.
    """

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def _write_text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        style: str | None = "|"
    else:
        style = None if _is_plain(text) else '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_plain(text: str) -> bool:
    try:
        return isinstance(plain_value(text), str) and text != "<<"
    except ValueError:
        return False


_Writer.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
_Writer.add_representer(str, _write_text)
_Writer.add_representer(_Inline, lambda writer, value: writer.represent_mapping("tag:yaml.org,2002:map", value, True))
_Writer.add_representer(
    _InlineList, lambda writer, value: writer.represent_sequence("tag:yaml.org,2002:seq", value, True)
)


def dump_definitions(definitions: Definitions, directory: Path) -> tuple[Path, ...]:
    """Write `metrics.yaml` and one `okrs/<cycle>.yaml` per cycle.

    Returns:
        The files written.

    Raises:
        WorkspaceError: the folder cannot be written, or holds OKR files that this would not replace and that would be
            read beside it.
    """
    contents = {directory / name: text for name, text in definition_texts(definitions).items()}
    strays = sorted(
        path.name
        for path in (directory / "okrs").glob("*")
        if path.suffix in {".yaml", ".yml"} and path not in contents
    )
    if strays:
        raise WorkspaceError(
            f"could not export to {directory}, because its okrs folder also holds {', '.join(strays)}; "
            "move that away or choose an empty folder"
        )
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.partial")
            partial.write_text(text, encoding="utf-8", newline="\n")
            partial.replace(path)
    except OSError as error:
        raise WorkspaceError(
            f"could not export to {directory}, because {error.strerror or error}; choose a folder that can be written"
        ) from error
    return tuple(contents)


def definition_texts(definitions: Definitions) -> dict[str, str]:
    """Give the text of every definition file by its name in a workspace."""
    return {name: _yaml(content) for name, content in definition_contents(definitions).items()}


def definition_contents(definitions: Definitions) -> dict[str, dict[str, Any]]:
    """Give what every definition file holds by its name in a workspace."""
    metrics = {key: metric_document(definitions.metrics[key]) for key in sorted(definitions.metrics)}
    okrs = {okrs_file(cycle): _cycle(definitions, cycle) for cycle in definitions.cycle_ids}
    return {"metrics.yaml": {"metrics": metrics}, **okrs}


def okrs_file(cycle: str) -> str:
    """Name the file of a cycle's objectives in a workspace."""
    return f"okrs/{cycle}.yaml"


def _cycle(definitions: Definitions, cycle: str) -> dict[str, Any]:
    document: dict[str, Any] = {"cycle": cycle}
    document["objectives"] = [objective_entry(objective) for objective in definitions.objectives_of(cycle)]
    if goals := [{"id": goal.id, **goal_document(goal)} for goal in definitions.goals if goal.cycle == cycle]:
        document["goals"] = goals
    return document


def objective_entry(objective: Objective) -> dict[str, Any]:
    """Write an objective with its key results as in its file."""
    key_results = [{"id": one.id, **key_result_document(one)} for one in objective.key_results]
    return {"id": objective.id, **objective_document(objective), "key_results": key_results}


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(
        _laid_out(document), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=False
    )


def _laid_out(value: Any, key: str = "") -> Any:
    """Mark what is written on one line."""
    if isinstance(value, Mapping):
        marked = {name: _laid_out(inner, name if key != "filter" else key) for name, inner in value.items()}
        return _Inline(marked) if key in _INLINE else marked
    if isinstance(value, list):
        items = [_laid_out(item, key) for item in value]
        return _InlineList(items) if key in _INLINE else items
    return value
