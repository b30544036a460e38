"""Comparisons, conditions, choices and conversions in an engine's SQL."""

from collections.abc import Mapping

from metrics.compile.expression import ExpressionError
from metrics.pushdown.rendering import Node, Rendered, Renderer, Rule, kind_of

_COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}


def _column(renderer: Renderer, node: Node) -> Rendered:
    return renderer.column(node["column_names"][0])


def _comparison(renderer: Renderer, node: Node) -> Rendered:
    left, right = renderer.in_common(renderer.render_all([node["left"], node["right"]]))
    kind = node["type"]
    if kind in _COMPARISONS:
        sign = _COMPARISONS[kind]
        one, other = (renderer.comparable(each, orders=sign not in {"=", "<>"}) for each in (left, right))
        return Rendered(f"({one} {sign} {other})", "BOOLEAN")
    one, other = (renderer.comparable(each, orders=False) for each in (left, right))
    both = f"CASE WHEN {one} IS NULL OR {other} IS NULL THEN {one} IS NULL AND {other} IS NULL ELSE {one} = {other} END"
    return Rendered(f"({both})" if kind == "COMPARE_NOT_DISTINCT_FROM" else f"(NOT {both})", "BOOLEAN")


def _conjunction(renderer: Renderer, node: Node) -> Rendered:
    word = " AND " if node["type"] == "CONJUNCTION_AND" else " OR "
    return Rendered(f"({word.join(renderer.condition(each) for each in node['children'])})", "BOOLEAN")


def _between(renderer: Renderer, node: Node) -> Rendered:
    values = renderer.in_common(renderer.render_all([node["input"], node["lower"], node["upper"]]))
    value, low, high = (renderer.comparable(each, orders=True) for each in values)
    return Rendered(f"({value} BETWEEN {low} AND {high})", "BOOLEAN")


def _operator(renderer: Renderer, node: Node) -> Rendered:
    children = node["children"]
    match node["type"]:
        case "OPERATOR_NOT":
            return Rendered(f"(NOT {renderer.condition(children[0])})", "BOOLEAN")
        case "OPERATOR_IS_NULL":
            return Rendered(f"({renderer.render(children[0]).sql} IS NULL)", "BOOLEAN")
        case "OPERATOR_IS_NOT_NULL":
            return Rendered(f"({renderer.render(children[0]).sql} IS NOT NULL)", "BOOLEAN")
        case "OPERATOR_COALESCE":
            return renderer.chosen(node, children, "coalesce({})")
        case _:
            values = renderer.in_common(renderer.render_all(children))
            value, *listed = (renderer.comparable(each, orders=False) for each in values)
            word = "IN" if node["type"] == "COMPARE_IN" else "NOT IN"
            return Rendered(f"({value} {word} ({', '.join(listed)}))", "BOOLEAN")


def _case(renderer: Renderer, node: Node) -> Rendered:
    conditions = [renderer.condition(each["when_expr"]) for each in node["case_checks"]]
    otherwise = node.get("else_expr")
    chosen = [each["then_expr"] for each in node["case_checks"]] + ([otherwise] if otherwise else [])
    values = renderer.in_common(renderer.render_all(chosen))
    arms = "".join(f" WHEN {when} THEN {then.sql}" for when, then in zip(conditions, values, strict=False))
    ending = f" ELSE {values[-1].sql}" if otherwise else ""
    return Rendered(f"CASE{arms}{ending} END", renderer.reader.type_of(node))


def _cast(renderer: Renderer, node: Node) -> Rendered:
    value, wanted = renderer.render(node["child"]), renderer.reader.type_of(node)
    if value.type == wanted or (value.kind, kind_of(wanted)) == ("whole", "whole"):
        return Rendered(value.sql, wanted)
    change = None if node.get("try_cast") else (value.kind, kind_of(wanted))
    match change:
        case (("whole" | "decimal" | "boolean" | "double"), "double") if wanted == "DOUBLE":
            return Rendered(renderer.double(value), wanted)
        case ("boolean", "whole"):
            return Rendered(renderer.number(value).sql, wanted)
        case (("whole" | "decimal"), "decimal") if Rendered("", wanted).scale >= value.scale:
            return Rendered(renderer.engine.decimal(value.sql, Rendered("", wanted).scale), wanted)
        case ("instant", "date"):
            return Rendered(renderer.day(value), wanted)
        case ("whole", "text"):
            return Rendered(f"CAST({value.sql} AS {renderer.engine.text_type})", wanted)
    raise ExpressionError(
        f"converts {value.type} to {wanted}, which engines do in different ways; use round, floor or CASE, "
        f"or compute it in a view of the source"
    )


OPERATORS: Mapping[str, Rule] = {
    "COLUMN_REF": _column,
    "COMPARISON": _comparison,
    "CONJUNCTION": _conjunction,
    "BETWEEN": _between,
    "OPERATOR": _operator,
    "CASE": _case,
    "CAST": _cast,
}
