"""The command line: front end number two, never a second path to a number."""

from metrics.cli.app import main

__all__ = ["main"]
