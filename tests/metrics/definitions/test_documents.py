"""Documents, hashes and YAML: one meaning has one hash, and nothing is lost on the way out and back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from metrics.definitions import (
    definition_documents,
    dump_definitions,
    load_definitions,
    restore_definitions,
    stored_documents,
)
from metrics.definitions.dump import definition_texts
from metrics.definitions.fields import format_duration, parse_duration
from metrics.definitions.load import check_documents
from metrics.definitions.strict_yaml import parse_yaml
from metrics.definitions.workspace import Workspace
from metrics.errors import WorkspaceError
from metrics.model.definition import Definitions
from tests.metrics.definitions.samples import METRICS, OKRS
from tests.metrics.definitions.strategies import definitions

GOLDEN = Path(__file__).parent / "golden"
Reader = Callable[..., Definitions]

RESPELT = """\
cycle: 2027-Q1
objectives:
  - key_results:
      - {commit: "<3.0", stretch: "<  1.50", target: "<2.0",
         plan: [{value: 3.0, by: 2027-01-31}, {value: 25e-1, by: "2027-02-28"}],
         contributors: minh, owner: linh, weight: 2.0, shape: reach, baseline: 4.0, read: "trailing 28d",
         filter: {team: [south, north, south]}, metric: first_response, title: {en: First response under two hours},
         id: response-time}
      - {id: complaints, title: Few complaints, metric: complaint_rate, shape: keep, target: "< 0.05"}
    owner: linh
    team: customer-service
    why: "Customers leave when they wait."
    id: service-quality
    title: {en: Raise customer-service quality, vi: Nâng cao chất lượng dịch vụ khách hàng}
  - id: growth
    title: {en: " Grow "}
    parent: 2027-Q1/service-quality
    kind: aspirational
    key_results:
      - {id: orders, title: Orders, metric: orders, shape: total, baseline: auto, target: ">= 5e3"}
"""


def hashes(found: Definitions) -> dict[str, str]:
    """Every hash by key."""
    return {
        **{key: metric.definition for key, metric in found.metrics.items()},
        **{one.key: one.definition for one in found.objectives},
        **{f"key result {one.key}": one.definition for one in found.key_results()},
    }


def test_two_spellings_of_one_meaning_have_one_hash(read: Reader) -> None:
    respelt_metrics = METRICS.replace("expected_every: 1d", "expected_every: 24h").replace("[0, null]", "[0.0, ~]")
    assert hashes(read(METRICS, q1=OKRS)) == hashes(read(respelt_metrics, q1=RESPELT))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ('target: "< 2"', 'target: "<= 2"', {"2027-Q1/service-quality", "key result 2027-Q1/response-time"}),
        ("weight: 2", "weight: 3", {"2027-Q1/service-quality", "key result 2027-Q1/response-time"}),
        ("title: Grow", "title: Thrive", {"2027-Q1/growth"}),
        (
            "aggregate: median",
            "aggregate: mean",
            {"first_response", "2027-Q1/service-quality", "key result 2027-Q1/response-time"},
        ),
    ],
)
def test_a_changed_meaning_changes_its_hash_and_those_that_rest_on_it(
    read: Reader, old: str, new: str, changed: set[str]
) -> None:
    before = hashes(read(METRICS, q1=OKRS))
    after = hashes(read(METRICS.replace(old, new), q1=OKRS.replace(old, new)))
    assert {key for key in before if before[key] != after[key]} == changed


def test_every_hash_is_named_by_its_algorithm(read: Reader) -> None:
    assert all(value.startswith("sha256:") and len(value) == 71 for value in hashes(read()).values())


def test_stored_documents_restore_the_same_definitions(read: Reader) -> None:
    found = read()
    assert restore_definitions(stored_documents(found)) == found


def test_the_snapshots_documents_carry_every_hash(read: Reader) -> None:
    found = read()
    documents = definition_documents(found)
    assert {kind: sorted(entries) for kind, entries in documents.items()} == {
        "metrics": ["complaint_rate", "first_response", "orders"],
        "objectives": ["2027-Q1/growth", "2027-Q1/service-quality"],
        "key_results": ["2027-Q1/complaints", "2027-Q1/orders", "2027-Q1/response-time"],
    }
    assert documents["metrics"]["orders"]["definition"] == found.metrics["orders"].definition
    assert documents["objectives"]["2027-Q1/growth"]["key_results"] == ["orders"]


def test_the_written_files_read_as_people_write_them(read: Reader, tmp_path: Path) -> None:
    written = dump_definitions(read(), tmp_path / "export")
    names = ["metrics.yaml", "okrs/2027-Q1.yaml"]
    assert [path.relative_to(tmp_path / "export").as_posix() for path in written] == names
    for path, name in zip(written, names, strict=True):
        assert path.read_bytes() == (GOLDEN / "export" / name).read_bytes()


def test_writing_again_gives_the_same_bytes_and_reading_the_same_definitions(
    read: Reader, workspace: Workspace
) -> None:
    found = read()
    first = {path: path.read_bytes() for path in dump_definitions(found, workspace.root / "export")}
    again = load_definitions(replace(workspace, root=workspace.root / "export"))
    assert again == found
    assert {path: path.read_bytes() for path in dump_definitions(again, workspace.root / "export")} == first
    assert {path.name for path in (workspace.root / "export").rglob("*.*")} == {"metrics.yaml", "2027-Q1.yaml"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_anything_that_can_be_defined_survives_yaml_and_the_ledgers_form(found: Definitions) -> None:
    """Rules between keys are left aside here: the reader alone must give back what was written."""
    assert restore_definitions(stored_documents(found)) == found
    texts = definition_texts(found)
    for name, text in texts.items():
        document = parse_yaml(text.encode(), name)
        assert document.problems == ()
    again = restore_definitions(stored_documents(found))
    assert definition_texts(again) == texts
    values = {name: parse_yaml(text.encode(), name).value for name, text in texts.items()}
    documents = definition_documents(found)
    for metric_id, written in values["metrics.yaml"]["metrics"].items():
        assert {**written, "definition": found.metrics[metric_id].definition} == documents["metrics"][metric_id]
    for written in values["okrs/2027-Q1.yaml"]["objectives"]:
        for key_result in written["key_results"]:
            expected = dict(documents["key_results"][f"2027-Q1/{key_result.pop('id')}"])
            del expected["definition"]
            assert key_result == expected


def test_export_does_not_mix_with_other_files(read: Reader, workspace: Workspace) -> None:
    found = read()
    with pytest.raises(WorkspaceError, match=r"its okrs folder also holds q1\.yaml; move that away"):
        dump_definitions(found, workspace.root)


def test_export_to_a_place_that_cannot_be_written_says_so(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="choose a folder that can be written"):
        dump_definitions(read(), tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "duration", "written"),
    [
        ("30m", timedelta(minutes=30), "30m"),
        ("24h", timedelta(days=1), "1d"),
        ("1w", timedelta(days=7), "7d"),
        ("1mo", timedelta(days=31), "31d"),
        ("90s", timedelta(seconds=90), "90s"),
    ],
)
def test_durations_are_written_in_whole_units(text: str, duration: timedelta, written: str) -> None:
    assert parse_duration(text) == duration
    assert format_duration(duration) == written
    assert parse_duration(written) == duration


def test_documents_checked_in_memory_are_the_files(read: Reader, workspace: Workspace) -> None:
    """A front end can check text that is not saved yet."""
    documents = {
        name: parse_yaml(text.encode(), name) for name, text in {"metrics.yaml": METRICS, "okrs/q1.yaml": OKRS}.items()
    }
    assert check_documents(workspace, documents) == read()
