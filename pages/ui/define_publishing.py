"""What stands in the way of publishing a draft, what others did meanwhile, and the button."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from metrics.editing import Choices, Edit, JudgedProblem, Overtaken, Revising, Understood, rebase
from metrics.errors import DefinitionError, NotFoundError, Problem, QuarterlineError
from metrics.ledger import Draft, Plan
from metrics.smart import Finding
from pages.ui import data, define_data
from pages.ui.deciding import publish_edit
from pages.ui.define_fill import from_edit
from pages.ui.define_visit import fill_anew
from pages.ui.fields import PAUSE
from pages.ui.formats import NOTHING, format_moment
from pages.ui.markup import Html, element, join
from pages.ui.problems import is_missing, problem_in_words
from pages.ui.refusals import error_in_words
from pages.ui.screen import Screen
from pages.ui.smart_wording import finding_in_words
from pages.ui.tables import plain_table

PUBLISHED = "define-published"
"""In the session: what was published last, said until another draft is opened."""


def publish_part(
    screen: Screen, standing: Draft, edit: Edit, understood: Understood, problems: Sequence[Problem]
) -> None:
    """Draw what is left to do, and the buttons that publish and discard."""
    met = define_data.met_others(screen.version, edit, understood)
    if met:
        _conflict(screen, standing, edit, met)
        return
    words = screen.words
    screen.draw(element("h2", words("define.publish_heading")))
    blocking = [*_problem_lines(screen, problems), *_smart_lines(screen, edit, understood)]
    # What may be absent has a place of its own: the buttons below stay where they are, and are never there twice.
    with st.container():
        if blocking:
            told = words.counted("define.blocked", len(blocking))
            listed = element("ul", *(element("li", line) for line in blocking), class_="ql-findings")
            screen.draw(element("p", told), listed)
    with st.container():
        revising = _revisions(screen, standing.id, edit)
    with st.container():
        overrides = _overrides(screen, standing.id, understood)
    retiring = _retiring(screen, edit)
    with st.container():
        agreed = not retiring or st.checkbox(
            words("define.retire", names=", ".join(retiring)), key=f"define-{standing.id}-retire"
        )
    with st.container(horizontal=True):
        pressed = st.button(
            words("define.publish"),
            type="primary",
            disabled=bool(blocking) or not agreed or revising is None or not all(overrides.values()),
            key=f"define-{standing.id}-publish",
        )
        st.button(
            words("define.discard"),
            type="tertiary",
            key=f"define-{standing.id}-discard",
            on_click=discard,
            args=(screen.version, standing.id),
        )
    if pressed:
        _publish(screen, standing, edit, retire=bool(retiring), revising=revising or {}, overrides=overrides)


def discard(version: data.Version, id_: str) -> None:
    """Discard a draft; it can be opened again from the list."""
    define_data.mark_draft(version, id_, "discarded")
    st.query_params.pop("draft", None)


def _publish(
    screen: Screen,
    standing: Draft,
    edit: Edit,
    *,
    retire: bool,
    revising: Mapping[str, Revising],
    overrides: Mapping[str, str],
) -> None:
    version = screen.version
    try:
        plan = publish_edit(version, edit, retire=retire, revising=revising, overrides=overrides)
    except DefinitionError as error:
        lines = [element("p", line) for line in _problem_lines(screen, error.problems)]
        screen.draw(element("div", *lines, class_="ql-notice", role="alert"))
        return
    except QuarterlineError as error:
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return
    define_data.mark_draft(version, standing.id, "published")
    st.session_state[PUBLISHED] = _told(plan, revising)
    st.query_params.pop("draft", None)
    st.rerun()


def _told(plan: Plan, revising: Mapping[str, Revising]) -> dict[str, int]:
    """Count what people define; a cycle that comes with its first objective is not one of them."""
    actions = [change.action for change in plan.changes if change.kind != "cycle"]
    counts = {action: actions.count(action) for action in ("create", "change", "retire")}
    return {**counts, "revised": len(revising)}


def _problem_lines(screen: Screen, problems: Sequence[Problem]) -> list[Html]:
    """Word problems with where they stand; what is only missing is counted with its field."""
    words, lines = screen.words, list[Html]()
    for problem in problems:
        place = _place(problem.key, screen)
        if isinstance(problem, JudgedProblem):
            told = finding_in_words(problem.finding, screen.reader)
        elif is_missing(problem.message):
            told = words("problem.needed")
        else:
            told = problem_in_words(problem.message, words)
        lines.append(join(element("strong", place), " ", told))
    return lines


def _place(key: str, screen: Screen) -> str:
    """Name the field that a key stands for, such as `Key result 2, target`."""
    words = screen.words
    steps = [step for step in key.replace("[", ".").replace("]", "").split(".") if step]
    if steps[:2] == ["objective", "key_results"] and len(steps) > 2:
        place = words("define.untitled", number=int(steps[2]) + 1)
        rest = steps[3:]
    elif steps[:1] == ["goal"]:
        place, rest = words("define.goal_heading"), steps[1:]
    elif steps[:1] in (["objectives"], ["goals"]):
        return f"{words('define.elsewhere')}:"
    elif steps[:1] == ["metrics"]:
        place, rest = words("define.metric_named", name=".".join(steps[1:2])), steps[2:]
    else:
        place, rest = words("define.objective_heading"), steps[1:]
    return f"{place}, {words.known(f'field.{rest[0]}', rest[0])}:" if rest else f"{place}:"


def _smart_lines(screen: Screen, edit: Edit, understood: Understood) -> list[Html]:
    """Word what the SMART checks call an error."""
    objective, goal, found = understood.objective(edit), understood.goal(edit), list[tuple[str, Finding]]()
    if goal is not None and not goal.draft:
        judged_goal = define_data.goal_verdicts(screen.version, understood, goal)
        found += [("goal", finding) for finding in judged_goal.findings]
    if objective is not None:
        judged = define_data.objective_verdicts(screen.version, understood, objective)
        found += [("objective", finding) for finding in judged.findings]
        for index, one in enumerate(judged.key_results):
            found += [(f"objective.key_results[{index}]", finding) for finding in one.findings]
    return [
        join(element("strong", _place(key, screen)), " ", finding_in_words(finding, screen.reader))
        for key, finding in found
        if finding.severity == "error"
    ]


def _revisions(screen: Screen, id_: str, edit: Edit) -> dict[str, Revising] | None:
    """Ask for each moved target whether it is revised or corrected; None while a reason is missing."""
    words, revising, complete = screen.words, dict[str, Revising](), True
    for name, (before, after) in define_data.moved_targets(screen.version, edit).items():
        told = words("define.target_moves", name=name, before=before, after=after)
        screen.draw(element("h3", told, class_="ql-step"))
        key = f"define-{id_}-revise-{name}"
        how = st.radio(
            words("define.how_to_move"),
            ("revise", "correct"),
            format_func=lambda one: words(f"move.{one}"),
            captions=[words(f"move_means.{one}") for one in ("revise", "correct")],
            key=key,
        )
        if how == "correct":
            continue
        cycle = define_data.cycle(screen.version, edit.cycle)
        today = screen.reader.today
        reason = st.text_input(words("define.reason"), key=f"{key}-reason")
        day = st.date_input(
            words("define.effective"),
            min(max(today, cycle.starts), cycle.ends),
            min_value=cycle.starts,
            max_value=cycle.ends,
            format="YYYY-MM-DD",
            key=f"{key}-day",
        )
        complete = complete and bool(reason.strip())
        revising[name] = Revising(reason, day)
    return revising if complete else None


def _overrides(screen: Screen, id_: str, understood: Understood) -> dict[str, str]:
    """Ask for a reason for each locked goal that would change, itself or by its metric."""
    words, reasons = screen.words, dict[str, str]()
    goals = {goal.key: goal for goal in data.definitions(screen.version).goals}
    for key in define_data.locked(screen.version, understood):
        title = words.title(goals[key].measured.title, key)
        screen.draw(element("p", words("define.goal_locked", title=title), class_="ql-notice", role="status"))
        reason = st.text_input(words("define.goal_override"), key=f"define-{id_}-override-{key}", live=PAUSE)
        reasons[key] = reason.strip()
    return reasons


def _retiring(screen: Screen, edit: Edit) -> list[str]:
    """Name key results in force that the edit leaves out."""
    words, wanted = screen.words, {one.get("id") for one in (edit.objective or {}).get("key_results", ())}
    objectives = data.definitions(screen.version).objectives
    standing = [each for each in objectives if edit.was and each.key == f"{edit.cycle}/{edit.was}"]
    return [words.title(one.title, one.id) for each in standing for one in each.key_results if one.id not in wanted]


def _conflict(screen: Screen, standing: Draft, edit: Edit, met: Sequence[Overtaken]) -> None:
    """Show both versions side by side, field by field, and let the reader choose."""
    words = screen.words
    screen.draw(element("h2", words("define.conflict_heading")), element("p", words("define.conflict_means")))
    chosen: dict[tuple[str, str, str], bool] = {}
    for one in met:
        moment = format_moment(one.at, words, screen.reader.timezone)
        told = words("define.conflict_by", key=one.key, actor=one.actor, moment=moment)
        head = [words("define.field"), words("define.theirs", actor=one.actor), words("define.mine")]
        rows = [[_field_name(each.field, screen), _plain(each.theirs), _plain(each.mine)] for each in one.fields]
        screen.draw(element("h3", told, class_="ql-step"), plain_table(head, rows, numeric=frozenset()))
        for each in one.fields:
            side = st.segmented_control(
                _field_name(each.field, screen),
                ("theirs", "mine"),
                format_func=lambda side: words(f"take.{side}"),
                default="mine" if each.prefer_mine else "theirs",
                required=True,
                key=f"define-{standing.id}-conflict-{one.kind}-{one.key}-{each.field}",
            )
            chosen[one.kind, one.key, each.field] = side == "mine"
    if st.button(words("define.conflict_go_on"), type="primary", key=f"define-{standing.id}-merge"):
        _merge(screen, standing, edit, chosen)


def _merge(screen: Screen, standing: Draft, edit: Edit, chosen: Choices) -> None:
    version = screen.version
    metrics = data.definitions(version).metrics
    try:
        merged = rebase(data.ledger(version.root, version.configuration), edit, data.present_day(version), chosen)
    except NotFoundError as error:
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return
    form = from_edit(merged, lambda name: metrics[name].unit if name in metrics else "")
    fill_anew(standing.id, define_data.save_draft(version, standing, form).version)
    st.rerun()


def _field_name(name: str, screen: Screen) -> str:
    return screen.words.known(f"field.{name}", name)


def _plain(value: Any) -> str:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
