"""The chance of a key result in words and marks: the headline's number, its week, where it may end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from metrics.model.scorecard import ForecastCard, KeyResultCard
from metrics.model.target import Target
from metrics.outlook import ChanceChange, Supposed
from metrics.progress.status import PASS_MARKS
from pages.ui.formats import (
    MINUS,
    NBSP,
    format_chance,
    format_day,
    format_number,
    format_share,
    format_target,
    format_value,
    value_beside,
)
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element, join
from pages.ui.svg import HISTOGRAM_SIZE, histogram
from pages.ui.tables import plain_table

_LEAST = 0.005
"""Changes below half a point are none in whole points."""

_ONE_POINT = 0.01


@dataclass(frozen=True, slots=True)
class Moves:
    """How chances moved within a week.

    Attributes:
        since: the day a week before; None where the cycle had not begun by then.
        by_key: change of the chance by key result, where it had one at both ends.
    """

    since: date | None = None
    by_key: Mapping[str, float] = field(default_factory=dict)

    def of(self, card: KeyResultCard) -> float | None:
        """Give a key result's change in whole points; None where it is none."""
        change = self.by_key.get(card.key_result.key)
        return change if change is not None and moved(change) else None


NO_MOVES = Moves()


def passes_short(card: KeyResultCard) -> bool:
    """Tell whether a part of the way already passes: then its chance and that of the whole target are told apart."""
    told = card.forecast
    return told.p_hit is not None and told.p_pass is not None and told.p_hit != told.p_pass


def whole_mark(card: KeyResultCard, words: Words) -> Html:
    """Say beside a chance that it is that of the whole target, where a part of the way already passes."""
    if not passes_short(card):
        return EMPTY
    return join(" ", element("span", words("outlook.whole"), class_="ql-note ql-whole"))


def move_mark(card: KeyResultCard, moves: Moves, words: Words) -> Html:
    """Draw a change of the chance beside it; nothing where it hardly moved."""
    change = moves.of(card)
    if change is None or moves.since is None:
        return EMPTY
    said = words("changed.since", change=points(change, words), day=format_day(moves.since, words))
    return element("span", points(change, words), class_="ql-note ql-moved", title=said, aria_label=said)


def lost_mark(card: KeyResultCard, moves: Moves, words: Words) -> Html:
    """Say what of the chance was lost within a week, where something was."""
    change = moves.of(card)
    if change is None or moves.since is None or change > 0:
        return EMPTY
    name = "changed.since_target" if passes_short(card) else "changed.since"
    said = words(name, change=points(change, words), day=format_day(moves.since, words))
    return element("span", f"({said})", class_="ql-note ql-lost")


def headline_chance(card: KeyResultCard, ends: date, words: Words) -> Html:
    """Draw the chance as a number as large as the value; nothing where nothing can be forecast in principle."""
    told = card.forecast
    if told.reason == "shape_without_forecast" or (told.p_hit is None and told.reason is None):
        return EMPTY
    if told.p_hit is None:
        why = words("outlook.none", why=words(f"no_forecast.{told.reason}"))
        return element("span", why, class_="ql-beside ql-note ql-chance-none")
    day = format_day(ends, words)
    label, passing = words("outlook.chance_by", day=day), EMPTY
    if passes_short(card):
        label = words("outlook.whole_by", day=day)
        mark, chance = format_share(PASS_MARKS["aspirational"], words), format_chance(told.p_pass, words)
        passing = element("span", words("outlook.passing", chance=chance, pass_mark=mark), class_="ql-note")
    return element(
        "span",
        element("span", format_chance(told.p_hit, words), class_="ql-huge ql-accent"),
        element("span", label, passing, _range(told, card, words), class_="ql-beside"),
        class_="ql-headline-chance",
    )


def points(change: float, words: Words) -> str:
    """Write a difference of chances in whole points with its sign; 0 without one."""
    whole = round(100 * change)
    sign = "+" if whole > 0 else MINUS if whole < 0 else ""
    return f"{sign}{format_number(abs(whole), words.language, decimals=0)}"


def moved(change: float) -> bool:
    """Tell whether a difference is at least one point once it is rounded."""
    return abs(change) >= _LEAST


def change_block(change: ChanceChange, since: date, words: Words, *, of_whole: bool = False) -> Html:
    """Draw how the chance moved within a week, by cause; the whole points add up as shown.

    Args:
        of_whole: whether to say that it is the chance of the whole target.
    """
    of = words("changed.of_whole" if of_whole else "changed.of")
    parts = _whole_points(change)
    if not any(whole for _, whole in parts):
        said = words("changed.nothing", of=of, day=format_day(since, words), now=format_chance(change.now, words))
        return element("div", element("span", said, class_="ql-note"), class_="ql-changed")
    causes = [
        element(
            "li",
            element("span", _signed(whole, words), class_="ql-cause"),
            " ",
            words(f"changed.{name}"),
        )
        for name, whole in parts
        if whole
    ]
    head = words(
        "changed.head",
        of=of,
        then=format_chance(change.then, words),
        now=format_chance(change.now, words),
        day=format_day(since, words),
    )
    return element("div", element("span", head, class_="ql-note"), element("ul", *causes), class_="ql-changed")


