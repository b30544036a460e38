"""What the three sources hold, asked of the raw files."""

import csv
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sample_data import SampleCompany, generate
from sample_data.fiscal import choose_quarter
from sample_data.seasons import tet

TODAY = date(2026, 11, 23)
TABLES = {"tickets": "opened_at", "answers": "answered_at", "transactions": "created_at"}

Company = Callable[[date], SampleCompany]
Raw = Callable[[date], duckdb.DuckDBPyConnection]


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    (row,) = connection.execute(query).fetchall()
    return row[0] if len(row) == 1 else row


@pytest.mark.parametrize("today", [TODAY, date(2027, 2, 10), date(2026, 3, 2), date(2027, 7, 15)])
def test_it_is_a_company_of_about_150_000_rows(company: Company, today: date) -> None:
    assert 120_000 <= sum(company(today).rows.values()) <= 180_000


@pytest.mark.parametrize("table", TABLES)
def test_reported_rows_are_the_rows_in_the_files(company: Company, raw: Raw, table: str) -> None:
    (reported,) = [count for stream, count in company(TODAY).rows.items() if stream.endswith(f".{table}")]
    assert _one(raw(TODAY), f"SELECT count(*) FROM {table}") == reported


@pytest.mark.parametrize(("table", "time"), TABLES.items())
def test_history_runs_from_eighteen_months_back_to_this_morning(raw: Raw, table: str, time: str) -> None:
    first, last = _one(raw(TODAY), f"SELECT min({time}), max({time}) FROM {table}")
    assert datetime(2025, 5, 1) <= first < datetime(2025, 5, 2)  # noqa: DTZ001 - naive local times
    assert datetime(2026, 11, 23, 7) < last < datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001


@pytest.mark.parametrize(("table", "key"), [("tickets", "id"), ("answers", "answer_id"), ("transactions", "id")])
def test_keys_are_unique(raw: Raw, table: str, key: str) -> None:
    assert _one(raw(TODAY), f"SELECT count(*) = count(DISTINCT {key}) FROM {table}")


def test_no_ticket_knows_the_future(raw: Raw) -> None:
    """A response or a resolution that lies ahead is NULL, and the cursor is the newest thing that happened."""
    wrong = _one(
        raw(TODAY),
        """
        SELECT count(*) FROM tickets
        WHERE greatest(opened_at, first_response_at, resolved_at) >= TIMESTAMP '2026-11-23 09:30'
           OR updated_at <> greatest(opened_at, first_response_at, resolved_at)
           OR first_response_s <> epoch(first_response_at - opened_at)
           OR resolution_s <> epoch(resolved_at - opened_at)
           OR (first_response_at IS NULL) <> (first_response_s IS NULL)
           OR (resolved_at IS NULL) <> (resolution_s IS NULL)
        """,
    )
    assert wrong == 0


def test_tickets_wait_for_answers(raw: Raw) -> None:
    spam, spam_answered, open_old, open_new = _one(
        raw(TODAY),
        """
        SELECT avg((channel = 'spam')::INT), count(first_response_at) FILTER (channel = 'spam'),
               avg((resolved_at IS NULL)::INT) FILTER (opened_at < DATE '2026-10-01'),
               avg((resolved_at IS NULL)::INT) FILTER (opened_at >= DATE '2026-11-22')
        FROM tickets
        """,
    )
    assert 0.04 < spam < 0.06
    assert spam_answered == 0
    assert 0.005 < open_old < 0.03
    assert open_new > 0.5


def test_the_help_desk_is_a_plain_sqlite_file(company: Company) -> None:
    """Declared types and text that SQLAlchemy reads and writes, so that its cursor compares exactly."""
    path = company(TODAY).directory / "data/helpdesk.db"
    database = sqlite3.connect(path)
    try:
        types = {row[1]: row[2] for row in database.execute("PRAGMA table_info(tickets)")}
        (whole,) = database.execute("PRAGMA integrity_check").fetchone()
        (texts,) = database.execute(
            "SELECT count(*) FROM tickets WHERE updated_at NOT LIKE '____-__-__ __:__:__.000000'"
        )
    finally:
        database.close()
    assert (types["id"], types["updated_at"], types["reopened"]) == ("INTEGER", "TIMESTAMP", "BOOLEAN")
    assert whole == "ok"
    assert texts == (0,)
    assert [file.name for file in path.parent.glob("helpdesk.db*")] == ["helpdesk.db"]


def test_a_month_of_answers_is_one_file(raw: Raw) -> None:
    assert _one(
        raw(TODAY),
        "SELECT bool_and(parse_filename(filename) = 'answers-' || strftime(answered_at, '%Y-%m') || '.csv') "
        "FROM answers",
    )


def test_answers_arrive_late(raw: Raw) -> None:
    """Cards are typed in at the office within eleven days; a file is in order of arrival and knows no future."""
    late, longest, hours, ahead = _one(
        raw(TODAY),
        """
        SELECT avg((received_at > answered_at + INTERVAL 1 HOUR)::INT),
               max(received_at::DATE - answered_at::DATE),
               list_sort(list(DISTINCT hour(received_at)) FILTER (channel = 'card')),
               count(*) FILTER (received_at >= TIMESTAMP '2026-11-23 09:30')
        FROM answers
        """,
    )
    assert 0.12 < late < 0.2
    assert longest == 11
    assert hours == list(range(9, 17))
    assert ahead == 0


