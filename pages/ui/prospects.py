"""Cached reads of the forecasts, keyed as everything in `pages.ui.data`: one key result's prospect, chances of old."""

from datetime import date

import streamlit as st

from metrics.model.decision import Annotation, CheckIn, Recorded, TargetRevision
from metrics.model.definition import KeyResult
from metrics.model.reading import Window
from metrics.model.target import Target
from metrics.progress.decided import target_steps
from metrics.scorecard.prospect import Prospect, prospect_of
from metrics.scorecard.week import Week, week_of
from pages.ui import data

Noted = Recorded[CheckIn] | Recorded[TargetRevision] | Recorded[Annotation]

_FIVE_MINUTES = 300
_ONE_HOUR = 3600
_ENTRIES = 64


@st.cache_resource(ttl=_FIVE_MINUTES, max_entries=_ENTRIES, show_spinner=False)
def prospect(version: data.Version, key: str, as_of: date) -> Prospect:
    """Look closely at one key result.

    Raises:
        QuarterlineError: its metric cannot be read.
    """
    frame = data.frame(version, key.partition("/")[0], as_of)
    return prospect_of(data.definitions(version), data.facts(version), frame, key)


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def week(version: data.Version, cycle_id: str, as_of: date) -> Week:
    """Give the chances of a week before; what is past stays, so an hour is not too long."""
    return week_of(data.definitions(version), data.facts(version), data.frame(version, cycle_id, as_of))


@st.cache_resource(ttl=_ONE_HOUR, max_entries=_ENTRIES, show_spinner=False)
def notes(version: data.Version, key_result: KeyResult) -> tuple[Noted, ...]:
    """Give what people recorded about a key result and its metric, the newest first."""
    kept = data.ledger(version.root, version.configuration)
    frame = data.frame(version, key_result.cycle, data.present_day(version))
    found: list[Noted] = [
        *frame.decided.check_ins.get(key_result.key, ()),
        *frame.decided.revisions.get(key_result.key, ()),
    ]
    if key_result.metric:
        found += kept.decisions(Annotation, key_result.metric)
    return tuple(sorted(found, key=lambda each: (day_of(each), each.id), reverse=True))


def day_of(noted: Noted) -> date:
    """Give the day that something speaks of."""
    decision = noted.decision
    return decision.effective_on if isinstance(decision, TargetRevision) else decision.day


def steps(version: data.Version, key_result: KeyResult, as_of: date) -> tuple[tuple[Window, Target], ...]:
    """Give a key result's targets in turn, each with the days that it counts for."""
    frame = data.frame(version, key_result.cycle, as_of)
    return target_steps(key_result, frame.decided, frame.cycle)


def revisions_seen(version: data.Version, key: str) -> int:
    """Give the version of the newest revision that a page which shows this version rests on; 0 for none."""
    made = data.ledger(version.root, version.configuration).decisions(TargetRevision, key)
    return max((each.version for each in made if each.revision <= version.ledger_revision), default=0)
