"""Key results that nothing is moving (R33): hardly any of the way once a quarter of it was expected."""

import pytest

from metrics.model.definition import KeyResult
from metrics.scorecard.standing import stands_still
from tests.pages.factory import card, key_result

KEEP = key_result(shape="keep")
CAPPED = key_result(shape="total")
TICKED = key_result(shape="binary", metric=None)


@pytest.mark.parametrize(
    ("progress", "expected", "still"),
    [
        (0.04, 0.3, True),
        (-0.3, 0.3, True),
        (0.05, 0.3, False),
        (0.04, 0.24, False),
        (0.0, 1.0, True),
        (None, 0.9, False),
    ],
)
def test_hardly_any_of_the_way_that_was_expected(progress: float | None, expected: float, *, still: bool) -> None:
    assert stands_still(card(progress=progress, expected=expected)) is still


@pytest.mark.parametrize("of", [KEEP, CAPPED, TICKED])
def test_a_line_to_hold_and_what_is_ticked_off_have_no_way_to_go(of: KeyResult) -> None:
    assert not stands_still(card(of=of, progress=0.0, expected=0.9))
