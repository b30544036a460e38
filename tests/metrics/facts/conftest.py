from pathlib import Path

import pytest

from tests.metrics.sync.rig import Rig, install_plug_in


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    install_plug_in(monkeypatch, tmp_path / "site")
    root = tmp_path / "workspace"
    root.mkdir()
    return Rig(root)
