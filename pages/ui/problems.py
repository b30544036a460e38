"""What is wrong with a field, in the reader's language: the rules' own sentences recognised, and said for a form."""

import re
from collections.abc import Mapping

from pages.ui.i18n import Words

_NEAREST = re.compile(r"; did you mean '(?P<near>[^']*)'\?$")
_KNOWN_ONLY = re.compile(r"; known: .*$|; it declares none$")
_TEXT = r"(?:'.*'|\".*\")"
_VALUE = r"['\"](?P<value>.*)['\"]"
_PATTERNS: Mapping[str, str] = {
    "not_above_zero": r"(?P<value>\S+) is not above zero; .*",
    "contradicts": _VALUE + r" contradicts metric .* turn the comparator to (?P<turned>[<>]),.*",
    "outside_bounds_percent": _VALUE + r" lies outside the bounds .*; write percentages .*",
    "outside_bounds": _VALUE + r" lies outside the bounds .*",
    "does_not_add_up": r"total needs something that adds up.*",
    "total_read": r"a total is read over its cycle.*",
    "other_direction": _VALUE + r" does not compare in the same direction as the target '(?P<target>.*)'",
    "must_be_harder": _VALUE + r" must be harder to meet than the target '(?P<target>.*)'",
    "must_be_easier": _VALUE + r" must be easier to meet than the target '(?P<target>.*)'",
    "baseline_is_target": r"(?P<value>\S+) equals the target '(?P<target>.*)', .*",
    "baseline_meets": r"(?P<value>\S+) already meets the target '(?P<target>.*)'; .*",
    "line_has_no_curve": r"a line that must be held has no curve.*",
    "done_has_no_curve": r"what is done or not has no curve.*",
    "plan_order": r"(?P<value>\S+) does not come after (?P<other>\S+); .*",
    "plan_direction": r"(?P<value>\S+) goes against the direction of the target '(?P<target>.*)'; .*",
    "plan_outside": r"(?P<value>\S+) is outside cycle (?P<cycle>\S+) \((?P<starts>\S+) to (?P<ends>\S+)\)",
    "plan_share": r"(?P<value>\S+) is more than all of it; .*",
    "milestones_missing": r"is missing; list what is to be done.*",
    "duplicate_milestone": r"duplicate id .*; give each milestone its own",
    "exact_here": r"has no use here, where every aggregate is exact; .*",
    "not_for_aggregate": r"has no meaning for aggregate (?P<value>\S+); .*",
    "not_for_shape": r"has no meaning for shape (?P<value>[^;,]+)[;,].*",
    "no_dimension": _VALUE + r" is no dimension of metric .*",
    "no_metric": _VALUE + r" is no metric in metrics\.yaml",
    "no_stream": _VALUE + r" (is no stream in quarterline\.yaml|names no stream; .*)",
    "no_target": _VALUE + r" is no target; .*",
    "range_turned": r"the range '(?P<value>.*)' has its low end above its high end; .*",
    "no_duration": _VALUE + r" is no duration; .*",
    "no_read": _VALUE + r" is no read; .*",
    "no_day": _VALUE + r" is no date; .*",
    "no_number": r"number( or auto)? expected, got (the text '(?P<value>.*)'|.*)",
    "bounds_turned": r"the lower bound (?P<value>\S+) is not below the upper bound (?P<other>\S+); .*",
    "ambiguous": _VALUE + r" is ambiguous; .*",
    "no_parent": _VALUE + r" is no objective or key result",
    "circle": r"runs in a circle \((?P<value>.*)\); .*",
    "no_key_results": r"an objective needs at least one key result.*",
    "duplicate_id": r"duplicate id '(?P<value>.*)' in cycle .*",
    "no_column": r"could not find column '(?P<value>.*)' in (?P<source>\S+?)",
    "time_type": r"column '(?P<value>.*)' is (?P<type>.*), and a row's time must be a date or an instant; .*",
    "unknown_column": _TEXT + r" uses unknown column '(?P<value>.*)'",
    "unknown_metric": _TEXT + r" uses unknown metric '(?P<value>.*)'",
    "no_metric_named": _VALUE + r" names no metric; .*",
    "not_a_condition": _TEXT + r" is (?P<type>\S+), and a condition must be true or false; .*",
    "not_a_number": _TEXT + r" is (?P<type>\S+), and (?P<value>\S+) needs a number; .*",
    "unreadable_expression": _TEXT
    + r" cannot be (?:read, because of|computed:) (?P<value>.*?)(; write one DuckDB expression.*)?",
    "forbidden_function": _TEXT + r" uses (?P<value>\w+)\(\), which a row expression cannot",
    "forbidden": _TEXT + r" uses (?P<value>.*), which a row expression cannot",
    "several_expressions": _TEXT + r" is not one expression; .*",
}
_COMPILED = {code: re.compile(f"^{pattern}$", re.DOTALL) for code, pattern in _PATTERNS.items()}


def is_missing(message: str) -> bool:
    """Tell whether a field is only empty rather than wrong."""
    return message == "is missing" or message.startswith(("is missing; aggregate", "is empty"))


def problem_in_words(message: str, words: Words) -> str:
    """Say what is wrong with a field; a sentence that nobody foresaw is given as it is."""
    near = _NEAREST.search(message)
    core = _KNOWN_ONLY.sub("", message[: near.start()] if near else message)
    for code, pattern in _COMPILED.items():
        if found := pattern.match(core):
            told = words(f"problem.{code}", **{name: value or "" for name, value in found.groupdict().items()})
            return f"{told} {words('problem.near', near=near['near'])}" if near else told
    return message
