"""The five SMART verdicts of a key result, each with its evidence in words."""

from collections.abc import Mapping, Sequence

from metrics.smart import Finding, KeyResultFindings, Letter, Outcome, Verdict
from pages.ui.markup import Html, element
from pages.ui.reader import Reader
from pages.ui.smart_wording import finding_in_words, letter_in_words, outcome_in_words

_LOOKS: Mapping[Outcome, tuple[str, str]] = {
    "pass": ("✔", "ql-on_track"),
    "unknown": ("○", "ql-no_data"),
    "warn": ("◆", "ql-at_risk"),
    "fail": ("✖", "ql-off_track"),
}

_ABOUT_TARGET = frozenset({"measured_by"})


def verdict_list(judged: KeyResultFindings, reader: Reader, *, target_known: bool = True) -> Html:
    """Draw the five verdicts; they are read out when they change.

    Args:
        target_known: without a target yet, whatever rests on it is left open.
    """
    rows = [
        _verdict(verdict, reader) if target_known else _without_target(verdict, reader) for verdict in judged.verdicts
    ]
    return element("ul", *rows, class_="ql-verdicts", aria_live="polite", aria_label=reader.words("define.verdicts"))


def finding_list(findings: Sequence[Finding], reader: Reader) -> Html | None:
    """Draw what is to be said about an objective itself; nothing when nothing is."""
    doubtful = [finding for finding in findings if finding.severity != "ok"]
    if not doubtful:
        return None
    return element("ul", *(_item(finding, reader) for finding in doubtful), class_="ql-findings")


def _verdict(verdict: Verdict, reader: Reader) -> Html:
    told = [finding for finding in verdict.findings if finding.severity != "ok"] or list(verdict.findings)
    return _row(verdict.letter, verdict.outcome, [finding_in_words(each, reader) for each in told], reader)


def _without_target(verdict: Verdict, reader: Reader) -> Html:
    if verdict.letter == "achievable":
        return _row(verdict.letter, "unknown", [reader.words("define.needs_target")], reader)
    kept = tuple(finding for finding in verdict.findings if finding.code not in _ABOUT_TARGET)
    return _verdict(Verdict(verdict.letter, kept), reader)


def _row(letter: Letter, outcome: Outcome, told: Sequence[str], reader: Reader) -> Html:
    shape, look = _LOOKS[outcome]
    mark = element("span", shape, aria_hidden="true")
    name = element("strong", letter_in_words(letter, reader.words))
    return element(
        "li",
        element("span", mark, " ", outcome_in_words(outcome, reader.words), class_=f"ql-status {look}"),
        element("span", name, *(element("span", line, class_="ql-line") for line in told)),
        class_=f"ql-verdict-{letter}",
    )


def _item(finding: Finding, reader: Reader) -> Html:
    look = "ql-off_track" if finding.severity == "error" else "ql-at_risk" if finding.severity == "warning" else ""
    mark = "✖" if finding.severity == "error" else "◆"
    told = element("span", mark, class_=look, aria_hidden="true")
    return element("li", told, " ", finding_in_words(finding, reader))
