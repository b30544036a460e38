"""Lays out the sample company from the command line: `python -m sample_data DIR [--today DATE] [--small]`."""

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from sample_data import generate
from sample_data.timeline import ZONE


def main() -> int:
    """Lay out the workspace; exit status 1 where that is refused."""
    parser = argparse.ArgumentParser(prog="python -m sample_data", description="Lay out the sample company.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(ZONE).date(), metavar="DATE")
    parser.add_argument("--small", action="store_true", help="about 8,000 rows in place of 150,000")
    arguments = parser.parse_args()
    try:
        company = generate(arguments.directory, today=arguments.today, small=arguments.small)
    except OSError as error:
        print(f"could not lay out the sample company, because {error}", file=sys.stderr)  # noqa: T201
        return 1
    rows = ", ".join(f"{count:,} {stream}" for stream, count in company.rows.items())
    print(f"{company.directory}: {company.cycle} as of {company.now:%Y-%m-%d %H:%M} ({rows})")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
