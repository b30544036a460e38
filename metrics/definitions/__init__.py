"""Strict YAML in, canonical definitions out; the workspace's configuration."""

from metrics.definitions.documents import DefinitionDocument, definition_documents, stored_documents
from metrics.definitions.dump import dump_definitions
from metrics.definitions.load import load_definitions, locate_problems
from metrics.definitions.restore import restore_definitions
from metrics.definitions.schema import json_schema
from metrics.definitions.workspace import Auth, Source, Workspace, load_workspace

__all__ = [
    "Auth",
    "DefinitionDocument",
    "Source",
    "Workspace",
    "definition_documents",
    "dump_definitions",
    "json_schema",
    "load_definitions",
    "load_workspace",
    "locate_problems",
    "restore_definitions",
    "stored_documents",
]
