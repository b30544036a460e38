"""Real public files, with all their mess, are read whole and exactly."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc

from tests.connectors.reading import pull, stream_of


def test_trains_in_windows_1252_with_line_breaks_in_comments(shared: Path) -> None:
    """8,154 records; sums over decimals equal those of a plain reading."""
    stream = stream_of(
        "real/tgv.csv", encoding="windows-1252", columns={"date": {"type": "date", "format": "%m/%d/%Y"}}
    )
    table, _, _ = pull(shared, stream)
    with (shared / "real/tgv.csv").open(encoding="windows-1252", newline="") as file:
        rows = list(csv.DictReader(file))
    assert table.num_rows == len(rows) == 8154
    assert pc.sum(table["nb_train_prevu"]).as_py() == sum(int(row["nb_train_prevu"]) for row in rows)
    for name in ("retard_moyen_arrivee", "prct_cause_infra"):
        written = [Decimal(row[name]) for row in rows if row[name]]
        assert sum(value for value in table[name].to_pylist() if value is not None) == sum(written)
    months = Counter(f"{day.month}/{day.day}/{day.year}" for day in table["date"].to_pylist())
    assert months == Counter(row["date"] for row in rows)
    assert table["commentaires_retard_arrivee"].to_pylist() == [
        row["commentaires_retard_arrivee"] or None for row in rows
    ]


def test_web_sessions_with_semicolons(shared: Path) -> None:
    """92,110 records, the delimiter detected and said."""
    table, notes, _ = pull(shared, stream_of("real/web_sessions.csv"))
    with (shared / "real/web_sessions.csv").open(encoding="utf-8", newline="") as file:
        total = sum(int(row["sessions"]) for row in csv.DictReader(file, delimiter=";"))
    assert table.num_rows == 92110
    assert pc.sum(table["sessions"]).as_py() == total
    assert "delimiter detected: semicolon" in notes
