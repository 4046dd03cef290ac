"""Team rights: what a role in a team lets somebody do with an incident and its items.

A team has an incident that names a service of it, and an item that names the team as its owner or its team.
What is stored counts, never what is sent: nobody brings another's incident under their team by naming it so.
For whose role counts everywhere, or who has none in a team, nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import func, select

from postmortems.accounts import permissions
from postmortems.accounts.permissions import NO_TEAM
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.db.session import rows, session
from postmortems.document.model import Document, Item
from postmortems.errors import NotAllowed
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.items.item_teams import SERVICES, base
from postmortems.incidents.models import ActionItem, Affected, Incident

# The table itself: whose an incident is, is so whoever looks.
AFFECTED = Affected.__table__
KEYS_AT_ONCE = 1_000
SAVE, EDIT, CLOSE = "incident.save", "item.edit", "item.close_unproven"
BLANK = Item("")

Teams = frozenset[int]
NONE: Teams = frozenset()


class Place(NamedTuple):
    """What of an item says whose it is: its number, its incident's key, and the names that it has."""

    number: int
    incident_id: int
    owner: str
    team: str


def require(actor: Actor, act: str, incident: Incident) -> None:
    """Raise `NotAllowed` unless the actor may do this to the incident."""
    permissions.require(actor, act, of_incident(actor, act, incident.id))


def may(actor: Actor, act: str, incident: Incident) -> bool:
    """Whether the actor may do this to the incident."""
    return permissions.may(actor, act, of_incident(actor, act, incident.id))


def may_with(actor: Actor, act: str, what: Incident | ActionItem) -> bool:
    """The same of an incident or an item."""
    if isinstance(what, Incident):
        return may(actor, act, what)
    return permissions.may(actor, act, _of_places(actor, act, [_place(what)]).get(what.number, NONE))


def require_new(actor: Actor, act: str, services: Iterable[str]) -> None:
    """Raise `NotAllowed` unless the actor may make an incident that names these services."""
    if not permissions.depends(actor, act):
        permissions.require(actor, act)
        return
    named = {base(name) for name in services}
    known = select(SERVICES.c.name, SERVICES.c.team_id).where(SERVICES.c.name.in_(named))
    answering = {row.team_id for row in rows(known) if row.team_id is not None} if named else set()
    if not permissions.may(actor, act, answering):
        raise NotAllowed(f"name a service of a team in which {actor.name} is an author; it names none")


def require_item(actor: Actor, item: ActionItem, act: str = EDIT) -> None:
    """Raise `NotAllowed` unless the actor may do this to the item."""
    permissions.require(actor, act, _of_places(actor, act, [_place(item)]).get(item.number, NONE))


def of_incident(actor: Actor, act: str, incident_id: int) -> Teams:
    """The incident's teams, where it depends on them whether the actor may. One query, or none."""
    if not permissions.depends(actor, act):
        return NONE
    return _of_incidents([incident_id]).get(incident_id, NONE)


def require_target(actor: Actor, act: str, target: str) -> None:
    """Raise `NotAllowed` unless the actor may do this about a target such as `data8/prod`.

    About all that a guard covers, "", no role in a team is enough: it may come to cover more.
    """
    permissions.require(actor, act, of_target(actor, act, target))


def of_target(actor: Actor, act: str, target: str) -> Teams:
    """The team of the target's service, where it depends on it whether the actor may."""
    if not permissions.depends(actor, act):
        return NONE
    known = rows(select(SERVICES.c.team_id).where(SERVICES.c.name == base(target)))
    return frozenset({row.team_id or NO_TEAM for row in known})


def services(actor: Actor, act: str) -> frozenset[str]:
    """The names of the services about which roles in teams let the actor do this. One query, or none."""
    if not permissions.depends(actor, act):
        return frozenset()
    mine = [team for team in actor.team_roles if permissions.may(actor, act, {team})]
    return frozenset(row.name for row in rows(select(SERVICES.c.name).where(SERVICES.c.team_id.in_(mine))))


def may_target(actor: Actor, act: str, target: str, own: Collection[str]) -> bool:
    """Whether the actor may do this about a target; `own` are their `services`."""
    return permissions.may(actor, act) or base(target) in own


def of_incidents(actor: Actor, act: str, ids: Collection[int]) -> dict[int, Teams]:
    """The same of several by their keys; those without a team are left out."""
    return _of_incidents(ids) if ids and permissions.depends(actor, act) else {}


