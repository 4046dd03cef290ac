"""A signed person: what an id_token proves, and which account, groups and session it speaks of. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import jwt

from postmortems.accounts import oidc_claims
from postmortems.accounts.company import statements
from postmortems.accounts.company.statements import Person
from postmortems.accounts.oidc_claims import Unproven

MOST_GROUPS = 2_000


def claims_of(
    token: str,
    access_token: str,
    keys: Collection[Mapping[str, Any]],
    *,
    client_id: str,
    nonce: str,
    now: datetime,
) -> dict[str, Any]:
    """The claims of an id_token for us, made for the sign-in with this nonce. Raises `Unproven`."""
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    said = oidc_claims.claimed(token)
    claims = oidc_claims.prove(token, said, keys, client_id, now)
    sent = claims.get("nonce")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode("utf-8", "replace"), nonce.encode()):
        raise Unproven("nonce", "it was not made for this sign-in")
    params = {"client_id": client_id, "access_token": access_token}
    checked = CodeIDToken(claims, jwt.get_unverified_header(token), params=params)
    try:
        checked.validate(int(now.timestamp()), int(oidc_claims.SKEW.total_seconds()))
    except JoseError as wrong:
        # Who it was made for besides (azp), and which access token goes with it (at_hash).
        raise Unproven("claims", f"it is not right: {wrong.error} ({wrong.description})") from None
    if not statements.is_short(claims["sub"]):
        raise Unproven("malformed", f"its subject is no text of 1 to {statements.LONGEST} characters")
    return claims


def lacks(claims: Mapping[str, Any], name_claim: str, groups_claim: str) -> bool:
    """Whether a claim that says who somebody is here has to be asked for; `groups_claim` may be ""."""
    more = "email_verified" if name_claim == "email" else ""
    return any(name and name not in claims for name in (name_claim, more, groups_claim))


def completed(claims: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The signed claims, and what the provider says besides. Raises `Unproven` where that is of another."""
    if more and more.get("sub") != claims["sub"]:
        raise Unproven("subject", "asked who somebody is, it told of somebody else")
    return {**more, **claims}


def person(
    claims: Mapping[str, Any], name_claim: str, groups_claim: str, *, has_directory: bool = False
) -> Person:
    """Who that is. Raises `Unproven` where the groups are not all there.

    `has_directory` where one keeps accounts here: then it decides about groups of which nothing is said.
    """
    is_silent = has_directory and groups_claim not in claims
    sid = claims.get("sid", "")
    return Person(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=_name(claims, name_claim),
        groups=None if is_silent else _groups(claims, groups_claim),
        sid=sid if statements.is_short(sid) else "",
        # Entra makes another subject for each application, and says who it is in its directory as `oid`.
        directory_ids=frozenset(
            str(said) for said in (claims["sub"], claims.get("oid")) if statements.is_short(said)
        ),
    )


def _name(claims: Mapping[str, Any], name_claim: str) -> str:
    said = claims.get(name_claim, "")
    # Some providers write it as a text.
    is_verified = name_claim != "email" or claims.get("email_verified") in (True, "true")
    return said.strip() if isinstance(said, str) and is_verified else ""


def _groups(claims: Mapping[str, Any], groups_claim: str) -> frozenset[str]:
    elsewhere = claims.get("_claim_names")
    if groups_claim not in claims and isinstance(elsewhere, dict) and groups_claim in elsewhere:
        told = "somebody is in more groups than it lists; let it list only those that matter here"
        raise Unproven("groups", told)
    said = claims.get(groups_claim, [])
    listed = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    if len(listed) > MOST_GROUPS:
        raise Unproven("groups", f"it lists more than {MOST_GROUPS:,} groups")
    return frozenset(group for group in listed if isinstance(group, str))
