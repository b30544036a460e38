"""How cycles stand and ended, drawn: state, scores under both targets, what was learned, what was dropped."""

from collections.abc import Mapping, Sequence

from metrics.model.decision import Band, ClosingScore, CycleState, Verdict
from metrics.model.scorecard import Dropped
from metrics.progress.closing import BAND_BEGINS
from metrics.progress.status import PASS_MARKS
from metrics.scorecard.cycles import ListedCycle, succeeded
from pages.ui.formats import NOTHING, format_apart, format_day
from pages.ui.frame import cycle_name
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.reader import Reader
from pages.ui.tables import plain_table

SHAPES: Mapping[CycleState, str] = {"draft": "◌", "active": "●", "closed": "✔"}
_VERDICTS: Mapping[Verdict, str] = {
    "met": "ql-achieved",
    "passed": "ql-achieved",
    "within_band": "ql-at_risk",
    "missed": "ql-missed",
    "no_data": "ql-no_data",
}
_MARKS: Mapping[Verdict, str] = {"met": "✔", "passed": "✔", "within_band": "◆", "missed": "✖", "no_data": "○"}
_BANDS: Mapping[Band, str] = {"green": "ql-achieved", "yellow": "ql-at_risk", "red": "ql-missed"}


def cycles_summary(listed: Sequence[ListedCycle], words: Words) -> Html:
    """Say which cycle waits to be closed, else which one is running."""
    waiting = [cycle_name(each.cycle) for each in listed if each.waits]
    running = [cycle_name(each.cycle) for each in listed if each.state == "active" and not each.over]
    parts = [words("cycles.running", names=", ".join(running))] if running else []
    if waiting:
        parts.append(words("cycles.waiting", names=", ".join(waiting)))
    return element("p", " ".join(parts) or words("cycles.none_running"), class_="ql-summary")


def cycle_line(listed: ListedCycle, words: Words) -> Html:
    """Draw a cycle: its name, days, state, and how it ended."""
    cycle, change = listed.cycle, listed.change
    days = f"{format_day(cycle.starts, words, year=True)} – {format_day(cycle.ends, words, year=True)}"  # noqa: RUF001
    state = element("span", f"{SHAPES[listed.state]} {words(f'cycles.state_{listed.state}')}", class_="ql-status")
    since = None
    if change is not None:
        day = format_day(change.decision.on, words, year=True)
        since = element("span", words("cycles.since", day=day, by=change.actor), class_="ql-note")
    ended = words("cycles.ended", good=succeeded(listed.scores), count=len(listed.scores)) if listed.scores else None
    if listed.waits:
        ended = words("cycles.waits")
    return element(
        "div",
        element("div", element("strong", cycle_name(cycle)), element("span", days, class_="ql-note")),
        element("div", state, since),
        element("div", ended),
        class_="ql-cycle-line",
    )


def ending_block(listed: ListedCycle, titles: Mapping[str, str], words: Words) -> Html:
    """Draw how a closed cycle ended: what was learned, the scores, and what was carried on."""
    if listed.change is None:
        return element("p", words("cycles.no_scores"), class_="ql-note")
    made = listed.change.decision
    carried = None
    if made.carried:
        names = ", ".join(titles.get(key, key) for key in made.carried)
        carried = element("p", words("cycles.carried", names=names, cycle=made.carried_into), class_="ql-note")
    return element(
        "section",
        element("h3", words("cycles.retrospective")),
        element("p", made.note),
        scores_table(made.scores, titles, words),
        carried,
        element("p", words("cycles.from_generation", generation=made.generation or NOTHING), class_="ql-note"),
    )


def scores_table(scores: Sequence[ClosingScore], titles: Mapping[str, str], words: Words) -> Html:
    """Draw each key result's score under both targets, its verdict and its band."""
    head = [words(f"cycles.column_{name}") for name in ("key_result", "score", "first", "verdict", "band")]
    rows = [
        (
            titles.get(each.key, each.key),
            _score(each.score, words),
            _score(each.original_score, words),
            element(
                "span", f"{_MARKS[each.verdict]} {words(f'verdict.{each.verdict}')}", class_=_VERDICTS[each.verdict]
            ),
            element("span", words(f"band.{each.band}"), class_=_BANDS[each.band]) if each.band else NOTHING,
        )
        for each in scores
    ]
    return plain_table(head, rows)


def dropped_table(dropped: Sequence[tuple[str, Dropped]], reader: Reader) -> Html:
    """Draw what is no longer pursued, each with its reason; a key result leads to where it is taken up again."""
    words = reader.words
    head = [words(f"cycles.column_{name}") for name in ("dropped", "cycle", "on", "by", "reason")]
    rows = [
        (
            _dropped_name(each, reader),
            cycle,
            format_day(each.drop.decision.on, words, year=True),
            each.drop.actor,
            each.drop.decision.reason,
        )
        for cycle, each in dropped
    ]
    return plain_table(head, rows, numeric=frozenset())


def _dropped_name(dropped: Dropped, reader: Reader) -> Html | str:
    title, drop = reader.words.title(dropped.title, dropped.id), dropped.drop.decision
    return title if drop.subject != "key_result" else element("a", title, href=reader.to_key_result(drop.key))


def _score(score: float | None, words: Words) -> str:
    if score is None:
        return NOTHING
    return format_apart(score, (PASS_MARKS["aspirational"], BAND_BEGINS, PASS_MARKS["committed"]), words, decimals=2)
