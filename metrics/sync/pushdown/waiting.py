"""How long a pushed stream's engine is waited for: all of its statements together, by the stream's deadline."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any, TypeVar

from connectors.base import Stream
from connectors.computing import Computation, ComputingConnector, StoredStream
from metrics.sync.extraction import too_slow

_Found = TypeVar("_Found")


@dataclass(slots=True)
class Patience:
    """What is left of a deadline; the engine is asked from threads that nobody has to wait for."""

    deadline: timedelta
    waited: float = 0.0
    is_over: bool = False

    def wait_for(self, work: Callable[[], _Found]) -> _Found:
        """Give what some work gives.

        Raises:
            UnavailableError: it takes longer than the deadline allows.
        """
        answer: Future[_Found] = Future()
        began = time.perf_counter()
        Thread(target=_work, args=(work, answer), name="push-down", daemon=True).start()
        done, _ = wait([answer], max(self.deadline.total_seconds() - self.waited, 0.0))
        self.waited += time.perf_counter() - began
        if not done:
            self.is_over = True
            raise too_slow(self.deadline)
        return answer.result()

    @contextmanager
    def sitting(self, connector: ComputingConnector, stream: Stream) -> Iterator[Computation]:
        """Open a sitting that is waited for; one that took too long closes behind our back."""
        opening = connector.computing(stream)
        opened = self.wait_for(opening.__enter__)
        try:
            yield _Waiting(opened, self)
        except BaseException:
            failure = sys.exc_info()
            if self.is_over:
                Thread(target=_work, args=(lambda: opening.__exit__(*failure), Future()), daemon=True).start()
            else:
                opening.__exit__(*failure)
            raise
        self.wait_for(lambda: opening.__exit__(None, None, None))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Implements `connectors.computing.Computation`."""

    sitting: Computation
    patience: Patience

    def stored(self) -> StoredStream:
        return self.patience.wait_for(self.sitting.stored)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.patience.wait_for(lambda: self.sitting.rows(sql))


def _work(work: Callable[[], _Found], answer: Future[_Found]) -> None:
    try:
        answer.set_result(work())
    except BaseException as error:  # noqa: BLE001  # raised again for whoever waits
        answer.set_exception(error)
