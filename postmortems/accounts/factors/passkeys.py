"""Passkeys: made, used and taken away. Each is unlocked by its person, so that it is two factors in one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from postmortems.accounts.factors import operations, queries
from postmortems.accounts.factors.models import Passkey, UsedChallenge
from postmortems.accounts.factors.relying_party import RelyingParty
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, is_changed, session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound

# How long a browser may take to answer: somebody has to look for a key in a drawer.
CHALLENGE_LASTS = timedelta(minutes=5)
LONGEST_NAME = 60
MOST = 20


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser is to sign, for one purpose, until a moment; the door keeps it in the signed cookie."""

    value: bytes
    purpose: str
    until: datetime


def challenge(purpose: str, now: datetime) -> Challenge:
    return Challenge(secrets.token_bytes(32), purpose, now + CHALLENGE_LASTS)


def to_register(user: User, asked: Challenge, party: RelyingParty) -> str:
    """What the browser is asked for to make a passkey of this person's, as JSON."""
    from postmortems.accounts.factors import ceremony

    mine = queries.passkeys_of(user.id)
    known = [one.credential_id for one in mine]
    return ceremony.to_register(party, asked.value, user.name, _handle(mine, asked), known)


def register(
    user: User,
    name: str,
    answer: str,
    asked: Challenge,
    party: RelyingParty,
    now: datetime,
    *,
    actor: Actor,
) -> list[str]:
    """Keep the passkey that the browser has made; returns recovery codes where there were none.

    Raises `Invalid` for a wrong name, and `NotAllowed` for an answer that is none to what was asked.
    """
    from postmortems.accounts.factors import ceremony

    operations.require_own(user, actor)
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"give it a name that you will recognise, in at most {LONGEST_NAME} characters", "/name"
        )
    mine = queries.passkeys_of(user.id)
    if len(mine) >= MOST:
        raise Conflict(f"{MOST} passkeys are the most you can have; remove one first")
    _use(asked, now)
    made = ceremony.registered(answer, party, asked.value)
    if _by_credential(made.credential_id) is not None:
        raise Conflict("this passkey is known already")
    key = Passkey(user_id=user.id, name=name.strip(), user_handle=_handle(mine, asked), created_at=now)
    key.credential_id, key.public_key, key.sign_count = made.credential_id, made.public_key, made.sign_count
    insert(key)
    audit.record(actor, "user.factor_added", "user", user.name, factor="passkey", name=key.name)
    return [] if queries.of(user.id).codes_left else operations.fresh_codes(user)


def to_sign_in(asked: Challenge, party: RelyingParty, user: User | None = None) -> str:
    """What the browser is asked for to use a passkey, as JSON: of this person, or of whomever it has one."""
    from postmortems.accounts.factors import ceremony

    known = [one.credential_id for one in queries.passkeys_of(user.id)] if user else []
    return ceremony.to_sign_in(party, asked.value, known)


def take(answer: str, asked: Challenge, party: RelyingParty, now: datetime) -> User:
    """Whose passkey has answered, unlocked by its person; each challenge counts once. Raises `NotAllowed`."""
    from postmortems.accounts.factors import ceremony

    claim = ceremony.claimed(answer)
    key = _by_credential(claim.credential_id)
    if key is None:
        raise NotAllowed("this passkey is not known here; it may have been removed")
    if claim.user_handle and not compare_digest(claim.user_handle, key.user_handle):
        raise NotAllowed("this passkey is somebody else's")
    count = ceremony.sign_count(answer, party, asked.value, key.public_key)
    _use(asked, now)
    # A counter that stands still or goes back is a copy's, but for passkeys that always say 0.
    if (count or key.sign_count) and count <= key.sign_count:
        raise NotAllowed("this passkey was used elsewhere since, so there may be a copy; take it away")
    unmoved = (Passkey.id == key.id, Passkey.sign_count == key.sign_count)
    if not is_changed(update(Passkey).where(*unmoved).values(sign_count=count, last_used_at=now)):
        raise NotAllowed("this passkey is being used at this very moment; try again")
    if not key.user.is_active:
        raise NotAllowed("this account is switched off; ask an admin")
    return key.user


def note_refused(answer: str, why: str) -> None:
    """Leave in the audit trail that a passkey was refused, a few times a minute."""
    from postmortems.accounts.factors import ceremony

    try:
        key = _by_credential(ceremony.claimed(answer).credential_id)
    except NotAllowed:
        key = None
    subject = key.user.name if key else "an unknown name"
    audit.record_rarely(Actor.nobody(), "user.passkey_refused", "user", subject, why=why)


def remove(passkey_id: int, user: User, *, actor: Actor) -> None:
    """Take one of one's own away; the recovery codes go with the last factor. Raises `NotFound`."""
    operations.require_own(user, actor)
    key = session().get(Passkey, passkey_id)
    if key is None or key.user_id != user.id:
        raise NotFound("there is no such passkey; it may be removed already")
    session().delete(key)
    session().flush()
    operations.drop_codes_without_factor(user)
    audit.record(actor, "user.factor_removed", "user", user.name, factor="passkey", name=key.name)


def _use(asked: Challenge, now: datetime) -> None:
    """Take the challenge's one use. Raises `NotAllowed` for one that is over, or was used."""
    session().execute(delete(UsedChallenge).where(UsedChallenge.until <= now))
    hashed = hashlib.sha256(asked.value).hexdigest()
    try:
        with session().begin_nested():
            insert(UsedChallenge(challenge_hash=hashed, until=asked.until))
        is_used = False
    except IntegrityError:
        is_used = True
    if is_used or now >= asked.until:
        raise NotAllowed("that took too long, or was sent twice; try again")


def _handle(mine: Sequence[Passkey], asked: Challenge) -> bytes:
    """Who a person is to devices: of chance, and the same for all their passkeys.

    The first comes of the challenge, so that it need not be kept until the device has answered.
    """
    return mine[0].user_handle if mine else hashlib.sha256(b"handle" + asked.value).digest()


def _by_credential(credential_id: str) -> Passkey | None:
    mine = select(Passkey).where(Passkey.credential_id == credential_id)
    return session().scalar(mine.options(joinedload(Passkey.user)))
