"""What people decide in the browser: recorded through the ledger's one path, with the second of two editors told."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from metrics.actor import local_actor
from metrics.editing import Edit, Revising, publish
from metrics.errors import FactsError, QuarterlineError
from metrics.facts import Facts
from metrics.ledger import OvertakenError, Plan
from metrics.model.decision import Decision, Recorded
from metrics.scorecard.current import decide_and_show
from pages.ui import data
from pages.ui.markup import element
from pages.ui.refusals import error_in_words
from pages.ui.screen import Screen

OVERTAKEN = "overtaken"
"""Where the session keeps a decision that somebody else was faster with, and theirs."""

D = TypeVar("D", bound=Decision)


def acting_person() -> str:
    """Give the name that the ledger keeps beside what is decided here; without a login, the one who serves."""
    return local_actor()


def record_decision(version: data.Version, made: D, *, seen: int | None = None) -> Recorded[D]:
    """Record a decision and what is shown from now on.

    Args:
        version: what the page showed when it was decided.
        seen: version of the same thing that the decision rests on (0: none).

    Raises:
        OvertakenError: somebody else decided the same thing meanwhile; `mine` and `theirs` are both at hand.
        LedgerError: the decision does not fit what stands; the message says why and what to do.
    """
    recorded = decide_and_show(
        data.workspace(version.root, version.configuration),
        data.ledger(version.root, version.configuration),
        made,
        facts=_facts_or_none(version),
        actor=acting_person(),
        now=data.present(version),
        seen=seen,
    )
    data.look_again()
    return recorded


def try_decision(screen: Screen, made: Decision, *, seen: int | None = None, closes: str | None = None) -> None:
    """Record a decision and draw the page again; where it does not fit what stands, say why right here.

    Whoever was overtaken finds both decisions at the top of the page (`pages.ui.overtaken`).

    Args:
        closes: what the session forgets once it is recorded, such as which form is open.
    """
    try:
        record_decision(screen.version, made, seen=seen)
    except OvertakenError as error:
        st.session_state[OVERTAKEN] = (error.mine, error.theirs)
        data.look_again()
    except QuarterlineError as error:
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return
    if closes is not None:
        st.session_state.pop(closes, None)
    st.rerun()


def publish_edit(
    version: data.Version,
    edit: Edit,
    *,
    retire: bool = False,
    revising: Mapping[str, Revising] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Plan:
    """Put an edit of definitions in force, and what is shown from now on.

    Raises:
        DefinitionError: it cannot be accepted; carries every problem.
        EditOvertakenError: somebody else published the same meanwhile; both versions are at hand.
        LedgerError: a key result would vanish without `retire`, a locked goal would change without an override, or the
            ledger cannot be written.
    """
    plan = publish(
        data.workspace(version.root, version.configuration),
        data.ledger(version.root, version.configuration),
        edit,
        facts=_facts_or_none(version),
        actor=acting_person(),
        now=data.present(version),
        retire=retire,
        revising=revising,
        overrides=overrides,
    )
    data.look_again()
    return plan


def _facts_or_none(version: data.Version) -> Facts | None:
    try:
        return data.facts(version) if version.generation is not None else None
    except FactsError:
        return None
