"""The conformance kit: what every connector must do, as tests that an author inherits.

An author writes a `Harness` that puts given rows into a source of the connector's kind, and inherits the tests:

    from connectors.testing import ConnectorConformance

    class TestMine(ConnectorConformance):
        @pytest.fixture
        def harness(self, tmp_path): return MyHarness(tmp_path)

The kit needs no pytest itself: each test takes the harness as its only argument and asserts.
"""

# ruff: noqa: S101 - asserting is the kit's work

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa

from connectors.base import Connector, Extract, State, Stream
from connectors.columns import INSTANT
from connectors.errors import ConnectorError

ZONE = "Europe/Paris"
"""Zone that a harness declares for its stream, and writes naive times in where the source has no other."""

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("amount", pa.decimal128(12, 2)),
        ("paid", pa.bool_()),
        ("day", pa.date32()),
        ("opened_at", INSTANT),
        ("updated_at", INSTANT),
    ]
)

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

ROWS = pa.Table.from_pylist(
    [
        # Vietnamese in NFC; a number that no double holds; the last second before a daylight-saving gap.
        {
            "id": 1,
            "name": "Nguyễn Thị Ánh",
            "amount": Decimal("9999999999.99"),
            "paid": True,
            "day": date(2024, 2, 29),
            "opened_at": datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
            "updated_at": _NOON,
        },
        # The first second after the gap; a negative amount; text that only quoting keeps.
        {
            "id": 2,
            "name": 'Đặng, "Út"; Ước',
            "amount": Decimal("-0.01"),
            "paid": False,
            "day": date(1999, 12, 31),
            "opened_at": datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC),
            "updated_at": _NOON.replace(minute=1),
        },
        # Nothing but the key and the cursor.
        {"id": 3, "updated_at": _NOON.replace(minute=2)},
        # A local time that occurs twice, the earlier of the two; a key beyond what a double holds.
        {
            "id": 9007199254740993,
            "name": "khách lẻ",
            "amount": Decimal("0.10"),
            "paid": True,
            "day": date(2026, 10, 25),
            "opened_at": datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC),
            "updated_at": _NOON.replace(minute=3),
        },
    ],
    schema=SCHEMA,
)
"""The rows that a source must give back unchanged."""

CHANGES = pa.Table.from_pylist(
    [
        ROWS.to_pylist()[1] | {"name": "đã đổi", "updated_at": _NOON.replace(minute=4)},
        ROWS.to_pylist()[0] | {"id": 5, "amount": Decimal("5.55"), "updated_at": _NOON.replace(minute=5)},
    ],
    schema=SCHEMA,
)
"""A changed row (id 2) and a new one (id 5)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a source is filled with.

    Attributes:
        key: columns that tell rows apart; the harness's stream has them as its primary key.
        rows: what a source must give back unchanged.
        changes: rows of known keys, changed, and rows of new ones.
    """

    key: tuple[str, ...]
    rows: pa.Table
    changes: pa.Table


ANY = Sample(("id",), ROWS, CHANGES)
"""For sources that hold any column."""


class Harness(Protocol):
    """Puts rows into a source of the connector's kind.

    One whose source cannot hold the columns of `SCHEMA` has an attribute `sample`, a `Sample` of its own.
    """

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        """Make a source that holds exactly `rows` (of the sample, or some of them), and name its stream.

        The stream declares the sample's key as its primary key, the time zone `ZONE`, and the cursor `updated_at` if
        the connector knows cursors.
        """
        ...

    def change(self, rows: pa.Table) -> None:
        """Insert `rows` into the source that was made last, replacing rows of the same key."""
        ...

    def elsewhere(self, stream: Stream) -> Stream:
        """Return the stream with options that point at nothing that exists."""
        ...


