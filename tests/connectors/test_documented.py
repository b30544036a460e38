"""Every example of the connectors' documentation is a workspace that is accepted, and every connector has one."""

import re
from pathlib import Path

import pytest

from connectors.registry import connector_names, load_connector, open_connector
from metrics.definitions import Source, Workspace, load_workspace

PAGE = Path(__file__).parents[2] / "docs/connectors.md"
EXAMPLES = [
    block
    for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    if re.search(r"^sources:", block, re.MULTILINE)
]


def loaded(root: Path, example: str) -> Workspace:
    (root / "quarterline.yaml").write_text(f"organisation: {{name: Sao Mai}}\n{example}", encoding="utf-8")
    return load_workspace(root)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: re.findall(r"type: (\w+)", example)[0])
def test_an_example_is_accepted_and_opens(tmp_path: Path, example: str) -> None:
    workspace = loaded(tmp_path, example)
    environ = {
        name: "sqlite:///x.db" if name.endswith("_URL") else "x" * 32 for name in re.findall(r"\$\{(\w+)\}", example)
    }
    for source in workspace.sources.values():
        open_connector(source.type, source.name, source.options, workspace.root, environ)


def test_every_connector_and_each_of_its_keys_is_documented(tmp_path: Path) -> None:
    shown = {
        source.type for number, example in enumerate(EXAMPLES) for source in _sources(tmp_path / str(number), example)
    }
    assert shown == set(connector_names())
    text = PAGE.read_text(encoding="utf-8")
    for name in connector_names():
        connector = load_connector(name)
        for key in connector.source_keys | connector.stream_keys:
            assert re.search(rf"\b{key}\b", text), f"{name}: {key}"


def _sources(root: Path, example: str) -> list[Source]:
    root.mkdir()
    return list(loaded(root, example).sources.values())
