"""What GitHub sends when a job waits for a deployment protection rule, read and checked. Pure.

The shape is that of GitHub's webhook `deployment_protection_rule`; `deployment` may be null in it, and `sha`
and `ref` stand at the top or, in older payloads, in `deployment` alone. The run's number is only in the
callback's address, of which nothing else is believed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LARGEST = 1024 * 1024
RUN = re.compile(r"/repos/[^/]+/[^/]+/actions/runs/([1-9]\d{0,18})/deployment_protection_rule")
FULL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class Unreadable(Exception):
    """The payload is not what GitHub sends; the text names the member."""


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
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None
    if not isinstance(payload, dict):
        raise Unreadable("the body is no JSON object")
    if payload.get("action") != "requested":
        return None
    repository, deployment = _object(payload, "repository"), payload.get("deployment") or {}
    if not isinstance(deployment, dict):
        raise Unreadable("deployment is no object")
    run = RUN.search(str(payload.get("deployment_callback_url", ""))[:2000])
    if run is None:
        raise Unreadable("deployment_callback_url names no run")
    return Requested(
        repository_id=_number(repository, "id"),
        repository=_matching(repository, "full_name", FULL_NAME),
        environment=_text(payload, "environment", 255),
        installation_id=_number(_object(payload, "installation"), "id"),
        run_id=run[1],
        sha=_matching({"sha": payload.get("sha") or deployment.get("sha")}, "sha", SHA),
        ref=str(payload.get("ref") or deployment.get("ref") or "")[:255],
        actor=_login(payload.get("sender")) or _login(deployment.get("creator")),
    )


def _object(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    if not isinstance(found, dict):
        raise Unreadable(f"{name} is missing")
    return found


def _text(payload: Mapping[str, Any], name: str, longest: int) -> str:
    found = payload.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= longest or not found.isprintable():
        raise Unreadable(f"{name} is missing, or no text of at most {longest} characters")
    return found


def _matching(payload: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    found = payload.get(name)
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise Unreadable(f"{name} is missing, or not written as GitHub writes it")
    return found


def _number(payload: Mapping[str, Any], name: str) -> str:
    found = payload.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 2**63:
        raise Unreadable(f"{name} is missing, or no number")
    return str(found)


def _login(person: object) -> str:
    login = person.get("login") if isinstance(person, dict) else None
    return login[:200] if isinstance(login, str) else ""
