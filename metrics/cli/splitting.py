"""`series --by`: a metric's series apart by the values of a dimension."""

from typing import Any

from rich.console import Console
from rich.table import Table

from metrics.cli.session import Session, print_json
from metrics.exploring import Line, Split, split_series
from metrics.facts import Facts
from metrics.model.definition import Metric
from metrics.model.reading import Measure


def show_split(session: Session, measure: Measure, by: str, *, as_json: bool) -> None:
    """Print a series by a dimension's values, those with the fewest rows folded into one line.

    Raises:
        NotFoundError: the metric has no such dimension.
    """
    if measure.series is None:
        return
    organisation = session.workspace.organisation
    split = split_series(
        session.facts, measure.metric, measure.series, organisation, today=session.today, filter_=measure.filter, by=by
    )
    if as_json:
        print_json(_document(session.facts, measure, by, split))
    else:
        _print(Console(), measure.metric, by, split)


def _document(facts: Facts, measure: Measure, by: str, split: Split) -> dict[str, Any]:
    return {
        "schema": 1,
        "generation": facts.generation,
        "metric": measure.metric.id,
        "unit": measure.metric.unit,
        "grain": measure.series.grain if measure.series else None,
        "filter": {dimension: list(values) for dimension, values in measure.filter},
        "by": by,
        "rows_without_value": split.nameless,
        "open_from": split.open_from.isoformat() if split.open_from else None,
        "lines": [
            {
                "value": line.value,
                "folded": list(line.folded),
                "points": [
                    {"day": each.day.isoformat(), "value": each.value, "rows": each.rows} for each in line.points
                ],
            }
            for line in split.lines
        ],
    }


def _print(console: Console, metric: Metric, by: str, split: Split) -> None:
    table = Table(title=f"{metric.id} by {by}".replace("[", r"\["), pad_edge=False)
    table.add_column("day")
    for line in split.lines:
        table.add_column(_name(line).replace("[", r"\["), justify="right")
    values = [{point.day: point.value for point in line.points} for line in split.lines]
    for day in sorted({day for line in values for day in line}):
        cells = (line.get(day) for line in values)
        table.add_row(day.isoformat(), *("gap" if value is None else f"{value:,.6g}" for value in cells))
    console.print(table)
    if split.nameless:
        console.print(f"[dim]{split.nameless:,} rows have no {by} and are in no column[/]")


def _name(line: Line) -> str:
    return line.value if line.value is not None else f"{len(line.folded)} others"
