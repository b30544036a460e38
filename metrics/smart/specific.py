"""Specific: one owner, a title that says one thing plainly, and whom the number is about."""

from collections.abc import Iterator

from metrics.model.definition import Filter, KeyResult, Objective, Title
from metrics.smart.findings import Finding
from metrics.smart.vague import has_number, plain, vague_words

LONGEST_TITLE = {"objective": 90, "key_result": 120}
"""Characters up to which a title is read at a glance."""

FEWEST_WORDS = 2


def key_result_specific(key_result: KeyResult, objective: Objective | None) -> tuple[Finding, ...]:
    """Check who answers for a key result, or for a goal of no objective, and whether its title can be misread."""
    owner = key_result.owner or (objective.owner if objective else None)
    found = [*_titles(key_result.title, "key_result", lenient=True)]
    if not owner:
        found.append(Finding("owner_missing", "specific", "warning"))
    return (
        *found,
        Finding(
            "scope",
            "specific",
            "ok",
            (
                ("owner", owner or ""),
                ("contributors", len(key_result.contributors)),
                ("segment", segment_text(key_result.filter)),
            ),
        ),
    )


def objective_specific(objective: Objective) -> tuple[Finding, ...]:
    """Check an objective's owner and title: clear, short, and without a number, which belongs into its key results."""
    found = [*_titles(objective.title, "objective", lenient=False)]
    if not objective.owner:
        found.append(Finding("owner_missing", "specific", "warning"))
    numbered = [language for language, text in sorted(objective.title.items()) if has_number(text)]
    if numbered:
        found.append(Finding("number_in_objective", "specific", "warning", (("languages", ", ".join(numbered)),)))
    return tuple(found)


def segment_text(filters: Filter) -> str:
    """Write a filter as `team=north|south, region=hn`; empty for everything the metric counts."""
    return ", ".join(f"{dimension}={'|'.join(values)}" for dimension, values in filters)


def _titles(title: Title, kind: str, *, lenient: bool) -> Iterator[Finding]:
    """Check the title in every language it has.

    With `lenient`, words such as `improve` pass beside a number and fail without one; an objective may use them.
    """
    written = {language: text for language, text in sorted(title.items()) if text.strip()}
    if not written:
        yield Finding("title_missing", "specific", "error")
    for language, text in written.items():
        # In an objective `improve` is a direction, and its key results say how far.
        vague = vague_words(text, language, has_number=not lenient or has_number(text))
        if vague:
            values = (("language", language), ("words", ", ".join(vague)))
            yield Finding("vague_words", "specific", "warning", values)
        length, longest = len(" ".join(text.split())), LONGEST_TITLE[kind]
        if length > longest:
            values_long = (("language", language), ("length", length), ("longest", longest))
            yield Finding("title_long", "specific", "warning", values_long)
        if len(plain(text).split()) < FEWEST_WORDS:
            yield Finding("title_short", "specific", "warning", (("language", language), ("title", text.strip())))
