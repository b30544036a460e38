"""The Sources page's table: one row per stream, with its loads and how late its rows are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from metrics.ledger import Load
from pages.ui.failures import failure_in_words
from pages.ui.formats import format_age, format_count, format_moment, format_seconds
from pages.ui.load_notes import note_in_words
from pages.ui.markup import Html, element, join
from pages.ui.reader import Reader
from pages.ui.svg import day_strip

STRIP_DAYS = 30
State = Literal["ok", "late", "failed", "never"]
_LOOKS: Mapping[State, tuple[str, str]] = {
    "ok": ("●", "ql-on_track"),
    "late": ("◔", "ql-stale"),
    "failed": ("▼", "ql-off_track"),
    "never": ("○", "ql-no_data"),
}


@dataclass(frozen=True, slots=True)
class StreamAge:
    """The newest row of a stream (UTC) and how late it is against what is expected; None where nothing is declared."""

    last_event_at: datetime | None = None
    late_by: timedelta | None = None


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One stream as the Sources page shows it; loads are newest first.

    Attributes:
        is_away: its rows stay at the source, and series of metrics come back.
    """

    name: str
    type: str
    loads: tuple[Load, ...]
    age: StreamAge
    is_away: bool = False

    @property
    def last(self) -> Load | None:
        """The newest load."""
        return self.loads[0] if self.loads else None

    @property
    def last_good(self) -> Load | None:
        """The newest load that went well."""
        return next((load for load in self.loads if load.outcome != "failed"), None)

    @property
    def state(self) -> State:
        """What the reader should know first."""
        if self.last is None:
            return "never"
        if self.last.outcome == "failed":
            return "failed"
        return "late" if self.age.late_by is not None else "ok"


def stream_rows(
    types: Mapping[str, str], loads: Iterable[Load], ages: Mapping[str, StreamAge], *, away: Collection[str] = ()
) -> tuple[StreamRow, ...]:
    """Sort the load log onto the declared streams.

    Args:
        types: connector by `source.stream`, in the order of the configuration.
        loads: of all streams, the newest first.
        away: streams whose rows stay at their source.
    """
    by_stream: dict[str, list[Load]] = {name: [] for name in types}
    for load in loads:
        by_stream.get(f"{load.source}.{load.stream}", []).append(load)
    return tuple(
        StreamRow(name, kind, tuple(by_stream[name]), ages.get(name, StreamAge()), name in away)
        for name, kind in types.items()
    )


def day_outcomes(loads: Sequence[Load], today: date, timezone: str) -> list[bool | None]:
    """Say for each of the last thirty days, oldest first, whether its last load went well; None without a load."""
    zone, last_of_day = ZoneInfo(timezone), dict[date, bool]()
    for load in reversed(loads):
        last_of_day[load.started_at.astimezone(zone).date()] = load.outcome != "failed"
    return [last_of_day.get(today - timedelta(days=back)) for back in range(STRIP_DAYS - 1, -1, -1)]


def streams_summary(rows: Sequence[StreamRow], reader: Reader) -> Html:
    """Draw the sentence that answers the page's question."""
    words = reader.words
    failed = sum(row.state == "failed" for row in rows)
    waiting = sum(row.state == "never" for row in rows)
    sentences = [words.counted("sources.summary_failed", failed)] if failed else []
    sentences += [words.counted("sources.summary_waiting", waiting)] if waiting else []
    return element("p", " ".join(sentences or [words("sources.summary_fresh")]), class_="ql-summary")


def streams_table(rows: Sequence[StreamRow], reader: Reader) -> Html:
    """Draw the streams, each failing one with its last error beneath."""
    words = reader.words
    head = [
        element("th", words(f"column.{name}"), scope="col") for name in ("stream", "freshness", "last_load", "loads")
    ]
    body = [line for row in rows for line in _lines(row, reader)]
    return element(
        "table", element("thead", element("tr", *head)), element("tbody", *body), class_="ql-streams ql-rows"
    )


def _lines(row: StreamRow, reader: Reader) -> Iterable[Html]:
    yield element(
        "tr",
        element("th", row.name, element("span", _kind(row, reader), class_="ql-note"), scope="row"),
        element("td", _state(row, reader), class_="ql-state"),
        element("td", _last_load(row, reader)),
        element("td", _strip(row, reader)),
    )
    if row.last is not None and row.last.error:
        yield element("tr", element("td", _failure(row.last.error, reader), colspan=4), class_="ql-under")


def _kind(row: StreamRow, reader: Reader) -> str:
    return reader.words("pushdown.type", type=row.type) if row.is_away else row.type


def _failure(error: str, reader: Reader) -> Html:
    """Draw what happened, what to do about it, and the line as the connector said it."""
    words, told = reader.words, failure_in_words(error, reader.words)
    what = element("span", element("strong", words("sources.last_error"), ": "), told.what, class_="ql-error")
    cure = element("span", element("strong", words("sources.cure"), ": "), told.cure, class_="ql-cure")
    detail = element("span", words("failure.detail", message=told.detail), class_="ql-note ql-line")
    return join(what, cure if told.cure else None, detail if told.detail else None)


def _state(row: StreamRow, reader: Reader) -> Html:
    words, (shape, look) = reader.words, _LOOKS[row.state]
    late = format_age(row.age.late_by, words) if row.age.late_by is not None else ""
    badge = element(
        "span",
        element("span", shape, aria_hidden="true"),
        " ",
        words(f"sources.state_{row.state}", age=late),
        class_=f"ql-status {look}",
    )
    if row.age.last_event_at is None:
        return badge
    moment = format_moment(row.age.last_event_at, words, reader.timezone)
    return join(badge, element("span", words("sources.newest", moment=moment), class_="ql-note"))


def _last_load(row: StreamRow, reader: Reader) -> Html:
    words, load = reader.words, row.last_good
    if load is None:
        return element("span", words("sources.state_never"), class_="ql-note")
    ago = format_age(reader.now - load.started_at, words)
    told = "pushdown.rows_seconds" if row.is_away else "sources.rows_seconds"
    rows, seconds = format_count(load.rows_read, words), format_seconds(load.seconds, words)
    return join(
        words("sources.loaded", age=ago) if ago != words("age.now") else ago,
        element(
            "span",
            words(told, rows=rows, seconds=seconds),
            class_="ql-note ql-line",
        ),
        *(element("span", note_in_words(note, words), class_="ql-note ql-line") for note in load.notes),
    )


def _strip(row: StreamRow, reader: Reader) -> Html:
    outcomes = day_outcomes(row.loads, reader.today, reader.timezone)
    alt = reader.words(
        "sources.strip", good=outcomes.count(True), failed=outcomes.count(False), none=outcomes.count(None)
    )
    return element("img", src=day_strip(outcomes), alt=alt, width=STRIP_DAYS * 6, height=20, class_="ql-strip")
