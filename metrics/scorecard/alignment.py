"""Who serves whom: objectives and key results as a tree over cycles and levels, and what waits for whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from metrics.model.definition import CycleDefinition, Definitions, Organisation, Title
from metrics.model.scorecard import Cycle, KeyResultCard, ObjectiveCard, Scorecard, Status
from metrics.periods import resolve_cycle


@dataclass(frozen=True, slots=True)
class KeyResultBranch:
    """A key result with the objectives that serve it.

    Attributes:
        share: its part (0..1) in its objective's progress, by weight.
    """

    card: KeyResultCard
    share: float
    children: tuple["Branch", ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """An objective with its key results, and the objectives that serve it as a whole.

    Attributes:
        orphan: below company level, and serving nothing.
        elsewhere: key of what it serves, where that is in no cycle that is shown.
    """

    card: ObjectiveCard
    cycle: Cycle
    key_results: tuple[KeyResultBranch, ...] = ()
    children: tuple["Branch", ...] = ()
    orphan: bool = False
    elsewhere: str | None = None

    @property
    def below(self) -> tuple["Branch", ...]:
        """Every objective that serves it or one of its key results."""
        return (*(each for one in self.key_results for each in one.children), *self.children)


@dataclass(frozen=True, slots=True)
class Party:
    """An objective or key result that waits, or is waited for."""

    key: str
    title: Title
    team: str | None
    owner: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing that another must move first."""

    waits: Party
    waits_for: Party

    @property
    def across(self) -> bool:
        """Whether two departments have to talk about it."""
        return self.waits.team != self.waits_for.team


@dataclass(frozen=True, slots=True)
class Alignment:
    """The tree, and what waits for whom, those across departments first."""

    roots: tuple[Branch, ...]
    dependencies: tuple[Dependency, ...]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Every objective, each before those that serve it."""
        return tuple(_walk(self.roots))

    @property
    def orphans(self) -> tuple[Branch, ...]:
        """Objectives that serve nothing and should."""
        return tuple(each for each in self.branches if each.orphan)

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that objectives belong to."""
        return tuple(sorted({each.card.objective.team for each in self.branches} - {None}, key=str))  # type: ignore[arg-type]

    def of_team(self, team: str | None) -> "Alignment":
        """Keep a team's objectives with the way up to what they serve; None keeps everything."""
        if team is None:
            return self
        kept = (_narrow(root, team) for root in self.roots)
        waiting = tuple(each for each in self.dependencies if team in (each.waits.team, each.waits_for.team))
        return Alignment(tuple(each for each in kept if each is not None), waiting)


def cycles_around(
    definitions: Definitions, organisation: Organisation, cycles: Sequence[CycleDefinition], chosen: Cycle
) -> tuple[Cycle, ...]:
    """Give the cycles with objectives that share days with one: its year, itself, its months; the longest first."""
    named = sorted({objective.cycle for objective in definitions.objectives})
    resolved = [resolve_cycle(name, organisation, cycles) for name in named]
    sharing = [each for each in resolved if each.starts <= chosen.ends and chosen.starts <= each.ends]
    return tuple(sorted(sharing, key=lambda each: (-each.days, each.starts)))


def align(scorecards: Sequence[Scorecard]) -> Alignment:
    """Put the objectives of several cycles, the longest first, beneath what they serve."""
    listed = [(objective, scorecard.cycle) for scorecard in scorecards for objective in scorecard.objectives]
    known = {objective.objective.key for objective, _ in listed} | {
        card.key_result.key for objective, _ in listed for card in objective.key_results
    }
    beneath: dict[str | None, list[tuple[ObjectiveCard, Cycle]]] = {}
    for objective, cycle in listed:
        parent = objective.objective.parent
        beneath.setdefault(parent if parent in known else None, []).append((objective, cycle))
    roots = tuple(_branch(objective, cycle, beneath) for objective, cycle in beneath.get(None, ()))
    return Alignment(roots, _dependencies(listed))


def _branch(
    card: ObjectiveCard, cycle: Cycle, beneath: Mapping[str | None, Sequence[tuple[ObjectiveCard, Cycle]]]
) -> Branch:
    objective = card.objective

    def children(key: str) -> tuple[Branch, ...]:
        return tuple(_branch(each, its_cycle, beneath) for each, its_cycle in beneath.get(key, ()))

    whole = sum(each.key_result.weight for each in card.key_results) or 1.0
    return Branch(
        card,
        cycle,
        tuple(
            KeyResultBranch(each, each.key_result.weight / whole, children(each.key_result.key))
            for each in card.key_results
        ),
        children(objective.key),
        orphan=objective.level != "company" and objective.parent is None,
        elsewhere=objective.parent if (card, cycle) in beneath.get(None, ()) else None,
    )


def _dependencies(listed: Sequence[tuple[ObjectiveCard, Cycle]]) -> tuple[Dependency, ...]:
    parties: dict[str, Party] = {}
    wanted: list[tuple[str, str]] = []
    for card, _ in listed:
        objective = card.objective
        parties[objective.key] = Party(objective.key, objective.title, objective.team, objective.owner, card.status)
        wanted += [(objective.key, other) for other in objective.depends_on]
        for each in card.key_results:
            one = each.key_result
            parties[one.key] = Party(one.key, one.title, objective.team, one.owner or objective.owner, each.status)
            wanted += [(one.key, other) for other in one.depends_on]
    found = [Dependency(parties[key], parties[other]) for key, other in wanted if other in parties]
    return tuple(sorted(found, key=lambda each: not each.across))


def _narrow(branch: Branch, team: str | None) -> Branch | None:
    if branch.card.objective.team == team:
        return branch
    key_results = tuple(
        replace(one, children=tuple(kept for each in one.children if (kept := _narrow(each, team)) is not None))
        for one in branch.key_results
    )
    children = tuple(kept for each in branch.children if (kept := _narrow(each, team)) is not None)
    narrowed = replace(branch, key_results=key_results, children=children)
    return narrowed if narrowed.below else None


def _walk(branches: Sequence[Branch]) -> Iterator[Branch]:
    for branch in branches:
        yield branch
        yield from _walk(branch.below)
