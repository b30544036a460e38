"""Works out what applying definitions would do to those in force: pure comparison of documents."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from metrics.definitions.documents import DefinitionDocument, DocumentKind
from metrics.errors import LedgerError
from metrics.ledger.records import Change, FieldChange, Plan
from metrics.model.definition import ALL_DONE
from metrics.model.target import Target, parse_target

Identity = tuple[DocumentKind, str]
Documents = Mapping[Identity, DefinitionDocument]


def by_identity(documents: Iterable[DefinitionDocument]) -> dict[Identity, DefinitionDocument]:
    """Index documents by kind and key."""
    return {(document.kind, document.key): document for document in documents}


def work_out(current: Documents, wanted: Documents, *, revision: int) -> Plan:
    """Compare definitions in force with those wanted.

    What is missing from a cycle that is wanted is retired, and so is a metric that is missing; other cycles stay.

    Raises:
        LedgerError: something that stays in force needs what would be retired.
    """
    retired = [identity for identity in current if identity not in wanted and _is_covered(identity, wanted)]
    remaining = {identity: document for identity, document in current.items() if identity not in retired}
    _check_references({**remaining, **wanted})
    changes = [
        _change(document, current.get(identity))
        for identity, document in wanted.items()
        if identity not in current or current[identity].body != document.body
    ]
    unchanged = len(wanted) - len(changes)
    changes.extend(_retirement(current[identity]) for identity in retired)
    return Plan(revision, tuple(changes), unchanged)


def changed_targets(versions: Iterable[tuple[str, str | None]]) -> dict[str, Target]:
    """Find the first target of every key result that compares differently now.

    Args:
        versions: key and target of every version, oldest first; None where it was retired, which starts anew.
    """
    first: dict[str, Target] = {}
    newest: dict[str, Target] = {}
    for key, text in versions:
        if text is None:
            first.pop(key, None)
            newest.pop(key, None)
            continue
        newest[key] = parse_target(text)
        first.setdefault(key, newest[key])
    return {key: target for key, target in first.items() if _meaning(target) != _meaning(newest[key])}


def target_of(body: Mapping[str, Any]) -> str:
    """Give the target of a stored key result; where people tick it off, none is stored."""
    return str(body.get("target", ALL_DONE.text))


def _meaning(target: Target) -> tuple[str, float, float | None]:
    return target.comparator, target.value, target.high


def _is_covered(identity: Identity, wanted: Documents) -> bool:
    kind, key = identity
    return kind == "metric" or ("cycle", key.partition("/")[0]) in wanted


def _check_references(documents: Documents) -> None:
    for (kind, key), document in documents.items():
        body = json.loads(document.body)
        if kind in {"key_result", "goal"} and "metric" in body and ("metric", body["metric"]) not in documents:
            what = kind.replace("_", " ")
            raise LedgerError(
                f"could not retire metric {body['metric']!r}, because {what} {key!r} still measures it; "
                f"keep the metric, or add that cycle's file without the {what}"
            )
        parent = body.get("parent")
        if kind == "objective" and parent and not _is_served(parent, documents):
            raise LedgerError(
                f"could not retire {parent!r}, because objective {key!r} still serves it; "
                "keep it, or give that objective another parent"
            )
        for other in body.get("depends_on", ()):
            if not _is_served(other, documents):
                raise LedgerError(
                    f"could not retire {other!r}, because {kind.replace('_', ' ')} {key!r} still depends on it; "
                    "keep it, or leave that dependency out"
                )


def _is_served(key: str, documents: Documents) -> bool:
    return ("objective", key) in documents or ("key_result", key) in documents


def _change(document: DefinitionDocument, before: DefinitionDocument | None) -> Change:
    if before is None:
        return Change("create", document.kind, document.key)
    fields = tuple(_field_changes(json.loads(before.body), json.loads(document.body)))
    return Change("change", document.kind, document.key, fields)


def _retirement(document: DefinitionDocument) -> Change:
    """Retire a definition; of a draft, say that it is one."""
    draft = json.loads(document.body).get("draft", False)
    fields = (FieldChange("draft", True, None),) if draft else ()
    return Change("retire", document.kind, document.key, fields)


def _field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))
