"""Metrics looked at closely: all at a glance, and one apart by a dimension, over a real store."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from metrics.cli.session import Session
from metrics.cli.syncing import sync_workspace
from metrics.definitions import load_definitions
from metrics.errors import NotFoundError
from metrics.exploring import (
    MOST_LINES,
    find_metric,
    narrowed,
    span_window,
    split_series,
    survey_metrics,
    users_of,
)
from metrics.facts import Facts, open_facts
from metrics.model.definition import Definitions, Organisation
from metrics.model.reading import Measure, SeriesRange, Window

from .smart.company import TODAY, lay_out_company

NOW = datetime(2027, 1, 15, 5, tzinfo=UTC)
REGIONS = [f"r{index:02}" for index in range(11)]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The worked example, with a stream whose dimension has eleven values and some empty ones."""
    directory = lay_out_company(tmp_path_factory.mktemp("company"))
    rows = [
        f"{day}-{region},2027-01-{day:02},{region},{index + 1}"
        for day in range(1, 15)
        for index, region in enumerate([*REGIONS, ""])
        for _ in range(1)
        if index <= day
    ]
    (directory / "data/sales.csv").write_text("id,day,region,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    config = directory / "quarterline.yaml"
    stream = "      sales: {path: data/sales.csv, primary_key: id}\n"
    config.write_text(config.read_text(encoding="utf-8").rstrip() + "\n" + stream, encoding="utf-8")
    metric = "  sales: {source: desk.sales, time: day, aggregate: mean, value: amount, dimensions: [region]}\n"
    metrics = directory / "metrics.yaml"
    metrics.write_text(metrics.read_text(encoding="utf-8").rstrip() + "\n" + metric, encoding="utf-8")
    opened = Session(directory)
    opened.ledger.apply(load_definitions(opened.workspace), actor="test", at=NOW)
    assert sync_workspace(opened, now=NOW).ok
    return opened


@pytest.fixture(scope="module")
def facts(session: Session) -> Facts:
    return open_facts(session.workspace.var)


@pytest.fixture(scope="module")
def definitions(session: Session) -> Definitions:
    return session.ledger.definitions()


@pytest.fixture(scope="module")
def organisation(session: Session) -> Organisation:
    return session.workspace.organisation


def test_every_metric_is_surveyed_with_its_weeks_its_users_and_its_lateness(
    definitions: Definitions, facts: Facts, organisation: Organisation
) -> None:
    cards = {card.metric.id: card for card in survey_metrics(definitions, facts, organisation, as_of=TODAY, now=NOW)}
    assert set(cards) == {"first_response", "satisfaction", "complaint_rate", "sales"}
    assert [one.key for one in cards["first_response"].used_by] == ["2027-Q1/response-time"]
    assert cards["sales"].used_by == ()
    newest = cards["first_response"].newest
    assert newest is not None
    assert newest.day == date(2027, 1, 4)
    assert not cards["first_response"].freshness.stale


def test_before_the_first_sync_every_metric_is_still_listed(
    definitions: Definitions, organisation: Organisation
) -> None:
    cards = survey_metrics(definitions, None, organisation, as_of=TODAY, now=NOW)
    assert {card.newest for card in cards} == {None}
    assert len(cards) == 4


def test_a_metric_that_cannot_be_read_says_why_and_leaves_the_others_alone(
    definitions: Definitions, facts: Facts, organisation: Organisation
) -> None:
    broken = replace(definitions.metrics["first_response"], value="no_such_column")
    spoilt = replace(definitions, metrics={**definitions.metrics, "first_response": broken})
    cards = {card.metric.id: card for card in survey_metrics(spoilt, facts, organisation, as_of=TODAY, now=NOW)}
    assert "no_such_column" in (cards["first_response"].error or "")
    assert cards["complaint_rate"].error is None
    assert cards["complaint_rate"].newest is not None


def test_values_beyond_eight_are_folded_and_read_together_rather_than_averaged(
    definitions: Definitions, facts: Facts, organisation: Organisation
) -> None:
    sales, series = definitions.metrics["sales"], SeriesRange("month", Window(date(2027, 1, 1), date(2027, 1, 14)))
    split = split_series(facts, sales, series, organisation, today=TODAY, by="region")
    assert len(split.lines) == MOST_LINES
    assert [line.value for line in split.lines[:-1]] == REGIONS[:7]
    *_, others = split.lines
    assert (others.value, others.folded) == (None, ("r07", "r08", "r09", "r10"))
    # r07 has 8 rows of 8, r08 7 of 9, r09 6 of 10, r10 5 of 11: pooled 242/26, while the mean of means would be 9.5.
    assert others.points[0].value == pytest.approx((8 * 8 + 7 * 9 + 6 * 10 + 5 * 11) / 26)
    assert split.nameless == 4


def test_a_filter_narrows_the_lines_as_well(definitions: Definitions, facts: Facts, organisation: Organisation) -> None:
    sales, series = definitions.metrics["sales"], SeriesRange("day", Window(date(2027, 1, 1), date(2027, 1, 14)))
    accepted = (("region", ("r01", "r02")),)
    split = split_series(facts, sales, series, organisation, today=TODAY, filter_=accepted, by="region")
    assert [line.value for line in split.lines] == ["r01", "r02"]
    (whole,) = split_series(facts, sales, series, organisation, today=TODAY, filter_=accepted).lines
    (measured,) = facts.measure([Measure(sales, accepted, (), series)])
    assert whole.points == measured.series


def test_an_unknown_dimension_names_the_nearest(
    definitions: Definitions, facts: Facts, organisation: Organisation
) -> None:
    series = SeriesRange("day", Window(TODAY, TODAY))
    with pytest.raises(NotFoundError, match="did you mean 'region'"):
        split_series(facts, definitions.metrics["sales"], series, organisation, today=TODAY, by="regoin")


@pytest.mark.parametrize(
    ("grain", "ends", "open_from"),
    [
        ("week", date(2027, 1, 13), date(2027, 1, 11)),
        ("week", date(2027, 1, 10), None),
        ("month", date(2027, 1, 15), date(2027, 1, 1)),
        ("month", date(2026, 12, 31), None),
        ("day", TODAY, TODAY),
        ("day", date(2027, 1, 14), None),
    ],
)
def test_a_bucket_that_is_not_over_is_told_apart(
    definitions: Definitions, facts: Facts, organisation: Organisation, grain: str, ends: date, open_from: date | None
) -> None:
    series = SeriesRange(grain, Window(date(2026, 12, 1), ends))  # type: ignore[arg-type]
    split = split_series(facts, definitions.metrics["complaint_rate"], series, organisation, today=TODAY)
    assert split.open_from == open_from


def test_a_span_begins_with_a_whole_bucket(organisation: Organisation) -> None:
    known = Window(date(2024, 7, 3), TODAY)
    assert span_window("quarter", "week", organisation, known=known, as_of=TODAY) == Window(date(2026, 10, 12), TODAY)
    assert span_window("year", "month", organisation, known=known, as_of=TODAY).starts == date(2026, 1, 1)
    assert span_window("half", "day", organisation, known=known, as_of=TODAY).days == 26 * 7
    assert span_window("all", "month", organisation, known=known, as_of=TODAY).starts == date(2024, 7, 1)
    assert span_window("all", "day", organisation, known=None, as_of=TODAY) == Window(TODAY, TODAY)


def test_small_rules(definitions: Definitions) -> None:
    assert narrowed((("region", ("a",)), ("team", ("x",))), "region", ["c", "b"]) == (
        ("region", ("b", "c")),
        ("team", ("x",)),
    )
    assert users_of(definitions, "no_such") == ()
    with pytest.raises(NotFoundError, match="did you mean 'sales'"):
        find_metric(definitions, "salse")
