"""The pages' words in the reader's language, from catalogues whose keys are equal."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from metrics.model.definition import Language, Title

LANGUAGES: Mapping[Language, str] = {"vi": "Tiếng Việt", "en": "English"}
"""Languages in the order they are offered, by their own names."""


@dataclass(frozen=True, slots=True)
class Words:
    """A catalogue: `words("page.overview")` gives the text, its placeholders filled in."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Give a text with its placeholders filled in.

        Raises:
            KeyError: the catalogue has no such key.
        """
        return self.texts[key].format_map(values)

    def counted(self, key: str, count: int, /, **values: object) -> str:
        """Give the text for one or for many: `key.one` or `key.many`, with `count` filled in."""
        return self(f"{key}.{'one' if count == 1 else 'many'}", count=count, **values)

    def known(self, key: str, otherwise: str) -> str:
        """Give the text of a key that people may have extended, such as a unit, or what they wrote."""
        return self.texts.get(key, otherwise)

    def title(self, title: Title, otherwise: str = "") -> str:
        """Give a title in this language, else in the one that it was written in."""
        return title.get(self.language) or next(iter(title.values()), otherwise)


@cache
def words_in(language: Language) -> Words:
    """Load a language's catalogue."""
    text = files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, dict(_flatten(tomllib.loads(text))))


def is_language(name: object) -> bool:
    """Tell whether there is a catalogue of that name."""
    return name in LANGUAGES


def _flatten(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, entry in table.items():
        flat += _flatten(entry, f"{prefix}{key}.") if isinstance(entry, Mapping) else [(f"{prefix}{key}", str(entry))]
    return flat
