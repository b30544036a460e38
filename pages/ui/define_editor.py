"""The editor of one draft: the form on the left, what the data say about it on the right, kept as one types."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.errors import StreamlitAPIException

from metrics.editing import Edit, Understood
from metrics.errors import LedgerError, Problem
from metrics.ledger import Draft
from metrics.model.definition import Goal, KeyResult, Metric, Objective
from metrics.model.scorecard import Cycle
from metrics.periods import goal_window, quarter_of
from pages.ui import data, define_data
from pages.ui.choices import plain
from pages.ui.define_entries import problems_below, to_edit
from pages.ui.define_form import NEW, DraftForm, GoalForm, KeyResultForm, MetricForm, ObjectiveForm, next_mark
from pages.ui.define_goal import SHAPES as GOAL_SHAPES
from pages.ui.define_goal import goal_fields
from pages.ui.define_key_result import SHAPES, Around, built_name, key_result_fields, labels_of
from pages.ui.define_metric import metric_fields
from pages.ui.define_objective import objective_fields
from pages.ui.define_preview import Previewed, automatic_baseline, preview
from pages.ui.define_publishing import publish_part
from pages.ui.define_visit import fields_of, fill_anew, open_next, open_part, see_version, seen_version
from pages.ui.fields import Fields
from pages.ui.formats import format_moment
from pages.ui.goal_lock import lock_part
from pages.ui.markup import element
from pages.ui.refusals import error_in_words
from pages.ui.remarks import remarks_block
from pages.ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft with what it comes to.

    Attributes:
        problems: what is wrong with it, expressions included.
    """

    form: DraftForm
    edit: Edit
    understood: Understood
    problems: tuple[Problem, ...]

    @property
    def objective(self) -> Objective | None:
        """The objective as far as it is understood."""
        return self.understood.objective(self.edit)

    @property
    def goal(self) -> Goal | None:
        """The SMART goal as far as it is understood."""
        return self.understood.goal(self.edit)

    def problems_of(self, index: int) -> dict[str, tuple[str, ...]]:
        """Sort what is wrong with what is measured, by its place in the form, onto its fields."""
        place = "goal" if self.form.goal is not None else f"objective.key_results[{index}]"
        return problems_below(self.problems, place)

    def key_result(self, index: int) -> KeyResult | None:
        """Give a key result as far as it is understood, by its place in the form."""
        if self.goal is not None:
            return self.goal.measured
        entries = (self.edit.objective or {}).get("key_results", ())
        if self.objective is None or index >= len(entries):
            return None
        return next((one for one in self.objective.key_results if one.id == entries[index]["id"]), None)

    def metric(self, name: str) -> Metric | None:
        """Give a metric in force or built here (`new:` and mark), as far as it is understood and can be computed."""
        mark = built_name(name)
        if mark:
            names = list(self.edit.metrics)
            marks = [each.mark for each in self.form.metrics]
            name = names[marks.index(mark)] if mark in marks else ""
        wrong = any(problem.key.startswith(f"metrics.{name}.") for problem in self.problems)
        return None if wrong else self.understood.definitions.metrics.get(name)


def editor(screen: Screen, standing: Draft) -> None:
    """Draw the editor; only this part of the page is drawn again while somebody types."""
    st.fragment(_editor)(screen, standing.id)


def understand_form(screen: Screen, form: DraftForm) -> Drafted:
    """Say what a form comes to among the definitions in force."""
    version, words = screen.version, screen.words
    metrics = data.definitions(version).metrics
    edit = to_edit(
        form, words.language, lambda name: metrics[name].unit if name in metrics else "", _taken(version, form)
    )
    understood = define_data.understood(version, edit)
    built = [understood.definitions.metrics[name] for name in edit.metrics if name in understood.definitions.metrics]
    return Drafted(form, edit, understood, (*understood.problems, *define_data.wrong_expressions(version, built)))


def _taken(version: data.Version, form: DraftForm) -> list[str]:
    defined = data.definitions(version)
    written = form.objective or form.goal
    cycle = written.cycle if written else ""
    ids = [each.id for each in defined.objectives if each.cycle == cycle]
    ids += [each.id for each in defined.goals if each.cycle == cycle]
    return [*defined.metrics, *ids, *(one.id for one in defined.key_results(cycle))]


def _editor(screen: Screen, id_: str) -> None:
    words = screen.words
    standing = define_data.draft(screen.version, id_)
    if seen_version(id_, standing.version) != standing.version:
        _overtaken_draft(screen, standing)
        return
    drafted = understand_form(screen, define_data.form_of(standing))
    left, right = st.columns([11, 10], gap="large")
    with left, st.container(key="define-form"):
        opened = _open_mark(id_, drafted.form)
        typed, index = _form(screen, id_, drafted)
        kept = typed != drafted.form and _keep(screen, standing, typed)
        if kept or _open_mark(id_, typed) != opened:
            _draw_again()  # what is wrong with a field, and which fields there are, follows from what was typed
        saved = words("define.kept", moment=format_moment(standing.updated_at, words, screen.reader.timezone))
        screen.draw(element("p", saved, class_="ql-note", role="status"))
        publish_part(screen, standing, drafted.edit, drafted.understood, drafted.problems)
        if drafted.form.objective is not None and drafted.form.objective.was:
            remarks_block(screen, "objective", f"{drafted.form.objective.cycle}/{drafted.form.objective.was}")
    with right, st.container(key="define-preview"):
        preview(screen, _previewed(screen, drafted, index))


