"""Reading one stream in a thread of its own: tried again where waiting helps, given up at its deadline."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pyarrow as pa
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from connectors.base import Extract, Mode, Scan, State
from connectors.errors import ConnectorError, UnavailableError

WORKERS = 4
"""Streams that are read at the same time."""

ATTEMPTS = 3
DEADLINE = timedelta(hours=1)

_ENOUGH_BYTES = 4 << 20
"""Rows waiting above which storing them begins before the source is read to its end."""

_MOST_BYTES = 16 << 20
"""Rows waiting above which the source has to wait."""

_FIRST_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 0.5


class RestartedError(Exception):
    """The attempt whose rows are being stored has failed, and another one began."""


class _AbandonedError(Exception):
    """Nobody waits for the rows any more."""


class Attempt:
    """One try at a pull, as its reader sees it: implements `connectors.base.Extract`."""

    def __init__(self, extraction: "Extraction", extract: Extract) -> None:
        self.schema: pa.Schema = extract.schema
        self.mode: Mode = extract.mode
        self.notes = extract.notes
        self.has_versions: bool = getattr(extract, "has_versions", False)
        self.scan: Scan | None = getattr(extract, "scan", None)
        self.expected_rows: int | None = getattr(extract, "expected_rows", None)
        self.extract = extract
        self.waiting: deque[pa.RecordBatch] = deque()
        self.bytes = 0
        self.finished = self.failed = False
        self._extraction = extraction
        self._state: State = {}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows as they arrive.

        Raises:
            ConnectorError: the source failed for good, or its deadline has passed.
            RestartedError: the source failed and is read again from the beginning.
        """
        while (batch := self._extraction.take(self)) is not None:
            yield batch

    def state(self) -> State:
        """Return what the connector wants back, once it is known.

        Raises:
            ConnectorError: the source failed for good meanwhile.
        """
        self._extraction.await_end(self)
        return self._state

    def finish(self) -> None:
        """Keep what the connector tells at the end of its rows."""
        self._state, self.notes = self.extract.state(), self.extract.notes


