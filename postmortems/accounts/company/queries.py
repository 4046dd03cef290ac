"""Queries of identities at a provider: whose account one is, and which browser sessions it opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from postmortems.accounts import credentials
from postmortems.accounts.company.models import OidcIdentity, OidcSession, OidcUse
from postmortems.accounts.models import BrowserSession
from postmortems.db.session import session

MOST_OF_ONE = 20


def identity(issuer: str, subject: str) -> OidcIdentity | None:
    """The identity with its account; None where nobody has it."""
    known = select(OidcIdentity).where(OidcIdentity.issuer == issuer, OidcIdentity.subject == subject)
    return session().scalar(known.options(joinedload(OidcIdentity.user)))


def identities_of(user_id: int) -> list[OidcIdentity]:
    """Who that account is at providers; there are few."""
    mine = select(OidcIdentity).where(OidcIdentity.user_id == user_id).order_by(OidcIdentity.id)
    return list(session().scalars(mine.limit(MOST_OF_ONE)))


def is_opened_by_provider(secret: str) -> bool:
    """Whether a provider signed in the browser with this secret."""
    opened = select(OidcSession.session_id).join(BrowserSession)
    opened = opened.where(BrowserSession.secret_hash == credentials.hashed(secret))
    return session().scalar(opened) is not None


def is_used(key: str, now: datetime) -> bool:
    """Whether that was used up, and still counts as such."""
    used = select(OidcUse.key).where(OidcUse.key == key, OidcUse.expires_at > now)
    return session().scalar(used) is not None
