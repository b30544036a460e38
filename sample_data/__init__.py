"""Sao Mai Retail, a small Vietnamese company: its sources, metrics and OKRs, laid out as a workspace.

Importing this package is cheap; NumPy, PyArrow and the holidays are loaded by `generate`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

__all__ = ["SampleCompany", "generate"]


@dataclass(frozen=True, slots=True)
class SampleCompany:
    """What was laid out, and where.

    Attributes:
        directory: the workspace; `quarterline.yaml` stands in it.
        now: the last moment that the data know of, in Asia/Ho_Chi_Minh.
        first_day: the oldest day with rows.
        fiscal_year_start: 1, 2 or 3, whichever puts `today` nearest to two thirds of a quarter.
        cycle: id of the quarter that holds `today`.
        rows: written rows per `source.stream`.
    """

    directory: Path
    today: date
    now: datetime
    first_day: date
    fiscal_year_start: int
    cycle: str
    previous_cycle: str
    year_cycle: str
    rows: Mapping[str, int]


def generate(directory: Path, *, today: date, small: bool = False, until: datetime | None = None) -> SampleCompany:
    """Lay out the sample workspace as it would stand on the morning of `today`, or at another moment of that day.

    The same `today` gives the same bytes in every file. A workspace laid out earlier for another day is replaced; what
    people added beside it (`var/`, further files) stays.

    Args:
        directory: created where missing.
        small: about 8,000 rows in place of about 150,000, under the same definitions; totals have smaller targets.
        until: the moment, with a zone, at which the data end; 09:30 in Asia/Ho_Chi_Minh when None.

    Raises:
        FileExistsError: the directory holds another organisation's workspace.
        ValueError: `until` is no moment of `today` in Asia/Ho_Chi_Minh.
    """
    from sample_data.layout import lay_out  # noqa: PLC0415 - NumPy and PyArrow are paid for on use

    return lay_out(directory, today=today, small=small, until=until)
