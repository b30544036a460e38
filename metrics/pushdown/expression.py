"""Every function that can be pushed down, and the renderer that knows them all."""

from collections.abc import Mapping

from connectors.computing import StoredStream
from metrics.compile.expression import ExpressionError, ExpressionReader
from metrics.model.reading import Window
from metrics.pushdown.arithmetic import ARITHMETIC
from metrics.pushdown.engine import Engine
from metrics.pushdown.operators import OPERATORS
from metrics.pushdown.rendering import FunctionRule, Node, Rendered, Renderer
from metrics.pushdown.texts import TEXTS
from metrics.pushdown.times import TIMES

_SAME = {
    "ceiling": "ceil",
    "lcase": "lower",
    "ucase": "upper",
    "len": "length",
    "substr": "substring",
    "prefix": "starts_with",
    "suffix": "ends_with",
    "datediff": "date_diff",
    "mod": "%",
}
_FUNCTIONS: Mapping[str, FunctionRule] = {**ARITHMETIC, **TEXTS, **TIMES}


def renderer_of(
    engine: Engine, stream: StoredStream, reader: ExpressionReader, *, zone: str, window: Window
) -> Renderer:
    """Make the renderer of a stream's expressions; `zone` is the organisation's, rows lie around `window`."""
    columns = {column.name: column for column in stream.columns}
    return Renderer(engine, reader, columns, stream.timezone, zone, window, {**OPERATORS, "FUNCTION": _function})


def _function(renderer: Renderer, node: Node) -> Rendered:
    name = node["function_name"].lower()
    name = _SAME.get(name, name)
    arguments = [each["expression"] for each in node.get("arguments", ())]
    if name not in _FUNCTIONS:
        raise ExpressionError(
            f"uses {name}(), of which no exact form for {renderer.engine.name} is known; compute it in a view of the "
            f"source, or pull the stream's rows (mode: pull)"
        )
    return _FUNCTIONS[name](renderer, node, arguments)
