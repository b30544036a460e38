"""quarterline.yaml: read into a workspace, or refused with every problem and without echoing a secret."""

from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from connectors.base import Stream
from metrics.definitions import Workspace, json_schema, load_workspace
from metrics.definitions.schema import FileKind
from metrics.definitions.strict_yaml import parse_yaml
from metrics.errors import DefinitionError, WorkspaceError
from metrics.model.definition import CycleDefinition, Organisation
from metrics.progress.policies import DEFAULT_POLICY
from tests.metrics.definitions.samples import METRICS, OKRS

TEXT = """\
organisation: {name: Sao Mai Retail, timezone: Asia/Ho_Chi_Minh, language: vi, fiscal_year_start: 4, week_start: sunday}
ledger: postgresql+psycopg://linh:${LEDGER_PASSWORD}@db/ledger
auth: {mode: none}
status_policy: pace
cycles:
  - {id: tet, starts: 2027-01-18, ends: 2027-02-14}
sources:
  helpdesk:
    type: sql
    url: ${HELPDESK_URL}
    streams:
      tickets: {table: tickets, primary_key: id, cursor: updated_at, lookback: 1h}
  survey:
    type: files
    streams:
      answers:
        path: data/survey/*.csv
        primary_key: [answer_id, asked_on]
        encoding: windows-1258
        timezone: UTC
        delimiter: ";"
        columns: {score: tinyint, answered_on: {type: date, format: "%d/%m/%Y"}}
"""


def load(root: Path, text: str = TEXT) -> Workspace:
    (root / "quarterline.yaml").write_text(text, encoding="utf-8")
    return load_workspace(root)


def refusals(root: Path, text: str) -> list[str]:
    with pytest.raises(DefinitionError) as refused:
        load(root, text)
    return str(refused.value).splitlines()


def test_a_workspace_is_what_its_file_says(tmp_path: Path) -> None:
    workspace = load(tmp_path)
    assert workspace.root == tmp_path
    assert workspace.var == tmp_path / "var"
    assert workspace.organisation == Organisation("Sao Mai Retail", "Asia/Ho_Chi_Minh", "vi", 4, "sunday")
    assert workspace.ledger_url == "postgresql+psycopg://linh:${LEDGER_PASSWORD}@db/ledger"
    assert workspace.auth.mode == "none"
    assert workspace.status_policy == "pace"
    assert workspace.cycles == (CycleDefinition("tet", date(2027, 1, 18), date(2027, 2, 14)),)
    assert list(workspace.streams) == ["helpdesk.tickets", "survey.answers"]


def test_a_source_keeps_references_as_written_and_streams_get_the_organisations_zone(tmp_path: Path) -> None:
    sources = load(tmp_path).sources
    assert (sources["helpdesk"].type, sources["helpdesk"].mode) == ("sql", "pull")
    assert sources["helpdesk"].options == {"url": "${HELPDESK_URL}"}
    assert sources["helpdesk"].streams["tickets"] == Stream(
        "helpdesk",
        "tickets",
        options={"table": "tickets"},
        primary_key=("id",),
        cursor="updated_at",
        lookback=timedelta(hours=1),
        timezone="Asia/Ho_Chi_Minh",
    )
    assert sources["survey"].streams["answers"] == Stream(
        "survey",
        "answers",
        options={"path": "data/survey/*.csv", "encoding": "windows-1258", "delimiter": ";"},
        primary_key=("answer_id", "asked_on"),
        timezone="UTC",
        columns={"score": "tinyint", "answered_on": {"type": "date", "format": "%d/%m/%Y"}},
    )


def test_little_is_needed(tmp_path: Path) -> None:
    workspace = load(tmp_path, "organisation: {name: X}\n")
    assert workspace == Workspace(tmp_path, Organisation("X"))
    assert workspace.ledger_url == "sqlite:///var/ledger.db"
    assert workspace.status_policy == DEFAULT_POLICY


