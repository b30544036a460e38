"""Arithmetic and functions of numbers in an engine's SQL."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from metrics.compile.expression import ExpressionError
from metrics.pushdown.rendering import NUMBERS, FunctionRule, Node, Rendered, Renderer, reads_columns


def _arithmetic(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    sign, kind = node["function_name"], renderer.reader.type_of(node)
    if kind == "FLOAT":
        raise ExpressionError("computes in single precision; cast its numbers to DOUBLE first")
    if len(arguments) == 1:
        value = renderer.render(arguments[0])
        return Rendered(f"(-{value.sql})" if sign == "-" else value.sql, kind)
    if _is_interval(renderer, arguments):
        return _moved(renderer, node, arguments)
    left, right = renderer.render_all(arguments)
    kinds = (left.kind, right.kind)
    if kinds == ("date", "date") and sign == "-":
        return Rendered(renderer.called("days_between", right.sql, left.sql), "BIGINT")
    if kinds == ("date", "whole") and sign in "+-":
        days = right.sql if sign == "+" else f"-({right.sql})"
        return Rendered(renderer.called("add_days", left.sql, days), "DATE")
    if not set(kinds) <= {*NUMBERS, "boolean", "null"}:
        hint = "write epoch(b) - epoch(a) for seconds" if "instant" in kinds else "cast them"
        raise ExpressionError(f"computes {left.type} {sign} {right.type}, which engines do in different ways; {hint}")
    return Rendered(f"({renderer.operand(left, kind)} {sign} {renderer.operand(right, kind)})", kind)


def _is_interval(renderer: Renderer, arguments: Sequence[Node]) -> bool:
    return any(not reads_columns(each) and renderer.reader.type_of(each) == "INTERVAL" for each in arguments)


def _moved(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    """Move an instant by a constant number of seconds; days and months depend on the calendar."""
    time, interval = arguments if renderer.reader.type_of(arguments[1]) == "INTERVAL" else reversed(arguments)
    moved, found = renderer.render(time), renderer.reader.constant_of(interval)
    if moved.kind != "instant" or not isinstance(found, timedelta) or _has_calendar_days(renderer, interval):
        raise ExpressionError("moves a time by days or months; move it by hours, minutes or seconds, or add to a date")
    seconds = int(found.total_seconds()) * (-1 if node["function_name"] == "-" else 1)
    return Rendered(renderer.engine.plus_seconds(moved.sql, str(seconds)), moved.type)


def _has_calendar_days(renderer: Renderer, interval: Node) -> bool:
    parts = [_call_node("date_part", _text_node(part), interval) for part in ("year", "month", "day")]
    return any(renderer.reader.constant_of(part) for part in parts)


def _call_node(name: str, *arguments: Node) -> Node:
    return {
        "class": "FUNCTION",
        "type": "FUNCTION",
        "function_name": name,
        "order_bys": {"type": "ORDER_MODIFIER"},
        "arguments": [{"expression": each} for each in arguments],
        "qualified_name": {"path": [name]},
    }


def _text_node(text: str) -> Node:
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "literal": {"kind": "STRING", "text": text}}


def _division(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    if renderer.reader.type_of(node) != "DOUBLE":
        raise ExpressionError("divides in single precision; cast its numbers to DOUBLE first")
    left, right = renderer.render_all(arguments)
    return Rendered(f"({renderer.operand(left, 'DOUBLE')} / {renderer.operand(right, 'DOUBLE')})", "DOUBLE")


def _whole_division(name: str) -> FunctionRule:
    def render(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
        left, right = (renderer.number(each) for each in renderer.render_all(arguments))
        if (left.kind, right.kind) != ("whole", "whole"):
            raise ExpressionError("uses // or % on numbers with a fraction, which engines do in different ways")
        kind = renderer.reader.type_of(node)
        return Rendered(renderer.called(name, renderer.operand(left, kind), renderer.operand(right, kind)), kind)

    return render


def _of_number(name: str) -> FunctionRule:
    def render(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
        value = renderer.number(renderer.render(arguments[0]))
        if value.kind not in NUMBERS or value.type == "FLOAT":
            raise ExpressionError(f"takes {name} of a {value.type}; cast it to DOUBLE")
        kind = renderer.reader.type_of(node)
        whole = value.kind == "whole" and name != "abs"
        return Rendered(value.sql if whole else renderer.called(name, value.sql), kind)

    return render


def _round(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    """Round halves away from zero, which engines' own round() does not do to doubles."""
    value = renderer.number(renderer.render(arguments[0]))
    digits = renderer.reader.constant_of(arguments[1]) if len(arguments) == 2 else 0
    if not isinstance(digits, int) or not 0 <= digits <= 15 or value.type == "FLOAT":
        raise ExpressionError("rounds to something other than 0 to 15 digits after the point of a DOUBLE or DECIMAL")
    kind = renderer.reader.type_of(node)
    if value.kind == "whole":
        return Rendered(value.sql, kind)
    if value.kind == "decimal":
        return Rendered(renderer.called("round_decimal", value.sql, str(digits)), kind)
    factor = renderer.engine.number(float(10**digits))
    half, zero = renderer.engine.number(0.5), renderer.engine.number(0.0)
    up, down = (renderer.called("floor", f"({sign}({value.sql}) * {factor} + {half})") for sign in ("", "-"))
    rounded = f"(CASE WHEN {value.sql} >= {zero} THEN {up} ELSE -{down} END / {factor})"
    return Rendered(rounded, kind)


