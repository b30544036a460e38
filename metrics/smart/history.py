"""How often the metric's own past did what a key result asks for: past stretches as long as the cycle."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from metrics.model.definition import KeyResult, Organisation, Read
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle
from metrics.periods import baseline_window, previous_cycle, read_window
from metrics.progress.measure import goal_of, is_limit
from metrics.smart.evidence import Stretch

ENOUGH_APART = 8
"""From this many stretches on that share no day, only these are counted."""

LEAST_APART = 3
"""Fewer stretches than this are no history: overlapping them would only repeat the same days."""

SHIFTS = 3
"""Overlapping stretches begin a third of the cycle's length after each other."""

MOST = 24
"""Older stretches say little about the next one."""

Span = Literal["month", "quarter", "year", "stretch"]


@dataclass(frozen=True, slots=True)
class PastStretches:
    """Days to be read at both ends of each past stretch, newest first."""

    windows: tuple[tuple[Window, Window], ...]
    overlapping: bool


@dataclass(frozen=True, slots=True)
class Precedent:
    """How many past stretches did what is required.

    Attributes:
        hits: stretches that would have met the target, starting from where the key result starts.
        passes: stretches that would have come as far as the pass mark.
    """

    hits: int
    passes: int
    stretches: int

    @property
    def share(self) -> float:
        """Share of stretches that would have met the target."""
        return self.hits / self.stretches

    @property
    def percentile(self) -> float:
        """Where the requirement stands in history: the share of stretches that fell short of it, 0 to 1."""
        return 1 - self.share


def past_stretches(
    read: Read, cycle: Cycle, organisation: Organisation, *, as_of: date, known: Window
) -> PastStretches:
    """Plan which days to read: stretches that lie in the known days and are over before `as_of` and the cycle.

    Args:
        read: the key result's; both ends of a stretch are read the way its value and automatic baseline are.
        cycle: the stretches are as long.
        organisation: whose weeks they are.
        as_of: today; an unfinished day does not count.
        known: days that the stream has rows for.
    """
    last = min(cycle.starts, as_of) - timedelta(days=1)
    apart = _within(_backwards(cycle), read, organisation, last=last, known=known)
    if not LEAST_APART <= len(apart) < ENOUGH_APART:
        return PastStretches(apart, overlapping=False)
    shifted = _within(_sliding(cycle, last), read, organisation, last=last, known=known)
    return PastStretches(shifted, overlapping=True) if len(shifted) > len(apart) else PastStretches(apart, False)


def precedent(
    key_result: KeyResult, past: Sequence[Stretch], *, origin: float | None, pass_mark: float = 1.0
) -> Precedent | None:
    """Count the past stretches that did what the key result asks for.

    A line to be held (see `is_limit`) is compared with the values themselves; anything else starts from `origin` and
    moves by what each stretch moved. None without a single complete stretch, or without an origin.

    Args:
        key_result: its target says what is met.
        past: reads at both ends of each stretch.
        origin: where the key result starts, in the metric's unit.
        pass_mark: share of the distance that already passes.
    """
    outcomes = list(_outcomes(key_result, past, origin))
    if not outcomes:
        return None
    hits = sum(key_result.target.is_met(value) for value in outcomes)
    if origin is None or is_limit(key_result) or pass_mark >= 1:
        return Precedent(hits, hits, len(outcomes))
    distance = goal_of(key_result.target, origin) - origin
    passes = sum(
        key_result.target.is_met(value) or (distance != 0 and (value - origin) / distance >= pass_mark)
        for value in outcomes
    )
    return Precedent(hits, passes, len(outcomes))


def span_of(cycle: Cycle) -> Span:
    """Name a cycle's length for people."""
    following = cycle.ends + timedelta(days=1)
    if cycle.starts.day != 1 or following.day != 1:
        return "stretch"
    months = (following.year - cycle.starts.year) * 12 + following.month - cycle.starts.month
    return {1: "month", 3: "quarter", 12: "year"}.get(months, "stretch")  # type: ignore[return-value]


def _outcomes(key_result: KeyResult, past: Sequence[Stretch], origin: float | None) -> Iterator[float]:
    for stretch in past:
        if stretch.after is None:
            continue
        if is_limit(key_result):
            yield stretch.after
        elif stretch.before is not None and origin is not None:
            yield origin + (stretch.after - stretch.before)


def _backwards(cycle: Cycle) -> Iterator[Cycle]:
    while True:
        window = previous_cycle(cycle)
        cycle = Cycle(cycle.id, window.starts, window.ends)
        yield cycle


def _sliding(cycle: Cycle, last: date) -> Iterator[Cycle]:
    step = timedelta(days=max(1, cycle.days // SHIFTS))
    while True:
        yield Cycle(cycle.id, last - timedelta(days=cycle.days - 1), last)
        last -= step


def _within(
    stretches: Iterator[Cycle], read: Read, organisation: Organisation, *, last: date, known: Window
) -> tuple[tuple[Window, Window], ...]:
    found: dict[tuple[Window, Window], None] = {}
    for stretch in stretches:
        after = read_window(read, stretch, stretch.ends, organisation)
        before = baseline_window(read, stretch, organisation)
        if after is None or min(before.starts, after.starts) < known.starts or len(found) == MOST:
            break
        # A shifted `last month` reads the same months again, and within a short cycle it does not move at all.
        if stretch.ends <= last and before != after:
            found[before, after] = None
    return tuple(found)
