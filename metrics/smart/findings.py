"""What the SMART checks say: findings as codes and numbers, gathered into verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from metrics.model.definition import Goal, KeyResult, Objective
from metrics.model.scorecard import Cycle

Letter = Literal["specific", "measurable", "achievable", "relevant", "time_bound", "structure"]
Severity = Literal["ok", "unknown", "warning", "error"]
Outcome = Literal["pass", "unknown", "warn", "fail"]

LETTERS: tuple[Letter, ...] = ("specific", "measurable", "achievable", "relevant", "time_bound")
"""The five verdicts of a key result, in the order of the word; `structure` is about objectives and cycles."""

_OUTCOMES: dict[Severity, Outcome] = {"ok": "pass", "unknown": "unknown", "warning": "warn", "error": "fail"}
_WORST_LAST: tuple[Severity, ...] = ("ok", "unknown", "warning", "error")

Values = tuple[tuple[str, float | str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found, to be worded by the front end.

    Attributes:
        code: the rule's id, as `docs/smart.md` lists it.
        severity: `error` blocks publishing, `warning` does not, `unknown` says what is missing to decide, `ok` is
            the evidence of a check that passed.
        values: the evidence by name; a number is in the metric's unit where the name is one of a quantity.
    """

    code: str
    letter: Letter
    severity: Severity
    values: Values = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the five letters for one key result, with everything that was looked at."""

    letter: Letter
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """The gravest finding decides; what is unknown weighs less than a warning."""
        return _OUTCOMES[worst_of(self.findings)]


@dataclass(frozen=True, slots=True)
class KeyResultFindings:
    """The five verdicts of one key result, in the order of `LETTERS`."""

    key_result: KeyResult
    unit: str
    verdicts: tuple[Verdict, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the five verdicts."""
        return tuple(finding for verdict in self.verdicts for finding in verdict.findings)


@dataclass(frozen=True, slots=True)
class GoalFindings:
    """The five verdicts of one SMART goal."""

    goal: Goal
    measured: KeyResultFindings


@dataclass(frozen=True, slots=True)
class ObjectiveFindings:
    """What is to be said about an objective itself, and its key results."""

    objective: Objective
    findings: tuple[Finding, ...]
    key_results: tuple[KeyResultFindings, ...]


@dataclass(frozen=True, slots=True)
class CycleFindings:
    """Everything that the checks say about one cycle as of a day.

    Attributes:
        generation: the facts that were looked at, None before the first sync.
    """

    cycle: Cycle
    as_of: date
    generation: str | None
    findings: tuple[Finding, ...]
    objectives: tuple[ObjectiveFindings, ...]

    def all_findings(self) -> Iterator[tuple[str, Finding]]:
        """Yield every finding with the key (`cycle` or `cycle/id`) of what it is about."""
        yield from ((self.cycle.id, finding) for finding in self.findings)
        for objective in self.objectives:
            yield from ((objective.objective.key, finding) for finding in objective.findings)
            for one in objective.key_results:
                yield from ((one.key_result.key, finding) for finding in one.findings)

    def count(self, severity: Severity) -> int:
        """Count findings of a severity."""
        return sum(finding.severity == severity for _, finding in self.all_findings())


def worst_of(findings: Sequence[Finding]) -> Severity:
    """Give the gravest severity; `ok` where there is no finding."""
    return max((finding.severity for finding in findings), key=_WORST_LAST.index, default="ok")
