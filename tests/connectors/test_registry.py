"""Connectors by name: nothing is imported to list them, and a broken plug-in hurts nobody else."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from connectors.errors import ConnectorError
from connectors.registry import connector_names, load_connector, open_connector


def _plug_in(folder: Path, name: str, target: str, module: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[quarterline.connectors]\n{name} = {target}\n")
    (folder / f"{target.partition(':')[0]}.py").write_text(textwrap.dedent(module))


def test_listing_imports_neither_connectors_nor_drivers() -> None:
    code = (
        "import sys; from connectors.registry import connector_names; print(connector_names());"
        "assert not {'sqlalchemy', 'dlt', 'duckdb', 'pandas', *map('connectors.{}'.format, ('files', 'rest', 'sql'))}"
        " & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "('dlt', 'files', 'google_sheets', 'prometheus', 'push', 'rest', 'spark', 'sql')\n"


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ConnectorError, match="did you mean 'files'"):
        load_connector("file")


def test_a_plug_in_is_found_and_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = """
        class Mine:
            source_keys = stream_keys = frozenset()
            def __init__(self, name, options, workspace): self.options = options
            def columns(self, stream): ...
            def extract(self, stream, state): ...
            def check(self): ...
    """
    _plug_in(tmp_path, "desk", "desk_plug_in:Mine", module)
    monkeypatch.syspath_prepend(tmp_path)
    assert connector_names() == ("desk", "dlt", "files", "google_sheets", "prometheus", "push", "rest", "spark", "sql")
    opened = open_connector("desk", "tickets", {"token": "${TOKEN}"}, tmp_path, {"TOKEN": "x"})
    assert vars(opened) == {"options": {"token": "x"}}


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("raise RuntimeError('no licence')", "failed to load .*no licence"),
        ("def Mine(): ...", "is no connector class"),
        ("class Mine:\n    def extract(self): ...", "it lacks source_keys, stream_keys, columns, check"),
    ],
)
def test_a_broken_plug_in_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, words: str
) -> None:
    name = f"broken_{abs(hash(module))}"
    _plug_in(tmp_path, name, f"{name}_module:Mine", module)
    monkeypatch.syspath_prepend(tmp_path)
    assert name in connector_names()
    with pytest.raises(ConnectorError, match=words):
        load_connector(name)


def test_a_plug_in_never_replaces_a_bundled_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _plug_in(tmp_path, "files", "evil_files:Mine", "raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert load_connector("files").__module__ == "connectors.files"