def distribution_image(supposed: Supposed, unit: str, words: Words) -> Html:
    """Draw where the value may end, with the target marked, and say it in words."""
    limits = [each for each in (supposed.target.value, supposed.target.high) if each is not None]
    wide, high = HISTOGRAM_SIZE
    alt = words(
        "outlook.spread_alt",
        median=value_beside(supposed.target, supposed.median, unit, words),
        low=format_value(supposed.lo80, unit, words),
        high=format_value(supposed.hi80, unit, words),
        chance=format_chance(supposed.chance, words),
    )
    picture = element(
        "img", src=histogram(supposed.slices, limits), alt=alt, width=wide, height=high, class_="ql-spread"
    )
    first, last = supposed.slices[0].low, supposed.slices[-1].high
    marks = [
        element("span", name, style=f"left:{at:.1f}%;transform:translateX(-{at:.1f}%)")
        for name, at in _limit_names(supposed.target, first, last, unit, words)
    ]
    ends = element(
        "div",
        element("span", format_value(first, unit, words)),
        element("span", format_value(last, unit, words)),
        class_="ql-spread-ends ql-note",
    )
    return element(
        "div",
        element("p", words("outlook.spread"), class_="ql-note"),
        element("div", *marks, class_="ql-spread-marks ql-note", aria_hidden="true"),
        picture,
        ends,
    )


def _limit_names(target: Target, low: float, high: float, unit: str, words: Words) -> list[tuple[str, float]]:
    """Name the target's line, or both of a range, each with its place from left to right in per cent."""
    named = [(format_target(target, unit, words), target.value)]
    if target.high is not None:
        named = [(format_value(each, unit, words), each) for each in (target.value, target.high)]
    return [(name, 100 * min(max((value - low) / (high - low), 0.0), 1.0)) for name, value in named]


def distribution_table(supposed: Supposed, unit: str, words: Words) -> Html:
    """Draw the numbers behind the picture: what share of the futures ends where, and what of it meets the target."""
    first, last = supposed.slices[0], supposed.slices[-1]
    rows = []
    for each in supposed.slices:
        low = format_value(each.low, unit, words, apart_from=each.high)
        high = format_value(each.high, unit, words, apart_from=each.low)
        name = "spread_between"
        if each is last:
            name = "spread_from"
        elif each is first:
            name = "spread_upto"
        met = format_share_of_paths(each.met, words)
        rows.append((words(f"outlook.{name}", low=low, high=high), format_share_of_paths(each.share, words), met))
    head = [words(f"outlook.{name}") for name in ("spread_value", "spread_share", "spread_met")]
    return element("div", plain_table(head, rows), class_="ql-scroll")


def format_share_of_paths(share: float, words: Words) -> str:
    """Write a share of a thousand futures, with the decimal that one of them makes."""
    return f"{format_number(100 * share, words.language, decimals=1)}{NBSP}%"


def _range(told: ForecastCard, card: KeyResultCard, words: Words) -> Html:
    low, high = (format_value(end, card.unit, words) for end in (told.lo80, told.hi80))
    name = "outlook.heading_straight_for" if low == high else "outlook.heading_for"
    said = words(name, median=value_beside(card.target, told.median, card.unit, words), low=low, high=high)
    if told.low_confidence:
        said = f"{said} · {words('outlook.low_confidence')}"
    return element("span", said, class_="ql-note")


def _signed(whole: int, words: Words) -> str:
    return points(whole / 100, words)


def _whole_points(change: ChanceChange) -> list[tuple[str, int]]:
    """Round the parts so that they still add up: what rounding leaves goes to the largest part."""
    exact = {"elapsed": change.elapsed, "data": change.data, "target": change.target}
    whole = {name: round(100 * part) for name, part in exact.items()}
    left = _shown_points(change.now) - _shown_points(change.then) - sum(whole.values())
    largest = max(exact, key=lambda name: abs(exact[name]))
    whole[largest] += left
    return list(whole.items())


def _shown_points(chance: float) -> int:
    """Round to whole points as a chance is shown: what is `< 1 %` at both ends has not moved."""
    if 0 < chance < _ONE_POINT:
        return 0
    return 100 if 1 - _ONE_POINT < chance < 1 else round(100 * chance)
