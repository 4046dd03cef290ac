"""Client of GitLab's API, at the configured address, whatever a payload says.

Which calls, and what they are answered with: GitLab's manual, "External Status Checks API" and "Deployments
API".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from postmortems.egress.client import Answer, Egress, Secret
from postmortems.formats.payloads import Unreadable
from postmortems.gitlab import payloads
from postmortems.notify.retry_schedule import Failed

TIMEOUT_S = 15.0
# How many blocked deployments of one environment are taken in at once, the newest.
MOST_BLOCKED = 20
# The branch has a newer commit: nobody waits for an answer about this one.
MOVED_ON = 409


@dataclass(frozen=True, slots=True)
class Server:
    """A GitLab as a value, with its access token in the clear."""

    api: str
    token: Secret


def respond(
    server: Server, project_id: str, number: str, check_id: str, sha: str, status: str, egress: Egress
) -> None:
    """Say `passed`, `failed` or `pending` of a merge request's newest commit."""
    path = f"/projects/{project_id}/merge_requests/{number}/status_check_responses"
    body = {"sha": sha, "external_status_check_id": int(check_id), "status": status}
    _call("POST", server, path, body, 201, egress)


def approve(server: Server, project_id: str, number: str, status: str, comment: str, egress: Egress) -> None:
    """Let a deployment that waits go on (`approved`), or refuse it (`rejected`)."""
    path = f"/projects/{project_id}/deployments/{number}/approval"
    _call("POST", server, path, {"status": status, "comment": comment}, 201, egress)


def deployment(server: Server, project_id: str, number: str, egress: Egress) -> dict[str, str]:
    """A deployment as GitLab has it now: {status, sha, environment, ref, actor}."""
    answer = _call("GET", server, f"/projects/{project_id}/deployments/{number}", None, 200, egress)
    try:
        return payloads.deployed(answer.body)
    except Unreadable as unreadable:
        raise Failed(str(unreadable), answer.status, is_final=False) from None


def blocked(server: Server, project_id: str, environment: str, egress: Egress) -> list[str]:
    """The numbers of an environment's deployments that wait for an approval."""
    query = {"environment": environment, "status": payloads.BLOCKED, "order_by": "id", "sort": "desc"}
    path = f"/projects/{project_id}/deployments?{urlencode({**query, 'per_page': MOST_BLOCKED})}"
    answer = _call("GET", server, path, None, 200, egress)
    try:
        return payloads.blocked(answer.body)[:MOST_BLOCKED]
    except Unreadable as unreadable:
        raise Failed(str(unreadable), answer.status, is_final=False) from None


def _call(
    method: str, server: Server, path: str, body: Mapping[str, Any] | None, wanted: int, egress: Egress
) -> Answer:
    answer = egress.request(
        method,
        server.api + path,
        headers={"Accept": "application/json", "Content-Type": "application/json"},
        secret_headers={"PRIVATE-TOKEN": server.token},
        body=b"" if body is None else json.dumps(body).encode(),
        timeout_s=TIMEOUT_S,
    )
    if answer.status != wanted:
        # Who may not, or asks for what is not there, may not the next time either.
        is_final = answer.status in {400, 403, 404, MOVED_ON, 410, 422}
        told = f"GitLab answered {answer.status} to {path.partition('?')[0]}"
        raise Failed(told, answer.status, is_final=is_final)
    return answer
