from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.definitions import load_definitions, load_workspace
from metrics.model.definition import Definitions
from sample_data import SampleCompany, generate
from sample_data.definitions import round_down

TODAY = date(2026, 11, 23)

Company = Callable[[date], SampleCompany]


@pytest.fixture
def definitions(company: Company) -> Definitions:
    return load_definitions(load_workspace(company(TODAY).directory))


@pytest.mark.parametrize("today", [TODAY, date(2027, 2, 10), date(2026, 3, 2), date(2027, 7, 15)])
def test_the_product_loads_what_was_written(company: Company, today: date) -> None:
    laid_out = company(today)
    workspace = load_workspace(laid_out.directory)
    assert workspace.organisation.fiscal_year_start == laid_out.fiscal_year_start
    assert workspace.organisation.timezone == "Asia/Ho_Chi_Minh"
    assert list(workspace.sources) == ["helpdesk", "survey", "billing"]
    definitions = load_definitions(workspace)
    assert len(definitions.metrics) == 14
    counts = [len(list(definitions.key_results(cycle))) for cycle in (laid_out.cycle, laid_out.previous_cycle)]
    assert counts == [13, 7]
    assert len(list(definitions.key_results(laid_out.year_cycle))) == 5


def test_a_small_company_has_the_same_definitions_but_for_totals(company: Company, small: SampleCompany) -> None:
    whole = load_definitions(load_workspace(company(TODAY).directory))
    little = load_definitions(load_workspace(small.directory))
    assert whole.metrics == little.metrics
    assert [objective.key for objective in whole.objectives] == [objective.key for objective in little.objectives]
    for one, other in zip(whole.key_results(), little.key_results(), strict=True):
        assert one.key == other.key
        assert one.shape == "total" or one.definition == other.definition


def test_the_seed_objective_is_there_in_both_languages(definitions: Definitions) -> None:
    (objective,) = [one for one in definitions.objectives if one.key == "2026-Q4/service-quality"]
    assert objective.title == {"vi": "Nâng cao chất lượng dịch vụ khách hàng", "en": "Raise customer-service quality"}
    response, satisfaction, complaints = objective.key_results
    assert (response.shape, response.target.text, response.baseline) == ("reach", "< 2", None)
    assert (satisfaction.baseline, satisfaction.target.value) == (0.75, 0.9)
    assert (complaints.shape, complaints.target.value, complaints.target.comparator) == ("keep", 0.05, "<")


def test_objectives_run_over_all_levels_and_kinds(definitions: Definitions) -> None:
    current = [objective for objective in definitions.objectives if objective.cycle == "2026-Q4"]
    assert {objective.level for objective in current} == {"company", "team", "individual"}
    assert {objective.kind for objective in current} == {"committed", "aspirational"}
    assert all(2 <= len(objective.key_results) <= 5 for objective in current)
    assert all(objective.owner and objective.parent for objective in current)


def test_every_shape_of_key_result_is_shown(definitions: Definitions) -> None:
    current = list(definitions.key_results("2026-Q4"))
    assert {one.shape for one in current} == {"reach", "keep", "total"}
    assert sum(bool(one.plan) for one in current) == 1
    assert sum(one.stretch is not None for one in current) == 1
    assert sum(one.shape == "total" and one.target.comparator == "<=" for one in current) == 1
    assert all(one.owner for one in current)
    assert {len(one.filter) for one in current} == {0, 1}


def test_everything_has_a_name_in_both_languages(definitions: Definitions) -> None:
    titles = [metric.title for metric in definitions.metrics.values()]
    titles += [objective.title for objective in definitions.objectives]
    titles += [key_result.title for key_result in definitions.key_results()]
    assert all(set(title) == {"en", "vi"} for title in titles)


def test_written_yaml_is_marked_as_ours(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("marked")
    generate(directory, today=TODAY, small=True)
    files = [*directory.glob("*.yaml"), *directory.glob("okrs/*.yaml")]
    assert len(files) == 5
    assert all(path.read_text(encoding="utf-8").startswith("# Sao Mai Retail, the sample company") for path in files)


@given(amount=st.floats(1, 1e12))
def test_rounding_down_keeps_two_or_three_digits(amount: float) -> None:
    rounded = round_down(amount)
    assert 0.9 * amount - 1 <= rounded <= amount
    assert len(str(rounded).rstrip("0")) <= (2 if amount < 10_000 else 3)
