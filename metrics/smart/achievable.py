"""Achievable: what is asked, against what the metric has done before, and against the forecast where there is one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from metrics.model.definition import KeyResult, Kind
from metrics.model.scorecard import Cycle
from metrics.periods import days_left
from metrics.progress.measure import effective_baseline, goal_of, is_limit
from metrics.progress.status import PASS_MARKS
from metrics.smart.evidence import Evidence
from metrics.smart.findings import Finding, Severity, Values
from metrics.smart.history import LEAST_APART, Precedent, precedent, span_of

COMMITTED_SHARE = 0.25
"""A commitment that fewer than a quarter of past cycles would have kept needs more than business as usual."""

TOO_EASY_SHARE = 0.9
"""An aspiration that nine in ten past cycles would have met, or that has this chance, is none (sandbagging)."""

COMMITTED_CHANCE = 0.7
"""Chance from which a commitment is likely; the status policies call it on track from there."""

REMOTE_CHANCE = 0.05
"""Chance below which even an aspiration is out of reach."""

BASELINE_SHARE = 0.25
"""A declared baseline that lies further from the measured one, as a share of the distance, describes another start."""

_NEUTRAL = {
    "rarely_done": "done_before",
    "too_easy": "done_before",
    "pass_mark_unseen": "done_before",
    "line_rarely_held": "line_held",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the rules below look at together."""

    key_result: KeyResult
    kind: Kind
    unit: str
    evidence: Evidence
    cycle: Cycle

    @property
    def origin(self) -> float | None:
        """Where the key result starts; a total grows from what the cycle before brought."""
        if self.key_result.shape == "total":
            return self.evidence.measured_baseline
        return effective_baseline(self.key_result, self.evidence.measured_baseline)

    @property
    def pass_mark(self) -> float:
        return PASS_MARKS[self.kind]


def key_result_achievable(
    key_result: KeyResult, kind: Kind, unit: str, evidence: Evidence, cycle: Cycle, as_of: date
) -> tuple[Finding, ...]:
    """Check that the target is neither out of reach nor reached already.

    A forecast, where there is one, decides over history, because it knows where the key result stands now.

    Args:
        key_result: whose target is looked at.
        kind: of its objective: a commitment should be likely, an aspiration should not be near-certain.
        unit: of its metric.
        evidence: what the data say.
        cycle: the key result's.
        as_of: today.
    """
    if key_result.is_checklist:
        return (_finding("nothing_to_compare", "unknown"),)
    asked = _Asked(key_result, kind, unit, evidence, cycle)
    if not evidence.synced or evidence.error is not None or not evidence.ever:
        return (_finding("history_unknown", "unknown"),)
    met = list(_met_at_baseline(asked))
    history = [] if met else list(_history(asked))
    chance = list(_chance(asked))
    if chance:
        history = [_as_evidence(finding) for finding in history if finding.severity != "unknown"]
    elif not met and not any(finding.severity == "warning" for finding in history):
        history += _rest(asked, as_of)
    return (*met, *_baseline_off(asked), *history, *chance)


def _met_at_baseline(asked: _Asked) -> Iterator[Finding]:
    key_result, origin = asked.key_result, asked.origin
    if key_result.shape == "reach" and origin is not None and key_result.target.is_met(origin):
        yield _finding(
            "met_at_baseline",
            "warning",
            (("baseline", origin), ("target", key_result.target.text), ("unit", asked.unit)),
        )


def _baseline_off(asked: _Asked) -> Iterator[Finding]:
    declared, measured = asked.key_result.baseline, asked.evidence.measured_baseline
    if asked.key_result.shape != "reach" or declared is None or measured is None:
        return
    distance = abs(goal_of(asked.key_result.target, declared) - declared)
    if abs(declared - measured) > BASELINE_SHARE * distance:
        values = (("declared", declared), ("measured", measured), ("unit", asked.unit))
        yield _finding("baseline_off", "warning", values)


