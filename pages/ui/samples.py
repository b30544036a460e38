"""What a value rests on and how far it has come: approximation, interval, next measurement, zones of the target."""

from metrics.model.scorecard import KeyResultCard, Zone
from metrics.progress.zones import zones_of
from pages.ui.formats import NBSP, format_count, format_day, format_target, format_value
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element, join


def sample_note(card: KeyResultCard, words: Words) -> Html:
    """Draw under a value, in few words, that it is approximate, its interval, and when it is measured next."""
    notes = []
    if card.approximate:
        notes.append(element("span", words("approx.short"), class_="ql-note", title=words("approx.long")))
    if card.interval is not None:
        interval = words("sample.short", range=_range(card, words), n=format_count(card.interval.n, words))
        notes.append(element("span", interval, class_="ql-note ql-sample", title=words("sample.title")))
    if card.due is not None and card.value is not None:
        notes.append(element("span", _due(card, words), class_="ql-note ql-sample"))
    return join(*notes)


def sample_sentences(card: KeyResultCard, words: Words) -> list[str]:
    """Say in sentences that the value is approximate, what its interval is and when the next measurement is due."""
    said = []
    if card.approximate:
        said.append(words("approx.long"))
    if card.interval is not None:
        method = words(f"interval.{card.interval.method}")
        count = format_count(card.interval.n, words)
        said.append(words("sample.long", range=_range(card, words), n=count, method=method))
    if card.due is not None and card.value is not None:
        said.append(words("sample.due_long", day=format_day(card.due, words, year=True)))
    return said


def zones_line(card: KeyResultCard, words: Words) -> Html:
    """Draw commit, target and stretch from the easiest to the hardest, the one reached marked; nothing without."""
    zones = zones_of(card.key_result)
    if card.zone is None:
        return EMPTY
    names: list[Zone] = [zone for zone, _ in zones]
    reached = names.index(card.zone) if card.zone in names else -1
    steps = [
        element(
            "li",
            element("span", words(f"zone.{zone}"), class_="ql-zone-name"),
            format_target(target, card.unit, words),
            class_="ql-zone ql-reached" if index <= reached else "ql-zone",
            aria_current="true" if index == reached else None,
        )
        for index, (zone, target) in enumerate(zones)
    ]
    label = words("zone.label", zone=words(f"zone.in_{card.zone}"))
    return element("ol", *steps, class_="ql-zones", aria_label=label)


def _range(card: KeyResultCard, words: Words) -> str:
    if card.interval is None:
        return ""
    low = format_value(card.interval.lo, card.unit, words).split(NBSP)[0]
    return f"{low}–{format_value(card.interval.hi, card.unit, words)}"  # noqa: RUF001 - a range takes an en dash


def _due(card: KeyResultCard, words: Words) -> str:
    return words("sample.due", day=format_day(card.due, words)) if card.due else ""
