"""What a key result must reach: a comparator with its number, compared exactly."""

import re
from dataclasses import dataclass
from typing import Literal

Comparator = Literal["<", "<=", ">", ">=", "within"]

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_ONE_SIDED = re.compile(rf"^(<=|>=|<|>)\s*({_NUMBER})\s*(%?)$")
_RANGE = re.compile(rf"^({_NUMBER})\s*(%?)\s*\.\.\s*({_NUMBER})\s*(%?)$")


@dataclass(frozen=True, slots=True)
class Target:
    """A comparator and its number; `within` has both ends, inclusive.

    Attributes:
        comparator: how the value is compared.
        value: the number, or the low end of a range, in the metric's unit (a percentage as a fraction).
        high: the high end of a range, else None.
        text: the target as it was written.
    """

    comparator: Comparator
    value: float
    high: float | None
    text: str

    def is_met(self, value: float) -> bool:
        """Tell whether `value` satisfies the comparator exactly: `< 2` is not met at 2."""
        match self.comparator:
            case "<":
                return value < self.value
            case "<=":
                return value <= self.value
            case ">":
                return value > self.value
            case ">=":
                return value >= self.value
            case "within":
                return self.value <= value <= (self.high if self.high is not None else self.value)

    def end_nearest(self, value: float) -> float:
        """Give the number that a value is looked at beside: the target's, or the nearer end of a range."""
        ends = (self.value, self.value if self.high is None else self.high)
        return min(ends, key=lambda end: abs(end - value))

    def is_harder_than(self, other: "Target") -> bool:
        """Tell whether whatever meets this target meets another of the same direction too, and not the other way."""
        match self.direction:
            case "lower":
                return self.value < other.value
            case "higher":
                return self.value > other.value
            case "within":
                inside = self.value >= other.value and (self.high or 0.0) <= (other.high or 0.0)
                return inside and (self.value, self.high) != (other.value, other.high)

    def means(self, other: "Target") -> bool:
        """Tell whether another target compares the same, however it is spelt."""
        return (self.comparator, self.value, self.high) == (other.comparator, other.value, other.high)

    @property
    def direction(self) -> Literal["lower", "higher", "within"]:
        """Which way is better under this comparator."""
        return "within" if self.comparator == "within" else ("lower" if "<" in self.comparator else "higher")

    def __str__(self) -> str:
        return self.text


def parse_target(text: str) -> Target:
    """Read a target such as `< 2`, `>= 90 %` or `4..6`.

    Raises:
        ValueError: the text is no comparator with a finite number, or a range's low end is above its high end.
    """
    stripped = str(text).strip()
    if found := _ONE_SIDED.match(stripped):
        comparator, number, percent = found.groups()
        return Target(comparator, _number(number, percent), None, stripped)  # type: ignore[arg-type]
    if found := _RANGE.match(stripped):
        low_text, low_percent, high_text, high_percent = found.groups()
        low, high = _number(low_text, low_percent or high_percent), _number(high_text, high_percent)
        if low > high:
            raise ValueError(
                f"the range {stripped!r} has its low end above its high end; write {high_text}..{low_text}"
            )
        return Target("within", low, high, stripped)
    raise ValueError(f"{stripped!r} is no target; write a comparator and a number, such as '< 2', '>= 90 %' or '4..6'")


def fraction_of(percent: str) -> float:
    """Give the fraction nearest to a percentage: `33.3` is 0.333, as 333 rows of 1,000 are; dividing would miss it."""
    number, _, power = percent.lower().partition("e")
    return float(f"{number}e{int(power or 0) - 2}")


def _number(text: str, percent: str) -> float:
    value = fraction_of(text) if percent else float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text} is too large; a target must be finite")
    return value
