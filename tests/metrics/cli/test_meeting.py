"""`review show`, `minutes` and `settle`: a month looked at on the sample company, through the real command line."""

import json
from pathlib import Path

import pytest

from metrics.scorecard.minutes import MINUTES_COLUMNS
from metrics.tabular import read_csv

from .conftest import Command
from .test_deciding import RESPONSE, SHOWN_LATER, done, revise


def agenda(command: Command, workspace: Path, *arguments: str) -> list[dict[str, object]]:
    document = json.loads(done(command, workspace, "review", "show", "--json", *arguments))
    return [row for row in document["agenda"] if row["entry"] == "key_result"]


def test_a_month_stands_beside_the_one_before_and_the_worst_comes_first(sample: Path, command: Command) -> None:
    rows = agenda(command, sample)
    assert len(rows) == 13
    assert {row["month"] for row in rows} == {"2026-10"}
    response = next(row for row in rows if row["key_result"] == "response-time")
    value, before, change = (response[name] for name in ("value", "value_before", "change"))
    assert change == pytest.approx(value - before)  # type: ignore[operator]
    series = json.loads(done(command, sample, "series", "first_response", "--grain", "month", "--json"))
    months = {point["day"]: point["value"] for point in series["points"]}
    assert (value, before) == (months["2026-10-01"], months["2026-09-01"])
    good = [row["status"] in {"on_track", "achieved"} for row in rows]
    assert good == sorted(good), "what waits for a decision comes first"
    said = done(command, sample, "review", "show")
    assert said.startswith("review of 2026-10 in 2026-Q4, not held yet; as of 2026-11-23,")


def test_a_review_that_was_held_is_looked_at_from_its_day(
    copy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(command, copy, "review", "hold", "--on", "2026-11-04", "--attendee", "Linh", "--note", "busy | month")
    before = done(command, copy, "review", "minutes", "--language", "en")
    assert "as of 4 Nov 2026" in before
    assert "Held on 4 Nov 2026." in before
    assert "busy \\| month" in before
    monkeypatch.setenv("QUARTERLINE_TODAY", SHOWN_LATER)
    assert done(command, copy, "review", "minutes", "--language", "en") == before
    assert "as of 23 Nov 2026" in done(command, copy, "review", "minutes", "--language", "en", "--as-of", "2026-11-23")


def test_the_minutes_tell_what_was_decided_in_both_languages_and_as_csv(
    copy: Path, tmp_path: Path, command: Command
) -> None:
    done(command, copy, "review", "hold", "--attendee", "Linh", "--attendee", "Minh")
    decided = ("--owner", "Minh", "--due", "2026-11-20")
    assert "(number 1)" in done(command, copy, "review", "decide", "response-time", "--text", "hire *two*", *decided)
    revise(command, copy, "< 3", "--review", "2026-10", "--approver", "Linh")
    english = done(command, copy, "review", "minutes", "--language", "en")
    assert "# Review of October 2026" in english
    assert "- **First response in under 2 hours**: hire \\*two\\* (Minh, by 20 Nov 2026, overdue)" in english
    assert "\\< 2\u00a0h → \\< 3\u00a0h from 23 Nov 2026: two left (agreed by Linh)" in english
    vietnamese = done(command, copy, "review", "minutes")
    assert "# Biên bản họp đánh giá tháng 10/2026" in vietnamese
    assert "(Minh, hạn 20/11/2026, quá hạn)" in vietnamese
    out = tmp_path / "minutes.csv"
    done(command, copy, "review", "minutes", "--format", "csv", "--out", str(out))
    columns, rows = read_csv(out.read_bytes())
    assert tuple(columns) == MINUTES_COLUMNS
    entries = [dict(zip(columns, row, strict=True)) for row in rows]
    about = [entry for entry in entries if entry["key_result"] == "response-time"]
    assert [entry["entry"] for entry in about] == ["key_result", "decision", "revision"]
    assert (about[1]["text"], about[1]["due"], about[1]["state"]) == ("hire *two*", "2026-11-20", "overdue")


def test_a_decision_stays_open_until_somebody_has_seen_to_it(copy: Path, command: Command) -> None:
    for month in ("2026-09", "2026-10"):
        done(command, copy, "review", "hold", "--month", month, "--on", "2026-11-20")
    done(command, copy, "review", "decide", "response-time", "--text", "hire two", "--month", "2026-09")
    assert "Still open from earlier reviews\n\n- **First response" in done(
        command, copy, "review", "minutes", "--language", "en"
    )
    assert done(command, copy, "review", "settle", "response-time", "1", "--note", "both are here") == (
        f"settled decision 1 about {RESPONSE}\n"
    )
    assert "(settled)" in done(command, copy, "review", "list")
    assert "Still open from earlier reviews\n\nNone." in done(
        command, copy, "review", "minutes", "--language", "en", "--as-of", "2026-11-23"
    )
    done(command, copy, "review", "settle", "response-time", "1", "--undo", "--note", "one left again")
    listed = json.loads(done(command, copy, "review", "list", "--json"))
    assert [each["state"] for review in listed["reviews"] for each in review["decisions"]] == ["open"]
    assert listed["months"] == [
        {"month": "2026-09", "state": "held"},
        {"month": "2026-10", "state": "held"},
        {"month": "2026-11", "state": "ahead"},
        {"month": "2026-12", "state": "ahead"},
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "--month", "2026-12"], "it has not begun; choose a month that is over"),
        (["show", "--month", "December"], "'December' is no month; write it as 2027-01"),
        (["show", "--cycle", "2026-Q9"], "could not find cycle '2026-Q9'; did you mean"),
        (["minutes", "--format", "pdf"], "write --format md or --format csv"),
        (["minutes", "--language", "fr"], "write --language vi or --language en"),
        (["minutes", "--out", "/no/such/folder/m.md"], "choose another place"),
        (["settle", "response-time", "1"], "no review decided anything numbered 1 about it"),
    ],
)
def test_what_cannot_be_reviewed_is_one_line_with_the_way_out(
    sample: Path, command: Command, arguments: list[str], message: str
) -> None:
    result = command("--workspace", sample, "review", *arguments)
    assert result.code == 1
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1
