"""`revise`, `check-in`, `drop`, `cycle`, `review`, `history`: decisions, and the past that stays as it was."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from metrics.cli.session import Session
from metrics.model.decision import Annotation, Comment

from .conftest import Command

RESPONSE = "2026-Q4/response-time"
TODAY, SHOWN_LATER = "2026-11-23", "2026-11-25"


def status(command: Command, workspace: Path, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(command("--workspace", workspace, "status", "--json", *arguments).out))


def key_result(document: dict[str, Any], name: str = "response-time") -> dict[str, Any]:
    return next(each for each in document["key_results"] if each["id"] == name)


def done(command: Command, workspace: Path, *arguments: object) -> str:
    """Run a command that must succeed, and give what it says."""
    result = command("--workspace", workspace, *arguments)
    assert (result.code, result.err) == (0, "")
    return result.out


def revise(command: Command, workspace: Path, target: str, *arguments: str) -> str:
    return done(command, workspace, "revise", "response-time", "--target", target, "--reason", "two left", *arguments)


def answer_late(workspace: Path, *, tickets: int, opened: str, updated: str) -> None:
    """Let the help desk report quick answers to tickets of an earlier day."""
    with closing(sqlite3.connect(workspace / "data" / "helpdesk.db")) as connection, connection:
        row = connection.execute("SELECT * FROM tickets WHERE first_response_s IS NOT NULL LIMIT 1")
        names = [column[0] for column in row.description]
        ticket = dict(zip(names, row.fetchone(), strict=True))
        for number in range(tickets):
            late = {"id": 900_000_000 + number, "opened_at": opened, "updated_at": updated, "first_response_s": 60}
            values = list({**ticket, **late}.values())
            connection.execute(f"INSERT INTO tickets VALUES ({', '.join('?' * len(names))})", values)


def test_a_revised_target_is_scored_beside_the_first_one(copy: Path, command: Command) -> None:
    said = revise(command, copy, "< 3", "--approver", "Minh")
    assert said == "revised 2026-Q4/response-time: < 2 -> < 3 from 2026-11-23 (two left)\n"
    today = key_result(status(command, copy))
    assert (today["target"], today["original_target"]) == ("< 3", "< 2")
    assert today["progress"] > today["original_progress"]
    assert (today["met"], today["original_met"]) == (True, False)
    assert today["revision"]["approver"] == "Minh"
    before = key_result(status(command, copy, "--as-of", "2026-11-22"))
    assert (before["target"], before["revision"]) == ("< 2", None)
    assert before["definition"] == today["definition"]


def test_the_past_as_shown_stays_byte_for_byte_while_as_of_knows_better(
    copy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a revision, late rows and a changed definition, what was shown is what the snapshot of that day holds."""
    done(command, copy, "snapshot", "take", "--name", "board")
    board = (copy / "var" / "snapshots" / "board" / "scorecard.json").read_bytes()
    csv = done(command, copy, "snapshot", "show", "board")

    monkeypatch.setenv("QUARTERLINE_TODAY", SHOWN_LATER)
    revise(command, copy, "< 3", "--effective", "2026-11-20")
    answer_late(copy, tickets=200, opened="2026-11-20 10:00:00.000000", updated="2026-11-24 10:00:00.000000")
    quarter = copy / "okrs" / "2026-Q4.yaml"
    quarter.write_text(quarter.read_text().replace("baseline: 0.75", "baseline: 0.70", 1))
    done(command, copy, "apply")
    done(command, copy, "sync", "--progress", "none")
    done(command, copy, "check-in", "complaints", "--confidence", "0.4", "--note", "hard", "--on", TODAY)
    done(command, copy, "drop", "reopened", "--reason", "counted twice", "--on", TODAY)

    assert command("--workspace", copy, "status", "--shown-on", TODAY, "--json").out.encode() == board
    assert done(command, copy, "snapshot", "show", "board") == csv
    then, now = json.loads(board), status(command, copy, "--as-of", TODAY)
    assert key_result(now)["rows"] == key_result(then)["rows"] + 200
    assert key_result(now)["value"] < key_result(then)["value"]
    assert key_result(now)["target"] == "< 3"
    assert key_result(now, "satisfaction")["baseline"] == 0.7
    assert key_result(now, "complaints")["confidence"] == 0.4
    assert [each["id"] for each in now["dropped"]] == ["reopened"]

    compared = done(command, copy, "status", "--shown-on", TODAY, "--compare", "--json")
    causes = {
        each["key_result"]: [cause["code"] for cause in each["causes"]]
        for each in json.loads(compared)["differences"]
        if each["key_result"] in {"response-time", "satisfaction", "complaints", "reopened"}
    }
    assert causes == {
        "response-time": ["late_rows", "revised_target"],
        "satisfaction": ["changed_definition"],
        "complaints": ["checked_in"],
        "reopened": ["dropped"],
    }
    worded = done(command, copy, "status", "--shown-on", TODAY, "--compare")
    assert "response-time: late rows: " in worded
    assert "target revised from < 2 to < 3 as of 2026-11-20 by" in worded


