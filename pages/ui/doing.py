"""What people do about a key result and learned from it, and who waits for whom."""

from collections.abc import Sequence

from metrics.model.definition import Definitions, Initiative, KeyResult, Objective
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element
from pages.ui.reader import Reader

_MARKS = {"planned": "○", "doing": "◐", "done": "✔", "stopped": "✖"}


def doing_block(key_result: KeyResult, definitions: Definitions, reader: Reader) -> Html:
    """Draw a key result's initiatives and dependencies; nothing where there are none."""
    parts = [
        _initiatives(key_result.initiatives, reader.words),
        _names("waits_for", _named(key_result.depends_on, definitions), reader),
        _names("waited_for_by", _waiting_for(key_result, definitions), reader),
    ]
    if not any(parts):
        return EMPTY
    heading = element("h2", reader.words("doing.title"), id="ql-doing")
    return element("section", heading, *parts, aria_labelledby="ql-doing", class_="ql-doing")


def _initiatives(initiatives: Sequence[Initiative], words: Words) -> Html:
    if not initiatives:
        return EMPTY
    return element("ul", *(_initiative(each, words) for each in initiatives))


def _initiative(initiative: Initiative, words: Words) -> Html:
    learned = words.title(initiative.learned, "") if initiative.learned else ""
    about = " · ".join(part for part in (words(f"doing.{initiative.state}"), initiative.owner) if part)
    return element(
        "li",
        element("span", _MARKS[initiative.state], aria_hidden="true"),
        " ",
        words.title(initiative.title, ""),
        " ",
        element("span", about, class_="ql-note"),
        element("p", element("em", words("doing.learned")), " ", learned, class_="ql-learned") if learned else None,
    )


def _names(key: str, named: Sequence[KeyResult | Objective], reader: Reader) -> Html:
    if not named:
        return EMPTY
    items = [element("li", _link(each, reader)) for each in named]
    return element("div", element("h3", reader.words(f"doing.{key}")), element("ul", *items))


def _link(one: KeyResult | Objective, reader: Reader) -> Html:
    title = reader.words.title(one.title, one.id)
    name = element("a", title, href=reader.to_key_result(one.key)) if isinstance(one, KeyResult) else title
    owner = element("span", one.owner, class_="ql-note") if one.owner else None
    return element("span", name, " ", owner)


def _named(keys: Sequence[str], definitions: Definitions) -> list[KeyResult | Objective]:
    known = {each.key: each for each in _parts(definitions)}
    return [known[key] for key in keys if key in known]


def _waiting_for(key_result: KeyResult, definitions: Definitions) -> list[KeyResult | Objective]:
    """Give who waits for a key result, or for its objective as a whole."""
    waited_for = {key_result.key, f"{key_result.cycle}/{key_result.objective}"}
    return [each for each in _parts(definitions) if waited_for & {*each.depends_on}]


def _parts(definitions: Definitions) -> tuple[KeyResult | Objective, ...]:
    return (*definitions.objectives, *definitions.key_results())
