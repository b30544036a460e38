"""Dependencies and initiatives: resolved names, every fault at its line, a hash that stands for what is measured."""

from collections.abc import Callable

import pytest

from metrics.definitions.dump import definition_texts
from metrics.model.definition import Definitions, Initiative
from tests.metrics.definitions.samples import METRICS, OKRS

Reader = Callable[..., Definitions]
Refusals = Callable[..., list[str]]

WAITING = OKRS.replace("target: '>= 5000'", "").replace(
    'shape: total, target: ">= 5000"}',
    'shape: total, target: ">= 5000", depends_on: [NAMED]}',
)


@pytest.mark.parametrize(
    ("named", "resolved"),
    [
        ("response-time", "2027-Q1/response-time"),
        ("service-quality", "2027-Q1/service-quality"),
        ("2027-Q1/complaints", "2027-Q1/complaints"),
    ],
)
def test_a_dependency_is_named_by_id_or_by_key(read: Reader, named: str, resolved: str) -> None:
    definitions = read(METRICS, q1=WAITING.replace("NAMED", named))
    assert [one.depends_on for one in definitions.key_results() if one.id == "orders"] == [(resolved,)]


def test_a_dependency_of_another_cycle_needs_no_key_where_it_is_the_only_one(read: Reader) -> None:
    year = "cycle: 2027\nobjectives: [{id: hire, title: Hire, depends_on: orders, key_results: [{id: a, title: A"
    definitions = read(METRICS, q1=OKRS, year=f"{year}, metric: orders, target: '> 3'}}]}}]")
    assert definitions.objectives[0].depends_on == ("2027-Q1/orders",)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("respons-time", "'respons-time' is no objective or key result; did you mean 'response-time'?"),
        ("2027-Q1/growth", "belongs to the same objective; name what somebody else must move first"),
        ("orders", "'orders' is no objective or key result"),
        ("2027-Q1/orders", "'2027-Q1/orders' belongs to the same objective"),
        ("complaints, 2027-Q1/complaints", "'2027-Q1/complaints' is listed twice; keep it once"),
        ("{id: complaints}", "a list of texts expected, but it holds a mapping"),
    ],
)
def test_what_nothing_can_depend_on(refusals: Refusals, named: str, expected: str) -> None:
    lines = refusals(METRICS, q1=WAITING.replace("NAMED", named))
    assert any("depends_on" in line and expected in line for line in lines), lines
    assert all(line.startswith("okrs/q1.yaml:") for line in lines)


def test_every_wrong_dependency_is_reported_at_once(refusals: Refusals) -> None:
    lines = refusals(
        METRICS, q1=WAITING.replace("NAMED", "nobody, nothing").replace("owner: linh", "depends_on: noone", 1)
    )
    assert [line.partition(": ")[2].partition(":")[0] for line in lines if "no objective" in line] == [
        "objectives[0].depends_on[0]",
        "objectives[1].key_results[0].depends_on[0]",
        "objectives[1].key_results[0].depends_on[1]",
    ]


def test_two_that_wait_for_each_other_are_not_refused(read: Reader) -> None:
    mutual = WAITING.replace("NAMED", "response-time").replace("weight: 2", "weight: 2\n        depends_on: growth")
    assert [one.depends_on for one in read(METRICS, q1=mutual).key_results()] == [
        ("2027-Q1/growth",),
        (),
        ("2027-Q1/response-time",),
    ]


INITIATIVES = """\
        initiatives:
          - {title: {en: Answer templates, vi: Mẫu trả lời}, owner: minh, state: done,
             learned: Half of the questions are the same ten}
          - {title: Night shift}
"""
MOVED = OKRS.replace("        contributors: [minh]\n", "        contributors: [minh]\n" + INITIATIVES)


def test_initiatives_keep_what_was_learned(read: Reader) -> None:
    templates, shift = next(iter(read(METRICS, q1=MOVED).key_results())).initiatives
    assert templates == Initiative(
        {"en": "Answer templates", "vi": "Mẫu trả lời"},
        "minh",
        "done",
        {"en": "Half of the questions are the same ten"},
    )
    assert shift == Initiative({"en": "Night shift"})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("state: done", "state: finished", "initiatives[0].state: 'finished' is no known choice"),
        ("owner: minh", "boss: minh", "initiatives[0].boss: unknown key"),
        ("title: Night shift", "state: doing", "initiatives[1].title: is missing"),
        ("{title: Night shift}", "Night shift", "initiatives[1]: mapping expected, got text"),
    ],
)
def test_what_an_initiative_may_not_say(refusals: Refusals, old: str, new: str, expected: str) -> None:
    lines = refusals(METRICS, q1=MOVED.replace(old, new))
    assert any(expected in line for line in lines), lines


def test_what_people_do_does_not_change_what_a_key_result_means(read: Reader) -> None:
    before, after = read(METRICS, q1=OKRS), read(METRICS, q1=MOVED)
    assert [one.definition for one in before.key_results()] == [one.definition for one in after.key_results()]
    assert definition_texts(before) != definition_texts(after)
    waiting = read(METRICS, q1=WAITING.replace("NAMED", "complaints"))
    assert [one.definition for one in waiting.key_results()] != [one.definition for one in before.key_results()]
