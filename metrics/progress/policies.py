"""Named status policies: progress and elapsed share to a status that says why.

The thresholds are the documented conventions of the tools they are named after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from metrics.model.scorecard import ForecastCard, Reason, Status

_TOLERANCE = 1e-9  # a threshold met exactly in decimals must not be lost to binary rounding


@dataclass(frozen=True, slots=True)
class Policy:
    """A convention for colouring open key results.

    Attributes:
        version: grows when a threshold changes, so that a snapshot says which rule it was coloured by.
        thresholds: (expected progress) to (least progress on track, least progress at risk).
        chances: least chance to pass on track and at risk; None where progress alone decides.
    """

    name: str
    version: int
    thresholds: Callable[[float], tuple[float, float]]
    chances: tuple[float, float] | None = None

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
        Policy("probability", 1, lambda expected: (0.9 * expected, 0.7 * expected), chances=(0.7, 0.4)),
    )
}
"""`pace` is our own: on track from nine tenths of what was expected, at risk from seven tenths. So is `probability`,
which goes by the chance to pass, and by `pace` where there is none."""

DEFAULT_POLICY = "probability"
FALLBACK_POLICY = "pace"


def judge_open(
    policy: Policy, *, forecast: ForecastCard, pass_mark: float, target: str, progress: float, expected: float
) -> tuple[Status, Reason]:
    """Colour an open key result by its chance to pass where the policy goes by it, else by its progress.

    Where the forecast abstains, the reason is that of `pace`, with the forecast's own as the value `no_forecast`.
    """
    if policy.chances is None:
        return judge_pace(policy, progress=progress, expected=expected)
    judged = judge_chance(policy, forecast=forecast, pass_mark=pass_mark, target=target)
    if judged is not None:
        return judged
    status, reason = judge_pace(POLICIES[FALLBACK_POLICY], progress=progress, expected=expected)
    return status, without_forecast(reason, forecast)


def judge_chance(
    policy: Policy, *, forecast: ForecastCard, pass_mark: float, target: str
) -> tuple[Status, Reason] | None:
    """Colour by the chance to pass; None where the policy does not go by it, or there is none.

    Returns:
        The status, and a reason whose values are `p_hit` (of what passes), `median`, `pass_mark`, `target`, `policy`.
    """
    if policy.chances is None or forecast.p_pass is None or forecast.median is None:
        return None
    values = (
        ("p_hit", forecast.p_pass),
        ("median", forecast.median),
        ("pass_mark", pass_mark),
        ("target", target),
        ("policy", policy.name),
    )
    status = chance_status(policy.chances, forecast.p_pass)
    if status == "on_track":
        return status, Reason("chance_high", values)
    return status, Reason("chance_even" if status == "at_risk" else "chance_low", values)


def chance_status(chances: tuple[float, float], chance: float) -> Status:
    """Colour a chance by the least that is on track and the least that is at risk."""
    on_track, at_risk = chances
    return "on_track" if chance >= on_track else "at_risk" if chance >= at_risk else "off_track"


def without_forecast(reason: Reason, forecast: ForecastCard) -> Reason:
    """Say in a reason that no forecast stands behind it, and why not."""
    return Reason(reason.code, (*reason.values, ("no_forecast", forecast.reason or "not_available")))


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
