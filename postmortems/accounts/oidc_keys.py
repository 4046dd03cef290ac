"""OIDC keys: the public keys of CI issuers, fetched when needed, cached, and never fetched often."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError

from postmortems.accounts.models import IssuerKeys
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress, Refused, Unreachable
from postmortems.errors import OutOfReach

DISCOVERY = "/.well-known/openid-configuration"
# Issuers change their keys rarely and announce them; a key that is not known is asked for at once.
FRESH_FOR = timedelta(hours=12)
# An issuer that does not answer must not stop deploys at once: its keys were public and right yesterday.
USABLE_FOR = timedelta(days=7)
# Whoever sends made-up tokens must not make us call an issuer again and again.
ASK_AGAIN = timedelta(seconds=30)
MOST_KEYS = 50
PUBLIC_PARTS = ("kty", "kid", "alg", "use", "n", "e", "crv", "x", "y")
TIMEOUT_S = 5.0


def keys(issuer: str, key_id: str, now: datetime, egress: Egress) -> list[dict[str, Any]]:
    """The issuer's keys as JSON Web Keys. Opens its own units of work. Raises `OutOfReach`."""
    with db.reading():
        stored = session().get(IssuerKeys, issuer)
    known = stored.keys if stored is not None and _is_within(stored.fetched_at, now, USABLE_FOR) else []
    has_it = any(not key_id or key.get("kid") == key_id for key in known)
    is_fresh = stored is not None and _is_within(stored.fetched_at, now, FRESH_FOR)
    if has_it and is_fresh:
        return known
    if stored is not None and now - stored.asked_at < ASK_AGAIN:
        return _or_refuse(known, issuer, "it was asked a moment ago; try again in half a minute")
    _note_asking(issuer, now)
    try:
        found = _fetch(issuer, egress)
    except (Refused, Unreachable, ValueError) as trouble:
        return _or_refuse(known, issuer, str(trouble))
    with db.transaction():
        row = session().get_one(IssuerKeys, issuer)
        row.keys, row.fetched_at = found, now
    return found


def _is_within(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    return moment is not None and now - moment <= span


def _or_refuse(known: list[dict[str, Any]], issuer: str, why: str) -> list[dict[str, Any]]:
    if known:
        return known
    raise OutOfReach(f"the keys of {issuer} could not be fetched, so nothing it signed can be checked: {why}")


def _note_asking(issuer: str, now: datetime) -> None:
    try:
        with db.transaction():
            row = session().get(IssuerKeys, issuer)
            if row is None:
                session().add(IssuerKeys(issuer=issuer, keys=[], asked_at=now))
            else:
                row.asked_at = now
    except IntegrityError:
        return  # Another process asks at this moment too.


def _fetch(issuer: str, egress: Egress) -> list[dict[str, Any]]:
    described = _json(issuer.rstrip("/") + DISCOVERY, egress)
    address = described.get("jwks_uri")
    if described.get("issuer") != issuer:
        raise ValueError("its description names another issuer")
    if not isinstance(address, str) or urlsplit(address).scheme != urlsplit(issuer).scheme:
        raise ValueError("its description says nowhere where its keys are")
    listed = _json(address, egress).get("keys")
    if not isinstance(listed, list):
        raise ValueError("it publishes no list of keys")
    # What is secret of a key, or long without being part of one, is nothing to keep.
    return [
        {part: key[part] for part in PUBLIC_PARTS if part in key}
        for key in listed[:MOST_KEYS]
        if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"}
    ]


def _json(url: str, egress: Egress) -> dict[str, Any]:
    answer = egress.get(url, timeout_s=TIMEOUT_S)
    if answer.status != 200 or answer.truncated:
        raise ValueError(f"{url} answered {answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise ValueError(f"{url} answered no JSON") from None
    if not isinstance(found, dict):
        raise ValueError(f"{url} answered no JSON object")
    return found
