"""CI identity in a pipeline without a token: asks GitHub Actions or GitLab for the job's OIDC token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from postmortems.cli.gate.client import Refused, Unreachable, opener

TIMEOUT_S = 10.0
LONGEST_ANSWER = 64 * 1024
ADDRESS, REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"


def token(given: str, url: str, environ: Mapping[str, str]) -> str:
    """The token that was given, else the identity that GitHub Actions signs for this server (`url`).

    Empty where there is neither. Raises `Unreachable` where GitHub does not answer.
    """
    if given or not (environ.get(ADDRESS) and environ.get(REQUEST_TOKEN)):
        return given
    return _signed(environ[ADDRESS], environ[REQUEST_TOKEN], url.rstrip("/"))


def _signed(address: str, request_token: str, audience: str) -> str:
    from http.client import HTTPException
    from urllib.request import Request

    if urlsplit(address).scheme not in {"http", "https"}:
        raise Refused(f"{ADDRESS} is no address")
    mark = "&" if urlsplit(address).query else "?"
    request = Request(f"{address}{mark}audience={quote(audience, safe='')}")
    request.add_unredirected_header("Authorization", f"Bearer {request_token}")
    try:
        with opener().open(request, timeout=TIMEOUT_S) as response:
            signed = json.loads(response.read(LONGEST_ANSWER))["value"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        told = getattr(error, "reason", error)
        raise Unreachable(f"GitHub Actions signs no identity for this job: {told}") from error
    if not isinstance(signed, str):
        raise Unreachable("GitHub Actions signs no identity for this job: its answer has none")
    return signed
