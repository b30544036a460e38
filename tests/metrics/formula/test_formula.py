"""Formulas: what is read, what is refused and why, and the same numbers as DuckDB gives for the same text."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.formula import FormulaError, components_of, compute, formula_sql, parse_formula

VALUES = st.one_of(st.none(), st.just(0.0), st.integers(-(10**9), 10**9).map(lambda thousandths: thousandths / 1000))
TWO_VALUES = ("nullif", "coalesce", "least")
LEAVES = st.sampled_from(["a", "b", '"c-d"', "2", "0.5", "1e3", ".25", "0"])


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Every operator and function, with and without parentheses."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-({})".format),
        inner.map("abs({})".format),
        st.tuples(st.sampled_from(TWO_VALUES), pair).map(lambda call: f"{call[0]}({call[1][0]}, {call[1][1]})"),
        pair.map(lambda two: f"greatest({two[0]}, {two[1]}, 1)"),
    )


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@given(text=st.recursive(LEAVES, calls, max_leaves=8), values=st.tuples(VALUES, VALUES, VALUES))
def test_a_formula_means_what_duckdb_says_of_its_text(
    connection: duckdb.DuckDBPyConnection, text: str, values: tuple[float | None, ...]
) -> None:
    """The printed SQL guards divisions: both have a number, the same to 1e-9, or both have none."""
    formula = parse_formula(text)
    found = compute(formula, dict(zip(("a", "b", "c-d"), values, strict=True)))
    sql = formula_sql(formula)
    row = connection.execute(
        f'SELECT {sql} FROM (SELECT ?::DOUBLE AS "a", ?::DOUBLE AS "b", ?::DOUBLE AS "c-d")', list(values)
    ).fetchone()
    assert row is not None
    assert found == (None if row[0] is None else pytest.approx(row[0], rel=1e-9, abs=1e-9))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("revenue / orders", 25.0),
        ("revenue / nullif(orders, 0)", 25.0),
        ("1 - returns / orders", 0.75),
        ("revenue - 2 * orders - 1", 91.0),
        ("-(revenue - orders) * 2 / 4", -48.0),
        ("revenue - orders - returns", 95.0),
        ("revenue / orders / 5", 5.0),
        ("revenue / none", None),
        ("revenue / (orders - 4)", None),
        ("(orders - 4) / (orders - 4)", None),
        ("revenue + missing", None),
        ("revenue + coalesce(missing, 0)", 100.0),
        ("least(revenue, missing)", 100.0),
        ("1e308 * 10 * revenue", None),
    ],
)
def test_dividing_by_zero_is_missing_and_missing_stays_missing(text: str, value: float | None) -> None:
    values = {"revenue": 100.0, "orders": 4.0, "returns": 1.0, "none": 0.0, "missing": None}
    assert compute(parse_formula(text), values) == value


def test_metrics_are_named_once_in_their_order() -> None:
    assert components_of(parse_formula('b / (a + b) - "first-response"')) == ("b", "a", "first-response")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ("revenue /", "ends too early"),
        ("revenue orders", "from 'orders' on; put an operator"),
        ("revenue % 2", "from '% 2' on"),
        ("(revenue", "parenthesis open"),
        ("revenue)", "from ')' on"),
        ("* revenue", "at '*'"),
        ("sqr(revenue)", "uses sqr(), which a formula cannot; known: abs"),
        ("nulif(a, 0)", "did you mean 'nullif'?"),
        ("nullif(a)", "gives nullif() 1 values, but it takes 2"),
        ("1.2.3", "from '1.2.3' on"),
        ("a; drop table b", "from '; drop table b' on"),
        ("(" * 99 + "a" + ")" * 99, "nested too deeply"),
        ("-" * 99 + "a", "nested too deeply"),
        ("a + " * 700 + "a", "longer than 2,000 characters"),
        ("1st / 2", "in quotes"),
    ],
)
def test_what_is_no_formula_is_refused_with_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse_formula(text)
    assert reason in str(refused.value)
