"""Client of GitHub's API as an App, at the configured address, whatever a payload says.

Which calls, and that a callback is answered with 204: GitHub's manual, "Creating custom deployment protection
rules" and "REST API endpoints for commit statuses".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from postmortems.egress.client import Answer, Egress, Secret
from postmortems.notify.retry_schedule import Failed

VERSION = "2022-11-28"
TIMEOUT_S = 15.0
# The App's own signature: a minute back for a clock that is behind, and less than the ten that GitHub takes.
SIGNED_BACK, SIGNED_FOR = timedelta(seconds=60), timedelta(minutes=9)


@dataclass(frozen=True, slots=True)
class App:
    """Who we are on GitHub, as a value. The key is a PEM."""

    app_id: str
    api: str
    key: str

    def signed(self, now: datetime) -> str:
        """Our own signature, with which we ask for an installation's token."""
        claims = {
            "iss": self.app_id,
            "iat": int((now - SIGNED_BACK).timestamp()),
            "exp": int((now + SIGNED_FOR).timestamp()),
        }
        return jwt.encode(claims, self.key, algorithm="RS256")


def decide(
    app: App, asked: Mapping[str, str], state: str, comment: str, *, now: datetime, egress: Egress
) -> None:
    """Let the job go on (`approved`) or end it (`rejected`); with no state, only say how things stand."""
    token = _token(app, asked, {"deployments": "write"}, now, egress)
    path = f"/repos/{asked['repository']}/actions/runs/{asked['run_id']}/deployment_protection_rule"
    body = {"environment_name": asked["environment"], "comment": comment}
    _call("POST", app, path, token, body | ({"state": state} if state else {}), {204}, egress)


def post_status(
    app: App, asked: Mapping[str, str], status: Mapping[str, str], *, now: datetime, egress: Egress
) -> None:
    """Put a status to a commit: {state, description, context, target_url}."""
    token = _token(app, asked, {"statuses": "write"}, now, egress)
    path = f"/repos/{asked['repository']}/statuses/{asked['sha']}"
    _call("POST", app, path, token, status, {201}, egress)


def installation(app: App, repository: str, *, now: datetime, egress: Egress) -> str:
    """The number of our installation in a repository."""
    answer = _call("GET", app, f"/repos/{repository}/installation", app.signed(now), None, {200}, egress)
    found = _member(answer, "id")
    if not isinstance(found, int):
        raise Failed("GitHub names no installation", answer.status, is_final=False)
    return str(found)


def _token(
    app: App, asked: Mapping[str, str], permissions: Mapping[str, str], now: datetime, egress: Egress
) -> str:
    """A token for this one repository and no more than what is needed."""
    body = {"repository_ids": [int(asked["repository_id"])], "permissions": dict(permissions)}
    path = f"/app/installations/{asked['installation_id']}/access_tokens"
    answer = _call("POST", app, path, app.signed(now), body, {201}, egress)
    token = _member(answer, "token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Failed("GitHub gave no token", answer.status, is_final=False)
    return token


def _member(answer: Answer, name: str) -> object:
    try:
        found: object = json.loads(answer.body)[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found


def _call(
    method: str,
    app: App,
    path: str,
    token: str,
    body: Mapping[str, Any] | None,
    wanted: set[int],
    egress: Egress,
) -> Answer:
    headers = {
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
        "X-GitHub-Api-Version": VERSION,
    }
    answer = egress.request(
        method,
        app.api + path,
        headers=headers,
        secret_headers={"Authorization": Secret(f"Bearer {token}")},
        body=b"" if body is None else json.dumps(body).encode(),
        timeout_s=TIMEOUT_S,
    )
    if answer.status not in wanted:
        # Who may not, or asks for what is not there, may not the next time either; but for limits.
        is_final = answer.status in {400, 404, 410, 422} or (answer.status == 403 and not _is_limited(answer))
        raise Failed(f"GitHub answered {answer.status} to {path}", answer.status, is_final=is_final)
    return answer


def _is_limited(answer: Answer) -> bool:
    return answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
