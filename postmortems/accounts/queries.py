"""Queries of accounts: who a secret belongs to, and who has an account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from postmortems.accounts import credentials, sign_in_limits
from postmortems.accounts.factors import requirement
from postmortems.accounts.models import PERSON, BrowserSession, SignInAttempt, SignInLink, Token, User
from postmortems.accounts.sign_in_limits import MOST_OF_ALL, Attempt
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.tokens import networks
from postmortems.accounts.tokens.networks import Elsewhere
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db import versions
from postmortems.db.prepared import PreparedQuery
from postmortems.db.reads import KeptRows
from postmortems.db.session import session
from postmortems.errors import NotFound

# A busy pipeline would write on every question; to the minute is exact enough.
NOTE_USE_EVERY = timedelta(minutes=1)
# And a person at work on every page.
NOTE_SEEN_EVERY = timedelta(minutes=5)
PAGE = 200
# Where somebody is signed in from; more browsers than that are of no use.
MOST_NETWORKS = 100
# Who counts the admins counts alone.
TURN = 0x61646D696E73
# Put together once: every request asks one of these.
SIGNED_IN = PreparedQuery(
    select(
        User.id,
        User.name,
        User.role,
        BrowserSession.id.label("session_id"),
        BrowserSession.has_second_factor,
        BrowserSession.last_seen_at,
        teams.ROLES.label("team_roles"),
    )
    .join(BrowserSession, BrowserSession.user_id == User.id)
    .where(
        BrowserSession.secret_hash == bindparam("secret_hash"),
        BrowserSession.expires_at > bindparam("now"),
        User.is_active,
    )
)
LIVE = KeptRows(
    select(
        Token.id,
        Token.user_id,
        Token.scopes,
        Token.expires_at,
        Token.last_used_at,
        Token.name.label("token_name"),
        Token.networks,
        User.name,
        User.role,
        teams.ROLES.label("team_roles"),
        # Read along: who sends a token mostly asks the gate, and waits for each statement.
        versions.number_of(versions.GATE).label("gate_version"),
    )
    .join(User, User.id == Token.user_id)
    .where(Token.secret_hash == bindparam("secret_hash"), Token.revoked_at.is_(None), User.is_active),
    tuple,
)


def actor_of_session(secret: str, now: datetime, second_factor: str = "optional") -> Actor:
    """The person whose browser holds this secret; nobody where it is unknown, expired or switched off."""
    return person_of(live_session(secret, now, second_factor))


def live_session(secret: str, now: datetime, second_factor: str = "optional") -> Any:
    """The session of the browser with this secret; None where it is unknown, expired or switched off.

    None, too, where the operator's rule asks for a second factor and none stands behind the session.
    """
    found = SIGNED_IN.rows({"secret_hash": credentials.hashed(secret), "now": now})
    if not found or (requirement.asks(second_factor, found[0].role) and not found[0].has_second_factor):
        return None
    return found[0]


def person_of(row: Any) -> Actor:
    """Who is signed in by this session; nobody without one."""
    if row is None:
        return Actor.nobody()
    given = teams.roles_read(row.team_roles)
    return Actor("person", row.name, row.role, user_id=row.id, session_id=row.session_id, team_roles=given)


def is_seen_unnoted(row: Any, now: datetime) -> bool:
    """Whether the session was last noted to be in use so long ago that it should be again."""
    return row is not None and (row.last_seen_at is None or now - row.last_seen_at >= NOTE_SEEN_EVERY)


def live_token(secret: str, now: datetime) -> Any:
    """The token with this secret, unless it is expired or revoked or its owner's account is off."""
    found = LIVE.found({"secret_hash": credentials.hashed(secret)})
    if found:
        versions.found(versions.GATE, found[0].gate_version)
    is_over = not found or (found[0].expires_at is not None and found[0].expires_at <= now)
    return None if is_over else found[0]


def bearer_of(token: Any) -> Actor:
    """Who acts by this token: its owner, narrowed to its scopes; nobody without one."""
    if token is None:
        return Actor.nobody()
    return Actor(
        kind="token",
        name=token.name,
        role=token.role,
        user_id=token.user_id,
        token_id=token.id,
        scopes=frozenset(token.scopes),
        team_roles=teams.roles_read(token.team_roles),
    )


