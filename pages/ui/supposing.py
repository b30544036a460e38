"""The what-if panel: move the target, the last day or the level of what is to come, and see the chance."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

import streamlit as st

from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target
from metrics.outlook import Levers, Outlook, Supposed, levers_of, retarget, suppose_all
from pages.ui.chances import distribution_image
from pages.ui.choices import plain
from pages.ui.formats import (
    MINUS,
    NOTHING,
    format_chance,
    format_day,
    format_share,
    format_target,
    format_value,
)
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element
from pages.ui.revising import revision_menu
from pages.ui.screen import Screen

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
    answer = st.container()
    target = _target_slider(card, levers, words)
    ends = _slider(f"ends-{key}", words("whatif.ends"), levers.ends, outlook.cycle.ends, lambda day: _day(day, words))
    change = _slider(
        f"level-{key}", words("whatif.level"), levers.changes, 0.0, lambda by: _signed(by, card.unit, words)
    )
    supposed = suppose_all(outlook, card, screen.as_of, target=target, ends=ends, level_change=change)
    with answer:
        screen.draw(_answer(supposed, card, words))
    with st.container(horizontal=True, vertical_alignment="center"):
        revision_menu(screen, card, target)
        if (target, ends, change) != (card.target, outlook.cycle.ends, 0.0):
            st.button(words("whatif.reset"), on_click=_reset, args=(key,), type="tertiary", key=f"whatif-reset-{key}")


def _target_slider(card: KeyResultCard, levers: Levers, words: Words) -> Target:
    target, key = card.target, card.key_result.key
    if target.comparator == "within" and target.high is not None:
        low, high = _range_slider(key, target.value, target.high, levers.targets, card.unit, words)
        return target if (low, high) == (target.value, target.high) else retarget(target, low, high)
    value = _slider(
        f"target-{key}",
        words("whatif.target"),
        levers.targets,
        target.value,
        lambda number: format_target(retarget(target, number), card.unit, words),
    )
    return target if value == target.value else retarget(target, value)


def _range_slider(
    key: str, low: float, high: float, options: Sequence[float], unit: str, words: Words
) -> tuple[float, float]:
    name = f"whatif-target-{key}"
    if not set(st.session_state.get(name, ())) <= set(options):
        del st.session_state[name]
    given = st.select_slider(
        words("whatif.target"),
        options,
        (low, high),
        format_func=lambda number: plain(format_value(number, unit, words)),
        key=name,
    )
    return float(given[0]), float(given[1])


def _slider(name: str, label: str, options: Sequence[T], default: T, show: Callable[[T], str]) -> T:
    key = f"whatif-{name}"
    if st.session_state.get(key, default) not in options:  # what was tried yesterday may not be on offer today
        del st.session_state[key]
    chosen: T = st.select_slider(label, options, default, format_func=lambda option: plain(show(option)), key=key)
    return chosen


def _reset(key: str) -> None:
    for name in ("target", "ends", "level"):
        st.session_state.pop(f"whatif-{name}-{key}", None)


def _answer(supposed: Supposed, card: KeyResultCard, words: Words) -> Html:
    """Draw the chance before and under the supposition, where the value may end, and what it takes."""
    before, now = format_chance(card.forecast.p_hit, words), format_chance(supposed.chance, words)
    if supposed.chance is None:
        chance = element("span", NOTHING, class_="ql-big")
    else:
        chance = element("span", now, class_="ql-big ql-accent")
    was = element("span", words("whatif.was", chance=before), class_="ql-note") if before != now else EMPTY
    label = element("span", words("whatif.chance"), class_="ql-note")
    picture = distribution_image(supposed, card.unit, words) if supposed.slices else EMPTY
    needed = _needed(supposed, card, words)
    return element("div", label, element("p", chance, " ", was), picture, needed, class_="ql-whatif")


def _needed(supposed: Supposed, card: KeyResultCard, words: Words) -> Html:
    needed = supposed.needed
    if needed is None or needed.per_week is None:
        return EMPTY
    if needed.per_week == 0:
        return element("p", words("needed.reached"), class_="ql-note")
    amount = format_value(abs(needed.per_week), card.unit, words)
    if card.key_result.shape != "total":
        amount = _signed(needed.per_week, card.unit, words)
    said = words("needed.per_week", change=amount)
    if needed.percentile is not None:
        said = f"{said} {words('whatif.past', share=format_share(needed.percentile, words))}"
    return element("p", said, class_="ql-note")


def _day(day: date, words: Words) -> str:
    return format_day(day, words)


def _signed(change: float, unit: str, words: Words) -> str:
    sign = "+" if change > 0 else MINUS if change < 0 else "±"
    return f"{sign}{format_value(abs(change), unit, words)}"
