"""Questions of CI jobs that wait: what the gate answers a job that GitHub or GitLab vouches for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from postmortems.actor import Actor
from postmortems.errors import Refusal
from postmortems.gate.decisions import ask
from postmortems.vault.runtime import Runtime

log = logging.getLogger(__name__)

Answer = Mapping[str, Any]


def answered(
    provider: str,
    target: str,
    claims: Mapping[str, str],
    *,
    run_id: str,
    asked_by: str,
    runtime: Runtime,
    in_trouble: str = "",
    **more: Any,
) -> tuple[Answer, str]:
    """The gate's answer, or what keeps it from one: a refusal's text, or `in_trouble` and an error's name.

    The job is bound to its one target. `claims`, the commit as `sha` among them, are what its provider
    signed; `more` are other fields of the request.
    """
    scopes = frozenset({"gate:read"})
    job = Actor("ci", provider, role="author", scopes=scopes, bound_target=target, claims=claims)
    service, _, name = target.partition("/")
    question = {
        "service": service,
        "target": name,
        "declared_target": target,
        "artifact": {"sha": claims["sha"]},
        "run": {"provider": provider, "id": run_id},
        "actor": asked_by,
        **more,
    }
    try:
        return ask.ask(question, actor=job, runtime=runtime), ""
    except Refusal as refusal:
        return {}, refusal.detail
    except Exception as broken:
        # The job must hear that something is wrong with us, rather than nothing.
        log.exception("a job on %s could not be answered", provider)
        return {}, f"{in_trouble}{type(broken).__name__}"


def state(answer: Answer, good: str, bad: str) -> str:
    """The word for what was decided; "" while nothing is."""
    if answer.get("decision") in {"allow", "allow_with_warnings"}:
        return good
    return bad if answer.get("decision") == "block" else ""
