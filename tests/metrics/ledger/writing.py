"""Definitions from text, for processes of their own."""

from pathlib import Path

from connectors.base import Stream
from metrics.definitions.load import check_documents
from metrics.definitions.strict_yaml import parse_yaml
from metrics.definitions.workspace import Source, Workspace
from metrics.model.definition import Definitions, Organisation


def definitions_of(metrics: str, *okrs: str) -> Definitions:
    """Check texts as `load_definitions` checks files."""
    shop = Source("shop", "files", {}, "pull", {"orders": Stream("shop", "orders")})
    workspace = Workspace(Path(), Organisation("Sao Mai Retail"), sources={"shop": shop})
    texts = {"metrics.yaml": metrics, **{f"okrs/{index}.yaml": text for index, text in enumerate(okrs)}}
    return check_documents(workspace, {name: parse_yaml(text.encode(), name) for name, text in texts.items()})
