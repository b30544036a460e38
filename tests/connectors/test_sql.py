"""The sql connector: where it begins, what it refuses and how it says so."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.pool import NullPool

from connectors.base import State, Stream
from connectors.errors import ConnectorError, DriftError, UnavailableError
from connectors.registry import open_connector
from connectors.sql import SqlConnector
from connectors.sql.cursor import Cursor


def _sqlite(folder: Path, *statements: str) -> SqlConnector:
    with sqlite3.connect(folder / "a.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return SqlConnector("shop", {"url": "sqlite:///a.db"}, folder)


def _rows(connector: SqlConnector, stream: Stream, state: State | None = None) -> tuple[list[Mapping[str, Any]], State]:
    extract = connector.extract(stream, state)
    return [row for batch in extract.batches() for row in batch.to_pylist()], extract.state()


def _stream(**keys: Any) -> Stream:
    options: dict[str, Any] = {name: keys.pop(name) for name in ("table", "query") if name in keys}
    return Stream("shop", "orders", options or {"table": "orders"}, **{"primary_key": ("id",), **keys})


LOOKBACKS = [
    ("bigint", ["1", "2000", "3000"], timedelta(0), {"2", "3"}),
    (
        "timestamp",
        ["2026-01-01 10:00:00", "2026-01-01 11:00:00", "2026-01-01 12:00:00"],
        timedelta(hours=1),
        {"2", "3"},
    ),
    ("timestamp", ["2026-01-01T10:00:00.250Z", "2026-01-01T12:00:00.100Z"], timedelta(minutes=1), {"2"}),
    ("date", ["2026-01-01", "2026-01-02", "2026-01-03"], timedelta(hours=1), {"2", "3"}),
]


@pytest.mark.parametrize(("kind", "cursors", "lookback", "expected"), LOOKBACKS)
def test_the_next_pull_begins_at_the_cursor_less_the_lookback(
    tmp_path: Path, kind: str, cursors: list[str], lookback: timedelta, expected: set[str]
) -> None:
    """`>=`, so that rows of the same cursor value are not lost; rows without a cursor always come again."""
    values = ", ".join(f"('{number}', '{cursor}')" for number, cursor in enumerate(cursors, start=1))
    connector = _sqlite(
        tmp_path,
        f"CREATE TABLE orders (id text, changed {kind})",
        f"INSERT INTO orders VALUES {values}, ('none', NULL)",
    )
    stream = _stream(cursor="changed", lookback=lookback)
    _, state = _rows(connector, stream)
    rows, again = _rows(connector, stream, state)
    assert {row["id"] for row in rows} == expected | {"none"}
    assert again == state


@pytest.mark.parametrize("kind", ["timestamp", "text"])
def test_a_row_that_is_committed_after_a_later_one_is_read(tmp_path: Path, kind: str) -> None:
    """A transaction that takes a minute carries the time at which it began, and nobody need declare a look-back."""
    connector = _sqlite(
        tmp_path,
        f"CREATE TABLE orders (id integer, changed {kind})",
        "INSERT INTO orders VALUES (1, '2026-01-01 09:00:00'), (3, '2026-01-01 10:01:00')",
    )
    _, state = _rows(connector, _stream(cursor="changed"))
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("INSERT INTO orders VALUES (2, '2026-01-01 10:00:00')")
    connection.close()
    assert [row["id"] for row in _rows(connector, _stream(cursor="changed"), state)[0]] == [2, 3]


@pytest.mark.service
def test_a_row_whose_number_was_drawn_before_a_greater_one_is_read(postgres_url: str, tmp_path: Path) -> None:
    """Numbers are drawn when a row is written, and seen when its transaction ends."""
    engine = sa.create_engine(postgres_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS orders")
        connection.exec_driver_sql("CREATE TABLE orders (id bigserial, what text)")
    connector = SqlConnector("shop", {"url": postgres_url}, tmp_path)
    with engine.begin() as slow:
        slow.exec_driver_sql("INSERT INTO orders (what) VALUES ('slow')")
        with engine.begin() as quick:
            quick.exec_driver_sql("INSERT INTO orders (what) VALUES ('quick')")
        first, state = _rows(connector, _stream(cursor="id"))
    assert [row["what"] for row in first] == ["quick"]
    assert [row["what"] for row in _rows(connector, _stream(cursor="id"), state)[0]] == ["slow", "quick"]


CLOCK_CHANGES = [
    ("put back", "2026-10-25 02:59:00", timedelta(0), "2026-10-25 02:01:00"),
    ("put back", "2026-10-25 02:10:00", timedelta(minutes=30), "2026-10-25 01:40:00"),
    ("put back", "2026-10-25 03:10:00", timedelta(minutes=90), "2026-10-25 02:00:00"),
    ("put forward", "2026-03-29 03:10:00", timedelta(hours=1), "2026-03-29 01:10:00"),
]


@pytest.mark.parametrize("kind", ["timestamp", "text"])
@pytest.mark.parametrize(("clock", "newest", "lookback", "late"), CLOCK_CHANGES)
def test_what_changes_while_the_clock_is_changed_is_read(
    tmp_path: Path, kind: str, clock: str, newest: str, lookback: timedelta, late: str
) -> None:
    """A local time that comes later may be the lesser one, and an hour back on the clock may be none at all."""
    connector = _sqlite(
        tmp_path, f"CREATE TABLE orders (id integer, changed {kind})", f"INSERT INTO orders VALUES (1, '{newest}')"
    )
    stream = _stream(cursor="changed", lookback=lookback, timezone="Europe/Berlin")
    _, state = _rows(connector, stream)
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(f"INSERT INTO orders VALUES (2, '{late}')")
    connection.close()
    assert {row["id"] for row in _rows(connector, stream, state)[0]} == {1, 2}, clock


FUTURES = [
    ("timestamp", ["2027-04-01 10:00:00", "2099-01-01 10:00:00", "2027-04-10 11:30:00"]),
    ("date", ["2027-04-01", "2099-01-01", "2027-04-10"]),
    ("text", ["2027-04-01T10:00:00Z", "2099-01-01T10:00:00Z", "2027-04-10T11:30:00Z"]),
]


@pytest.mark.parametrize(("kind", "cursors"), FUTURES)
def test_a_cursor_in_the_future_does_not_hide_what_comes(tmp_path: Path, kind: str, cursors: list[str]) -> None:
    """One mistyped year would else leave out everything until then."""
    first, mistyped, later = cursors
    connector = _sqlite(
        tmp_path,
        f"CREATE TABLE orders (id integer, changed {kind})",
        f"INSERT INTO orders VALUES (1, '{first}'), (2, '{mistyped}')",
    )
    noon = datetime(2027, 4, 10, 12, tzinfo=UTC)
    extract = connector.extract(_stream(cursor="changed", asked_at=noon), None)
    assert sum(batch.num_rows for batch in extract.batches()) == 2
    assert any("lies in the future on 1 rows" in note for note in extract.notes)
    state = extract.state()
    assert state["cursor"]["value"] == first
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(f"INSERT INTO orders VALUES (3, '{later}')")
    connection.close()
    rows, again = _rows(connector, _stream(cursor="changed", asked_at=noon), state)
    assert {row["id"] for row in rows} == {1, 2, 3}
    assert again["cursor"]["value"] == later
    poisoned = {"version": 1, "cursor": {**state["cursor"], "value": mistyped}}
    assert len(_rows(connector, _stream(cursor="changed", asked_at=noon), poisoned)[0]) == 3


@pytest.mark.service
@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date", "text"])
def test_a_cursor_in_the_future_does_not_hide_what_comes_from_postgresql(
    postgres_url: str, tmp_path: Path, kind: str
) -> None:
    engine = sa.create_engine(postgres_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS orders")
        connection.exec_driver_sql(f"CREATE TABLE orders (id int, changed {kind})")
        connection.exec_driver_sql("INSERT INTO orders VALUES (1, '2027-04-01'), (2, '2099-01-01'), (3, '2027-04-02')")
    connector = SqlConnector("shop", {"url": postgres_url}, tmp_path)
    stream = _stream(cursor="changed", asked_at=datetime(2027, 4, 10, 12, tzinfo=UTC))
    _, state = _rows(connector, stream)
    assert state["cursor"]["value"].startswith("2027-04-02")
    assert {row["id"] for row in _rows(connector, stream, state)[0]} == {2, 3}


def test_without_a_key_every_pull_brings_everything(tmp_path: Path) -> None:
    """What came before could not be merged with what is new, only be replaced by it."""
    connector = _sqlite(
        tmp_path, "CREATE TABLE orders (id integer, changed integer)", "INSERT INTO orders VALUES (1, 1), (2, 2)"
    )
    stream = _stream(primary_key=(), cursor="changed")
    _, state = _rows(connector, stream)
    rows, _ = _rows(connector, stream, state)
    assert connector.extract(stream, state).mode == "replace"
    assert len(rows) == 2


@pytest.mark.service
@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("timestamptz", ["2026-01-01 10:00:00+07", "2026-01-01 10:30:00+07"], {2}),
        ("timestamp", ["2026-01-01 10:00:00", "2026-01-01 10:30:00.000001"], {2}),
        ("numeric(20,5)", ["1.00001", "1.00002"], {2}),
        ("text", ["Ánh", "Út"], {2}),
        ("date", ["2026-01-01", "2026-01-02"], {2}),
    ],
)
def test_cursors_of_every_type_resume_in_postgresql(
    postgres_url: str, tmp_path: Path, kind: str, values: list[str], expected: set[int]
) -> None:
    """The greatest value is kept exactly, in the database's own terms and order."""
    engine = sa.create_engine(postgres_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS orders")
        connection.exec_driver_sql(f"CREATE TABLE orders (id int, changed {kind})")
        for number, value in reversed(list(enumerate(values, start=1))):
            connection.exec_driver_sql(f"INSERT INTO orders VALUES ({number}, '{value}')")
    connector = SqlConnector("shop", {"url": postgres_url}, tmp_path)
    stream = _stream(cursor="changed", timezone="Asia/Ho_Chi_Minh")
    _, state = _rows(connector, stream)
    rows, again = _rows(connector, stream, state)
    assert {row["id"] for row in rows} == expected
    assert again == state


@pytest.mark.parametrize(
    ("kind", "cursors", "expected"),
    [
        ("timestamp", ["2026-01-01 10:00:00", "2026-01-02 00:00:00", "2026-01-03 12:00:00"], {"2", "3"}),
        ("date", ["2026-01-01", "2026-01-02", "2026-01-03"], {"2", "3"}),
        ("text", ["2026-01-01T23:59:59", "2026-01-02T00:00:00", "2026-01-03T12:00:00"], {"2", "3"}),
        ("text", ["2025-12-30", "2026-01-02", "2026-01-03"], {"2", "3"}),
    ],
)
def test_a_back_fill_begins_at_its_day_and_forgets_nothing(
    tmp_path: Path, kind: str, cursors: list[str], expected: set[str]
) -> None:
    values = ", ".join(f"('{number}', '{cursor}')" for number, cursor in enumerate(cursors, start=1))
    connector = _sqlite(
        tmp_path, f"CREATE TABLE orders (id text, changed {kind})", f"INSERT INTO orders VALUES {values}"
    )
    _, state = _rows(connector, _stream(cursor="changed"))
    rows, again = _rows(connector, _stream(cursor="changed", since=date(2026, 1, 2)), state)
    assert {row["id"] for row in rows} == expected
    assert again == state
    late = _stream(cursor="changed", since=date(2027, 1, 1))
    assert [row["id"] for row in _rows(connector, late, state)[0]] == ["3"]


def test_a_back_fill_needs_a_cursor_of_time(tmp_path: Path) -> None:
    connector = _sqlite(tmp_path, "CREATE TABLE orders (id integer)", "INSERT INTO orders VALUES (3)")
    _, state = _rows(connector, _stream(cursor="id"))
    with pytest.raises(ConnectorError, match=r"could not go back to 2026-01-02 from cursor 3, because it is no time"):
        connector.extract(_stream(cursor="id", since=date(2026, 1, 2)), state)


def test_a_lookback_needs_a_cursor_of_time(tmp_path: Path) -> None:
    """An hour behind the number 3 means nothing."""
    connector = _sqlite(tmp_path, "CREATE TABLE orders (id integer)", "INSERT INTO orders VALUES (3)")
    stream = _stream(cursor="id", lookback=timedelta(hours=1))
    _, state = _rows(connector, stream)
    with pytest.raises(ConnectorError, match="no time"):
        connector.extract(stream, state)


@pytest.mark.parametrize("end", [";", " -- the end", " ; "])
def test_a_query_may_hold_any_character(tmp_path: Path, end: str) -> None:
    """Percent signs, colons, a comment at the end and a semicolon do no harm."""
    connector = _sqlite(
        tmp_path, "CREATE TABLE orders (id integer, name text)", "INSERT INTO orders VALUES (1, '5 %:x')"
    )
    rows, _ = _rows(connector, _stream(query="SELECT * FROM orders WHERE name LIKE '%:x'" + end))
    assert rows == [{"id": 1, "name": "5 %:x"}]


@pytest.mark.service
def test_a_query_with_two_columns_of_one_name_is_refused(postgres_url: str, tmp_path: Path) -> None:
    connector = SqlConnector("shop", {"url": postgres_url}, tmp_path)
    with pytest.raises(ConnectorError, match="several columns 'id'"):
        connector.columns(_stream(query="SELECT 1 AS id, 2 AS id"))


@pytest.mark.parametrize(
    ("declared", "value", "column"),
    [
        ("integer", "'many'", "n"),
        ("boolean", "2", "n"),
        ("date", "'soon'", "n"),
        ("timestamp", "1767225600", "n"),
        ("decimal(5,2)", "1.005", "n"),
        ("", "'text among numbers'", "n"),
    ],
)
def test_sqlite_values_that_do_not_fit_are_named(tmp_path: Path, declared: str, value: str, column: str) -> None:
    """SQLite stores anything anywhere; what does not fit the declared type is refused with its column."""
    connector = _sqlite(
        tmp_path,
        f"CREATE TABLE orders (id integer, n {declared})",
        "INSERT INTO orders VALUES (1, NULL), (2, 1)" if not declared else "INSERT INTO orders VALUES (1, NULL)",
        f"INSERT INTO orders VALUES (42, {value})",
    )
    with pytest.raises(ConnectorError) as caught:
        _rows(connector, _stream(primary_key=("id",)))
    assert caught.value.column == column
    assert not declared or "id '42'" in str(caught.value)


def test_columns_that_go_or_change_stop_the_stream(tmp_path: Path) -> None:
    """A dropped column and an incompatible type are drift; a new column is a note."""
    connector = _sqlite(tmp_path, "CREATE TABLE orders (id integer, n integer)")
    pinned = connector.columns(_stream())
    _sqlite(tmp_path, "ALTER TABLE orders ADD COLUMN extra text")
    extract = connector.extract(_stream(pinned=pinned), None)
    assert extract.notes == ["column 'extra' is new"]
    _sqlite(tmp_path, "ALTER TABLE orders DROP COLUMN n")
    with pytest.raises(DriftError, match="'n', because it is gone"):
        connector.extract(_stream(pinned=pinned), None)
    _sqlite(tmp_path, "ALTER TABLE orders ADD COLUMN n text")
    with pytest.raises(DriftError, match="was bigint and is now text"):
        connector.extract(_stream(pinned=pinned), None)


def test_a_missing_sqlite_file_is_not_made(tmp_path: Path) -> None:
    """The error names it, and nothing appears."""
    connector = SqlConnector("shop", {"url": "sqlite:///no.db"}, tmp_path)
    with pytest.raises(ConnectorError, match="no such file"):
        connector.check()
    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_opened_for_reading_only(tmp_path: Path) -> None:
    """A query cannot write to the source."""
    connector = _sqlite(tmp_path, "CREATE TABLE orders (id integer)")
    with connector._database.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("INSERT INTO orders VALUES (1)")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("this is no database, but long enough to be read as a header " * 20)
    with pytest.raises(ConnectorError, match="not a database"):
        list(SqlConnector("shop", {"url": "sqlite:///a.db"}, tmp_path).extract(_stream(), None).batches())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "no database URL"),
        ("nodb://host/x", "driver for 'nodb' is not installed"),
        ("sqlite://", "names no SQLite file"),
        ("sqlite:///../a.db", "leaves the workspace"),
    ],
)
def test_a_url_that_cannot_work_is_refused(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(ConnectorError, match=words):
        SqlConnector("shop", {"url": url}, tmp_path)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_an_unreachable_server_is_retriable_and_keeps_its_secret(tmp_path: Path, scheme: str) -> None:
    """Nothing listens on port 9; host and port are named, the password is not."""
    environ = {"SHOP_URL": f"{scheme}://linh:s3cr%40t-canary@127.0.0.1:9/shop"}
    connector = open_connector("sql", "shop", {"url": "${SHOP_URL}"}, tmp_path, environ)
    with pytest.raises(UnavailableError) as caught:
        connector.check()
    assert caught.value.retriable
    assert "127.0.0.1:9" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.service
def test_wrong_credentials_say_so(mariadb_url: str, tmp_path: Path) -> None:
    url = sa.make_url(mariadb_url).set(username="nobody", password="s3cret-canary")
    connector = SqlConnector("shop", {"url": url.render_as_string(hide_password=False)}, tmp_path)
    with pytest.raises(ConnectorError, match="refuses") as caught:
        connector.check()
    assert "canary" not in str(caught.value)
    assert not caught.value.retriable


@pytest.mark.service
@pytest.mark.parametrize("fixture", ["postgres_url", "mariadb_url"])
def test_a_pull_sees_one_state_of_the_database(fixture: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Rows written while a pull is on its way are not in it; a writer is not blocked."""
    url = request.getfixturevalue(fixture)
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS orders")
        connection.exec_driver_sql("CREATE TABLE orders (id int PRIMARY KEY, name varchar(200))")
        rows = ", ".join(f"({number}, '{'x' * 150}')" for number in range(50_000))
        connection.exec_driver_sql(f"INSERT INTO orders VALUES {rows}")
    extract = SqlConnector("shop", {"url": url}, tmp_path).extract(_stream(primary_key=("id",)), None)
    batches = extract.batches()
    first = next(batches)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM orders WHERE id >= 49000")
        connection.exec_driver_sql("INSERT INTO orders VALUES (100000, 'late')")
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 50_000


@pytest.mark.service
def test_rows_of_every_length_come_from_mariadb_as_they_are(mariadb_url: str, tmp_path: Path) -> None:
    """A text's length takes one byte, three or four; a row that is no text at all is left to the driver."""
    lengths = [0, 1, 200, 239, 240, 241, 250, 251, 252, 255, 256, 65_520, 65_535, 65_536, 300_000, 2_000_000]
    engine = sa.create_engine(mariadb_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE lengths (id integer primary key, t longtext CHARACTER SET utf8mb4)")
        for id_, length in enumerate(lengths):
            connection.execute(sa.text("INSERT INTO lengths VALUES (:id, repeat('ệ', :n))"), {"id": id_, "n": length})
        connection.exec_driver_sql("INSERT INTO lengths VALUES (98, NULL)")
        connection.exec_driver_sql("INSERT INTO lengths SELECT 1000 + seq, seq FROM seq_0_to_49999")
    engine.dispose()
    connector = SqlConnector("shop", {"url": mariadb_url}, tmp_path)
    rows, _ = _rows(connector, Stream("shop", "lengths", {"table": "lengths"}, primary_key=("id",)))
    found = {row["id"]: row["t"] for row in rows}
    assert len(rows) == len(found) == len(lengths) + 1 + 50_000
    assert [len(found[id_]) for id_ in range(len(lengths))] == lengths
    assert found[98] is None
    assert all(found[1000 + number] == str(number) for number in range(50_000))


@pytest.mark.service
def test_a_connection_that_mariadb_ends_amid_the_rows_fails_the_pull(mariadb_url: str, tmp_path: Path) -> None:
    engine = sa.create_engine(mariadb_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE many (id integer primary key, t text)")
        connection.exec_driver_sql("INSERT INTO many SELECT seq, repeat('x', 200) FROM seq_0_to_199999")
        database = connection.exec_driver_sql("SELECT database()").scalar_one()
    connector = SqlConnector("shop", {"url": mariadb_url}, tmp_path)
    batches = connector.extract(Stream("shop", "many", {"table": "many"}, primary_key=("id",)), None).batches()
    read = next(batches).num_rows
    with engine.begin() as connection:
        pulling = (
            "SELECT id FROM information_schema.processlist "
            "WHERE db = :db AND info LIKE '%many%' AND id <> connection_id()"
        )
        (number,) = connection.execute(sa.text(pulling), {"db": database}).scalars()
        connection.exec_driver_sql(f"KILL CONNECTION {number}")
    engine.dispose()
    with pytest.raises(ConnectorError, match="could not"):
        read += sum(batch.num_rows for batch in batches)
    assert read < 200_000


@pytest.mark.service
def test_a_pull_that_nobody_waits_for_does_not_read_the_rest(mariadb_url: str, tmp_path: Path) -> None:
    connector = SqlConnector("shop", {"url": mariadb_url}, tmp_path)
    query = "SELECT a.seq AS id FROM seq_0_to_99999 AS a, seq_0_to_99999 AS b"  # ten thousand million rows
    batches = connector.extract(Stream("shop", "endless", {"query": query}), None).batches()
    assert next(batches).num_rows > 0
    batches.close()  # type: ignore[attr-defined]


@pytest.mark.service
@pytest.mark.parametrize("fixture", ["postgres_url", "mariadb_url"])
def test_about_how_many_rows_come_is_known_beforehand(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(fixture)
    engine = sa.create_engine(url, poolclass=NullPool)
    postgresql = engine.dialect.name == "postgresql"
    rows = (
        "generate_series(1, 20000) AS rows(id)" if postgresql else "(SELECT seq AS id FROM seq_1_to_20000) AS sequence"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        table = connection.dialect.identifier_preparer.quote_identifier("Đơn hàng")
        connection.exec_driver_sql(f"CREATE TABLE {table} AS SELECT id FROM {rows}")
        connection.exec_driver_sql(f"ANALYZE {'' if postgresql else 'TABLE '}{table}")
    engine.dispose()
    connector = SqlConnector("shop", {"url": url}, tmp_path)
    expected = connector.extract(Stream("shop", "a", {"table": "Đơn hàng"}), None).expected_rows
    assert expected is not None
    assert 15_000 < expected < 25_000
    asked = connector.extract(Stream("shop", "a", {"query": "SELECT 1 AS id"}), None)
    assert asked.expected_rows is None


@given(st.lists(st.datetimes(datetime(2027, 4, 1), datetime(2027, 4, 20)), min_size=1, max_size=30))  # noqa: DTZ001
def test_looking_at_a_few_ascending_values_says_what_looking_at_all_does(values: list[datetime]) -> None:
    asked_at = datetime(2027, 4, 10, 12, tzinfo=UTC)
    each, few = (Cursor("changed", zone="Asia/Ho_Chi_Minh", asked_at=asked_at) for _ in range(2))
    each.see(values)
    few.see_ascending(pa.array(values, pa.timestamp("us")).sort())
    assert (few.greatest, few.future) == (each.greatest, each.future)
