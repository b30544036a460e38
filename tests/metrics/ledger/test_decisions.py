"""Decisions on SQLite and PostgreSQL: kept as made, audited, never changed, and two people noticed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text

from metrics.errors import LedgerError, NotFoundError
from metrics.ledger import Ledger, OvertakenError, Shown, open_ledger, opening, tables
from metrics.ledger.decisions import KINDS, _adapter, _write
from metrics.model.decision import (
    Annotation,
    CheckIn,
    ClosingScore,
    Comment,
    CycleChange,
    Decision,
    Done,
    Drop,
    GoalLock,
    Review,
    ReviewDecision,
    Settlement,
    TargetRevision,
    Upload,
    UploadedFile,
    Withdrawal,
)
from metrics.model.definition import ALL_DONE, Definitions
from metrics.model.target import Target, parse_target
from tests.metrics.ledger.samples import METRICS, OWN, Q1, TO_DO

AT = datetime(2027, 1, 4, 2, 30, tzinfo=UTC)
LATER = AT + timedelta(days=7)
DAY = date(2027, 1, 11)
LATE = "2027-Q1/late-orders"
SUM = "2027-Q1/revenue"
ROLLOUT, SIGNED = "2027-Q3/rollout", "2027-Q3/signed"
GOAL = "2027/own"
SCORE = ClosingScore(LATE, 0.7, 0.65, met=False, verdict="passed", band="green")
SHOWN = Shown("2027-Q1", DAY, "facts-1", 1, "{}", LATER)
Define = Callable[..., Definitions]

CHECK_IN = CheckIn(LATE, DAY, 0.6, "giao hàng chậm", "kho thiếu người", "thuê thêm")
REVISION = TargetRevision(LATE, parse_target("< 5 %"), parse_target("< 6 %"), "thiếu nhân lực", DAY, "Minh", "2027-01")
EVERY_KIND: tuple[Decision, ...] = (
    REVISION,
    CHECK_IN,
    Comment("objective", "2027-Q1/calm", "Do we need it?"),
    Annotation("late", DAY, "New carrier", "level_shift"),
    Done(ROLLOUT, "pilot", DAY, "signed"),
    Done(SIGNED, None, DAY),
    Drop("key_result", SUM, "sold elsewhere", DAY),
    Review("2027-Q1", "2027-01", DAY, ("Linh", "Minh"), "short"),
    ReviewDecision(LATE, "2027-01", "Hire two drivers", "Minh", DAY),
    Settlement(LATE, 1, DAY, "both drive"),
    GoalLock(GOAL, locked=False, on=DAY, reason="the carrier left us"),
    CycleChange("2027-Q1", "closed", DAY, "we learned", (SCORE,), "facts-3", (LATE,), "2027-Q2"),
    Upload(
        "visits", (UploadedFile("Khách.xlsx", "1.xlsx", "0" * 64, 9),), ("id",), {"sheet": "Tháng 1"}, {"id": "text"}
    ),
)


@pytest.fixture
def kept(ledger: Ledger, define: Define) -> Ledger:
    """A ledger with the first quarter in force."""
    ledger.apply(define(Q1, TO_DO, OWN), actor="linh", at=AT)
    return ledger


def decide(
    ledger: Ledger, made: Decision, *, actor: str = "linh", at: datetime = LATER, seen: int | None = None
) -> int:
    return ledger.decide(made, actor=actor, at=at, seen=seen).version


def revised(to: str, *, was: str = "< 5 %", on: date = DAY, reason: str = "why not") -> TargetRevision:
    return TargetRevision(LATE, parse_target(was), parse_target(to), reason, on)


def test_every_kind_is_given_back_as_it_was_made(kept: Ledger) -> None:
    for made in EVERY_KIND:
        recorded = kept.decide(made, actor="minh", at=LATER)
        assert recorded in kept.decisions(type(made), made.key)
        assert (recorded.decision, recorded.actor, recorded.at) == (made, "minh", LATER)
    assert {made.kind for made in EVERY_KIND} | {"withdrawal"} == set(KINDS)
    assert kept.revision() == 1 + len(EVERY_KIND), "each counts, so that pages refresh"


def test_each_decision_is_audited_with_what_it_replaced(kept: Ledger) -> None:
    decide(kept, revised("< 6 %"))
    decide(kept, revised("< 7 %", was="< 6 %"), actor="minh")
    newest = kept.audit(limit=1)[0]
    assert (newest.action, newest.kind, newest.key, newest.actor) == ("target_revision", "key_result", LATE, "minh")
    assert newest.before is not None
    assert newest.after is not None
    assert (newest.before["new"]["text"], newest.after["new"]["text"]) == ("< 6 %", "< 7 %")
    decide(kept, CHECK_IN)
    decide(kept, CHECK_IN)
    assert kept.audit(limit=1)[0].before is None, "a check-in stands beside the one before"


@pytest.mark.parametrize("statement", ["UPDATE ledger_decision SET actor = 'x'", "DELETE FROM ledger_decision"])
def test_what_was_decided_cannot_be_rewritten(kept: Ledger, statement: str) -> None:
    decide(kept, CHECK_IN)
    with pytest.raises(LedgerError, match="its past is never changed"), kept._writing() as connection:
        connection.execute(text(statement))
    assert len(kept.decisions(CheckIn)) == 1


@pytest.mark.parametrize("column", ["body", "actor"])
def test_a_decision_that_nobody_made_is_noticed(kept: Ledger, column: str) -> None:
    forged = {"kind": "check_in", "subject": "key_result", "key": LATE, "version": 1, "revision": 2, "at": LATER}
    honest = {**forged, "body": _write(CHECK_IN), "actor": "linh", "sha256": "0" * 64}
    with kept._writing() as connection:
        connection.execute(insert(tables.decision).values({**honest, column: honest[column]}))
    with pytest.raises(LedgerError, match=f"a check in of '{LATE}' is not what was recorded; restore it"):
        kept.decided()


REFUSED: list[tuple[list[Decision], Decision, str]] = [
    ([], revised("< 6 %", reason=" "), "its reason is blank"),
    ([], revised("< 5 %"), "its target is '< 5 %' already"),
    ([], revised("<0.05"), "its target is '< 5 %' already"),
    ([], revised("> 6 %"), "contradicts metric 'late', where better is lower"),
    ([], revised("< 6 %", was="< 4 %"), "its target is '< 5 %' and no longer '< 4 %'"),
    ([revised("< 6 %")], revised("< 7 %", was="< 6 %", on=DAY - timedelta(days=1)), "choose that day or a later one"),
    ([], replace(REVISION, review="January"), "'January' is no month; write it as 2027-01"),
    ([], replace(CHECK_IN, confidence=1.2), "between 0 and 1, not at 1.2; write 0.7 for 70 %"),
    ([], replace(CHECK_IN, confidence=float("nan")), "between 0 and 1, not at nan"),
    ([], replace(CHECK_IN, note="\n"), "its note is blank"),
    ([], Comment("metric", "late", ""), "its text is blank"),
    ([], Done(ROLLOUT, "pilot", None), "milestone 'pilot' is not done; there is nothing to take back"),
    ([Done(SIGNED, None, DAY), Done(SIGNED, None, None)], Done(SIGNED, None, None), "it is not done"),
    ([], Done(LATE, None, DAY), "its shape is reach: a metric says how far it is"),
    ([], Done(ROLLOUT, None, DAY), "milestone by milestone; name one of pilot, launch"),
    (
        [],
        TargetRevision(ROLLOUT, ALL_DONE, parse_target(">= 50 %"), "too much", DAY),
        "its target has no meaning for shape milestone, which people tick off",
    ),
    ([], Drop("key_result", SUM, "", DAY), "its reason is blank"),
    ([EVERY_KIND[6]], Drop("key_result", SUM, "again", DAY), "linh dropped it on 2027-01-11 already"),
    ([EVERY_KIND[6]], Drop("key_result", SUM, "x", date(2027, 1, 1), dropped=False), "counts from 2027-01-11"),
    ([], Drop("key_result", SUM, "x", DAY, dropped=False), "it is not dropped"),
    ([EVERY_KIND[6]], replace(CHECK_IN, key=SUM), "take it up again with `drop --undo` first"),
    ([EVERY_KIND[11]], CHECK_IN, "linh closed cycle '2027-Q1' on 2027-01-11; reopen it"),
    ([EVERY_KIND[11]], revised("< 6 %"), "closed cycle"),
    ([EVERY_KIND[11]], CycleChange("2027-Q1", "closed", DAY, "x"), "made it closed on 2027-01-11 already"),
    ([EVERY_KIND[11]], CycleChange("2027-Q1", "active", DAY), "note (why it is reopened) is blank"),
    ([EVERY_KIND[11]], CycleChange("2027-Q1", "draft", DAY, "x"), "does not become a draft again"),
    ([EVERY_KIND[11]], CycleChange("2027-Q1", "active", date(2027, 1, 1), "x"), "choose that day or a later one"),
    ([], CycleChange("2027-Q1", "closed", DAY), "note (what was learned) is blank"),
    ([], Review("2027-Q1", "2027-13", DAY), "'2027-13' is no month"),
    ([], ReviewDecision(LATE, "2027-01", "x"), "no review of 2027-01 was held in cycle '2027-Q1'"),
    ([EVERY_KIND[7]], ReviewDecision(LATE, "2027-01", " "), "its text is blank"),
    ([], GoalLock(GOAL, locked=False, on=date(2027, 1, 1), reason="x"), "it is not locked"),
    ([], GoalLock("2027/idea", locked=False, on=DAY, reason="x"), "it is not locked"),
    ([], GoalLock(GOAL, locked=True, on=DAY), "it is locked already"),
    ([], GoalLock(GOAL, locked=False, on=DAY), "a locked goal stands still"),
    ([EVERY_KIND[10]], GoalLock(GOAL, locked=False, on=DAY, reason="x"), "it is not locked"),
    ([], replace(REVISION, key=GOAL), "a SMART goal does not move its target"),
    ([], Done(GOAL, None, DAY), "a SMART goal is measured"),
    ([Drop("goal", GOAL, "sold", DAY)], replace(CHECK_IN, key=GOAL), "take it up again with `drop --undo` first"),
    ([], Withdrawal("key_result", LATE, "check_in", 1, "x"), "no check in number 1 stands there"),
]


@pytest.mark.parametrize(("before", "made", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_what_does_not_fit_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, define: Define, before: list[Decision], made: Decision, message: str
) -> None:
    with open_ledger("sqlite:///l.db", tmp_path) as ledger:
        ledger.apply(define(Q1, TO_DO, OWN), actor="linh", at=AT)
        for each in before:
            decide(ledger, each)
        standing = ledger.revision()
        with pytest.raises(LedgerError) as refused:
            decide(ledger, made)
        assert message in str(refused.value)
        assert "\n" not in str(refused.value)
        assert ledger.revision() == standing


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (replace(CHECK_IN, key="2027-Q1/late-order"), "could not find key result '2027-Q1/late-order'; did you mean"),
        (Annotation("lat", DAY, "x"), "could not find metric 'lat'; did you mean 'late'"),
        (Comment("objective", "2027-Q1/clam", "x"), "could not find objective '2027-Q1/clam'; did you mean"),
        (Review("2027-Q2", "2027-04", DAY), "could not find cycle '2027-Q2'; did you mean '2027-Q"),
        (Done(ROLLOUT, "pilott", DAY), "milestone of '2027-Q3/rollout' 'pilott'; did you mean 'pilot'?"),
        (Done(SIGNED, "pilot", DAY), "could not find milestone of '2027-Q3/signed' 'pilot'"),
    ],
)
def test_what_is_not_defined_names_the_nearest(kept: Ledger, made: Decision, message: str) -> None:
    with pytest.raises(NotFoundError, match=message):
        decide(kept, made)


def test_a_bounded_metric_refuses_a_target_beyond_its_bounds(ledger: Ledger, define: Define) -> None:
    bounded = METRICS.replace("better: lower", "better: lower, bounds: [0, 1]")
    zones = Q1.replace('target: "< 5 %"', 'target: "< 5 %", stretch: "< 3 %", baseline: 0.09')
    ledger.apply(define(zones, metrics=bounded), actor="linh", at=AT)
    for target, message in (("< 120 %", "outside the bounds"), ("< 2 %", "stretch"), ("< 9 %", "leaves no distance")):
        with pytest.raises(LedgerError, match=message):
            decide(ledger, revised(target))
    ledger.apply(define(metrics=bounded), actor="linh", at=AT)
    with pytest.raises(LedgerError, match="its target '< 120 %' lies outside the bounds of metric 'late'"):
        decide(ledger, revised("< 120 %"))


def test_the_second_of_two_people_is_told_and_both_versions_are_there(kept: Ledger) -> None:
    decide(kept, revised("< 6 %"), actor="minh")
    with pytest.raises(OvertakenError) as overtaken:
        decide(kept, revised("< 7 %"), actor="linh")
    error = overtaken.value
    assert "because minh recorded one at 2027-01-11T02:30:00+00:00 ('< 5 %' to '< 6 %' from 2027-01-11)" in str(error)
    assert (error.mine, error.theirs.decision) == (revised("< 7 %"), revised("< 6 %"))
    assert [each.decision.new.text for each in kept.decisions(TargetRevision, LATE)] == ["< 6 %"]
    assert decide(kept, revised("< 7 %", was="< 6 %"), actor="linh") == 2, "who saw the other one may go on"


def test_a_review_that_was_edited_meanwhile_is_a_conflict(kept: Ledger) -> None:
    review = Review("2027-Q1", "2027-01", DAY)
    assert decide(kept, review, seen=0) == 1
    assert decide(kept, replace(review, note="theirs"), actor="minh", seen=1) == 2
    with pytest.raises(OvertakenError, match=r"minh recorded one .*theirs"):
        decide(kept, replace(review, note="mine"), seen=1)


def test_of_many_writers_at_once_one_wins_and_the_others_are_told(
    ledger: Ledger, url: str, tmp_path: Path, define: Define
) -> None:
    ledger.apply(define(), actor="linh", at=AT)

    def write(percent: int) -> str:
        with open_ledger(url, tmp_path) as own:
            try:
                return f"won {decide(own, revised(f'< {percent} %'), actor=f'writer {percent}')}"
            except OvertakenError as error:
                return error.theirs.actor

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(write, range(6, 14)))
    (only,) = ledger.decisions(TargetRevision)
    assert told == ["won 1", *[only.actor] * 7]


def test_check_ins_of_many_people_stand_side_by_side(ledger: Ledger, url: str, tmp_path: Path, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)

    def write(turn: int) -> int:
        with open_ledger(url, tmp_path) as own:
            return decide(own, replace(CHECK_IN, note=f"turn {turn}"))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == list(range(1, 9))
    assert len(ledger.decided().check_ins[LATE]) == 8


def test_what_is_withdrawn_stays_in_the_audit_and_is_no_longer_read(kept: Ledger) -> None:
    decide(kept, CHECK_IN)
    decide(kept, replace(CHECK_IN, note="second"))
    decide(kept, Withdrawal("key_result", LATE, "check_in", 1, "wrong key result"))
    assert [each.decision.note for each in kept.decisions(CheckIn)] == ["second"]
    assert [each.decision.note for each in kept.decided().check_ins[LATE]] == ["second"]
    assert decide(kept, CHECK_IN) == 3, "numbers are not used again"
    assert [entry.action for entry in kept.audit(limit=4)] == ["check_in", "withdrawal", "check_in", "check_in"]


def test_decisions_of_one_cycle_only(kept: Ledger) -> None:
    decide(kept, CHECK_IN)
    decide(kept, CycleChange("2027-Q1", "active", DAY))
    assert kept.decided("2027-Q1") == kept.decided()
    assert kept.decided("2027") == kept.decided("2027-Q") == kept.decided("2027_Q1")
    assert kept.decided("2027").check_ins == {}


class TestFilesAndRevisions:
    """How a target in YAML and a revision meet."""

    def targets(self, ledger: Ledger) -> tuple[str, list[str]]:
        stored = next(each for each in ledger.definitions().key_results() if each.key == LATE).target.text
        return stored, [each.decision.new.text for each in ledger.decided().revisions.get(LATE, ())]

    def file(self, define: Define, target: str) -> Definitions:
        return define(Q1.replace('"< 5 %"', f'"{target}"'))

    def test_a_file_that_lags_behind_does_not_undo_a_revision(self, kept: Ledger, define: Define) -> None:
        decide(kept, revised("< 6 %"))
        decide(kept, revised("< 7 %", was="< 6 %"))
        revision = kept.revision()
        for target in ("< 5 %", "< 6 %", "< 7 %", "<0.07"):
            assert kept.plan(self.file(define, target)).changes == (), target
            assert kept.apply(self.file(define, target), actor="minh", at=LATER).changes == ()
        assert kept.revision() == revision
        assert self.targets(kept) == ("< 5 %", ["< 6 %", "< 7 %"])

    def test_a_target_that_it_never_had_is_a_changed_definition(self, kept: Ledger, define: Define) -> None:
        decide(kept, revised("< 6 %"))
        plan = kept.apply(self.file(define, "< 4 %"), actor="minh", at=LATER)
        assert [change.key for change in plan.changes] == [LATE]
        assert self.targets(kept) == ("< 4 %", [])
        assert len(kept.decisions(TargetRevision)) == 1, "it stays in the history"
        assert kept.original_targets() == {LATE: parse_target("< 5 %")}
        decide(kept, revised("< 6 %", was="< 4 %"))
        assert self.targets(kept) == ("< 4 %", ["< 6 %"])

    def test_the_same_target_again_does_not_bring_an_old_revision_back(self, kept: Ledger, define: Define) -> None:
        decide(kept, revised("< 6 %"))
        kept.apply(self.file(define, "< 4 %"), actor="minh", at=LATER)
        kept.apply(self.file(define, "< 5 %"), actor="minh", at=LATER)
        assert self.targets(kept) == ("< 5 %", [])
        assert decide(kept, revised("< 7 %")) == 2, "what was set aside is no conflict"

    def test_other_keys_of_a_file_change_beside_a_revision(self, kept: Ledger, define: Define) -> None:
        decide(kept, revised("< 6 %"))
        heavier = define(Q1.replace('"< 5 %"', '"< 6 %", weight: 3'))
        (change,) = kept.apply(heavier, actor="minh", at=LATER).changes
        assert [field.field for field in change.fields] == ["weight"]
        assert self.targets(kept) == ("< 5 %", ["< 6 %"])

    def test_a_key_result_that_was_retired_starts_anew(self, kept: Ledger, define: Define) -> None:
        decide(kept, revised("< 6 %"))
        kept.apply(define(Q1[: Q1.index("  - id: calm")]), actor="minh", at=LATER, force=True)
        kept.apply(define(), actor="minh", at=LATER)
        assert self.targets(kept) == ("< 5 %", [])


def test_a_ledger_of_the_version_before_keeps_everything(url: str, tmp_path: Path, define: Define) -> None:
    engine, place = opening.open_engine(url, tmp_path)
    with Ledger(engine, place) as ledger:
        ledger.apply(define(), actor="linh", at=AT)
        ledger.record_shown(SHOWN)
        with ledger._writing() as connection:
            config = Config()
            config.set_main_option("script_location", str(opening._MIGRATIONS))
            config.attributes["connection"] = connection
            connection.execute(text("DROP TABLE ledger_decision"))
            connection.execute(text("DROP TABLE ledger_draft"))
            if connection.dialect.name == "postgresql":
                connection.execute(text("DROP FUNCTION ledger_decision_keep"))
            command.stamp(config, "0001")
    with open_ledger(url, tmp_path) as ledger:
        assert ledger.definitions() == define()
        assert decide(ledger, CHECK_IN) == 1
        assert ledger.shown_on("2027-Q1", DAY) == SHOWN
        assert ledger.record_shown(replace(SHOWN, document='{"stale": true}')), "a second one of that day"
        with pytest.raises(LedgerError, match="its past is never changed"), ledger._writing() as connection:
            connection.execute(text("DELETE FROM ledger_shown"))


TARGETS = st.builds(lambda sign, number: parse_target(f"{sign} {number}"), st.sampled_from("<>"), st.floats(-1e9, 1e9))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(
    old=TARGETS,
    new=TARGETS | st.just(parse_target("4..6")),
    reason=TEXTS,
    on=st.dates(),
    approver=st.none() | TEXTS,
    scores=st.lists(st.floats(0, 1) | st.none(), max_size=4),
)
def test_whatever_is_decided_is_read_back_the_same(
    old: Target, new: Target, reason: str, on: date, approver: str | None, scores: list[float | None]
) -> None:
    results = tuple(ClosingScore(f"c/{n}", s, s, met=None, verdict="missed", band=None) for n, s in enumerate(scores))
    for made in (
        TargetRevision("c/k", old, new, reason, on, approver),
        CycleChange("c", "closed", on, reason, results),
    ):
        written = _write(made)
        assert _adapter(made.kind).validate_json(written) == made
        assert _write(_adapter(made.kind).validate_json(written)) == written
