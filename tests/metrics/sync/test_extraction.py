"""Reading in threads: at the same time, again where waiting helps, never for ever, never without bound."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pytest

from connectors.base import Mode, State
from connectors.errors import ContentError, UnavailableError
from metrics.sync.extraction import Attempt, Desk, Extraction, RestartedError

MIB = 1 << 20
Step: TypeAlias = pa.RecordBatch | Exception | Callable[[], object]


def numbers(first: int, size: int = 8) -> pa.RecordBatch:
    """A batch of so many bytes, counting from `first`."""
    return pa.record_batch({"n": np.arange(first, first + size // 8)})


class Told:
    """An extract that does what it is told, step by step."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.schema = pa.schema([("n", pa.int64())])
        self.mode: Mode = "merge"
        self.notes: list[str] = []
        self._steps = steps

    def batches(self) -> Iterator[pa.RecordBatch]:
        for step in self._steps:
            if isinstance(step, Exception):
                raise step
            if callable(step):
                step()
            else:
                yield step
        self.notes.append("read to the end")

    def state(self) -> State:
        return {"notes": len(self.notes)}


def unavailable() -> UnavailableError:
    return UnavailableError("could not connect, because nobody answers; try again")


def reading(*attempts: Sequence[Step] | Exception, desk: Desk, seconds: float = 60) -> Extraction:
    """Read, each attempt as told; the last one again and again."""
    told = iter(attempts)
    last: list[Any] = [None]

    def begin() -> Told:
        last[0] = next(told, last[0])
        if isinstance(last[0], Exception):
            raise last[0]
        return Told(last[0])

    return Extraction("shop.sales", begin, deadline=timedelta(seconds=seconds), desk=desk)


def wait_for(extraction: Extraction, desk: Desk) -> Attempt:
    assert desk.next_ready([extraction], lambda: None) is extraction
    return extraction.attempt()


def values(attempt: Attempt) -> list[int]:
    return [value for batch in attempt.batches() for value in batch.column("n").to_pylist()]


def test_rows_come_in_order_with_what_the_connector_tells_at_their_end() -> None:
    desk = Desk()
    attempt = wait_for(reading([numbers(0), numbers(1)], desk=desk), desk)
    assert values(attempt) == [0, 1]
    assert (attempt.state(), attempt.notes) == ({"notes": 1}, ["read to the end"])


def test_what_may_pass_is_tried_again() -> None:
    desk = Desk()
    extraction = reading(unavailable(), [numbers(7), unavailable()], [numbers(0), numbers(1)], desk=desk)
    assert values(wait_for(extraction, desk)) == [0, 1]


@pytest.mark.parametrize(
    ("error", "attempts"), [(unavailable(), 3), (ContentError("row 3 cannot be read; correct it"), 1)]
)
def test_what_does_not_pass_is_told(error: Exception, attempts: int) -> None:
    desk = Desk()
    tried: list[Step] = []
    extraction = reading([lambda: tried.append(error), error], desk=desk)
    with pytest.raises(type(error), match=r"cannot be read|nobody answers"):
        values(wait_for(extraction, desk))
    assert len(tried) == attempts


def test_an_attempt_that_is_being_stored_says_that_it_began_anew() -> None:
    desk = Desk()
    taken = threading.Event()
    extraction = reading([numbers(0, 8 * MIB), taken.wait, unavailable()], [numbers(5)], desk=desk)
    rows = wait_for(extraction, desk).batches()
    assert next(rows).num_rows == MIB
    taken.set()
    with pytest.raises(RestartedError):
        next(rows)
    assert values(wait_for(extraction, desk)) == [5]


def test_a_source_that_hangs_is_given_up_at_its_deadline() -> None:
    desk = Desk()
    never = threading.Event()
    extraction = reading([numbers(0), never.wait], desk=desk, seconds=0.2)
    attempt = wait_for(extraction, desk)
    with pytest.raises(UnavailableError, match=r"could not read all of it within 0:00:00.2.*a longer deadline:"):
        values(attempt)
    never.set()


def test_a_hanging_source_gives_its_turn_to_others() -> None:
    desk = Desk()
    never = threading.Event()
    hanging = [reading([never.wait], desk=desk, seconds=0.2) for _ in range(8)]
    other = reading([numbers(3)], desk=desk)
    ended = set[Extraction]()
    while other not in ended:
        ended.add(desk.next_ready([each for each in [*hanging, other] if each not in ended], lambda: None))
    assert values(other.attempt()) == [3]
    never.set()


def test_streams_are_read_at_the_same_time() -> None:
    desk = Desk()
    together = threading.Barrier(3, timeout=30)
    extractions = [reading([together.wait, numbers(index)], desk=desk) for index in range(3)]
    assert [values(wait_for(each, desk)) for each in extractions] == [[0], [1], [2]]


def test_a_source_waits_for_its_rows_to_be_stored_and_that_is_not_its_own_time() -> None:
    desk = Desk()
    extraction = reading([numbers(index, 4 * MIB) for index in range(30)], desk=desk, seconds=1)
    attempt = wait_for(extraction, desk)
    deadline = time.monotonic() + 30
    while extraction.bytes < 16 * MIB and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(1.5)  # longer than the source itself may take
    assert 16 * MIB <= extraction.bytes <= 20 * MIB
    assert len(values(attempt)) == 30 * 4 * MIB // 8


def test_reading_ends_when_nobody_wants_the_rows() -> None:
    desk = Desk()
    extraction = reading([numbers(index, 4 * MIB) for index in range(100)], desk=desk)
    wait_for(extraction, desk)
    desk.close([extraction])
    deadline = time.monotonic() + 30
    while any(thread.name == "extract shop.sales" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
