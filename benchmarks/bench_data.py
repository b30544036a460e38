"""The benchmark's work beside the project, as a workspace: three tables, thirty key results."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.ledger import Load
from metrics.model.definition import Definitions, KeyResult, Metric, Objective, Organisation
from metrics.model.target import Target

BENCH = Path(__file__).parents[2] / "shared" / "bench"
KEYS = {"tickets": "ticket_id", "csat": "response_id", "transactions": "txn_id"}


@dataclass(slots=True)
class Log:
    """What a sync asks of the ledger, held in memory."""

    defined: Definitions = field(default_factory=lambda: Definitions({}, ()))
    loads: list[Load] = field(default_factory=list)

    def definitions(self) -> Definitions:
        return self.defined

    def record_load(self, load: Load) -> None:
        self.loads.append(load)


def generate(folder: Path, rows: int) -> Path:
    """Write the tables of so many rows, unless they are there; gives their folder."""
    data = folder / f"rows-{rows}"
    if not (data / "delta" / "transactions.parquet").exists():
        subprocess.run([sys.executable, BENCH / "gen_data.py", data, str(rows)], check=True, stdout=subprocess.DEVNULL)
    return data


def specification() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BENCH / "krs.json").read_text("utf-8"))
    return found


def definitions() -> Definitions:
    """The thirty key results over the metrics that they share."""
    metrics: dict[tuple[Any, ...], Metric] = {}
    results = []
    for told in specification()["krs"]:
        metric = _metric(told)
        metric = metrics.setdefault((metric.source, metric.aggregate, metric.value, metric.numerator), metric)
        filter_ = tuple(sorted((name, (value,)) for name, value in told["filter"].items()))
        target = Target("<", float(told["target"]), None, f"< {told['target']}")
        title = {"en": told["name"]}
        results.append(KeyResult(told["id"], "all", "2026-Q3", title, metric.id, target, filter=filter_))
    objective = Objective("all", "2026-Q3", {"en": "All"}, tuple(results))
    return Definitions({metric.id: metric for metric in metrics.values()}, (objective,))


def workspace(root: Path, streams: Iterator[Stream] | Sequence[Stream], source: Source) -> Workspace:
    declared = {stream.name: stream for stream in streams}
    holding = Source(source.name, source.type, source.options, "pull", declared)
    return Workspace(root=root, organisation=Organisation("Bench"), sources={source.name: holding})


def parquet_workspace(root: Path, data: Path) -> Workspace:
    """All three tables, read by the files connector."""
    streams = [
        Stream("bench", name, {"path": str(data.resolve() / f"{name}.parquet")}, primary_key=(key,))
        for name, key in KEYS.items()
    ]
    return workspace(root, streams, Source("bench", "files", {}, "pull", {}))


def _metric(told: dict[str, Any]) -> Metric:
    aggregate = {"avg": "mean"}.get(told["agg"], told["agg"])
    ratio = {"numerator": told["num"], "denominator": "true"} if aggregate == "ratio" else {}
    return Metric(
        id=f"m{told['id']}",
        title={"en": told["name"]},
        source=f"bench.{told['table']}",
        time=specification()["tables"][told["table"]],
        aggregate=aggregate,
        value=told["expr"] if aggregate not in {"ratio", "count"} else None,
        dimensions=("team", "channel"),
        **ratio,
    )
