import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sample_data import SampleCompany, generate

TODAY = date(2026, 11, 23)
ROOT = Path(__file__).parents[2]


def _hashes(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def _run(directory: Path, *arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sample_data", str(directory), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_same_day_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the process's hash seed and time zone."""
    generate(tmp_path / "one", today=TODAY)
    done = _run(tmp_path / "two", "--today", TODAY.isoformat(), hash_seed="4711")
    assert done.returncode == 0, done.stderr
    one = _hashes(tmp_path / "one")
    assert len(one) == 5 + 1 + 19 + 19
    assert one == _hashes(tmp_path / "two")


def test_another_day_is_laid_out_over_the_one_before(tmp_path: Path) -> None:
    """Nothing of the earlier layout stays behind, but what people added does."""
    directory = tmp_path / "workspace"
    generate(directory, today=date(2025, 6, 30), small=True)
    (directory / "okrs/mine.yaml").write_text("cycle: 2026-Q4\n", encoding="utf-8")
    generate(directory, today=TODAY, small=True)
    generate(tmp_path / "fresh", today=TODAY, small=True)
    over = _hashes(directory)
    assert over.pop("okrs/mine.yaml")
    assert over == _hashes(tmp_path / "fresh")


def test_another_organisation_is_never_overwritten(tmp_path: Path) -> None:
    settings = tmp_path / "quarterline.yaml"
    settings.write_text("organisation: {name: Somebody else}\n", encoding="utf-8")
    with pytest.raises(FileExistsError, match="another organisation's; choose an empty directory"):
        generate(tmp_path, today=TODAY, small=True)
    assert [path.name for path in tmp_path.iterdir()] == ["quarterline.yaml"]


def test_the_command_line_says_why_it_refused(tmp_path: Path) -> None:
    (tmp_path / "quarterline.yaml").write_text("organisation: {name: Somebody else}\n", encoding="utf-8")
    refused = _run(tmp_path, "--small")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("could not lay out the sample company, because ")
    assert "another organisation's; choose an empty directory" in refused.stderr


def test_the_command_line_says_what_it_laid_out(tmp_path: Path) -> None:
    done = _run(tmp_path / "workspace", "--today", "2026-11-23", "--small")
    assert "2026-Q4 as of 2026-11-23 09:30" in done.stdout
    assert (tmp_path / "workspace/quarterline.yaml").exists()


def test_what_was_laid_out_is_described(small: SampleCompany) -> None:
    assert small.now.isoformat() == "2026-11-23T09:30:00+07:00"
    assert (small.first_day, small.fiscal_year_start) == (date(2025, 5, 1), 1)
    assert (small.cycle, small.previous_cycle, small.year_cycle) == ("2026-Q4", "2026-Q3", "2026")
    assert set(small.rows) == {"helpdesk.tickets", "survey.answers", "billing.transactions"}
    assert 6_000 <= sum(small.rows.values()) <= 10_000


def test_the_data_end_at_a_given_moment(tmp_path: Path) -> None:
    """In the small hours nothing of the coming morning has happened yet; the history is that of the morning."""
    night = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    company = generate(tmp_path / "night", today=TODAY, small=True, until=night)
    generate(tmp_path / "morning", today=TODAY, small=True)
    assert company.now.isoformat() == "2026-11-23T01:30:00+07:00"
    name = "data/transactions/transactions-2026-11.parquet"
    at_night, in_the_morning = (pq.read_table(tmp_path / when / name) for when in ("night", "morning"))
    assert pc.max(at_night["created_at"]).as_py() < night
    assert pc.max(in_the_morning["created_at"]).as_py() > night
    assert in_the_morning.slice(0, at_night.num_rows).equals(at_night)


def test_a_moment_of_another_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"2026-11-24T00:00:00.* is no moment of 2026-11-23"):
        generate(tmp_path, today=TODAY, until=datetime(2026, 11, 23, 17, tzinfo=UTC))


def test_importing_the_package_is_cheap() -> None:
    """A command that lays nothing out does not pay for NumPy, PyArrow or the holidays."""
    code = "import sys, sample_data; print([m for m in ('numpy', 'pyarrow', 'holidays') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
