"""What follows from what an identity provider says: accounts, roles, teams, sessions, and their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from shlex import quote

from sqlalchemy import Row, delete, select
from sqlalchemy.exc import IntegrityError

from postmortems import clock
from postmortems.accounts import credentials, permissions
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.company import group_grants, queries
from postmortems.accounts.company.attempt import LASTS
from postmortems.accounts.company.models import OidcIdentity, OidcSession, OidcUse
from postmortems.accounts.company.statements import Ended, Person, is_short
from postmortems.accounts.models import BrowserSession, User
from postmortems.accounts.teams import placements
from postmortems.accounts.teams.placements import Placement
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound

# A token is taken for a while after its end, as clocks differ.
TAKEN_LATE = timedelta(minutes=2)
PROVIDER = Actor.system("identity provider")


class NameTaken(NotAllowed):
    """Somebody at the provider is called as an account here is, and nobody has said that it is theirs."""

    def __init__(self, person: Person) -> None:
        self.person = person
        ask = f"python -m postmortems users connect {person.name} --subject={quote(person.subject)}"
        super().__init__(
            f"there is an account named {person.name} already, and nobody has said that it is yours. "
            f"If it is, an admin connects it under Settings → People, or on the server: {ask}"
        )


def use_up(key: str, until: datetime, now: datetime) -> bool:
    """Use up what counts once. False where that was done before; of several at once, one is told True."""
    session().execute(delete(OidcUse).where(OidcUse.expires_at <= now))
    try:
        with session().begin_nested():
            insert(OidcUse(key=key, expires_at=until))
    except IntegrityError:
        return False
    return True


def account_of(person: Person, settings: Settings, now: datetime) -> User:
    """The account of whom the provider signed in, judged anew by their groups; made where they are new.

    It may be switched off, or be switched off by this: whoever asked looks. Raises `NotAllowed`, saying what
    to do, where there is none and none is made.
    """
    grant = group_grants.grant(person.groups or (), settings.oidc_groups, settings.oidc_role)
    # Of two tabs that come back at once, the second finds the account that the first made.
    _take_turns(_key("identity", person.issuer, person.subject))
    _take_turns(ended_key(person.issuer, person.sid))
    if person.sid and queries.is_used(ended_key(person.issuer, person.sid), now):
        raise NotAllowed(f"you were signed out of {settings.oidc_name} meanwhile; sign in again")
    identity = queries.identity(person.issuer, person.subject)
    if identity is None:
        identity = _made(person, grant.role, settings)
    user = identity.user
    is_judged = person.groups is not None
    if user.is_active and is_judged and grant.decides:
        _give_role(user, grant.role)
    if user.is_active and is_judged:
        _place(user, grant.teams)
    if user.is_active:
        identity.signed_in_at = now
    session().flush()
    return user


def note_session(person: Person, secret: str, settings: Settings, now: datetime) -> None:
    """Remember that the browser session with this secret is the provider's `sid` of that person.

    It lasts for as long as the operator goes by what the provider said of somebody.
    """
    identity = queries.identity(person.issuer, person.subject)
    opened = session().scalar(
        select(BrowserSession).where(BrowserSession.secret_hash == credentials.hashed(secret))
    )
    if identity is None or opened is None:
        raise NotAllowed("the account was changed at this moment; sign in again")
    if settings.oidc_session_hours:
        ends = now + timedelta(hours=settings.oidc_session_hours)
        opened.expires_at = min(opened.expires_at, ends)
    insert(OidcSession(session_id=opened.id, identity_id=identity.id, sid=person.sid))


def carry_on(before: Row[int, str, datetime] | None, secret: str) -> None:
    """Let the session with this secret be the provider's, and end, as the one in whose place it came."""
    opened = session().scalar(
        select(BrowserSession).where(BrowserSession.secret_hash == credentials.hashed(secret))
    )
    if before is None or opened is None:
        return
    opened.expires_at = min(opened.expires_at, before.expires_at)
    insert(OidcSession(session_id=opened.id, identity_id=before.identity_id, sid=before.sid))


def end_sessions(ended: Ended, now: datetime) -> int:
    """Sign out the browsers of what has ended at the provider; says how many. Raises `Conflict` for a token
    that was used before."""
    if not use_up(_key("jti", ended.issuer, ended.token_id), ended.expires_at + TAKEN_LATE, now):
        raise Conflict("this logout token was used before")
    _take_turns(ended_key(ended.issuer, ended.sid))
    if ended.sid:
        # Who is on the way back from the provider at this moment is not signed in by what has ended.
        use_up(ended_key(ended.issuer, ended.sid), now + LASTS + timedelta(hours=1), now)
    theirs = select(OidcSession.session_id, OidcIdentity.user_id).join(
        OidcIdentity, OidcIdentity.id == OidcSession.identity_id
    )
    theirs = theirs.where(OidcIdentity.issuer == ended.issuer)
    if ended.sid:
        theirs = theirs.where(OidcSession.sid == ended.sid)
    if ended.subject:
        theirs = theirs.where(OidcIdentity.subject == ended.subject)
    rows = session().execute(theirs).all()
    session().execute(delete(BrowserSession).where(BrowserSession.id.in_([row[0] for row in rows])))
    names = {row[1]: session().get_one(User, row[1]).name for row in rows}
    for user_id, name in names.items():
        count = sum(row[1] == user_id for row in rows)
        audit.record(PROVIDER, "user.session_ended", "user", name, ended=count)
    return len(rows)


