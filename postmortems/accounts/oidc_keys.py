"""OIDC keys: what issuers publish, their public keys and addresses: fetched when needed, kept, never fetched
often."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
# Where an identity provider signs people in and out, and redeems what it gave them.
ADDRESSES = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint")
METHODS = "token_endpoint_auth_methods_supported"
MOST_METHODS, LONGEST_ADDRESS = 20, 1000


@dataclass(frozen=True, slots=True)
class Published:
    """What an issuer publishes: its keys as JSON Web Keys, and what else it says of itself."""

    keys: list[dict[str, Any]]
    description: dict[str, Any]


NOTHING = Published([], {})


def keys(issuer: str, key_id: str, now: datetime, egress: Egress) -> list[dict[str, Any]]:
    """The issuer's keys as JSON Web Keys. Opens its own units of work. Raises `OutOfReach`."""

    def has_it(known: Published) -> bool:
        return any(not key_id or key.get("kid") == key_id for key in known.keys)

    try:
        return _published(issuer, now, egress, has_it).keys
    except OutOfReach as trouble:
        told = f"the keys of {issuer} could not be fetched, so nothing it signed can be checked"
        raise OutOfReach(f"{told}: {trouble.detail}") from None


def description(issuer: str, now: datetime, egress: Egress) -> dict[str, Any]:
    """Where the issuer signs people in, and how. Opens its own units of work. Raises `OutOfReach`."""
    return _published(issuer, now, egress, lambda known: bool(known.description)).description


def _published(
    issuer: str, now: datetime, egress: Egress, is_enough: Callable[[Published], bool]
) -> Published:
    with db.reading():
        stored = session().get(IssuerKeys, issuer)
    is_usable = stored is not None and _is_within(stored.fetched_at, now, USABLE_FOR)
    known = Published(stored.keys, stored.description or {}) if stored and is_usable else NOTHING
    is_fresh = stored is not None and _is_within(stored.fetched_at, now, FRESH_FOR)
    if is_fresh and is_enough(known):
        return known
    if stored is not None and now - stored.asked_at < ASK_AGAIN:
        return _or_refuse(known, "it was asked a moment ago; try again in half a minute")
    _note_asking(issuer, now)
    try:
        found = _fetch(issuer, egress)
    except (Refused, Unreachable, ValueError) as trouble:
        return _or_refuse(known, str(trouble))
    with db.transaction():
        row = session().get_one(IssuerKeys, issuer)
        row.keys, row.description, row.fetched_at = found.keys, found.description, now
    return found


def _is_within(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    return moment is not None and now - moment <= span


def _or_refuse(known: Published, why: str) -> Published:
    if known.keys:
        return known
    raise OutOfReach(why)


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


def _fetch(issuer: str, egress: Egress) -> Published:
    described = _json(described_at(issuer), egress)
    address = described.get("jwks_uri")
    if described.get("issuer") != issuer:
        raise ValueError("its description names another issuer")
    if not _is_address(address, issuer):
        raise ValueError("its description says nowhere where its keys are")
    listed = _json(str(address), egress).get("keys")
    if not isinstance(listed, list):
        raise ValueError("it publishes no list of keys")
    # What is secret of a key, or long without being part of one, is nothing to keep.
    found = [
        {part: key[part] for part in PUBLIC_PARTS if part in key}
        for key in listed[:MOST_KEYS]
        if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"}
    ]
    return Published(found, kept_of(described, issuer))


def described_at(issuer: str) -> str:
    """Where an issuer describes itself."""
    return issuer.rstrip("/") + DISCOVERY


def kept_of(described: Mapping[str, Any], issuer: str) -> dict[str, Any]:
    """What of its description is of use: addresses as safe as its own, and how a code is redeemed."""
    kept = {name: described[name] for name in ADDRESSES if _is_address(described.get(name), issuer)}
    methods = described.get(METHODS)
    if isinstance(methods, list):
        kept[METHODS] = [word for word in methods[:MOST_METHODS] if isinstance(word, str) and len(word) < 100]
    return kept


def _is_address(said: object, issuer: str) -> bool:
    """Whether it is a web address, over https where the issuer is."""
    if not isinstance(said, str) or len(said) > LONGEST_ADDRESS or not said.isprintable():
        return False
    try:
        parts = urlsplit(said)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc and parts.scheme == urlsplit(issuer).scheme


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
