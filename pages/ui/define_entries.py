"""A draft's texts as definitions: entries as files would hold them. Nothing is judged here, only written down."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from metrics.definitions.strict_yaml import plain_value
from metrics.editing import Edit
from metrics.errors import Problem
from metrics.model.definition import HOLISTIC, Language
from pages.ui.define_form import NEW, DraftForm, GoalForm, KeyResultForm, MetricForm, ObjectiveForm, PlanForm

UnitOf = Callable[[str], str]
_COMPARED = re.compile(r"\s*(<|>|.+\.\.)")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(\s*%)?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_LONGEST_ID = 63


def to_edit(form: DraftForm, language: Language, unit_of: UnitOf, taken: Iterable[str]) -> Edit:
    """Give the definitions that a draft stands for.

    Args:
        language: in which numbers are typed: Vietnamese writes `2,5`.
        unit_of: unit of a metric in force, by its id.
        taken: ids in use within the cycle and among the metrics, which new ones avoid.
    """
    used = set(taken)
    ids = {each.mark: each.id or make_id(each.title_en or each.title_vi, used, "_") for each in form.metrics}
    units = {ids[each.mark]: each.unit for each in form.metrics}
    metrics = {ids[each.mark]: metric_entry(each, language) for each in form.metrics}
    if form.objective is None and form.goal is None:
        return Edit(form.seen, metrics=metrics)
    entry = _objective_entry(form.objective, used) if form.objective else {}
    key_results = []
    for one in form.key_results:
        metric = ids.get(one.metric.removeprefix(NEW), "") if one.metric.startswith(NEW) else one.metric
        unit = units[metric] if metric in units else unit_of(metric)
        key_results.append(_key_result_entry(one, metric, unit, language, used))
    if form.goal is not None:
        goal = _goal_entry(form.goal, key_results[0])
        return Edit(form.seen, form.goal.cycle, was=form.goal.was or None, metrics=metrics, goal=goal)
    objective = form.objective or ObjectiveForm("")
    whole = {**entry, "key_results": key_results}
    return Edit(form.seen, objective.cycle, whole, objective.was or None, metrics)


def metric_entry(form: MetricForm, language: Language) -> dict[str, Any]:
    """Write a metric as in metrics.yaml; keys that its aggregate does not take are left out."""
    takes = {"ratio": {"numerator", "denominator"}, "count": set(), "derived": {"expression"}, "sql": {"query"}}
    takes_keys = takes.get(form.aggregate, {"value"})
    bounds = [_amount(end, form.unit, language) for end in (form.low, form.high)]
    derived = form.aggregate == "derived"
    written = {
        "title": _title(form.title_en, form.title_vi),
        "description": _title(form.description_en, form.description_vi),
        "source": None if derived else form.source,
        "time": None if derived else form.time,
        "aggregate": form.aggregate,
        **{
            key: getattr(form, key).strip() if key in takes_keys and not (key == "value" and form.calendar) else None
            for key in ("value", "numerator", "denominator", "expression", "query")
        },
        "working_hours": None if derived or not form.calendar else _working_hours(form),
        "sample": form.sample or None,
        "approx": (form.approx and form.aggregate in HOLISTIC) or None,
        "where": None if derived or form.aggregate == "sql" else form.where.strip(),
        "dimensions": None if derived or form.aggregate == "sql" else list(form.dimensions),
        "rollup": None if form.rollup == "pooled" else form.rollup,
        "unit": form.unit.strip(),
        "better": form.better,
        "bounds": None if bounds == [None, None] else bounds,
        "expected_every": form.expected_every.strip(),
        "owner": form.owner.strip(),
    }
    return {**form.kept, **_without_empty(written)}


def _working_hours(form: MetricForm) -> dict[str, Any]:
    return {"field": [form.hours_from, form.hours_to], "calendar": form.calendar}


def make_id(title: str, used: set[str], separator: str = "-") -> str:
    """Make an id from a title that nothing has yet, and note it as used; accents go, `đ` becomes `d`."""
    plain = unicodedata.normalize("NFD", title.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(each for each in plain if not unicodedata.combining(each)).lower()
    stem = re.sub(r"[^a-z0-9]+", separator, letters).strip(separator)[: _LONGEST_ID - 4].strip(separator) or "untitled"
    name, number = stem, 1
    while name in used:
        number += 1
        name = f"{stem}{separator}{number}"
    used.add(name)
    return name


def problems_below(problems: Iterable[Problem], place: str) -> dict[str, tuple[str, ...]]:
    """Sort problems onto the fields below a place; what is about the place itself stands under an empty name."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        if problem.key == place:
            found.setdefault("", []).append(problem.message)
        elif problem.key.startswith(f"{place}."):
            name = re.split(r"[.\[]", problem.key.removeprefix(f"{place}."), maxsplit=1)[0]
            found.setdefault(name, []).append(problem.message)
    return {name: tuple(messages) for name, messages in found.items()}


