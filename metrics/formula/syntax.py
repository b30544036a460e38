"""Formulas as text: metrics, numbers, `+ - * /`, parentheses and a few functions, read into a tree and printed as SQL.

The grammar is a part of DuckDB's, so a formula means what the same text means as SQL, but for division: by zero it is
missing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from metrics.errors import nearest

FUNCTIONS = {"abs": (1, 1), "coalesce": (2, 9), "greatest": (2, 9), "least": (2, 9), "nullif": (2, 2)}
"""Functions by their least and greatest number of arguments."""

LONGEST = 2_000
DEEPEST = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])|(?P<name>[A-Za-z_]\w*)"
    r'|"(?P<quoted>[^"]+)"|(?P<mark>[-+*/(),]))'
)
_LOOSER, _TIGHTER = frozenset("+-"), frozenset("*/")


class FormulaError(ValueError):
    """A formula that cannot be accepted; its text is the end of a message."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Component:
    """A metric, by its id."""

    metric: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator (`+ - * /`, or `-` of one operand) or a function, and what it takes."""

    name: str
    operands: tuple["Formula", ...]


Formula: TypeAlias = Number | Component | Call


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaError: it is none.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"is longer than {LONGEST:,} characters; split it into several derived metrics")
    return _Reader(_tokens(text)).whole()


def components_of(formula: Formula) -> tuple[str, ...]:
    """Name the metrics of a formula, each once, in their order."""
    return tuple(dict.fromkeys(_components(formula)))


def formula_sql(formula: Formula) -> str:
    """Print a formula as DuckDB SQL over columns named like the metrics; a division by zero gives NULL."""
    match formula:
        case Number(text):
            return f"CAST({text} AS DOUBLE)"
        case Component(metric):
            return f'"{metric}"'
        case Call("-", (only,)):
            return f"(-{formula_sql(only)})"
        case Call("/", (above, below)):
            return f"({formula_sql(above)} / nullif({formula_sql(below)}, 0))"
        case Call(name, operands):
            printed = [formula_sql(each) for each in operands]
            return f"{name}({', '.join(printed)})" if name in FUNCTIONS else f"({f' {name} '.join(printed)})"


def _components(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Component):
        yield formula.metric
    elif isinstance(formula, Call):
        for operand in formula.operands:
            yield from _components(operand)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    rest = text.rstrip()
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None:
            raise FormulaError(
                f"cannot be read from {rest[at : at + 20].strip()!r} on; write metrics, numbers, + - * / and "
                f'parentheses, a metric whose id is no plain word in quotes: "first-response" / 60'
            )
        kind = str(found.lastgroup)
        tokens.append((kind, found[kind]))
        at = found.end()
    return tokens


class _Reader:
    """Reads tokens by precedence: `* /` bind tighter than `+ -`, both to the left."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens, self._at = tokens, 0

    def whole(self) -> Formula:
        formula = self._chain(0, _LOOSER)
        if self._at < len(self._tokens):
            raise FormulaError(f"cannot be read from {self._tokens[self._at][1]!r} on; put an operator before it")
        return formula

    def _chain(self, depth: int, marks: frozenset[str]) -> Formula:
        operand = self._signed if marks is _TIGHTER else self._product
        formula = operand(depth)
        while (mark := self._mark_of(marks)) is not None:
            formula = Call(mark, (formula, operand(depth)))
        return formula

    def _product(self, depth: int) -> Formula:
        return self._chain(depth, _TIGHTER)

    def _signed(self, depth: int) -> Formula:
        if depth > DEEPEST:
            raise FormulaError("is nested too deeply; split it into several derived metrics")
        if self._mark_of(frozenset("-")):
            return Call("-", (self._signed(depth + 1),))
        return self._single(depth)

    def _single(self, depth: int) -> Formula:
        if self._at == len(self._tokens):
            raise FormulaError("ends too early; write a metric or a number after the last operator")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return Number(text)
        if kind == "quoted" or (kind == "name" and not self._follows("(")):
            return Component(text)
        if kind == "name":
            return self._call(text, depth)
        if text == "(":
            formula = self._chain(depth + 1, _LOOSER)
            self._close()
            return formula
        raise FormulaError(f"cannot be read at {text!r}; a metric, a number or a parenthesis belongs there")

    def _call(self, name: str, depth: int) -> Formula:
        function = name.lower()
        if function not in FUNCTIONS:
            raise FormulaError(f"uses {name}(), which a formula cannot{nearest(function, FUNCTIONS)}")
        self._at += 1
        operands = [self._chain(depth + 1, _LOOSER)]
        while self._mark_of(frozenset(",")):
            operands.append(self._chain(depth + 1, _LOOSER))
        self._close()
        least, most = FUNCTIONS[function]
        if not least <= len(operands) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise FormulaError(f"gives {function}() {len(operands)} values, but it takes {wanted}")
        return Call(function, tuple(operands))

    def _close(self) -> None:
        if not self._mark_of(frozenset(")")):
            raise FormulaError("leaves a parenthesis open; close it with )")

    def _mark_of(self, marks: frozenset[str]) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "mark" and self._tokens[self._at][1] in marks:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _follows(self, mark: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == ("mark", mark)
