"""Every cached read of the pages, keyed by the version of what it reads, so that a sync invalidates by itself.

What is cached is frozen, so all viewers share it. What says how late data are expires after five minutes.
"""

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from metrics.actor import local_actor
from metrics.clock import now
from metrics.definitions import Workspace, load_workspace
from metrics.errors import NotFoundError, QuarterlineError
from metrics.facts import Facts, current_generation, open_facts
from metrics.ledger import Ledger, Load, open_ledger
from metrics.ledger import Version as DefinitionVersion
from metrics.model.decision import Comment, Decided, Recorded
from metrics.model.definition import Definitions, Filter, Grain, KeyResult, Metric
from metrics.model.reading import Lineage, Measure, Part, Point, SeriesRange, Window
from metrics.model.scorecard import Cycle, Scorecard
from metrics.periods import previous_cycle, today
from metrics.scorecard.alignment import Alignment, align, cycles_around
from metrics.scorecard.build import Frame, build_scorecard, windows_of
from metrics.scorecard.current import read_minutes, workspace_frame, workspace_review
from metrics.scorecard.past import ThenAndNow, find_shown
from metrics.scorecard.past import then_and_now as compare_then_and_now
from metrics.scorecard.reviewing import Minutes, MonthReview
from metrics.uploads import complete_workspace, uploads_folder
from pages.ui.streams import StreamAge

_FIVE_MINUTES = 300
_ONE_HOUR = 3600
_ENTRIES = 128


