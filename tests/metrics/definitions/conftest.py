"""A workspace with two streams, and definitions written and read through its files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connectors.base import Stream
from metrics.definitions import load_definitions
from metrics.definitions.workspace import Source, Workspace
from metrics.errors import DefinitionError
from metrics.model.calendar import WorkCalendar
from metrics.model.definition import CycleDefinition, Definitions, Organisation
from tests.metrics.definitions.samples import METRICS, OKRS


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace as quarterline.yaml would describe it."""
    streams = {"helpdesk": ("tickets",), "billing": ("transactions",)}
    return Workspace(
        tmp_path,
        Organisation("Sao Mai Retail", timezone="Asia/Ho_Chi_Minh", language="en"),
        cycles=(CycleDefinition("tet", date(2027, 1, 18), date(2027, 2, 14)),),
        sources={
            source: Source(source, "files", {}, "pull", {name: Stream(source, name) for name in names})
            for source, names in streams.items()
        },
        calendars={"office": WorkCalendar("office", (((480, 1020),),) * 5 + ((), ()))},
    )


Read = Callable[..., Definitions]


@pytest.fixture
def read(workspace: Workspace) -> Read:
    """Write definition files and load them."""

    def write_and_load(metrics: str = METRICS, **okrs: str) -> Definitions:
        (workspace.root / "okrs").mkdir(exist_ok=True)
        (workspace.root / "metrics.yaml").write_text(metrics, encoding="utf-8")
        for name, text in (okrs or {"q1": OKRS}).items():
            (workspace.root / "okrs" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_definitions(workspace)

    return write_and_load


@pytest.fixture
def refusals(read: Read) -> Callable[..., list[str]]:
    """Write definition files and give the lines of the refusal."""

    def write_and_fail(metrics: str = METRICS, **okrs: str) -> list[str]:
        with pytest.raises(DefinitionError) as refused:
            read(metrics, **okrs)
        return str(refused.value).splitlines()

    return write_and_fail
