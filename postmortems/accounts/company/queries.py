"""Queries of identities at a provider: whose account one is, and which browser sessions it opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload

from postmortems.accounts import credentials
from postmortems.accounts.company.models import OidcIdentity, OidcSession, OidcUse
from postmortems.accounts.models import BrowserSession
from postmortems.audit.models import Event
from postmortems.db.session import session

MOST_OF_ONE = 20
WISHES, WISHES_LAST = 50, timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody signed in at the provider, is called as an account here is, and was not let in as it."""

    subject: str
    at: datetime


def identity(issuer: str, subject: str) -> OidcIdentity | None:
    """The identity with its account; None where nobody has it."""
    known = select(OidcIdentity).where(OidcIdentity.issuer == issuer, OidcIdentity.subject == subject)
    return session().scalar(known.options(joinedload(OidcIdentity.user)))


def identities_of(user_id: int) -> list[OidcIdentity]:
    """Who that account is at providers; there are few."""
    mine = select(OidcIdentity).where(OidcIdentity.user_id == user_id).order_by(OidcIdentity.id)
    return list(session().scalars(mine.limit(MOST_OF_ONE)))


def is_connected(user_id: int, issuer: str) -> bool:
    """Whether somebody at that provider is that account."""
    known = select(OidcIdentity.id).where(OidcIdentity.user_id == user_id, OidcIdentity.issuer == issuer)
    return session().scalar(known.limit(1)) is not None


def wishes(name: str, issuer: str, now: datetime) -> list[Wish]:
    """Who at that provider lately wanted to be the account of that name, each once, the newest first."""
    lately = select(Event.data, Event.at).where(Event.verb == "user.connection_wanted", Event.subject == name)
    lately = lately.where(Event.at > now - WISHES_LAST).order_by(Event.id.desc()).limit(WISHES)
    found: dict[str, Wish] = {}
    for data, at in session().execute(lately):
        if data.get("issuer") == issuer:
            subject = data["provider_subject"]
            found.setdefault(subject, Wish(subject, at))
    taken = select(OidcIdentity.subject).where(OidcIdentity.issuer == issuer, OidcIdentity.subject.in_(found))
    known = set(session().scalars(taken))
    return [wish for subject, wish in found.items() if subject not in known]


def is_opened_by_provider(secret: str) -> bool:
    """Whether a provider signed in the browser with this secret."""
    opened = select(OidcSession.session_id).join(BrowserSession)
    opened = opened.where(BrowserSession.secret_hash == credentials.hashed(secret))
    return session().scalar(opened) is not None


def opened(secret: str) -> Row[int, str, datetime] | None:
    """Whose the browser session with this secret is at the provider, and when it ends; None for any other."""
    theirs = select(OidcSession.identity_id, OidcSession.sid, BrowserSession.expires_at).join(BrowserSession)
    return session().execute(theirs.where(BrowserSession.secret_hash == credentials.hashed(secret))).first()


def is_used(key: str, now: datetime) -> bool:
    """Whether that was used up, and still counts as such."""
    used = select(OidcUse.key).where(OidcUse.key == key, OidcUse.expires_at > now)
    return session().scalar(used) is not None
