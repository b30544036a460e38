"""The alignment tree, drawn as nested lists that open and close, and what waits for whom."""

from collections.abc import Sequence

from metrics.scorecard.alignment import Alignment, Branch, Dependency, KeyResultBranch, Party
from pages.ui.formats import format_share, format_target
from pages.ui.frame import cycle_name
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.parts import pace_bar, status_badge, title_link, value_with_unit, worst_note
from pages.ui.reader import Reader


def alignment_headline(shown: Alignment, words: Words) -> Html:
    """Say whether everything serves something, and how much waits for another department."""
    orphans, across = len(shown.orphans), sum(each.across for each in shown.dependencies)
    parts = [words.counted("alignment.orphans", orphans) if orphans else words("alignment.all_serve")]
    if across:
        parts.append(words.counted("alignment.across", across))
    return element(
        "section",
        element("h1", words("alignment.title")),
        element("p", " ".join(parts), class_="ql-summary"),
    )


def tree_block(shown: Alignment, reader: Reader) -> Html:
    """Draw the objectives, each with its key results and what serves them."""
    return element("ul", *(_objective(each, reader) for each in shown.roots), class_="ql-tree")


def dependencies_block(dependencies: Sequence[Dependency], words: Words) -> Html:
    """Draw what waits for whom; those across departments are marked in words."""
    head = [
        element("th", words(f"alignment.column_{name}"), scope="col") for name in ("waits", "waits_for", "departments")
    ]
    rows = [
        element(
            "tr",
            element("th", *_party(each.waits, words), scope="row"),
            element("td", *_party(each.waits_for, words), " ", status_badge(each.waits_for.status, words)),
            element("td", _departments(each, words)),
        )
        for each in dependencies
    ]
    return element("table", element("thead", element("tr", *head)), element("tbody", *rows), class_="ql-plain")


def _objective(branch: Branch, reader: Reader) -> Html:
    words, card, objective = reader.words, branch.card, branch.card.objective
    about = [
        cycle_name(branch.cycle),
        words(f"level.{objective.level}"),
        objective.team,
        objective.owner,
        words(f"kind.{objective.kind}"),
    ]
    notes = " · ".join(part for part in about if part)
    summary = element(
        "summary",
        element(
            "span",
            element("strong", words.title(objective.title, objective.id)),
            element("span", notes, class_="ql-note"),
            _orphan(branch, words),
            worst_note(card, words),
            class_="ql-name",
        ),
        _progress(card.progress, card.expected, words),
        status_badge(card.status, words),
        class_="ql-branch",
    )
    listed = [
        *(_key_result(each, reader) for each in branch.key_results),
        *(_objective(each, reader) for each in branch.children),
    ]
    return element("li", element("details", summary, element("ul", *listed), open=True))


def _key_result(one: KeyResultBranch, reader: Reader) -> Html:
    words, card = reader.words, one.card
    target = format_target(card.target, card.unit, words)
    now = words("alignment.value", value=value_with_unit(card, words), target=target)
    share = words("alignment.share", share=format_share(one.share, words))
    line = element(
        "div",
        element(
            "span", title_link(card, reader), element("span", f"{now} · {share}", class_="ql-note"), class_="ql-name"
        ),
        _progress(card.progress, card.expected, words),
        status_badge(card.status, words),
        class_="ql-branch",
    )
    below = element("ul", *(_objective(each, reader) for each in one.children)) if one.children else None
    return element("li", line, below)


def _progress(progress: float | None, expected: float | None, words: Words) -> Html:
    if progress is None or expected is None:
        return element("span", words("progress.nothing"), class_="ql-note")
    share = element("span", format_share(progress, words), class_="ql-number")
    return element("span", pace_bar(progress, expected, words), share, class_="ql-along")


def _orphan(branch: Branch, words: Words) -> Html | None:
    if branch.orphan:
        return element("span", f"◆ {words('alignment.orphan')}", class_="ql-at_risk")
    if branch.elsewhere:
        return element("span", words("alignment.elsewhere", key=branch.elsewhere), class_="ql-note")
    return None


def _party(party: Party, words: Words) -> tuple[str | Html, Html]:
    about = " · ".join(part for part in (party.team, party.owner) if part)
    return words.title(party.title, party.key), element("span", about, class_="ql-note")


def _departments(each: Dependency, words: Words) -> str:
    if not each.across:
        return words("alignment.within")
    company = words("alignment.company")
    return f"{each.waits.team or company} → {each.waits_for.team or company}"
