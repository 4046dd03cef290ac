"""Keys in addresses: who has the address may read what one purpose and name stand for, and nothing else."""

from __future__ import annotations

import hashlib
import hmac

# 160 bits: nobody guesses one, and it fits into an address.
LENGTH = 40


def key_of(secret: str, purpose: str, name: str) -> str:
    """The key for this purpose and name: the same as long as the service's secret is."""
    said = b"\0".join((b"postmortems: key in an address", purpose.encode(), name.encode()))
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()[:LENGTH]


def is_key(sent: str, secret: str, purpose: str, name: str) -> bool:
    """Whether that is the key; it takes as long for a wrong one."""
    return hmac.compare_digest(sent.encode(), key_of(secret, purpose, name).encode())
