"""`sync`: what it is asked for, what it says, and again and again."""

import json
from pathlib import Path

import pytest

from metrics.cli.session import Session
from metrics.cli.watching import keep_syncing
from metrics.errors import QuarterlineError
from metrics.facts import current_generation

from .conftest import Command

WORKSPACE = """
organisation: {name: Shop, timezone: Europe/Paris}
sources:
  shop:
    type: files
    streams:
      sales: {path: "*.csv", primary_key: id}
"""


@pytest.fixture
def shop(tmp_path: Path, command: Command) -> Path:
    """A synced workspace of one file."""
    (tmp_path / "quarterline.yaml").write_text(WORKSPACE)
    (tmp_path / "sales.csv").write_text("id,n\n1,10\n2,20\n")
    assert command("--workspace", tmp_path, "sync").code == 0
    return tmp_path


def test_a_dry_run_says_what_would_change(shop: Path, command: Command) -> None:
    (shop / "sales.csv").write_text("id,n\n1,10\n3,30\n")
    said = command("--workspace", shop, "sync", "--dry-run")
    assert said.code == 0
    assert said.out.splitlines()[0].startswith("shop.sales: ok, 2 rows read, 2 would change, ")
    assert "  note: 1 rows are gone from the source and were removed" in said.out
    assert said.out.splitlines()[-1].startswith("nothing was kept (")
    assert current_generation(shop / "var") == "facts-1"
    back = json.loads(command("--workspace", shop, "sync", "--since", "2020-01-01", "--dry-run", "--json").out)
    assert (back["ok"], back["streams"][0]["rows_read"], back["generation"]) == (True, 2, None)


def test_a_changed_type_is_learnt_when_told(shop: Path, command: Command) -> None:
    (shop / "sales.csv").write_text("id,n\n1,ten\n")
    failed = command("--workspace", shop, "sync", "--full")
    assert failed.code == 1
    assert "`quarterline sync --relearn`" in failed.err
    assert command("--workspace", shop, "sync", "shop.sales", "--relearn").code == 0
    assert current_generation(shop / "var") == "facts-2"


def test_a_day_that_cannot_be_read_is_refused(shop: Path, command: Command) -> None:
    said = command("--workspace", shop, "sync", "--since", "yesterday")
    assert (said.code, said.err) == (1, "error: could not read --since 'yesterday'; write a date such as 2027-02-15\n")


def test_watching_goes_on_after_a_failure_until_it_is_stopped(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pauses: list[float] = []
    seen: list[Session] = []

    def sync(session: Session) -> None:
        seen.append(session)
        if len(seen) == 1:
            raise QuarterlineError("could not start a sync, because another one runs")

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    keep_syncing(shop, every=300, sync=sync, sleep=sleep)
    assert [session.root for session in seen] == [shop] * 3
    assert all(290 < pause <= 300 for pause in pauses)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("stopped\n", "error: could not start a sync, because another one runs\n")


def test_a_load_is_verified_against_its_source(shop: Path, command: Command) -> None:
    said = command("--workspace", shop, "sync", "--verify")
    assert said.code == 0
    assert said.out.splitlines()[-1] == (
        "shop.sales: 2 rows and 2 columns agree with the source, counted by a second reading"
    )
    told = json.loads(command("--workspace", shop, "sync", "--verify", "--json").out)
    assert [(each["source_rows"], each["problem"]) for each in told["verified"]] == [(2, None)]
