"""Reads of the Define page: drafts as they stand, what an edit comes to, and what the data say about it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date

import streamlit as st

from metrics.assessment import (
    Background,
    Moment,
    assess_draft,
    assess_draft_goal,
    assess_draft_objective,
    background_key,
    background_of,
)
from metrics.definitions.documents import canonical_json, seal_metric
from metrics.definitions.dump import definition_texts
from metrics.definitions.load import definition_files
from metrics.editing import (
    Edit,
    Overtaken,
    Understood,
    changed_targets,
    edit_of_goal,
    edit_of_metric,
    edit_of_objective,
    expression_problems,
    files_behind,
    locked_goals,
    overtaken,
    understand,
)
from metrics.errors import Problem, QuarterlineError
from metrics.exploring import Split, cycles_course
from metrics.ledger import Draft, DraftState, Ledger
from metrics.ledger import Version as DefinitionVersion
from metrics.model.decision import GoalLock, Recorded
from metrics.model.definition import Filter, Goal, KeyResult, Metric, Objective
from metrics.model.reading import Measure, Window
from metrics.model.scorecard import Cycle
from metrics.periods import goal_window, quarter_of, resolve_cycle
from metrics.progress.decided import definitions_in_force, is_locked, lock_on
from metrics.scorecard.closing import following_cycle
from metrics.scorecard.current import level_shifts
from metrics.smart import KeyResultFindings, ObjectiveFindings
from pages.ui import data
from pages.ui.deciding import acting_person
from pages.ui.define_form import DraftForm, draft_title, from_json, to_json

_ONE_HOUR = 3600
_ENTRIES = 256


def cycles(version: data.Version) -> list[str]:
    """Name the cycles that something can be defined for: this one and the next, then those that hold objectives."""
    opened, day = data.workspace(version.root, version.configuration), data.present_day(version)
    current = quarter_of(day, opened.organisation, opened.cycles)
    following = following_cycle(current, opened.organisation, opened.cycles)
    defined = sorted(data.definitions(version).cycle_ids, reverse=True)
    declared = [each.id for each in opened.cycles]
    return list(dict.fromkeys([current.id, following, *defined, *declared]))


def cycle(version: data.Version, cycle_id: str) -> Cycle:
    """Give a cycle's days."""
    opened = data.workspace(version.root, version.configuration)
    return resolve_cycle(cycle_id, opened.organisation, opened.cycles)


def days_left(version: data.Version, cycle_id: str) -> tuple[date, date]:
    """Give the days of a cycle that are not over: all of them where none is left, or none is over."""
    shown, today = cycle(version, cycle_id), data.present_day(version)
    return (today if shown.starts < today < shown.ends else shown.starts), shown.ends


def goals_seen(version: data.Version) -> list[tuple[Goal, bool]]:
    """Give the SMART goals that the reader may see and that are not over, each with whether it is locked today."""
    today, person, decided = data.present_day(version), data.logged_in(version), _ledger(version).decided()
    return [
        (goal, is_locked(goal, decided, today))
        for goal in data.definitions(version).goals
        if goal.ends >= today and (not goal.draft or person in {None, goal.measured.owner})
    ]


def goal_lock(version: data.Version, goal: Goal) -> tuple[bool, Recorded[GoalLock] | None]:
    """Tell whether a goal's definition stands still today, and give what was decided about that last."""
    today, decided = data.present_day(version), _ledger(version).decided()
    return is_locked(goal, decided, today), lock_on(decided, goal.key, today)


def goal_history(version: data.Version, goal: Goal) -> tuple[DefinitionVersion | Recorded[GoalLock], ...]:
    """Give the versions of a goal's definition and of its metric's, and what became of its lock, the oldest first."""
    kept, metric = _ledger(version), goal.measured.metric
    versions = [*kept.history("goal", goal.key), *(kept.history("metric", metric) if metric else ())]
    return tuple(sorted([*versions, *kept.decisions(GoalLock, goal.key)], key=lambda each: each.revision))


def locked(version: data.Version, understood: Understood) -> tuple[str, ...]:
    """Name the locked goals (`cycle/id`) that an edit would change."""
    opened = data.workspace(version.root, version.configuration)
    return locked_goals(opened, _ledger(version), understood, data.present(version))


def drafts(version: data.Version, state: DraftState = "open") -> tuple[Draft, ...]:
    """Give the drafts in a state, as they stand now."""
    return _ledger(version).drafts(state)


def draft(version: data.Version, id_: str) -> Draft:
    """Give one draft as it stands now.

    Raises:
        NotFoundError: there is none of that id.
    """
    return _ledger(version).draft(id_)


