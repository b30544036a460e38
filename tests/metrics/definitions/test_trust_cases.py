"""The manifest of YAML cases, each refused as it says: as it lies there, and in key results and goals of ours."""

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics.definitions.load import load_definitions
from metrics.definitions.workspace import Workspace
from metrics.errors import DefinitionError
from metrics.model.definition import Definitions
from tests.metrics.definitions.samples import METRICS
from tests.metrics.definitions.test_goals import GOALS

Reader = Callable[..., Definitions]
Refusals = Callable[..., list[str]]

SAYS = {
    "yaml_billion_laughs.yaml": "aliases",
    "yaml_python_tag.yaml": "tag",
    "yaml_recursive.yaml": "aliases",
    "yaml_dup_key.yaml": "duplicate key, first given on line 3",
    "yaml_norway.yaml": "objectives[0].krs: unknown key",
    "yaml_nan_target.yaml": "finite number",
    "yaml_unknown_key.yaml": "objectives[0].krs: unknown key",
    "yaml_inline_secret.yaml": "connectors: unknown key",
    "yaml_env_in_title.yaml": "objectives[0].krs: unknown key",
}
"""What each file's refusal must hold: their format is not ours, so some stop at an unknown key."""

_OURS = "{id: sell, title: Sell, metric: orders, shape: total, target: TARGET, starts: 2027-02-01, ends: 2027-05-31}"
_KEY_RESULT = "{id: sell, title: Sell, metric: orders, shape: total, target: TARGET}"
WITHIN = [
    ("target: no", "target: 'no' is no target; write a comparator and a number"),
    ("target: .nan", "write a finite number"),
    ('target: "> nan"', "'> nan' is no target"),
    ('target: "> 1e999"', "a target must be finite"),
    ("target: true", "a comparator and a number expected, got a boolean"),
    ('target: "> 2", traget: 3', "traget: unknown key; did you mean 'target'?"),
    ('target: "> 2", target: "> 3"', "target: duplicate key, first given on line"),
    ('target: "> 2", owner: *x', "aliases"),
    ('target: "> 2", owner: !!python/name:os.system x', "tag"),
]
"""The same faults in a file of ours."""


@pytest.fixture
def cases(shared: Path) -> dict[str, str]:
    manifest = json.loads((shared / "trust" / "cases.json").read_text("utf-8"))
    return {Path(case["input"]).name: case["expected"] for case in manifest if case["category"] == "yaml"}


def test_every_case_of_the_manifest_is_looked_at(cases: dict[str, str], shared: Path) -> None:
    assert set(cases) == set(SAYS) == {path.name for path in (shared / "trust" / "badfiles").glob("yaml_*")}


@pytest.mark.parametrize("name", SAYS)
def test_each_file_is_refused_as_the_manifest_says(
    name: str, workspace: Workspace, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its line, without running anything, quoting no secret, in bounded time and space."""
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("DB_PASSWORD", "SECRETCANARY-2")
    (workspace.root / "okrs").mkdir()
    (workspace.root / "okrs" / name).write_bytes((shared / "trust" / "badfiles" / name).read_bytes())
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(DefinitionError) as refused:
        load_definitions(workspace)
    assert time.process_time() - begun < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "kilobytes"
    lines = str(refused.value).splitlines()
    assert any(SAYS[name] in line for line in lines), lines
    assert all(line.startswith(f"okrs/{name}:") and int(line.split(":")[1]) > 0 for line in lines)
    assert "SECRETCANARY" not in str(refused.value)
    assert not list(workspace.root.glob("pwned*"))


@pytest.mark.parametrize(("wrong", "expected"), WITHIN)
@pytest.mark.parametrize("place", ["goals", "key_results"])
def test_the_same_fault_in_a_goal_or_key_result_is_refused(
    refusals: Refusals, place: str, wrong: str, expected: str
) -> None:
    entry = (_OURS if place == "goals" else _KEY_RESULT).replace("target: TARGET", wrong)
    text = (
        f"cycle: 2027\ngoals:\n  - {entry}\n"
        if place == "goals"
        else f"cycle: 2027\nobjectives:\n  - id: grow\n    title: Grow\n    key_results:\n      - {entry}\n"
    )
    lines = refusals(METRICS, year=text)
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("okrs/year.yaml:") for line in lines)


def test_an_environment_reference_in_a_goals_title_stays_literal(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "canary-1234")
    leaking = GOALS.replace("title: Sell,", 'title: "leak ${DB_PASSWORD} env:DB_PASSWORD", why: "${DB_PASSWORD}",')
    definitions = read(METRICS, goals=leaking)
    assert definitions.goals[1].measured.title == {"en": "leak ${DB_PASSWORD} env:DB_PASSWORD"}
    assert "canary" not in repr(definitions)
