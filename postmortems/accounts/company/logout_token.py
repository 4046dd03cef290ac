"""A logout token: the provider says that somebody's session has ended (OIDC Back-Channel Logout). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt

from postmortems.accounts import oidc_claims
from postmortems.accounts.company.statements import Ended, is_short
from postmortems.accounts.oidc_claims import Unproven

EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Providers of before the standard's last version say no type, or that of any token.
TYPES = frozenset({"", "jwt", "logout+jwt", "application/logout+jwt"})


def ended(token: str, keys: Collection[Mapping[str, Any]], client_id: str, now: datetime) -> Ended:
    """What a logout token says. Raises `Unproven`; that it counts once, the caller sees to."""
    said = oidc_claims.claimed(token)
    kind = jwt.get_unverified_header(token).get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise Unproven("type", "it is a token of another kind")
    claims = oidc_claims.prove(token, said, keys, client_id, now)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise Unproven("event", "it says of no session that it has ended")
    if "nonce" in claims:
        raise Unproven("nonce", "it has a nonce, as a token that signs somebody in")
    subject, sid = claims.get("sub", ""), claims.get("sid", "")
    if not (subject or sid) or not all(part == "" or is_short(part) for part in (subject, sid)):
        raise Unproven("malformed", "it names neither who it was (sub) nor which session (sid)")
    if not is_short(claims.get("jti")):
        raise Unproven("malformed", "it has no number of its own (jti)")
    return Ended(said.issuer, subject, sid, claims["jti"], datetime.fromtimestamp(float(claims["exp"]), UTC))
