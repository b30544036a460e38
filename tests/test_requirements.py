"""The table of requirements: every row from R1 to R61 once, and every test that it names is one that pytest runs."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs/requirements.md"
LAST = 61


@dataclass(frozen=True)
class Row:
    """One row: the requirements it speaks of, what is asked, and the tests that show it."""

    numbers: tuple[int, ...]
    asked: str
    shown_by: tuple[str, ...]
    rest: str

    @property
    def is_outcome(self) -> bool:
        return self.asked.startswith("O:")

    @property
    def is_missing(self) -> bool:
        return "not yet" in self.rest


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| R")]
    return [_row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


def _row(name: str, asked: str, shown: str) -> Row:
    first, _, last = name.replace("R", "").partition("-")
    numbers = tuple(range(int(first), int(last or first) + 1))
    return Row(numbers, asked, tuple(re.findall(r"`([^`]+)`", shown)), re.sub(r"`[^`]+`", "", shown))


@cache
def collected(file: str) -> frozenset[str]:
    """Name the tests of a file as pytest finds them: functions `test_...` of a module `test_*.py` below `tests`."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_")


def test_every_requirement_has_its_row_once_and_in_order() -> None:
    numbers = [number for row in rows() for number in row.numbers]
    assert numbers == list(range(1, LAST + 1))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"R{row.numbers[0]}")
def test_a_row_names_tests_that_exist(row: Row) -> None:
    """An outcome names none; everything else names at least one, or says plainly that it is not there yet."""
    assert bool(row.shown_by) != (row.is_outcome or (row.is_missing and not row.shown_by)), row
    for named in row.shown_by:
        file, _, test = named.partition("::")
        assert re.fullmatch(r"tests/(?:\w+/)*test_\w+\.py", file), f"{named} is no file of tests"
        assert test in collected(file), f"{file} has no {test}"


def test_the_page_says_what_its_marks_mean() -> None:
    text = TABLE.read_text("utf-8").casefold()
    assert "*o* marks" in text
    assert "*not yet* marks" in text