def actor_of_token(secret: str, now: datetime, address: str = "") -> Actor:
    """Who acts by the token with this secret, sent from this address. Raises `Elsewhere`."""
    token = live_token(secret, now)
    require_near(token, address)
    return bearer_of(token)


def require_near(token: Any, address: str) -> None:
    """Raise `Elsewhere` where the token is bound to networks, and the address is in none of them."""
    if token is not None and not networks.are_passed(token.networks, address):
        raise Elsewhere(token.id, token.token_name, token.name, address)


def is_use_unnoted(token: Any, now: datetime) -> bool:
    """Whether the token's last use was noted so long ago that it should be noted again."""
    if token is None:
        return False
    return token.last_used_at is None or now - token.last_used_at >= NOTE_USE_EVERY


def named(name: str) -> User | None:
    """The account of that name, active or not."""
    return session().scalar(select(User).where(User.name == name))


def account(name: str) -> User:
    """The account of that name; raises `NotFound`, which says what it is called since it was renamed."""
    user = named(name)
    if user is None:
        today = teams.present_names([name]).get(name)
        now = f"; since it was renamed it is called {today}" if today else ""
        raise NotFound(f"there is no account named {name!r}{now}")
    return user


def of_directory(external_ids: Iterable[str]) -> User | None:
    """The one account that the company's directory calls by one of these ids."""
    listed = User.external_id.in_(set(external_ids)), User.unlisted_since.is_(None)
    found = session().scalars(select(User).where(*listed).limit(2)).all()
    return found[0] if len(found) == 1 else None


def accounts(*, after: str = "") -> list[User]:
    """Accounts of people by name, a page at a time; `after` is the last name of the page above."""
    people = select(User).where(User.name > after, User.kind == PERSON).order_by(User.name)
    return list(session().scalars(people.limit(PAGE)))


def has_accounts() -> bool:
    return session().scalar(select(User.id).limit(1)) is not None


def active_admins() -> int:
    """How many there are. Units of work that ask come one after the other: two admins must not switch each
    other off."""
    db.take_turns(TURN)
    admins = select(func.count()).select_from(User).where(User.role == "admin", User.is_active)
    return session().scalar(admins) or 0


def able(roles: frozenset[str], limit: int) -> list[str]:
    """Names of the people who have one of these roles and whose account is on, by name."""
    may = select(User.name).where(User.role.in_(roles), User.is_active, User.kind == PERSON)
    return list(session().scalars(may.order_by(User.name).limit(limit)))


def has_other_admin(name: str) -> bool:
    """Whether somebody else than `name` is an admin whose account is on."""
    others = select(User.id).where(User.role == "admin", User.is_active, User.name != name)
    return session().scalar(others.limit(1)) is not None


def tokens_of(user_id: int) -> list[Token]:
    """A person's tokens, newest first."""
    mine = select(Token).where(Token.user_id == user_id).order_by(Token.id.desc()).limit(PAGE)
    return list(session().scalars(mine))


def link(secret: str, now: datetime) -> SignInLink | None:
    """The unused, unexpired sign-in link of an active account."""
    mine = (
        select(SignInLink)
        .join(User)
        .where(
            SignInLink.secret_hash == credentials.hashed(secret), SignInLink.expires_at > now, User.is_active
        )
        .options(joinedload(SignInLink.user))
    )
    return session().scalar(mine)


def networks_of(name: str, now: datetime) -> set[str]:
    """The networks from which the account of this name is signed in; none of what is no account's name."""
    open_ones = select(BrowserSession.address).join(User, User.id == BrowserSession.user_id)
    open_ones = open_ones.where(User.name == name, BrowserSession.expires_at > now)
    found = session().scalars(open_ones.where(BrowserSession.address != "").distinct().limit(MOST_NETWORKS))
    return {sign_in_limits.network(address) for address in found}


def attempts(since: datetime) -> list[Attempt]:
    """The passwords that were tried since then; the limit of all keeps them few."""
    lately = select(SignInAttempt.name, SignInAttempt.address, SignInAttempt.at)
    lately = lately.where(SignInAttempt.at > since).order_by(SignInAttempt.at.desc())
    return [Attempt(*row) for row in session().execute(lately.limit(2 * MOST_OF_ALL))]
