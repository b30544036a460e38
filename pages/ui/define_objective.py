"""The first part of the form: where to go, why, and who for."""

from dataclasses import replace

import streamlit as st

from metrics.model.definition import Definitions
from pages.ui import data, define_data
from pages.ui.define_form import ObjectiveForm
from pages.ui.fields import Fields
from pages.ui.i18n import Words

KINDS = ("committed", "aspirational")
LEVELS = ("company", "team", "individual")
NOTHING = ""


def objective_fields(form: ObjectiveForm, fields: Fields, *, opened: bool) -> ObjectiveForm:
    """Draw the objective's fields in the order people think, and give what is typed."""
    words, version = fields.screen.words, fields.screen.version
    titles = fields.in_both(form, "title", words("define.objective_title"), example=words("define.objective_example"))
    with st.expander(words("define.objective_more"), expanded=opened):
        whys = fields.in_both(form, "why", words("define.why"), long=True)
        kind = fields.one_of("kind", words("define.kind"), KINDS, form.kind, lambda one: words(f"kind.{one}"),
                             hint=words("define.kind_means"))  # fmt: skip
        level = fields.one_of("level", words("define.level"), LEVELS, form.level, lambda one: words(f"level.{one}"))
        left, right = st.columns(2)
        with left:
            owner = fields.name_of("owner", words("define.owner"), define_data.people(version), form.owner)
        with right:
            team = fields.name_of("team", words("define.team"), define_data.teams(version), form.team)
        served = _served(data.definitions(version), form, words)
        parent = fields.from_list(
            "parent", words("define.parent"), [NOTHING, *served], form.parent,
            lambda key: served.get(key, key) or words("define.no_parent"), hint=words("define.parent_means"),
        )  # fmt: skip
    return replace(form, **titles, **whys, kind=kind, level=level, owner=owner, team=team, parent=parent)


def _served(definitions: Definitions, form: ObjectiveForm, words: Words) -> dict[str, str]:
    """Give what an objective may serve: every other objective and key result, by its key."""
    served = {}
    for objective in definitions.objectives:
        if objective.key == f"{form.cycle}/{form.was}":
            continue
        title = words.title(objective.title, objective.id)
        served[objective.key] = f"{objective.cycle} · {title}"
        served |= {
            one.key: f"{objective.cycle} · {title} › {words.title(one.title, one.id)}"  # noqa: RUF001
            for one in objective.key_results
        }
    return served