def allowed(actor: Actor, act: str, places: Collection[Place]) -> Teams:
    """The numbers of those of these items to which the actor may do this."""
    if not permissions.depends(actor, act):
        return frozenset(each.number for each in places) if permissions.may(actor, act) else NONE
    whose = _of_places(actor, act, places)
    return frozenset(number for number, of in whose.items() if permissions.may(actor, act, of))


def allowed_numbers(actor: Actor, act: str, numbers: Collection[int]) -> Teams:
    """The same of items by their numbers, as far as they are there for whoever looks."""
    if not permissions.depends(actor, act):
        return frozenset(numbers) if permissions.may(actor, act) else NONE
    columns = (ActionItem.number, ActionItem.incident_id, ActionItem.owner, ActionItem.team)
    places, wanted = list[Place](), sorted(numbers)
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        some = ActionItem.number.in_(wanted[start : start + KEYS_AT_ONCE])
        places += (Place(*row) for row in session().execute(select(*columns).where(some)))
    return allowed(actor, act, places)


def confined(actor: Actor, incident: Incident, refs: Collection[str], act: str = SAVE) -> frozenset[str]:
    """To which items a save has to keep: to none where the actor may save all of the incident.

    Else to those that it is about (`refs`), as one does that is another act than a save. Raises `NotAllowed`
    where it is about none, or one is not theirs.
    """
    if act == SAVE:
        of = of_incident(actor, act, incident.id)
        if not refs or not permissions.depends(actor, act) or permissions.may(actor, act, of):
            permissions.require(actor, act, of)
            return frozenset()
    numbers = {number for ref in refs if (number := number_of(ref)) is not None}
    of_items = EDIT if act == SAVE else act
    if not numbers or allowed_numbers(actor, of_items, numbers) != numbers:
        permissions.require(actor, of_items)
    return frozenset(refs)


def refuse_beyond(refs: Collection[str], before: Document, after: Document) -> None:
    """Raise `NotAllowed` where a save that keeps to these items changes anything else."""
    if refs and _without(before, refs) != _without(after, refs):
        raise NotAllowed(f"of this incident only {', '.join(sorted(refs))} may be changed by who asks")


def _without(document: Document, refs: Collection[str]) -> Document:
    return document.with_items(lambda item: BLANK if item.id in refs else item)


def own_among(actor: Actor, items: Iterable[ActionItem]) -> Teams:
    """The numbers of those items that the actor may edit, where roles in teams decide; of others none."""
    return (
        allowed(actor, EDIT, [_place(item) for item in items]) if permissions.depends(actor, EDIT) else NONE
    )


def _place(item: ActionItem) -> Place:
    return Place(item.number, item.incident_id, item.owner, item.team)


def _of_places(actor: Actor, act: str, places: Collection[Place]) -> dict[int, Teams]:
    """By number, the teams of items, where it depends on them."""
    if not places or not permissions.depends(actor, act):
        return {}
    incidents = _of_incidents({each.incident_id for each in places})
    own = teams_named(name for each in places for name in (each.owner, each.team))
    return {
        each.number: incidents.get(each.incident_id, NONE)
        | {own[name] for name in (each.owner, each.team) if name in own}
        for each in places
    }


def teams_named(names: Iterable[str]) -> dict[str, int]:
    """By name, the teams that are meant by some of these."""
    known = list(dict.fromkeys(filter(None, names)))
    found: dict[str, int] = {}
    for start in range(0, len(known), KEYS_AT_ONCE):
        meant: Mapping[str, teams.Meant] = teams.meant(known[start : start + KEYS_AT_ONCE])
        found |= {name: who.id for name, who in meant.items() if who.kind == "team"}
    return found


def _of_incidents(ids: Collection[int]) -> dict[int, Teams]:
    """By incident, the teams of the services that it names; `NO_TEAM` where one has none."""
    found: dict[int, set[int]] = {}
    keys = sorted(ids)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        answering = func.coalesce(SERVICES.c.team_id, NO_TEAM).label("team_id")
        named = select(AFFECTED.c.incident_id, answering)
        named = named.outerjoin(SERVICES, SERVICES.c.name == AFFECTED.c.service)
        named = named.where(AFFECTED.c.incident_id.in_(keys[start : start + KEYS_AT_ONCE])).distinct()
        for row in rows(named):
            found.setdefault(row.incident_id, set()).add(row.team_id)
    return {key: frozenset(those) for key, those in found.items()}
