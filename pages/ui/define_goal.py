"""What a SMART goal has beside its number: dates of its own, why, for whom, and whether others see it yet."""

from dataclasses import replace

import streamlit as st

from metrics.model.definition import Goal
from pages.ui import define_data
from pages.ui.define_form import GoalForm
from pages.ui.define_objective import LEVELS
from pages.ui.fields import Fields
from pages.ui.formats import format_day
from pages.ui.i18n import Words

SHAPES = ("reach", "keep", "total")


def goal_fields(form: GoalForm, fields: Fields) -> GoalForm:
    """Draw the goal's own fields and give what is typed."""
    words, version = fields.screen.words, fields.screen.version
    left, right = st.columns(2)
    with left:
        starts = fields.text("starts", words("define.goal_starts"), form.starts, example="2027-01-04")
    with right:
        ends = fields.text("ends", words("define.goal_ends"), form.ends, example="2027-03-31")
    with st.expander(words("define.goal_more"), expanded=not form.was):
        whys = fields.in_both(form, "why", words("define.why"), long=True)
        level = fields.one_of("level", words("define.level"), LEVELS, form.level, lambda one: words(f"level.{one}"))
        team = fields.name_of("team", words("define.team"), define_data.teams(version), form.team)
        private = fields.tick("draft", words("define.goal_private"), value=form.private)
        fields.tell("draft")
    return replace(form, starts=starts, ends=ends, **whys, level=level, team=team, private=private)


def goal_note(goal: Goal, words: Words, *, locked: bool) -> str:
    """Say a goal's days, and whether its definition stands still."""
    days = words("goals.days", first=format_day(goal.starts, words), last=format_day(goal.ends, words, year=True))
    state = "draft" if goal.draft else "locked" if locked else "unlocked"
    return f"{days} · {words(f'goals.{state}')}"
