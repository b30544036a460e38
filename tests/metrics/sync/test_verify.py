"""What is stored is held against its source: counted there where that is exact, else read a second time."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts
from metrics.model.definition import Definitions, Organisation
from metrics.sync import run_sync
from metrics.sync.verify import Verified, verify_streams
from tests.metrics.sync.rig import NOON, MemoryLog

COLUMNS = "id integer primary key, note text, amount numeric(18, 4), share double precision, ok boolean, big bigint"
ROWS = [
    "(1, 'Đồng hồ', 10.0001, 0.1, true, 9007199254740993)",
    "(2, NULL, -3.5, 0.25, false, 1)",
    "(3, '', NULL, NULL, NULL, NULL)",
]


@dataclass(frozen=True)
class Shop:
    """A table on a real database, and a workspace that reads it."""

    root: Path
    url: str

    def run(self, *statements: str) -> None:
        engine = sa.create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    @property
    def workspace(self) -> Workspace:
        url = self.url.replace(f"{self.root}/", "")
        stream = Stream("shop", "sales", {"table": "sales"}, primary_key=("id",), cursor="id")
        source = Source("shop", "sql", {"url": url}, "pull", {"sales": stream})
        return Workspace(root=self.root, organisation=Organisation("Test"), sources={"shop": source})

    def sync(self) -> None:
        assert run_sync(self.workspace, MemoryLog(Definitions({}, ())), now=NOON).ok

    def verify(self) -> Verified:
        with open_facts(self.root / "var") as facts:
            (found,) = verify_streams(self.workspace, facts, now=NOON)
        return found


@pytest.fixture(
    params=["sqlite", *(pytest.param(name, marks=pytest.mark.service) for name in ("postgres_url", "mariadb_url"))]
)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    sqlite = request.param == "sqlite"
    made = Shop(tmp_path, f"sqlite:///{tmp_path}/shop.db" if sqlite else request.getfixturevalue(request.param))
    made.run(
        "drop table if exists sales", f"create table sales ({COLUMNS})", f"insert into sales values {', '.join(ROWS)}"
    )
    made.sync()
    return made


def test_a_table_is_counted_by_its_database(shop: Shop) -> None:
    assert shop.verify() == Verified("shop.sales", "the source", 3, 3, 6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("delete from sales where id = 1", "the source has 2 rows and 3 are stored; rows may have changed since"),
        ("update sales set note = 'x' where id = 2", "column 'note' has 3 values at the source and 2 are stored"),
        (
            "update sales set big = big + 1 where id = 1",
            "column 'big' has sum 9007199254740995 at the source and values",
        ),
        (
            "update sales set note = 'Dong ho' where id = 1",
            "column 'note' has sum 7 at the source and values of sum 12",
        ),
        ("update sales set ok = false where id = 1", "column 'ok' has sum 0 at the source and values of sum 1"),
        (
            "update sales set share = 0.26 where id = 2",
            "column 'share' has sum 0.36 at the source and values of sum 0.35",
        ),
    ],
)
def test_what_a_sync_did_not_see_is_told(shop: Shop, change: str, said: str) -> None:
    shop.run(change)
    found = shop.verify()
    assert found.problem is not None
    assert found.problem.startswith(said.partition(" 0.3")[0])
    assert "`quarterline sync shop.sales --full`" in found.problem


def test_a_file_is_read_again_as_a_load_reads_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,10\n1,11\n2,20\n")
    stream = Stream("shop", "sales", {"path": "a.csv"}, primary_key=("id",))
    workspace = Workspace(
        root=tmp_path,
        organisation=Organisation("Test"),
        sources={"shop": Source("shop", "files", {}, "pull", {"sales": stream})},
    )
    run_sync(workspace, MemoryLog(Definitions({}, ())), now=NOON)
    with open_facts(tmp_path / "var") as facts:
        assert verify_streams(workspace, facts, now=NOON) == (Verified("shop.sales", "a second reading", 2, 2, 2),)
        assert verify_streams(workspace, facts, now=NOON, only=["other"]) == ()
        (tmp_path / "a.csv").write_text("id,n\n1,11\n2,21\n")
        (found,) = verify_streams(workspace, facts, now=NOON)
        assert (found.problem or "").startswith("column 'n' has sum 32 at the source and values of sum 31 are stored")
        (tmp_path / "a.csv").unlink()
        (found,) = verify_streams(workspace, facts, now=NOON)
        assert (found.problem or "").startswith(
            "could not be compared with its source, because shop.sales, a.csv: could"
        )
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["facts"]
