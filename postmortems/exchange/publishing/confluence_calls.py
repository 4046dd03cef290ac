"""Calls of Confluence's REST API: of which version it is, whose token goes along, what an answer is.

Version 2 of the cloud takes no files: those go by version 1 beside it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from postmortems.egress.client import Egress, Secret
from postmortems.trackers import wire
from postmortems.trackers.wire import Failed, Host

NAME = "Confluence"
CLOUD, SERVER = "/api/v2", "/rest/api"
# A file takes longer than a page.
FILE_TIMEOUT_S = 60.0


def is_cloud(host: Host) -> bool:
    return host.api.endswith(CLOUD)


def site(host: Host) -> str:
    """The address of the system, below which its APIs are."""
    return host.api.removesuffix(CLOUD).removesuffix(SERVER)


def call(host: Host, egress: Egress, method: str, path: str, body: object = None) -> Any:
    """Ask the API that the outlet names."""
    return wire.call(NAME, egress, method, host.api + path, secret=_secret(host), body=body)


def send(host: Host, egress: Egress, path: str, content: bytes, content_type: str) -> Any:
    """Send a form with a file, to version 1 of the API. Its header says that no browser was led to it."""
    headers = {"Content-Type": content_type, "X-Atlassian-Token": "nocheck"}
    url = f"{site(host)}{SERVER}{path}"
    return wire.call(
        NAME,
        egress,
        "POST",
        url,
        secret=_secret(host),
        body=content,
        headers=headers,
        timeout_s=FILE_TIMEOUT_S,
    )


def _secret(host: Host) -> tuple[str, Secret]:
    """A token of somebody with an address is the cloud's, and goes along with it; any other goes alone."""
    token = host.token.reveal()
    if host.account:
        token = "Basic " + base64.b64encode(f"{host.account}:{token}".encode()).decode()
    else:
        token = f"Bearer {token}"
    return "Authorization", Secret(token)


def object_of(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise Failed(f"{NAME} answered with no page")
    return found


def results(found: Any) -> list[Mapping[str, Any]]:
    listed = object_of(found).get("results")
    return [object_of(one) for one in listed] if isinstance(listed, list) else []