def _objective_entry(form: ObjectiveForm, used: set[str]) -> dict[str, Any]:
    written = {
        "id": form.was or make_id(form.title_en or form.title_vi, used),
        "title": _title(form.title_en, form.title_vi),
        "why": _title(form.why_en, form.why_vi),
        "kind": form.kind,
        "level": form.level,
        "team": form.team.strip(),
        "owner": form.owner.strip(),
        "parent": form.parent,
    }
    return {**form.kept, **_without_empty(written)}


def _goal_entry(form: GoalForm, measured: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "id": form.was or measured["id"],
        "starts": form.starts.strip(),
        "ends": form.ends.strip(),
        "why": _title(form.why_en, form.why_vi),
        "level": form.level,
        "team": form.team.strip(),
        "draft": form.private or None,
    }
    taken = {name: value for name, value in measured.items() if name != "weight"}
    return {**form.kept, **taken, **_without_empty(own)}


def _key_result_entry(
    form: KeyResultForm, metric: str, unit: str, language: Language, used: set[str]
) -> dict[str, Any]:
    named = {
        "id": form.id or make_id(form.title_en or form.title_vi, used),
        "title": _title(form.title_en, form.title_vi),
        "shape": form.shape,
    }
    shared = {
        "weight": _amount(form.weight, "", language),
        "owner": form.owner.strip(),
        "contributors": list(form.contributors),
    }
    if form.shape in {"milestone", "binary"}:
        own = _checklist(form, language)
    else:
        own = {
            "metric": metric,
            "filter": {name: list(values) for name, values in form.filter.items() if values},
            "read": f"trailing {form.days.strip()}d" if form.read == "trailing" else form.read,
            "baseline": None if form.automatic else _amount(form.baseline, unit, language) or "",
            "target": _target(form, "target", unit, language),
            "stretch": _target(form, "stretch", unit, language),
            "commit": _target(form, "commit", unit, language),
            "plan": _plan(form.plan, unit, language),
        }
    return {**form.kept, **_without_empty({**named, **own, **shared}, keep={"baseline"})}


def _checklist(form: KeyResultForm, language: Language) -> dict[str, Any]:
    if form.shape == "binary":
        return {}
    used = {each.id for each in form.milestones if each.id}
    listed = [
        _without_empty(
            {
                "id": each.id or make_id(each.title_en or each.title_vi, used),
                "title": _title(each.title_en, each.title_vi),
                "weight": _amount(each.weight, "", language),
            }
        )
        for each in form.milestones
    ]
    return {"milestones": listed, "plan": _plan(form.plan, "percent", language)}


def _plan(points: Sequence[PlanForm], unit: str, language: Language) -> list[dict[str, Any]]:
    return [{"by": point.by, "value": _amount(point.value, unit, language)} for point in points]


def _target(form: KeyResultForm, name: str, unit: str, language: Language) -> str | None:
    """Write a target, a stretch or a commitment; one that nobody changed stays as it was written."""
    typed = getattr(form, name).strip()
    if not typed and not (name == "target" and form.high.strip()):
        return None
    if name == "target" and form.comparator == "within":
        text = f"{_written(typed, unit, language)}..{_written(form.high, unit, language)}"
    elif _COMPARED.match(typed):
        text = typed
    else:
        text = f"{form.comparator} {_written(typed, unit, language)}".strip()
    before = form.spelt.get(name, "")
    return before if _spaceless(before) == _spaceless(text) else text


def _amount(typed: str, unit: str, language: Language) -> Any:
    """Read a number as YAML reads it; a percentage keeps its sign, what is no number stays text."""
    text = _written(typed, unit, language)
    try:
        return plain_value(text) if text else None
    except ValueError:
        return text


def _written(typed: str, unit: str, language: Language) -> str:
    text = typed.strip()
    if language == "vi" and _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return f"{text} %" if unit == "percent" and _NUMBER.fullmatch(text) else text


def _title(en: str, vi: str) -> dict[str, str]:
    return {language: text.strip() for language, text in (("en", en), ("vi", vi)) if text.strip()}


def _without_empty(entry: Mapping[str, Any], keep: Iterable[str] = ()) -> dict[str, Any]:
    kept = frozenset(keep)
    return {
        key: value
        for key, value in entry.items()
        if value is not None and (value not in ("", {}, []) or (key in kept and value == ""))
    }


def _spaceless(text: str) -> str:
    return "".join(text.split())
