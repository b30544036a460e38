"""The sample company as a workspace: its files laid out and its definitions applied."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from metrics.definitions import load_definitions, load_workspace
from metrics.errors import WorkspaceError
from metrics.ledger import open_ledger
from sample_data import generate

_ZONE_OFFSET = timedelta(hours=7)  # Asia/Ho_Chi_Minh, without daylight saving
_ACTOR = "sample company"


def lay_out_demo(directory: Path, *, day: date | None = None, small: bool = False) -> datetime:
    """Lay the sample company out for a day [default: today in Vietnam] and apply its definitions.

    Returns:
        The instant (UTC) that the data reach to: the present, or 09:30 of a fixed day.

    Raises:
        WorkspaceError: the folder holds something else, or cannot be written.
    """
    present = datetime.now(UTC)
    try:
        company = generate(
            directory, today=day or (present + _ZONE_OFFSET).date(), small=small, until=None if day else present
        )
    except FileExistsError as error:
        raise WorkspaceError(f"could not lay out the sample company in {directory}, because {error}") from error
    except OSError as error:
        raise WorkspaceError(
            f"could not lay out the sample company in {directory}, because of {error.strerror}; "
            "choose a folder that can be written"
        ) from error
    workspace = load_workspace(directory)
    with open_ledger(workspace.ledger_url, workspace.root) as ledger:
        ledger.apply(load_definitions(workspace), actor=_ACTOR, at=present, force=True)
    return company.now.astimezone(UTC) if day else present