def _draw_again() -> None:
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:  # the whole page is being drawn
        st.rerun()


def _open_mark(id_: str, form: DraftForm) -> str:
    """Give the mark of the key result that is open; empty where there is none."""
    marks = [one.mark for one in form.key_results]
    return open_part(id_, marks) if marks else ""


def _keep(screen: Screen, standing: Draft, form: DraftForm) -> bool:
    """Keep what was typed; tell whether that went well.

    Who saved the draft since it was read for this drawing is told of at once, with the way to go on.
    """
    try:
        saved = define_data.save_draft(screen.version, standing, form)
    except LedgerError as error:
        if define_data.draft(screen.version, standing.id).version != standing.version:
            _draw_again()
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return False
    see_version(standing.id, saved.version)
    return True


def _overtaken_draft(screen: Screen, standing: Draft) -> None:
    """Say that somebody else typed into the same draft, and let the reader go on from there."""
    words = screen.words
    moment = format_moment(standing.updated_at, words, screen.reader.timezone)
    told = words("define.draft_overtaken", actor=standing.actor, moment=moment)
    screen.draw(element("p", told, class_="ql-notice", role="alert"))
    if st.button(words("define.draft_load"), type="primary"):
        fill_anew(standing.id, standing.version)
        st.rerun()


def _form(screen: Screen, id_: str, drafted: Drafted) -> tuple[DraftForm, int]:
    """Draw the form; give what is typed and which key result is open."""
    form, words = drafted.form, screen.words
    if form.goal is not None:
        return _goal(screen, id_, form, form.goal, drafted), 0
    if form.objective is None:
        (metric,) = form.metrics
        screen.draw(element("h2", words("define.metric_heading")))
        return replace(form, metrics=(_metric(screen, id_, metric, drafted),)), 0
    screen.draw(element("h2", words("define.objective_heading")))
    problems = problems_below(drafted.problems, "objective")
    fields = Fields(screen, f"{fields_of(id_)}-objective", problems)
    objective = objective_fields(form.objective, fields, opened=not form.objective.was)
    screen.draw(element("h2", words("define.key_results_heading")))
    index = _choose(screen, id_, objective.key_results)
    if index is None:
        fields.tell("key_results")
        return replace(form, objective=_with_added(screen, id_, objective)), 0
    form = replace(form, objective=objective)
    form = _key_result(screen, id_, form, index, drafted)
    objective = form.objective or objective
    left, right = st.columns(2)
    with left:
        objective = _with_added(screen, id_, objective)
    with right:
        objective = _without_removed(screen, id_, objective, index)
    return replace(form, objective=objective), index


def _goal(screen: Screen, id_: str, form: DraftForm, goal: GoalForm, drafted: Drafted) -> DraftForm:
    """Draw a SMART goal: its number as a key result's, then its own dates and the rest."""
    words = screen.words
    screen.draw(element("h2", words("define.goal_heading")), element("p", words("define.goal_means"), class_="ql-note"))
    if goal.was:
        lock_part(screen, f"{goal.cycle}/{goal.was}")
    form = _key_result(screen, id_, form, 0, drafted)
    fields = Fields(screen, f"{fields_of(id_)}-goal", drafted.problems_of(0))
    own = goal_fields(goal, fields)
    return replace(form, goal=replace(own, measured=form.key_results[0]))


def _choose(screen: Screen, id_: str, key_results: Sequence[KeyResultForm]) -> int | None:
    """Let the reader switch between the key results; None where there is none yet.

    The one that is left is drawn once more, so that what was typed into it last is kept.
    """
    marks = [one.mark for one in key_results]
    if not marks:
        return None
    opened = open_part(id_, marks)
    titles = {one.mark: _short(one, screen, number) for number, one in enumerate(key_results, start=1)}
    wanted = st.segmented_control(
        screen.words("define.which_key_result"),
        marks,
        default=opened,
        format_func=lambda mark: plain(titles[mark]),
        key=f"{fields_of(id_)}-open-{'-'.join(marks)}",
        required=True,
        label_visibility="collapsed",
    )
    open_next(id_, wanted or opened)
    return marks.index(opened)


def _short(form: KeyResultForm, screen: Screen, number: int) -> str:
    title = (form.title_vi or form.title_en) if screen.words.language == "vi" else (form.title_en or form.title_vi)
    return (
        title
        if len(title) <= 28 and title
        else f"{title[:27]}…"
        if title
        else screen.words("define.untitled", number=number)
    )


