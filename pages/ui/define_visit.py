"""What a visit remembers of a draft beside what is kept: the version that is shown, and which key result is open."""

from collections.abc import Sequence

import streamlit as st


def fields_of(id_: str) -> str:
    """Give what the keys of a draft's fields begin with; another once they are to be filled anew."""
    return f"define-{id_}-{st.session_state.get(_filling(id_), 0)}"


def seen_version(id_: str, standing: int) -> int:
    """Give the version of the draft that its fields stand for; the standing one when the visit begins."""
    return int(st.session_state.setdefault(_version(id_), standing))


def see_version(id_: str, version: int) -> None:
    """Note that the fields stand for a version, since this visit saved it."""
    st.session_state[_version(id_)] = version


def fill_anew(id_: str, version: int) -> None:
    """Let the fields be filled from what is kept, whatever is typed in them."""
    st.session_state[_filling(id_)] = st.session_state.get(_filling(id_), 0) + 1
    see_version(id_, version)


def open_part(id_: str, marks: Sequence[str]) -> str:
    """Give the mark of the part whose fields are drawn: the first until another is opened."""
    opened = st.session_state.get(_open(id_))
    return str(opened) if opened in marks else marks[0]


def open_next(id_: str, mark: str) -> None:
    """Open another part with the next drawing, once what was typed into this one is kept."""
    st.session_state[_open(id_)] = mark


def _filling(id_: str) -> str:
    return f"define-filling-{id_}"


def _version(id_: str) -> str:
    return f"define-version-{id_}"


def _open(id_: str) -> str:
    return f"define-open-{id_}"
