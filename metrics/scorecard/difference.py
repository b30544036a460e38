"""Why what was shown on a day differs from what is known about that day now: codes and numbers per key result.

Cause codes, to be worded by the front ends:
    late_rows / withdrawn_rows / corrected_rows(rows_then, rows_now, value_then, value_now) · moved_baseline(then, now)
    revised_target(then, now, effective_on, reason, by) · changed_definition(then, now) · changed_policy(then, now)
    checked_in(then, now) · freshness(then, now) · added · retired · dropped(on, reason, by) · taken_up_again
    ticked_off(then, now), where no metric counts rows · ended, of a verdict that the last day waited for
    recomputed, where none of these is it
A changed definition measures something else, so its rows and values are not told apart from late ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Code = Literal[
    "late_rows",
    "withdrawn_rows",
    "corrected_rows",
    "moved_baseline",
    "revised_target",
    "changed_definition",
    "changed_policy",
    "checked_in",
    "freshness",
    "added",
    "retired",
    "dropped",
    "taken_up_again",
    "recomputed",
    "ticked_off",
    "ended",
]
Value = float | str | bool | None

FIGURES = (
    "value",
    "rows",
    "baseline",
    "target",
    "met",
    "progress_raw",
    "original_progress",
    "expected",
    "confidence",
    "status",
)
"""What is compared of a key result, by its key in the scorecard's JSON."""

_AT_THE_CLOSE = frozenset({"achieved", "missed"})

