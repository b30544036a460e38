"""The kinds of values that definition files hold, each with its check and its JSON Schema."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from metrics.errors import nearest
from metrics.model.definition import Read
from metrics.model.target import Target, fraction_of, parse_target

_ID = r"[a-z0-9][a-z0-9_-]{0,62}"
_NAME = r"[a-z][a-z0-9_]{0,62}"
_RESERVED = frozenset({"main", "temp", "system", "pg_catalog", "information_schema", "quarterline"})
_LANGUAGES = ("en", "vi")
_PERCENT = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*%")
_TRAILING = re.compile(r"trailing ([1-9][0-9]{0,3})d")
_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|h|d|w|mo)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_678_400}
_READS = ("period", "last week", "last month")


def parse_duration(value: object) -> timedelta:
    """Read `30m`, `12h`, `1d`, `1w` or `1mo` (a month at its longest: 31 days)."""
    if isinstance(value, timedelta):
        return value
    if found := _DURATION.fullmatch(str(value)):
        return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    raise ValueError(f"{value!r} is no duration; write a number and a unit, such as 30m, 12h, 1d, 1w or 1mo")


def format_duration(duration: timedelta) -> str:
    """Write a duration in its largest whole unit of days or less; `parse_duration` reads it back."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def parse_read(value: object) -> Read:
    """Read `period`, `trailing 28d`, `last week` or `last month`."""
    if isinstance(value, Read):
        return value
    if value in _READS:
        return Read(value)  # type: ignore[arg-type]
    if found := _TRAILING.fullmatch(str(value)):
        return Read("trailing", int(found[1]))
    raise ValueError(f"{value!r} is no read; write period, trailing 28d (any number of days), last week or last month")


def check_id(value: str) -> str:
    """Accept an id: a lower-case slug."""
    if not re.fullmatch(_ID, value):
        raise ValueError(
            f"{value[:80]!r} is no id; use lower-case letters a-z, digits, - and _, beginning with a letter or digit, "
            "63 characters at most"
        )
    return value


def check_name(value: str) -> str:
    """Accept the name of a source or stream: it becomes an SQL identifier."""
    if not re.fullmatch(_NAME, value):
        raise ValueError(
            f"{value[:80]!r} is no name; use lower-case letters a-z, digits and _, beginning with a letter, "
            "63 characters at most"
        )
    return value


def check_source_name(value: str) -> str:
    """Accept the name of a source: it becomes a schema of the facts store."""
    if value in _RESERVED:
        raise ValueError(f"{value!r} is a reserved name; call the source something else")
    return check_name(value)


def _unexpected(expected: str, value: object, hint: str = "") -> ValueError:
    return ValueError(f"{expected} expected, got {kind_of(value)}{hint}")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(value, available_timezones()).partition("; known")[0]
        raise ValueError(f"{value!r} is no IANA time zone such as 'Asia/Ho_Chi_Minh'{close}") from None
    return value


def _text(value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise ValueError("is empty; write some text or leave the key out")
    return stripped


def _title(value: object) -> Mapping[str, str] | str:
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, Mapping) or not value:
        raise _unexpected("text, or {en: ..., vi: ...},", value)
    if unknown := [key for key in value if key not in _LANGUAGES]:
        raise ValueError(f"{unknown[0]!r} is no language that is shown; known: en, vi")
    if wrong := [key for key, text in value.items() if not isinstance(text, str) or not text.strip()]:
        raise ValueError(f"the text for {wrong[0]!r} is missing")
    return {key: value[key].strip() for key in _LANGUAGES if key in value}


def _target(value: object) -> Target:
    if isinstance(value, Target):
        return value
    if not isinstance(value, str):
        known = isinstance(value, int | float) and not isinstance(value, bool)
        example = f"'< {value}' or '>= {value}'" if known else "'< 2'"
        raise _unexpected("a comparator and a number", value, f"; write for example {example}")
    return parse_target(value)


def _number(value: object) -> float:
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value.strip())):
        return fraction_of(found[1])
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unexpected("number", value, "; write for example 2.5 or 75 %")
    if not math.isfinite(value):
        raise ValueError("the number must be finite")
    return float(value)