def _history(asked: _Asked) -> Iterator[Finding]:
    evidence, limit = asked.evidence, is_limit(asked.key_result)
    complete = [
        stretch for stretch in evidence.past if stretch.after is not None and (limit or stretch.before is not None)
    ]
    if len(complete) < LEAST_APART:
        counted = (("stretches", len(complete)), ("needed", LEAST_APART), ("span", span_of(asked.cycle)))
        yield _finding("history_short", "unknown", counted)
        return
    found = precedent(asked.key_result, complete, origin=asked.origin, pass_mark=asked.pass_mark)
    if found is None:
        yield _finding("baseline_unknown", "unknown")
        return
    yield _line(asked, found) if limit else _move(asked, found)


def _line(asked: _Asked, found: Precedent) -> Finding:
    """A line to be held: keeping it always is what it is for, so it is never too easy."""
    rare = found.share < COMMITTED_SHARE if asked.kind == "committed" else found.hits == 0
    return _finding(
        "line_rarely_held" if rare else "line_held",
        "warning" if rare else "ok",
        (("target", asked.key_result.target.text), *_counted(asked, found)),
    )


def _move(asked: _Asked, found: Precedent) -> Finding:
    values = (*_required(asked, asked.origin or 0.0), *_counted(asked, found))
    if asked.kind == "committed":
        rare = found.share < COMMITTED_SHARE
        return _finding("rarely_done" if rare else "done_before", "warning" if rare else "ok", values)
    if found.share >= TOO_EASY_SHARE:
        return _finding("too_easy", "warning", values)
    if found.hits:
        return _finding("done_before", "ok", values)
    passed = (("pass_mark", asked.pass_mark), ("passes", found.passes), *values)
    return _finding("pass_mark_done", "ok", passed) if found.passes else _finding("pass_mark_unseen", "warning", passed)


def _as_evidence(finding: Finding) -> Finding:
    """Say only what happened before, where the forecast gives the verdict."""
    return replace(finding, code=_NEUTRAL.get(finding.code, finding.code), severity="ok")


def _chance(asked: _Asked) -> Iterator[Finding]:
    chance = asked.evidence.chance
    if chance is None:
        return
    values: Values = (("chance", chance), ("kind", asked.kind))
    if asked.kind == "committed":
        low = chance < COMMITTED_CHANCE
        yield _finding("chance_low" if low else "chance_fair", "warning" if low else "ok", values)
    elif chance > TOO_EASY_SHARE and not is_limit(asked.key_result):
        yield _finding("chance_near_certain", "warning", values)
    else:
        remote = chance < REMOTE_CHANCE
        yield _finding("chance_remote" if remote else "chance_fair", "warning" if remote else "ok", values)


def _rest(asked: _Asked, as_of: date) -> Iterator[Finding]:
    """What is left to do in the days left, against what whole cycles did: if none of them did it, a part will not."""
    key_result, value = asked.key_result, asked.evidence.value
    if key_result.shape != "reach" or value is None or key_result.target.is_met(value):
        return
    if not asked.cycle.starts <= as_of <= asked.cycle.ends:
        return
    found = precedent(key_result, asked.evidence.past, origin=value)
    if found is not None and found.hits == 0 and found.stretches >= LEAST_APART:
        left = ("days_left", days_left(asked.cycle, as_of))
        yield _finding("rest_unseen", "warning", (left, *_required(asked, value), *_counted(asked, found)))


def _required(asked: _Asked, origin: float) -> Values:
    change = goal_of(asked.key_result.target, origin) - origin
    return (
        ("direction", "lower" if change < 0 else "higher"),
        ("change", abs(change)),
        ("from", origin),
        ("target", asked.key_result.target.text),
        ("unit", asked.unit),
    )


def _counted(asked: _Asked, found: Precedent) -> Values:
    span = span_of(asked.cycle)
    return (
        ("hits", found.hits),
        ("stretches", found.stretches),
        ("percentile", found.percentile),
        ("span", span),
        ("past", f"overlapping_{span}" if asked.evidence.overlapping else f"past_{span}"),
    )


def _finding(code: str, severity: Severity, values: Values = ()) -> Finding:
    return Finding(code, "achievable", severity, values)
