"""Waiting: whether what an objective depends on still stands, and whether objectives wait for each other."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from metrics.model.definition import KeyResult, Objective
from metrics.smart.findings import Finding


def gone_dependencies(objective: Objective, known: Collection[str]) -> Iterator[Finding]:
    """Find what an objective or its key results wait for although nobody pursues it any more.

    Args:
        objective: the one looked at.
        known: keys (`cycle/id`) of all objectives and key results that stand.
    """
    for one in _parts(objective):
        for other in one.depends_on:
            if other not in known:
                yield Finding("dependency_gone", "structure", "warning", (("waits", one.id), ("other", other)))


def waiting_circles(objectives: Sequence[Objective]) -> Iterator[Finding]:
    """Find objectives that wait for each other, each circle once: none of them can be the first to move."""
    waits_for = _waits_for(objectives)
    told: set[frozenset[str]] = set()
    for objective in objectives:
        circle = _circle(objective.key, waits_for)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            names = " > ".join(key.partition("/")[2] for key in (*circle, circle[0]))
            yield Finding("waits_in_circle", "structure", "warning", (("circle", names),))


def _parts(objective: Objective) -> tuple[Objective | KeyResult, ...]:
    return (objective, *objective.key_results)


def _waits_for(objectives: Sequence[Objective]) -> Mapping[str, tuple[str, ...]]:
    """Give the objectives that each objective waits for, whether as a whole or by one of its key results."""
    owners = {one.key: each.key for each in objectives for one in _parts(each)}
    return {
        each.key: tuple(
            dict.fromkeys(owners[other] for one in _parts(each) for other in one.depends_on if other in owners)
        )
        for each in objectives
    }


def _circle(start: str, waits_for: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Give the shortest way from an objective back to itself, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        longer = []
        for way in ways:
            for following in waits_for[way[-1]]:
                if following == start:
                    return way
                if following not in seen:
                    seen.add(following)
                    longer.append((*way, following))
        ways = longer
    return ()
