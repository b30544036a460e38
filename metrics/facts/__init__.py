"""The facts store: a writer's file, immutable generations, readers."""

from metrics.facts.generation import current_generation
from metrics.facts.reader import Facts, open_facts

__all__ = ["Facts", "current_generation", "open_facts"]