class ConnectorConformance:
    """Inherit it, and give a fixture `harness`."""

    def test_option_keys_are_named(self, harness: Harness) -> None:
        """A workspace's keys can be checked without a connection."""
        connector, _ = harness.load(sample_of(harness).rows)
        assert all(isinstance(key, str) for key in connector.source_keys | connector.stream_keys)

    def test_check_passes_for_a_source_that_is_there(self, harness: Harness) -> None:
        """`check` raises only when something is wrong."""
        connector, _ = harness.load(sample_of(harness).rows)
        connector.check()

    def test_types_are_exact(self, harness: Harness) -> None:
        """Whole numbers, money, truth, days and times keep their kind; times are instants in UTC."""
        connector, stream = harness.load(sample_of(harness).rows)
        schema = connector.extract(stream, None).schema
        if sample_of(harness) is not ANY:
            assert schema == sample_of(harness).rows.schema
            return
        assert schema.names == SCHEMA.names
        assert schema.field("id").type == pa.int64()
        assert schema.field("name").type == pa.string()
        amount = schema.field("amount").type
        assert pa.types.is_decimal128(amount)
        assert amount.scale == 2
        assert schema.field("paid").type == pa.bool_()
        assert schema.field("day").type == pa.date32()
        assert schema.field("opened_at").type == schema.field("updated_at").type == INSTANT

    def test_values_come_back_as_they_were(self, harness: Harness) -> None:
        """NULLs, Vietnamese text, numbers beyond doubles and daylight-saving edges survive."""
        connector, stream = harness.load(sample_of(harness).rows)
        assert _keyed(harness, connector.extract(stream, None)) == _known(harness)

    def test_columns_are_what_extract_gives(self, harness: Harness) -> None:
        """`columns` can be trusted before the first sync."""
        connector, stream = harness.load(sample_of(harness).rows)
        assert connector.columns(stream) == connector.extract(stream, None).schema

    def test_every_batch_has_the_extracts_schema(self, harness: Harness) -> None:
        """A reader may rely on `schema` before the first batch."""
        connector, stream = harness.load(sample_of(harness).rows)
        extract = connector.extract(stream, None)
        assert all(batch.schema == extract.schema for batch in extract.batches())
        assert all(isinstance(note, str) for note in extract.notes)

    def test_state_is_json(self, harness: Harness) -> None:
        """The state survives being written and read."""
        _, _, state = _pulled(harness)
        assert json.loads(json.dumps(state)) == state

    def test_a_first_pull_is_the_whole_stream(self, harness: Harness) -> None:
        """Without a state the batches replace whatever was there."""
        connector, stream = harness.load(sample_of(harness).rows)
        assert connector.extract(stream, None).mode == "replace"

    def test_nothing_new_gives_nothing_or_known_rows(self, harness: Harness) -> None:
        """Pulling again without a change adds nothing."""
        connector, stream, state = _pulled(harness)
        again = connector.extract(_pinned(connector, stream), state)
        known = _known(harness)
        assert all(known[key] == row for key, row in _keyed(harness, again).items())
        assert again.state() == state

    def test_changes_arrive(self, harness: Harness) -> None:
        """A pull from a state brings what was inserted and changed since; with what was known it is the source."""
        connector, stream, state = _pulled(harness)
        harness.change(sample_of(harness).changes)
        extract = connector.extract(_pinned(connector, stream), state)
        known = _known(harness) if extract.mode == "merge" else {}
        assert known | _keyed(harness, extract) == _known(harness) | _changed(harness)

    def test_increments_equal_a_full_pull(self, harness: Harness) -> None:
        """What merging gives is what a pull of everything gives."""
        connector, stream, state = _pulled(harness)
        harness.change(sample_of(harness).changes)
        merged = _known(harness) | _keyed(harness, connector.extract(_pinned(connector, stream), state))
        assert merged == _keyed(harness, connector.extract(stream, None))

    def test_an_empty_stream_has_its_columns(self, harness: Harness) -> None:
        """No rows is no error."""
        connector, stream = harness.load(sample_of(harness).rows.slice(0, 0))
        extract = connector.extract(stream, None)
        assert sum(batch.num_rows for batch in extract.batches()) == 0
        json.dumps(extract.state())

    def test_a_stream_that_is_not_there_is_named(self, harness: Harness) -> None:
        """The error says which stream, in one line."""
        connector, stream = harness.load(sample_of(harness).rows)
        error = _error(connector, harness.elsewhere(stream))
        assert (error.source, error.stream) == (stream.source, stream.name)
        assert "\n" not in str(error)

    def test_a_wrong_column_is_named_with_the_nearest(self, harness: Harness) -> None:
        """A misspelt key is told apart from missing data."""
        connector, stream = harness.load(sample_of(harness).rows)
        name = sample_of(harness).key[0]
        wrong = name + name[-1]
        error = _error(connector, replace(stream, primary_key=(wrong,)))
        assert repr(wrong) in str(error)
        assert repr(name) in str(error)


def sample_of(harness: Harness) -> Sample:
    """Return what a harness's source is filled with."""
    sample: Sample = getattr(harness, "sample", ANY)
    return sample


def rows_by_key(table: pa.Table, key: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return rows by their key."""
    return {tuple(row[name] for name in key): row for row in table.to_pylist()}


_Rows = dict[tuple[Any, ...], dict[str, Any]]


def _keyed(harness: Harness, extract: Extract) -> _Rows:
    """Read an extract to its end."""
    return rows_by_key(pa.Table.from_batches(list(extract.batches()), extract.schema), sample_of(harness).key)


def _known(harness: Harness) -> _Rows:
    return rows_by_key(sample_of(harness).rows, sample_of(harness).key)


def _changed(harness: Harness) -> _Rows:
    return rows_by_key(sample_of(harness).changes, sample_of(harness).key)


def _pulled(harness: Harness) -> tuple[Connector, Stream, State]:
    connector, stream = harness.load(sample_of(harness).rows)
    extract = connector.extract(stream, None)
    for _ in extract.batches():
        continue
    return connector, stream, extract.state()


def _pinned(connector: Connector, stream: Stream) -> Stream:
    return replace(stream, pinned=connector.extract(stream, None).schema)


def _error(connector: Connector, stream: Stream) -> ConnectorError:
    try:
        list(connector.extract(stream, None).batches())
    except ConnectorError as error:
        return error
    raise AssertionError(f"no ConnectorError for {stream}")
