"""The what-if panel: move the target, the last day or the level of what is to come, and see the chance."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeVar

import streamlit as st

from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target
from metrics.outlook import Levers, Outlook, Supposed, levers_of, retarget, suppose_all
from pages.ui.chances import distribution_image, distribution_table, passes_short
from pages.ui.choices import plain
from pages.ui.formats import (
    MINUS,
    NOTHING,
    format_chance,
    format_day,
    format_share,
    format_value,
    sign_of,
)
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element
from pages.ui.revising import next_turn, revision_menu, turn_of
from pages.ui.screen import Screen
from pages.ui.wording import needed_per_week

T = TypeVar("T", float, date)


def what_if_panel(screen: Screen, outlook: Outlook, card: KeyResultCard) -> None:
    """Draw the panel; only it is drawn again while a slider moves. Without a forecast it says why there is none."""
    levers = levers_of(outlook, card)
    screen.draw(element("h2", screen.words("whatif.heading")))
    if levers is None:
        screen.draw(element("p", screen.words("whatif.none"), class_="ql-note"))
        revision_menu(screen, card, card.target)
        return
    st.fragment(_panel)(screen, outlook, card, levers)


def _panel(screen: Screen, outlook: Outlook, card: KeyResultCard, levers: Levers) -> None:
    words, key = screen.words, card.key_result.key
    turn = f"{turn_of(key)}-{key}"
    answer = st.container()
    target = _target_slider(card, levers, words, turn)
    years = levers.ends[0].year != levers.ends[-1].year
    days = {day: format_day(day, words, year=years) for day in levers.ends}
    ends = _slider(f"ends-{turn}", words("whatif.ends"), days, outlook.cycle.ends)
    change = _slider(f"level-{turn}", words("whatif.level"), change_names(levers.changes, card.unit, words), 0.0)
    supposed = suppose_all(outlook, card, screen.as_of, target=target, ends=ends, level_change=change)
    with answer:
        screen.draw(_answer(supposed, card, words))
        if supposed.slices:
            with st.expander(words("key_result.data")):
                screen.draw(distribution_table(supposed, card.unit, words))
    with st.container(horizontal=True, vertical_alignment="center"):
        revision_menu(screen, card, target)
        if (target, ends, change) != (card.target, outlook.cycle.ends, 0.0):
            st.button(
                words("whatif.reset"), on_click=next_turn, args=(key,), type="tertiary", key=f"whatif-reset-{key}"
            )


def _target_slider(card: KeyResultCard, levers: Levers, words: Words, turn: str) -> Target:
    target = card.target
    if target.comparator == "within" and target.high is not None:
        names = number_names(levers.targets, card.unit, words)
        low, high = _range_slider(turn, target.value, target.high, names, words)
        return target if (low, high) == (target.value, target.high) else retarget(target, low, high)
    names = {
        value: f"{sign_of(target)} {name}" for value, name in number_names(levers.targets, card.unit, words).items()
    }
    value = _slider(f"target-{turn}", words("whatif.target"), names, target.value)
    return target if value == target.value else retarget(target, value)


def _range_slider(turn: str, low: float, high: float, names: Mapping[float, str], words: Words) -> tuple[float, float]:
    name = f"whatif-target-{turn}"
    if not set(st.session_state.get(name, ())) <= set(names):
        del st.session_state[name]
    given = st.select_slider(
        words("whatif.target"), tuple(names), (low, high), format_func=lambda number: plain(names[number]), key=name
    )
    return float(given[0]), float(given[1])


def _slider(name: str, label: str, names: Mapping[T, str], default: T) -> T:
    key = f"whatif-{name}"
    if st.session_state.get(key, default) not in names:  # what was tried yesterday may not be on offer today
        del st.session_state[key]
    chosen: T = st.select_slider(label, tuple(names), default, format_func=lambda option: plain(names[option]), key=key)
    return chosen


def number_names(numbers: Sequence[float], unit: str, words: Words) -> Mapping[float, str]:
    """Write ascending numbers with the decimals of the smallest step between them.

    A slider goes by what it shows: of two options that read alike only one could be chosen.
    """
    gap = min((after - before for before, after in pairwise(numbers)), default=1.0)
    return {number: format_value(number, unit, words, step=gap) for number in numbers}


def change_names(changes: Sequence[float], unit: str, words: Words) -> Mapping[float, str]:
    """Write changes of level with their signs, those of a percentage in percentage points."""
    scale, unit = (100, "percentage_points") if unit == "percent" else (1, unit)
    sizes = number_names(sorted({scale * abs(change) for change in changes}), unit, words)
    signs = {change: "+" if change > 0 else MINUS if change < 0 else "±" for change in changes}
    return {change: f"{signs[change]}{sizes[scale * abs(change)]}" for change in changes}


def _answer(supposed: Supposed, card: KeyResultCard, words: Words) -> Html:
    """Draw the chance before and under the supposition, where the value may end, and what it takes."""
    before, now = format_chance(card.forecast.p_hit, words), format_chance(supposed.chance, words)
    if supposed.chance is None:
        chance = element("span", NOTHING, class_="ql-big")
    else:
        chance = element("span", now, class_="ql-big ql-accent")
    was = element("span", words("whatif.was", chance=before), class_="ql-note") if before != now else EMPTY
    name = "whatif.chance_whole" if passes_short(card) else "whatif.chance"
    label = element("span", words(name), class_="ql-note")
    picture = distribution_image(supposed, card.unit, words) if supposed.slices else EMPTY
    needed = _needed(supposed, card, words)
    return element("div", label, element("p", chance, " ", was), picture, needed, class_="ql-whatif")


def _needed(supposed: Supposed, card: KeyResultCard, words: Words) -> Html:
    needed = supposed.needed
    if needed is None or needed.per_week is None:
        return EMPTY
    if needed.per_week == 0:
        return element("p", words("needed.reached"), class_="ql-note")
    said = needed_per_week(needed.per_week, card, words)
    if needed.percentile is not None:
        said = f"{said} {words('whatif.past', share=format_share(needed.percentile, words))}"
    return element("p", said, class_="ql-note")
