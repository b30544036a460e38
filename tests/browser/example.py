"""The method's worked example as data: four months of a help desk, its survey and its transactions, month by month."""

import csv
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = """
organisation: {name: Phương Nam, timezone: Asia/Ho_Chi_Minh, language: vi}
sources:
  helpdesk:
    type: files
    streams:
      tickets: {path: data/tickets-*.csv, primary_key: id}
      answers: {path: data/answers-*.csv, primary_key: id}
      transactions: {path: data/transactions-*.csv, primary_key: id}
"""
METRICS = """
metrics:
  first_response:
    title: {vi: Thời gian phản hồi đầu tiên, en: First response time}
    source: helpdesk.tickets
    time: opened_at
    aggregate: median
    value: hours
    unit: hours
    better: lower
  satisfaction:
    title: {vi: Sự hài lòng của khách hàng, en: Customer satisfaction}
    source: helpdesk.answers
    time: answered_at
    aggregate: ratio
    numerator: satisfied = 1
    denominator: "true"
    unit: percent
    sample: true
    expected_every: 92d
  complaint_rate:
    title: {vi: Tỷ lệ khiếu nại, en: Complaint rate}
    source: helpdesk.transactions
    time: created_at
    aggregate: ratio
    numerator: complaint = 1
    denominator: "true"
    unit: percent
    better: lower
"""


@dataclass(frozen=True, slots=True)
class Month:
    """What a month brought.

    Attributes:
        hours: median of the first response.
        satisfied: of a hundred answers to the quarterly survey; None where it was not held.
        complaints: of a thousand transactions.
    """

    name: str
    hours: float
    satisfied: int | None
    complaints: int


MONTHS = {
    month.name: month
    for month in (
        Month("2026-11", 4.2, None, 55),
        Month("2026-12", 4.0, 75, 52),
        Month("2027-01", 3.2, None, 44),
        Month("2027-02", 2.7, None, 50),
        Month("2027-03", 2.5, 91, 41),
    )
}


def begin(directory: Path) -> Path:
    """Lay out the workspace with its metrics, and the months before the quarter."""
    (directory / "data").mkdir(parents=True)
    (directory / "okrs").mkdir()
    (directory / "quarterline.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (directory / "metrics.yaml").write_text(METRICS, encoding="utf-8")
    for name in ("2026-11", "2026-12"):
        bring(directory, name)
    return directory


def bring(directory: Path, name: str) -> None:
    """Let a month's rows arrive."""
    month = MONTHS[name]
    _write(directory, f"tickets-{name}", ("id", "opened_at", "hours"), _tickets(month))
    _write(directory, f"transactions-{name}", ("id", "created_at", "complaint"), _transactions(month))
    if month.satisfied is not None:
        _write(directory, f"answers-{name}", ("id", "answered_at", "satisfied"), _answers(month, month.satisfied))


def _tickets(month: Month) -> Iterator[tuple[object, ...]]:
    for day in range(1, _days(month) + 1):
        for number, apart in enumerate((-0.5, 0.0, 0.5)):  # so that each day's median is the month's
            yield f"T{month.name}-{day}-{number}", f"{month.name}-{day:02} 10:00:00", round(month.hours + apart, 3)


def _transactions(month: Month) -> Iterator[tuple[object, ...]]:
    for number in range(1000):
        day = number % _days(month) + 1
        yield f"B{month.name}-{number}", f"{month.name}-{day:02} 11:00:00", int(number < month.complaints)


def _answers(month: Month, satisfied: int) -> Iterator[tuple[object, ...]]:
    for number in range(100):
        yield f"A{month.name}-{number}", f"{month.name}-{15 + number % 10} 09:00:00", int(number < satisfied)


def _days(month: Month) -> int:
    year, number = map(int, month.name.split("-"))
    return monthrange(year, number)[1]


def _write(directory: Path, name: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    with (directory / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
