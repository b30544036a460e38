"""What can be defined: drafts to go on with, something new, and everything in force to change."""

import streamlit as st

from metrics.definitions.dump import okrs_file
from metrics.ledger import Draft
from pages.ui import data, define_data
from pages.ui.choices import DRAFT
from pages.ui.define_fill import from_edit
from pages.ui.define_form import DraftForm, MetricForm, new_draft, new_goal
from pages.ui.define_goal import goal_note
from pages.ui.define_publishing import PUBLISHED
from pages.ui.formats import format_moment
from pages.ui.links import define_link
from pages.ui.markup import Html, element, join
from pages.ui.screen import Screen

_MOST_DISCARDED = 5


def start_part(screen: Screen) -> None:
    """Draw the buttons that begin something new."""
    words, version = screen.words, screen.version
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=180):
            cycle = st.selectbox(words("define.cycle"), define_data.cycles(version), key="define-cycle")
        if st.button(words("define.new_objective"), type="primary", icon=":material/add:", key="define-new-objective"):
            open_draft(version, new_draft(define_data.revision(version), str(cycle)))
        if st.button(words("define.new_goal"), icon=":material/add:", key="define-new-goal"):
            starts, ends = define_data.days_left(version, str(cycle))
            open_draft(version, new_goal(define_data.revision(version), str(cycle), starts, ends))
        if st.button(words("define.new_metric_button"), icon=":material/add:", key="define-new-metric"):
            open_draft(version, DraftForm(define_data.revision(version), None, (MetricForm("m1"),)))


def open_draft(version: data.Version, form: DraftForm) -> None:
    """Keep a new draft and open it."""
    _open(define_data.begin_draft(version, form).id)


def _open(id_: str) -> None:
    st.session_state.pop(PUBLISHED, None)
    for name in ("objective", "edit", "goal"):
        st.query_params.pop(name, None)
    st.query_params[DRAFT] = id_
    st.rerun()


def edit_something(screen: Screen, objective: str | None, metric: str | None, goal: str | None) -> None:
    """Open the draft of an objective, metric or goal in force; one that is open already is gone on with.

    Raises:
        NotFoundError: it is not in force.
    """
    going_on = define_data.open_draft_of(screen.version, objective, metric, goal)
    if going_on is not None:
        _open(going_on.id)
    metrics = data.definitions(screen.version).metrics
    edit = define_data.edit_in_force(screen.version, objective, metric, goal)
    open_draft(screen.version, from_edit(edit, lambda name: metrics[name].unit if name in metrics else ""))


def drafts_part(screen: Screen) -> None:
    """Draw the drafts that are open, and those that were discarded, which can be opened again."""
    words, version = screen.words, screen.version
    drafts = define_data.drafts(version)
    if drafts:
        screen.draw(element("section", element("h2", words("define.drafts"))))
    for draft in drafts:
        with st.container(horizontal=True, vertical_alignment="center", key=f"draft-{draft.id}"):
            screen.draw(_draft(draft, screen))
            st.button(
                words("define.discard"),
                type="tertiary",
                key=f"discard-{draft.id}",
                on_click=define_data.mark_draft,
                args=(version, draft.id, "discarded"),
            )
    discarded = define_data.drafts(version, "discarded")[:_MOST_DISCARDED]
    if not discarded:
        return
    with st.expander(words("define.discarded")):
        for draft in discarded:
            with st.container(horizontal=True, vertical_alignment="center", key=f"draft-{draft.id}"):
                screen.draw(element("p", draft.title or words("define.without_title"), " ", _by(draft, screen)))
                st.button(
                    words("define.undo"),
                    type="tertiary",
                    key=f"undo-{draft.id}",
                    on_click=define_data.mark_draft,
                    args=(version, draft.id, "open"),
                )


def in_force_part(screen: Screen) -> None:
    """Draw everything in force, each with the way to change it."""
    words, version, kept = screen.words, screen.version, screen.reader.kept
    defined = data.definitions(version)
    for cycle in sorted({each.cycle for each in defined.objectives}, reverse=True):
        rows = [
            element(
                "li",
                element("a", words.title(each.title, each.id), href=define_link(objective=each.key, **kept)),
                " ",
                element("span", words.counted("define.key_results", len(each.key_results)), class_="ql-note"),
            )
            for each in defined.objectives_of(cycle)
        ]
        screen.draw(element("section", element("h2", words("define.change_objective", cycle=cycle)), _listed(rows)))
    rows = [
        element(
            "li",
            element("a", words.title(goal.measured.title, goal.id), href=define_link(goal=goal.key, **kept)),
            " ",
            element("span", goal_note(goal, words, locked=locked), class_="ql-note"),
        )
        for goal, locked in define_data.goals_seen(version)
    ]
    if rows:
        screen.draw(element("section", element("h2", words("define.change_goal")), _listed(rows)))
    rows = [
        element(
            "li",
            element("a", words.title(each.title, each.id), href=define_link(edit=each.id, **kept)),
            " ",
            element("span", each.id, class_="ql-note"),
        )
        for each in defined.metrics.values()
    ]
    if rows:
        screen.draw(element("section", element("h2", words("define.change_metric")), _listed(rows)))


def files_part(screen: Screen) -> None:
    """Say when the workspace's files are behind what is in force, and offer what `export` would write."""
    words, version = screen.words, screen.version
    behind = define_data.behind_files(version)
    if not behind:
        return
    told = words.counted("define.files_behind", len(behind), names=", ".join(behind[:4]))
    command = element("code", "quarterline export")
    screen.draw(element("p", told, " ", words("define.files_export"), " ", command, class_="ql-notice", role="status"))
    with st.expander(words("define.files_download")):
        texts = define_data.export_texts(version, screen.reader.today)
        wanted = {"metrics.yaml", *(okrs_file(cycle) for cycle in data.definitions(version).cycle_ids)}
        with st.container(horizontal=True):
            for name in sorted(wanted & set(texts)):
                st.download_button(
                    name, texts[name], file_name=name.rpartition("/")[2], mime="application/yaml",
                    on_click="ignore", type="tertiary", icon=":material/download:", key=f"file-{name}",
                )  # fmt: skip


def _draft(draft: Draft, screen: Screen) -> Html:
    link = define_link(draft=draft.id, **screen.reader.kept)
    title = draft.title or screen.words("define.without_title")
    return element("p", element("a", title, href=link), " ", _by(draft, screen))


def _by(draft: Draft, screen: Screen) -> Html:
    moment = format_moment(draft.updated_at, screen.words, screen.reader.timezone)
    return element("span", screen.words("define.kept_by", actor=draft.actor, moment=moment), class_="ql-note")


def _listed(rows: list[Html]) -> Html:
    return element("ul", join(*rows), class_="ql-list")