def test_a_folder_without_a_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"quarterline\.yaml does not exist; .* create one with quarterline init"):
        load_workspace(tmp_path / "nowhere")
    (tmp_path / "quarterline.yaml").mkdir()
    with pytest.raises(WorkspaceError, match="check the path and its permissions"):
        load_workspace(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: Sao Mai Retail, ", "", "quarterline.yaml:1: organisation.name: is missing"),
        (
            "organisation:",
            "organization:",
            "quarterline.yaml:1: organization: unknown key; did you mean 'organisation'?",
        ),
        ("Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Min", "is no IANA time zone such as 'Asia/Ho_Chi_Minh'; did you mean"),
        ("Asia/Ho_Chi_Minh", "../etc/passwd", "is no IANA time zone"),
        ("language: vi", "language: fr", "organisation.language: 'fr' is no known choice; known: en, vi"),
        ("fiscal_year_start: 4", "fiscal_year_start: 13", "it should be less than or equal to 12"),
        ("fiscal_year_start: 4", "fiscal_year_start: April", "whole number expected, got the text 'April'"),
        ("mode: none", "mode: oidc", "quarterline.yaml:3: auth.mode: 'oidc' is not supported in this version"),
        ("status_policy: pace", "status_policy: googel", "'googel' is no status policy; did you mean 'google'?"),
        ("ends: 2027-02-14", "ends: 2027-01-14", "cycles[0].ends: 2027-01-14 is before the start 2027-01-18"),
        ("sources:", "  - {id: tet, starts: 2027-01-18, ends: 2027-02-14}\nsources:", "duplicate cycle 'tet'"),
        ("type: sql", "type: sqll", "sources.helpdesk.type: 'sqll' is no connector; did you mean 'sql'?"),
        (
            "type: sql",
            "type: sql\n    mode: pushup",
            "sources.helpdesk.mode: 'pushup' is no known choice; known: pull, pushdown",
        ),
        (
            "type: sql\n    url: ${HELPDESK_URL}",
            "type: prometheus\n    mode: pushdown\n    url: ${HELPDESK_URL}",
            "quarterline.yaml:10: sources.helpdesk.mode: prometheus cannot pushdown; write mode: pull",
        ),
        (
            "type: sql\n    url: ${HELPDESK_URL}",
            "type: spark\n    url: ${HELPDESK_URL}",
            "sources.helpdesk.mode: spark cannot pull; write mode: pushdown",
        ),
        (
            "table: tickets",
            "tabel: tickets",
            "sources.helpdesk.streams.tickets.tabel: unknown key; did you mean 'table'?",
        ),
        ("url: ${HELPDESK_URL}", "ulr: ${HELPDESK_URL}", "sources.helpdesk.ulr: unknown key; did you mean 'url'?"),
        ("  helpdesk:", "  main:", "sources.main: 'main' is a reserved name; call the source something else"),
        ("  helpdesk:", "  Help-Desk:", "'Help-Desk' is no name; use lower-case letters a-z, digits and _"),
        ("      tickets:", "      1tickets:", "'1tickets' is no name"),
        ("lookback: 1h", "lookback: soon", "'soon' is no duration"),
        ("    type: files\n", "", "sources.survey.type: is missing"),
        ("timezone: UTC", "timezone: Utopia", "sources.survey.streams.answers.timezone: 'Utopia' is no IANA time zone"),
        ("linh:${LEDGER_PASSWORD}@", "linh:canary-17@", "ledger: holds a password in plain text; write ${NAME}"),
        ("postgresql+psycopg", "oracle", "ledger: is no ledger URL; write sqlite:///var/ledger.db or"),
        ("${HELPDESK_URL}", "postgresql://linh:canary-17@db/x", "sources.helpdesk.url: holds a secret in plain text"),
        ("${HELPDESK_URL}", "postgresql://db/x?password=canary-17", "url: holds a secret in plain text"),
        ("url:", "password: canary-17\n    url:", "sources.helpdesk.password: holds a secret in plain text"),
        ("url:", "auth: {api_key: canary-17}\n    url:", "sources.helpdesk.auth.api_key: holds a secret in plain text"),
        ("{table: tickets", "{token: canary-17, table: tickets", "tickets.token: holds a secret in plain text"),
        ("cycles:", "cycles: {}\ncycle:", "cycles: list expected, got a mapping"),
        ("auth: {mode: none}", "auth: none", "auth: mapping expected, got text"),
        ("{score: tinyint,", "{score: 3,", "answers.columns: column 'score' needs a type; write score: bigint"),
        ("columns: {score: tinyint,", "columns: {score: {kind: x},", "column 'score' needs a type"),
        ("sources:", "sources: postgresql://linh:canary-17@db\nsource:", "sources: mapping expected, got text"),
        ("  survey:", "  crm: postgresql://linh:canary-17@db\n  survey:", "sources.crm: mapping expected, got text"),
        ("      tickets: {table", "      calls: canary-17\n      tickets: {table", "streams.calls: mapping expected"),
        ("streams:\n      answers:", "streams: {}\n    x:\n      answers:", "sources.survey.streams: names no stream"),
    ],
)
def test_what_the_file_may_not_say(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in TEXT
    lines = refusals(tmp_path, TEXT.replace(old, new, 1))
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("quarterline.yaml:") for line in lines)
    assert "canary" not in "".join(lines)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("vi,", "fr,").replace("pace", "pase").replace("table:", "tabel:").replace("files", "fils")
    assert [line.partition(": ")[0] for line in refusals(tmp_path, text)] == [
        f"quarterline.yaml:{line}" for line in (1, 4, 12, 14)
    ]


