"""What a rule finds wrong with one definition."""

from typing import NamedTuple

from metrics.definitions.strict_yaml import Path


class Finding(NamedTuple):
    """The key at fault, below the metric or key result, and what is wrong with it."""

    key: Path
    message: str
