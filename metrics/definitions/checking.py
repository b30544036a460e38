"""Collects every problem of a file: entries against their models, worded with what was probably meant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from metrics.definitions.fields import kind_of
from metrics.definitions.schema import Entry
from metrics.definitions.strict_yaml import Document, Path
from metrics.errors import Problem, nearest

Model = TypeVar("Model", bound=Entry)

_SCALARS = {"string_type": "text", "int_type": "whole number"}
_CONTAINERS = {"dict_type": "mapping", "model_type": "mapping", "list_type": "list"}


@dataclass(frozen=True, slots=True)
class Checked(Generic[Model]):
    """An entry as far as it could be understood.

    Attributes:
        entry: None when nothing could be made of it.
        wrong: keys that were refused; the entry holds their defaults instead, so rules must not look at them.
    """

    entry: Model | None
    wrong: frozenset[str] = frozenset()


@dataclass(slots=True)
class Checker:
    """Gathers the problems of one file."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems.extend(self.document.problems)

    def note(self, path: Path, message: str) -> None:
        """Add a problem at a path."""
        self.problems.append(self.document.problem(path, message))

    def check(
        self, model: type[Model], raw: Any, path: Path, *, placeholders: Mapping[str, Any] | None = None
    ) -> Checked[Model]:
        """Validate one entry and note what is wrong with it.

        Args:
            model: what the entry may hold.
            raw: the entry as read.
            path: where it stands.
            placeholders: values that stand in for refused keys without a default, so that the other keys can still be
                looked at by the rules that come later.
        """
        try:
            return Checked(model.model_validate(raw))
        except ValidationError as error:
            details = error.errors(include_url=False)
        for detail in details:
            place, message = _explain(model, detail)
            self.note((*path, *place), message)
        wrong = frozenset(str(detail["loc"][0]) for detail in details if detail["loc"])
        if placeholders is None or not isinstance(raw, Mapping):
            return Checked(None, wrong)
        rest = {key: value for key, value in raw.items() if key not in wrong}
        stand_ins = {key: value for key, value in placeholders.items() if key in wrong}
        return Checked(model.model_validate({**rest, **stand_ins}), wrong)

    def items(self, container: Any, path: Path) -> Iterator[tuple[Any, Any, Path]]:
        """Yield key or position, value and path of everything in a mapping or list; of anything else nothing."""
        if isinstance(container, Mapping):
            yield from ((key, value, (*path, key)) for key, value in container.items())
        elif isinstance(container, list):
            yield from ((index, value, (*path, index)) for index, value in enumerate(container))


def _explain(model: type[Entry], detail: ErrorDetails) -> tuple[Path, str]:
    """Word what pydantic found, at the path of the key in the file."""
    place = tuple(step for step in detail["loc"] if step != "[key]")
    return place, _message(model, str(place[-1]) if place else "", detail)


def _message(model: type[Entry], key: str, detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind in _SCALARS:
        return f"{_SCALARS[kind]} expected, got {kind_of(detail['input'])}"
    if kind in _CONTAINERS:  # text in its place may be a URL with a password, so it is not quoted
        got = "text" if isinstance(detail["input"], str) else kind_of(detail["input"])
        return f"{_CONTAINERS[kind]} expected, got {got}"
    if kind == "extra_forbidden":
        names = [field.alias or name for name, field in model.model_fields.items()]
        unknown = f"unknown key{nearest(key, names)}"
        return "is not supported in this version; leave it out" if key in model.later else unknown
    if kind == "literal_error":
        return _not_a_choice(model, key, detail["input"])
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    return "is missing" if kind == "missing" else detail["msg"].replace("Input should", "it should")


def _not_a_choice(model: type[Entry], key: str, value: object) -> str:
    if not isinstance(value, str):
        return f"text expected, got {kind_of(value)}"
    if value in model.later.get(key, frozenset()):
        return f"{value!r} is not supported in this version"
    choices = get_args(model.model_fields[key].annotation)
    return f"{value[:40]!r} is no known choice{nearest(value, choices)}"
