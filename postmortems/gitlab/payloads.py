"""Payloads of GitLab's status checks and deployment events, read and checked. Pure.

The shapes are those of GitLab's manual: "External Status Checks API" (a merge request's event, with the check
as `external_approval_rule`) and "Webhook events" (deployment). A deployment's event says only where to look:
its commit and its state are asked of GitLab itself.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from postmortems import limits
from postmortems.formats import payloads
from postmortems.formats.payloads import Payload, Unreadable

LARGEST = limits.TOLD
# A deployment that waits for an approval.
BLOCKED = "blocked"
OPEN = {"opened", "reopened"}


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
    payload = payloads.parsed(body, "the body")
    match payload.get("object_kind"):
        case "merge_request" if "external_approval_rule" in payload:
            return _check(payload)
        case "deployment" if payload.get("status") == BLOCKED:
            return _deployment(payload)
        case _:
            return None


def deployed(content: bytes) -> dict[str, str]:
    """State, commit, environment and who began it, as GitLab's API has a deployment. Raises `Unreadable`."""
    payload = payloads.parsed(content, "the deployment")
    return {
        "status": payloads.text(payload, "status", 50),
        "sha": payloads.matching(payload, "sha", payloads.SHA),
        "environment": payloads.text(payloads.inner(payload, "environment"), "name", 255),
        "ref": str(payload.get("ref") or "")[:255],
        "actor": _username(payload),
    }


def blocked(content: bytes) -> list[str]:
    """The numbers of the deployments in GitLab's list of them. Raises `Unreadable`."""
    return [payloads.number(one, "id") for one in payloads.parsed_list(content, "the list of deployments")]


def _check(payload: Payload) -> Asked:
    project, merge = payloads.inner(payload, "project"), payloads.inner(payload, "object_attributes")
    rule = payloads.inner(payload, "external_approval_rule")
    project_id = payloads.number(project, "id")
    if payloads.number(merge, "target_project_id") != project_id:
        raise Unreadable("target_project_id is not the project's id")
    return Asked(
        kind="check",
        project_id=project_id,
        number=payloads.number(merge, "iid"),
        check_id=payloads.number(rule, "id"),
        sha=payloads.matching(payloads.inner(merge, "last_commit"), "id", payloads.SHA),
        told={
            "project": payloads.text(project, "path_with_namespace", 255),
            "branch": payloads.text(merge, "target_branch", 255),
            "check": payloads.text(rule, "name", 255),
            "updated_at": str(merge.get("updated_at") or "")[:50],
            "ref": str(merge.get("source_branch") or "")[:255],
            "actor": _username(payload),
        },
        is_over=payloads.text(merge, "state", 50) not in OPEN,
    )


def _deployment(payload: Payload) -> Asked:
    project = payloads.inner(payload, "project")
    return Asked(
        kind="deployment",
        project_id=payloads.number(project, "id"),
        number=payloads.number(payload, "deployment_id"),
        told={
            "project": payloads.text(project, "path_with_namespace", 255),
            "environment": payloads.text(payload, "environment", 255),
        },
    )


def _username(payload: Payload) -> str:
    person = payload.get("user")
    name = person.get("username") if isinstance(person, dict) else None
    return name[:200] if isinstance(name, str) else ""
