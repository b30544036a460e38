"""Series and questions that the forecast's tests share."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from metrics.forecast import Question
from metrics.forecast.question import Floats, Kind, day_number
from metrics.model.reading import Window

Ask = Callable[..., Question]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20270101)


@pytest.fixture
def ask() -> Ask:
    """Ask about values on consecutive days that end on 2026-11-15, in the fourth quarter of 2026."""

    def build(values: Floats | list[float], kind: Kind = "mean", *, step: int = 1, **options: object) -> Question:
        as_of = options.pop("as_of", date(2026, 11, 15))
        assert isinstance(as_of, date)
        days = day_number(as_of) - step * np.arange(len(values))[::-1]
        window = options.pop("window", Window(date(2026, 10, 1), date(2026, 12, 31)))
        return Question(days, np.asarray(values, np.float64), window, as_of, kind, **options)  # type: ignore[arg-type]

    return build


@pytest.fixture
def quarter_days() -> list[date]:
    return [date(2026, 10, 1) + timedelta(days=i) for i in range(92)]
