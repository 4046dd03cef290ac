"""A deploy request as a value: what a pipeline asks of the gate, read once at the edge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from postmortems.gate import schemas
from postmortems.guards.judgement import Artifact, Run


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """May this artifact go to this target now? `schemas.AskShape` says what each field means."""

    service: str
    # Its name alone, without the service.
    target: str
    declared_target: str = ""
    artifact: Artifact = field(default_factory=Artifact)
    change_kind: str = "feature"
    resolves: tuple[str, ...] = ()
    run: Run = field(default_factory=Run)
    actor: str = ""
    # ISO 8601 with its offset; None is now.
    at: str | None = None
    dry_run: bool = False
    # Seconds; 0 says nothing.
    wait_s: int = 0
    # The id of the scenario that is drilled live; None for any other request.
    drill: int | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> DeployRequest:
        """The request in JSON that `schemas.ASK` loaded, or that `as_json` gave."""
        run = plain.get("run", {})
        values = {
            "artifact": Artifact(**plain.get("artifact", {})),
            "resolves": tuple(plain.get("resolves", ())),
            "run": Run(**{**run, "committers": tuple(run.get("committers", ()))}),
        }
        return cls(**{**plain, **values})

    @property
    def full_target(self) -> str:
        """Service and target, as in `data8/prod`."""
        return f"{self.service}/{self.target}"

    @property
    def fingerprint(self) -> str:
        """The same for the same request, however its members were ordered."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """As it is stored: just what `schemas.ASK` loaded, in its order; `drill` only where it is one."""
        run = dict(zip(OF_A_RUN, _of_a_run(self.run), strict=True))
        plain = dict(zip(SAID, _said(self), strict=True)) | {
            "artifact": self.artifact.as_json(),
            "resolves": list(self.resolves),
            "run": run | {"committers": list(self.run.committers)},
        }
        if self.drill is None:
            del plain["drill"]
        return plain


# `asdict` copies what cannot be changed, and takes longer than all the rest of a request.
SAID = tuple(one.name for one in fields(DeployRequest))
OF_A_RUN = tuple(one.name for one in fields(Run))
_said, _of_a_run = attrgetter(*SAID), attrgetter(*OF_A_RUN)


def load(values: Any, pointer: str = "") -> DeployRequest:
    """The request in values that were not checked yet. Raises `Invalid` with pointers below `pointer`."""
    return DeployRequest.of(schemas.load(schemas.ASK, values, pointer))
