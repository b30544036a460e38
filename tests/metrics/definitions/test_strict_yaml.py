"""The strict reader: what YAML surprises people with is text or refused, and every key knows its line."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.definitions.strict_yaml import MAX_BYTES, MAX_DEPTH, dotted, parse_yaml, plain_value


def value_of(text: str) -> Any:
    document = parse_yaml(text.encode(), "f.yaml")
    assert document.problems == ()
    return document.value


def problems_of(content: str | bytes) -> list[str]:
    encoded = content if isinstance(content, bytes) else content.encode()
    return [str(problem) for problem in parse_yaml(encoded, "f.yaml").problems]


@pytest.mark.parametrize("text", ["no", "yes", "on", "off", "NO", "1:30", "010", "0x1F", "0o17", "1_000", "2027-01-31"])
def test_what_older_yaml_bends_into_something_else_stays_text(text: str) -> None:
    assert value_of(f"key: {text}") == {"key": text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("2.50", 2.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("12345678901234567", 12345678901234567),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, expected: object) -> None:
    found = value_of(f"key: {text}")["key"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("text", ['"2"', "'2'", '"true"', '"null"', '""', "|\n  2"])
def test_what_is_quoted_is_text(text: str) -> None:
    assert isinstance(value_of(f"key: {text}")["key"], str)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.inf", "+.Inf", "1e999", "-1e999"])
def test_numbers_that_are_not_finite_are_refused(text: str) -> None:
    (problem,) = problems_of(f"a: 1\nkey: {text}")
    assert problem.startswith("f.yaml:2: key: ")
    assert "finite" in problem


def test_digits_beyond_what_a_number_keeps_are_refused() -> None:
    assert problems_of("id: 123456789012345678") == [
        "f.yaml:1: id: the number has more than 17 digits; put it in quotes if it is a name"
    ]
    assert len(problems_of("id: " + "9" * 10_000)) == 1


def test_every_key_and_item_has_its_line() -> None:
    text = "a: 1\n\nb:\n  c: x\n  d:\n    - {e: 1}\n    -\n      f: 2\n"
    lines = parse_yaml(text.encode(), "f.yaml").lines
    assert {dotted(path): line for path, line in lines.items()} == {
        "a": 1,
        "b": 3,
        "b.c": 4,
        "b.d": 5,
        "b.d[0]": 6,
        "b.d[0].e": 6,
        "b.d[1]": 8,
        "b.d[1].f": 8,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: duplicate key, first given on line 1; keep one of them"),
        ("x: {a: 1, a: 2}", "f.yaml:1: x.a: duplicate key, first given on line 1; keep one of them"),
        ("a: !!python/name:os.system x", "f.yaml:1: a: tags (!name) are not accepted; write the plain value"),
        ("a: !!str 1", "f.yaml:1: a: tags (!name) are not accepted; write the plain value"),
        ("a: !mine 1", "f.yaml:1: a: tags (!name) are not accepted; write the plain value"),
        (
            "a: &x 1",
            "f.yaml:1: a: anchors (&name) are not accepted; write the value out where it is needed",
        ),
        ("a: {<<: 1}", "f.yaml:1: a: merge keys (<<) are not accepted; write the keys out"),
        ("a: 1\n---\nb: 2", "f.yaml:2: a second document begins here; keep one document per file"),
        ("? [a]\n: 1", "f.yaml:1: a key must be plain text"),
        ('a: "\\0"', "f.yaml:1: a: a control character is not accepted; remove it"),
        ("a: 1\nb: \x07", "f.yaml:2: a control character is not accepted; remove it"),
        ("a: [1,\nb: 2", "f.yaml:2: not valid YAML: while parsing a flow sequence did not find expected ',' or ']'"),
        ("a: 1\n\tb: 2", "f.yaml:2: not valid YAML: while scanning a plain scalar found a tab"),
    ],
)
def test_refusals_name_line_and_key(text: str, expected: str) -> None:
    assert problems_of(text)[0].startswith(expected)


def test_all_faults_of_a_text_are_named_at_once() -> None:
    assert len(problems_of("a: 1\na: 2\nb: .nan\nc: &x 1\nd: !t 1\n")) == 4


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    assert problems_of(b"a: 1\nb: caf\xe9\n") == ["f.yaml:2: byte 11 is not UTF-8; save the file as UTF-8"]
    assert problems_of("a: xin chào".encode("utf-16"))[0].endswith("is not UTF-8; save the file as UTF-8")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse_yaml(b"\xef\xbb\xbfa: 1", "f.yaml").value == {"a": 1}


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ("{a: ", "}")])
def test_depth_is_bounded(open_: str, close: str) -> None:
    deep = MAX_DEPTH + 1
    assert problems_of(open_ * MAX_DEPTH + "1" + close * MAX_DEPTH) == []
    (problem,) = problems_of(open_ * deep + "1" + close * deep)
    assert "nested deeper than 20 levels" in problem


def test_size_is_bounded() -> None:
    assert problems_of(b"a: " + b"x" * MAX_BYTES) == [f"f.yaml: the file is larger than {MAX_BYTES} bytes; split it"]


@pytest.mark.parametrize(
    "text",
    ["[" * 500_000, "{a: " * 200_000, "- " * 400_000, "a: &a [*a]\n", "&a [" + "*a, " * 100_000 + "]", "!x " * 100_000],
)
def test_bombs_are_refused_fast(text: str) -> None:
    began = time.perf_counter()
    assert problems_of(text)
    assert time.perf_counter() - began < 1


def test_an_empty_file_is_nothing() -> None:
    assert value_of("") is None
    assert value_of("# only a comment\n") is None


@given(st.text())
def test_plain_value_answers_or_refuses_any_text(text: str) -> None:
    try:
        value = plain_value(text)
    except ValueError:
        return
    assert value is None or isinstance(value, bool | int | float | str)
    assert not isinstance(value, str) or value == text


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    document = parse_yaml(content, "f.yaml")
    assert all("\n" not in str(problem) for problem in document.problems)


def test_bad_files_of_the_trust_cases_are_refused_or_literal(shared: Path) -> None:
    """Faults of the text itself are refused by the reader; the rest is left to the models."""
    refused = {
        path.name: problems_of(path.read_bytes()) for path in sorted((shared / "trust" / "badfiles").glob("yaml_*"))
    }
    textual = {"yaml_billion_laughs", "yaml_dup_key", "yaml_nan_target", "yaml_python_tag", "yaml_recursive"}
    assert {name.removesuffix(".yaml") for name, problems in refused.items() if problems} == textual
    assert refused["yaml_dup_key.yaml"] == [
        "yaml_dup_key.yaml:4: ".replace("yaml_dup_key.yaml", "f.yaml")
        + "krs[0].target: duplicate key, first given on line 3; keep one of them"
    ]