def open_draft_of(
    version: data.Version, objective: str | None, metric: str | None, goal: str | None = None
) -> Draft | None:
    """Give the open draft that changes an objective or a goal (`cycle/id`) or a metric in force, or None."""
    return next((each for each in drafts(version) if _changes(form_of(each), objective, metric, goal)), None)


def _changes(form: DraftForm, objective: str | None, metric: str | None, goal: str | None) -> bool:
    if objective is not None:
        return form.objective is not None and f"{form.objective.cycle}/{form.objective.was}" == objective
    if goal is not None:
        return form.goal is not None and f"{form.goal.cycle}/{form.goal.was}" == goal
    alone = form.objective is None and form.goal is None
    return alone and [each.id for each in form.metrics] == [metric]


def begin_draft(version: data.Version, form: DraftForm) -> Draft:
    """Keep a new draft."""
    return _ledger(version).begin_draft(
        draft_title(form), to_json(form), actor=acting_person(), at=data.present(version)
    )


def save_draft(version: data.Version, standing: Draft, form: DraftForm) -> Draft:
    """Keep what was typed since.

    Raises:
        LedgerError: somebody saved the draft meanwhile, or it is no longer open.
    """
    return _ledger(version).save_draft(
        standing.id,
        draft_title(form),
        to_json(form),
        seen=standing.version,
        actor=acting_person(),
        at=data.present(version),
    )


def mark_draft(version: data.Version, id_: str, state: DraftState) -> None:
    """Discard a draft, open it again, or note that it was published."""
    _ledger(version).mark_draft(id_, state, actor=acting_person(), at=data.present(version))


def form_of(kept: Draft) -> DraftForm:
    """Read what was typed."""
    return from_json(kept.body)


def edit_in_force(version: data.Version, objective: str | None, metric: str | None, goal: str | None = None) -> Edit:
    """Begin to edit an objective or a goal (`cycle/id`) or a metric in force.

    Raises:
        NotFoundError: there is none of that name.
    """
    if objective is not None:
        return edit_of_objective(_ledger(version), objective, data.present_day(version))
    if goal is not None:
        return edit_of_goal(_ledger(version), goal)
    return edit_of_metric(_ledger(version), metric or "")


def revision(version: data.Version) -> int:
    """Give the ledger's revision as it stands now."""
    return _ledger(version).revision()


def understood(version: data.Version, edit: Edit) -> Understood:
    """Check an edit among the definitions in force."""
    return _understood(version, canonical_json(asdict(edit)), edit)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def _understood(version: data.Version, text: str, _edit: Edit) -> Understood:  # noqa: ARG001 - the text is the cache key
    return understand(data.workspace(version.root, version.configuration), data.definitions(version), _edit)


def wrong_expressions(version: data.Version, metrics: Iterable[Metric]) -> tuple[Problem, ...]:
    """Check metrics' expressions against the columns that were loaded."""
    if version.generation is None:
        return ()
    timezone = data.workspace(version.root, version.configuration).organisation.timezone
    return tuple(
        problem for metric in metrics for problem in _wrong_expressions(version, metric, seal_metric(metric), timezone)
    )


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def _wrong_expressions(version: data.Version, _metric: Metric, seal: str, timezone: str) -> tuple[Problem, ...]:  # noqa: ARG001 - the seal is the cache key
    return expression_problems([_metric], data.facts(version), timezone=timezone)


def met_others(version: data.Version, edit: Edit, understood: Understood) -> tuple[Overtaken, ...]:
    """Find what others published of the same since the edit began."""
    return overtaken(_ledger(version), edit, understood.definitions)


def moved_targets(version: data.Version, edit: Edit) -> dict[str, tuple[str, str]]:
    """Give the targets in force and wanted of key results in force whose target the edit moves."""
    return changed_targets(data.definitions(version), _ledger(version), edit, data.present_day(version))


def columns(version: data.Version, stream: str) -> Mapping[str, str]:
    """Give the columns of a stream with their types; empty before it was loaded."""
    if version.generation is None:
        return {}
    opened = data.facts(version)
    return opened.columns(stream) if stream in opened.tables() else {}


