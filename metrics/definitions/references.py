"""What definitions name of each other: parents and dependencies, resolved to `cycle/id`; parents run in no circle."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from metrics.definitions.strict_yaml import Path
from metrics.errors import nearest
from metrics.model.definition import KeyResult, Objective

Note = Callable[[str, Path, str], None]
"""Takes the key of an objective or key result, the key in it that is at fault, and what is wrong."""


def resolve_references(objectives: Iterable[Objective], note: Note) -> list[Objective]:
    """Replace every parent and dependency by its `cycle/id`, noting those that name nothing, or several things.

    An id alone means the one in the same cycle, else the only one elsewhere. A parent must not run in a circle; two
    that wait for each other may be how things are, so that is for `check` to say.
    """
    listed = list(objectives)
    owners = _owners(listed)
    resolved = [_resolved(objective, owners, note) for objective in listed]
    above = {one.key: owners[one.parent] for one in resolved if one.parent in owners}
    for objective in resolved:
        if circle := _circle(objective.key, above):
            message = f"runs in a circle ({' > '.join(circle)}); leave one of these parents out"
            note(objective.key, ("parent",), message)
    return resolved


def _owners(objectives: Iterable[Objective]) -> dict[str, str]:
    """Give the objective's key for every key that can be named."""
    owners: dict[str, str] = {}
    for objective in objectives:
        owners[objective.key] = objective.key
        owners.update({one.key: objective.key for one in objective.key_results})
    return owners


def _resolved(objective: Objective, owners: Mapping[str, str], note: Note) -> Objective:
    parent = objective.parent
    if parent is not None and parent not in owners:
        parent = _found(parent, objective, owners, lambda message: note(objective.key, ("parent",), message)) or parent
    return replace(
        objective,
        parent=parent,
        depends_on=_dependencies(objective, objective, owners, note),
        key_results=tuple(
            replace(one, depends_on=_dependencies(one, objective, owners, note)) for one in objective.key_results
        ),
    )


def _dependencies(
    of: Objective | KeyResult, objective: Objective, owners: Mapping[str, str], note: Note
) -> tuple[str, ...]:
    """Resolve what an objective or key result waits for; its own objective's parts are not others."""
    found: dict[str, None] = {}
    for index, name in enumerate(of.depends_on):
        path: Path = ("depends_on", index)
        key: str | None = name
        if owners.get(name) == objective.key:
            note(of.key, path, f"{name!r} belongs to the same objective; name what somebody else must move first")
        elif name not in owners:
            key = _found(name, objective, owners, lambda message, at=path: note(of.key, at, message))  # type: ignore[misc]
        if key in found:
            note(of.key, path, f"{name!r} is listed twice; keep it once")
        found[key or name] = None
    return tuple(found)


def _found(name: str, objective: Objective, owners: Mapping[str, str], note: Callable[[str], None]) -> str | None:
    """Find what a name that is no key stands for, anywhere but in the objective itself."""
    others = [key for key in owners if key.partition("/")[2] == name and owners[key] != objective.key]
    near = f"{objective.cycle}/{name}"
    if near in others:
        return near
    if len(others) == 1:
        return others[0]
    if others:
        note(f"{name!r} is ambiguous; write {' or '.join(map(repr, sorted(others)))}")
    else:
        known = owners if "/" in name else {key.partition("/")[2] for key in owners if owners[key] != objective.key}
        note(f"{name!r} is no objective or key result{nearest(name, known)}")
    return None


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
