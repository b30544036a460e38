"""Narrowing a metric to values of its dimensions, kept in the address as one choice."""

from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from metrics.model.definition import Filter
from pages.ui.choices import chosen, plain
from pages.ui.i18n import Words

FILTER = "filter"


def chosen_filter(dimensions: Sequence[str]) -> Filter:
    """Read the filter from the address; what names no dimension counts as not chosen."""
    accepted: dict[str, set[str]] = {}
    for dimension, value in parse_qsl(chosen(FILTER) or ""):
        if dimension in dimensions:
            accepted.setdefault(dimension, set()).add(value)
    return tuple((dimension, tuple(sorted(accepted[dimension]))) for dimension in sorted(accepted))


def filter_text(filter_: Filter) -> str:
    """Write a filter as it stands in the address."""
    return urlencode([(dimension, value) for dimension, values in filter_ for value in values])


def metric_filter_menu(
    dimensions: Sequence[str], values_of: Callable[[str], Sequence[str]], filter_: Filter, words: Words
) -> None:
    """Draw the menu of dimensions; their values are only read while it is open."""
    label = words("filter.opened", count=len(filter_)) if filter_ else words("filter.open")
    menu = st.popover(label, icon=":material/filter_list:", on_change="rerun", key="metric-filter", type="tertiary")
    if not menu.open:
        return
    accepted = dict(filter_)
    with menu:
        for dimension in dimensions:
            key = f"metric-filter-{dimension}"
            options = list(dict.fromkeys([*values_of(dimension), *accepted.get(dimension, ())]))
            if key not in st.session_state:
                st.session_state[key] = list(accepted.get(dimension, ()))
            st.multiselect(
                plain(dimension.replace("_", " ")), options, key=key, placeholder=words("filter.everything"),
                on_change=_write, args=(tuple(dimensions),),
            )  # fmt: skip


def _write(dimensions: Sequence[str]) -> None:
    picked = {dimension: st.session_state.get(f"metric-filter-{dimension}") or [] for dimension in dimensions}
    text = filter_text(tuple((dimension, tuple(values)) for dimension, values in sorted(picked.items()) if values))
    if text:
        st.query_params[FILTER] = text
    else:
        st.query_params.pop(FILTER, None)
