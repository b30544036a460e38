"""`aggregate: sql` in metrics.yaml: what it needs, what has no meaning beside it, and the way out and back."""

from collections.abc import Callable

import pytest

from metrics.definitions import restore_definitions, stored_documents
from metrics.definitions.dump import definition_texts
from metrics.model.definition import Definitions
from tests.metrics.definitions.samples import METRICS

Reader = Callable[..., Definitions]
Refusals = Callable[..., list[str]]

QUERIED = f"""{METRICS}\
  daily:
    aggregate: sql
    source: helpdesk.tickets
    time: opened_at
    rollup: last
    query: |
      SELECT CAST(opened_at AS DATE) AS day, count(*) AS value
      FROM tickets GROUP BY 1
"""


def test_a_query_is_read_and_goes_into_the_ledger_and_yaml_and_back(read: Reader) -> None:
    definitions = read(QUERIED)
    metric = definitions.metrics["daily"]
    assert metric.query == "SELECT CAST(opened_at AS DATE) AS day, count(*) AS value\nFROM tickets GROUP BY 1"
    assert metric.rollup == "last"
    assert restore_definitions(stored_documents(definitions)) == definitions
    assert read(definition_texts(definitions)["metrics.yaml"]) == definitions


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    rollup: last\n", "    value: x\n", "value: has no meaning for aggregate sql; write query, or choose"),
        (
            "    rollup: last\n",
            "    where: x\n",
            "where: has no meaning for aggregate sql; the query says which rows count",
        ),
        ("    rollup: last\n", "    dimensions: [x]\n", "dimensions: has no meaning for aggregate sql"),
        ("    rollup: last\n", "    sample: true\n", "sample: has no meaning for aggregate sql"),
        ("    rollup: last\n", "    approx: true\n", "approx: has no meaning for aggregate sql, which is always exact"),
        ("aggregate: sql", "aggregate: count", "query: has no meaning for aggregate count"),
        ("    query: |\n", "    title: |\n", "query: is missing; aggregate sql needs it"),
        ("    time: opened_at\n    rollup", "    rollup", "time: is missing"),
    ],
)
def test_what_a_query_needs_and_what_has_no_meaning_beside_it(
    refusals: Refusals, old: str, new: str, expected: str
) -> None:
    assert old in QUERIED
    (problem,) = refusals(QUERIED.replace(old, new))
    assert f"metrics.daily.{expected}" in problem
