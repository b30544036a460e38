"""What bad input gets: each fault that the product promises to name, at its file, line and key, and nothing applied."""

from collections.abc import Callable

import pytest

from tests.metrics.definitions.samples import METRICS, OKRS

Refusals = Callable[..., list[str]]


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("added", "key", "message"),
    [
        (
            "share: {aggregate: derived, expression: ordrs / 2}",
            "share.expression",
            "uses unknown metric 'ordrs'; did you mean 'orders'?",
        ),
        (
            "share: {aggregate: derived, expression: share + orders}",
            "share.expression",
            "runs in a circle (share > share)",
        ),
        ("share: {aggregate: derived, expression: 1 / 2}", "share.expression", "names no metric"),
    ],
    ids=["a formula over an unknown metric", "a circle of derived metrics", "a formula over nothing"],
)
def test_a_faulty_formula(refusals: Refusals, added: str, key: str, message: str) -> None:
    metrics = f"{METRICS}  {added}\n"
    (problem,) = refusals(metrics)
    assert problem.startswith(f"metrics.yaml:{line_of(metrics, added)}: metrics.{key}: ")
    assert message in problem


FAULTS = [
    (
        "a range with lo > hi",
        'target: "< 2"',
        'target: "6..4"',
        "objectives[0].key_results[0].target",
        "its low end above its high end; write 4..6",
    ),
    (
        "a plan outside the cycle",
        "{by: 2027-02-28, value: 2.5}",
        "{by: 2027-04-01, value: 2.5}",
        "objectives[0].key_results[0].plan[1].by",
        "2027-04-01 is outside cycle 2027-Q1 (2027-01-01 to 2027-03-31)",
    ),
    (
        "a plan against the direction",
        "{by: 2027-02-28, value: 2.5}",
        "{by: 2027-02-28, value: 3.5}",
        "objectives[0].key_results[0].plan[1].value",
        "3.5 goes against the direction of the target '< 2'; it must not be above the point before 3",
    ),
    (
        "a plan that begins against the direction",
        "{by: 2027-01-31, value: 3}",
        "{by: 2027-01-31, value: 4.5}",
        "objectives[0].key_results[0].plan[0].value",
        "4.5 goes against the direction of the target '< 2'; it must not be above the baseline 4",
    ),
    ("a weight of zero", "weight: 2", "weight: 0", "objectives[0].key_results[0].weight", "0 is not above zero"),
    ("a weight below zero", "weight: 2", "weight: -1", "objectives[0].key_results[0].weight", "-1 is not above zero"),
    (
        "a comparator that contradicts better",
        'target: "< 5 %"',
        'target: "> 5 %"',
        "objectives[0].key_results[1].target",
        "'> 5 %' contradicts metric 'complaint_rate', where better is lower; turn the comparator to <",
    ),
    (
        "a stretch that is easier than the target",
        'stretch: "< 1.5"',
        'stretch: "< 2.5"',
        "objectives[0].key_results[0].stretch",
        "'< 2.5' must be harder to meet than the target '< 2'",
    ),
    (
        "a commit that the baseline meets",
        'commit: "< 3"',
        'commit: "< 4.5"',
        "objectives[0].key_results[0].commit",
        "'< 4.5' is met at the baseline 4 already",
    ),
    (
        "a parent that is nothing",
        "parent: service-quality",
        "parent: servce-quality",
        "objectives[1].parent",
        "'servce-quality' is no objective or key result; did you mean 'service-quality'?",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "message"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_faulty_key_result(refusals: Refusals, old: str, new: str, key: str, message: str) -> None:
    okrs = OKRS.replace(old, new, 1)
    found = refusals(METRICS, q1=okrs)
    (problem,) = [line for line in found if f": {key}: " in line]
    assert problem.startswith(f"okrs/q1.yaml:{line_of(okrs, new)}: {key}: ")
    assert message in problem


def test_a_circle_of_parents(refusals: Refusals) -> None:
    okrs = OKRS.replace("    owner: linh\n    key_results:", "    owner: linh\n    parent: orders\n    key_results:", 1)
    found = refusals(METRICS, q1=okrs)
    assert found
    assert all(": objectives[" in line and ".parent: runs in a circle (" in line for line in found)
    assert found[0].startswith(f"okrs/q1.yaml:{line_of(okrs, 'parent: orders')}: objectives[0].parent: ")


def test_all_of_it_is_reported_in_one_run(refusals: Refusals) -> None:
    """Faults of both files stand in one refusal, in the order of their lines, none hidden by another."""
    okrs = OKRS
    for _, old, new, _, _ in (FAULTS[1], FAULTS[4], FAULTS[6]):
        okrs = okrs.replace(old, new, 1)
    found = refusals(f"{METRICS}  share: {{aggregate: derived, expression: ordrs / 2}}\n", q1=okrs)
    assert [line.split(": ")[1] for line in found] == [
        "metrics.share.expression",
        "objectives[0].key_results[0].weight",
        "objectives[0].key_results[0].plan[1].by",
        "objectives[0].key_results[1].target",
    ]
