"""Replacing a token: a new one with the same rights, while the old one lives on for a few days."""

from __future__ import annotations

from datetime import timedelta

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts.models import Token
from postmortems.accounts.tokens.networks import Elsewhere
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid

LONGEST_OVERLAP = timedelta(days=30)


def rotate(token_id: int, overlap: timedelta, *, actor: Actor) -> tuple[Token, str]:
    """Make a token like this one, which itself ends after `overlap`; the new secret is given out this once.

    The new one lasts as long as the old one was meant to. Raises `NotFound`, `Invalid` at `/days`, and
    `Conflict` for one that has ended already.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(f"the old token lives on for {LONGEST_OVERLAP.days} days at most", "/days")
    old, now = accounts.own_or_managed(token_id, actor=actor), clock.now()
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise Conflict(f"the token {old.name} has ended: make another")
    lasts = None if old.expires_at is None else old.expires_at - old.created_at
    made, secret = accounts.add_token(
        old.user.name,
        old.name,
        old.scopes,
        None if lasts is None else int(lasts.total_seconds()),
        networks=old.networks,
        actor=actor,
    )
    ends = now + overlap
    if old.expires_at is None or ends < old.expires_at:
        old.expires_at = ends
    session().flush()
    audit.record(
        actor,
        "token.rotated",
        "token",
        str(old.id),
        name=old.name,
        owner=old.user.name,
        by=str(made.id),
        ends=old.expires_at.isoformat(),
    )
    return made, secret


def note_elsewhere(refused: Elsewhere) -> None:
    """Leave in the audit trail that a token came from elsewhere: somebody may have taken it."""
    owner = Actor(kind="token", name=refused.owner, token_id=refused.token_id)
    audit.record_rarely(
        owner, "token.refused", "token", str(refused.token_id), name=refused.name, address=refused.address
    )