@pytest.mark.parametrize("text", ["", "- a\n", "3\n", "organisation:\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    assert refusals(tmp_path, text)


def test_a_secret_reference_outside_sources_stays_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME_OF_COMPANY", "canary-17")
    assert load(tmp_path, "organisation: {name: 'X ${NAME_OF_COMPANY}'}\n").organisation.name == "X ${NAME_OF_COMPANY}"


def test_bad_files_of_the_trust_cases_are_refused(tmp_path: Path, shared: Path) -> None:
    for path in sorted((shared / "trust" / "badfiles").glob("yaml_*")):
        lines = refusals(tmp_path, path.read_text(encoding="utf-8"))
        assert lines
        assert "SECRETCANARY" not in "".join(lines)


@pytest.mark.parametrize(("kind", "key"), [("workspace", "sources"), ("metrics", "metrics"), ("okrs", "objectives")])
def test_json_schemas_describe_every_kind_of_file(kind: FileKind, key: str) -> None:
    schema = json_schema(kind)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["additionalProperties"] is False
    assert key in schema["properties"]


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        ("workspace", TEXT, ("language: vi", "language: fr")),
        ("metrics", METRICS, ("aggregate: median", "aggregate: avg")),
        ("okrs", OKRS, ("title: Grow", "titel: Grow")),
    ],
)
def test_an_editor_with_the_schema_agrees_with_the_reader(kind: FileKind, text: str, wrong: tuple[str, str]) -> None:
    validator = import_module("jsonschema").Draft202012Validator(json_schema(kind))
    assert not list(validator.iter_errors(parse_yaml(text.encode(), "f.yaml").value))
    assert list(validator.iter_errors(parse_yaml(text.replace(*wrong).encode(), "f.yaml").value))


REST = """
organisation: {name: Sao Mai}
sources:
  desk:
    type: rest
    base_url: https://desk.example/api/
    auth: {type: bearer, token: "${DESK_TOKEN}"}
    streams:
      tickets: {path: tickets, primary_key: id, cursor: changed, paginator: {type: offset, limit: 100}}
"""


@pytest.mark.parametrize(
    ("text", "wrong", "words"),
    [
        ("base_url", "base_ulr", "sources.desk.base_ulr: unknown key; did you mean 'base_url'?"),
        ("token:", "tokn:", "sources.desk.auth.tokn: unknown key; did you mean 'token'?"),
        ("{path", "{paht", "sources.desk.streams.tickets.paht: unknown key; did you mean 'path'?"),
        ("limit:", "limt:", "sources.desk.streams.tickets.paginator.limt: unknown key; did you mean 'limit'?"),
        ('"${DESK_TOKEN}"', "abc", "sources.desk.auth.token: holds a secret in plain text"),
    ],
)
def test_what_stands_under_a_connectors_keys_is_checked(tmp_path: Path, text: str, wrong: str, words: str) -> None:
    load(tmp_path, REST)
    lines = refusals(tmp_path, REST.replace(text, wrong))
    assert any(words in line for line in lines), lines
    validator = import_module("jsonschema").Draft202012Validator(json_schema("workspace"))
    parsed = parse_yaml(REST.encode(), "f.yaml").value
    assert not list(validator.iter_errors(parsed))
    if "unknown key" in words:
        assert list(validator.iter_errors(parse_yaml(REST.replace(text, wrong).encode(), "f.yaml").value))
