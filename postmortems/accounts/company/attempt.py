"""A sign-in under way: what the browser keeps between leaving for the identity provider and coming back.

It is in a cookie, signed and short-lived, so that whoever asks for the way there leaves nothing in the
database, and only the browser that left can come back.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from postmortems.accounts import credentials

LASTS = timedelta(minutes=10)
# A longer one would not fit into a cookie with the rest.
LONGEST_TARGET = 1000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the provider and back. `verifier` is PKCE's, `target` the page of ours to go on to."""

    state: str
    nonce: str
    verifier: str
    target: str
    begun_at: int

    def is_answered_by(self, state: str) -> bool:
        """Whether this is the state that was sent along; takes the same time for every wrong one."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))


def begun(target: str, now: datetime) -> Attempt:
    """A new one, with fresh secrets, for whoever wants to go on to this page of ours."""
    state, nonce, verifier = (credentials.fresh() for _ in range(3))
    kept = target if len(target) <= LONGEST_TARGET else "/"
    return Attempt(state, nonce, verifier, kept, int(now.timestamp()))


def sealed(attempt: Attempt, key: str) -> str:
    """The attempt as a cookie's value, signed."""
    return str(_signer(key).dumps(astuple(attempt)))


def opened(value: str, key: str, now: datetime) -> Attempt | None:
    """The attempt that this browser began, if it did so here and lately."""
    try:
        attempt = Attempt(*_signer(key).loads(value))
    except (BadData, TypeError):
        return None
    age = now.timestamp() - attempt.begun_at
    return attempt if -60 <= age <= LASTS.total_seconds() else None


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt="oidc attempt", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
