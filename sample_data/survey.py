"""The satisfaction survey: one CSV file per month of answers, to which late answers are added."""

import csv
from itertools import groupby
from pathlib import Path

import numpy as np

from sample_data import story
from sample_data.comments import comments
from sample_data.draws import Draws, Ints, Words, draw, pick
from sample_data.seasons import Floats
from sample_data.timeline import Timeline, Times

TABLE = 2

_HOURS = (1, 0.5, 0.2, 0.2, 0.2, 0.5, 1.5, 3, 5, 6, 6, 6, 6.5, 6, 5, 5, 5.5, 6, 6, 7.5, 9, 8, 5, 2.5)
_CHANNELS = {"zalo": 0.42, "sms": 0.22, "email": 0.2, "card": 0.16}
_TEAMS = {"south": 0.44, "north": 0.34, "central": 0.22}
_TEAM_LEAD = {"south": 0.2, "north": 0.3}
_CARD_DELAY_DAYS = 11
_SKIPPED_NPS = 0.06
_FIELDS = ("answer_id", "answered_at", "received_at", "score", "nps", "team", "channel", "comment")


def write_survey(directory: Path, line: Timeline, *, per_day: float) -> int:
    """Write `answers-YYYY-MM.csv` files and give the number of answers.

    A file holds the answers given in its month, in the order in which they were received: cards from the stores are
    typed in up to eleven days later, so a closed month still grows. Times are naive and of Asia/Ho_Chi_Minh.
    """
    quiet = line.on_phase(story.SURVEY_DOWN, length=story.SURVEY_DOWN_DAYS)
    rates = per_day * line.growth * np.sqrt(line.season.helpdesk) * ~quiet
    draws = draw(line, table=TABLE, rates=rates, hours=_HOURS, columns=9)
    channel = pick(draws.uniform[0], _CHANNELS)
    received = _received(draws, channel)
    rows = _rows(draws, line, channel, received)
    known = [rows[index] for index in np.lexsort((received,)) if received[index] < line.until]
    known.sort(key=_month)
    directory.mkdir(parents=True, exist_ok=True)
    for month, answers in groupby(known, key=_month):
        with (directory / f"answers-{month}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_FIELDS)
            writer.writerows(answers)
    return len(known)


def _rows(draws: Draws, line: Timeline, channel: Words, received: Times) -> list[tuple[object, ...]]:
    u = draws.uniform
    team = pick(u[1], _TEAMS)
    score = _scores(draws, line, team)
    skipped = u[6] < _SKIPPED_NPS
    nps = ["" if skip else value for skip, value in zip(skipped.tolist(), _nps(score, u[5]).tolist(), strict=True)]
    days = np.array([day.strftime("%Y%m%d") for day in line.days])[draws.day].tolist()
    return list(
        zip(
            [f"A{day}-{number:03d}" for day, number in zip(days, draws.number.tolist(), strict=True)],
            _texts(draws.moment),
            _texts(received),
            score.tolist(),
            nps,
            team.tolist(),
            channel.tolist(),
            comments(score, whether=u[7], which=u[8]).tolist(),
            strict=True,
        )
    )


def _scores(draws: Draws, line: Timeline, team: Words) -> Ints:
    """Scores 1 to 5, of which the story's share is 4 or 5; what the central team lacks, the others have more."""
    gap = line.follow(story.CENTRAL_GAP)[draws.day]
    lead = np.select([team == name for name in _TEAM_LEAD], list(_TEAM_LEAD.values()), -1.0)
    satisfied = line.follow(story.SATISFIED)[draws.day] + gap * lead
    happy = draws.uniform[2] < satisfied
    degree = draws.uniform[3]
    score: Ints = np.where(happy, np.where(degree < 0.56, 5, 4), np.select([degree < 0.5, degree < 0.8], [3, 2], 1))
    return score


def _nps(score: Ints, uniform: Floats) -> Ints:
    """Willingness to recommend, 0 to 10, which follows the score loosely."""
    lowest = np.array([0, 0, 2, 5, 7, 8])[score]
    width = np.array([0, 5, 5, 4, 4, 3])[score]
    points: Ints = lowest + (uniform * width).astype(np.int64)
    return points


def _received(draws: Draws, channel: Words) -> Times:
    """Cards are typed in at the office some days later, all other answers arrive within seconds."""
    days, hour = np.divmod(draws.uniform[4] * _CARD_DELAY_DAYS, 1.0)
    typed_in_s = (1 + days) * 86_400 + (9 + 8 * hour) * 3600
    typed_in = draws.moment.astype("datetime64[D]") + typed_in_s.astype(np.int64) * np.timedelta64(1_000_000, "us")
    return np.where(channel == "card", typed_in, draws.moment + np.timedelta64(2, "s"))


def _texts(moments: Times) -> list[str]:
    return [text.replace("T", " ") for text in np.datetime_as_string(moments, unit="s").tolist()]


def _month(row: tuple[object, ...]) -> str:
    return str(row[1])[:7]
