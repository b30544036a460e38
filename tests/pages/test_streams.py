"""The Sources page sorts the load log onto the declared streams."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from metrics.ledger import Load
from pages.ui.failures import failure_in_words
from pages.ui.i18n import words_in
from pages.ui.reader import Reader
from pages.ui.streams import StreamAge, StreamRow, day_outcomes, stream_rows, streams_summary, streams_table
from tests.pages.factory import NOW
from tests.pages.test_markup import Seen

EN = Reader(words_in("en"), NOW, "Asia/Ho_Chi_Minh")
TYPES = {"helpdesk.tickets": "sql", "survey.answers": "files"}
FAILED = "could not read 'answers.csv', because line 7 has 3 fields; <b>correct</b> the line"


def load(stream: str = "tickets", *, hours_ago: float = 1, error: str | None = None, source: str = "helpdesk") -> Load:
    return Load(
        source=source,
        stream=stream,
        started_at=NOW - timedelta(hours=hours_ago),
        seconds=1.25,
        outcome="failed" if error else "ok",
        rows_read=0 if error else 2200,
        error=error,
        notes=() if error else ("encoding windows-1258 was detected",),
    )


def rows(*loads: Load, ages: dict[str, StreamAge] | None = None) -> tuple[StreamRow, ...]:
    return stream_rows(TYPES, loads, ages or {})


def plain(markup: str) -> str:
    return Seen(markup).text.replace("\u00a0", " ")


def test_every_declared_stream_has_a_row_whether_or_not_it_was_loaded() -> None:
    shown = rows(load())
    assert [(row.name, row.type, row.state) for row in shown] == [
        ("helpdesk.tickets", "sql", "ok"),
        ("survey.answers", "files", "never"),
    ]


def test_loads_of_a_stream_that_is_no_longer_declared_are_left_out() -> None:
    assert all(not row.loads for row in rows(load(source="gone")))


def test_a_failed_load_shows_its_error_and_keeps_the_last_good_numbers() -> None:
    shown = rows(load(hours_ago=1, error=FAILED), load(hours_ago=5))
    assert shown[0].state == "failed"
    text = plain(streams_table(shown, EN))
    assert "5 h ago" in text
    assert "2,200 rows in 1.2 s" in text


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (FAILED, ("could not read 'answers.csv', because line 7 has 3 fields", "<b>correct</b> the line")),
        ("could not read; why is not known; ask", ("could not read; why is not known", "ask")),
        ("it broke", ("it broke", "")),
    ],
)
def test_an_error_is_parted_from_its_cure(error: str, parts: tuple[str, str]) -> None:
    told = failure_in_words(error, EN.words)
    assert (told.what, told.cure) == parts
    shown = plain(streams_table(rows(load(error=error)), EN))
    assert f"Last error: {parts[0]}" in shown
    assert (f"What to do: {parts[1]}" in shown) == bool(parts[1])


def test_an_error_is_shown_as_text() -> None:
    assert "b" not in {tag for tag, _ in Seen(streams_table(rows(load(error=FAILED)), EN)).tags}


def test_a_stream_that_loaded_well_may_still_be_late() -> None:
    age = StreamAge(NOW - timedelta(days=3), timedelta(days=2))
    shown = rows(load(), ages={"helpdesk.tickets": age})
    assert shown[0].state == "late"
    text = plain(streams_table(shown, EN))
    assert "2 d late" in text
    assert "newest row 20 Nov 14:05" in text


def test_the_strip_has_thirty_days_of_the_organisations_zone() -> None:
    late_evening = Load("helpdesk", "tickets", datetime(2026, 11, 22, 17, 30, tzinfo=UTC), 1.0, "ok")
    outcomes = day_outcomes([late_evening], EN.today, EN.timezone)
    assert len(outcomes) == 30
    assert outcomes[-1] is True  # 00:30 on the 23rd in Ho Chi Minh City
    assert outcomes[:-1] == [None] * 29


def test_the_last_load_of_a_day_decides() -> None:
    assert day_outcomes([load(hours_ago=1), load(hours_ago=2, error="x")], EN.today, EN.timezone)[-1] is True
    assert day_outcomes([load(hours_ago=1, error="x"), load(hours_ago=2)], EN.today, EN.timezone)[-1] is False


def test_the_summary_counts_what_failed_and_what_waits() -> None:
    assert plain(streams_summary(rows(load(error="x")), EN)).startswith("1 stream failed")
    assert "1 stream was never loaded." in plain(streams_summary(rows(load()), EN))
    both = rows(load(), load("answers", source="survey"))
    assert plain(streams_summary(both, EN)) == "Every stream loaded without error."


def test_notes_of_a_connector_are_shown() -> None:
    assert "encoding windows-1258 was detected" in plain(streams_table(rows(load()), EN))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("sql, computed at the source", "2,200 rows of series in 1.2 s")),
        ("vi", ("sql, tính ngay tại nguồn", "2.200 dòng chuỗi số liệu trong 1,2")),
    ],
)
def test_a_stream_whose_rows_stay_at_the_source_says_so(language: Literal["en", "vi"], told: tuple[str, str]) -> None:
    shown = stream_rows(TYPES, [load()], {}, away={"helpdesk.tickets"})
    text = plain(streams_table(shown, Reader(words_in(language), NOW, "Asia/Ho_Chi_Minh")))
    for each in told:
        assert each in text
    assert "files, " not in text
