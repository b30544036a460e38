"""The help desk: tickets with their first response and resolution, in a SQLite file."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sample_data import story
from sample_data.draws import Draws, Ints, Words, draw, lookup, pick
from sample_data.seasons import Floats
from sample_data.timeline import Timeline, Times

TABLE = 1
SPAM_SHARE = 0.05

_HOURS = (1, 0.6, 0.4, 0.3, 0.3, 0.6, 1.5, 3, 6, 8, 8.5, 7.5, 5, 5.5, 7, 7.5, 7, 6, 5.5, 6.5, 7.5, 6, 4, 2)
_CHANNELS = {"phone": 0.34, "chat": 0.24, "facebook": 0.22, "email": 0.15, "spam": SPAM_SHARE}
_CHANNEL_PACE = {"phone": 0.72, "chat": 0.86, "facebook": 1.12, "email": 1.65, "spam": 1.0}
_TEAMS = {"south": 0.44, "north": 0.34, "central": 0.22}
_TEAM_PACE = {"south": 0.98, "north": 0.92, "central": 1.02}
_REGIONS = {
    "north": {"ha-noi": 0.7, "hai-phong": 0.3},
    "central": {"da-nang": 0.62, "hue": 0.38},
    "south": {"ho-chi-minh": 0.78, "can-tho": 0.22},
}
_AGENTS = {
    "north": {"khoa": 0.3, "lan": 0.28, "binh": 0.24, "an": 0.18},
    "central": {"my": 0.32, "nam": 0.26, "phuc": 0.22, "thao": 0.2},
    "south": {"vy": 0.3, "dung": 0.28, "hieu": 0.24, "ngan": 0.18},
}
_TOPICS = {"delivery": 0.36, "product": 0.24, "returns": 0.17, "payment": 0.13, "warranty": 0.1}
_PRIORITIES = {"low": 0.2, "normal": 0.6, "high": 0.16, "urgent": 0.04}
_PRIORITY_PACE = {"low": 1.2, "normal": 1.0, "high": 0.85, "urgent": 0.5}
_SPREAD = 0.8  # of the logarithm of waiting times
_ANSWER_MEAN = 1.35  # of waiting times, to their median
_FORGOTTEN = 0.0015
_NEVER_RESOLVED = 0.015

_CREATE = """
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    opened_at TIMESTAMP NOT NULL,
    first_response_at TIMESTAMP,
    resolved_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL,
    channel VARCHAR(20) NOT NULL,
    team VARCHAR(20) NOT NULL,
    region VARCHAR(20) NOT NULL,
    agent VARCHAR(20),
    topic VARCHAR(20),
    priority VARCHAR(10) NOT NULL,
    first_response_s INTEGER,
    resolution_s INTEGER,
    reopened BOOLEAN NOT NULL
)
"""
_INSERT = f"INSERT INTO tickets VALUES ({', '.join('?' * 14)})"


def ticket_rates(line: Timeline, *, per_day: float) -> Floats:
    """Expected tickets of every day, spam included."""
    burst = 1 + 3 * line.on_phase(story.OUTAGE) + 2 * line.on_phase(story.OUTAGE_BEFORE)
    return per_day * line.growth * line.season.helpdesk * burst


def expected_reopened(line: Timeline, *, per_day: float) -> float:
    """Expected reopened tickets over the days of a timeline."""
    return float((ticket_rates(line, per_day=per_day) * (1 - SPAM_SHARE) * line.follow(story.REOPENED)).sum())


def write_tickets(path: Path, line: Timeline, *, per_day: float) -> int:
    """Write the help desk's database and give its number of rows.

    Times are naive and of Asia/Ho_Chi_Minh, written as SQLAlchemy writes them to SQLite, so that a cursor compares
    exactly.
    """
    draws = draw(line, table=TABLE, rates=ticket_rates(line, per_day=per_day), hours=_HOURS, columns=13)
    columns = _columns(draws, line)
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute(_CREATE)
        connection.executemany(_INSERT, zip(*columns, strict=True))
        connection.execute("CREATE INDEX tickets_updated_at ON tickets (updated_at)")
        connection.execute("COMMIT")
    finally:
        connection.close()
    return len(draws)


def _columns(draws: Draws, line: Timeline) -> tuple[Sequence[object], ...]:
    u = draws.uniform
    channel = pick(u[0], _CHANNELS)
    team = pick(u[1], _TEAMS)
    priority = pick(u[2], _PRIORITIES)
    spam = channel == "spam"
    answer_s = _answer_seconds(draws, line, channel, team, priority)
    answered = draws.moment + answer_s * np.timedelta64(1_000_000, "us")
    resolve_s = answer_s + _work_seconds(draws, line)
    resolve_s = np.where(spam, 900 + (u[9] * 3600).astype(np.int64), resolve_s)
    resolved = draws.moment + resolve_s * np.timedelta64(1_000_000, "us")
    is_answered = ~spam & (answered < line.until)
    is_resolved = (resolved < line.until) & (spam | (u[10] >= _NEVER_RESOLVED))
    updated = np.where(is_resolved, resolved, np.where(is_answered, answered, draws.moment))
    reopened = is_resolved & ~spam & (u[11] < line.follow(story.REOPENED)[draws.day])
    return (
        _ids(draws, line).tolist(),
        _texts(draws.moment),
        _texts(answered, is_answered),
        _texts(resolved, is_resolved),
        _texts(updated),
        channel.tolist(),
        team.tolist(),
        _within_team(team, u[3], _REGIONS).tolist(),
        _known(_within_team(team, u[4], _AGENTS), ~spam),
        _known(pick(u[12], _TOPICS), ~spam),
        np.where(spam, "low", priority).tolist(),
        _known(answer_s, is_answered),
        _known(resolve_s, is_resolved),
        reopened.astype(np.int64).tolist(),
    )


def _answer_seconds(draws: Draws, line: Timeline, channel: Words, team: Words, priority: Words) -> Ints:
    south = np.where(team == "south", line.follow(story.SOUTH_LAG)[draws.day], 1.0)
    weekend = np.array([1.18 if day.weekday() >= 5 else 1.0 for day in line.days])
    slow = weekend * (1 + 2 * line.on_phase(story.OUTAGE) + 1.2 * line.on_phase(story.OUTAGE_BEFORE))
    median_h = line.follow(story.FIRST_RESPONSE)[draws.day] * slow[draws.day] * south
    pace = lookup(channel, _CHANNEL_PACE) * lookup(team, _TEAM_PACE) * lookup(priority, _PRIORITY_PACE)
    forgotten = np.where(draws.uniform[5] < _FORGOTTEN, 20.0, 1.0)
    hours = median_h * pace * forgotten * np.exp(_SPREAD * draws.normal(6, 7))
    seconds: Ints = np.maximum(hours * 3600, 20).astype(np.int64)
    return seconds


def _work_seconds(draws: Draws, line: Timeline) -> Ints:
    """Time from the answer to the resolution, whose median makes up the rest of the story's resolution time."""
    rest_h = line.follow(story.RESOLUTION) - _ANSWER_MEAN * line.follow(story.FIRST_RESPONSE)
    return (rest_h[draws.day] * np.exp(0.9 * draws.normal(8, 9)) * 3600).astype(np.int64)


def _ids(draws: Draws, line: Timeline) -> Ints:
    days = np.array([int(day.strftime("%y%m%d")) for day in line.days], dtype=np.int64)
    return days[draws.day] * 1000 + draws.number


def _within_team(team: Words, uniform: Floats, choices: dict[str, dict[str, float]]) -> Words:
    return np.select([team == name for name in choices], [pick(uniform, weights) for weights in choices.values()], "")


def _texts(moments: Times, known: np.ndarray | None = None) -> list[str | None]:
    texts = [text.replace("T", " ") for text in np.datetime_as_string(moments, unit="us").tolist()]
    if known is None:
        return list(texts)
    return [text if is_known else None for text, is_known in zip(texts, known.tolist(), strict=True)]


def _known(values: np.ndarray, known: np.ndarray) -> list[object]:
    return [value if is_known else None for value, is_known in zip(values.tolist(), known.tolist(), strict=True)]