def test_what_is_decided_today_is_what_was_shown_today(
    copy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    revise(command, copy, "< 3")
    live = command("--workspace", copy, "status", "--json").out
    monkeypatch.setenv("QUARTERLINE_TODAY", SHOWN_LATER)
    assert command("--workspace", copy, "status", "--shown-on", TODAY, "--json").out == live
    compared = done(command, copy, "status", "--shown-on", TODAY, "--compare", "--json")
    codes = {cause["code"] for each in json.loads(compared)["differences"] for cause in each["causes"]}
    assert codes <= {"freshness"}, "the day was not over when it was shown"


def test_export_writes_the_target_in_force_and_applying_either_file_changes_nothing(
    copy: Path, tmp_path: Path, command: Command
) -> None:
    revise(command, copy, "< 3")
    assert done(command, copy, "apply", "--dry-run").startswith("0 to change"), "the file lags behind"
    done(command, copy, "export", tmp_path / "out")
    exported = tmp_path / "out" / "okrs" / "2026-Q4.yaml"
    assert 'target: "< 3"' in exported.read_text() or "target: < 3" in exported.read_text()
    (copy / "okrs" / "2026-Q4.yaml").write_bytes(exported.read_bytes())
    assert done(command, copy, "apply", "--dry-run").startswith("0 to change")
    assert key_result(status(command, copy))["original_target"] == "< 2"


def test_a_target_changed_in_the_file_sets_the_revision_aside_and_says_so(copy: Path, command: Command) -> None:
    revise(command, copy, "< 3")
    quarter = copy / "okrs" / "2026-Q4.yaml"
    quarter.write_text(quarter.read_text().replace('target: "< 2"', 'target: "< 4"', 1))
    for arguments in (["apply", "--dry-run"], ["apply"]):
        assert f"note: {RESPONSE} leaves its revision to < 3 behind" in done(command, copy, *arguments)
    for day in (TODAY, "2026-11-01"):
        found = key_result(status(command, copy, "--as-of", day))
        assert (found["target"], found["original_target"], found["revision"]) == ("< 4", "< 2", None)


def test_a_check_in_shows_its_confidence_and_silence_afterwards_goes_stale(
    copy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    green = next(each["id"] for each in status(command, copy)["key_results"] if each["status"] == "on_track")
    done(command, copy, "check-in", green, "--confidence", "0.8", "--note", "well", "--next", "go on")
    checked = key_result(status(command, copy), green)
    assert (checked["confidence"], checked["status"], checked["check_in"]["next_steps"]) == (0.8, "on_track", "go on")
    configuration = copy / "quarterline.yaml"
    configuration.write_text(configuration.read_text() + "check_in_every: 1d\n")
    done(command, copy, "check-in", green, "--confidence", "0.7", "--note", "older", "--on", "2026-11-01")
    silent = key_result(status(command, copy, "--as-of", "2026-11-22"), green)
    assert silent["why"].startswith(("no check-in for 21 days", "progress"))
    assert key_result(status(command, copy), green)["confidence"] == 0.8


def test_a_dropped_key_result_leaves_the_status_and_comes_back(copy: Path, command: Command) -> None:
    whole = status(command, copy)
    assert done(command, copy, "drop", "complaints", "--reason", "billing is outsourced") == (
        "dropped 2026-Q4/complaints as of 2026-11-23 (billing is outsourced)\n"
    )
    without = status(command, copy)
    assert len(without["key_results"]) == len(whole["key_results"]) - 1
    assert without["dropped"][0]["reason"] == "billing is outsourced"
    assert "billing is outsourced" in done(command, copy, "status")
    done(command, copy, "drop", "complaints", "--reason", "back", "--undo")
    again = status(command, copy)
    assert (again["dropped"], again["objectives"]) == ([], whole["objectives"])


def test_a_review_keeps_what_it_decided(copy: Path, command: Command) -> None:
    assert "no review was held" in done(command, copy, "review", "list")
    assert "held the review of 2026-10 in 2026-Q4" in done(
        command, copy, "review", "hold", "--attendee", "Linh", "--attendee", "Minh"
    )
    done(
        command,
        copy,
        "review",
        "decide",
        "response-time",
        "--text",
        "hire two",
        "--owner",
        "Minh",
        "--due",
        "2026-12-15",
    )
    revise(command, copy, "< 3", "--review", "2026-10")
    (review,) = json.loads(done(command, copy, "review", "list", "--json"))["reviews"]
    assert (review["month"], review["attendees"]) == ("2026-10", ["Linh", "Minh"])
    assert review["decisions"] == [
        {
            "key_result": RESPONSE,
            "text": "hire two",
            "owner": "Minh",
            "due": "2026-12-15",
            "by": review["by"],
            "number": 1,
            "state": "open",
        }
    ]
    assert "hire two (Minh, by 2026-12-15)" in done(command, copy, "review", "list")


def test_the_history_of_a_key_result_tells_everything_in_order(
    copy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERLINE_ACTOR", "trang")
    revise(command, copy, "< 3")
    done(
        command, copy, "check-in", "response-time", "--confidence", "0.5", "--note", "so so", "--blockers", "few people"
    )
    done(command, copy, "drop", "response-time", "--reason", "merged")
    document = json.loads(done(command, copy, "history", "response-time", "--json"))
    assert document["key_result"] == RESPONSE
    assert [event["kind"] for event in document["events"]] == ["definition", "target_revision", "check_in", "drop"]
    assert {event["by"] for event in document["events"][1:]} == {"trang"}
    told = done(command, copy, "history", RESPONSE)
    assert "target < 2 -> < 3 from 2026-11-23: two left" in told
    assert "50% confident: so so; in the way: few people" in told


def cycle_named(command: Command, workspace: Path, name: str) -> dict[str, Any]:
    listed = json.loads(done(command, workspace, "cycle", "list", "--json"))["cycles"]
    return next(each for each in listed if each["id"] == name)


def test_a_quarter_is_closed_with_its_scores_and_carried_on(copy: Path, tmp_path: Path, command: Command) -> None:
    revise(command, copy, "< 3", "--effective", "2026-11-01")
    carry = ("--carry", "response-time", "--carry", "online-share")
    said = done(command, copy, "cycle", "close", "2026-Q4", "--note", "hire earlier", "--early", *carry)
    assert "under the first target, target met; delivered (0.7 to 1.0)" in said
    assert "carried 2026-Q4/response-time, 2026-Q4/online-share into 2027-Q1" in said
    quarter = cycle_named(command, copy, "2026-Q4")
    assert (quarter["state"], quarter["note"], quarter["carried_into"]) == ("closed", "hire earlier", "2027-Q1")
    scores = {score["key_result"]: score for score in quarter["scores"]}
    shown = status(command, copy)
    assert shown["cycle_state"] == "closed"
    assert {key: score["score"] for key, score in scores.items()} == {
        f"2026-Q4/{each['id']}": each["progress"] for each in shown["key_results"]
    }
    assert scores[RESPONSE]["score"] == 1.0 > scores[RESPONSE]["original_score"]
    assert "of 13 succeeded" in done(command, copy, "cycle", "list")

    carried = status(command, copy, "--cycle", "2027-Q1")
    assert {each["id"] for each in carried["key_results"]} == {"response-time", "online-share"}
    assert key_result(carried)["target"] == key_result(carried)["original_target"] == "< 3"
    assert {each["id"] for each in carried["objectives"]} == {"service-quality", "online-growth"}
    assert (cycle_named(command, copy, "2027-Q1")["state"], carried["cycle_state"]) == ("draft", "draft")
    done(command, copy, "export", tmp_path / "out")
    (copy / "okrs" / "2027-Q1.yaml").write_bytes((tmp_path / "out" / "okrs" / "2027-Q1.yaml").read_bytes())
    assert done(command, copy, "apply", "--dry-run").startswith("0 to change")


def test_a_closed_quarter_stands_still_until_it_is_reopened(copy: Path, command: Command) -> None:
    done(command, copy, "cycle", "close", "2026-Q3", "--note", "sold out in August")
    closed = cycle_named(command, copy, "2026-Q3")
    assert closed["state"] == "closed"
    assert all(score["score"] is not None for score in closed["scores"])
    then = json.loads(done(command, copy, "status", "--cycle", "2026-Q3", "--shown-on", "2026-11-23", "--json"))
    assert then["cycle_state"] == "closed"
    assert [each["progress"] for each in then["key_results"]] == [score["score"] for score in closed["scores"]]
    name = closed["scores"][0]["key_result"]
    checked = command("--workspace", copy, "check-in", name, "--confidence", "1", "--note", "x")
    assert "closed cycle '2026-Q3' on 2026-11-23; reopen it" in checked.err
    assert "note (why it is reopened) is blank" in command("--workspace", copy, "cycle", "activate", "2026-Q3").err
    done(command, copy, "cycle", "activate", "2026-Q3", "--note", "a late invoice")
    assert cycle_named(command, copy, "2026-Q3")["state"] == "active"
    done(command, copy, "check-in", name, "--confidence", "1", "--note", "x")


def test_a_cycle_carries_nothing_that_the_next_one_has_already(copy: Path, command: Command) -> None:
    name = status(command, copy, "--cycle", "2026-Q3")["key_results"][0]["id"]
    shared = {each["id"] for each in status(command, copy)["key_results"]}
    result = command("--workspace", copy, "cycle", "close", "2026-Q3", "--note", "x", "--carry", name)
    assert (result.code == 1) == (name in shared)
    assert ("has a key result of this name" in result.err) == (name in shared)
    assert cycle_named(command, copy, "2026-Q3")["state"] == ("active" if name in shared else "closed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["revise", "respons-time", "--target", "< 3", "--reason", "x"], "did you mean 'response-time'?"),
        (["revise", "2026-Q4/respons-time", "--target", "< 3", "--reason", "x"], f"did you mean '{RESPONSE}'?"),
        (["revise", "response-time", "--target", "3", "--reason", "x"], "'3' is no target; write a comparator"),
        (["revise", "response-time", "--target", "< 2", "--reason", "x"], "its target is '< 2' already"),
        (["revise", "response-time", "--target", "> 3", "--reason", "x"], "where better is lower"),
        (["revise", "response-time", "--target", "< 3", "--reason", " "], "its reason is blank"),
        (["revise", "satisfaction", "--target", ">= 75 %", "--reason", "x"], "leaves no distance"),
        (["revise", "response-time", "--target", "< 3", "--reason", "x", "--effective", "2027-01-01"], "--effective"),
        (["revise", "response-time", "--target", "< 3", "--reason", "x", "--effective", "soon"], "write a date"),
        (["check-in", "response-time", "--confidence", "60", "--note", "x"], "write 0.7 for 70 %"),
        (["check-in", "response-time", "--confidence", "0.6", "--note", ""], "its note is blank"),
        (["check-in", "response-time", "--confidence", "0.6", "--note", "x", "--on", "2026-12-01"], "lies ahead"),
        (["annotate", "first_respons", "--on", TODAY, "--text", "x"], "did you mean 'first_response'?"),
        (["annotate", "first_response", "--on", TODAY, "--text", "x", "--kind", "shift"], "write note or level_shift"),
        (["drop", "response-time", "--reason", "x", "--undo"], "it is not dropped; there is nothing to take back"),
        (["cycle", "close", "2026-Q4", "--note", "x"], "its last day 2026-12-31 is not over"),
        (["cycle", "close", "2026-Q4", "--note", "x", "--early", "--carry", "respons"], "could not find key result to"),
        (["cycle", "activate", "2026-Q9"], "could not find cycle '2026-Q9'; did you mean"),
        (["review", "decide", "response-time", "--text", "x"], "record it with `quarterline review hold`"),
        (["review", "hold", "--month", "October"], "'October' is no month; write it as 2027-01"),
        (["comment", "response-time", "--text", " "], "its text is blank"),
        (
            ["comment", "service-qualit", "--about", "objective", "--text", "x"],
            "did you mean '2026-Q4/service-quality'?",
        ),
        (["comment", "response-time", "--about", "team", "--text", "x"], "write key-result, objective or metric"),
        (["withdraw", "comment", "response-time", "7", "--reason", "x"], "no comment number 7 stands there"),
        (["withdraw", "drop", "response-time", "1", "--reason", "x"], "write comment, annotation, check-in"),
        (["history", "respons-time"], "did you mean 'response-time'?"),
    ],
)
def test_what_cannot_be_decided_is_one_line_with_the_way_out(
    sample: Path, command: Command, arguments: list[str], message: str
) -> None:
    revision = Session(sample).ledger.revision()
    result = command("--workspace", sample, *arguments)
    assert result.code == 1
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1
    assert Session(sample).ledger.revision() == revision, "nothing was recorded"


def test_what_is_over_is_dropped_from_one_of_its_days_or_not_at_all(copy: Path, command: Command) -> None:
    name = f"2026-Q3/{status(command, copy, '--cycle', '2026-Q3')['key_results'][0]['id']}"
    late = command("--workspace", copy, "drop", name, "--reason", "gave up")
    assert "as of 2026-11-23, because everything about it is as of 2026-09-30, its last day" in late.err
    done(command, copy, "drop", name, "--reason", "gave up", "--on", "2026-09-30")
    shown = status(command, copy, "--cycle", "2026-Q3")
    assert [each["reason"] for each in shown["dropped"]] == ["gave up"]
    assert name.partition("/")[2] not in {each["id"] for each in shown["key_results"]}


def test_an_annotation_stands_on_its_metric(copy: Path, command: Command) -> None:
    done(
        command, copy, "annotate", "first_response", "--on", "2026-11-02", "--text", "two left", "--kind", "level_shift"
    )
    (annotation,) = Session(copy).ledger.decisions(Annotation, "first_response")
    assert (annotation.decision.text, annotation.decision.sort) == ("two left", "level_shift")


def test_an_annotated_level_shift_splits_the_history_that_is_forecast_from(copy: Path, command: Command) -> None:
    def told() -> dict[str, Any]:
        (found,) = (each for each in status(command, copy)["key_results"] if each["id"] == "response-time")
        return dict(found["forecast"])

    usual = told()
    done(command, copy, "annotate", "first_response", "--on", "2026-11-02", "--text", "campaign", "--kind", "note")
    assert told() == usual, "a note is no more than a note"
    done(command, copy, "annotate", "first_response", "--on", "2026-11-13", "--text", "bot", "--kind", "level_shift")
    split = told()
    assert usual["history"] > 100
    assert 8 <= split["history"] <= 10, "days since the shift"
    assert (usual["low_confidence"], split["low_confidence"]) == (False, True)
    assert split["p_hit"] != usual["p_hit"]


def test_a_remark_is_kept_and_can_be_taken_back(copy: Path, command: Command) -> None:
    assert "(number 1)" in done(command, copy, "comment", "response-time", "--text", "two joined")
    done(command, copy, "comment", "service-quality", "--about", "objective", "--text", "the year depends on it")
    done(command, copy, "comment", "first_response", "--about", "metric", "--text", "spam is left out")
    assert "remark: two joined (number 1)" in done(command, copy, "history", "response-time")
    done(command, copy, "withdraw", "comment", "response-time", "1", "--reason", "one joined")
    assert "two joined" not in done(command, copy, "history", "response-time")
    left = [(each.decision.subject, each.decision.text) for each in Session(copy).ledger.decisions(Comment)]
    assert left == [("objective", "the year depends on it"), ("metric", "spam is left out")]


def test_a_check_in_that_was_withdrawn_no_longer_counts(copy: Path, command: Command) -> None:
    done(command, copy, "check-in", "response-time", "--confidence", "0.9", "--note", "a typing error")
    done(command, copy, "withdraw", "check-in", "response-time", "1", "--reason", "it should be 0.3")
    assert key_result(status(command, copy))["confidence"] is None


def test_wrong_usage_exits_with_two(sample: Path, command: Command) -> None:
    assert command("--workspace", sample, "revise", "response-time", "--target", "< 3").code == 2
    assert command("--workspace", sample, "status", "--compare").code == 2
