"""Rules over key results that people tick off: what must be named, and what has no meaning without a metric."""

from collections.abc import Iterator, Mapping
from typing import Any

from metrics.definitions.findings import Finding
from metrics.model.definition import ALL_DONE, KeyResult, Read

_ONLY_MEASURED: Mapping[str, Any] = {
    "metric": None,
    "target": ALL_DONE,
    "filter": (),
    "read": Read("period"),
    "baseline": None,
    "stretch": None,
    "commit": None,
}
"""Keys that speak of a metric, and what they hold when nobody wrote them."""


def checklist_findings(key_result: KeyResult, wrong: frozenset[str]) -> Iterator[Finding]:
    """Check the keys of a `milestone` or `binary` key result; those in `wrong` are passed over."""
    for key, unwritten in _ONLY_MEASURED.items():
        if key not in wrong and getattr(key_result, key) != unwritten:
            yield Finding(
                (key,),
                f"has no meaning for shape {key_result.shape}, which people tick off; leave it out, or use reach",
            )
    if "milestones" not in wrong:
        yield from milestone_findings(key_result)
    if "plan" not in wrong:
        yield from _plan(key_result)


def milestone_findings(key_result: KeyResult) -> Iterator[Finding]:
    """Check what is to be done, for any shape."""
    if key_result.shape != "milestone":
        if key_result.milestones:
            yield Finding(
                ("milestones",), f"has no meaning for shape {key_result.shape}; use shape milestone, or leave it out"
            )
        return
    if not key_result.milestones:
        yield Finding(("milestones",), "is missing; list what is to be done, such as [{id: pilot, title: Pilot runs}]")
    seen: set[str] = set()
    for index, milestone in enumerate(key_result.milestones):
        if milestone.id in seen:
            yield Finding(("milestones", index, "id"), f"duplicate id {milestone.id!r}; give each milestone its own")
        if milestone.weight <= 0:
            yield Finding(("milestones", index, "weight"), f"{milestone.weight:g} is not above zero; a weight must be")
        seen.add(milestone.id)


def _plan(key_result: KeyResult) -> Iterator[Finding]:
    if key_result.shape == "binary" and key_result.plan:
        yield Finding(("plan",), "what is done or not has no curve; leave the plan out")
        return
    for index, point in enumerate(key_result.plan):
        if point.value > 1:
            yield Finding(
                ("plan", index, "value"), f"{point.value:g} is more than all of it; write a share such as 50 %"
            )
