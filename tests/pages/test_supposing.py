"""The what-if panel and the revision's conflict, run without a browser."""

from datetime import UTC, date, datetime
from pathlib import Path

from metrics.model.decision import Recorded, TargetRevision
from metrics.model.target import parse_target
from pages.ui import data, prospects
from tests.pages.conftest import Run
from tests.pages.sample import quarterline
from tests.pages.test_app import healthy, text

KEY = "2026-Q4/new-customers"


def test_a_cycle_that_is_over_offers_nothing_to_try(run_app: Run, loaded_workspace: Path) -> None:
    past = next(data.definitions(data.current_version(loaded_workspace)).key_results("2026-Q3")).key
    app = healthy(run_app(loaded_workspace, "key-result", kr=past, lang="en"))
    assert "Without a forecast there is nothing to try" in text(app)


def test_both_versions_are_shown_and_theirs_can_be_kept(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "key-result", kr=KEY, lang="en"))
    revised = quarterline(own_workspace, "revise", "new-customers", "--target", ">= 3000", "--reason", "fewer shops")
    assert revised.returncode == 0, revised.stderr
    data.look_again()
    mine = TargetRevision(KEY, parse_target(">= 3100"), parse_target(">= 3200"), "more shops", date(2026, 11, 23))
    made = data.ledger(str(own_workspace), data.current_version(own_workspace).configuration)
    (theirs,) = made.decisions(TargetRevision, KEY)
    app.session_state[f"overtaken-revision-{KEY}"] = (mine, theirs)
    shown = text(healthy(app.run()))
    assert "revised this target at" in shown
    assert "≥ 3,000 customers from 23 Nov 2026: fewer shops" in shown
    assert "≥ 3,200 customers from 23 Nov 2026: more shops" in shown
    (keep,) = [each for each in app.button if each.label == "Keep theirs"]
    assert "revised this target at" not in text(healthy(keep.click().run()))
    assert [each.decision.new.text for each in made.decisions(TargetRevision, KEY)] == [">= 3000"]


def test_mine_can_be_recorded_after_theirs(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "key-result", kr=KEY, lang="en"))
    assert quarterline(own_workspace, "revise", "new-customers", "--target", ">= 3000", "--reason", "r").returncode == 0
    data.look_again()
    version = data.current_version(own_workspace)
    assert prospects.revisions_seen(version, KEY) == 1
    made = data.ledger(str(own_workspace), version.configuration)
    (theirs,) = made.decisions(TargetRevision, KEY)
    mine = TargetRevision(KEY, parse_target(">= 3100"), parse_target(">= 3200"), "more shops", date(2026, 11, 23))
    assert isinstance(theirs, Recorded)
    assert theirs.at < datetime(2100, 1, 1, tzinfo=UTC)
    app.session_state[f"overtaken-revision-{KEY}"] = (mine, theirs)
    healthy(app.run())
    (keep,) = [each for each in app.button if each.label == "Record mine after it"]
    shown = text(healthy(keep.click().run()))
    assert "≥ 3,000 customers → ≥ 3,200 customers: more shops" in shown
    assert [each.decision.new.text for each in made.decisions(TargetRevision, KEY)] == [">= 3000", ">= 3200"]
