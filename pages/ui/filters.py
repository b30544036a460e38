"""Narrowing the Overview to a team, an owner or a status."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from metrics.model.scorecard import GoalCard, ObjectiveCard, Scorecard
from pages.ui.choices import CYCLE, OWNER, SORT, STATUS, TEAM, chosen, clear, pick_from_list
from pages.ui.i18n import Words
from pages.ui.wording import SHAPES

ALL = ""
LOST = "lost"
"""Sorted by the chance that was lost within a week."""

_NARROWING = (TEAM, OWNER, STATUS)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the Overview is narrowed to; None narrows nothing."""

    team: str | None = None
    owner: str | None = None
    status: str | None = None

    @property
    def count(self) -> int:
        """How many narrow."""
        return sum(each is not None for each in (self.team, self.owner, self.status))

    def narrow(self, scorecard: Scorecard) -> Scorecard:
        """Keep the key results and goals that match; an objective keeps its progress, and goes once empty."""
        kept = (self._narrow_objective(card) for card in scorecard.objectives)
        goals, drafts = (tuple(filter(self._keeps, each)) for each in (scorecard.goals, scorecard.drafts))
        return replace(
            scorecard, objectives=tuple(card for card in kept if card.key_results), goals=goals, drafts=drafts
        )

    def _keeps(self, goal: GoalCard) -> bool:
        asked = ((self.team, goal.goal.team), (self.status, goal.card.status), (self.owner, goal.goal.measured.owner))
        return all(wanted in {None, found} for wanted, found in asked)

    def _narrow_objective(self, card: ObjectiveCard) -> ObjectiveCard:
        if self.team is not None and card.objective.team != self.team:
            return replace(card, key_results=())
        owned = self.owner == card.objective.owner
        matching = tuple(
            each
            for each in card.key_results
            if self.status in {None, each.status}
            and (self.owner is None or owned or each.key_result.owner == self.owner)
        )
        return replace(card, key_results=matching)


def chosen_filters() -> Filters:
    """Read the filters from the address."""
    return Filters(chosen(TEAM), chosen(OWNER), chosen(STATUS))


def filter_menu(scorecard: Scorecard, cycles: Sequence[str], filters: Filters, words: Words) -> None:
    """Draw the menu of filters; its lists exist only while it is open, so a closed menu costs nothing."""
    label = words("filter.opened", count=filters.count) if filters.count else words("filter.open")
    menu = st.popover(label, icon=":material/filter_list:", on_change="rerun", key="filters", type="tertiary")
    if not menu.open:
        return
    everything = words("filter.everything")
    objectives = [card.objective for card in scorecard.objectives]
    owners = {each.owner for each in objectives} | {card.key_result.owner for card in scorecard.key_results}
    with menu:
        in_order = [scorecard.cycle.id, *(cycle for cycle in cycles if cycle != scorecard.cycle.id)]
        pick_from_list(CYCLE, words("filter.cycle"), in_order, str)
        for name, options in (
            (TEAM, _sorted({each.team for each in objectives})),
            (OWNER, _sorted(owners)),
        ):
            pick_from_list(name, words(f"filter.{name}"), [ALL, *options], lambda option: option or everything)
        pick_from_list(
            STATUS,
            words("filter.status"),
            [ALL, *SHAPES],
            lambda option: words(f"status.{option}") if option else everything,
        )
        pick_from_list(
            SORT, words("filter.sort"), [ALL, LOST], lambda order: words(f"filter.by_{order or 'definition'}")
        )
        if filters.count:
            st.button(words("filter.clear"), on_click=clear, args=(_NARROWING,), type="tertiary")


def _sorted(names: set[str | None]) -> list[str]:
    return sorted(name for name in names if name)
