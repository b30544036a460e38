"""Fields of a form that is kept as it is typed, each with what is wrong with it beneath."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.ui.i18n import LANGUAGES
from pages.ui.markup import element
from pages.ui.problems import is_missing, problem_in_words
from pages.ui.screen import Screen

PAUSE = "300ms"
"""Typing counts after a pause of this length."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Draws the fields of one part of a form.

    A field begins with what is kept by its default, never through the session's state: a value that is set there is
    sent to the browser with every drawing that follows until the browser answers, and would replace what is typed.

    Attributes:
        prefix: of the widgets' keys, unique to the part.
        problems: what is wrong, by field.
    """

    screen: Screen
    prefix: str
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, name: str, label: str, value: str, *, hint: str = "", example: str = "", long: bool = False) -> str:
        """Let somebody type a text."""
        key, shown = self._key(name), example or None
        if long:
            typed = st.text_area(label, value, key=key, help=hint or None, placeholder=shown, height=68)
        else:
            typed = st.text_input(label, value, key=key, help=hint or None, placeholder=shown, live=PAUSE)
        self.tell(name)
        return typed

    def in_both(self, form: object, name: str, label: str, *, example: str = "", long: bool = False) -> dict[str, Any]:
        """Let somebody type a text in both languages, the reader's first; what is wrong with it is said once."""
        first = self.screen.words.language
        second = next(each for each in LANGUAGES if each != first)
        typed = {}
        for language, shown in ((first, example), (second, "")):
            key = f"{name}_{language}"
            told = f"{label} ({LANGUAGES[language]})"
            typed[key] = self.text(key, told, getattr(form, key), example=shown, long=long)
        self.tell(name)
        return typed

    def one_of(
        self, name: str, label: str, options: Sequence[str], value: str, show: Callable[[str], str], *, hint: str = ""
    ) -> str:
        """Let somebody choose one of a few."""
        default = value if value in options else options[0]
        chosen = st.segmented_control(
            label, options, default=default, format_func=show, key=self._key(name), required=True, help=hint or None
        )
        self.tell(name)
        return chosen or default

    def from_list(
        self, name: str, label: str, options: Sequence[str], value: str, show: Callable[[str], str], *, hint: str = ""
    ) -> str:
        """Let somebody choose one of many; a value that is not among them is offered too."""
        key = self._key(name)
        offered = list(dict.fromkeys([*options, value, st.session_state.get(key) or value]))
        chosen = st.selectbox(label, offered, offered.index(value), format_func=show, key=key, help=hint or None)
        self.tell(name)
        return chosen or ""

    def name_of(self, name: str, label: str, known: Sequence[str], value: str, *, hint: str = "") -> str:
        """Let somebody choose or type one name."""
        offered = [*known, *([value] if value and value not in known else [])]
        chosen = st.selectbox(
            label,
            offered,
            offered.index(value) if value else None,
            key=self._key(name),
            help=hint or None,
            accept_new_options=True,
            placeholder=self.screen.words("define.choose_or_type"),
        )
        self.tell(name)
        return chosen or ""

    def several(
        self, name: str, label: str, options: Iterable[str], values: Sequence[str], *, open_end: bool = False
    ) -> tuple[str, ...]:
        """Let somebody choose any number."""
        offered = list(dict.fromkeys([*options, *values]))
        nothing = self.screen.words("define.choose")
        chosen = st.multiselect(
            label, offered, values, key=self._key(name), accept_new_options=open_end, placeholder=nothing
        )
        self.tell(name)
        return tuple(chosen)

    def tick(self, name: str, label: str, *, value: bool, hint: str = "") -> bool:
        """Let somebody say yes."""
        return st.toggle(label, value, key=self._key(name), help=hint or None)

    def tell(self, name: str) -> None:
        """Say beneath a field what is wrong with it; what is only missing is said quietly."""
        words = self.screen.words
        for message in self.problems.get(name, ()):
            if is_missing(message):
                self.screen.draw(element("p", words("problem.needed"), class_="ql-note ql-needed"))
            else:
                told = problem_in_words(message, words)
                self.screen.draw(element("p", told, class_="ql-error ql-problem", role="alert"))

    def _key(self, name: str) -> str:
        return f"{self.prefix}-{name}"
