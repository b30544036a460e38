"""Functions of texts in an engine's SQL."""

from collections.abc import Mapping, Sequence

from metrics.compile.expression import ExpressionError
from metrics.pushdown.rendering import FunctionRule, Node, Rendered, Renderer, reads_columns


def _likeness(*, negated: bool = False, folded: bool = False) -> FunctionRule:
    def render(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
        pattern = None if reads_columns(arguments[1]) else renderer.reader.constant_of(arguments[1])
        if not isinstance(pattern, str) or "\\" in pattern:
            raise ExpressionError("uses LIKE with a pattern that is no plain text; use starts_with or contains")
        value = renderer.texts(arguments[:1])[0]
        if folded:
            value, pattern = renderer.called("lower", value), pattern.lower()
        sql = renderer.called("like", value, renderer.engine.text(pattern))
        return Rendered(f"(NOT {sql})" if negated else sql, "BOOLEAN")

    return render


def _of_texts(name: str) -> FunctionRule:
    def render(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
        return Rendered(renderer.called(name, *renderer.texts(arguments)), renderer.reader.type_of(node))

    return render


def _joined(renderer: Renderer, node: Node, arguments: Sequence[Node]) -> Rendered:
    """Join texts; the function passes over what is missing, the operator does not."""
    texts = renderer.texts(arguments)
    if node["function_name"].lower() == "concat":
        texts = [f"coalesce({each}, {renderer.engine.text('')})" for each in texts]
    joined = texts[0]
    for each in texts[1:]:
        joined = renderer.called("concat", joined, each)
    return Rendered(joined, "VARCHAR")


def _contains(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
    return Rendered(f"({renderer.called('position', *renderer.texts(arguments))} > 0)", "BOOLEAN")


def _starts_with(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
    return Rendered(f"({renderer.called('position', *renderer.texts(arguments))} = 1)", "BOOLEAN")


def _substring(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
    numbers = [_positive(renderer, each) for each in arguments[1:]]
    if len(numbers) != 2:
        raise ExpressionError("needs where a substring starts and how long it is")
    return Rendered(renderer.called("substring", *renderer.texts(arguments[:1]), *numbers), "VARCHAR")


def _left(renderer: Renderer, _node: Node, arguments: Sequence[Node]) -> Rendered:
    length = _positive(renderer, arguments[1])
    return Rendered(renderer.called("substring", *renderer.texts(arguments[:1]), "1", length), "VARCHAR")


def _positive(renderer: Renderer, node: Node) -> str:
    value = None if reads_columns(node) else renderer.reader.constant_of(node)
    if not isinstance(value, int) or value < 1:
        raise ExpressionError("takes part of a text by something other than whole numbers from 1 on")
    return str(value)


TEXTS: Mapping[str, FunctionRule] = {
    "||": _joined,
    "concat": _joined,
    "~~": _likeness(),
    "!~~": _likeness(negated=True),
    "~~*": _likeness(folded=True),
    "!~~*": _likeness(folded=True, negated=True),
    **{name: _of_texts(name) for name in ("lower", "upper", "length", "trim", "replace")},
    "contains": _contains,
    "starts_with": _starts_with,
    "substring": _substring,
    "left": _left,
}
