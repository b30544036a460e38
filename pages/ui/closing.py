"""How a cycle begins and ends in the browser: activated, closed with its scores and what was learned, reopened."""

from typing import Literal

import streamlit as st

from metrics.errors import QuarterlineError
from metrics.model.decision import CycleChange
from metrics.model.definition import Definitions
from metrics.model.scorecard import Scorecard
from metrics.scorecard.closing import close_cycle, closing_scores, following_cycle
from metrics.scorecard.cycles import ListedCycle
from pages.ui import data
from pages.ui.deciding import acting_person, try_decision
from pages.ui.endings import scores_table
from pages.ui.markup import element
from pages.ui.refusals import error_in_words
from pages.ui.screen import Screen
from pages.ui.wording import card_title

_OPEN = "cycles-open"


def cycle_actions(screen: Screen, listed: ListedCycle) -> None:
    """Draw what can be decided about a cycle in its state."""
    cycle, words = listed.cycle.id, screen.words
    if listed.state == "draft":
        st.button(words("cycles.activate"), type="tertiary", key=f"activate-{cycle}", on_click=_toggle, args=(cycle,))
    elif listed.state == "active":
        kind: Literal["primary", "tertiary"] = "primary" if listed.waits else "tertiary"
        st.button(words("cycles.close"), type=kind, key=f"close-{cycle}", on_click=_toggle, args=(cycle,))
    else:
        st.button(words("cycles.reopen"), type="tertiary", key=f"reopen-{cycle}", on_click=_toggle, args=(cycle,))


def cycle_panel(screen: Screen, listed: ListedCycle) -> None:
    """Draw the form that is open under a cycle, if one is."""
    if st.session_state.get(_OPEN) != listed.cycle.id:
        return
    with st.container(border=True):
        if listed.state == "active":
            _close(screen, listed)
        else:
            _activate(screen, listed)


def _toggle(cycle: str) -> None:
    st.session_state[_OPEN] = None if st.session_state.get(_OPEN) == cycle else cycle


def _activate(screen: Screen, listed: ListedCycle) -> None:
    """Activate a draft, or reopen what is closed, which needs a reason."""
    words, closed = screen.words, listed.state == "closed"
    text = words("cycles.reopen_means") if closed else words("cycles.activate_means")
    with st.form(f"activate-form-{listed.cycle.id}", border=False):
        screen.draw(element("p", text))
        note = st.text_input(words("cycles.why_reopen") if closed else words("cycles.why"))
        sent = st.form_submit_button(words("cycles.reopen") if closed else words("cycles.activate"), type="primary")
    if sent:
        try_decision(screen, CycleChange(listed.cycle.id, "active", screen.reader.today, note), closes=_OPEN)


def _close(screen: Screen, listed: ListedCycle) -> None:
    """Close a cycle: its scores as they would be kept, what was learned, and what goes on."""
    words, cycle = screen.words, listed.cycle
    scorecard = data.scorecard(screen.version, cycle.id, screen.reader.today)
    titles = {card.key_result.key: card_title(card, words) for card in scorecard.key_results}
    screen.draw(element("h3", words("cycles.would_be")), scores_table(closing_scores(scorecard), titles, words))
    with st.form(f"close-form-{cycle.id}", border=False):
        note = st.text_area(words("cycles.learned"), placeholder=words("cycles.learned_example"), height=90)
        carry = st.multiselect(words("cycles.carry"), list(titles), format_func=lambda key: titles[key])
        into = st.text_input(words("cycles.into"), _following(screen, listed))
        early = not listed.over and st.checkbox(words("cycles.early", day=cycle.ends.isoformat()))
        sent = st.form_submit_button(words("cycles.close_now"), type="primary")
    if not sent:
        return
    try:
        _record(screen, scorecard, note=note, carry=carry, into=into.strip() or None, early=early)
    except QuarterlineError as error:
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return
    st.session_state[_OPEN] = None
    data.look_again()
    st.rerun()


def _record(
    screen: Screen, scorecard: Scorecard, *, note: str, carry: list[str], into: str | None, early: bool
) -> None:
    version = screen.version
    close_cycle(
        data.workspace(version.root, version.configuration),
        data.ledger(version.root, version.configuration),
        data.facts(version),
        cycle_id=scorecard.cycle.id,
        note=note,
        actor=acting_person(),
        now=data.present(version),
        carry=carry,
        into=into,
        early=early,
    )


def _following(screen: Screen, listed: ListedCycle) -> str:
    workspace = data.workspace(screen.version.root, screen.version.configuration)
    try:
        return following_cycle(listed.cycle, workspace.organisation, workspace.cycles)
    except QuarterlineError:
        return ""


def titles_of(definitions: Definitions, screen: Screen) -> dict[str, str]:
    """Give every key result's title by its key."""
    return {each.key: screen.words.title(each.title, each.id) for each in definitions.key_results()}
