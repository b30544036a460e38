"""Streams whose rows stay at their source: their metrics' series are asked for and stored as if computed here."""

from metrics.sync.pushdown.store import forget_pushed
from metrics.sync.pushdown.stream import PushDown, Pushed, push_down

__all__ = ["PushDown", "Pushed", "forget_pushed", "push_down"]
