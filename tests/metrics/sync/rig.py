"""A workspace over an in-test connector: a plug-in found by its entry point, reading Arrow files that tests write."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from connectors.base import Mode, State, Stream
from connectors.errors import ContentError, UnavailableError
from metrics.definitions import Source, Workspace
from metrics.facts import Facts, open_facts
from metrics.ledger import Load
from metrics.model.definition import Definitions, Filter, KeyResult, Metric, Objective, Organisation, Read
from metrics.model.target import Target
from metrics.sync import SyncResult, run_sync

NOON = datetime(2027, 4, 10, 12, tzinfo=UTC)


class ArrowExtract:
    """Reads what `Rig.put` wrote, and fails where a test wants it to."""

    def __init__(self, path: Path, state: State | None) -> None:
        if not path.exists():
            raise UnavailableError(f"could not read {path.name!r}, because it is missing; write it")
        told = json.loads(path.with_suffix(".json").read_text("utf-8"))
        with pa.memory_map(str(path)) as file:
            self._table: pa.Table = pa.ipc.open_file(file).read_all()
        self.schema = self._table.schema
        self.mode: Mode = told["mode"]
        self.notes: list[str] = []
        self._fails_after: int | None = told["fails_after"]
        self._pulls = int((state or {}).get("pulls", 0)) + 1

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, a few at a time."""
        seen = 0
        for batch in self._table.to_batches(max_chunksize=7):
            if self._fails_after is not None and seen >= self._fails_after:
                raise ContentError(f"row {seen + 1} cannot be read; correct it", source="shop", stream="sales")
            seen += batch.num_rows
            yield batch

    def state(self) -> State:
        """Count the pulls."""
        return {"pulls": self._pulls}


class ArrowConnector:
    """A third party's connector."""

    source_keys: ClassVar[frozenset[str]] = frozenset()
    stream_keys: ClassVar[frozenset[str]] = frozenset({"path"})

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        self._declared = name, options
        self._workspace = workspace

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema of the file."""
        return self.extract(stream, None).schema

    def extract(self, stream: Stream, state: State | None) -> ArrowExtract:
        """Begin a pull."""
        return ArrowExtract(self._workspace / stream.options["path"], state)

    def check(self) -> None:
        """Files are always there."""


@dataclass(slots=True)
class MemoryLog:
    """What a sync asks of the ledger, held in memory."""

    defined: Definitions
    loads: list[Load] = field(default_factory=list)

    def definitions(self) -> Definitions:
        """Give the definitions in force."""
        return self.defined

    def record_load(self, load: Load) -> None:
        """Keep what became of one stream."""
        self.loads.append(load)


@dataclass(slots=True)
class Rig:
    """One workspace with streams of source `shop`."""

    root: Path
    organisation: Organisation = field(default_factory=lambda: Organisation("Test", timezone="Europe/Paris"))
    streams: dict[str, Stream] = field(default_factory=dict)
    log: MemoryLog = field(default_factory=lambda: MemoryLog(Definitions({}, ())))

    @property
    def workspace(self) -> Workspace:
        """The configuration as it stands."""
        source = Source("shop", "arrow", {}, "pull", dict(self.streams))
        return Workspace(root=self.root, organisation=self.organisation, sources={"shop": source})

    @property
    def folder(self) -> Path:
        """Where generations are."""
        return self.root / "var" / "facts"

    def declare(self, name: str, *, key: Sequence[str] = ("id",), **more: Any) -> None:
        """Declare a stream."""
        self.streams[name] = Stream("shop", name, {"path": f"{name}.arrow"}, primary_key=tuple(key), **more)

    def put(self, name: str, table: pa.Table, *, mode: Mode = "replace", fails_after: int | None = None) -> None:
        """Let the next pull of a stream bring these rows."""
        if name not in self.streams:
            self.declare(name)
        path = self.root / f"{name}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        path.with_suffix(".json").write_text(json.dumps({"mode": mode, "fails_after": fails_after}), "utf-8")

    def define(self, *metrics: Metric, key_results: Sequence[KeyResult] = ()) -> None:
        """Set the definitions in force."""
        objective = Objective("o", "2027-Q2", {"en": "O"}, tuple(key_results))
        self.log.defined = Definitions({metric.id: metric for metric in metrics}, (objective,))

    def sync(self, *, now: datetime = NOON, **how: Any) -> SyncResult:
        """Run a sync."""
        return run_sync(self.workspace, self.log, now=now, **how)

    def facts(self) -> Facts:
        """Open the newest generation."""
        return open_facts(self.root / "var")


def install_plug_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Make the connector known under the name `arrow`, as an installed distribution would."""
    info = folder / "arrow_plug_in-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: arrow-plug-in\nVersion: 1.0\n", "utf-8")
    entry_point = "[quarterline.connectors]\narrow = tests.metrics.sync.rig:ArrowConnector\n"
    (info / "entry_points.txt").write_text(entry_point, "utf-8")
    monkeypatch.syspath_prepend(str(folder))


def metric(identity: str, aggregate: Any, **more: Any) -> Metric:
    """Define a metric over `shop.sales`."""
    return Metric(
        id=identity, title={"en": identity}, aggregate=aggregate, **{"source": "shop.sales", "time": "at", **more}
    )


def key_result(
    identity: str, metric_id: str, *, read: Read | None = None, filter_: Filter = (), cycle: str = "2027-Q2"
) -> KeyResult:
    """Define a key result of the second quarter of 2027."""
    target = Target(">", 1.0, None, "> 1")
    return KeyResult(
        identity, "o", cycle, {"en": identity}, metric_id, target, read=read or Read("period"), filter=filter_
    )


def instant(day: date, hour: int = 12) -> datetime:
    """Give an instant (UTC)."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
