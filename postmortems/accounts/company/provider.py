"""The identity provider as a server: where it signs people in, and what it gives for a code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from postmortems.accounts import oidc_keys
from postmortems.accounts.company.attempt import Attempt
from postmortems.config import Settings
from postmortems.egress.client import Answer, Egress, Refused, Secret, Unreachable
from postmortems.errors import OutOfReach

if TYPE_CHECKING:
    from authlib.oauth2.client import OAuth2Client

TIMEOUT_S = 10.0
# Tokens with hundreds of groups in them.
LARGEST_ANSWER = 256 * 1024
CALLBACK = "/auth/oidc/callback"


class NotRedeemed(Exception):
    """The provider did not give tokens for a code; the text says what it answered, in few words."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was redeemed for."""

    id_token: str
    access_token: str


def addresses(settings: Settings, now: datetime, egress: Egress) -> dict[str, Any]:
    """Where the provider does what. Opens its own units of work. Raises `OutOfReach`."""
    try:
        described = oidc_keys.description(settings.oidc_issuer, now, egress)
    except OutOfReach as trouble:
        told = f"{settings.oidc_name} cannot be asked at this moment: {trouble.detail}"
        raise OutOfReach(told) from None
    if not {"authorization_endpoint", "token_endpoint"} <= described.keys():
        raise OutOfReach(f"{settings.oidc_name} does not say where it signs people in; tell an admin")
    return described


def sign_in_url(settings: Settings, described: Mapping[str, Any], attempt: Attempt) -> str:
    """Where the browser goes to be signed in."""
    url, _ = _client(settings, described).create_authorization_url(
        described["authorization_endpoint"],
        state=attempt.state,
        nonce=attempt.nonce,
        code_verifier=attempt.verifier,
    )
    return str(url)


def sign_out_url(settings: Settings, described: Mapping[str, Any]) -> str:
    """Where the browser goes to be signed out at the provider, too; "" where that has no such place."""
    place = described.get("end_session_endpoint", "")
    if not place:
        return ""
    sent = {"client_id": settings.oidc_client_id, "post_logout_redirect_uri": f"{settings.url}/sign-in"}
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(sent)}"


def redeemed(
    settings: Settings, described: Mapping[str, Any], code: str, verifier: str, egress: Egress
) -> Tokens:
    """What the provider gives for a code. Raises `NotRedeemed` and `OutOfReach`."""
    from authlib.oauth2 import OAuth2Error

    client = _client(settings, described, _Calls(egress))
    try:
        given = client.fetch_token(
            described["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
        )
    except OAuth2Error as refusal:
        raise NotRedeemed(f"it answered {str(refusal.error)[:60]!r}") from None
    except ValueError:
        raise NotRedeemed("it answered what is no JSON object") from None
    id_token, access_token = given.get("id_token"), given.get("access_token")
    if not isinstance(id_token, str) or not id_token:
        raise NotRedeemed("it gave no id_token: is `openid` among the scopes?")
    return Tokens(id_token, access_token if isinstance(access_token, str) else "")


def user_info(described: Mapping[str, Any], tokens: Tokens, egress: Egress) -> dict[str, Any]:
    """What the provider says of the person besides; nothing where it has no place for that.

    Raises `NotRedeemed` and `OutOfReach`.
    """
    place = described.get("userinfo_endpoint", "")
    if not place or not tokens.access_token:
        return {}
    answer = _asked(egress, "GET", place, secrets={"Authorization": Secret(f"Bearer {tokens.access_token}")})
    try:
        found = json.loads(answer.body) if answer.status == 200 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotRedeemed(f"asked who somebody is, it answered {answer.status} and nothing that can be read")
    return found


def _client(settings: Settings, described: Mapping[str, Any], calls: _Calls | None = None) -> OAuth2Client:
    from authlib.oauth2.client import OAuth2Client

    offered = described.get(oidc_keys.METHODS, ["client_secret_basic"])
    is_basic = "client_secret_basic" in offered or "client_secret_post" not in offered
    return OAuth2Client(
        calls,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        token_endpoint_auth_method="client_secret_basic" if is_basic else "client_secret_post",
        scope=settings.oidc_scopes,
        redirect_uri=f"{settings.url}{CALLBACK}",
        code_challenge_method="S256",
    )


def _asked(
    egress: Egress,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
    body: bytes = b"",
) -> Answer:
    try:
        answer = egress.request(
            method, url, headers=headers, secret_headers=secrets, body=body, timeout_s=TIMEOUT_S,
            max_bytes=LARGEST_ANSWER,
        )  # fmt: skip
    except (Refused, Unreachable) as trouble:
        raise OutOfReach(f"{urlsplit(url).netloc} does not answer: {trouble}") from None
    if answer.truncated or answer.status >= 500:
        raise OutOfReach(f"{urlsplit(url).netloc} has trouble: it answered {answer.status}")
    return answer


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer as Authlib reads it."""

    status_code: int
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def raise_for_status(self) -> None:
        """Nothing of its own: what is no token is refused by Authlib in either case."""


@dataclass(frozen=True, slots=True)
class _Calls:
    """Authlib's way to the provider: every call is one of ours."""

    egress: Egress

    def post(self, url: str, *, data: dict[str, str], headers: Mapping[str, str], auth: Any) -> _Answered:
        url, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        secrets = {name: Secret(sent.pop(name)) for name in ("Authorization",) if name in sent}
        answer = _asked(self.egress, "POST", url, headers=sent, secrets=secrets, body=body.encode())
        return _Answered(answer.status, answer.body)
