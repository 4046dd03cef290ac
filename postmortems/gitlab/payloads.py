"""What GitLab sends for an external status check and about deployments, read and checked. Pure.

The shapes are those of GitLab's manual: "External Status Checks API" (a merge request's event, with the check
as `external_approval_rule`) and "Webhook events" (deployment). A deployment's event says only where to look:
its commit and its state are asked of GitLab itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LARGEST = 1024 * 1024
SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# A deployment that waits for an approval.
BLOCKED = "blocked"
OPEN = {"opened", "reopened"}


class Unreadable(Exception):
    """The payload is not what GitLab sends; the text names the member."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What GitLab asks about: a merge request's commit, or a deployment. Numbers are texts.

    `told` is what else we keep of it: the project's name and the branch, check or environment.
    """

    kind: str
    project_id: str
    number: str
    check_id: str = ""
    sha: str = ""
    told: dict[str, str] = field(default_factory=dict)
    # A merge request that was merged or closed asks nothing any more.
    is_over: bool = False


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the header `X-Gitlab-Signature` is that of the raw body: bare hex, as status checks have it."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), signature.encode("utf-8", "replace"))


def is_token(token: str, secret: str) -> bool:
    """Whether the header `X-Gitlab-Token` is the secret, as webhooks have it."""
    return hmac.compare_digest(secret.encode(), token.encode("utf-8", "replace"))


def asked(body: bytes) -> Asked | None:
    """What a payload asks; None for what asks nothing. Raises `Unreadable`."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None
    if not isinstance(payload, dict):
        raise Unreadable("the body is no JSON object")
    match payload.get("object_kind"):
        case "merge_request" if "external_approval_rule" in payload:
            return _check(payload)
        case "deployment" if payload.get("status") == BLOCKED:
            return _deployment(payload)
        case _:
            return None


def deployed(content: bytes) -> dict[str, str]:
    """State, commit, environment and who began it, as GitLab's API has a deployment. Raises `Unreadable`."""
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("the deployment is no JSON") from None
    if not isinstance(payload, dict):
        raise Unreadable("the deployment is no JSON object")
    return {
        "status": _text(payload, "status", 50),
        "sha": _matching(payload, "sha", SHA),
        "environment": _text(_object(payload, "environment"), "name", 255),
        "ref": str(payload.get("ref") or "")[:255],
        "actor": _username(payload),
    }


def blocked(content: bytes) -> list[str]:
    """The numbers of the deployments in GitLab's list of them. Raises `Unreadable`."""
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("the list of deployments is no JSON") from None
    if not isinstance(payload, list) or not all(isinstance(one, dict) for one in payload):
        raise Unreadable("the list of deployments is no JSON array of objects")
    return [_number(one, "id") for one in payload]


def _check(payload: Mapping[str, Any]) -> Asked:
    project, merge = _object(payload, "project"), _object(payload, "object_attributes")
    rule = _object(payload, "external_approval_rule")
    project_id = _number(project, "id")
    if _number(merge, "target_project_id") != project_id:
        raise Unreadable("target_project_id is not the project's id")
    return Asked(
        kind="check",
        project_id=project_id,
        number=_number(merge, "iid"),
        check_id=_number(rule, "id"),
        sha=_matching(_object(merge, "last_commit"), "id", SHA),
        told={
            "project": _text(project, "path_with_namespace", 255),
            "branch": _text(merge, "target_branch", 255),
            "check": _text(rule, "name", 255),
            "updated_at": str(merge.get("updated_at") or "")[:50],
            "ref": str(merge.get("source_branch") or "")[:255],
            "actor": _username(payload),
        },
        is_over=_text(merge, "state", 50) not in OPEN,
    )


def _deployment(payload: Mapping[str, Any]) -> Asked:
    project = _object(payload, "project")
    return Asked(
        kind="deployment",
        project_id=_number(project, "id"),
        number=_number(payload, "deployment_id"),
        told={
            "project": _text(project, "path_with_namespace", 255),
            "environment": _text(payload, "environment", 255),
        },
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
        raise Unreadable(f"{name} is missing, or not written as GitLab writes it")
    return found


def _number(payload: Mapping[str, Any], name: str) -> str:
    found = payload.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 2**63:
        raise Unreadable(f"{name} is missing, or no number")
    return str(found)


def _username(payload: Mapping[str, Any]) -> str:
    person = payload.get("user")
    name = person.get("username") if isinstance(person, dict) else None
    return name[:200] if isinstance(name, str) else ""
