"""`status` and `series` for people and for programs."""

import json
from pathlib import Path

import pytest

from .conftest import Command

KEY_RESULT_KEYS = {
    "id", "objective", "metric", "shape", "read", "unit", "value", "rows", "baseline", "target", "original_target",
    "met", "progress_raw", "progress", "expected", "forecast", "needed", "budget", "status", "why", "freshness",
    "confidence", "definition",
}  # fmt: skip


def test_status_shows_every_key_result_with_a_value(sample: Path, command: Command) -> None:
    document = json.loads(command("--workspace", sample, "status", "--json").out)
    assert document["schema"] == 1
    assert document["as_of"] == "2026-11-23"
    assert document["generation"].startswith("facts-")
    assert document["cycle"].keys() == {"id", "starts", "ends", "elapsed"}
    assert len(document["key_results"]) >= 12
    assert len(document["objectives"]) >= 4
    for key_result in document["key_results"]:
        assert key_result.keys() >= KEY_RESULT_KEYS
        assert key_result["value"] is not None, key_result["id"]
        assert key_result["rows"] > 0
        assert key_result["definition"].startswith("sha256:")


def test_status_for_people_names_objectives_and_reasons(sample: Path, command: Command) -> None:
    result = command("status", "--workspace", sample)
    assert result.code == 0
    assert "Nâng cao chất lượng dịch vụ khách hàng" in result.out
    assert "expected" in result.out


def test_a_past_day_differs_from_today_and_the_same_day_does_not(sample: Path, command: Command) -> None:
    today = command("--workspace", sample, "status", "--json").out
    again = command("--workspace", sample, "status", "--as-of", "2026-11-23", "--json").out
    past = json.loads(command("--workspace", sample, "status", "--as-of", "2026-11-02", "--json").out)
    assert today == again
    assert past["cycle"]["elapsed"] < json.loads(today)["cycle"]["elapsed"]


def test_what_was_shown_today_is_recorded_by_the_sync(sample: Path, command: Command) -> None:
    shown = command("--workspace", sample, "status", "--shown-on", "2026-11-23", "--json")
    assert json.loads(shown.out)["as_of"] == "2026-11-23"
    assert len(json.loads(shown.out)["key_results"]) >= 12
    assert "on that day" in command("--workspace", sample, "status", "--shown-on", "2026-11-01").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "--cycle", "2026-Q9"], "could not find cycle '2026-Q9'; did you mean"),
        (["status", "--cycle", "2031-Q1"], "could not find objectives of cycle '2031-Q1'"),
        (
            ["status", "--as-of", "2026-12-31"],
            "could not look at 2026-12-31, because that day lies ahead (today is 2026",
        ),
        (["snapshot", "take", "--as-of", "2026-11-24"], "could not look at 2026-11-24, because that day lies ahead"),
        (["goal", "list", "--as-of", "2026-11-24"], "could not look at 2026-11-24, because that day lies ahead"),
        (["status", "--as-of", "yesterday"], "could not read --as-of 'yesterday'; write a date"),
        (["series", "first_respnse"], "could not find metric 'first_respnse'; did you mean 'first_response'?"),
        (["series", "first_response", "--grain", "hour"], "could not read --grain 'hour'"),
        (["series", "first_response", "--filter", "teem=north"], "did you mean 'team'?"),
        (["series", "first_response", "--filter", "north"], "write dimension=value"),
        (["series", "first_response", "--from", "2026-11-02", "--to", "2026-11-01"], "swap them"),
        (["snapshot", "show", "absent"], "could not find snapshot 'absent'"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_the_way_out(
    sample: Path, command: Command, arguments: list[str], message: str
) -> None:
    result = command("--workspace", sample, *arguments)
    assert result.code == 1
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1


def test_wrong_usage_exits_with_two(sample: Path, command: Command) -> None:
    assert command("--workspace", sample, "status", "--nonsense").code == 2
    both = command("--workspace", sample, "status", "--as-of", "2026-11-01", "--shown-on", "2026-11-01")
    assert both.code == 2


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_a_series_adds_up_whatever_its_grain(sample: Path, command: Command, grain: str) -> None:
    span = ("--from", "2026-08-01", "--to", "2026-10-31")
    document = json.loads(command("--workspace", sample, "series", "orders", "--grain", grain, *span, "--json").out)
    daily = json.loads(command("--workspace", sample, "series", "orders", *span, "--json").out)
    assert document["grain"] == grain
    assert sum(point["rows"] for point in document["points"]) == sum(point["rows"] for point in daily["points"]) > 0
    assert sum(point["value"] or 0 for point in document["points"]) == sum(
        point["value"] or 0 for point in daily["points"]
    )


def test_a_filter_keeps_part_of_the_rows(sample: Path, command: Command) -> None:
    whole = json.loads(command("--workspace", sample, "series", "first_response", "--json").out)
    north = json.loads(
        command("--workspace", sample, "series", "first_response", "--filter", "team=north", "--json").out
    )
    assert 0 < sum(point["rows"] for point in north["points"]) < sum(point["rows"] for point in whole["points"])
    assert north["filter"] == {"team": ["north"]}


def test_a_series_is_printed_for_people(sample: Path, command: Command) -> None:
    result = command("--workspace", sample, "series", "satisfaction", "--grain", "month")
    assert result.code == 0
    assert "%" in result.out


def test_a_series_is_split_by_a_dimension(sample: Path, command: Command) -> None:
    document = json.loads(
        command("--workspace", sample, "series", "orders", "--by", "channel", "--grain", "month", "--json").out
    )
    whole = json.loads(command("--workspace", sample, "series", "orders", "--grain", "month", "--json").out)
    assert document["by"] == "channel"
    for index, point in enumerate(whole["points"]):
        parts = [line["points"][index]["value"] for line in document["lines"] if len(line["points"]) > index]
        assert sum(parts) == point["value"]
    printed = command("--workspace", sample, "series", "orders", "--by", "channel", "--grain", "month")
    assert printed.code == 0
    assert "orders by channel" in printed.out


def test_a_series_cannot_be_split_by_what_is_no_dimension(sample: Path, command: Command) -> None:
    result = command("--workspace", sample, "series", "orders", "--by", "chanel")
    assert result.code == 1
    assert "did you mean 'channel'" in result.err
