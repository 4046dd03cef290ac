"""Buttons under a reminder: what each does, and the signed value by which a press says it. Pure.

Slack signs what it sends; Mattermost does not, but keeps a button's `context` to itself and sends it back. So
the value is signed by us, for one item and one button, and a press without it is none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

LABELS = {"done": "Done", "later": "Later", "not_mine": "Not mine"}
VALUE = re.compile(r"(done|later|not_mine)\.(AI-[0-9]{1,9})\.([0-9A-Za-z_-]{43})")


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody wants of an action item."""

    do: str
    ref: str


def value(press: Press, secret: str) -> str:
    """What the button carries."""
    return f"{press.do}.{press.ref}.{_signature(press, secret)}"


def read(said: object, secret: str) -> Press | None:
    """The press that a value stands for; None for one that we did not sign."""
    found = VALUE.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        return None
    press = Press(found[1], found[2])
    return press if hmac.compare_digest(found[3], _signature(press, secret)) else None


def _signature(press: Press, secret: str) -> str:
    signed = f"chat button {press.do} {press.ref}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
