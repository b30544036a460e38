"""Decoded JSON objects as blocks of text, column by column."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from connectors.errors import ContentError, shortened
from connectors.exact.observe import Form
from connectors.exact.strictjson import JsonNumber, has_half_character, written
from connectors.exact.text import TextBlock


def block_of_rows(rows: Sequence[Any], label: str, line_of: Callable[[int], int]) -> TextBlock:
    """Turn decoded objects into columns of text.

    Raises:
        ContentError: a row is no object, or a column's values are of different JSON types.
    """
    names: dict[str, None] = {}
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ContentError(
                f"could not read a row, because {shortened(written(row))} is no object; correct the source",
                file=label,
                line=line_of(index),
            )
        names |= dict.fromkeys(row)
    columns, forms = {}, {}
    for name in names:
        forms[name], columns[name] = _column(name, [row.get(name) for row in rows], label, line_of)
    return TextBlock(label, columns, forms, line_of, len(rows))


def _column(name: str, values: list[Any], label: str, line_of: Callable[[int], int]) -> tuple[Form, pa.Array]:
    form: Form = "any"
    texts: list[str | None] = []
    for index, value in enumerate(values):
        if value is None:
            texts.append(None)
            continue
        found = _form(value)
        form = found if form == "any" else form
        if found != form:
            raise ContentError(
                f"could not read {shortened(written(value))} in row {index + 1}, because it is a {found} where "
                f"{form}s stand before; make every value of a column the same JSON type, or null",
                file=label,
                line=line_of(index),
                column=name,
            )
        texts.append(value if found == "string" else written(value))
        if found == "nested" and has_half_character(str(texts[-1])):
            raise ContentError(
                "could not read a value, because its text holds half a surrogate pair; correct the source",
                file=label,
                line=line_of(index),
                column=name,
            )
    return form, pa.array(texts, pa.string())


def _form(value: Any) -> Form:
    if isinstance(value, JsonNumber):
        return "number"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "nested"
