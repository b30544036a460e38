"""What somebody is still writing survives, is never overwritten unseen, and counts as no decision."""

from datetime import UTC, datetime, timedelta

import pytest

from metrics.errors import LedgerError, NotFoundError
from metrics.ledger import Draft, Ledger

NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)
BODY = {"objective": {"title_vi": "Nâng cao chất lượng", "key_results": [{"target": "< 2"}]}}


def begun(ledger: Ledger, title: str = "Quality", at: datetime = NOW) -> Draft:
    return ledger.begin_draft(title, BODY, actor="linh", at=at)


def test_what_is_typed_comes_back_as_it_was(ledger: Ledger) -> None:
    draft = begun(ledger)
    assert ledger.draft(draft.id) == draft
    assert ledger.draft(draft.id).body == BODY
    changed = ledger.save_draft(draft.id, "Better", {"a": 1}, seen=1, actor="minh", at=NOW + timedelta(minutes=1))
    assert (changed.version, changed.actor, changed.body) == (2, "minh", {"a": 1})
    assert ledger.draft(draft.id) == changed
    assert changed.created_at == NOW


def test_a_draft_counts_as_no_decision(ledger: Ledger) -> None:
    before = ledger.revision()
    ledger.save_draft(begun(ledger).id, "t", {}, seen=1, actor="linh", at=NOW)
    assert ledger.revision() == before
    assert ledger.audit() == ()


def test_who_has_not_seen_the_newest_version_is_told_who_was_faster(ledger: Ledger) -> None:
    draft = begun(ledger)
    ledger.save_draft(draft.id, "t", {"mine": 1}, seen=1, actor="minh", at=NOW)
    with pytest.raises(LedgerError, match="because minh saved it at 2027-01-15T08:00:00"):
        ledger.save_draft(draft.id, "t", {"other": 1}, seen=1, actor="linh", at=NOW)
    assert ledger.draft(draft.id).body == {"mine": 1}


def test_a_discarded_draft_is_listed_apart_and_opens_again(ledger: Ledger) -> None:
    first, second = begun(ledger, "first"), begun(ledger, "second", NOW + timedelta(minutes=1))
    assert [each.title for each in ledger.drafts()] == ["second", "first"]
    ledger.mark_draft(first.id, "discarded", actor="linh", at=NOW)
    assert [each.id for each in ledger.drafts()] == [second.id]
    assert [each.id for each in ledger.drafts("discarded")] == [first.id]
    with pytest.raises(LedgerError, match="linh discarded it"):
        ledger.save_draft(first.id, "t", {}, seen=2, actor="minh", at=NOW)
    again = ledger.mark_draft(first.id, "open", actor="linh", at=NOW)
    assert again.body == BODY
    ledger.save_draft(first.id, "t", {}, seen=again.version, actor="minh", at=NOW)


def test_an_unknown_draft_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="could not find draft 'no-such'"):
        ledger.draft("no-such")
    with pytest.raises(NotFoundError, match="could not find draft 'no-such'"):
        ledger.save_draft("no-such", "t", {}, seen=1, actor="linh", at=NOW)
    with pytest.raises(NotFoundError, match="could not find draft 'no-such'"):
        ledger.mark_draft("no-such", "discarded", actor="linh", at=NOW)


def test_a_draft_of_unreasonable_size_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="shorten it"):
        ledger.begin_draft("t", {"text": "x" * 1_000_001}, actor="linh", at=NOW)
