"""One key result looked at closely says what its scorecard and the week's explanation say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from metrics.errors import NotFoundError
from metrics.facts import Facts
from metrics.model.definition import Definitions
from metrics.outlook import chances_at
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.current import week_before, workspace_frame
from metrics.scorecard.prospect import outlook_of, prospect_of
from tests.metrics.cli.conftest import DAY

KEY = "2026-Q4/response-time"
Opened = tuple[Definitions, Facts, Frame]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    from metrics.cli.session import Session
    from metrics.cli.syncing import sync_workspace
    from metrics.demo import lay_out_demo

    directory = tmp_path_factory.mktemp("prospect") / "workspace"
    moment = lay_out_demo(directory, day=DAY, small=True)
    session = Session(Path(directory))
    sync_workspace(session, now=moment)
    frame = workspace_frame(session.workspace, session.ledger, session.ledger.definitions(), now=moment)
    yield session.ledger.definitions(), session.facts, frame
    session.facts.close()
    session.ledger.close()


def test_both_ends_of_the_week_are_what_others_say(opened: Opened) -> None:
    definitions, facts, frame = opened
    earlier = week_before(frame)
    assert earlier is not None
    before = chances_at(definitions, facts, earlier)
    cards = {card.key_result.key: card for card in build_scorecard(definitions, facts, frame).key_results}
    found = prospect_of(definitions, facts, frame, KEY)
    assert found.since == date(2026, 11, 16)
    assert found.change is not None
    assert found.change.then == before[KEY]
    assert found.change.now == pytest.approx(cards[KEY].forecast.p_hit)
    assert found.outlook.forecast is not None
    assert found.outlook.forecast.median == cards[KEY].forecast.median
    assert before.keys() == {key for key, card in cards.items() if card.forecast.p_hit is not None}


def test_a_cycle_younger_than_a_week_has_no_week_before(opened: Opened) -> None:
    _, _, frame = opened
    assert week_before(replace(frame, as_of=date(2026, 10, 7))) is None
    assert week_before(replace(frame, as_of=date(2026, 10, 8))) is not None


def test_what_is_of_another_cycle_is_not_found(opened: Opened) -> None:
    definitions, facts, frame = opened
    with pytest.raises(NotFoundError, match="key result"):
        outlook_of(definitions, facts, frame, "2031-Q1/response-time")