def _baseline(value: object) -> float | None:
    if value == "auto":
        return None
    try:
        return _number(value)
    except ValueError:
        raise _unexpected("number or auto", value) from None


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and len(value) == len("2027-01-31"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{value!r} is no date; write it as 2027-01-31")


def _expression(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if not isinstance(value, str):
        raise _unexpected("an SQL expression", value)
    return _text(value)


def _names(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise _unexpected("a list of texts", value)
    if wrong := [item for item in items if not isinstance(item, str) or not item.strip()]:
        raise ValueError(f"a list of texts expected, but it holds {kind_of(wrong[0])}")
    names = tuple(item.strip() for item in items)
    if twice := [name for index, name in enumerate(names) if name in names[:index]]:
        raise ValueError(f"{twice[0]!r} is listed twice; keep it once")
    return names


def _filter(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, Mapping):
        raise _unexpected("a mapping of dimension to values", value)
    return tuple(sorted((str(dimension), _accepted(dimension, values)) for dimension, values in value.items()))


def _accepted(dimension: object, values: object) -> tuple[str, ...]:
    items = values if isinstance(values, list | tuple) else [values]
    if not items or any(item is None or isinstance(item, Mapping | list) for item in items):
        raise ValueError(f"{dimension!r} needs a value or a list of values")
    return tuple(sorted({_accepted_value(item) for item in items}))


def _accepted_value(item: object) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _columns(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _unexpected("a mapping of column to type", value)
    for name, declared in value.items():
        declared_type = declared.get("type") if isinstance(declared, Mapping) else declared
        if not (declared_type and isinstance(declared_type, str)):
            raise ValueError(
                f"column {name!r} needs a type; write {name}: bigint, or {name}: {{type: date, format: ...}}"
            )
    return dict(value)


def _bounds(value: object) -> tuple[float | None, float | None]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("two numbers expected, null where open, such as [0, null]")
    low, high = (None if end is None else _number(end) for end in value)
    if low is not None and high is not None and low >= high:
        raise ValueError(f"the lower bound {low:g} is not below the upper bound {high:g}; write [low, high]")
    return low, high


def _stream_reference(value: str) -> str:
    source, dot, stream = value.partition(".")
    if not dot or not source or not stream:
        raise ValueError(f"{value!r} names no stream; write source.stream, such as helpdesk.tickets")
    return value


def _cycle_id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _unexpected("a cycle id such as 2027-Q1", value)
    text = str(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", text):
        raise ValueError(f"{text[:80]!r} is no cycle id; use letters a-z, digits, - and _")
    return text


def kind_of(value: object) -> str:
    """Name the kind of a YAML value as people call it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value[:40]!r}"
        case list() | tuple():
            return "a list"
        case _:
            return "a mapping"


def _read_as(parse: Callable[[Any], Any], schema: dict[str, Any]) -> tuple[BeforeValidator, Any]:
    return BeforeValidator(parse), WithJsonSchema(schema)


_TEXT_OR_LIST = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_NUMBER_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[+-]?[0-9.]+\s*%$"}]}
_TITLE_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {language: {"type": "string"} for language in _LANGUAGES},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}

Id = Annotated[str, AfterValidator(check_id), Field(json_schema_extra={"pattern": f"^{_ID}$"})]
SourceName = Annotated[str, AfterValidator(check_source_name)]
StreamName = Annotated[str, AfterValidator(check_name)]
StreamReference = Annotated[str, AfterValidator(_stream_reference)]
Zone = Annotated[str, AfterValidator(_zone)]
Text = Annotated[str, AfterValidator(_text)]
TitleText = Annotated[Any, *_read_as(_title, _TITLE_SCHEMA)]
TargetText = Annotated[Target, *_read_as(_target, {"type": "string", "examples": ["< 2", ">= 90 %", "4..6"]})]
Number = Annotated[float, *_read_as(_number, _NUMBER_SCHEMA)]
Baseline = Annotated[
    float | None, *_read_as(_baseline, {"anyOf": [*_NUMBER_SCHEMA["anyOf"], {"const": "auto"}], "default": "auto"})
]
Day = Annotated[date, *_read_as(_day, {"type": "string", "format": "date"})]
Expression = Annotated[str, *_read_as(_expression, {"type": ["string", "number", "boolean"]})]
Columns = Annotated[
    dict[str, Any],
    *_read_as(_columns, {"type": "object", "additionalProperties": {"type": ["string", "object"]}}),
]
Names = Annotated[tuple[str, ...], *_read_as(_names, _TEXT_OR_LIST)]
FilterMap = Annotated[
    tuple[tuple[str, tuple[str, ...]], ...], *_read_as(_filter, {"type": "object", "additionalProperties": True})
]
Bounds = Annotated[
    tuple[float | None, float | None],
    *_read_as(_bounds, {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}),
]
Duration = Annotated[timedelta, *_read_as(parse_duration, {"type": "string", "examples": ["30m", "12h", "1d", "1w"]})]
ReadText = Annotated[
    Read, *_read_as(parse_read, {"type": "string", "pattern": r"^(period|trailing [1-9][0-9]*d|last week|last month)$"})
]
CycleId = Annotated[str, *_read_as(_cycle_id, {"type": ["string", "integer"], "examples": ["2027-Q1", "2027"]})]
