"""A new workspace: the commented files that `quarterline init` lays down."""

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from metrics.errors import WorkspaceError
from metrics.model.definition import Organisation
from metrics.periods import quarter_of

_EXAMPLE_WEEKS = 26


def lay_out_workspace(directory: Path, *, today: date, example: bool = False) -> tuple[Path, ...]:
    """Write a new workspace; with `example`, one CSV source, two metrics and an objective that work as they are.

    Returns:
        The files written, relative to `directory`.

    Raises:
        WorkspaceError: the folder holds something already, or cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise WorkspaceError(
            f"could not lay out a workspace in {directory}, because it is not empty; name a new folder"
        )
    cycle = quarter_of(today, Organisation("new")).id
    written = {
        Path("quarterline.yaml"): _template("example.yaml" if example else "quarterline.yaml"),
        Path("metrics.yaml"): _template("example-metrics.yaml" if example else "metrics.yaml"),
        Path("okrs", f"{cycle}.yaml"): _template("example-okrs.yaml" if example else "okrs.yaml").replace(
            "CYCLE", cycle
        ),
        Path(".gitignore"): "/var/\n",
    }
    if example:
        written[Path("data", "orders.csv")] = _orders(today)
    try:
        for file, text in written.items():
            (directory / file).parent.mkdir(parents=True, exist_ok=True)
            (directory / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(
            f"could not lay out a workspace in {directory}, because of {error.strerror}; "
            "choose a folder that can be written"
        ) from error
    return tuple(written)


def _template(name: str) -> str:
    return files("metrics.starter").joinpath(name).read_text(encoding="utf-8")


def _orders(today: date) -> str:
    lines = ["order_id,ordered_on,amount,is_late"]
    for back in range(_EXAMPLE_WEEKS * 7, -1, -1):
        day = today - timedelta(days=back)
        for number in range(3 + (day.toordinal() * 7) % 5):
            serial = day.toordinal() * 10 + number
            late = (serial * 2654435761 % 100) < 12 - 6 * (1 - back / (_EXAMPLE_WEEKS * 7))
            lines.append(f"{serial},{day.isoformat()},{20 + serial * 48271 % 80}.50,{'true' if late else 'false'}")
    return "\n".join(lines) + "\n"
