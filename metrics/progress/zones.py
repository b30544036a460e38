"""Which of commit, target and stretch a value has reached."""

from itertools import takewhile

from metrics.model.definition import KeyResult
from metrics.model.scorecard import Zone
from metrics.model.target import Target


def zones_of(key_result: KeyResult) -> tuple[tuple[Zone, Target], ...]:
    """Give the zones from the easiest to the hardest, under the target that is in force.

    A target that was revised past its commit or stretch leaves that zone out: it no longer lies on its side.
    """
    commit, target, stretch = key_result.commit, key_result.target, key_result.stretch
    zones: list[tuple[Zone, Target]] = [("target", target)]
    if commit is not None and target.is_harder_than(commit):
        zones.insert(0, ("commit", commit))
    if stretch is not None and stretch.is_harder_than(target):
        zones.append(("stretch", stretch))
    return tuple(zones)


def zone_of(key_result: KeyResult, value: float | None) -> Zone | None:
    """Tell the farthest zone that a value has reached, `below` where it has reached none.

    None without a value, or where the target is all there is.
    """
    zones = zones_of(key_result)
    if value is None or len(zones) < 2:
        return None
    reached = [zone for zone, _ in takewhile(lambda each: each[1].is_met(value), zones)]
    return reached[-1] if reached else "below"
