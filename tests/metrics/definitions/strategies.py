"""Hypothesis strategies for definitions that hold, as the model builds them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from metrics.definitions.build import seal
from metrics.model.calendar import WorkingHours
from metrics.model.definition import (
    ALL_DONE,
    HOLISTIC,
    Aggregate,
    Definitions,
    Goal,
    Initiative,
    KeyResult,
    Metric,
    Milestone,
    Objective,
    PlanPoint,
    Read,
)
from metrics.model.target import Target, parse_target

texts = (
    st.text(
        st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t", exclude_characters="\ufeff"),
        min_size=1,
        max_size=40,
    )
    .map(str.strip)
    .filter(bool)
)
awkward = st.sampled_from(
    [
        "no",
        "true",
        "null",
        "~",
        "1:30",
        "010",
        "2",
        "1e5",
        "2027-01-31",
        "<<",
        "- x",
        "a: b",
        "#x",
        "'",
        '"',
        "{",
        "=",
        "!x",
    ]
)
words = texts | awkward
ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64).map(lambda number: number + 0.0)
titles = st.dictionaries(st.sampled_from(["en", "vi"]), words, min_size=1)
maybe_words = st.none() | words
name_lists = st.lists(words, max_size=3, unique=True).map(tuple)


@st.composite
def metrics(draw: st.DrawFn, metric_id: str) -> Metric:
    aggregate: Aggregate = draw(st.sampled_from(["mean", "p99", "sum", "count", "count_distinct", "last", "ratio"]))
    bounds = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
    ratio, counts = aggregate == "ratio", aggregate == "count"
    hours = draw(st.booleans()) if aggregate in {"mean", "p99", "sum", "last"} else False
    return Metric(
        id=metric_id,
        title=draw(titles),
        source=draw(st.sampled_from(["helpdesk.tickets", "billing.transactions"])),
        time=draw(words),
        aggregate=aggregate,
        value=None if ratio or counts or hours else draw(words),
        working_hours=WorkingHours(draw(words), draw(words), draw(ids)) if hours else None,
        approx=draw(st.booleans()) if aggregate in HOLISTIC else False,
        sample=draw(st.booleans()) if aggregate in {"mean", "ratio"} else False,
        numerator=draw(words) if ratio else None,
        denominator=draw(words) if ratio else None,
        where=draw(maybe_words),
        dimensions=draw(name_lists),
        rollup=draw(st.sampled_from(["pooled", "mean", "max", "min", "last"])),
        unit="hours" if hours else draw(st.just("") | words),
        better=draw(st.sampled_from(["lower", "higher"])),
        bounds=draw(st.sampled_from([(None, None), (bounds[0], None), (None, bounds[1]), (bounds[0], bounds[1])])),
        expected_every=draw(st.none() | st.integers(1, 999_999).map(lambda seconds: timedelta(seconds=seconds))),
        owner=draw(maybe_words),
        description=draw(st.just({}) | titles),
    )


def derived_metrics(metric_id: str, names: list[str]) -> st.SearchStrategy[Metric]:
    return st.builds(
        Metric,
        id=st.just(metric_id),
        title=titles,
        source=st.just(""),
        time=st.just(""),
        aggregate=st.just("derived"),
        expression=st.sampled_from(names).map(lambda name: f'1 - "{name}" / nullif("{names[0]}", 0)'),
        unit=st.just("") | words,
        owner=maybe_words,
        components=st.just(()),
    )


targets = st.builds(
    lambda comparator, space, number, percent: parse_target(f"{comparator}{space}{number}{percent}"),
    st.sampled_from(["<", "<=", ">", ">="]),
    st.sampled_from(["", " "]),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-999, max_value=999),
    st.sampled_from(["", " %"]),
) | st.tuples(st.integers(-9, 9), st.integers(10, 99)).map(lambda ends: parse_target(f"{ends[0]}..{ends[1]}"))
reads = st.sampled_from([Read("period"), Read("last week"), Read("last month")]) | st.integers(1, 9999).map(
    lambda days: Read("trailing", days)
)
filters = st.dictionaries(words, st.sets(words, min_size=1, max_size=3), max_size=2).map(
    lambda chosen: tuple(sorted((name, tuple(sorted(values))) for name, values in chosen.items()))
)
plans = st.lists(st.builds(PlanPoint, st.dates(date(2027, 1, 1), date(2027, 3, 31)), numbers), max_size=3).map(tuple)


initiatives = st.lists(
    st.builds(
        Initiative,
        title=titles,
        owner=maybe_words,
        state=st.sampled_from(["planned", "doing", "done", "stopped"]),
        learned=st.just({}) | titles,
    ),
    max_size=2,
).map(tuple)


def key_results(key_result_id: str, objective: str, metric: str) -> st.SearchStrategy[KeyResult]:
    some_target: st.SearchStrategy[Target | None] = st.none() | targets
    return st.builds(
        KeyResult,
        id=st.just(key_result_id),
        objective=st.just(objective),
        cycle=st.just("2027-Q1"),
        title=titles,
        metric=st.just(metric),
        target=targets,
        shape=st.sampled_from(["reach", "keep", "total"]),
        read=reads,
        filter=filters,
        baseline=st.none() | numbers,
        stretch=some_target,
        commit=some_target,
        weight=numbers,
        owner=maybe_words,
        contributors=name_lists,
        plan=plans,
        initiatives=initiatives,
        definition=st.just(""),
    )


def goals(goal_id: str, metric: str) -> st.SearchStrategy[Goal]:
    measured = key_results(goal_id, "", metric).map(lambda one: replace(one, weight=1.0, initiatives=()))
    return st.builds(
        Goal,
        measured=measured,
        starts=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
        ends=st.dates(date(2027, 3, 31), date(2028, 1, 1)),
        why=st.just({}) | titles,
        level=st.sampled_from(["company", "team", "individual"]),
        team=maybe_words,
        draft=st.booleans(),
    )


def checklists(key_result_id: str, objective: str) -> st.SearchStrategy[KeyResult]:
    milestones = st.lists(st.builds(Milestone, ids, titles, numbers), min_size=1, max_size=3).map(tuple)
    shapes = st.tuples(st.just("milestone"), milestones) | st.just(("binary", ()))
    return st.builds(
        lambda shaped, **told: KeyResult(
            key_result_id,
            objective,
            "2027-Q1",
            metric=None,
            target=ALL_DONE,
            shape=shaped[0],
            milestones=shaped[1],
            **told,
        ),
        shapes,
        title=titles,
        weight=numbers,
        owner=maybe_words,
        contributors=name_lists,
        plan=plans,
        initiatives=initiatives,
    )


@st.composite
def definitions(draw: st.DrawFn) -> Definitions:
    names = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    measured = {name: draw(metrics(name)) for name in names}
    if draw(st.booleans()):
        spare = next(name for name in ("derived", "derived-2", "derived-3", "derived-4") if name not in names)
        measured[spare] = draw(derived_metrics(spare, names))
        names.append(spare)
    objectives = []
    taken = draw(st.lists(ids, min_size=2, max_size=4, unique=True))
    for objective_id, key_result_id in zip(taken[::2], taken[1::2], strict=False):
        values: dict[str, Any] = {
            "title": draw(titles),
            "why": draw(st.just({}) | titles),
            "kind": draw(st.sampled_from(["committed", "aspirational"])),
            "level": draw(st.sampled_from(["company", "team", "individual"])),
            "team": draw(maybe_words),
            "owner": draw(maybe_words),
            "priority": draw(st.integers(-9, 9)),
        }
        measured_by = key_results(key_result_id, objective_id, draw(st.sampled_from(names)))
        key_result = draw(measured_by | checklists(key_result_id, objective_id))
        objectives.append(Objective(objective_id, "2027-Q1", key_results=(key_result,), **values))
    own = draw(st.lists(ids.filter(lambda one: one not in taken), max_size=2, unique=True))
    standing = [draw(goals(goal_id, draw(st.sampled_from(names)))) for goal_id in own]
    return seal(measured, _waiting(draw, objectives), (), standing)


def _waiting(draw: st.DrawFn, objectives: list[Objective]) -> list[Objective]:
    """Let objectives and key results wait for those of other objectives."""
    waiting = []
    for one in objectives:
        others = [key for each in objectives if each is not one for key in (each.key, each.key_results[0].key)]
        some = st.lists(st.sampled_from(others), max_size=2, unique=True).map(tuple) if others else st.just(())
        (key_result,) = one.key_results
        waiting.append(replace(one, depends_on=draw(some), key_results=(replace(key_result, depends_on=draw(some)),)))
    return waiting