def _sign(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    value = renderer.number(renderer.render(arguments[0])).sql
    signs = f"CASE WHEN {value} > 0 THEN 1 WHEN {value} < 0 THEN -1 WHEN {value} = 0 THEN 0 END"
    return Rendered(signs, renderer.reader.type_of(node))


def _extreme(name: str) -> FunctionRule:
    def render(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
        values = renderer.in_common(renderer.render_all(arguments))
        if any(each.kind not in {*NUMBERS, "date", "instant", "null"} for each in values):
            raise ExpressionError(f"takes the {name} of something other than numbers or times")
        found = values[0].sql
        for each in values[1:]:
            found = renderer.called(name, found, each.sql)
        return Rendered(found, renderer.reader.type_of(node))

    return render


def _nullif(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    value, other = renderer.in_common(renderer.render_all(arguments))
    if value.kind == "text":
        one, two = (renderer.comparable(each, orders=False) for each in (value, other))
        return Rendered(f"CASE WHEN {one} = {two} THEN NULL ELSE {value.sql} END", renderer.reader.type_of(node))
    return Rendered(f"nullif({value.sql}, {other.sql})", renderer.reader.type_of(node))


def _if_null(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    return renderer.chosen(node, arguments, "coalesce({})")


def _if(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    check = {"when_expr": arguments[0], "then_expr": arguments[1]}
    chosen = {**node, "class": "CASE", "case_checks": [check], "else_expr": arguments[2]}
    then, otherwise = renderer.in_common(renderer.render_all([check["then_expr"], chosen["else_expr"]]))
    condition = renderer.condition(arguments[0])
    kind = renderer.reader.type_of(node)
    return Rendered(f"CASE WHEN {condition} THEN {then.sql} ELSE {otherwise.sql} END", kind)


ARITHMETIC: Mapping[str, FunctionRule] = {
    **dict.fromkeys(("+", "-", "*"), _arithmetic),
    "/": _division,
    "//": _whole_division("divide_whole"),
    "%": _whole_division("remainder"),
    **{name: _of_number(name) for name in ("abs", "ceil", "floor")},
    "round": _round,
    "sign": _sign,
    **{name: _extreme(name) for name in ("greatest", "least")},
    "nullif": _nullif,
    "ifnull": _if_null,
    "if": _if,
}
