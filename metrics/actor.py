"""Who is at this machine, for the audit, where no login says so."""

import getpass
import os

ACTOR = "QUARTERLINE_ACTOR"


def local_actor() -> str:
    """Give the name that `QUARTERLINE_ACTOR` says, else the system's user."""
    try:
        return os.environ.get(ACTOR) or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
