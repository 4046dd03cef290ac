"""What `doctor` says of the identity provider: whether it answers, who it is, and what time it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from postmortems.accounts import oidc_keys
from postmortems.egress.client import Egress, Refused, Unreachable
from postmortems.errors import Misconfigured

NEEDED = ("authorization_endpoint", "token_endpoint")
# An answer is on its way for a while, and its Date is in whole seconds.
SKEW = timedelta(seconds=60)
EXACT_TO = timedelta(seconds=5)


def told(issuer: str, now: datetime, egress: Egress) -> str:
    """What is right about it. Raises `Misconfigured`, saying what to do."""
    place = oidc_keys.described_at(issuer)
    try:
        answer = egress.get(place, timeout_s=oidc_keys.TIMEOUT_S)
    except (Refused, Unreachable) as trouble:
        raise Misconfigured(f"{place} does not answer: {trouble.detail}") from None
    if answer.status != 200:
        raise Misconfigured(
            f"{place} answers {answer.status}: is POSTMORTEMS_OIDC_ISSUER written as it should be?"
        )
    try:
        described = json.loads(answer.body)
    except (ValueError, RecursionError):
        described = None
    if not isinstance(described, dict):
        raise Misconfigured(f"{place} answers what is no description of a provider")
    if described.get("issuer") != issuer:
        theirs = str(described.get("issuer"))[:200]
        raise Misconfigured(
            f"it calls itself {theirs!r}: write POSTMORTEMS_OIDC_ISSUER so, letter for letter"
        )
    missing = [name for name in NEEDED if name not in oidc_keys.kept_of(described, issuer)]
    if missing:
        raise Misconfigured(f"{place} names no {' and no '.join(missing)} that can be used")
    return f"{issuer} answers, and {_clocks(answer.headers, now)}"


def _clocks(headers: Mapping[str, str], now: datetime) -> str:
    """How the clocks differ: whoever is ahead refuses what the other signs."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return "says no time"
    if theirs.tzinfo is None:
        return "says no time"
    off = now - theirs
    if abs(off) > SKEW:
        side = "ahead of" if off > timedelta(0) else "behind"
        seconds = round(abs(off).total_seconds())
        raise Misconfigured(f"this machine's clock is {seconds} s {side} the provider's: set both by NTP")
    return (
        "its clock is right"
        if abs(off) <= EXACT_TO
        else f"its clock is {round(abs(off).total_seconds())} s off"
    )
