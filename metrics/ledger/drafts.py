"""Drafts: what somebody is still writing, kept so that a reload loses nothing; no decision, so it counts as none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, insert, select, update

from metrics.errors import LedgerError, NotFoundError, RefusedError
from metrics.ledger.tables import draft

DraftState = Literal["open", "discarded", "published"]
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """Something that somebody is writing.

    Attributes:
        title: what it is called in a list.
        body: what was typed, as JSON values; its form is the front end's own.
        state: a discarded draft can be opened again.
        version: grows with every save; who saves names the one that they have seen.
        actor: who saved it last.
    """

    id: str
    title: str
    body: Mapping[str, Any]
    state: DraftState
    version: int
    actor: str
    created_at: datetime
    updated_at: datetime


def begin(connection: Connection, title: str, body: Mapping[str, Any], *, actor: str, at: datetime) -> Draft:
    """Keep a new draft."""
    made = Draft(uuid4().hex[:12], title, body, "open", 1, actor, at, at)
    values = {name: getattr(made, name) for name in Draft.__slots__}
    connection.execute(insert(draft).values({**values, "body": _text(body)}))
    return made


def save(
    connection: Connection, id_: str, title: str, body: Mapping[str, Any], *, seen: int, actor: str, at: datetime
) -> Draft:
    """Keep what was typed since.

    Raises:
        NotFoundError: there is no such draft.
        LedgerError: somebody saved it meanwhile, or it is no longer open.
    """
    standing = find(connection, id_)
    if standing.version != seen or standing.state != "open":
        moment = f"{standing.updated_at.isoformat(timespec='seconds')}"
        what = "saved" if standing.state == "open" else standing.state
        raise RefusedError(
            f"could not save draft {standing.title!r}, because {standing.actor} {what} it at {moment}; "
            "open it again to go on from there",
            "draft_changed",
            actor=standing.actor,
        )
    changed = {"title": title, "body": _text(body), "version": seen + 1, "actor": actor, "updated_at": at}
    connection.execute(update(draft).where(draft.c.id == id_).values(changed))
    return Draft(id_, title, body, "open", seen + 1, actor, standing.created_at, at)


def mark(connection: Connection, id_: str, state: DraftState, *, actor: str, at: datetime) -> Draft:
    """Discard a draft, open it again, or note that it was published.

    Raises:
        NotFoundError: there is no such draft.
    """
    standing = find(connection, id_)
    changed = {"state": state, "version": standing.version + 1, "actor": actor, "updated_at": at}
    connection.execute(update(draft).where(draft.c.id == id_).values(changed))
    return find(connection, id_)


def find(connection: Connection, id_: str) -> Draft:
    """Give one draft.

    Raises:
        NotFoundError: there is none of that id.
    """
    row = connection.execute(select(draft).where(draft.c.id == id_)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("draft", id_, ())
    return _draft(row)


def listed(connection: Connection, state: DraftState, limit: int) -> tuple[Draft, ...]:
    """Give the drafts in a state, the newest first."""
    query = select(draft).where(draft.c.state == state).order_by(draft.c.updated_at.desc(), draft.c.id).limit(limit)
    return tuple(_draft(row) for row in connection.execute(query).mappings())


def _draft(row: RowMapping) -> Draft:
    return Draft(**{**row, "body": json.loads(row["body"])})


def _text(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    if len(text) > _LONGEST:
        raise LedgerError(
            f"could not save the draft, because it has {len(text):,} characters, more than {_LONGEST:,}; shorten it"
        )
    return text
