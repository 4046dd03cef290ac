"""Accounts and tokens: create, change, switch off and revoke. Signing in is in `sign_in`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from postmortems import clock
from postmortems.accounts import common_passwords, credentials, permissions, queries
from postmortems.accounts.factors import operations as factors
from postmortems.accounts.lifecycle import endings
from postmortems.accounts.models import PERSON, SERVICE, CiIdentity, Token, User
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.tokens import networks as token_networks
from postmortems.actor import ROLES, SCOPES, Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Problem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
# What a service account may be. It gives nobody's word, and decides nothing.
SERVICE_ROLES = ("viewer", "author", "operator")
LONGEST_TOKEN_NAME = 100
LONGEST_EXPIRY_S = 10 * 366 * 24 * 3600


def add_user(name: str, role: str, password: str | None = None, *, actor: Actor) -> User:
    """Open an account; without a password it is entered by a one-time link."""
    permissions.require(actor, "people.manage")
    check_account(name, role, password)
    refuse_taken(name)
    user = User(
        name=name,
        role=role,
        password_hash=credentials.hash_password(password) if password else None,
        created_at=clock.now(),
    )
    insert(user)
    audit.record(actor, "user.added", "user", name, role=role)
    return user


def refuse_taken(name: str, own_id: int | None = None) -> None:
    """Raise `Conflict` where a name is an account's or a CI identity's, or means somebody else."""
    user = queries.named(name)
    if user is not None and user.id != own_id:
        raise Conflict(f"there is an account named {name!r} already")
    if session().scalar(select(CiIdentity.id).where(CiIdentity.name == name)) is not None:
        raise Conflict(f"a CI identity is called {name}; give the account another name")
    meant = teams.meant([name]).get(name)
    if meant is not None and (meant.kind, meant.id) != ("account", own_id):
        raise Conflict(f"as an owner, {name} means somebody already (Settings → Teams); take another name")


def change_user(name: str, *, role: str, is_active: bool, actor: Actor) -> User:
    """Give an account another role, or switch it off or on.

    Switched off, it is signed out everywhere, its tokens are revoked and its chats unlinked, for good:
    switched on again, it has none.
    """
    permissions.require(actor, "people.manage")
    user = queries.account(name)
    check_account(name, role, kind=user.kind)
    return change_account(user, role=role, is_active=is_active, actor=actor)


def change_account(user: User, *, role: str, is_active: bool, actor: Actor) -> User:
    """Make it so, for who was found to be allowed to. Raises `Conflict` for the only admin."""
    if (user.role, user.is_active) == (role, is_active):
        return user
    loses_an_admin = user.role == "admin" and user.is_active and not (role == "admin" and is_active)
    if loses_an_admin and queries.active_admins() == 1:
        raise Conflict(f"{user.name} is the only admin; make someone else one first")
    before = {"role": user.role, "is_active": user.is_active}
    user.role, user.is_active = role, is_active
    if not is_active:
        _lock_out(user, actor)
        endings.of_presence(user.id)
    elif before["role"] != role:
        _revoke_barred(user, actor)
    session().flush()
    audit.record(actor, "user.changed", "user", user.name, role=role, is_active=is_active, before=before)
    return user


def set_password(current: str, password: str, *, actor: Actor, is_proven: bool = False) -> User:
    """Change one's own password, knowing the present one if there is one; `is_proven` where who they are is
    known otherwise (`signing_in.may_choose_password`).

    Whoever knew the old one is out: every session of the account ends, its tokens are revoked, its chats are
    unlinked, and calendars that read for it stop.
    """
    user = _own_account(actor)
    is_asked = user.password_hash is not None and not is_proven
    if is_asked and not credentials.is_right(current, user.password_hash):
        raise Invalid("that is not your present password", "/current")
    check_account(user.name, user.role, password)
    user.password_hash = credentials.hash_password(password)
    _lock_out(user, actor)
    session().flush()
    audit.record(actor, "user.password_changed", "user", user.name, without_present=is_proven)
    return user


def reset(name: str, *, actor: Actor) -> User:
    """Forget an account's password and second factors, and end whatever lets somebody in as it; a new link is
    the only way in."""
    permissions.require(actor, "people.manage")
    user = queries.account(name)
    if not user.is_active:
        raise Conflict(f"the account {name} is switched off; switch it on first")
    if user.kind == SERVICE:
        raise Conflict(f"{name} is a service account: it has no password; revoke its tokens")
    user.password_hash = None
    _lock_out(user, actor)
    factors.reset(name, actor=actor)
    session().flush()
    audit.record(actor, "user.reset", "user", name)
    return user


def renew_hash(user: User, password: str) -> None:
    """Hash a password that was just found right anew, where today's parameters are others."""
    if user.password_hash is not None and credentials.is_outdated(user.password_hash):
        session().get_one(User, user.id).password_hash = credentials.hash_password(password)


def add_token(
    user_name: str,
    name: str,
    scopes: list[str],
    expires_s: int | None,
    *,
    networks: Sequence[str] = (),
    actor: Actor,
) -> tuple[Token, str]:
    """Make a token for an account; its secret is given out this once.

    `expires_s` counts from now; None is never. With `networks` it is accepted from these alone.
    """
    user = queries.account(user_name)
    _require_own_or_admin(user, actor)
    if not user.is_active:
        raise Conflict(f"the account {user.name} is switched off; a token of it would come to life with it")
    _check_token(user, name, scopes, expires_s, networks)
    now, secret = clock.now(), credentials.fresh("pm_")
    token = Token(
        user_id=user.id,
        name=name,
        secret_hash=credentials.hashed(secret),
        scopes=sorted(set(scopes), key=SCOPES.index),
        networks=list(dict.fromkeys(networks)),
        created_at=now,
        expires_at=None if expires_s is None else now + timedelta(seconds=expires_s),
    )
    insert(token)
    bound = {"networks": token.networks} if token.networks else {}
    audit.record(
        actor, "token.added", "token", str(token.id), name=name, scopes=token.scopes, owner=user.name, **bound
    )
    return token, secret


