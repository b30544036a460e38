"""Named status policies: progress and elapsed share to a status that says why.

The thresholds are the documented conventions of the tools they are named after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from metrics.model.scorecard import Reason, Status

_TOLERANCE = 1e-9  # a threshold met exactly in decimals must not be lost to binary rounding


@dataclass(frozen=True, slots=True)
class Policy:
    """A convention for colouring open key results.

    Attributes:
        version: grows when a threshold changes, so that a snapshot says which rule it was coloured by.
        thresholds: (expected progress) to (least progress on track, least progress at risk).
    """

    name: str
    version: int
    thresholds: Callable[[float], tuple[float, float]]

    @property
    def label(self) -> str:
        """Name and version, as snapshots record them."""
        return f"{self.name}/{self.version}"


POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("burning", 1, lambda expected: (expected - 0.2, expected - 0.4)),
        Policy("upraise", 1, lambda expected: (0.95 * expected, 0.75 * expected)),
        Policy("engagedly", 1, lambda expected: (expected - 0.165, expected - 0.33)),
        Policy("shamanr", 1, lambda expected: (expected - 0.10, expected - 0.25)),
        Policy("servicenow", 1, lambda _: (0.90, 0.75)),
        Policy("openokr", 1, lambda _: (0.75, 0.50)),
        Policy("viva", 1, lambda expected: (expected, float("-inf"))),
        Policy("google", 1, lambda _: (0.7, 0.4)),
        Policy("pace", 1, lambda expected: (0.9 * expected, 0.7 * expected)),
    )
}
"""`pace` is our own: on track from nine tenths of what was expected, at risk from seven tenths."""

DEFAULT_POLICY = "pace"


def judge_pace(policy: Policy, *, progress: float, expected: float) -> tuple[Status, Reason]:
    """Colour an open key result by its progress against what was expected (both unclipped).

    Returns:
        The status, and a reason whose values are `progress`, `expected`, `threshold` (the least progress of the status
        above) and `policy`.
    """
    on_track, at_risk = policy.thresholds(expected)
    values = (("progress", progress), ("expected", expected), ("threshold", on_track), ("policy", policy.name))
    if progress >= on_track - _TOLERANCE:
        return "on_track", Reason("ahead_of_pace" if progress >= expected else "on_pace", values)
    if progress >= at_risk - _TOLERANCE:
        return "at_risk", Reason("behind_pace", values)
    return "off_track", Reason("far_behind_pace", (*values[:2], ("threshold", at_risk), values[3]))