def _with_added(screen: Screen, id_: str, objective: ObjectiveForm) -> ObjectiveForm:
    """Offer one more key result, which is opened."""
    added = st.button(screen.words("define.add_key_result"), icon=":material/add:", key=f"define-{id_}-add")
    if not added:
        return objective
    mark = next_mark("k", [one.mark for one in objective.key_results])
    open_next(id_, mark)
    return replace(objective, key_results=(*objective.key_results, KeyResultForm(mark)))


def _without_removed(screen: Screen, id_: str, objective: ObjectiveForm, index: int) -> ObjectiveForm:
    words, one = screen.words, objective.key_results[index]
    with st.popover(words("define.remove_key_result"), type="tertiary", key=f"define-{id_}-{one.mark}-remove"):
        screen.draw(
            element("p", words("define.remove_means_retire" if one.id else "define.remove_means"), class_="ql-note")
        )
        removed = st.button(words("define.remove_now"), key=f"define-{id_}-{one.mark}-gone")
    if not removed:
        return objective
    return replace(objective, key_results=tuple(each for each in objective.key_results if each.mark != one.mark))


def _key_result(screen: Screen, id_: str, form: DraftForm, index: int, drafted: Drafted) -> DraftForm:
    """Draw the fields of one key result, and of the metric that is built for it."""
    one, version, words = form.key_results[index], screen.version, screen.words
    alone, dates = form.goal is not None, _dates(screen, drafted)
    metric = drafted.metric(one.metric)
    understood = drafted.key_result(index)
    known = define_data.background(version, drafted.understood, understood, dates) if understood and metric else None
    unit = metric.unit if metric else ""
    around = Around(
        cycle=dates,
        metrics=_offered(screen, form),
        metric=metric,
        automatic=automatic_baseline(known, understood, unit, words) if known else words("define.automatic_unknown"),
        build=lambda: NEW + next_mark("m", [each.mark for each in form.metrics]),
        shapes=GOAL_SHAPES if alone else SHAPES,
        alone=alone,
    )
    typed = key_result_fields(one, Fields(screen, f"{fields_of(id_)}-{one.mark}", drafted.problems_of(index)), around)
    mark = built_name(typed.metric)
    metrics = form.metrics
    if mark:
        building = form.metric(mark) or MetricForm(mark)
        with st.container(border=True, key=f"define-{id_}-{one.mark}-{mark}"):
            screen.draw(element("h3", words("define.metric_heading")))
            building = _metric(screen, id_, building, drafted)
        metrics = (*(each for each in form.metrics if each.mark != mark), building)
        metrics = tuple(sorted(metrics, key=lambda each: each.mark))
    listed = tuple(typed if each.mark == one.mark else each for each in form.key_results)
    used = {built_name(each.metric) for each in listed}
    built = tuple(each for each in metrics if each.id or each.mark in used)
    return replace(form.with_key_results(listed), metrics=built)


def _dates(screen: Screen, drafted: Drafted) -> Cycle:
    """Give the days that what is measured is measured over: a goal's own, as far as they are understood."""
    if drafted.goal is not None:
        return goal_window(drafted.goal)
    return define_data.cycle(screen.version, drafted.edit.cycle)


def _offered(screen: Screen, form: DraftForm) -> dict[str, str]:
    words = screen.words
    built = {
        f"{NEW}{each.mark}": words("define.new_metric", title=each.title_vi or each.title_en)
        for each in form.metrics
        if not each.id
    }
    return built | labels_of(list(data.definitions(screen.version).metrics.values()), words)


def _metric(screen: Screen, id_: str, form: MetricForm, drafted: Drafted) -> MetricForm:
    names, marks = list(drafted.edit.metrics), [each.mark for each in drafted.form.metrics]
    name = names[marks.index(form.mark)] if form.mark in marks else ""
    problems = problems_below(drafted.problems, f"metrics.{name}") if name else {}
    return metric_fields(form, Fields(screen, f"{fields_of(id_)}-{form.mark}", problems))


def _previewed(screen: Screen, drafted: Drafted, index: int) -> Previewed:
    measured = drafted.form.key_results
    if drafted.form.objective is None and drafted.form.goal is None:
        day, opened = (
            data.present_day(screen.version),
            data.workspace(screen.version.root, screen.version.configuration),
        )
        metric = drafted.metric(NEW + drafted.form.metrics[0].mark)
        now = quarter_of(day, opened.organisation, opened.cycles)
        return Previewed(drafted.understood, None, None, metric, now, frozenset())
    shown = measured[index] if measured else None
    metric = drafted.metric(shown.metric) if shown is not None and shown.shape not in {"milestone", "binary"} else None
    return Previewed(
        drafted.understood,
        drafted.objective,
        drafted.key_result(index),
        metric,
        _dates(screen, drafted),
        frozenset(drafted.problems_of(index)),
        drafted.goal,
    )
