"""Functions of times in an engine's SQL, by the organisation's clock."""

from collections.abc import Mapping, Sequence

from metrics.compile.expression import ExpressionError
from metrics.pushdown.rendering import FunctionRule, Node, Rendered, Renderer, reads_columns

_PARTS = {"dayofmonth": "day", "dayofweek": "weekday"}
_SECONDS = {"second": 1, "minute": 60}
_NAMES = ("year", "quarter", "month", "day", "dayofmonth", "hour", "minute", "isodow", "weekday", "dayofweek")


def _date_part(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    if len(arguments) == 2:
        named = renderer.reader.constant_of(arguments[0]) if not reads_columns(arguments[0]) else None
        part = str(named).lower()
    else:
        part = node["function_name"].lower()
    part = _PARTS.get(part, part)
    if part == "epoch":
        return _epoch(renderer, node, arguments[-1:])
    weekday = part == "weekday" or (len(arguments) == 2 and part == "dow")
    name = "isodow" if weekday else part
    if name not in {"year", "quarter", "month", "day", "hour", "minute", "isodow"}:
        raise ExpressionError(f"takes the {part} of a time, of which no exact form is known; use year to minute")
    value = renderer.render(arguments[-1])
    if value.kind not in {"date", "instant"}:
        raise ExpressionError(f"takes the {part} of a {value.type}")
    if value.kind == "date" and name in {"hour", "minute"}:
        return Rendered("0", "BIGINT")
    sql = renderer.called(name, renderer.local(value) if value.kind == "instant" else value.sql)
    return Rendered(renderer.called("remainder", sql, "7") if weekday else sql, "BIGINT")


def _epoch(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
    value = renderer.render(arguments[0])
    if value.kind != "instant":
        raise ExpressionError(f"takes the seconds of a {value.type}; write epoch(b) - epoch(a) for a length of time")
    return Rendered(renderer.engine.epoch(value.sql), "DOUBLE")


def _date_diff(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
    """Count the days, minutes or seconds that begin between two times; DuckDB's hours depend on clock changes."""
    part = str(renderer.reader.constant_of(arguments[0])).lower() if not reads_columns(arguments[0]) else ""
    start, end = renderer.render_all(arguments[1:])
    if not {start.kind, end.kind} <= {"date", "instant"} or part not in {"day", *_SECONDS}:
        raise ExpressionError(
            "counts something other than days, minutes or seconds; write (epoch(b) - epoch(a)) / 3600"
        )
    if part == "day":
        return Rendered(renderer.called("days_between", renderer.day(start), renderer.day(end)), "BIGINT")
    if "date" in {start.kind, end.kind}:
        raise ExpressionError(f"counts {part}s from or to a date; count days, or give instants")
    begun = [_begun(renderer, each, _SECONDS[part]) for each in (start, end)]
    return Rendered(f"({begun[1]} - {begun[0]})", "BIGINT")


def _begun(renderer: Renderer, time: Rendered, seconds: int) -> str:
    return renderer.called("floor", f"({renderer.engine.epoch(time.sql)} / {renderer.engine.number(float(seconds))})")


TIMES: Mapping[str, FunctionRule] = {
    **dict.fromkeys(("date_part", *_NAMES), _date_part),
    "epoch": _epoch,
    "date_diff": _date_diff,
}
