"""What an identity provider states, once it is proven: who signed in, and whose session has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST = 255


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider signed in. `name` is what an account of theirs would be called; it may say none.

    `directory_ids` are what a directory of the company may call them; `groups` is None where the provider
    says nothing of them and that directory does.
    """

    issuer: str
    subject: str
    name: str
    groups: frozenset[str] | None
    sid: str = ""
    directory_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """Whose session has ended: that one (`sid`), all of somebody's (`subject`), or that one of theirs."""

    issuer: str
    subject: str
    sid: str
    token_id: str
    expires_at: datetime


def is_short(said: object) -> bool:
    """Whether it is a subject or a session as providers name them."""
    return isinstance(said, str) and 0 < len(said) <= LONGEST and said.isprintable()
