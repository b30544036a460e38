"""The worked example of the method as a workspace: three key results, ten quarters of history, real files."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

TODAY = date(2027, 1, 15)
FIRST = date(2024, 7, 1)

HOURS = (5.0, 5.2, 4.8, 5.1, 5.0, 2.9, 3.2, 3.4, 3.5, 4.0, 3.9)
"""Median first response by quarter: one of the nine changes is a drop of 2 h or more, as `< 2` asks from 4 h."""

SATISFIED = (70, 71, 72, 70, 73, 72, 74, 73, 74, 75, 76)
"""Satisfied customers out of a hundred asked in the second month of each quarter: never a rise of 15."""

COMPLAINTS = (40, 60, 40, 40, 40, 60, 40, 40, 40, 40, 30)
"""Complaints out of 1,000 transactions a day, by quarter: below 5 % in seven of the last nine."""

QUARTERLINE = """
organisation: {name: Sao Mai Retail, timezone: Asia/Ho_Chi_Minh, language: vi}
ledger: sqlite:///var/ledger.db
sources:
  desk:
    type: files
    streams:
      tickets: {path: data/tickets.csv, primary_key: id}
      answers: {path: data/answers.csv, primary_key: id}
      days: {path: data/days.csv, primary_key: day}
"""

METRICS = """
metrics:
  first_response:
    title: {en: First response time, vi: Thời gian phản hồi}
    source: desk.tickets
    time: opened_on
    aggregate: median
    value: hours
    dimensions: [team]
    unit: hours
    better: lower
    expected_every: 2d
  satisfaction:
    title: {en: Satisfaction, vi: Mức độ hài lòng}
    source: desk.answers
    time: answered_on
    aggregate: ratio
    numerator: satisfied
    denominator: asked
    unit: percent
    better: higher
    expected_every: 120d
  complaint_rate:
    title: {en: Complaint rate, vi: Tỷ lệ khiếu nại}
    source: desk.days
    time: day
    aggregate: ratio
    numerator: complaints
    denominator: transactions
    unit: percent
    better: lower
    expected_every: 2d
"""

OKRS = """
cycle: 2027-Q1
objectives:
  - id: service-quality
    title: {vi: Nâng cao chất lượng dịch vụ khách hàng, en: Raise customer-service quality}
    why: {vi: Chờ lâu là lý do rời bỏ số một}
    kind: committed
    owner: linh
    key_results:
      - id: response-time
        title: {vi: Thời gian phản hồi dưới 2 giờ}
        metric: first_response
        read: trailing 28d
        target: "< 2"
        owner: minh
      - id: satisfaction
        title: {vi: Sự hài lòng từ 75 % lên 90 %}
        metric: satisfaction
        read: period
        baseline: 0.75
        target: ">= 90 %"
        owner: linh
      - id: complaints
        title: {vi: Khiếu nại dưới 5 % tổng số giao dịch}
        metric: complaint_rate
        shape: keep
        read: period
        target: "< 5 %"
        owner: minh
"""


def lay_out_company(root: Path) -> Path:
    """Write the workspace, its data up to the day before `TODAY`."""
    for name, content in {
        "quarterline.yaml": QUARTERLINE,
        "metrics.yaml": METRICS,
        "okrs/2027-Q1.yaml": OKRS,
        "data/tickets.csv": "\n".join(["id,opened_on,hours,team", *_tickets()]) + "\n",
        "data/answers.csv": "\n".join(["id,answered_on,satisfied,asked", *_answers()]) + "\n",
        "data/days.csv": "\n".join(["day,complaints,transactions", *_days()]) + "\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


def change(root: Path, file: str, old: str, new: str) -> None:
    """Edit a definition file, which must hold what is replaced."""
    text = (root / file).read_text("utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), encoding="utf-8")


def _quarter(day: date) -> int:
    return (day.year - FIRST.year) * 4 + (day.month - 1) // 3 - (FIRST.month - 1) // 3


def _each_day() -> Iterator[date]:
    return (FIRST + timedelta(days=offset) for offset in range((TODAY - FIRST).days))


def _tickets() -> Iterator[str]:
    for number, day in enumerate(_each_day()):
        yield f"{number},{day},{HOURS[_quarter(day)]},{'north' if number % 2 else 'south'}"


def _answers() -> Iterator[str]:
    for day in _each_day():
        if day.day == 15 and day.month % 3 == 2:
            yield f"{day:%Y%m%d},{day},{SATISFIED[_quarter(day)]},100"


def _days() -> Iterator[str]:
    return (f"{day},{COMPLAINTS[_quarter(day)]},1000" for day in _each_day())
