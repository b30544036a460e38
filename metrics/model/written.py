"""How numbers are rounded for people, whoever writes them: none seems to stand where it does not."""

import math
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

Way = TypeVar("Way")

_SAME = 1e-12
"""Numbers that lie closer together, relative to their size, are one."""

_LEAST_CHANCE = 0.01


def first_apart(ways: Iterable[Way], read: Callable[[float, Way], object], value: float, other: float) -> Way:
    """Choose the first way to write a number in which another one, if it is another, reads differently.

    Args:
        ways: to write it, such as numbers of decimals, the shortest first; the last one where none tells them apart.
        read: what somebody reads of a number that is written in a way.
    """
    chosen = list(ways)
    if math.isclose(value, other, rel_tol=_SAME):
        return chosen[0]
    return next((way for way in chosen if read(value, way) != read(other, way)), chosen[-1])


def bounded_chance(chance: float) -> tuple[Literal["", "<", ">"], float]:
    """Give what is written of a chance, with the sign before it: only what is certain is 0 % or 100 %."""
    if 0 < chance < _LEAST_CHANCE:
        return "<", _LEAST_CHANCE
    if 1 - _LEAST_CHANCE < chance < 1:
        return ">", 1 - _LEAST_CHANCE
    return "", chance
