"""Runs one dlt source: a job on standard input, rows and state as lines of JSON on standard output."""

import contextlib
import ctypes
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from json import dumps
from typing import Any

from connectors.dlt.guarding import guard_process
from connectors.dlt.job import Job, read_job
from connectors.dlt.plain import Plain, rows_of
from connectors.errors import ConnectorError, DeclarationError, UnavailableError, nearest, shortened

PAGE_ROWS = 1_000

_PARENT_DEATH = 1

Say = Callable[[str], object]


def main() -> int:
    """Run the job that is on standard input."""
    _end_with_parent()
    job = read_job(sys.stdin.read())
    # What the source itself prints must not stand among the rows.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as told:
        os.dup2(2, 1)

        def say(line: str) -> None:
            told.write(f"{line}\n")
            told.flush()

        adapter = guard_process(job.policy)
        try:
            _run(job, say)
        except Exception as error:  # noqa: BLE001  # whatever a stranger's source raises is told in one line
            say(_written_error(error, tried=adapter.asked_again))
    return 0


def _run(job: Job, say: Say) -> None:
    _configure(job)
    from dlt.common.configuration.container import Container  # noqa: PLC0415  # after the guard is up
    from dlt.common.json import json as dlt_json  # noqa: PLC0415
    from dlt.common.pipeline import StateInjectableContext  # noqa: PLC0415

    state: Any = {} if job.state is None else dlt_json.typed_loads(job.state)
    with Container().injectable_context(StateInjectableContext(state=state)):
        source = _built(job)
        if job.resource is None:
            return
        chosen, disposition = _chosen(source, job.resource)
        plain = Plain()
        rows = (plain.row(row) for item in chosen for row in rows_of(_item(item)))
        for page in _pages(rows if job.most is None else islice(rows, job.most)):
            say('{"rows": [' + ", ".join(page) + "]}")
    ending = {"state": dlt_json.typed_dumps(state), "disposition": disposition, "notes": plain.notes()}
    say(dumps(ending))


def _configure(job: Job) -> None:
    """Let dlt's own retries wait no longer than ours do, unless the workspace says otherwise."""
    os.environ.setdefault("RUNTIME__REQUEST_MAX_RETRY_DELAY", str(job.policy.longest_pause))
    os.environ.setdefault("RUNTIME__REQUEST_BACKOFF_FACTOR", str(job.policy.first_pause))
    os.environ.setdefault("RUNTIME__REQUEST_TIMEOUT", str(job.policy.seconds))
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    warnings.simplefilter("ignore")
    from dlt.sources.helpers import requests  # noqa: PLC0415  # after the guard is up

    requests.client.configure()


def _built(job: Job) -> Any:
    module_name, _, name = job.reference.partition(":")
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise DeclarationError(
            f"could not import {module_name}, because {shortened(str(error), 160)}; install the package that holds it, "
            f"or put the module into the workspace"
        ) from None
    function = getattr(module, name, None)
    if not callable(function):
        names = [each for each in vars(module) if not each.startswith("_")]
        raise DeclarationError(f"could not find {name!r} in {module_name}; {nearest(name, names)}")
    return function(**job.arguments)


def _chosen(source: Any, name: str) -> tuple[Any, str]:
    from dlt.extract import DltResource, DltSource  # noqa: PLC0415  # after the guard is up

    if isinstance(source, DltSource):
        if name not in source.resources:
            raise DeclarationError(f"could not find resource {name!r} in the source; {nearest(name, source.resources)}")
        return source.with_resources(name), _disposition(source.resources[name])
    if isinstance(source, DltResource):
        if name != source.name:
            raise DeclarationError(f"could not find resource {name!r}; {nearest(name, [source.name])}")
        return source, _disposition(source)
    raise DeclarationError(
        f"could not use the source, because it gives a {type(source).__name__}; name a function decorated with "
        f"@dlt.source or @dlt.resource"
    )


def _disposition(resource: Any) -> str:
    written = resource.write_disposition
    return str(written.get("disposition", "append") if isinstance(written, dict) else written)


def _item(item: Any) -> Any:
    # Rows may come wrapped with where dlt should put them.
    return item.data if type(item).__name__ == "DataItemWithMeta" else item


def _pages(rows: Iterator[str]) -> Iterator[list[str]]:
    while page := list(islice(rows, PAGE_ROWS)):
        yield page


def _written_error(error: Exception, *, tried: bool = False) -> str:
    """Word what went wrong; `tried` says that the source itself has asked again, which need not be multiplied."""
    cause = _ours(error)
    if cause is not None:
        kind = "declaration" if isinstance(cause, DeclarationError) else "content"
        kind = "unavailable" if isinstance(cause, UnavailableError) else kind
        return dumps({"error": cause.message, "kind": kind, "retriable": cause.retriable})
    root = _root(error)
    reason = shortened(" ".join(str(root).split()), 240)
    message = f"could not run the source, because of {type(root).__name__} {reason}"
    return dumps(
        {
            "error": f"{message}; see the source's own documentation",
            "kind": "unavailable",
            "retriable": not tried and _may_pass(error),
        }
    )


def _ours(error: BaseException | None) -> ConnectorError | None:
    """Return our own error behind what dlt made of it."""
    while error is not None and not isinstance(error, ConnectorError):
        error = error.__cause__ or error.__context__
    return error


def _root(error: BaseException) -> BaseException:
    """Return what went wrong first: dlt wraps it more than once."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _may_pass(error: BaseException | None) -> bool:
    """Tell whether what failed was the network or the service, rather than the source."""
    import requests  # noqa: PLC0415  # after the guard is up

    while error is not None:
        if isinstance(error, requests.HTTPError):
            status = getattr(error.response, "status_code", 0)
            return bool(status == 429 or status >= 500)
        if isinstance(error, requests.RequestException):
            return True
        error = error.__cause__ or error.__context__
    return False


def _end_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
