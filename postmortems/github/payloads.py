"""Payloads of GitHub's deployment protection rules, read and checked. Pure.

The shape is that of GitHub's webhook `deployment_protection_rule`; `deployment` may be null in it, and `sha`
and `ref` stand at the top or, in older payloads, in `deployment` alone. The run's number is only in the
callback's address, of which nothing else is believed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import asdict, dataclass

from postmortems import limits
from postmortems.formats import payloads
from postmortems.formats.payloads import Unreadable

LARGEST = limits.TOLD
RUN = re.compile(r"/repos/[^/]+/[^/]+/actions/runs/([1-9]\d{0,18})/deployment_protection_rule")
FULL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Requested:
    """May this run's job go to this environment? Numbers are texts, whatever their size."""

    repository_id: str
    repository: str
    environment: str
    installation_id: str
    run_id: str
    sha: str
    ref: str = ""
    actor: str = ""

    def plain(self) -> dict[str, str]:
        return asdict(self)


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the header `X-Hub-Signature-256` is that of the raw body."""
    made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), signature.encode("utf-8", "replace"))


def requested(body: bytes) -> Requested | None:
    """The request in a payload; None for another action. Raises `Unreadable`."""
    payload = payloads.parsed(body, "the body")
    if payload.get("action") != "requested":
        return None
    repository, deployment = payloads.inner(payload, "repository"), payload.get("deployment") or {}
    if not isinstance(deployment, dict):
        raise Unreadable("deployment is no object")
    run = RUN.search(str(payload.get("deployment_callback_url", ""))[:2000])
    if run is None:
        raise Unreadable("deployment_callback_url names no run")
    return Requested(
        repository_id=payloads.number(repository, "id"),
        repository=payloads.matching(repository, "full_name", FULL_NAME),
        environment=payloads.text(payload, "environment", 255),
        installation_id=payloads.number(payloads.inner(payload, "installation"), "id"),
        run_id=run[1],
        sha=payloads.matching({"sha": payload.get("sha") or deployment.get("sha")}, "sha", payloads.SHA),
        ref=str(payload.get("ref") or deployment.get("ref") or "")[:255],
        actor=_login(payload.get("sender")) or _login(deployment.get("creator")),
    )


def _login(person: object) -> str:
    login = person.get("login") if isinstance(person, dict) else None
    return login[:200] if isinstance(login, str) else ""
