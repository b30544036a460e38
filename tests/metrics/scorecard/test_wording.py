"""English sentences: values in their unit, and nothing rounded onto a target or mark that it did not reach."""

import pytest

from metrics.model.scorecard import Reason
from metrics.model.target import parse_target
from metrics.scorecard.wording import explain, in_unit, share_text


@pytest.mark.parametrize(
    ("value", "unit", "target", "shown"),
    [
        (0.843, "percent", ">= 90 %", "84.30%"),
        (0.899962, "percent", ">= 90 %", "89.996%"),
        (0.9, "percent", ">= 90 %", "90.00%"),
        (0.0600004, "percent", "4 %..6 %", "6.00004%"),
        (2.71, "hours", "< 2", "2.71 hours"),
        (1.99999996, "hours", "< 2", "1.99999996 hours"),
        (2.0, "hours", "< 2", "2 hours"),
        (1_234_566.8, "vnd", ">= 1234567", "1,234,566.8 vnd"),
        (4_488_080_000, "vnd", ">= 8240000000", "4,488,080,000 vnd"),
        (1_234_567.4, "vnd", ">= 1234567", "1,234,567.4 vnd"),
    ],
)
def test_a_value_stands_at_its_target_only_where_it_does(value: float, unit: str, target: str, shown: str) -> None:
    assert in_unit(value, unit, beside=parse_target(target)) == shown


def test_a_share_is_all_only_where_it_is() -> None:
    assert [share_text(share) for share in (0.4, 0.996, 1.0, 1.004, -0.2)] == ["40%", "99.6%", "100%", "100.4%", "-20%"]


def test_nobody_has_to_read_minus_zero() -> None:
    assert [share_text(-0.0), share_text(-0.001), in_unit(-0.0, "hours"), in_unit(-1e-6, "percent")] == [
        "0%",
        "0%",
        "0 hours",
        "0.00%",
    ]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason("within_limit", (("value", 0.0436), ("target", "< 5 %"))), "4.36% is within < 5 %"),
        (
            Reason("missed_at_close", (("value", 0.89996), ("target", ">= 90 %"), ("progress", 0.997))),
            "89.996% did not meet >= 90 % at the close (progress 99.7%)",
        ),
        (Reason("unmet_at_close", (("value", 0.9), ("target", "> 90 %"))), "90.00% did not meet > 90 % at the close"),
        (
            Reason("recoverable", (("burn", 1.25), ("rest_rate", 0.045))),
            "outside the limit: budget burns at 1.25x; the rest must run at 4.50%",
        ),
        (
            Reason("chance_even", (("p_hit", 0.5), ("median", 0.0481), ("pass_mark", 1.0), ("target", "< 5 %"))),
            "chance 50% to close at < 5 %; heading for 4.81%",
        ),
    ],
)
def test_a_percentage_is_told_as_one_like_its_target(reason: Reason, sentence: str) -> None:
    assert explain(reason, "percent") == sentence
