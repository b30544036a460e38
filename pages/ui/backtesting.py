"""A backtest started from the browser, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from pages.ui.desk import Desk, event_in


@dataclass(frozen=True, slots=True)
class BacktestProgress:
    """How far a backtest is.

    Attributes:
        done: key results that were replayed, of `total`.
        name: the one that is replayed now.
        message: the last line that was no event, such as the error it ended with.
    """

    phase: Literal["running", "done", "failed"] = "running"
    done: int = 0
    total: int = 0
    name: str = ""
    message: str | None = None

    @property
    def finished(self) -> bool:
        """Whether the process has ended."""
        return self.phase != "running"

    @property
    def share(self) -> float:
        """Share of the work that is done."""
        return 1.0 if self.finished else self.done / max(self.total, 1)


def advance(progress: BacktestProgress, line: str) -> BacktestProgress:
    """Take in one line of `quarterline backtest --progress json`."""
    event: Mapping[str, Any] | None = event_in(line)
    if event is None:
        return replace(progress, message=line.removeprefix("error: ")) if line else progress
    if event.get("event") != "replaying":
        return progress
    return replace(progress, done=int(event["done"]), total=int(event["total"]), name=str(event["name"]))


def finish(progress: BacktestProgress, exit_code: int) -> BacktestProgress:
    """Take in that the process has ended."""
    return replace(progress, phase="done" if exit_code == 0 else "failed")


class BacktestDesk(Desk[BacktestProgress]):
    """Starts at most one backtest of a workspace at a time and knows how far it is; shared by all viewers."""

    def __init__(self, root: str) -> None:
        super().__init__(root, fresh=BacktestProgress, advance=advance, finish=finish)

    def start(self) -> None:
        """Start a backtest, unless one runs already."""
        self.run(["backtest", "--progress", "json"])


@st.cache_resource(show_spinner=False)
def backtest_desk(root: str) -> BacktestDesk:
    """Give the workspace's desk."""
    return BacktestDesk(root)
