"""One key result looked at closely: its outlook, its course, and how its chance moved within a week."""

from dataclasses import dataclass, replace
from datetime import date

from metrics.errors import NotFoundError
from metrics.model.definition import Definitions
from metrics.outlook import ChanceChange, Course, FactsHistory, Outlook, course_of, explain_chance_change, look_ahead
from metrics.progress.decided import pursued
from metrics.scorecard.build import Frame
from metrics.scorecard.current import week_before


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a key result's page and `quarterline forecast` say beyond its scorecard.

    Attributes:
        since: the day a week before; None where the cycle had not begun by then.
        change: None where the cycle had not begun a week before, or there was no chance at either moment.
    """

    outlook: Outlook
    course: Course
    since: date | None
    change: ChanceChange | None


def prospect_of(definitions: Definitions, facts: FactsHistory, frame: Frame, key: str) -> Prospect:
    """Look closely at one key result of the frame's cycle.

    Raises:
        NotFoundError: it is not pursued in that cycle.
        QuarterlineError: its metric cannot be read.
    """
    outlook = outlook_of(definitions, facts, frame, key)
    earlier = week_before(frame)
    changes = {} if earlier is None else explain_chance_change(_only(definitions, key), facts, frame, earlier)
    since = None if earlier is None else earlier.as_of
    return Prospect(outlook, course_of(outlook, facts, frame), since, changes.get(key))


def outlook_of(definitions: Definitions, facts: FactsHistory, frame: Frame, key: str) -> Outlook:
    """Give a key result's outlook under the target in force, as its scorecard has it.

    Raises:
        NotFoundError: it is not pursued in that cycle.
    """
    standing = [pursued(each, frame.decided, frame.reading_day)[0] for each in _only(definitions, key).objectives]
    wanted = [each for objective in standing if objective is not None for each in objective.key_results]
    if not wanted or wanted[0].cycle != frame.cycle.id:
        raise NotFoundError("key result", key, [each.key for each in definitions.key_results(frame.cycle.id)])
    return look_ahead(wanted, definitions.metrics, facts, frame, level_shifts=frame.level_shifts)[key]


def _only(definitions: Definitions, key: str) -> Definitions:
    objectives = [
        replace(each, key_results=tuple(one for one in each.key_results if one.key == key))
        for each in definitions.objectives
    ]
    return replace(definitions, objectives=tuple(each for each in objectives if each.key_results))
