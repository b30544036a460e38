"""Definitions in force as a draft's texts, for whoever edits them; what has no field is kept aside."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from metrics.editing import Edit, Entry
from pages.ui.define_entries import UnitOf
from pages.ui.define_form import (
    DraftForm,
    GoalForm,
    KeyResultForm,
    MetricForm,
    MilestoneForm,
    ObjectiveForm,
    PlanForm,
)

_TARGET = re.compile(r"^\s*(<=|>=|<|>)\s*(.+?)\s*$")
_RANGE = re.compile(r"^\s*(.+?)\s*\.\.\s*(.+?)\s*$")


def from_edit(edit: Edit, unit_of: UnitOf) -> DraftForm:
    """Fill a draft's fields from definitions."""
    metrics = tuple(
        _metric_back(f"m{index}", name, entry) for index, (name, entry) in enumerate(edit.metrics.items(), start=1)
    )
    if edit.goal is not None:
        return DraftForm(edit.seen, None, metrics, _goal_back(edit, edit.goal, unit_of))
    if edit.objective is None:
        return DraftForm(edit.seen, None, metrics)
    entry = edit.objective
    key_results = tuple(
        _key_result_back(f"k{index}", one, unit_of(str(one.get("metric", ""))))
        for index, one in enumerate(entry.get("key_results", ()), start=1)
    )
    objective = ObjectiveForm(
        edit.cycle,
        edit.was or "",
        *_titles(entry.get("title")),
        *_titles(entry.get("why")),
        kind=entry.get("kind", "committed"),
        level=entry.get("level", "company"),
        team=entry.get("team", ""),
        owner=entry.get("owner", ""),
        parent=entry.get("parent", ""),
        key_results=key_results,
        kept=_rest(entry, {"id", "title", "why", "kind", "level", "team", "owner", "parent", "key_results"}),
    )
    return DraftForm(edit.seen, objective, metrics)


def _goal_back(edit: Edit, entry: Entry, unit_of: UnitOf) -> GoalForm:
    own = {"starts", "ends", "why", "level", "team", "draft"}
    measured = _key_result_back("k1", _rest(entry, own), unit_of(str(entry.get("metric", ""))))
    return GoalForm(
        edit.cycle,
        edit.was or "",
        measured,
        str(entry["starts"]),
        str(entry["ends"]),
        *_titles(entry.get("why")),
        level=entry.get("level", "individual"),
        team=entry.get("team", ""),
        private=bool(entry.get("draft", False)),
    )


def _titles(title: Any) -> tuple[str, str]:
    return ("", "") if not isinstance(title, Mapping) else (title.get("en", ""), title.get("vi", ""))


def _rest(entry: Entry, known: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in frozenset(known)}


def _shown(number: Any, unit: str) -> str:
    """Write a stored number as people type it: a percentage with its sign."""
    if number is None:
        return ""
    if unit == "percent" and isinstance(number, int | float):
        return f"{number * 100:.12g} %"
    return f"{number:.15g}" if isinstance(number, float) else str(number)


def _key_result_back(mark: str, entry: Entry, unit: str) -> KeyResultForm:
    read = str(entry.get("read", "period"))
    trailing = re.fullmatch(r"trailing (\d+)d", read)
    spelt = {name: str(entry[name]) for name in ("target", "stretch", "commit") if name in entry}
    comparator, target, high = _target_back(spelt.get("target", ""))
    milestones = [
        MilestoneForm(f"g{index}", one["id"], *_titles(one.get("title")), weight=_shown(one.get("weight", 1), ""))
        for index, one in enumerate(entry.get("milestones", ()), start=1)
    ]
    plan_unit = "percent" if entry.get("shape") == "milestone" else unit
    known = {each.name for each in fields(KeyResultForm)} | {"title"}
    return KeyResultForm(
        mark,
        str(entry["id"]),
        *_titles(entry.get("title")),
        shape=entry.get("shape", "reach"),
        metric=entry.get("metric", ""),
        filter={name: tuple(values) for name, values in entry.get("filter", {}).items()},
        read="trailing" if trailing else read,
        days=trailing[1] if trailing else "28",
        automatic="baseline" not in entry,
        baseline=_shown(entry.get("baseline"), unit),
        comparator=comparator,
        target=target,
        high=high,
        stretch=_zone_back(spelt.get("stretch", ""), comparator),
        commit=_zone_back(spelt.get("commit", ""), comparator),
        weight=_shown(entry.get("weight", 1), ""),
        owner=entry.get("owner", ""),
        contributors=tuple(entry.get("contributors", ())),
        plan=tuple(
            PlanForm(f"p{index}", str(one["by"]), _shown(one["value"], plan_unit))
            for index, one in enumerate(entry.get("plan", ()), start=1)
        ),
        milestones=tuple(milestones),
        spelt=spelt,
        kept=_rest(entry, known),
    )


def _target_back(text: str) -> tuple[str, str, str]:
    if found := _TARGET.match(text):
        return found[1], found[2], ""
    if found := _RANGE.match(text):
        return "within", found[1], found[2]
    return "", text, ""


def _zone_back(text: str, comparator: str) -> str:
    found, number, _ = _target_back(text)
    return number if found == comparator != "within" else text


def _metric_back(mark: str, name: str, entry: Entry) -> MetricForm:
    unit = str(entry.get("unit", ""))
    low, high = entry.get("bounds", (None, None))
    texts = (
        "source",
        "time",
        "value",
        "numerator",
        "denominator",
        "expression",
        "query",
        "where",
        "expected_every",
        "owner",
    )
    working = entry.get("working_hours", {})
    starts, ends = working.get("field", ("", ""))
    known = {each.name for each in fields(MetricForm)} | {"title", "description", "bounds", "working_hours"}
    return MetricForm(
        mark,
        name,
        *_titles(entry.get("title")),
        *_titles(entry.get("description")),
        aggregate=entry["aggregate"],
        dimensions=tuple(entry.get("dimensions", ())),
        rollup=entry.get("rollup", "pooled"),
        unit=unit,
        better=entry.get("better", "higher"),
        low=_shown(low, unit),
        high=_shown(high, unit),
        calendar=working.get("calendar", ""),
        hours_from=starts,
        hours_to=ends,
        sample=entry.get("sample", False),
        approx=entry.get("approx", False),
        kept=_rest(entry, known),
        **{key: str(entry.get(key, "")) for key in texts},
    )
