"""Fiscal quarters, and the choice of the one whose two thirds are nearest to a day."""

from dataclasses import dataclass
from datetime import date, timedelta

STARTS = (1, 2, 3)
"""Months in which the fiscal year may start; between them every day falls near two thirds of some quarter."""

_SHOWN_AT = 2 / 3


@dataclass(frozen=True, slots=True)
class Quarter:
    """A fiscal quarter, both ends included, named by the calendar year in which its fiscal year ends."""

    year: int
    number: int
    start_month: int
    starts: date
    ends: date

    @property
    def id(self) -> str:
        """Cycle id, such as `2027-Q1`."""
        return f"{self.year}-Q{self.number}"

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.ends - self.starts).days + 1

    def elapsed(self, day: date) -> float:
        """Share of the quarter's days that have begun by `day`: day 46 of 90 is 0.511."""
        return ((day - self.starts).days + 1) / self.days

    def previous(self) -> "Quarter":
        """Give the quarter before."""
        return quarter_of(self.starts - timedelta(days=1), self.start_month)


def quarter_of(day: date, start_month: int) -> Quarter:
    """Find the quarter that holds `day` in a fiscal year that starts in `start_month`."""
    months_in = (day.month - start_month) % 12
    starts = add_months(day.replace(day=1), -(months_in % 3))
    ends_in = day.year + (1 if start_month > 1 and day.month >= start_month else 0)
    ends = add_months(starts, 3) - timedelta(days=1)
    return Quarter(ends_in, months_in // 3 + 1, start_month, starts, ends)


def choose_quarter(today: date) -> Quarter:
    """Pick the fiscal-year start, and with it the quarter, whose two thirds are nearest to `today`.

    The elapsed share is then between a half and five sixths on every day.
    """
    return min(
        (quarter_of(today, month) for month in STARTS), key=lambda quarter: abs(quarter.elapsed(today) - _SHOWN_AT)
    )


def year_of(quarter: Quarter) -> tuple[date, date]:
    """Give the first and last day of the fiscal year that holds a quarter."""
    starts = add_months(quarter.starts, -3 * (quarter.number - 1))
    return starts, add_months(starts, 12) - timedelta(days=1)


def add_months(first_of_month: date, months: int) -> date:
    """Step from the first of one month to the first of another."""
    index = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
