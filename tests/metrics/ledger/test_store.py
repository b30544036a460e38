"""The ledger on SQLite and PostgreSQL: definitions versioned and audited, loads and shown scorecards kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from metrics.definitions import dump_definitions
from metrics.errors import LedgerError
from metrics.ledger import FieldChange, Ledger, Load, Shown, open_ledger
from metrics.model.definition import Definitions
from metrics.model.target import parse_target
from tests.metrics.ledger.samples import METRICS, Q1, Q2

AT = datetime(2027, 1, 4, 9, 30, tzinfo=timezone(timedelta(hours=7)))
LATER = AT + timedelta(days=1)
Define = Callable[..., Definitions]


def test_a_new_ledger_is_empty(ledger: Ledger) -> None:
    assert ledger.revision() == 0
    assert ledger.definitions() == Definitions({}, ())
    assert ledger.loads() == ()
    assert ledger.last_load() == 0
    assert ledger.audit() == ()


def test_what_is_applied_is_in_force(ledger: Ledger, define: Define) -> None:
    wanted = define(Q1, Q2)
    plan = ledger.apply(wanted, actor="linh", at=AT)
    assert {change.action for change in plan.changes} == {"create"}
    assert len(plan.changes) == 2 + 2 + 3 + 4  # metrics, cycles, objectives, key results
    assert ledger.definitions() == wanted
    assert ledger.revision() == 1


def test_applying_again_changes_nothing(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    plan = ledger.apply(define(), actor="minh", at=LATER)
    assert (plan.changes, plan.unchanged, ledger.revision()) == ((), 8, 1)
    assert {entry.actor for entry in ledger.audit()} == {"linh"}


def test_a_plan_changes_nothing_and_names_every_field(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    wanted = define(Q1.replace('"< 5 %"', '"< 4 %", weight: 2').replace("title: Grow", "title: Grow fast"))
    plan = ledger.plan(wanted)
    assert {(change.kind, change.key): change.fields for change in plan.changes} == {
        ("objective", "2027-Q1/grow"): (FieldChange("title", {"en": "Grow"}, {"en": "Grow fast"}),),
        ("key_result", "2027-Q1/late-orders"): (
            FieldChange("target", "< 5 %", "< 4 %"),
            FieldChange("weight", None, 2),
        ),
    }
    assert plan.unchanged == 6
    assert ledger.revision() == 1
    assert ledger.apply(wanted, actor="linh", at=LATER) == plan


def test_every_version_stays(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    ledger.apply(define(Q1.replace('"< 5 %"', '"< 4 %"')), actor="minh", at=LATER)
    first, second = ledger.history("key_result", "2027-Q1/late-orders")
    assert (first.version, first.actor, first.applied_at, first.body["target"]) == (1, "linh", AT, "< 5 %")
    assert (second.version, second.actor, second.applied_at, second.body["target"]) == (2, "minh", LATER, "< 4 %")
    assert first.applied_at.tzinfo is UTC
    assert len(ledger.history("metric", "revenue")) == 1
    assert ledger.history("metric", "unknown") == ()


def test_definitions_of_an_earlier_revision_can_be_read(ledger: Ledger, define: Define) -> None:
    before, after = define(), define(Q1.replace('"< 5 %"', '"< 4 %"'))
    ledger.apply(before, actor="linh", at=AT)
    ledger.apply(after, actor="linh", at=LATER)
    assert ledger.definitions(0) == Definitions({}, ())
    assert ledger.definitions(1) == before
    assert ledger.definitions(2) == ledger.definitions() == ledger.definitions(99) == after


def test_original_targets_are_told_from_changed_ones(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    assert ledger.original_targets() == {}
    ledger.apply(define(Q1.replace('"< 5 %"', '"<0.05"')), actor="linh", at=LATER)
    assert ledger.original_targets() == {}, "another spelling is no other target"
    ledger.apply(define(Q1.replace('"< 5 %"', '"< 6 %"')), actor="linh", at=LATER)
    assert ledger.original_targets() == {"2027-Q1/late-orders": parse_target("< 5 %")}
    assert ledger.original_targets(revision=1) == {}


def test_what_leaves_a_cycles_file_is_retired_only_by_force(ledger: Ledger, define: Define) -> None:
    whole, shorter = define(), define(Q1[: Q1.index("  - id: calm")])
    ledger.apply(whole, actor="linh", at=AT)
    assert ledger.plan(shorter).vanishing == ("2027-Q1/late-orders",)
    with pytest.raises(LedgerError, match=r"key results would vanish: 2027-Q1/late-orders; .* confirm with --force"):
        ledger.apply(shorter, actor="linh", at=LATER)
    assert ledger.definitions() == whole
    ledger.apply(shorter, actor="linh", at=LATER, force=True)
    assert ledger.definitions() == shorter
    assert ledger.history("key_result", "2027-Q1/late-orders")[-1].retired


def test_what_was_retired_may_come_back_as_a_further_version(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    ledger.apply(define(Q1[: Q1.index("  - id: calm")]), actor="linh", at=AT, force=True)
    ledger.apply(define(Q1.replace('"< 5 %"', '"< 4 %"')), actor="linh", at=LATER)
    assert [version.retired for version in ledger.history("key_result", "2027-Q1/late-orders")] == [False, True, False]
    assert ledger.original_targets() == {}, "it starts anew"


def test_a_cycle_that_is_not_in_the_files_stays(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(Q1, Q2), actor="linh", at=AT)
    assert ledger.apply(define(Q1), actor="linh", at=LATER).changes == ()
    assert {objective.cycle for objective in ledger.definitions().objectives} == {"2027-Q1", "2027-Q2"}


def test_a_metric_that_nothing_uses_is_retired(ledger: Ledger, define: Define) -> None:
    more = METRICS + "  spare: {source: shop.orders, time: ordered_on, aggregate: count}\n"
    ledger.apply(define(metrics=more), actor="linh", at=AT)
    plan = ledger.apply(define(), actor="linh", at=LATER)
    assert [(change.action, change.key) for change in plan.changes] == [("retire", "spare")]
    assert "spare" not in ledger.definitions().metrics


def test_a_metric_that_another_cycle_uses_cannot_be_retired(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(Q1, Q2), actor="linh", at=AT)
    late_only = METRICS.replace("  revenue:", "  renamed:")
    first = Q1.replace("metric: revenue", "metric: renamed")
    with pytest.raises(LedgerError, match=r"could not retire metric 'revenue', because key result '2027-Q2/revenue'"):
        ledger.plan(define(first, metrics=late_only))


def test_an_objective_that_another_cycle_serves_cannot_be_retired(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(Q1, Q2), actor="linh", at=AT)
    renamed = Q1.replace("id: grow", "id: thrive").replace("parent: grow", "parent: thrive")
    with pytest.raises(LedgerError, match=r"could not retire '2027-Q1/grow', because objective '2027-Q2/grow'"):
        ledger.apply(define(renamed), actor="linh", at=LATER, force=True)


def test_what_another_cycle_depends_on_cannot_be_retired(ledger: Ledger, define: Define) -> None:
    waiting = Q2.replace("parent: 2027-Q1/grow", "depends_on: [2027-Q1/late-orders]")
    ledger.apply(define(Q1, waiting), actor="linh", at=AT)
    renamed = Q1.replace("id: late-orders", "id: fewer-late")
    with pytest.raises(
        LedgerError, match=r"'2027-Q1/late-orders', because objective '2027-Q2/grow' still depends on it"
    ):
        ledger.apply(define(renamed), actor="linh", at=LATER, force=True)


def test_reordering_is_a_change_of_the_cycle_only(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    found = define()
    swapped = replace(found, objectives=found.objectives[::-1])
    plan = ledger.apply(swapped, actor="linh", at=LATER)
    assert [(change.kind, change.key) for change in plan.changes] == [("cycle", "2027-Q1")]
    assert ledger.definitions() == swapped


def test_the_audit_says_who_did_what_when(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    ledger.apply(define(Q1.replace('"< 5 %"', '"< 4 %"')), actor="minh", at=LATER)
    newest = ledger.audit(limit=1)[0]
    assert (newest.actor, newest.at, newest.action, newest.kind) == ("minh", LATER, "change", "key_result")
    assert newest.key == "2027-Q1/late-orders"
    assert newest.before is not None
    assert newest.after is not None
    assert (newest.before["target"], newest.after["target"]) == ("< 5 %", "< 4 %")
    assert newest.revision == 2
    assert len(ledger.audit()) == 9


@pytest.mark.parametrize("table", ["ledger_audit", "ledger_definition", "ledger_shown"])
@pytest.mark.parametrize("statement", ["UPDATE {table} SET revision = 9", "DELETE FROM {table}"])
def test_the_past_cannot_be_rewritten(ledger: Ledger, define: Define, table: str, statement: str) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    ledger.record_shown(Shown("2027-Q1", date(2027, 1, 5), "facts-1", 1, "{}", AT))
    column = "ledger_revision" if table == "ledger_shown" else "revision"
    changed = statement.format(table=table).replace("revision =", f"{column} =")
    with pytest.raises(LedgerError, match="its past is never changed"), ledger._writing() as connection:
        connection.execute(text(changed))
    assert len(ledger.audit()) == 8


def test_a_decision_resting_on_an_old_plan_is_refused_with_who_and_when(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    mine = define(Q1.replace("title: Grow", "title: Grow fast"))
    plan = ledger.plan(mine)
    ledger.apply(define(Q1.replace("title: Grow", "title: Shrink")), actor="minh", at=LATER)
    with pytest.raises(LedgerError, match=r"because minh changed definitions at 2027-01-05T02:30:00\+00:00 .*grow"):
        ledger.apply(mine, actor="linh", at=LATER, seen=plan.revision)
    assert ledger.definitions().objectives[0].title == {"en": "Shrink"}
    ledger.apply(mine, actor="linh", at=LATER, seen=ledger.plan(mine).revision)
    assert ledger.definitions().objectives[0].title == {"en": "Grow fast"}


def test_writers_at_the_same_moment_go_one_by_one(ledger: Ledger, url: str, tmp_path: Path, define: Define) -> None:
    """Eight writers with different weights: each change is whole, numbered once, and the last one is in force."""
    ledger.apply(define(), actor="linh", at=AT)
    versions = [define(Q1.replace('"< 5 %"', f'"< 5 %", weight: {weight}')) for weight in range(2, 10)]

    def write(wanted: Definitions) -> None:
        with open_ledger(url, tmp_path) as own:
            own.apply(wanted, actor="somebody", at=LATER)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, versions))
    assert ledger.revision() == 9
    history = ledger.history("key_result", "2027-Q1/late-orders")
    assert [version.version for version in history] == list(range(1, 10))
    assert sorted(version.body["weight"] for version in history[1:]) == list(range(2, 10))
    assert ledger.definitions() in versions


def test_one_ledger_serves_several_threads(ledger: Ledger, define: Define) -> None:
    wanted = define()
    ledger.apply(wanted, actor="linh", at=AT)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: (ledger.revision(), ledger.definitions()), range(64)))
    assert all(pair == (1, wanted) for pair in found)


def test_export_then_apply_changes_nothing(ledger: Ledger, define: Define, tmp_path: Path) -> None:
    ledger.apply(define(Q1, Q2), actor="linh", at=AT)
    files = dump_definitions(ledger.definitions(), tmp_path / "export")
    again = define(*(path.read_text() for path in files[1:]), metrics=files[0].read_text())
    assert again == ledger.definitions()
    assert ledger.plan(again).changes == ()


def test_loads_are_kept_newest_first(ledger: Ledger) -> None:
    ok = Load(
        "shop", "orders", AT, 1.5, "ok", "merge", 10, 4, 2_000, "2027-01-04", None, ("bảng mã: UTF-8",), "facts-1"
    )
    failed = Load("crm", "calls", AT, 0.1, "failed", error="could not read crm, because it is down")
    first, second = ledger.record_load(ok), ledger.record_load(failed)
    assert second > first
    assert ledger.loads() == (replace(failed, id=second), replace(ok, id=first))
    assert ledger.loads("shop") == ledger.loads("shop", "orders") == (replace(ok, id=first),)
    assert ledger.loads("shop", "calls") == ()
    assert ledger.loads(limit=1) == (replace(failed, id=second),)
    assert ledger.last_load() == second
    assert ledger.revision() == 0, "a load is no decision"
    assert ledger.loads()[0].started_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(ledger: Ledger) -> None:
    naive = datetime(2027, 1, 4, 9, 30)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="has no zone"):
        ledger.record_load(Load("shop", "orders", naive, 1.5, "ok"))


def test_a_scorecard_is_kept_as_shown_once(ledger: Ledger) -> None:
    day = date(2027, 1, 5)
    shown = Shown("2027-Q1", day, "facts-1", 3, '{"schema":1,"title":"Dịch vụ"}', AT)
    assert ledger.record_shown(shown)
    assert not ledger.record_shown(replace(shown, recorded_at=LATER))
    assert ledger.shown_on("2027-Q1", day) == shown
    late = replace(shown, document='{"stale":true}', recorded_at=LATER)
    assert ledger.record_shown(late), "data grew late within the day"
    assert ledger.shown_on("2027-Q1", day) == late
    newer = replace(shown, generation="facts-2", document='{"schema":1}')
    assert ledger.record_shown(newer)
    assert ledger.shown_on("2027-Q1", day) == newer
    assert ledger.shown_on("2027-Q1", day + timedelta(days=1)) is None
    assert ledger.shown_on("2027-Q2", day) is None


def test_a_scorecard_recorded_by_many_at_once_is_kept_once(ledger: Ledger) -> None:
    shown = Shown("2027-Q1", date(2027, 1, 5), "facts-1", 3, "{}", AT)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: ledger.record_shown(shown), range(8))) == 1


def test_a_cycle_emptied_in_its_file_is_emptied_in_the_ledger(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    emptied = define("cycle: 2027-Q1\nobjectives: []\n")
    assert len(ledger.plan(emptied).vanishing) == 3
    ledger.apply(emptied, actor="linh", at=LATER, force=True)
    assert ledger.definitions() == emptied
    assert ledger.definitions().cycles == ("2027-Q1",)
    assert ledger.definitions().objectives == ()
