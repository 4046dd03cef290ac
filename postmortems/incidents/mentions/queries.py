"""Queries of mentions: which accounts and incidents are meant, who is not told, and what mentions me."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.db.session import existing, session
from postmortems.document.model import Document
from postmortems.incidents.mentions import places
from postmortems.incidents.mentions.models import Mention
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions

# In one statement, and of one page or save: a text of nothing but names must not take hundreds of statements.
AT_ONCE, MOST_NAMES = 500, 5_000


def accounts(names: Iterable[str]) -> dict[str, User]:
    """By name as it is written, the account that is meant: capitals count only where two differ by them.

    Who was renamed is meant by what they were called before, too.
    """
    wanted = {name for name in names if name.isascii()}
    found: dict[str, list[User]] = {}
    for some in _batches({name.lower() for name in wanted}):
        for user in session().scalars(select(User).where(User.small_name.in_(some), User.kind == PERSON)):
            found.setdefault(user.name.lower(), []).append(user)
    meant = {}
    for name in wanted:
        alike = found.get(name.lower(), [])
        exact = [user for user in alike if user.name == name]
        if exact or len(alike) == 1:
            meant[name] = (exact or alike)[0]
    return meant | _renamed({name for name in wanted if name.lower() not in found})


def _renamed(names: set[str]) -> dict[str, User]:
    today: dict[str, str] = {}
    for some in _batches(names):
        today |= teams.present_names(some)
    if not today:
        return {}
    people = select(User).where(User.name.in_(sorted(set(today.values()))[:AT_ONCE]), User.kind == PERSON)
    by_name = {user.name: user for user in session().scalars(people)}
    return {name: by_name[now] for name, now in today.items() if now in by_name}


def titles(slugs: Iterable[str]) -> dict[str, str]:
    """By slug, the titles of those of the incidents that the viewer may see."""
    found: dict[str, str] = {}
    for some in _batches(set(slugs)):
        told = select(Incident.slug, Incident.title).where(Incident.slug.in_(some))
        found |= {row.slug: row.title for row in session().execute(told)}
    return found


def may_see(name: str, restricted: Iterable[str]) -> bool:
    """Whether an incident that is restricted to these names, or to none, is shown to this account."""
    admitted = restrictions.admitted(restricted)
    return not admitted or name in admitted


@dataclass(frozen=True, slots=True)
class Untold:
    """Somebody who is mentioned and will not be told, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} {self.why}: they are not told of it"


def untold(texts: Mapping[str, str], restricted: Collection[str]) -> list[Untold]:
    """Of the accounts that these texts mention, by name, those that are not told of it."""
    said = places.said(texts)
    meant = accounts(names) if (names := places.names(said)) else {}
    people = {user.name: user for user in meant.values()}
    mentioned = places.by_person(said, {name: user.name for name, user in meant.items()})
    found = []
    for name in sorted(mentioned):
        if not people[name].is_active:
            found.append(Untold(name, "has an account that is switched off"))
        elif not may_see(name, restricted):
            found.append(Untold(name, "may not see this restricted incident"))
    return found


def untold_in(document: Document) -> list[Untold]:
    """Of the accounts that a document mentions, by name, those that are not told of it."""
    return untold(places.texts(document), document.restricted)


def mine(actor: Actor) -> Select[Mention]:
    """What mentions the actor, in incidents that they may see, newest first."""
    shown = select(Mention).join(Incident, Incident.id == Mention.incident_id)
    own = shown.where(Mention.user_id == actor.user_id, Mention.is_there)
    return own.options(joinedload(Mention.incident)).order_by(Mention.id.desc())


def listing(
    actor: Actor, *, is_seen: bool | None = None, before: int | None = None, limit: int = limits.PAGE
) -> list[Mention]:
    """The actor's mentions, newest first; those that they have looked at, have not, or all of them."""
    permissions.require(actor, "incident.read")
    page = mine(actor)
    if is_seen is not None:
        page = page.where(Mention.seen_at.is_not(None) if is_seen else Mention.seen_at.is_(None))
    if before is not None:
        page = page.where(Mention.id < before)
    return list(session().scalars(page.limit(limit)))


def unseen_in(incident: Incident, actor: Actor) -> list[Mention]:
    """What in this incident mentions the actor and is news to them, in the order it was written."""
    if actor.user_id is None:
        return []
    here = mine(actor).where(Mention.incident_id == incident.id, Mention.seen_at.is_(None))
    return list(session().scalars(here.limit(limits.PAGE)))[::-1]


def one(number: int, actor: Actor) -> Mention:
    """A mention of the actor. Raises `NotFound`, also for somebody else's."""
    return existing(mine(actor).where(Mention.id == number), "you have no such mention")


def _batches(names: set[str]) -> Iterable[Sequence[str]]:
    ordered = sorted(names)[:MOST_NAMES]
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))
