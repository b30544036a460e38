"""Zones: commit, target and stretch in the order of their difficulty, whichever way is better."""

from dataclasses import replace

import pytest

from metrics.model.definition import KeyResult
from metrics.model.target import parse_target
from metrics.progress.zones import zone_of, zones_of


def aim(commit: str | None, target: str, stretch: str | None) -> KeyResult:
    return KeyResult(
        "k",
        "o",
        "2027-Q1",
        {},
        "m",
        parse_target(target),
        commit=parse_target(commit) if commit else None,
        stretch=parse_target(stretch) if stretch else None,
    )


@pytest.mark.parametrize(
    ("aimed", "value", "zone"),
    [
        (aim("< 3", "< 2", "< 1.5"), 3.0, "below"),
        (aim("< 3", "< 2", "< 1.5"), 2.0, "commit"),
        (aim("< 3", "< 2", "< 1.5"), 1.99, "target"),
        (aim("< 3", "< 2", "< 1.5"), 1.49, "stretch"),
        (aim(">= 80 %", ">= 90 %", ">= 95 %"), 0.79, "below"),
        (aim(">= 80 %", ">= 90 %", ">= 95 %"), 0.80, "commit"),
        (aim(">= 80 %", ">= 90 %", ">= 95 %"), 0.90, "target"),
        (aim(">= 80 %", ">= 90 %", ">= 95 %"), 0.99, "stretch"),
        (aim("3..9", "4..6", "5..5.5"), 3.5, "commit"),
        (aim("3..9", "4..6", "5..5.5"), 5.2, "stretch"),
        (aim(None, "< 2", "< 1.5"), 1.8, "target"),
        (aim("< 3", "< 2", None), 4.5, "below"),
        (aim(None, "< 2", None), 1.0, None),
        (aim("< 3", "< 2", "< 1.5"), None, None),
    ],
)
def test_a_value_lies_in_the_farthest_zone_it_has_reached(aimed: KeyResult, value: float | None, zone: str) -> None:
    assert zone_of(aimed, value) == zone


def test_a_revised_target_leaves_out_the_zone_it_has_passed() -> None:
    eased = replace(aim("< 3", "< 2", "< 1.5"), target=parse_target("< 3.5"))
    assert [zone for zone, _ in zones_of(eased)] == ["target", "stretch"]
    assert zone_of(eased, 3.2) == "target"
    hardened = replace(aim("< 3", "< 2", "< 1.5"), target=parse_target("< 1"))
    assert [zone for zone, _ in zones_of(hardened)] == ["commit", "target"]
    assert zone_of(hardened, 1.2) == "commit"