class Extraction:
    """One pull in a thread of its own.

    Attributes:
        rows: read so far.
        bytes: of these rows in memory.
        began: when reading began, by `time.perf_counter`; None while it waits for its turn.
    """

    def __init__(self, name: str, begin: Callable[[], Extract], *, deadline: timedelta, desk: "Desk") -> None:
        self.name = name
        self.rows = self.bytes = 0
        self.began: float | None = None
        self._begin, self._deadline, self._desk = begin, deadline, desk
        self._attempt: Attempt | None = None
        self._error: Exception | None = None
        self._done = self._has_turn = False
        self._held_up = 0.0
        self._held_up_since: float | None = None
        self._scanning_since = 0.0
        threading.Thread(target=self._run, name=f"extract {name}", daemon=True).start()

    @property
    def seconds(self) -> float:
        """Time since reading began."""
        return 0.0 if self.began is None else time.perf_counter() - self.began

    @property
    def ready(self) -> bool:
        """Whether storing can begin without waiting for the source."""
        attempt = self._attempt
        if attempt is None or attempt.failed:
            return self._done
        return self._done or attempt.scan is not None or attempt.bytes >= _ENOUGH_BYTES

    def attempt(self) -> Attempt:
        """Give the newest attempt of a pull that is ready.

        Raises:
            ConnectorError: the source failed for good.
        """
        with self._desk.news:
            if self._attempt is None or self._attempt.failed:
                raise self._error or RestartedError
            return self._attempt

    def take(self, attempt: Attempt) -> pa.RecordBatch | None:
        """Wait for the next rows of an attempt; None when there are no more."""
        news = self._desk.news
        with news:
            while not attempt.waiting:
                if attempt.finished:
                    return None
                self._raise_for(attempt)
                news.wait(_LOOK_SECONDS)
                self.check_deadline()
            batch = attempt.waiting.popleft()
            attempt.bytes -= batch.nbytes
            news.notify_all()
            return batch

    def await_end(self, attempt: Attempt) -> None:
        """Wait until an attempt has told what it wants back.

        Raises:
            ConnectorError: the source failed for good, or its deadline has passed.
            RestartedError: the source failed and is read again from the beginning.
        """
        with self._desk.news:
            while not attempt.finished:
                self._raise_for(attempt)
                self._desk.news.wait(_LOOK_SECONDS)
                self.check_deadline()

    def scanned(self, rows: int, size: int) -> None:
        """Note how much of an attempt's files was read by whoever stores them.

        Raises:
            UnavailableError: that takes longer than it may.
        """
        with self._desk.news:
            self.rows, self.bytes = rows, size
            self._scanning_since = self._scanning_since or time.perf_counter()
        if time.perf_counter() - self._scanning_since > self._deadline.total_seconds():
            raise too_slow(self._deadline)

    def _raise_for(self, attempt: Attempt) -> None:
        if self._error is not None:
            raise self._error
        if attempt.failed:
            raise RestartedError

    def check_deadline(self) -> None:
        """Give the pull up if its source took longer than it may; the caller holds the desk's condition."""
        if not self._done and self._seconds_of_source() > self._deadline.total_seconds():
            self._end(too_slow(self._deadline))

    def abandon(self) -> None:
        """Let the thread end as soon as it hands something on; the caller holds the desk's condition."""
        if not self._done:
            self._end(_AbandonedError())

    def _seconds_of_source(self) -> float:
        """Count the time since reading began, without that spent waiting for rows to be stored."""
        return 0.0 if self._held_up_since is not None else self.seconds - self._held_up

    def _run(self) -> None:
        with self._desk.news:
            self._desk.news.wait_for(lambda: self._done or self._desk.turns > 0)
            if self._done:
                return
            self._desk.turns -= 1
            self._has_turn, self.began = True, time.perf_counter()
        error: Exception | None = None
        try:
            retrying(self._pause)(self._try)
        except Exception as found:  # noqa: BLE001  # raised again for whoever asks for the rows
            error = found
        with self._desk.news:
            self._end(error)

    def _try(self) -> None:
        attempt = None
        try:
            attempt = Attempt(self, self._begin())
            with self._desk.news:
                self._attempt, self.rows, self.bytes = attempt, 0, 0
                self._desk.news.notify_all()  # what can be scanned is ready
            for batch in attempt.extract.batches() if attempt.scan is None else ():
                self._put(attempt, batch)
            attempt.finish()
            with self._desk.news:
                attempt.finished = True
        except Exception:
            with self._desk.news:
                if attempt is not None:
                    attempt.failed = True
                    attempt.waiting.clear()
                    self._desk.news.notify_all()
            raise

    def _put(self, attempt: Attempt, batch: pa.RecordBatch) -> None:
        news = self._desk.news
        with news:
            self._held_up_since = time.perf_counter()
            news.wait_for(lambda: self._done or attempt.bytes < _MOST_BYTES)
            self._held_up += time.perf_counter() - self._held_up_since
            self._held_up_since = None
            if self._done:
                raise _AbandonedError
            attempt.waiting.append(batch)
            attempt.bytes += batch.nbytes
            self.rows += batch.num_rows
            self.bytes += batch.nbytes
            news.notify_all()

    def _pause(self, seconds: float) -> None:
        with self._desk.news:
            if self._desk.news.wait_for(lambda: self._done, seconds):
                raise _AbandonedError

    def _end(self, error: Exception | None) -> None:
        if not self._done:
            self._done, self._error = True, error
        if self._has_turn:
            self._has_turn = False
            self._desk.turns += 1
        self._desk.news.notify_all()


class Desk:
    """Where the pulls of one sync report to whoever stores their rows.

    Attributes:
        news: held to look at any of them, and told whenever one of them gets on.
        turns: how many more may read now.
    """

    def __init__(self) -> None:
        self.news = threading.Condition()
        self.turns = WORKERS

    def next_ready(self, extractions: Sequence[Extraction], look: Callable[[], None]) -> Extraction:
        """Wait for a pull whose rows can be stored; calls `look` now and then meanwhile."""
        while True:
            look()
            with self.news:
                for each in extractions:
                    each.check_deadline()
                if found := next((each for each in extractions if each.ready), None):
                    return found
                self.news.wait(_LOOK_SECONDS)

    def close(self, extractions: Sequence[Extraction]) -> None:
        """Give up what is still being read."""
        with self.news:
            for each in extractions:
                each.abandon()


def retrying(sleep: Callable[[float], None] = time.sleep) -> Retrying:
    """Try a source again where waiting may help; `sleep` waits for so many seconds."""
    return Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential_jitter(multiplier=_FIRST_PAUSE_SECONDS, jitter=_FIRST_PAUSE_SECONDS / 2),
        retry=retry_if_exception(_may_pass),
        sleep=sleep,
        reraise=True,
    )


def too_slow(deadline: timedelta) -> UnavailableError:
    """Word that a source took longer than its stream's deadline; trying again at once would not help."""
    return UnavailableError(
        f"could not read all of it within {deadline}, because the source is slow or does not answer; see what keeps it "
        f"busy, or give the stream a longer deadline:",
        retriable=False,
    )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ConnectorError) and error.retriable
