"""What is wrong with a field is said in both languages: the rules' own messages, provoked and recognised."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from metrics.compile.metric import check_metric
from metrics.definitions import Workspace, load_definitions, load_workspace
from metrics.editing import Edit, understand
from metrics.model.definition import Definitions, Metric
from pages.ui.i18n import words_in
from pages.ui.problems import _PATTERNS, is_missing, problem_in_words
from tests.metrics.smart.company import lay_out_company

EN, VI = words_in("en"), words_in("vi")
COLUMNS = {"opened_on": "DATE", "hours": "DOUBLE", "team": "VARCHAR"}

KEY_RESULTS: list[Mapping[str, Any]] = [
    {"target": "soon"},
    {"target": "> 2"},
    {"target": "6..4"},
    {"target": "< 2", "weight": 0},
    {"target": "< 2", "weight": "heavy"},
    {"target": "< 2", "baseline": ""},
    {"target": "< 2", "baseline": 2},
    {"target": "< 2", "baseline": 1},
    {"target": "< 2", "stretch": "< 3"},
    {"target": "< 2", "stretch": "> 1"},
    {"target": "< 2", "commit": "< 1"},
    {"target": "< 2", "read": "trailing xd"},
    {"target": "< 2", "filter": {"region": ["north"]}},
    {"target": "< 2", "metric": "first_respons"},
    {"target": "< 2", "plan": [{"by": "soon", "value": 3}]},
    {"target": "< 2", "plan": [{"by": "2028-01-01", "value": 3}]},
    {"target": "< 2", "plan": [{"by": "2027-02-01", "value": 3}, {"by": "2027-01-20", "value": 2.5}]},
    {"target": "< 2", "baseline": 4, "plan": [{"by": "2027-02-01", "value": 5}]},
    {"target": "< 2", "shape": "keep", "plan": [{"by": "2027-02-01", "value": 3}]},
    {"target": "< 2", "shape": "total"},
    {"shape": "milestone"},
    {"shape": "milestone", "milestones": [{"id": "a", "title": "A", "weight": 0}]},
    {"shape": "milestone", "milestones": [{"id": "a", "title": "A"}] * 2},
    {"shape": "milestone", "milestones": [{"id": "a", "title": "A"}], "plan": [{"by": "2027-02-01", "value": 2}]},
    {"shape": "binary", "plan": [{"by": "2027-02-01", "value": 1}]},
    {"metric": "satisfaction", "target": ">= 90"},
]
METRICS: list[Mapping[str, Any]] = [
    {"source": "desk.tickts"},
    {"expected_every": "daily"},
    {"bounds": [3, 1]},
    {"bounds": ["low", None]},
    {"aggregate": "derived", "source": None, "time": None, "value": None, "expression": "first_respons / 2"},
    {"aggregate": "derived", "source": None, "time": None, "value": None, "expression": "2 + 2"},
]
EXPRESSIONS = (
    {"value": "huors"},
    {"value": "team"},
    {"value": "hours +"},
    {"value": "hours, hours"},
    {"value": "random()"},
    {"value": "(select 1)"},
    {"where": "hours"},
    {"time": "opened"},
    {"time": "team"},
    {"dimensions": ("taem",)},
    {"aggregate": "median", "approx": True},
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    directory: Path = lay_out_company(tmp_path_factory.mktemp("problems") / "company")
    metrics = directory / "metrics.yaml"
    metrics.write_text(
        metrics.read_text(encoding="utf-8").replace("unit: percent", "unit: percent\n    bounds: [0, 1]")
    )
    return load_workspace(directory)


@pytest.fixture(scope="module")
def definitions(workspace: Workspace) -> Definitions:
    return load_definitions(workspace)


def said_in_both(messages: list[str]) -> None:
    """Every message is said for a form in both languages, and not as the rule words it."""
    assert messages
    for message in messages:
        if is_missing(message):
            continue
        assert problem_in_words(message, EN) != message, message
        assert problem_in_words(message, VI) not in {message, problem_in_words(message, EN)}


@pytest.mark.parametrize("keys", KEY_RESULTS, ids=str)
def test_a_key_results_problems(workspace: Workspace, definitions: Definitions, keys: Mapping[str, Any]) -> None:
    measured = {} if keys.get("shape") in {"milestone", "binary"} else {"metric": "first_response"}
    entry = {"id": "new", "title": {"en": "New"}, **measured, **keys}
    edit = Edit(1, "2027-Q1", {"id": "objective", "title": {"en": "O"}, "key_results": [entry]})
    said_in_both([problem.message for problem in understand(workspace, definitions, edit).problems])


@pytest.mark.parametrize("keys", METRICS, ids=str)
def test_a_metrics_problems(workspace: Workspace, definitions: Definitions, keys: Mapping[str, Any]) -> None:
    entry = {"source": "desk.tickets", "time": "opened_on", "aggregate": "sum", "value": "hours", **keys}
    edit = Edit(1, metrics={"new": {key: value for key, value in entry.items() if value is not None}})
    said_in_both([problem.message for problem in understand(workspace, definitions, edit).problems])


@pytest.mark.parametrize("keys", EXPRESSIONS, ids=str)
def test_an_expressions_problems(keys: Mapping[str, Any]) -> None:
    written = {"time": "opened_on", "aggregate": "sum", "value": "hours", **keys}
    metric = Metric(id="new", title={}, source="desk.tickets", **written)
    said_in_both([problem.message for problem in check_metric(metric, COLUMNS)])


def test_the_nearest_name_is_offered_in_the_readers_words() -> None:
    message = "'hours / huors' uses unknown column 'huors'; did you mean 'hours'?"
    assert problem_in_words(message, EN) == "There is no column huors. Did you mean hours?"
    assert problem_in_words(message, VI) == "Không có cột huors. Có phải ý bạn là hours?"


def test_a_sentence_that_nobody_foresaw_is_given_as_it_is() -> None:
    assert problem_in_words("is odd; make it even", VI) == "is odd; make it even"


def test_what_is_only_missing_is_told_apart() -> None:
    assert is_missing("is missing")
    assert is_missing("is missing; aggregate sum needs it")
    assert not is_missing("is missing; list what is to be done, such as [{id: pilot, title: Pilot runs}]")


def test_every_pattern_is_worded() -> None:
    assert {f"problem.{code}" for code in _PATTERNS} <= EN.texts.keys()
