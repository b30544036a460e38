"""What the reader chose, kept in the address so that it can be shared; anything unknown there counts as not chosen."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import streamlit as st

from metrics.model.definition import Language
from pages.ui.i18n import is_language

LANGUAGE = "lang"
AS_OF = "as_of"
CYCLE = "cycle"
VIEW = "view"
TEAM = "team"
OWNER = "owner"
STATUS = "status"
SORT = "sort"
SUBJECT = "of"
GRAIN = "grain"
DIMENSION = "by"
KEY = "kr"
MONTH = "month"
PRESENT = "present"
METRIC = "metric"
SEARCH = "q"
SPAN = "span"
DRAFT = "draft"

_ICONS = {"table": ":material/table_rows:", "cards": ":material/grid_view:"}
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()!:$~|]|<(?! )|(?<!\d)\.|\.(?!\d)")
_BLOCK = re.compile(r"\s*(?:[>#=+\-]|\d+\.(?!\d))")
_JOINER = "\u2060"


def choose_language(default: Language) -> Language:
    """Give the language: the address's, else the session's, else the organisation's; the session remembers it."""
    asked = st.query_params.get(LANGUAGE)
    if is_language(asked):
        st.session_state[LANGUAGE] = asked
    language: Language = st.session_state.get(LANGUAGE, default)
    if language not in {default, asked}:
        st.query_params[LANGUAGE] = language  # a reload or a bookmark keeps it
    return language


def chosen(name: str) -> str | None:
    """Give a choice from the address, or None."""
    return st.query_params.get(name) or None


def chosen_day() -> date | None:
    """Give the day asked for by `as_of`, or None when it is no ISO date."""
    try:
        return date.fromisoformat(chosen(AS_OF) or "")
    except ValueError:
        return None


def kept_in_links(default: Language, language: Language) -> Mapping[str, str]:
    """Give the choices that links to other pages carry on."""
    kept = {AS_OF: chosen(AS_OF), LANGUAGE: language if language != default else None}
    return {name: value for name, value in kept.items() if value}


def all_choices() -> dict[str, str]:
    """Give every choice in the address."""
    return {name: value for name, value in st.query_params.items() if value}


def pick(name: str, label: str, options: Sequence[str], show: Callable[[str], str]) -> str:
    """Let the reader choose one of a few by a segmented control; the first is chosen when nothing is.

    Streamlit reads these labels as markdown, which could fetch pictures from outside: what people typed is escaped.
    """
    _remember(name, options)
    st.segmented_control(
        label,
        options,
        format_func=lambda option: plain(show(option)),
        key=f"choice-{name}",
        required=True,
        label_visibility="collapsed",
        on_change=_write,
        args=(name, options[0]),
    )
    return str(st.session_state[f"choice-{name}"])


def switch(name: str, options: tuple[str, str], show: Callable[[str], str]) -> str:
    """Let the reader change to the other of two by a button that names it, which costs a page the least."""
    _remember(name, options)
    now = str(st.session_state[f"choice-{name}"])
    other = options[1 - options.index(now)]

    def change() -> None:
        st.session_state[f"choice-{name}"] = other
        _write(name, options[0])

    st.button(show(other), icon=_ICONS.get(other), key=f"switch-{name}", type="tertiary", on_click=change)
    return now


def plain(text: str) -> str:
    """Escape what people typed for a label, which Streamlit reads as markdown.

    A slider's text is also read out as it is written, so numbers and signs carry no backslash: a decimal point and a
    sign with a space behind it are no markup, and what would open a block stands behind an invisible joiner.
    """
    text = text.replace("\n", " ")
    escaped = _MARKDOWN.sub(r"\\\g<0>", text)
    return f"{_JOINER}{escaped}" if _BLOCK.match(text) else escaped


def pick_from_list(
    name: str, label: str, options: Sequence[str], show: Callable[[str], str], *, labelled: bool = True
) -> str:
    """Let the reader choose one of many by a list; the first is chosen when nothing is."""
    _remember(name, options)
    st.selectbox(
        label,
        options,
        format_func=show,
        key=f"choice-{name}",
        label_visibility="visible" if labelled else "collapsed",
        on_change=_write,
        args=(name, options[0]),
    )
    return str(st.session_state[f"choice-{name}"])


def type_in(name: str, label: str) -> str:
    """Let the reader type a few words; the label stands in the empty field."""
    key = f"choice-{name}"
    if key not in st.session_state:
        st.session_state[key] = chosen(name) or ""
    st.text_input(label, key=key, placeholder=label, label_visibility="collapsed", on_change=_write, args=(name, ""))
    return str(st.session_state[key])


def clear(names: Sequence[str]) -> None:
    """Forget choices."""
    for name in names:
        st.query_params.pop(name, None)
        st.session_state.pop(f"choice-{name}", None)


def _remember(name: str, options: Sequence[str]) -> None:
    key, asked = f"choice-{name}", chosen(name)
    if st.session_state.get(key) not in options:
        st.session_state[key] = asked if asked in options else options[0]


def _write(name: str, default: str) -> None:
    value = st.session_state[f"choice-{name}"]
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