def revoke_token(token_id: int, *, actor: Actor) -> Token:
    """Make a token useless from now on; again is no error."""
    token = own_or_managed(token_id, actor=actor)
    if token.revoked_at is None:
        _revoke(token, actor)
    return token


def own_or_managed(token_id: int, *, actor: Actor) -> Token:
    """A token of one's own, or anybody's for who manages people. Raises `NotFound`, and `NotAllowed` for a
    token that asks."""
    token = session().get(Token, token_id)
    if token is None or (token.user_id != actor.user_id and not permissions.may(actor, "people.manage")):
        raise NotFound("there is no such token")
    _require_own_or_admin(token.user, actor)
    return token


def note_use(actor: Actor, now: datetime, address: str = "") -> None:
    """Note when the actor's token was last used, and from where; two at once may both write, which does no
    harm."""
    used = {"last_used_at": now, "last_used_from": address[:64] or None}
    db.connection().execute(update(Token).where(Token.id == actor.token_id).values(used))


def _own_account(actor: Actor) -> User:
    # A token must not outlive its owner's wish by making itself a password or a second token.
    if not actor.is_person or actor.user_id is None:
        raise NotAllowed("only a person who is signed in may do this")
    return session().get_one(User, actor.user_id)


def _require_own_or_admin(user: User, actor: Actor) -> None:
    if actor.kind == "token":
        raise NotAllowed("a token cannot make or revoke tokens; sign in to do it")
    if actor.user_id != user.id:
        permissions.require(actor, "people.manage")


def _revoke(token: Token, actor: Actor) -> None:
    token.revoked_at = clock.now()
    session().flush()
    audit.record(actor, "token.revoked", "token", str(token.id), name=token.name, owner=token.user.name)


def _revoke_barred(user: User, actor: Actor) -> None:
    """Revoke what could not be made since the account's role is another."""
    for token in _unrevoked(user):
        if not set(token.scopes) <= scopes_for(user):
            _revoke(token, actor)


def _lock_out(user: User, actor: Actor) -> None:
    """End whatever lets somebody in as this user, for good."""
    for token in _unrevoked(user):
        _revoke(token, actor)
    endings.of_ways_in(user.id)


def _unrevoked(user: User) -> Sequence[Token]:
    theirs = select(Token).where(Token.user_id == user.id, Token.revoked_at.is_(None))
    return session().scalars(theirs).all()


def scopes_for(user: User) -> frozenset[str]:
    """The scopes that a token of this account may have.

    A program gives no word that only a person can. The scope that includes all would: an operator's does not.
    """
    if user.kind == PERSON:
        return frozenset(SCOPES)
    return frozenset(SCOPES) - ({"sign"} if user.role == "operator" else {"sign", "admin"})


def check_account(name: str, role: str, password: str | None = None, kind: str = PERSON) -> None:
    """Raise `Invalid`, with pointers, where an account of this kind cannot be so."""
    problems = []
    roles = SERVICE_ROLES if kind == SERVICE else ROLES
    if not NAME.fullmatch(name):
        problems.append(Problem("/name", "a name has letters, digits and . _ @ + -, and at most 100 of them"))
    if role not in roles:
        what = "the role of a service account" if kind == SERVICE else "the role"
        problems.append(Problem("/role", f"{what} must be one of {', '.join(roles)}"))
    if password is not None and not credentials.SHORTEST <= len(password) <= credentials.LONGEST:
        problems.append(
            Problem("/password", f"a password has {credentials.SHORTEST} to {credentials.LONGEST} characters")
        )
    elif password is not None and common_passwords.is_guessable(password, [name]):
        told = "this password is too easy to guess; take a few words that nobody expects"
        problems.append(Problem("/password", told))
    if problems:
        raise Invalid(problems)


def _check_token(
    user: User, name: str, scopes: list[str], expires_s: int | None, networks: Sequence[str]
) -> None:
    problems = []
    if not 0 < len(name.strip()) <= LONGEST_TOKEN_NAME:
        problems.append(
            Problem("/name", f"say what the token is for, in at most {LONGEST_TOKEN_NAME} characters")
        )
    if not scopes:
        problems.append(Problem("/scopes", f"choose at least one of {', '.join(SCOPES)}"))
    for unknown in sorted(set(scopes) - set(SCOPES)):
        problems.append(Problem("/scopes", f"there is no scope {unknown!r}; there are {', '.join(SCOPES)}"))
    for barred in sorted(set(scopes) & set(SCOPES) - scopes_for(user)):
        told = f"a token of the service account {user.name} cannot have the scope {barred}"
        problems.append(Problem("/scopes", f"{told}: what a person has to say, a person signs in for"))
    if told := token_networks.wrong(networks):
        problems.append(Problem("/networks", told))
    if expires_s is not None and not 0 < expires_s <= LONGEST_EXPIRY_S:
        problems.append(Problem("/expires", "a token expires after a second at least and ten years at most"))
    if problems:
        raise Invalid(problems)
