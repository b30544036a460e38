"""The small pieces of a scorecard: status, progress bar, trend, age of the data."""

from datetime import date, timedelta

from metrics.model.reading import Point
from metrics.model.scorecard import KeyResultCard, ObjectiveCard, Status
from metrics.progress.rollup import worse_within
from pages.ui.formats import format_share, format_value, value_beside
from pages.ui.i18n import Words
from pages.ui.markup import Html, element, join
from pages.ui.reader import Reader
from pages.ui.svg import TREND_SIZE, sparkline
from pages.ui.wording import SHAPES, card_title

_DAY = timedelta(days=1)
_ENOUGH = timedelta(days=4)
_WEEK = timedelta(weeks=1)


def status_badge(status: Status, words: Words) -> Html:
    """Draw a status as a shape with its word; the colour only repeats them."""
    shape = element("span", SHAPES[status], aria_hidden="true")
    return element("span", shape, " ", words(f"status.{status}"), class_=f"ql-status ql-{status}")


def title_link(card: KeyResultCard, reader: Reader) -> Html:
    """Draw a key result's title as the link to its page."""
    return element("a", card_title(card, reader.words), href=reader.to_key_result(card.key_result.key))


def value_with_unit(card: KeyResultCard, words: Words) -> str:
    """Write a key result's value so that it never seems to stand at its target unless it does."""
    return value_beside(card.target, card.value, card.unit, words)


def progress_cell(card: KeyResultCard, elapsed: float, words: Words) -> Html:
    """Draw progress against what was expected; for a limit, the error budget against the time gone."""
    if card.budget is not None and card.budget.allowed > 0:
        used = card.budget.spent / card.budget.allowed
        label = words("progress.budget_label", share=format_share(used, words), elapsed=format_share(elapsed, words))
        text = words("progress.budget", share=format_share(used, words))
        return join(bar(used, elapsed, label, kind="ql-budget"), _note(text))
    if card.progress is None or card.progress_raw is None:
        return _note(words("progress.nothing"))
    if card.key_result.shape == "keep":
        return _note(words("progress.held" if card.met else "progress.not_held"))
    return join(
        pace_bar(card.progress, card.expected, words), _note(_pace_text(card.progress_raw, card.expected, words))
    )


def objective_progress(card: ObjectiveCard, words: Words) -> Html:
    """Draw an objective's rolled-up progress against what was expected."""
    if card.progress is None or card.expected is None:
        return _note(words("progress.nothing"))
    return join(pace_bar(card.progress, card.expected, words), _note(_pace_text(card.progress, card.expected, words)))


def worst_note(card: ObjectiveCard, words: Words) -> Html | None:
    """Say beside an objective's status that one of its key results stands worse; nothing where none does."""
    worst = worse_within(card)
    if worst is None:
        return None
    return element(
        "span", words("progress.worst", status=f"{SHAPES[worst]} {words(f'status.{worst}')}"), class_="ql-note"
    )


def pace_bar(progress: float, expected: float, words: Words) -> Html:
    """Draw a bar filled to the progress, with a tick where it was expected to be."""
    label = words("progress.label", share=format_share(progress, words), expected=format_share(expected, words))
    return bar(progress, expected, label)


def bar(share: float, tick: float, label: str, *, kind: str = "") -> Html:
    """Draw a bar filled to a share of 1 with a tick at another; both are cut at the ends."""
    filled = element("span", class_="ql-fill", style=f"width:{_percent(share)}")
    mark = element("span", class_="ql-tick", style=f"left:{_percent(tick)}")
    return element("span", filled, mark, class_=f"ql-bar {kind}".strip(), role="img", aria_label=label)


def trend_image(card: KeyResultCard, as_of: date, words: Words) -> Html:
    """Draw the thirteen weeks' trend as a picture that says the same in words."""
    points = trend_points(card, as_of)
    values = [point.value for point in points if point.value is not None]
    if not values:
        return _note(words("trend.none"))
    first, last, low, high = (
        format_value(value, card.unit, words) for value in (values[0], values[-1], min(values), max(values))
    )
    width, height = TREND_SIZE
    target = None if card.key_result.shape == "total" else card.target.value  # a week is no share of a cycle's total
    return element(
        "img",
        src=sparkline(points, target=target),
        alt=words("trend.alt", first=first, last=last, low=low, high=high),
        width=width,
        height=height,
        class_="ql-trend",
    )


def trend_points(card: KeyResultCard, as_of: date) -> tuple[Point, ...]:
    """Give the weeks that can be compared: of amounts those that are over, of others those of four days or more."""
    least = _WEEK if card.key_result.shape == "total" else _ENOUGH
    return card.trend if card.trend and card.trend[-1].day + least <= as_of + _DAY else card.trend[:-1]


def _pace_text(progress: float, expected: float, words: Words) -> str:
    return words("progress.of_expected", share=format_share(progress, words), expected=format_share(expected, words))


def _note(text: str) -> Html:
    return element("span", text, class_="ql-note")


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"
