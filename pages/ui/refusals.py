"""What could not be done, in the reader's language: decisions that do not fit what stands, and names that are gone."""

from datetime import date

from metrics.errors import NotFoundError, QuarterlineError, RefusedError
from pages.ui.failures import failure_line
from pages.ui.formats import format_day
from pages.ui.i18n import Words
from pages.ui.problems import problem_in_words


def error_in_words(error: QuarterlineError, words: Words) -> str:
    """Say why something was refused, or what the machine could not do."""
    match error:
        case RefusedError():
            values = {name: _written(name, value, words) for name, value in error.values.items()}
            return words(f"refused.{error.code}", **values)
        case NotFoundError():
            told = words("refused.not_found", name=error.name)
            return f"{told} {words('problem.near', near=error.near)}" if error.near else told
        case _:
            return failure_line(str(error), words)


def _written(name: str, value: str | float | date, words: Words) -> str:
    if isinstance(value, date):
        return format_day(value, words, year=True)
    return problem_in_words(str(value), words).rstrip(".") if name == "why" else str(value)
