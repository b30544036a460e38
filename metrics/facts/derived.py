"""Questions about derived metrics, put as questions about their components, all answered together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from metrics.formula import combine_measured
from metrics.model.definition import Metric
from metrics.model.reading import Measure, Measured

Answer = Callable[[Sequence[Measure]], list[Measured]]


def answer_all(measures: Sequence[Measure], answer: Answer) -> list[Measured]:
    """Answer questions in their order; `answer` takes those about metrics over rows."""
    asked = [replace(measure, metric=each) for measure in measures for each in measure.metric.measured]
    answers = iter(answer(asked))
    return [
        _combined(measure.metric, {each.id: next(answers) for each in measure.metric.measured}) for measure in measures
    ]


def _combined(metric: Metric, over_rows: Mapping[str, Measured]) -> Measured:
    if metric.aggregate != "derived":
        return over_rows[metric.id]
    return combine_measured(metric, {each.id: _combined(each, over_rows) for each in metric.components})
