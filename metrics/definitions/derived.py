"""Derived metrics, each given the metrics that its expression names: known ones, and none in a circle."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from metrics.errors import nearest
from metrics.formula import FormulaError, components_of, parse_formula
from metrics.model.definition import Metric

Note = Callable[[str, str], None]
"""Takes a metric's id and what is wrong with its expression."""


def resolve_derived(metrics: Mapping[str, Metric], named: Collection[str], note: Note) -> dict[str, Metric]:
    """Give every derived metric its components and the dimensions that all of them share.

    Args:
        metrics: those that hold by themselves, and any derived one whose expression can be looked at.
        named: every id that was given; one that is named but does not hold is reported elsewhere.
        note: told what is wrong.

    Returns:
        The metrics that can be computed; one over a metric that cannot is left out.
    """
    resolver = _Resolver(metrics, named, note)
    found = {metric_id: resolver.resolve(metric_id, ()) for metric_id in metrics}
    return {metric_id: metric for metric_id, metric in found.items() if metric is not None}


class _Resolver:
    """Follows expressions, each metric once."""

    def __init__(self, metrics: Mapping[str, Metric], named: Collection[str], note: Note) -> None:
        self._metrics, self._named, self._note = metrics, named, note
        self._known: dict[str, Metric | None] = {}

    def resolve(self, metric_id: str, way: tuple[str, ...]) -> Metric | None:
        metric = self._metrics.get(metric_id)
        if metric is None or metric.aggregate != "derived":
            return metric
        if metric_id in way:
            self._circle(way[way.index(metric_id) :])
            return None
        if metric_id not in self._known:
            self._known[metric_id] = self._resolved(metric, (*way, metric_id))
        return self._known[metric_id]

    def _resolved(self, metric: Metric, way: tuple[str, ...]) -> Metric | None:
        names = self._names(metric)
        unknown = [name for name in names if name not in self._named]
        for name in unknown:
            known = set(self._named) - {metric.id}
            self._note(metric.id, f"{metric.expression!r} uses unknown metric {name!r}{nearest(name, known)}")
        components = [self.resolve(name, way) for name in names if name not in unknown]
        whole = tuple(component for component in components if component is not None)
        if unknown or not names or len(whole) < len(names):
            return None
        shared = tuple(name for name in whole[0].dimensions if all(name in each.dimensions for each in whole))
        return replace(metric, components=whole, dimensions=shared)

    def _names(self, metric: Metric) -> tuple[str, ...]:
        try:
            names = components_of(parse_formula(metric.expression or ""))
        except FormulaError as error:
            self._note(metric.id, f"{metric.expression!r} {error}")
            return ()
        if not names:
            self._note(metric.id, f"{metric.expression!r} names no metric; write one, such as revenue / orders")
        return names

    def _circle(self, circle: tuple[str, ...]) -> None:
        way = " > ".join((*circle, circle[0]))
        self._note(circle[0], f"runs in a circle ({way}); a derived metric cannot be computed from itself")