class Version(NamedTuple):
    """What a page shows: a workspace's configuration, generation and ledger as they stood when it was drawn.

    Attributes:
        configuration: changes whenever quarterline.yaml does.
        generation: None before the first sync.
    """

    root: str
    configuration: int
    generation: str | None
    ledger_revision: int
    last_load: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a chart: one cycle's days and the metric's buckets in them."""

    window: Window
    points: tuple[Point, ...]


def workspace_root() -> Path:
    """Find the workspace that is served: `QUARTERLINE_WORKSPACE`, else `./workspace`."""
    return Path(os.environ.get("QUARTERLINE_WORKSPACE") or "workspace").resolve()


def current_version(root: Path) -> Version:
    """Read what is newest: three small reads, shared by everybody who polls.

    Raises:
        QuarterlineError: there is no workspace there, or its configuration or ledger cannot be read.
    """
    stamp = _configuration_stamp(root)
    return _current_version(str(root), stamp)


@st.cache_data(ttl=1, max_entries=8, show_spinner=False)
def _current_version(root: str, configuration: int) -> Version:
    opened, kept = workspace(root, configuration), ledger(root, configuration)
    return Version(root, configuration, current_generation(opened.var), kept.revision(), kept.last_load())


def look_again() -> None:
    """Let the next drawing see what was decided a moment ago."""
    _current_version.clear()


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def workspace(root: str, configuration: int) -> Workspace:
    """Load the configuration, with the sources of uploaded files.

    Raises:
        QuarterlineError: it is missing or cannot be accepted.
    """
    declared = load_workspace(Path(root))
    return complete_workspace(declared, ledger(root, configuration)) if uploads_folder(declared).is_dir() else declared


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def ledger(root: str, configuration: int) -> Ledger:  # noqa: ARG001 - the stamp is part of the cache key
    """Open the ledger once for all viewers."""
    declared = load_workspace(Path(root))
    return open_ledger(declared.ledger_url, declared.root)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=2, show_spinner=False)
def _facts(root: str, configuration: int, generation: str | None) -> Facts:  # noqa: ARG001 - as above
    return open_facts(workspace(root, configuration).var)


def facts(version: Version) -> Facts:
    """Open the version's generation once for all viewers; a damaged one is passed over with a notice.

    Raises:
        FactsError: no generation is whole.
    """
    return _facts(version.root, version.configuration, version.generation)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def definitions(version: Version) -> Definitions:
    """Give the definitions in force."""
    return ledger(version.root, version.configuration).definitions()


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=_ENTRIES, show_spinner=False)
def scorecard(version: Version, cycle_id: str | None, as_of: date) -> Scorecard:
    """Compute a cycle's scorecard as of a day; without a cycle, the current one's.

    Raises:
        NotFoundError: there is no such cycle.
        FactsError: there is no generation yet.
    """
    defined = definitions(version)
    return build_scorecard(defined, facts(version), frame(version, cycle_id, as_of))


def frame(version: Version, cycle_id: str | None, as_of: date) -> Frame:
    """Give what a scorecard is computed for."""
    opened, kept = workspace(version.root, version.configuration), ledger(version.root, version.configuration)
    return workspace_frame(opened, kept, definitions(version), now=present(version), as_of=as_of, cycle_id=cycle_id)


def other_cycle(version: Version, cycle_id: str, as_of: date) -> str | None:
    """Give the cycle unless it is the one that is shown when none is asked for."""
    try:
        current = frame(version, None, as_of).cycle.id
    except NotFoundError:
        return cycle_id
    return None if cycle_id == current else cycle_id


def metric_of(version: Version, key_result: KeyResult) -> Metric | None:
    """Give the metric behind a key result; None where nothing measures it."""
    return definitions(version).metrics.get(key_result.metric or "")


def logged_in(version: Version) -> str | None:
    """Name the person who looks; None where nobody logs in, when there is one."""
    mode = workspace(version.root, version.configuration).auth.mode
    return None if mode == "none" else local_actor()


def present(version: Version) -> datetime:
    """Give the present instant (UTC)."""
    return now(workspace(version.root, version.configuration).organisation)


def present_day(version: Version) -> date:
    """Give the organisation's day."""
    return today(workspace(version.root, version.configuration).organisation, present(version))


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def segments(version: Version, key: str, as_of: date, grain: Grain) -> tuple[Segment, ...]:
    """Read a key result's metric over the two cycles before and this one, in that order."""
    key_result, shown = _key_result(version, key), frame(version, key.partition("/")[0], as_of)
    before = previous_cycle(shown.cycle)
    windows = (
        previous_cycle(Cycle("", before.starts, before.ends)),
        before,
        Window(shown.cycle.starts, max(shown.reading_day, shown.cycle.starts)),
    )
    metric = _metric(version, key_result)
    questions = [Measure(metric, key_result.filter, (), SeriesRange(grain, window)) for window in windows]
    answers = facts(version).measure(questions)
    return tuple(Segment(window, answer.series) for window, answer in zip(windows, answers, strict=True))


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def breakdown(version: Version, key: str, as_of: date, dimension: str) -> tuple[Part, ...]:
    """Read a key result's value apart by a dimension, over the days behind its value."""
    measure = _value_measure(version, key, as_of)
    return facts(version).breakdown(measure.metric, dimension, measure.windows[0], measure.filter)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def lineage(version: Version, key: str, as_of: date) -> tuple[Lineage, Window, Filter]:
    """Trace a key result's value back to SQL and rows, with the days and the filter behind it."""
    measure = _value_measure(version, key, as_of)
    return facts(version).lineage(measure), measure.windows[0], measure.filter


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def history(version: Version, key: str) -> tuple[DefinitionVersion, ...]:
    """Give the versions of a key result's definition and of its metric's, the oldest first."""
    kept, metric = ledger(version.root, version.configuration), _key_result(version, key).metric
    versions = [*kept.history("key_result", key), *(kept.history("metric", metric) if metric else ())]
    return tuple(sorted(versions, key=lambda each: each.revision))


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def remarks(version: Version, subject: str, key: str) -> tuple[Recorded[Comment], ...]:
    """Give what people remarked on an objective, a key result or a metric, without what was withdrawn."""
    made = ledger(version.root, version.configuration).decisions(Comment, key)
    return tuple(each for each in made if each.decision.subject == subject)


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=8, show_spinner=False)
def alignment(version: Version, cycle_id: str, as_of: date) -> Alignment:
    """Put a cycle's objectives beneath those of the cycles around it, from the scorecards that the pages share."""
    opened, defined = workspace(version.root, version.configuration), definitions(version)
    chosen = frame(version, cycle_id, as_of).cycle
    around = cycles_around(defined, opened.organisation, opened.cycles, chosen)
    return align([scorecard(version, each.id, as_of) for each in around])


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def shown_days(version: Version, cycle_id: str) -> tuple[date, ...]:
    """Give the days on which a cycle's scorecard was shown, the newest first."""
    return ledger(version.root, version.configuration).shown_days(cycle_id)


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=_ENTRIES, show_spinner=False)
def then_and_now(version: Version, cycle_id: str, day: date) -> ThenAndNow:
    """Put what was shown on a day beside what is known about it now.

    Raises:
        QuarterlineError: nothing was recorded on that day, or there is no generation yet.
    """
    opened, kept = workspace(version.root, version.configuration), ledger(version.root, version.configuration)
    shown = find_shown(opened, kept, day, cycle_id)
    return compare_then_and_now(opened, kept, facts(version), shown, now=present(version))


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def decided(version: Version) -> Decided:
    """Give everything that was decided about key results, of all cycles."""
    return ledger(version.root, version.configuration).decided()


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def minutes(version: Version, cycle_id: str) -> Minutes:
    """Give everything that the reviews of a cycle recorded."""
    return read_minutes(ledger(version.root, version.configuration), cycle_id)


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=_ENTRIES, show_spinner=False)
def review(version: Version, cycle_id: str, month: str, as_of: date | None) -> MonthReview:
    """Look at a month of a cycle, from the day it was reviewed unless another is asked for.

    Raises:
        QuarterlineError: there is no generation yet, or the month cannot be looked at.
    """
    return workspace_review(
        workspace(version.root, version.configuration),
        ledger(version.root, version.configuration),
        facts(version),
        now=present(version),
        month=month,
        cycle_id=cycle_id,
        as_of=as_of,
    )


