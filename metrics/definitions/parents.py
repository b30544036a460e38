"""What an objective serves: references to objectives and key results, resolved to `cycle/id` and free of circles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from metrics.errors import nearest
from metrics.model.definition import Objective

Note = Callable[[str, str], None]
"""Takes the objective's key and what is wrong with its parent."""


def resolve_parents(objectives: Iterable[Objective], note: Note) -> list[Objective]:
    """Replace every parent by its `cycle/id`, noting those that name nothing, several things, or run in a circle.

    An id alone means the one in the same cycle, else the only one elsewhere.
    """
    listed = list(objectives)
    owners = _owners(listed)
    resolved = [_resolved(objective, owners, note) for objective in listed]
    above = {one.key: owners[one.parent] for one in resolved if one.parent in owners}
    for objective in resolved:
        if circle := _circle(objective.key, above):
            note(objective.key, f"runs in a circle ({' > '.join(circle)}); leave one of these parents out")
    return resolved


def _owners(objectives: Iterable[Objective]) -> dict[str, str]:
    """Give the objective's key for every key that can be named as a parent."""
    owners: dict[str, str] = {}
    for objective in objectives:
        owners[objective.key] = objective.key
        owners.update({one.key: objective.key for one in objective.key_results})
    return owners


def _resolved(objective: Objective, owners: Mapping[str, str], note: Note) -> Objective:
    parent = objective.parent
    if parent is None or parent in owners:
        return objective
    others = [key for key in owners if key.partition("/")[2] == parent and owners[key] != objective.key]
    near = f"{objective.cycle}/{parent}"
    if near in others:
        return replace(objective, parent=near)
    if len(others) == 1:
        return replace(objective, parent=others[0])
    if others:
        note(objective.key, f"{parent!r} is ambiguous; write {' or '.join(map(repr, sorted(others)))}")
    else:
        known = owners if "/" in parent else {key.partition("/")[2] for key in owners if owners[key] != objective.key}
        note(objective.key, f"{parent!r} is no objective or key result{nearest(parent, known)}")
    return objective


def _circle(start: str, above: Mapping[str, str]) -> list[str]:
    """Follow parents from one objective; give the way back to it, or nothing."""
    way, seen = [start], {start}
    while (following := above.get(way[-1])) is not None:
        way.append(following)
        if following == start:
            return way
        if following in seen:
            return []
        seen.add(following)
    return []