SENTENCES: Mapping[Code, str] = {
    "late_rows": "late rows: {rows_then} then, {rows_now} now",
    "withdrawn_rows": "rows were withdrawn: {rows_then} then, {rows_now} now",
    "corrected_rows": "rows were corrected: {value_then} then, {value_now} now",
    "moved_baseline": "the measured baseline was {then}, and is {now}",
    "revised_target": "target revised from {then} to {now} as of {effective_on} by {by}: {reason}",
    "changed_definition": "the definition was changed",
    "changed_policy": "status policy {then} then, {now} now",
    "checked_in": "confidence {then} then, {now} now",
    "freshness": "data were {then} when it was shown, {now} by the end of the day",
    "added": "it was not defined then",
    "retired": "it is not defined any more",
    "dropped": "dropped as of {on} by {by}: {reason}",
    "taken_up_again": "it was dropped then",
    "recomputed": "computed anew",
    "ticked_off": "milestones done: {then} then, {now} now",
    "ended": "its last day was not over when it was shown",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number or word of a key result, then and now."""

    name: str
    then: Value
    now: Value


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something differs: a code with its numbers."""

    code: Code
    values: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs about one key result or goal, and why.

    Attributes:
        key_result: its id.
        starts: first day of a goal, which may be called as a key result is; None of a key result.
    """

    key_result: str
    figures: tuple[Figure, ...]
    causes: tuple[Cause, ...]
    starts: str | None = None

    @property
    def identity(self) -> "Identity":
        """What tells it from everything else of its document."""
        return self.key_result, self.starts


Document = Mapping[str, Any]
Identity = tuple[str, str | None]


def explain_difference(shown: Document, known_now: Document) -> tuple[Difference, ...]:
    """Compare a scorecard as it was shown with the same day recomputed.

    Args:
        shown: the recorded document (see `Ledger.shown_on`), also one recorded by an earlier version.
        known_now: `scorecard_document` of the same cycle as of the same day.

    Returns:
        The key results that differ, those shown then first; each has at least one cause.
    """
    then, now = measured_by_identity(shown), measured_by_identity(known_now)
    compared = (_compare(one, then.get(one), now.get(one), shown, known_now) for one in dict.fromkeys((*then, *now)))
    return tuple(each for each in compared if each.causes)


def measured_by_identity(document: Document) -> dict[Identity, Document]:
    """Give key results and goals alike; documents of an earlier version have no goals."""
    listed = [*document["key_results"], *document.get("goals", ())]
    return {(each["id"], each.get("starts")): each for each in listed}


def word_cause(cause: Cause) -> str:
    """Word a cause in English."""
    return SENTENCES[cause.code].format(**{name: _plain(value) for name, value in cause.values})


def difference_document(difference: Difference) -> dict[str, Any]:
    """Write a difference as JSON-able values."""
    return {
        "key_result": difference.key_result,
        "starts": difference.starts,
        "figures": [{"name": each.name, "then": each.then, "now": each.now} for each in difference.figures],
        "causes": [
            {"code": each.code, "values": dict(each.values), "text": word_cause(each)} for each in difference.causes
        ],
    }


def _compare(
    one: Identity, then: Document | None, now: Document | None, shown: Document, known: Document
) -> Difference:
    name, starts = one
    if then is None:
        code: Code = "added" if _drop_of(one, shown) is None else "taken_up_again"
        return Difference(name, (), (Cause(code),), starts)
    if now is None:
        return Difference(name, (), (_gone(_drop_of(one, known)),), starts)
    figures = tuple(
        Figure(key, then[key], now[key]) for key in FIGURES if key in then and key in now and then[key] != now[key]
    )
    causes = tuple(_causes(then, now))
    if shown["policy"] != known["policy"] and then["status"] != now["status"]:
        causes += (Cause("changed_policy", (("then", shown["policy"]), ("now", known["policy"]))),)
    ends = now.get("ends") or known["cycle"]["ends"]
    if known["as_of"] >= ends and now["status"] in _AT_THE_CLOSE and then["status"] not in _AT_THE_CLOSE:
        causes += (Cause("ended"),)
    if figures and not causes:
        causes = (Cause("recomputed"),)
    return Difference(name, figures, causes, starts)


def _drop_of(one: Identity, document: Document) -> Document | None:
    name, starts = one
    subject = "key_result" if starts is None else "goal"
    dropped = (each for each in document.get("dropped", ()) if (each["subject"], each["id"]) == (subject, name))
    return next(dropped, None)


def _gone(dropped: Document | None) -> Cause:
    if dropped is None:
        return Cause("retired")
    return Cause("dropped", tuple((name, dropped[name]) for name in ("on", "reason", "by")))


def _causes(then: Document, now: Document) -> Iterator[Cause]:
    changed = then["definition"] != now["definition"]
    if changed:
        yield Cause("changed_definition", _pair(then["definition"], now["definition"]))
    else:
        yield from _rows(then, now)
        if then["baseline"] != now["baseline"]:
            yield Cause("moved_baseline", _pair(then["baseline"], now["baseline"]))
    yield from _target(then, now)
    if then["confidence"] != now["confidence"] or then.get("check_in") != now.get("check_in"):
        yield Cause("checked_in", _pair(then["confidence"], now["confidence"]))
    if then["freshness"]["stale"] != now["freshness"]["stale"]:
        yield Cause("freshness", _pair(*("late" if each["freshness"]["stale"] else "fresh" for each in (then, now))))


def _rows(then: Document, now: Document) -> Iterator[Cause]:
    if (then["rows"], then["value"]) == (now["rows"], now["value"]):
        return
    if now.get("milestones"):
        yield Cause("ticked_off", _pair(then["rows"], now["rows"]))
        return
    code: Code = "corrected_rows"
    if then["rows"] != now["rows"]:
        code = "late_rows" if now["rows"] > then["rows"] else "withdrawn_rows"
    values = tuple((f"{name}_{when}", one[name]) for name in ("rows", "value") for when, one in _times(then, now))
    yield Cause(code, values)


def _target(then: Document, now: Document) -> Iterator[Cause]:
    revision = now.get("revision")
    if then["target"] == now["target"] or revision == then.get("revision"):
        return
    if revision is None:  # a changed definition set the revision aside, and is told as such
        return
    told = tuple((name, revision[name]) for name in ("effective_on", "reason", "by"))
    yield Cause("revised_target", (*_pair(then["target"], now["target"]), *told))


def _times(then: Document, now: Document) -> tuple[tuple[str, Document], ...]:
    return ("then", then), ("now", now)


def _pair(then: Value, now: Value) -> tuple[tuple[str, Value], ...]:
    return ("then", then), ("now", now)


def _plain(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)
