"""Signatures of outgoing webhooks, as Standard Webhooks defines them.

The secret is written `whsec_` and base64 of 24 to 64 bytes. What is signed is id, time and body, so that
nothing can be changed, and nothing old sent again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


def fresh_secret() -> str:
    """A new secret, as it is shown to the receiver once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def key(secret: str) -> bytes:
    """The bytes of a written secret. Raises `ValueError`, naming none of it."""
    try:
        found = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a signing secret is whsec_ and base64") from None
    if not SHORTEST <= len(found) <= LONGEST:
        raise ValueError(f"a signing secret has {SHORTEST} to {LONGEST} bytes")
    return found


def headers(keys: Iterable[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a signed message; with several keys (while one is replaced) each signs."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    signatures = [
        "v1," + base64.b64encode(hmac.new(each, signed, hashlib.sha256).digest()).decode("ascii")
        for each in keys
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(signatures),
    }
