"""A derived metric's value over one window as SQL over its components' SQL: what lineage shows."""

from collections.abc import Mapping
from textwrap import indent

from metrics.compile.quoting import identifier
from metrics.formula import formula_of, formula_sql
from metrics.model.definition import Metric


def derived_sql(metric: Metric, components: Mapping[str, str]) -> str:
    """SQL giving (value, rows) from SQL by component that gives the same; rows are those of the thinnest component."""
    tables = ",\n".join(
        f"(\n{indent(sql, '  ')}\n) AS {identifier(f'of {name}')}({identifier(name)}, {identifier(f'rows of {name}')})"
        for name, sql in components.items()
    )
    rows = ", ".join(f"nullif({identifier(f'rows of {name}')}, 0)" for name in components)
    value = formula_sql(formula_of(metric))
    finite = f"CASE WHEN isfinite({value}) THEN {value} END"
    return f"SELECT {finite} AS value, coalesce(least({rows}), 0) AS rows\nFROM {tables}"
