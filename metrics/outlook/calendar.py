"""Public holidays of the organisation: those of the country that its time zone lies in."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files

from metrics.model.definition import Organisation


def public_holidays(organisation: Organisation, first: date, last: date) -> Mapping[date, str]:
    """Name the public holidays from the first day's year to the last day's.

    The country is the one that the zone database gives the zone; a zone of no country (UTC), or a country whose
    holidays are not known, has none.
    """
    return _holidays(organisation.timezone, first.year, last.year)


def country_of(timezone: str) -> str | None:
    """Give the two letters of the country that a zone lies in, by the zone database's `zone.tab`."""
    return _countries().get(timezone)


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}


@lru_cache(maxsize=32)
def _holidays(timezone: str, first: int, last: int) -> Mapping[date, str]:
    country = country_of(timezone)
    if country is None:
        return {}
    import holidays  # noqa: PLC0415 - a fifth of a second that only forecasts need

    try:
        return dict(holidays.country_holidays(country, years=range(first, last + 1)))
    except NotImplementedError:  # a country that the package does not know
        return {}
