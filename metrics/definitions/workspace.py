"""`quarterline.yaml`: whose quarter it is, where its ledger is, and the sources its metrics come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from connectors.base import Stream
from metrics.definitions.calendars import read_calendars
from metrics.definitions.checking import Checker
from metrics.definitions.schema import (
    AuthEntry,
    CycleEntry,
    OrganisationEntry,
    PushEntry,
    SourceEntry,
    StreamEntry,
    WorkspaceFile,
)
from metrics.definitions.sources import check_options, connector_keys, has_literal_secret
from metrics.definitions.strict_yaml import parse_yaml
from metrics.errors import DefinitionError, WorkspaceError, nearest
from metrics.model.calendar import WorkCalendar
from metrics.model.definition import CycleDefinition, Organisation
from metrics.progress.decided import CHECK_IN_EVERY
from metrics.progress.policies import DEFAULT_POLICY, POLICIES

FILE = "quarterline.yaml"


@dataclass(frozen=True, slots=True)
class Auth:
    """Who may open the dashboard: everybody on this machine (`none`)."""

    mode: Literal["none"] = "none"


@dataclass(frozen=True, slots=True)
class Source:
    """One declared source.

    Attributes:
        type: name of its connector.
        options: the connector's own keys, `${NAME}` as written.
        mode: `pushdown` leaves the rows where they are and brings the metrics' series back.
    """

    name: str
    type: str
    options: Mapping[str, Any]
    mode: Literal["pull", "pushdown"]
    streams: Mapping[str, Stream]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with its configuration.

    Attributes:
        check_in_every: how often owners check in; without, a green status goes stale.
        achievements_export: whether how people ended may be exported for rewards.
        ledger_url: an SQLAlchemy URL, `${NAME}` as written; a relative SQLite path starts at `root`.
        cycles: cycles of one's own, in the order of the file.
        push_token: what senders of observations must show, `${NAME}` as written; None when nobody may send any.
    """

    root: Path
    organisation: Organisation
    ledger_url: str = "sqlite:///var/ledger.db"
    auth: Auth = Auth()
    status_policy: str = DEFAULT_POLICY
    check_in_every: timedelta = CHECK_IN_EVERY
    cycles: tuple[CycleDefinition, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    achievements_export: bool = False
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    push_token: str | None = None

    @property
    def var(self) -> Path:
        """Folder of what the software writes; never committed."""
        return self.root / "var"

    @property
    def streams(self) -> dict[str, Stream]:
        """Every stream by `source.stream`."""
        return {
            f"{source.name}.{name}": stream
            for source in self.sources.values()
            for name, stream in source.streams.items()
        }


def load_workspace(root: Path) -> Workspace:
    """Read `quarterline.yaml` of a folder.

    Raises:
        WorkspaceError: there is no such folder or file, or it cannot be read.
        DefinitionError: what the file says cannot be accepted; carries every problem.
    """
    content = _read(root)
    checker = Checker(parse_yaml(content, FILE))
    if not checker.problems:
        workspace = _workspace(root.resolve(), checker)
        if workspace is not None and not checker.problems:
            return workspace
    raise DefinitionError(sorted(checker.problems, key=lambda problem: problem.line))


def _read(root: Path) -> bytes:
    try:
        return (root / FILE).read_bytes()
    except FileNotFoundError:
        raise WorkspaceError(
            f"could not find a workspace, because {root / FILE} does not exist; "
            "go to its folder, name it with --workspace, or create one with quarterline init"
        ) from None
    except OSError as error:
        raise WorkspaceError(
            f"could not read {root / FILE}, because {error.strerror or error}; check the path and its permissions"
        ) from error


def _workspace(root: Path, checker: Checker) -> Workspace | None:
    raw = checker.document.value
    checked = checker.check(WorkspaceFile, {} if raw is None else raw, (), placeholders={"organisation": {}})
    if checked.entry is None or not isinstance(raw, Mapping):
        return None
    organisation = None
    if "organisation" in raw:
        organisation = checker.check(OrganisationEntry, raw["organisation"], ("organisation",)).entry
    auth = checker.check(AuthEntry, raw["auth"], ("auth",)).entry if raw.get("auth") is not None else AuthEntry()
    policy = checked.entry.status_policy or DEFAULT_POLICY
    _check_policy(checker, policy)
    _check_ledger(checker, checked.entry.ledger)
    cycles = _cycles(checker, raw.get("cycles"))
    calendars = read_calendars(checker, raw.get("calendars"))
    zone = organisation.timezone if organisation else "UTC"
    sources = {
        name: source
        for name, value, path in checker.items(raw.get("sources"), ("sources",))
        if (source := _source(checker, name, value, path, zone=zone)) is not None
    }
    if organisation is None or auth is None:
        return None
    owner = Organisation(**organisation.model_dump())
    return Workspace(
        root,
        owner,
        checked.entry.ledger,
        Auth(auth.mode),
        policy,
        checked.entry.check_in_every,
        cycles,
        sources,
        achievements_export=checked.entry.achievements_export,
        calendars=calendars,
        push_token=_push_token(checker, raw.get("push")),
    )


def _push_token(checker: Checker, raw: Any) -> str | None:
    entry = None if raw is None else checker.check(PushEntry, raw, ("push",)).entry
    if entry is None:
        return None
    if not re.fullmatch(r"\$\{\w+\}", entry.token):
        checker.note(("push", "token"), "is no reference; put the token into a variable and write ${NAME} in its place")
    return entry.token


def _check_policy(checker: Checker, policy: str) -> None:
    if policy not in POLICIES:
        checker.note(("status_policy",), f"{policy[:40]!r} is no status policy{nearest(policy, POLICIES)}")


def _check_ledger(checker: Checker, url: str) -> None:
    if has_literal_secret("ledger", url):
        checker.note(("ledger",), "holds a password in plain text; write ${NAME} in its place and set that variable")
    elif not re.match(r"(sqlite|postgresql(\+psycopg)?)://|\$\{", url):
        checker.note(("ledger",), "is no ledger URL; write sqlite:///var/ledger.db or postgresql+psycopg://...")


def _cycles(checker: Checker, raw: Any) -> tuple[CycleDefinition, ...]:
    cycles: dict[str, CycleDefinition] = {}
    for _, value, path in checker.items(raw, ("cycles",)):
        entry = checker.check(CycleEntry, value, path).entry
        if entry is None:
            continue
        if entry.starts > entry.ends:
            checker.note((*path, "ends"), f"{entry.ends} is before the start {entry.starts}")
        if entry.id in cycles:
            checker.note((*path, "id"), f"duplicate cycle {entry.id!r}; give each cycle its own id")
        cycles[entry.id] = CycleDefinition(entry.id, entry.starts, entry.ends)
    return tuple(cycles.values())


def _source(checker: Checker, name: str, raw: Any, path: tuple[str | int, ...], *, zone: str) -> Source | None:
    checked = checker.check(SourceEntry, raw, path, placeholders={"type": "unknown", "streams": {}})
    entry = checked.entry
    if entry is None:
        return None
    options = dict(entry.model_extra or {})
    keys = None if "type" in checked.wrong else connector_keys(checker, entry.type, path)
    if keys is not None and entry.mode not in keys.modes:
        checker.note((*path, "mode"), f"{entry.type} cannot {entry.mode}; write mode: {' or '.join(keys.modes)}")
    if keys is not None:
        check_options(checker, options, path, known=keys.source, fixed=SourceEntry.model_fields, nested=keys.nested)
    streams = {}
    for stream_name, value, below in checker.items(raw.get("streams"), (*path, "streams")):
        stream = checker.check(StreamEntry, value, below).entry
        if stream is None:
            continue
        stream_options = dict(stream.model_extra or {})
        if keys is not None:
            check_options(
                checker, stream_options, below, known=keys.stream, fixed=StreamEntry.model_fields, nested=keys.nested
            )
        if stream.deleted and not stream.primary_key:
            checker.note((*below, "deleted"), "needs a primary_key, by which a deleted row is found; declare it too")
        streams[stream_name] = Stream(
            source=name,
            name=stream_name,
            options=stream_options,
            primary_key=stream.primary_key,
            cursor=stream.cursor,
            lookback=stream.lookback,
            deadline=stream.deadline,
            deleted=stream.deleted,
            timezone=stream.timezone or zone,
            columns=stream.columns,
        )
    if not raw.get("streams") and "streams" not in checked.wrong:
        checker.note((*path, "streams"), "names no stream; declare what to read from the source")
    return Source(name, entry.type, options, entry.mode, streams)
