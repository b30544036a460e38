"""Lays out the whole workspace: data of every source, then the definitions over them."""

from datetime import date, datetime
from pathlib import Path

from sample_data import SampleCompany
from sample_data.definitions import MARKER, Volumes, write_definitions
from sample_data.fiscal import choose_quarter
from sample_data.survey import write_survey
from sample_data.tickets import write_tickets
from sample_data.timeline import ZONE, first_day, morning_of, timeline
from sample_data.transactions import write_transactions

_WHOLE = Volumes(tickets=75, answers=44, transactions=158)
_SMALL = Volumes(tickets=4.2, answers=4.0, transactions=6.6)


def lay_out(directory: Path, *, today: date, small: bool, until: datetime | None) -> SampleCompany:
    """Do what `sample_data.generate` describes."""
    now = morning_of(today) if until is None else until.astimezone(ZONE)
    if now.date() != today:
        raise ValueError(f"{now.isoformat()} is no moment of {today} in {ZONE}")
    _refuse_foreign(directory)
    volumes = _SMALL if small else _WHOLE
    quarter, first = choose_quarter(today), first_day(today)
    line = timeline(quarter, first, today, until=now.replace(tzinfo=None))
    _clear(directory)
    rows = {
        "helpdesk.tickets": write_tickets(directory / "data/helpdesk.db", line, per_day=volumes.tickets),
        "survey.answers": write_survey(directory / "data/survey", line, per_day=volumes.answers),
        "billing.transactions": write_transactions(directory / "data/transactions", line, per_day=volumes.transactions),
    }
    write_definitions(directory, today=today, quarter=quarter, volumes=volumes)
    return SampleCompany(
        directory=directory,
        today=today,
        now=now,
        first_day=first,
        fiscal_year_start=quarter.start_month,
        cycle=quarter.id,
        previous_cycle=quarter.previous().id,
        year_cycle=str(quarter.year),
        rows=rows,
    )


def _refuse_foreign(directory: Path) -> None:
    settings = directory / "quarterline.yaml"
    if settings.exists() and not settings.read_text(encoding="utf-8", errors="replace").startswith(MARKER):
        raise FileExistsError(f"{settings} is another organisation's; choose an empty directory")


def _clear(directory: Path) -> None:
    """Remove the data files of an earlier layout, whose months may differ."""
    (directory / "data").mkdir(parents=True, exist_ok=True)
    for pattern in ("data/survey/answers-*.csv", "data/transactions/transactions-*.parquet"):
        for leftover in directory.glob(pattern):
            leftover.unlink()
