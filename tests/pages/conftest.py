"""The whole application, run without a browser on the small sample company."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from tests.pages.sample import DAY, ROOT, lay_out

Run = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _closed_stores() -> Iterator[None]:
    """Let go of the stores that the pages keep open for all viewers."""
    yield
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def loaded_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loaded sample workspace; tests only read it."""
    return lay_out(tmp_path_factory.mktemp("pages") / "workspace")


@pytest.fixture
def own_workspace(loaded_workspace: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(loaded_workspace, tmp_path / "workspace"))


@pytest.fixture
def run_app(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the main script on a workspace, on one of its pages, with an address's parameters."""

    def run(workspace: Path, page: str = "", **parameters: str) -> AppTest:
        monkeypatch.setenv("QUARTERLINE_WORKSPACE", str(workspace))
        monkeypatch.setenv("QUARTERLINE_TODAY", DAY.isoformat())
        app = AppTest.from_file(str(ROOT / "pages/ui/app.py"), default_timeout=60)
        for name, value in parameters.items():
            app.query_params[name] = value
        if page:
            app._page_hash = calc_hash(page)  # how Streamlit knows a page by its address
        return app.run()

    return run
