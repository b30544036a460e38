"""What a pull does to stored rows, and what it may never do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from metrics.model.reading import Measure, Window
from metrics.sync import StreamSync
from tests.metrics.sync.rig import NOON, Rig, instant, metric

APRIL = Window(date(2027, 4, 1), date(2027, 4, 30))
TOTAL = metric("total", "sum", value="n")


def sales(*rows: tuple[Any, ...], n: pa.DataType | None = None, **more: pa.Array) -> pa.Table:
    """Rows of (id, day of April or None, n)."""
    table = pa.table(
        {
            "id": pa.array([row[0] for row in rows], pa.int64()),
            "at": pa.array(
                [instant(date(2027, 4, row[1])) if row[1] else None for row in rows], pa.timestamp("us", tz="UTC")
            ),
            "n": pa.array([row[2] for row in rows], n or pa.int32()),
        }
    )
    for name, values in more.items():
        table = table.append_column(name, values)
    return table


def pull(rig: Rig, table: pa.Table, **how: Any) -> StreamSync:
    rig.put("sales", table, **how)
    (stream,) = rig.sync().streams
    return stream


def total(rig: Rig) -> float | None:
    with rig.facts() as facts:
        return facts.measure([Measure(TOTAL, (), (APRIL,))])[0].readings[0].value


@pytest.fixture
def stocked(rig: Rig) -> Rig:
    rig.define(TOTAL)
    assert pull(rig, sales((1, 1, 10), (2, 2, 20), (3, 3, 30))).outcome == "ok"
    return rig


def test_the_same_rows_again_change_and_publish_nothing(stocked: Rig) -> None:
    again = pull(stocked, sales((2, 2, 20), (3, 3, 30)), mode="merge")
    assert (again.outcome, again.rows_read, again.rows_changed) == ("unchanged", 2, 0)
    assert stocked.facts().generation == "facts-1"


def test_rows_merge_by_key(stocked: Rig) -> None:
    merged = pull(stocked, sales((3, 3, 31), (4, 4, 40)), mode="merge")
    assert (merged.outcome, merged.rows_changed, merged.mode) == ("ok", 2, "merge")
    assert total(stocked) == 101


def test_a_whole_pull_removes_rows_that_are_gone(stocked: Rig) -> None:
    result = pull(stocked, sales((1, 1, 10), (3, 3, 30)))
    assert (result.rows_changed, result.notes) == (1, ("1 rows are gone from the source and were removed",))
    assert total(stocked) == 40


def test_a_full_sync_treats_a_merge_as_the_whole_stream(stocked: Rig) -> None:
    stocked.put("sales", sales((1, 1, 10)), mode="merge")
    assert stocked.sync(full=True).streams[0].mode == "replace"
    assert total(stocked) == 10


def test_an_empty_source_keeps_the_last_rows_and_says_so(stocked: Rig) -> None:
    result = pull(stocked, sales())
    assert result.outcome == "unchanged"
    assert result.notes == ("the source gave no rows at all; the rows of the last load were kept",)
    assert total(stocked) == 60


def test_an_empty_increment_is_no_news(stocked: Rig) -> None:
    assert pull(stocked, sales(), mode="merge").notes == ()


def test_without_a_key_an_empty_increment_is_no_news_either(rig: Rig) -> None:
    """A file that is as it was is not read, which does not mean that it is empty."""
    rig.define(TOTAL)
    rig.declare("sales", key=())
    pull(rig, sales((1, 1, 10), (2, 2, 20)))
    again = pull(rig, sales(), mode="merge")
    assert (again.outcome, again.notes) == ("unchanged", ())
    assert total(rig) == 30


def test_a_row_moves_from_day_to_day(stocked: Rig) -> None:
    pull(stocked, sales((1, 9, 10)), mode="merge")
    with stocked.facts() as facts:
        days = [Window(date(2027, 4, day), date(2027, 4, day)) for day in (1, 9)]
        assert [each.value for each in facts.measure([Measure(TOTAL, (), tuple(days))])[0].readings] == [None, 10]


def test_of_repeated_keys_the_newest_cursor_wins_else_the_last(rig: Rig) -> None:
    rig.define(TOTAL)
    rig.declare("sales", cursor="n")
    result = pull(rig, sales((1, 1, 5), (1, 1, 9), (1, 1, 7), (2, 1, None), (2, 1, 1)))
    assert total(rig) == 10
    assert result.notes == ("3 rows repeat the key of another row; the newest n was kept",)
    rig.declare("sales")
    result = pull(rig, sales((1, 1, 5), (1, 1, 9), (1, 1, 7), (2, 1, 1)))
    assert total(rig) == 8
    assert result.notes[1:] == ("2 rows repeat the key of another row; the last one that came was kept",)


def test_a_row_without_a_key_fails_the_stream_and_keeps_the_rest(stocked: Rig) -> None:
    result = pull(stocked, sales((None, 5, 1), (7, 5, 1)), mode="merge")
    assert result.outcome == "failed"
    assert "1 rows have no id" in (result.error or "")
    assert total(stocked) == 60


def test_without_a_key_a_pull_is_the_whole_stream(rig: Rig) -> None:
    rig.define(TOTAL)
    rig.declare("sales", key=())
    pull(rig, sales((1, 1, 10), (1, 1, 10), (2, 2, 20)), mode="merge")
    assert total(rig) == 40
    assert pull(rig, sales((2, 2, 20), (1, 1, 10), (1, 1, 10))).outcome == "unchanged"
    assert pull(rig, sales((1, 1, 10), (2, 2, 20))).rows_changed == 1
    assert total(rig) == 30


def test_a_failure_on_the_way_keeps_nothing_of_the_pull(stocked: Rig) -> None:
    result = pull(stocked, sales(*((key, 5, 1) for key in range(50))), mode="merge", fails_after=21)
    assert result.outcome == "failed"
    assert result.error == "shop.sales: row 22 cannot be read; correct it"
    assert total(stocked) == 60
    assert pull(stocked, sales(*((key, 5, 1) for key in range(50)))).outcome == "ok"
    assert total(stocked) == 50


def test_a_first_pull_that_fails_leaves_no_table(rig: Rig) -> None:
    rig.define(TOTAL)
    assert pull(rig, sales(*((key, 5, 1) for key in range(50))), fails_after=21).outcome == "failed"
    assert pull(rig, sales((1, 1, 1))).outcome == "ok"
    assert total(rig) == 1


def test_one_stream_failing_leaves_the_others_alone(stocked: Rig) -> None:
    stocked.declare("returns")
    stocked.put("sales", sales((1, 1, 11)), mode="merge")
    result = stocked.sync()
    assert [(each.stream, each.outcome) for each in result.streams] == [
        ("shop.sales", "ok"),
        ("shop.returns", "failed"),
    ]
    assert not result.ok
    assert total(stocked) == 61
    assert [(load.stream, load.outcome, load.generation) for load in stocked.log.loads[-2:]] == [
        ("sales", "ok", "facts-2"),
        ("returns", "failed", None),
    ]


def test_numbers_that_are_not_finite_are_stored_as_missing(rig: Rig) -> None:
    mean = metric("mean", "mean", value="n")
    rig.define(mean)
    result = pull(rig, sales((1, 1, 2.0), (2, 1, float("nan")), (3, 1, float("inf")), (4, 1, 4.0), n=pa.float64()))
    assert result.notes == ("2 values of 'n' are not finite (NaN or infinite) and count as missing",)
    with rig.facts() as facts:
        (reading,) = facts.measure([Measure(mean, (), (APRIL,))])[0].readings
    assert (reading.value, reading.rows) == (3.0, 2)


def test_a_new_column_is_added_with_a_note(stocked: Rig) -> None:
    result = pull(stocked, sales((4, 4, 40), extra=pa.array(["x"])), mode="merge")
    assert result.notes == ("column 'extra' (VARCHAR) is new; rows of earlier loads have no value in it",)
    assert total(stocked) == 100
    with stocked.facts() as facts:
        assert facts.columns("shop.sales")["extra"] == "VARCHAR"


def test_a_type_that_grows_exactly_is_widened(stocked: Rig) -> None:
    result = pull(stocked, sales((4, 4, 5_000_000_000), n=pa.int64()), mode="merge")
    assert result.notes == ("column 'n' was widened from INTEGER to BIGINT",)
    assert total(stocked) == 5_000_000_060
    assert pull(stocked, sales((5, 4, Decimal("0.5")), n=pa.decimal128(24, 2)), mode="merge").outcome == "ok"
    assert total(stocked) == 5_000_000_060.5
    assert pull(stocked, sales((6, 4, 1), n=pa.int16()), mode="merge").notes == ()
    assert total(stocked) == 5_000_000_061.5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (sales((4, 4, "forty"), n=pa.string()), "column 'n' was INTEGER and is now VARCHAR"),
        (sales((4, 4, 1)).drop_columns(["n"]), "column 'n' is gone"),
        (sales((4, 4, 1), N=pa.array([1])), "columns 'n' and 'N' have the same name"),
    ],
)
def test_a_column_that_vanishes_or_changes_stops_its_stream(stocked: Rig, changed: pa.Table, said: str) -> None:
    result = pull(stocked, changed, mode="merge")
    assert result.outcome == "failed"
    assert said in (result.error or "")
    assert total(stocked) == 60


def test_what_a_column_has_become_is_learnt_when_told(stocked: Rig) -> None:
    changed = sales((4, 4, "forty"), (5, 4, "five"), n=pa.string()).rename_columns(["id", "at", "m"])
    counted = metric("total", "count")
    stocked.put("sales", changed, mode="merge")
    assert "column 'n' is gone" in (stocked.sync(full=True).streams[0].error or "")
    stocked.define(counted)
    relearnt = stocked.sync(relearn=True)
    assert (relearnt.ok, relearnt.streams[0].rows_changed) == (True, 2)
    with stocked.facts() as facts:
        assert dict(facts.columns("shop.sales"))["m"] == "VARCHAR"
        assert facts.measure([Measure(counted, (), (APRIL,))])[0].readings[0].value == 2


@pytest.mark.parametrize("how", [{"fails_after": 1}, {}])
def test_learning_anew_that_fails_keeps_the_last_rows(stocked: Rig, how: dict[str, int]) -> None:
    stocked.put("sales", sales(*((key, 5, "x") for key in range(9 if how else 0)), n=pa.string()), **how)  # type: ignore[arg-type]
    (stream,) = stocked.sync(relearn=True).streams
    assert stream.outcome == "failed"
    assert total(stocked) == 60


@pytest.mark.parametrize(
    "flags",
    [
        pa.array([None, True, False, True]),
        pa.array([0, 1, None, -1], pa.int8()),
        pa.array([None, instant(date(2027, 4, 9)), None, instant(date(2027, 4, 9))], pa.timestamp("us", tz="UTC")),
    ],
)
def test_rows_that_the_source_marks_as_deleted_go(rig: Rig, flags: pa.Array) -> None:
    rig.define(TOTAL)
    rig.declare("sales", deleted="gone")
    first = pull(rig, sales((1, 1, 10), (2, 2, 20), (3, 3, 30), (4, 4, 40), gone=flags))
    assert first.notes == ("2 rows are marked as deleted at the source and do not count",)
    assert total(rig) == 40
    again = pull(rig, sales((1, 1, 10), (5, 4, 1), (3, 3, 30), (9, 4, 40), gone=flags.take([1, 0, 3, 1])), mode="merge")
    assert (again.rows_changed, again.notes[0]) == (3, "3 rows are marked as deleted at the source and do not count")
    assert total(rig) == 1
    assert pull(rig, sales((5, 4, 1), (1, 1, 7), gone=flags.take([1, 0])), mode="replace").rows_changed == 2
    assert total(rig) == 7


@pytest.mark.parametrize("column", ["id_of_nothing", "note"])
def test_a_mark_that_cannot_be_read_stops_its_stream(rig: Rig, column: str) -> None:
    rig.declare("sales", deleted=column)
    assert "which marks deleted rows," in (pull(rig, sales((1, 1, 10), note=pa.array(["no"]))).error or "")


def test_a_dry_run_tells_what_would_change_and_changes_nothing(stocked: Rig) -> None:
    stocked.put("sales", sales((3, 3, 31), (4, 4, 40)), mode="merge")
    loads = len(stocked.log.loads)
    trial = stocked.sync(dry_run=True)
    assert [(each.outcome, each.rows_read, each.rows_changed) for each in trial.streams] == [("ok", 2, 2)]
    assert (trial.generation, len(stocked.log.loads), total(stocked)) == (None, loads, 60)
    stocked.declare("returns")
    stocked.put("returns", sales((1, 1, 1)))
    assert [each.rows_changed for each in stocked.sync(dry_run=True).streams] == [2, 1]
    assert stocked.facts().tables() == ("shop.sales",)
    assert [each.rows_changed for each in stocked.sync().streams] == [2, 1]
    assert total(stocked) == 101


def test_a_column_without_any_value_waits_for_its_type(rig: Rig) -> None:
    rig.define(TOTAL)
    pull(rig, sales((1, 1, 1), later=pa.nulls(1)))
    assert pull(rig, sales((2, 1, 2), later=pa.array(["x"])), mode="merge").outcome == "ok"
    assert pull(rig, sales((3, 1, 3), later=pa.nulls(1)), mode="merge").outcome == "ok"
    assert total(rig) == 6


def test_the_connector_gets_back_its_state_and_the_types_it_learnt(stocked: Rig) -> None:
    from metrics.facts.writer import open_writer
    from metrics.sync.merge import remembered

    pull(stocked, sales((2, 2, 20)), mode="merge")
    with open_writer(stocked.root / "var", stocked.organisation, at=NOON) as writer:
        known = remembered(writer, "shop.sales")
    assert known.state == {"pulls": 2}
    assert known.pinned is not None
    assert known.pinned.field("n").type == pa.int32()
    assert known.rows == 3


def test_future_rows_are_kept_and_counted_but_not_read(rig: Rig) -> None:
    rig.define(TOTAL)
    pull(rig, sales((1, 1, 1), (2, 25, 2)))
    with rig.facts() as facts:
        assert facts.freshness(TOTAL, NOON) == (instant(date(2027, 4, 1)), 1)
        window = Window(date(2027, 4, 1), date(2027, 4, 10))
        assert facts.measure([Measure(TOTAL, (), (window,))])[0].readings[0].value == 1


def test_a_metric_that_does_not_fit_is_reported_on_itself(stocked: Rig) -> None:
    stocked.define(TOTAL, metric("wrong", "mean", value="nn"), metric("failing", "sum", value="cast(note as integer)"))
    note = pa.array(["1", "x"])
    result = pull(stocked, sales((4, 4, 1), (5, 4, 1), note=note), mode="merge")
    outcome = stocked.sync()
    assert result.outcome == "ok"
    assert set(outcome.metric_errors) == {"wrong", "failing"}
    assert "unknown column 'nn'; did you mean 'n'?" in outcome.metric_errors["wrong"]
    assert "could not compute metric 'failing'" in outcome.metric_errors["failing"]
    assert not outcome.ok
    assert total(stocked) == 62
    with stocked.facts() as facts:
        assert facts.is_kept(TOTAL)


def test_a_division_by_zero_is_missing_and_noted(rig: Rig) -> None:
    rate = metric("rate", "mean", value="10 / n")
    rig.define(rate)
    result = pull(rig, sales((1, 1, 5), (2, 1, 0), (3, 1, 2)))
    assert result.notes == ("'10 / n' gives no finite number on 1 rows, which count as missing",)
    with rig.facts() as facts:
        (reading,) = facts.measure([Measure(rate, (), (APRIL,))])[0].readings
        assert (reading.value, reading.rows) == (3.5, 2)


def test_changed_definitions_are_exact_at_once_and_kept_after_the_next_sync(stocked: Rig) -> None:
    other = metric("total", "sum", value="n * 2", where="n > 10")
    with stocked.facts() as facts:
        assert not facts.is_kept(other)
        assert facts.measure([Measure(other, (), (APRIL,))])[0].readings[0].value == 100
    stocked.define(other)
    assert stocked.sync().generation == "facts-2"
    with stocked.facts() as facts:
        assert facts.is_kept(other)
        assert not facts.is_kept(TOTAL)
        assert facts.measure([Measure(other, (), (APRIL,))])[0].readings[0].value == 100


def test_a_changed_zone_moves_rows_to_other_days(rig: Rig) -> None:
    from dataclasses import replace

    rig.define(TOTAL)
    late = sales((1, 1, 1)).set_column(1, "at", pa.array([instant(date(2027, 4, 1), 23)], pa.timestamp("us", tz="UTC")))
    pull(rig, late)
    first = Window(date(2027, 4, 1), date(2027, 4, 1))
    with rig.facts() as facts:
        assert facts.measure([Measure(TOTAL, (), (first,))])[0].readings[0].value is None
    rig.organisation = replace(rig.organisation, timezone="UTC")
    assert rig.sync().generation == "facts-2"
    with rig.facts() as facts:
        assert facts.measure([Measure(TOTAL, (), (first,))])[0].readings[0].value == 1


def test_a_stream_that_nobody_declares_goes_with_a_full_sync_unless_a_metric_reads_it(stocked: Rig) -> None:
    stocked.put("returns", sales((1, 1, 5)))
    stocked.sync()
    del stocked.streams["returns"]
    stocked.sync()
    assert stocked.facts().tables() == ("shop.returns", "shop.sales")
    stocked.define(TOTAL, replace(TOTAL, id="back", source="shop.returns"))
    stocked.sync(full=True)
    assert stocked.facts().tables() == ("shop.returns", "shop.sales")
    stocked.define(TOTAL)
    stocked.sync(full=True, only=["shop"])
    assert stocked.facts().tables() == ("shop.returns", "shop.sales")
    stocked.sync(full=True)
    assert stocked.facts().tables() == ("shop.sales",)
    assert total(stocked) == 60


def test_only_what_is_named_is_synced(stocked: Rig) -> None:
    from metrics.errors import NotFoundError

    stocked.declare("returns")
    stocked.put("sales", sales((1, 1, 12)), mode="merge")
    assert [each.stream for each in stocked.sync(only=["shop.sales"]).streams] == ["shop.sales"]
    with pytest.raises(NotFoundError, match="did you mean 'shop"):
        stocked.sync(only=["shop.sale"])


def test_many_dimensions_are_kept_apart_when_their_product_is_as_large_as_the_rows(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metrics.sync import keep_parts

    monkeypatch.setattr(keep_parts, "LARGEST_PRODUCT", 10)
    by_a, by_b = metric("a", "sum", value="n", dimensions=("a",)), metric("b", "count", dimensions=("b",))
    rig.define(by_a, by_b)
    values = pa.array([str(key % 8) for key in range(64)]), pa.array([str(key // 8) for key in range(64)])
    rows = sales(*((key, 1, 1) for key in range(64)), a=values[0], b=values[1])
    pull(rig, rows)
    with rig.facts() as facts:
        filters = (("a", ("3",)),), (("b", ("3",)),)
        assert facts.is_kept(by_a, filters[0])
        assert not facts.is_kept(by_a, filters[1])
        answers = facts.measure([Measure(by_a, filters[0], (APRIL,)), Measure(by_b, filters[1], (APRIL,))])
        assert [each.readings[0].value for each in answers] == [8, 8]
    assert pull(rig, rows.slice(0, 1), mode="merge").outcome == "unchanged"
    assert rig.facts().generation == "facts-1"