def test_a_later_day_only_adds_to_the_days_before(tmp_path: Path) -> None:
    """Within a quarter, the history of yesterday's workspace is that of today's: files grow at their ends."""
    yesterday, today = tmp_path / "yesterday", tmp_path / "today"
    generate(yesterday, today=TODAY - timedelta(days=3), small=True)
    generate(today, today=TODAY, small=True)
    for old in sorted(yesterday.glob("data/survey/*.csv")):
        assert (
            (today / old.relative_to(yesterday)).read_text(encoding="utf-8").startswith(old.read_text(encoding="utf-8"))
        )
    before = pq.read_table(yesterday / "data/transactions/transactions-2026-11.parquet")
    after = pq.read_table(today / "data/transactions/transactions-2026-11.parquet")
    assert after.num_rows > before.num_rows
    assert after.slice(0, before.num_rows).equals(before)


def test_closed_months_still_grow(tmp_path: Path) -> None:
    """On the third, the file of the month before still waits for its last cards."""
    generate(tmp_path / "early", today=date(2026, 12, 3), small=True)
    generate(tmp_path / "late", today=date(2026, 12, 14), small=True)
    name = "data/survey/answers-2026-11.csv"
    early, late = ((tmp_path / day / name).read_text(encoding="utf-8") for day in ("early", "late"))
    assert len(late) > len(early)
    assert late.startswith(early)


def test_comments_are_vietnamese_and_need_quoting(company: Company) -> None:
    path = company(TODAY).directory / "data/survey/answers-2026-10.csv"
    text = path.read_text(encoding="utf-8")
    with path.open(encoding="utf-8", newline="") as file:
        comments = {row["comment"] for row in csv.DictReader(file)}
    assert '""' in text
    assert any("," in comment for comment in comments)
    assert any("ế" in comment for comment in comments)
    assert "" in comments


def test_scores_and_recommendations_go_together(raw: Raw) -> None:
    happy, unhappy, skipped, low, high = _one(
        raw(TODAY),
        """
        SELECT avg(nps) FILTER (score = 5), avg(nps) FILTER (score = 1), avg((nps IS NULL)::INT), min(nps), max(nps)
        FROM answers
        """,
    )
    assert happy > 8.5
    assert unhappy < 3
    assert 0.04 < skipped < 0.08
    assert (low, high) == (0, 10)


def test_transactions_are_typed_exactly(company: Company) -> None:
    schema = pq.read_schema(company(TODAY).directory / "data/transactions/transactions-2026-10.parquet")
    assert schema.field("amount").type == pa.decimal128(14, 0)
    assert schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("is_complaint").type == pa.bool_()


def test_a_month_of_transactions_is_one_file_of_local_time(raw: Raw) -> None:
    assert _one(
        raw(TODAY),
        "SELECT bool_and(parse_filename(filename) = 'transactions-' || strftime(created_at, '%Y-%m') || '.parquet') "
        "FROM transactions",
    )


def test_amounts_are_money_with_a_few_far_out(raw: Raw) -> None:
    round_thousands, least, mean, most = _one(
        raw(TODAY),
        "SELECT bool_and(amount % 1000 = 0), min(amount), avg(amount), max(amount) FROM transactions",
    )
    assert round_thousands
    assert least >= 9_000
    assert 480_000 < mean < 530_000
    assert most > 5_000_000


@pytest.mark.parametrize("first_day", [tet(2026), tet(2027)])
def test_tet_is_quiet(raw: Raw, first_day: date) -> None:
    """On its real date, everything nearly stops for the first three days, after a rush."""
    today = date(2027, 7, 15)
    per_day = (
        "SELECT count(*) / {days} FROM {table} WHERE {time} >= DATE '{first}' AND {time} < DATE '{first}' + {days}"
    )
    for table, time in (("transactions", "created_at"), ("tickets", "opened_at")):
        rush, quiet = (
            _one(
                raw(today), per_day.format(table=table, time=time, first=first_day - timedelta(days=before), days=days)
            )
            for before, days in ((10, 5), (0, 3))
        )
        assert quiet < 0.25 * rush


def test_the_survey_was_silent_for_four_days(raw: Raw) -> None:
    gaps = raw(TODAY).execute(
        """
        SELECT day::DATE FROM generate_series(DATE '2025-05-01', DATE '2026-11-22', INTERVAL 1 DAY) AS days(day)
        WHERE day::DATE NOT IN (SELECT answered_at::DATE FROM answers) ORDER BY day
        """
    )
    days = [day for (day,) in gaps.fetchall()]
    assert len(days) == 4
    assert days[-1] - days[0] == timedelta(days=3)
    assert choose_quarter(TODAY).starts < days[0] < TODAY - timedelta(days=28)


def test_the_outage_brought_a_burst_of_tickets(raw: Raw) -> None:
    """The busiest day of the quarter, with slow answers and three times the complaints."""
    day, tickets, median_h = _one(
        raw(TODAY),
        """
        SELECT opened_at::DATE AS day, count(*) AS tickets, median(first_response_s) / 3600
        FROM tickets WHERE opened_at >= DATE '2026-10-01' GROUP BY day ORDER BY tickets DESC LIMIT 1
        """,
    )
    assert day == date(2026, 10, 12)
    assert tickets > 250
    assert median_h > 7
    on_day = _one(raw(TODAY), f"SELECT avg(is_complaint::INT) FROM transactions WHERE created_at::DATE = DATE '{day}'")
    assert on_day > 0.08