def background(
    version: data.Version, understood: Understood, key_result: KeyResult, dates: Cycle | None = None
) -> Background:
    """Give what the data say about a key result, whatever its target is.

    Args:
        dates: those of a goal [default: its cycle's].
    """
    if version.generation is None:
        return Background()
    moment, shown = _moment(version), dates or cycle(version, key_result.cycle)
    key = background_key(understood.definitions, key_result, moment, shown)
    return _background(version, key, understood, key_result, moment, shown)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def _background(
    version: data.Version,
    key: tuple[str, ...],  # noqa: ARG001 - it stands for what the underscored arguments say
    _understood: Understood,
    _key_result: KeyResult,
    _moment: Moment,
    _cycle: Cycle,
) -> Background:
    shifts = level_shifts(_ledger(version))
    return background_of(
        _understood.definitions, _key_result, data.facts(version), _moment, _cycle, level_shifts=shifts
    )


def verdicts(
    version: data.Version, understood: Understood, objective: Objective, key_result: KeyResult
) -> KeyResultFindings:
    """Judge a key result that is being written."""
    known = background(version, understood, key_result)
    shown = cycle(version, key_result.cycle)
    return assess_draft(understood.definitions, objective, key_result, _moment(version), shown, background=known)


def goal_verdicts(version: data.Version, understood: Understood, goal: Goal) -> KeyResultFindings:
    """Judge a SMART goal that is being written."""
    known = background(version, understood, goal.measured, goal_window(goal))
    return assess_draft_goal(understood.definitions, goal, _moment(version), background=known)


def objective_verdicts(version: data.Version, understood: Understood, objective: Objective) -> ObjectiveFindings:
    """Judge an objective that is being written."""
    shown = cycle(version, objective.cycle)
    known = {one.key: background(version, understood, one) for one in objective.key_results}
    return assess_draft_objective(understood.definitions, objective, _moment(version), shown, backgrounds=known)


def course(version: data.Version, metric: Metric, shown: Cycle, filter_: Filter, *, adds_up: bool) -> Split:
    """Read what a metric, saved or not, did in the two cycles before and in this one."""
    return _course(version, metric, seal_metric(metric), shown, filter_, adds_up)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def _course(
    version: data.Version,
    _metric: Metric,
    seal: str,  # noqa: ARG001 - it stands for the metric
    shown: Cycle,
    filter_: Filter,
    adds_up: bool,  # noqa: FBT001 - part of the cache key
) -> Split:
    organisation, today = data.workspace(version.root, version.configuration).organisation, data.present_day(version)
    return cycles_course(
        data.facts(version), _metric, shown, organisation, today=today, filter_=filter_, adds_up=adds_up
    )


def sql_of(version: data.Version, metric: Metric, filter_: Filter, window: Window) -> str:
    """Give the SQL of a metric, saved or not, over some days."""
    return _sql(version, metric, seal_metric(metric), filter_, window)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def _sql(version: data.Version, _metric: Metric, seal: str, filter_: Filter, window: Window) -> str:  # noqa: ARG001 - as above
    return data.facts(version).lineage(Measure(_metric, filter_, (window,))).sql


def dimension_values(version: data.Version, metric: Metric, dimension: str) -> tuple[str, ...]:
    """List the values of a dimension; empty where they cannot be read."""
    if version.generation is None:
        return ()
    try:
        return data.facts(version).dimension_values(metric, dimension)
    except QuarterlineError:
        return ()


def people(version: data.Version) -> list[str]:
    """Name everybody who owns or contributes to something."""
    defined = data.definitions(version)
    named = {each.owner for each in defined.objectives} | {each.owner for each in defined.metrics.values()}
    for one in defined.key_results():
        named |= {one.owner, *one.contributors}
    return sorted(name for name in named if name)


def teams(version: data.Version) -> list[str]:
    """Name the teams that have objectives."""
    return sorted({each.team for each in data.definitions(version).objectives if each.team})


def behind_files(version: data.Version) -> tuple[str, ...]:
    """Name what differs between the workspace's files and what is in force."""
    root = data.workspace(version.root, version.configuration).root
    stamps = tuple((name, (root / name).stat().st_mtime_ns) for name in definition_files(root))
    return _behind_files(version, stamps)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def _behind_files(version: data.Version, stamps: tuple[tuple[str, int], ...]) -> tuple[str, ...]:  # noqa: ARG001 - when the files were written
    return files_behind(data.workspace(version.root, version.configuration), _ledger(version))


def export_texts(version: data.Version, day: date) -> dict[str, str]:
    """Give the definition files that stand for what is in force, as `export` writes them."""
    decided = _ledger(version).decided()
    return definition_texts(definitions_in_force(data.definitions(version), decided, day))


def _ledger(version: data.Version) -> Ledger:
    return data.ledger(version.root, version.configuration)


def _moment(version: data.Version) -> Moment:
    organisation = data.workspace(version.root, version.configuration).organisation
    return Moment(organisation, data.present_day(version), data.present(version))
