"""Policies side by side, drawn: a matrix of statuses, and one policy's verdicts in sentences."""

from collections.abc import Sequence
from dataclasses import replace

from metrics.progress.policies import POLICIES
from metrics.scorecard.colouring import Coloured, PolicyVerdict
from pages.ui.formats import format_share
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.parts import status_badge, title_link
from pages.ui.reader import Reader
from pages.ui.wording import SHAPES, explain, sentence

_PACE = frozenset({"ahead_of_pace", "on_pace", "behind_pace", "far_behind_pace"})
_GOOD = frozenset({"on_track", "achieved"})


def matrix_block(rows: Sequence[Coloured], in_force: str, chosen: str, reader: Reader) -> Html:
    """Draw a row per key result and a column per policy; a cell is a shape with its word."""
    words = reader.words
    head = [element("th", words("column.key_result"), scope="col")]
    for name in POLICIES:
        mark = element("span", words("policies.in_force"), class_="ql-note") if name == in_force else None
        head.append(element("th", name, mark, scope="col", class_="ql-chosen" if name == chosen else None))
    body = [
        element(
            "tr",
            element("th", title_link(row.card, reader), scope="row"),
            *(_cell(each, chosen, words) for each in row.verdicts),
        )
        for row in rows
    ]
    good = [sum(row.under(name).status in _GOOD for row in rows) for name in POLICIES]
    foot = element(
        "tr",
        element("th", words("policies.on_track"), scope="row"),
        *(element("td", words("policies.of", good=count, all=len(rows))) for count in good),
    )
    table = element("table", element("thead", element("tr", *head)), element("tbody", *body, foot), class_="ql-matrix")
    return element("div", table, class_="ql-wide", tabindex="0", role="region", aria_label=words("policies.matrix"))


def reasons_block(rows: Sequence[Coloured], policy: str, reader: Reader) -> Html:
    """Draw one policy's rule, and its verdict on each key result in a sentence."""
    words = reader.words
    items = [
        element(
            "tr",
            element("th", title_link(row.card, reader), scope="row"),
            element("td", status_badge(row.under(policy).status, words)),
            element("td", sentence(_because(row, row.under(policy), reader))),
        )
        for row in rows
    ]
    return element(
        "section",
        element("h2", words("policies.says", policy=policy)),
        element("p", words(f"policy_rule.{policy}")),
        element("table", element("tbody", *items), class_="ql-rows"),
    )


def _cell(verdict: PolicyVerdict, chosen: str, words: Words) -> Html:
    shape = element("span", SHAPES[verdict.status], aria_hidden="true")
    text = element("span", shape, " ", words(f"status.{verdict.status}"), class_=f"ql-status ql-{verdict.status}")
    return element("td", text, class_="ql-chosen" if verdict.policy.name == chosen else None)


def _because(row: Coloured, verdict: PolicyVerdict, reader: Reader) -> str:
    """Say why, with the policy's own threshold where progress decides."""
    words, numbers = reader.words, dict(verdict.why.values)
    if verdict.why.code not in _PACE:
        return explain(replace(row.card, status=verdict.status, why=verdict.why), words, reader.now)
    shares = {
        name: format_share(max(float(numbers[name]), 0.0) if name == "threshold" else float(numbers[name]), words)
        for name in ("progress", "expected", "threshold")
    }
    said = words(f"policy_reason.{verdict.status}", **shares)
    if "no_forecast" in numbers:
        return words("reason.no_forecast", reason=said, why=words(f"no_forecast.{numbers['no_forecast']}"))
    return said
