"""YAML read strictly: plain values only, with the line of every key, and every fault of the text named.

What makes YAML surprising or dangerous is refused: anchors and aliases (bombs, recursion), tags (code), merge keys,
duplicate keys, several documents. Plain scalars follow the core schema of YAML 1.2, narrowed to decimal numbers: `no`,
`1:30` and `010` are text.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from metrics.errors import Problem

Path = tuple[str | int, ...]
"""Keys and list positions from the top of a document down."""

MAX_BYTES = 1_048_576
MAX_DEPTH = 20
_MAX_PROBLEMS = 50
_MAX_DIGITS = 17

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it: an order of magnitude


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content and where everything in it stands.

    Attributes:
        file: as the user knows it, relative to the workspace.
        value: dicts, lists, text, numbers, booleans and None.
        lines: 1-based line of each mapping's key and each list's item.
        problems: faults of the text; `value` is not to be used when there is any.
    """

    file: str
    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def problem(self, path: Path, message: str) -> Problem:
        """Word a problem at a path, or at the nearest place above it that exists in the text."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.file, self.lines.get(known, 1), dotted(path), message)


def dotted(path: Path) -> str:
    """Write a path as people read it: `objectives[0].key_results[1].target`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def parse_yaml(content: bytes, file: str) -> Document:
    """Read one strict YAML document; an empty one has the value None."""
    if len(content) > MAX_BYTES:
        return _refused(file, 0, f"the file is larger than {MAX_BYTES} bytes; split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _refused(file, line, f"byte {error.start} is not UTF-8; save the file as UTF-8")
    reader = _Reader(file)
    try:
        value = reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        because = " ".join(part for part in (error.context, error.problem) if part)
        line = min(mark.line, text.count("\n")) + 1 if mark else 0
        return _refused(file, line, f"not valid YAML: {because}")
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return _refused(file, line, "a control character is not accepted; remove it")
    except _StopReadingError:
        value = None
    return Document(file, value, reader.lines, tuple(reader.problems))


def plain_value(text: str) -> Any:
    """Resolve a plain scalar as the core schema does; infinities and NaN raise a ValueError."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a number that can be used; write a finite number")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _DECIMAL.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise ValueError("the number is too large; write a finite number")
        return number
    return text


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"the number has more than {_MAX_DIGITS} digits; put it in quotes if it is a name")
    return int(text)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refused(file: str, line: int, message: str) -> Document:
    return Document(file, None, {}, (Problem(file, line, "", message),))


class _StopReadingError(Exception):
    """Enough is known about a hopeless file."""


class _Reader:
    """Turns parser events into values, noting lines and faults on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> Any:
        """Read the only document of a stream."""
        next(events)  # the start of the stream
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        value = self._value(next(events), events, ())
        next(events)  # the document's end
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            self._note(following, (), "a second document begins here; keep one document per file")
        return value

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self._note(event, path, "aliases (*name) are not accepted; write the value out")
            return None
        if len(path) > MAX_DEPTH:
            self._give_up(event, path, f"nested deeper than {MAX_DEPTH} levels")
        self._refuse_decoration(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if not isinstance(event, yaml.ScalarEvent):
            self._give_up(event, path, "something that is neither a value, a list nor a mapping")
        return self._scalar(event, path)

    def _refuse_decoration(self, event: yaml.Event, path: Path) -> None:
        if getattr(event, "anchor", None):
            self._note(event, path, "anchors (&name) are not accepted; write the value out where it is needed")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._note(event, path, "tags (!name) are not accepted; write the plain value")

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._give_up(event, path, "a key must be plain text")
            self._refuse_decoration(event, path)
            key = self._text(event, path)
            if key == "<<" and event.implicit[0]:
                self._note(event, path, "merge keys (<<) are not accepted; write the keys out")
            line = _line(event)
            below = (*path, key)
            if key in values:
                self._note(event, below, f"duplicate key, first given on line {self.lines[below]}; keep one of them")
            else:
                self.lines[below] = line
            values[key] = self._value(next(events), events, below)
        return values

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            below = (*path, len(values))
            self.lines[below] = _line(event)
            values.append(self._value(event, events, below))
        return values

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Any:
        text = self._text(event, path)
        if not event.implicit[0]:
            return text
        try:
            return plain_value(text)
        except ValueError as error:
            self._note(event, path, str(error))
            return None

    def _text(self, event: yaml.ScalarEvent, path: Path) -> str:
        text: str = event.value
        if _CONTROL.search(text):
            self._note(event, path, "a control character is not accepted; remove it")
        return text

    def _note(self, event: yaml.Event, path: Path, message: str) -> None:
        problem = Problem(self.file, _line(event), dotted(path), message)
        self.problems.append(problem)
        if len(self.problems) >= _MAX_PROBLEMS:
            raise _StopReadingError

    def _give_up(self, event: yaml.Event, path: Path, message: str) -> NoReturn:
        self.problems.append(Problem(self.file, _line(event), dotted(path[:3]), message))
        raise _StopReadingError
