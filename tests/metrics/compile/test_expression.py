from collections.abc import Iterator

import duckdb
import pytest

from metrics.compile import ExpressionError, ExpressionReader

COLUMNS = {
    "a": "BIGINT",
    "b": "DECIMAL(12,2)",
    "x": "DOUBLE",
    "s": "VARCHAR",
    "f": "BOOLEAN",
    "ts": "TIMESTAMP WITH TIME ZONE",
    "Ngày mở": "TIMESTAMP WITH TIME ZONE",
    "group": "VARCHAR",
}


@pytest.fixture
def reader() -> Iterator[ExpressionReader]:
    with duckdb.connect() as connection:
        yield ExpressionReader(connection, COLUMNS)


@pytest.mark.parametrize(
    ("text", "sql", "kind"),
    [
        ("a", "a", "BIGINT"),
        ("a / 60.0", "(a / 60.0)", "DOUBLE"),
        ("a -- a remark", "a", "BIGINT"),
        ("date_diff('second', ts, \"Ngày mở\") / 3600.0", "(date_diff('second', ts, \"Ngày mở\") / 3600.0)", "DOUBLE"),
        ("b * 2", "(b * 2)", "DECIMAL(18,2)"),
        ("s like 'x%' and not f", "((s ~~ 'x%') AND (NOT f))", "BOOLEAN"),
        ("\"group\" in ('a', 'b')", "(\"group\" IN ('a', 'b'))", "BOOLEAN"),
        ("case when a > 1 then 2 else b end", "CASE  WHEN ((a > 1)) THEN (2) ELSE b END", "DECIMAL(12,2)"),
        ("try_cast(s as double)", "TRY_CAST(s AS double)", "DOUBLE"),
        ("extract(dow from ts)", "date_part('dow', ts)", "BIGINT"),
        ("coalesce(a, 1)", "COALESCE(a, 1)", "BIGINT"),
        ("a between 1 and 2", "(a BETWEEN 1 AND 2)", "BOOLEAN"),
        ("s ~ 'x'", "regexp_matches(s, 'x')", "BOOLEAN"),
        ("true", "true", "BOOLEAN"),
    ],
)
def test_an_allowed_expression_keeps_its_meaning(reader: ExpressionReader, text: str, sql: str, kind: str) -> None:
    expression = reader.read(text)
    assert (expression.sql, expression.type, expression.divisors) == (sql, kind, ())


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("a / b", '(a / "nullif"(b, 0))'),
        ("a // 0", '(a // "nullif"(0, 0))'),
        ("a % (b - 1)", '(a % "nullif"((b - 1), 0))'),
        ("mod(a, b)", 'mod(a, "nullif"(b, 0))'),
        ("least(1 / x, 5)", 'least((1 / "nullif"(x, 0)), 5)'),
    ],
)
def test_a_division_by_zero_gives_null_wherever_it_stands(reader: ExpressionReader, text: str, sql: str) -> None:
    assert reader.read(text).sql == sql
    assert len(reader.read(text).divisors) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amount", "uses unknown column 'amount'; known: Ngày mở, a, b"),
        ("grop = 'x'", "uses unknown column 'grop'; did you mean 'group'?"),
        ("sum(a)", "uses sum()"),
        ("count(*)", "uses count_star()"),
        ("(select 1)", "uses a subquery"),
        ("a in (select 1)", "uses a subquery"),
        ("exists (select 1)", "uses a subquery"),
        ("row_number() over ()", "uses a window function"),
        ("$1", "uses a parameter"),
        ("?", "uses a parameter"),
        ("*", "uses *"),
        ("columns('a')", "uses *"),
        ("a; select 1", "is not one expression"),
        ("a from t", "is not one expression"),
        ("a from read_csv('x')", "is not one expression"),
        ("a, b", "is not one expression"),
        ("a where f", "is not one expression"),
        ("a limit 1", "is not one expression"),
        ("distinct a", "is not one expression"),
        ("a) , (b", "cannot be read"),
        ("a union select 1", "is not one expression"),
        ("a order by 1", "is not one expression"),
        ("t.a", "names 't.a'"),
        ("a as x", "carries a name"),
        ("now()", "uses now()"),
        ("random()", "uses random()"),
        ("current_date", "unknown column 'current_date'"),
        ("getenv('HOME')", "uses getenv()"),
        ("pg_sleep(1)", "uses pg_sleep()"),
        ("repeat(s, 1000000)", "uses repeat()"),
        ("read_text('x')", "uses read_text()"),
        ("main.abs(a)", "uses abs()"),
        ("[a]", "uses list_value()"),
        ("s[1]", "uses array extract"),
        ("s collate nocase", "uses COLLATE"),
        ("a +", "cannot be read"),
        ("", "cannot be read"),
        ("s + 1", "cannot be computed"),
        ("cast(a as nothing)", "cannot be computed"),
        ("-" * 3000 + "a", "cannot be"),
        ("1 + " * 200 + "a", "is nested too deeply"),
        ("a" * 5000, "is longer than"),
    ],
)
def test_anything_else_is_refused_with_a_reason(reader: ExpressionReader, text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        reader.read(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_reading_is_the_same_under_another_parse_of_the_printed_text(reader: ExpressionReader) -> None:
    """What is printed reads back as itself, so that golden SQL, lineage and store agree."""
    for text in ("a / b", "case when f then x else a / 60.0 end", "not (a in (1, 2) or s is null)", "a ** 2 - -x"):
        printed = reader.read(text).sql
        assert reader.read(printed).type == reader.read(text).type
        unguarded = ExpressionReader(reader.connection, COLUMNS).read(printed.replace('"nullif"(b, 0)', "b")).sql
        assert unguarded == printed
