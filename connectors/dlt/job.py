"""What the process that runs a dlt source is told: as JSON on its standard input, never on its command line."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from connectors.errors import DeclarationError
from connectors.web import Policy
from connectors.web.declared import mapping_of

_REFERENCE = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one source.

    Attributes:
        reference: `package.module:function`.
        resource: which of its resources is read; None only lists them.
        state: what dlt left behind, as dlt writes it; None for everything.
        most: stop after so many rows, to look at them; None reads all.
    """

    reference: str
    arguments: Mapping[str, Any]
    policy: Policy
    workspace: Path
    resource: str | None = None
    state: str | None = None
    most: int | None = None

    def reading(self, resource: str, state: str | None, most: int | None = None) -> "Job":
        """Return the job that reads a resource."""
        return replace(self, resource=resource, state=state, most=most)

    def listing(self) -> "Job":
        """Return the job that only builds the source."""
        return replace(self, resource=None)

    def written(self) -> str:
        """Write the job as JSON."""
        policy = asdict(self.policy) | {
            "allow_hosts": sorted(self.policy.allow_hosts),
            "ca_file": None if self.policy.ca_file is None else str(self.policy.ca_file),
        }
        return json.dumps(asdict(self) | {"policy": policy, "workspace": str(self.workspace)})


def read_job(text: str) -> Job:
    """Read what `Job.written` wrote."""
    told = json.loads(text)
    policy = told["policy"]
    ca_file = None if policy["ca_file"] is None else Path(policy["ca_file"])
    known = Policy(**policy | {"allow_hosts": frozenset(policy["allow_hosts"]), "ca_file": ca_file})
    return Job(**told | {"policy": known, "workspace": Path(told["workspace"])})


def job_of(options: Mapping[str, Any], policy: Policy, workspace: Path) -> Job:
    """Read the options of a source.

    Raises:
        DeclarationError: the source is not named, or its arguments are none.
    """
    reference = options.get("source")
    if not isinstance(reference, str) or not _REFERENCE.match(reference):
        raise DeclarationError(
            "could not use the source, because source: does not name one; write source: package.module:function"
        )
    arguments = dict(mapping_of(options.get("arguments") or {}, "arguments"))
    try:
        json.dumps(arguments)
    except TypeError:
        raise DeclarationError(
            "could not use arguments, because one is a date or another value that JSON lacks; write it in quotes"
        ) from None
    return Job(reference, arguments, policy, workspace.resolve())