def note_wish(person: Person) -> None:
    """Let admins see who would like to be which account, a few times in a minute at most."""
    told = {"issuer": person.issuer, "provider_subject": person.subject}
    audit.record_rarely(Actor.nobody(), "user.connection_wanted", "user", person.name, **told)


def connect(name: str, issuer: str, subject: str, *, actor: Actor) -> OidcIdentity:
    """Say that this subject at the provider is that account; from then on they sign in as it.

    Raises `NotFound`, `Invalid`, and `Conflict` where the subject is another account's.
    """
    permissions.require(actor, "people.manage")
    user = accounts_queries.account(name)
    if not is_short(subject):
        raise Invalid("a subject is a text of 1 to 255 characters, as the provider shows it", "/subject")
    if known := queries.identity(issuer, subject):
        if known.user_id == user.id:
            return known
        raise Conflict(f"that subject is connected with {known.user.name}; disconnect it there first")
    if len(queries.identities_of(user.id)) >= queries.MOST_OF_ONE:
        raise Conflict(f"{name} has {queries.MOST_OF_ONE} such identities already; disconnect them first")
    return _connected(user, issuer, subject, actor)


def disconnect(name: str, *, actor: Actor) -> int:
    """Forget who an account is at providers, and end the sessions that they opened; says how many."""
    permissions.require(actor, "people.manage")
    user = accounts_queries.account(name)
    known = queries.identities_of(user.id)
    if not known:
        raise NotFound(f"{name} is connected with nobody at an identity provider")
    numbers = [identity.id for identity in known]
    opened = select(OidcSession.session_id).where(OidcSession.identity_id.in_(numbers))
    session().execute(delete(BrowserSession).where(BrowserSession.id.in_(opened)))
    session().execute(delete(OidcIdentity).where(OidcIdentity.id.in_(numbers)))
    told = [{"issuer": identity.issuer, "subject": identity.subject} for identity in known]
    audit.record(actor, "user.disconnected", "user", name, identities=told)
    return len(known)


def ended_key(issuer: str, sid: str) -> str:
    """What is kept of a provider's session that has ended."""
    return _key("ended", issuer, sid)


def state_key(state: str) -> str:
    """What is kept of the state of a sign-in that came back."""
    return _key("state", state)


def _take_turns(key: str) -> None:
    """About the same person, or session of the provider's, one unit of work comes after the other."""
    db.take_turns(int(key[:15], 16))


def _key(*parts: str) -> str:
    return credentials.hashed("\n".join(parts))


def _made(person: Person, role: str, settings: Settings) -> OidcIdentity:
    """An account for whom nobody knows yet. One that is there is never taken over for its name's sake: only
    the company's directory says whose one is, by its own id of them."""
    known = accounts_queries.of_directory(person.directory_ids) if settings.scim_token else None
    # Whoever has another subject at this provider is another person, or was made anew there: an admin knows.
    if known is not None and not queries.is_connected(known.id, person.issuer):
        return _connected(known, person.issuer, person.subject, PROVIDER)
    if not person.name:
        told = f"{settings.oidc_name} does not say {settings.oidc_claim!r} of you, which names accounts here"
        raise NotAllowed(f"{told}; tell an admin")
    if not accounts.NAME.fullmatch(person.name):
        told = f"{settings.oidc_name} calls you {person.name[:60]!r}, which is no name of an account"
        raise NotAllowed(f"{told}; tell an admin")
    if accounts_queries.named(person.name) is not None:
        raise NameTaken(person)
    if role == "none":
        raise NotAllowed("none of your groups gives you a role here; ask an admin")
    try:
        user = accounts.add_user(person.name, role, actor=PROVIDER)
    except Conflict as taken:
        raise NotAllowed(f"no account can be made for you: {taken.detail}") from None
    return _connected(user, person.issuer, person.subject, PROVIDER)


def _connected(user: User, issuer: str, subject: str, actor: Actor) -> OidcIdentity:
    identity = OidcIdentity(issuer=issuer, subject=subject, user=user, created_at=clock.now())
    insert(identity)
    audit.record(actor, "user.connected", "user", user.name, issuer=issuer, provider_subject=subject)
    return identity


def _give_role(user: User, role: str) -> None:
    """The role that groups give. Without one an account is switched off, which ends all that acts for it."""
    is_active = role != "none"
    kept = role if is_active else user.role
    try:
        accounts.change_user(user.name, role=kept, is_active=is_active, actor=PROVIDER)
    except Conflict as refusal:
        # The last admin stays one: else nobody could mend a rule that was written wrong.
        audit.record(PROVIDER, "user.role_kept", "user", user.name, role=user.role, why=refusal.detail)


def _place(user: User, given: dict[str, Placement]) -> None:
    placements.withdraw(user, given, actor=PROVIDER)
    for slug, place in given.items():
        try:
            placements.place(slug, user, place, actor=PROVIDER)
        except NotFound as missing:
            audit.record_rarely(PROVIDER, "team.missing", "team", slug, why=missing.detail)
