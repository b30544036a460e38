"""The same key results under every named policy, so that people see what a convention makes of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.model.decision import Decided
from metrics.model.definition import Objective
from metrics.model.scorecard import KeyResultCard, Reason, Scorecard, Status
from metrics.progress.decided import CHECK_IN_EVERY, days_without_check_in
from metrics.progress.policies import POLICIES, Policy
from metrics.progress.status import Evidence, judge


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """What one policy makes of one key result, and why."""

    policy: Policy
    status: Status
    why: Reason


@dataclass(frozen=True, slots=True)
class Coloured:
    """A key result with a verdict per policy, in the order of the policies."""

    objective: Objective
    card: KeyResultCard
    verdicts: tuple[PolicyVerdict, ...]

    def under(self, policy: str) -> PolicyVerdict:
        """Give the verdict of the policy of that name."""
        return next(each for each in self.verdicts if each.policy.name == policy)


def colour_all(
    scorecard: Scorecard, decided: Decided, *, judged_on: date | None = None, check_in_every: timedelta = CHECK_IN_EVERY
) -> tuple[Coloured, ...]:
    """Judge every key result of a scorecard by every policy, from the same evidence.

    Args:
        judged_on: the frame's day of verdicts [default: the scorecard's].
    """
    return tuple(_coloured(scorecard, decided, judged_on or scorecard.as_of, check_in_every))


def _coloured(scorecard: Scorecard, decided: Decided, day: date, check_in_every: timedelta) -> Iterator[Coloured]:
    cycle, as_of = scorecard.cycle, scorecard.as_of
    for objective in scorecard.objectives:
        for card in objective.key_results:
            silent = days_without_check_in(decided, card.key_result.key, cycle, as_of, every=check_in_every)
            evidence = Evidence(
                card.value,
                card.progress_raw,
                card.expected,
                card.budget,
                card.freshness,
                card.error,
                silent,
                card.forecast,
                card.due,
            )
            kind = objective.objective.kind
            verdicts = [
                (policy, *judge(card.key_result, kind, cycle, day, evidence=evidence, policy=policy))
                for policy in POLICIES.values()
            ]
            yield Coloured(objective.objective, card, tuple(PolicyVerdict(*each) for each in verdicts))
