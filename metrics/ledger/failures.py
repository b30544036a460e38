"""Database errors worded as what to do about the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from metrics.errors import LedgerError

_DAMAGED = "the file is damaged; restore it from a backup, or move it away and apply the definitions again"
_CAUSES = (
    (("is locked",), "somebody else is writing to it; try again in a moment"),
    (("not a database", "malformed", "disk image", "could not decode", "row was found", "rows were found"), _DAMAGED),
    (
        ("readonly", "read-only", "unable to open", "permission denied"),
        "it cannot be written; check its folder and permissions",
    ),
    (("is full", "no space"), "the disk is full; make room and try again"),
    (("append-only",), "its past is never changed; record a new version instead"),
    (("no such table", "no such column", "does not exist"), f"its tables are not as they should be; {_DAMAGED}"),
)


@contextmanager
def worded(doing: str, place: str) -> Iterator[None]:
    """Turn database errors inside the block into a LedgerError of one line.

    Args:
        doing: what could not be done, such as `read`.
        place: the ledger's file or address, without its password.
    """
    try:
        yield
    except SQLAlchemyError as error:
        if isinstance(error, StatementError) and not isinstance(error, DBAPIError) and error.orig is not None:
            raise error.orig from None  # a value that the caller must not pass, not a fault of the ledger
        raise LedgerError(f"could not {doing} the ledger {place}, because {cause_of(error)}") from error


def damaged(place: str, what: str) -> LedgerError:
    """Word a ledger whose content does not hold together."""
    return LedgerError(f"could not read the ledger {place}, because {what}; {_DAMAGED.partition('; ')[2]}")


def cause_of(error: SQLAlchemyError) -> str:
    """Word why a database refused, and what to do."""
    original = error.orig if isinstance(error, DBAPIError) else error
    lines = str(original).strip().splitlines() or [type(original).__name__]
    folded = lines[0].casefold()
    for signs, cause in _CAUSES:
        if any(sign in folded for sign in signs):
            return cause
    return (
        f"the database says: {lines[0].strip()[:300]}; check that it runs and that ledger: in quarterline.yaml is right"
    )
