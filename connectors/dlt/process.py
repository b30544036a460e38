"""The process that runs a dlt source, seen from ours: started, listened to, and ended with us."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from connectors.dlt.job import Job
from connectors.errors import ConnectorError, ContentError, DeclarationError, UnavailableError, shortened
from connectors.exact.strictjson import decode

_ROOT = Path(__file__).parents[2]
_KINDS: Mapping[str, type[ConnectorError]] = {
    "declaration": DeclarationError,
    "unavailable": UnavailableError,
    "content": ContentError,
}


def run(job: Job) -> Iterator[Mapping[str, Any]]:
    """Run a job, and yield what it says: `rows`, and at last `state` and `notes`.

    Raises:
        ConnectorError: what the source raised, in one line, or how its process ended.
    """
    path = os.pathsep.join(filter(None, [str(_ROOT), str(job.workspace), os.environ.get("PYTHONPATH")]))
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            [sys.executable, "-m", "connectors.dlt.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            cwd=job.workspace,
            env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
        ) as process,
    ):
        try:
            yield from _told(process, job)
            if process.wait() != 0:
                raise _ended(process.returncode, complaints)
        finally:
            process.kill()


def _told(process: subprocess.Popen[bytes], job: Job) -> Iterator[Mapping[str, Any]]:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        return
    try:
        stdin.write(job.written().encode())
        stdin.close()
    except BrokenPipeError:  # it ended at once; how, is told by its status
        return
    for line in stdout:
        said = _decoded(line)
        if "error" in said:
            retriable = None if said["kind"] != "unavailable" else bool(said["retriable"])
            raise _KINDS[said["kind"]](said["error"], retriable=retriable)
        yield said


def _decoded(line: bytes) -> Mapping[str, Any]:
    try:
        said: Mapping[str, Any] = decode(line.decode())
    except ValueError as error:
        raise ContentError(f"could not read the source's rows, because {error}; correct the source") from None
    return said


def _ended(status: int, complaints: IO[bytes]) -> ConnectorError:
    complaints.seek(0, os.SEEK_END)
    complaints.seek(max(complaints.tell() - 4096, 0))
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    last = f" saying {shortened(lines[-1], 160)}" if lines else ""
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return UnavailableError(f"could not run the source, because its process {how}{last}; sync again")
