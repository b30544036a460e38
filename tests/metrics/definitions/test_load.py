"""metrics.yaml and okrs/*.yaml: what is accepted becomes the model; what is not is named, all of it at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from metrics.definitions import load_definitions, locate_problems
from metrics.definitions.workspace import Workspace
from metrics.errors import DefinitionError, Problem, WorkspaceError
from metrics.model.definition import Definitions, Metric, PlanPoint, Read
from metrics.model.target import parse_target
from tests.metrics.definitions.samples import METRICS, OKRS

GOLDEN = Path(__file__).parent / "golden"
Refusals = Callable[..., list[str]]
Reader = Callable[..., Definitions]


def test_a_metric_carries_what_its_file_says(read: Reader) -> None:
    metric = read().metrics["first_response"]
    assert metric == Metric(
        id="first_response",
        title={"en": "First response time", "vi": "Thời gian phản hồi"},
        source="helpdesk.tickets",
        time="opened_at",
        aggregate="median",
        value="first_response_s / 3600.0",
        where="channel <> 'spam'",
        dimensions=("team", "region"),
        unit="hours",
        better="lower",
        bounds=(0.0, None),
        expected_every=timedelta(days=1),
        definition=metric.definition,
    )


def test_a_metric_without_a_title_is_worded_after_its_id(read: Reader) -> None:
    metric = read().metrics["complaint_rate"]
    assert metric.title == {"en": "Complaint rate"}
    assert metric.denominator == "true"


def test_a_key_result_carries_what_its_file_says(read: Reader) -> None:
    key_result = next(read().key_results("2027-Q1"))
    assert key_result.key == "2027-Q1/response-time"
    assert key_result.objective == "service-quality"
    assert key_result.title == {"en": "First response under two hours"}
    assert key_result.target == parse_target("< 2")
    assert key_result.stretch == parse_target("< 1.5")
    assert key_result.commit == parse_target("< 3")
    assert key_result.read == Read("trailing", 28)
    assert key_result.filter == (("team", ("north", "south")),)
    assert key_result.baseline == 4
    assert key_result.plan == (PlanPoint(date(2027, 1, 31), 3.0), PlanPoint(date(2027, 2, 28), 2.5))
    assert (key_result.weight, key_result.owner, key_result.contributors) == (2.0, "linh", ("minh",))


def test_a_plain_title_is_in_the_organisations_language(read: Reader, workspace: Workspace) -> None:
    read()
    vietnamese = replace(workspace, organisation=replace(workspace.organisation, language="vi"))
    assert load_definitions(vietnamese).objectives[1].title == {"vi": "Grow"}


def test_cycles_come_in_order_and_objectives_as_written(read: Reader) -> None:
    key_results = "[{id: of-%s, title: K, metric: orders, target: '> 3'}]"
    second = "cycle: 2027-Q2\nobjectives:\n" + "".join(
        f"  - {{id: {one}, title: B, key_results: {key_results % one}}}\n" for one in "ba"
    )
    definitions = read(METRICS, a_second=second, z_first=OKRS)
    assert [objective.key for objective in definitions.objectives] == [
        "2027-Q1/service-quality",
        "2027-Q1/growth",
        "2027-Q2/b",
        "2027-Q2/a",
    ]


def test_one_cycle_may_be_spread_over_files(read: Reader) -> None:
    key_results = "[{id: y, title: Y, metric: orders, target: '> 3'}]"
    other = f"cycle: 2027-Q1\nobjectives: [{{id: x, title: X, parent: response-time, key_results: {key_results}}}]"
    definitions = read(METRICS, one=OKRS, two=other)
    assert [objective.id for objective in definitions.objectives] == ["service-quality", "growth", "x"]
    assert definitions.objectives[2].parent == "2027-Q1/response-time"


@pytest.mark.parametrize("cycle", ["2027", "2027-Q4", "2027-03", "tet"])
def test_fiscal_and_declared_cycles_are_known(read: Reader, cycle: str) -> None:
    text = OKRS.replace("2027-Q1", cycle)
    text = text[: text.index("        plan:")] + text[text.index("      - {id: complaints") :]
    assert {objective.cycle for objective in read(METRICS, q=text).objectives} == {cycle}


def test_no_files_are_no_definitions(workspace: Workspace) -> None:
    assert load_definitions(workspace) == Definitions({}, ())


def test_empty_containers_are_no_definitions(read: Reader) -> None:
    assert read("metrics:\n", q1="cycle: 2027-Q1\nobjectives:\n") == Definitions({}, (), ("2027-Q1",))


def test_every_problem_of_every_file_is_named_at_once(workspace: Workspace) -> None:
    """The golden file shows each message as a person reads it: file, line, key, what is wrong, what to do."""
    with pytest.raises(DefinitionError) as refused:
        load_definitions(replace(workspace, root=GOLDEN / "faults"))
    assert str(refused.value) + "\n" == (GOLDEN / "faults.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("metric: first_response", "metric: first_respons", "did you mean 'first_response'?"),
        ('        target: "< 2"', '        traget: "< 2"', "traget: unknown key; did you mean 'target'?"),
        ('        target: "< 2"', "", "key_results[0].target: is missing"),
        ("baseline: 4", "baseline: 2", "2 equals the target '< 2'"),
        ("baseline: 4", "baseline: 1.9", "1.9 already meets the target '< 2'"),
        ("baseline: 4", "baseline: soon", "number or auto expected, got the text 'soon'"),
        ('stretch: "< 1.5"', 'stretch: "< 2"', "'< 2' must be harder to meet than the target '< 2'"),
        ('stretch: "< 1.5"', 'stretch: "> 1.5"', "does not compare in the same direction"),
        ('commit: "< 3"', 'commit: "< 5"', "commit: '< 5' is met at the baseline 4 already; put it between"),
        ('commit: "< 3"', 'commit: "< 1"', "'< 1' must be easier to meet than the target '< 2'"),
        ("weight: 2", "weight: 0", "0 is not above zero"),
        ("weight: 2", "weight: -1", "-1 is not above zero"),
        ("weight: 2", "weight: .nan", "write a finite number"),
        (
            "{team: [north, south]}",
            "{teem: north}",
            "filter.teem: 'teem' is no dimension of metric 'first_response'; did you mean 'team'?",
        ),
        ("{team: [north, south]}", "{team: []}", "'team' needs a value or a list of values"),
        (
            "2027-01-31, value: 3}",
            "2026-12-31, value: 3}",
            "2026-12-31 is outside cycle 2027-Q1 (2027-01-01 to 2027-03-31)",
        ),
        ("value: 2.5}", "value: 3.5}", "3.5 goes against the direction of the target '< 2'"),
        ("by: 2027-02-28", "by: 2027-01-31", "2027-01-31 does not come after 2027-01-31"),
        ("by: 2027-02-28", "by: 2027-02-29", "'2027-02-29' is no date; write it as 2027-01-31"),
        ("by: 2027-02-28", "on: 2027-02-28", "plan[1].on: unknown key; known: by, value"),
        ("read: trailing 28d", "read: trailing 28", "'trailing 28' is no read"),
        ("shape: keep", "shape: hold", "'hold' is no known choice; known: binary, keep, milestone, reach, total"),
        ("shape: total", "shape: total, plan: [{by: 2027-01-31, value: -1}]", "-1 goes against the direction"),
        ("shape: keep", "shape: keep, plan: [{by: 2027-01-31, value: 1}]", "a line that must be held has no curve"),
        ('"< 5 %"', '"< 5"', "lies outside the bounds of metric 'complaint_rate'; write percentages with their sign"),
        (
            '"< 5 %"',
            '"< 5 %", baseline: 6',
            "baseline: 6 lies outside the bounds of metric 'complaint_rate'; write perc",
        ),
        (
            '"< 5 %"',
            '"< 5 %", commit: "< 6"',
            "commit: '< 6' lies outside the bounds of metric 'complaint_rate'; write",
        ),
        ('"< 5 %"', '"> 5 %"', "contradicts metric 'complaint_rate', where better is lower"),
        ('"< 5 %"', "5 %..3 %", "low end above its high end"),
        ('"< 5 %"', "no", "'no' is no target"),
        ('"< 5 %"', "true", "a comparator and a number expected, got a boolean"),
        ('"< 5 %"', "5", "write for example '< 5' or '>= 5'"),
        ('"< 5 %"', ".nan", "write a finite number"),
        ('"< 5 %"', '"< nan"', "is no target"),
        ('"< 5 %"', '"< 1e999"', "a target must be finite"),
        (
            "parent: service-quality",
            "parent: servce-quality",
            "'servce-quality' is no objective or key result; did you mean 'service-quality'?",
        ),
        ("parent: service-quality", "parent: growth", "'growth' is no objective or key result"),
        ("parent: service-quality", "parent: orders", "'orders' is no objective or key result"),
        ("owner: linh\n    key", "parent: growth\n    key", "runs in a circle"),
        ("id: growth", "id: complaints", "duplicate id 'complaints' in cycle 2027-Q1, first given at okrs/q1.yaml:24"),
        ("id: growth", "id: Growth", "'Growth' is no id"),
        ("id: growth", "id: 12", "text expected, got the number 12"),
        ("cycle: 2027-Q1", "cycle: 2027-Q7", "'2027-Q7' is no cycle"),
        ("cycle: 2027-Q1", "cycle: ../2027", "'../2027' is no cycle id"),
        ("kind: aspirational", "kind: aspire", "'aspire' is no known choice; known: aspirational, committed"),
        ("title: Grow", "titel: Grow", "titel: unknown key; did you mean 'title'?"),
        ("title: Grow", "title: {en: ''}", "the text for 'en' is missing"),
        ("title: Grow", "title: {fr: Croître}", "'fr' is no language that is shown; known: en, vi"),
        ("title: Grow", "title: no\n    why: [x]", "text, or {en: ..., vi: ...}, expected, got a list"),
    ],
)
def test_what_an_okr_file_may_not_say(refusals: Refusals, old: str, new: str, expected: str) -> None:
    assert old in OKRS
    lines = refusals(METRICS, q1=OKRS.replace(old, new, 1))
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("okrs/q1.yaml:") for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "helpdesk.tickets",
            "helpdesk.ticket",
            "source: 'helpdesk.ticket' is no stream in quarterline.yaml; did you mean 'helpdesk.tickets'?",
        ),
        ("helpdesk.tickets", "tickets", "names no stream; write source.stream"),
        ("aggregate: median", "aggregate: avg", "'avg' is no known choice"),
        ("aggregate: median", "aggregate: sql", "first_response.query: is missing; aggregate sql needs it"),
        ("    value: first_response_s / 3600.0\n", "", "first_response.value: is missing; aggregate median needs it"),
        ("    numerator: is_complaint\n", "", "complaint_rate.numerator: is missing; aggregate ratio needs it"),
        ("    denominator: true\n", "", "complaint_rate.denominator: is missing"),
        (
            "aggregate: count",
            "aggregate: count, value: x",
            "value: has no meaning for aggregate count; count rows with where",
        ),
        ("    denominator: true\n", "    denominator: true\n    value: x\n", "has no meaning for aggregate ratio"),
        ("bounds: [0, null]", "bounds: [1, 0]", "the lower bound 1 is not below the upper bound 0"),
        ("bounds: [0, null]", "bounds: [0]", "two numbers expected"),
        ("expected_every: 1d", "expected_every: 1x", "'1x' is no duration"),
        ("expected_every: 1d", "expected_every: 0d", "'0d' is no duration"),
        ("expected_every: 1d", "sample: true", "sample: has no meaning for aggregate median; an interval is given"),
        (
            "denominator: true",
            "denominator: true\n    sample: true\n    rollup: mean",
            "sample: has no meaning for rollup",
        ),
        ("  orders:", "  Orders:", "'Orders' is no id"),
        ("  orders:", "  first_response:", "duplicate key, first given on line 2"),
        ("better: lower", "better: less", "'less' is no known choice; known: higher, lower"),
        ("dimensions: [team, region]", "dimensions: [team, team]", "'team' is listed twice"),
        ("where: channel <> 'spam'", "where: [x]", "an SQL expression expected, got a list"),
        ("metrics:\n", "metrics: []\nmetric:\n", "metric: unknown key; did you mean 'metrics'?"),
    ],
)
def test_what_a_metrics_file_may_not_say(refusals: Refusals, old: str, new: str, expected: str) -> None:
    assert old in METRICS
    lines = refusals(METRICS.replace(old, new, 1), q1="cycle: 2027-Q1\n")
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("metrics.yaml:") for line in lines)


def test_a_faulty_metric_is_not_reported_again_by_its_key_results(refusals: Refusals) -> None:
    assert len(refusals(METRICS.replace("aggregate: median", "aggregate: avg"))) == 1


def test_a_parent_of_several_meanings_must_be_written_out(read: Reader, refusals: Refusals) -> None:
    key_results = "[{id: x, title: X, metric: orders, target: '> 3'}]"
    child = f"cycle: 2027\nobjectives: [{{id: child, title: C, parent: PARENT, key_results: {key_results}}}]"
    second = (
        OKRS.replace("2027-Q1", "2027-01").replace("2027-02-28", "2027-01-31").replace("31, value: 3}", "30, value: 3}")
    )
    (line,) = refusals(METRICS, q1=OKRS, january=second, year=child.replace("PARENT", "complaints"))
    assert line.endswith("'complaints' is ambiguous; write '2027-01/complaints' or '2027-Q1/complaints'")
    definitions = read(METRICS, q1=OKRS, january=second, year=child.replace("PARENT", "2027-Q1/complaints"))
    assert {objective.key: objective.parent for objective in definitions.objectives if objective.parent} == {
        "2027/child": "2027-Q1/complaints",
        "2027-01/growth": "2027-01/service-quality",
        "2027-Q1/growth": "2027-Q1/service-quality",
    }


def test_environment_references_in_titles_stay_literal(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "canary-1234")
    definitions = read(METRICS, q1=OKRS.replace("title: Grow", 'title: "leak ${DB_PASSWORD} env:DB_PASSWORD"'))
    assert definitions.objectives[1].title == {"en": "leak ${DB_PASSWORD} env:DB_PASSWORD"}
    assert "canary" not in repr(definitions)


def test_a_file_that_cannot_be_read_is_named(workspace: Workspace) -> None:
    (workspace.root / "metrics.yaml").mkdir()
    with pytest.raises(WorkspaceError, match=r"could not read .*metrics\.yaml, because .*; check the file"):
        load_definitions(workspace)


def test_bad_files_of_the_trust_cases_are_refused_as_any_kind_of_file(workspace: Workspace, shared: Path) -> None:
    files = sorted((shared / "trust" / "badfiles").glob("yaml_*"))
    assert len(files) == 9
    (workspace.root / "okrs").mkdir()
    for path in files:
        for place in ("metrics.yaml", "okrs/bad.yaml"):
            target = workspace.root / place
            target.write_bytes(path.read_bytes())
            with pytest.raises(DefinitionError) as refused:
                load_definitions(workspace)
            assert all(line.startswith(f"{place}:") for line in str(refused.value).splitlines())
            assert "SECRETCANARY" not in str(refused.value)
            target.unlink()


def test_problems_that_know_only_their_key_get_its_line(read: Reader, workspace: Workspace) -> None:
    read()
    problems = [
        Problem("", 0, "metrics.first_response.time", "no such column"),
        Problem("", 0, "metrics.orders.value", "no such column"),
        Problem("", 0, "elsewhere", "unknown"),
    ]
    assert [str(problem) for problem in locate_problems(workspace.root, problems)] == [
        "metrics.yaml:5: metrics.first_response.time: no such column",
        "metrics.yaml:23: metrics.orders.value: no such column",
        "elsewhere: unknown",
    ]


def test_what_an_unreadable_file_would_name_is_not_called_unknown(refusals: Refusals) -> None:
    assert len(refusals(METRICS + "orders: &x 1\n")) == 1
    key_results = "[{id: x, title: X, metric: a, target: 3}]"
    other = f"cycle: 2027-Q2\nobjectives: [{{id: y, title: Y, parent: z, key_results: {key_results}}}]"
    lines = refusals(METRICS, q1=OKRS + "\nz: !x\n", q2=other)
    assert [line.partition(": ")[2].partition(":")[0] for line in lines] == [
        "z",
        "objectives[0].key_results[0].target",
        "objectives[0].key_results[0].metric",
    ]


@pytest.mark.parametrize("dimension", ["a.b", "a[b", "a[0]", "ngày"])
def test_a_dimension_of_any_name_can_be_refused(refusals: Refusals, dimension: str) -> None:
    (line,) = refusals(METRICS, q1=OKRS.replace("{team: [north, south]}", f'{{"{dimension}": north}}'))
    assert f"filter.{dimension}: '{dimension}' is no dimension of metric 'first_response'" in line
