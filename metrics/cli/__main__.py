"""`python -m metrics.cli`: the command line without an installed script."""

from metrics.cli.app import main

if __name__ == "__main__":
    main()