@st.cache_resource(ttl=_ONE_HOUR, max_entries=8, show_spinner=False)
def loads(version: Version) -> tuple[Load, ...]:
    """Give the newest loads of every stream, the newest first."""
    return ledger(version.root, version.configuration).loads(limit=2000)


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=8, show_spinner=False)
def stream_ages(version: Version) -> dict[str, StreamAge]:
    """Say per `source.stream` when its newest row happened, and how late that is by its strictest metric."""
    if version.generation is None:
        return {}
    opened, instant = facts(version), present(version)
    ages: dict[str, StreamAge] = {}
    for metric in definitions(version).metrics.values():
        if metric.aggregate == "derived":
            continue  # it has no rows of its own
        try:
            last, _ = opened.freshness(metric, instant)
        except QuarterlineError:
            continue  # a metric that cannot be read says so on its key results
        allowed = metric.expected_every
        late_by = None if last is None or allowed is None or instant - last <= allowed else instant - last - allowed
        ages[metric.source] = _stricter(ages.get(metric.source), StreamAge(last, late_by))
    return ages


def _stricter(known: StreamAge | None, other: StreamAge) -> StreamAge:
    if known is None:
        return other
    lateness = [late for late in (known.late_by, other.late_by) if late is not None]
    newest = [last for last in (known.last_event_at, other.last_event_at) if last is not None]
    return StreamAge(max(newest, default=None), max(lateness, default=None))


def _value_measure(version: Version, key: str, as_of: date) -> Measure:
    key_result, shown = _key_result(version, key), frame(version, key.partition("/")[0], as_of)
    value, _, _ = windows_of(key_result, shown)
    return Measure(_metric(version, key_result), key_result.filter, (value,))


def _metric(version: Version, key_result: KeyResult) -> Metric:
    metric = metric_of(version, key_result)
    if metric is None:
        raise NotFoundError("the metric of key result", key_result.key, ())
    return metric


def _key_result(version: Version, key: str) -> KeyResult:
    return next(one for one in definitions(version).key_results(key.partition("/")[0]) if one.key == key)


def _configuration_stamp(root: Path) -> int:
    # A file that is missing counts as never modified: loading it says what is wrong.
    return hash((_modified(root / "quarterline.yaml"), _modified(root / "var/uploads")))


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
