"""Departures: somebody's account is switched off, and what they had still to do goes to others.

Here, for an edit of many items is held to the closing rules of the gate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from postmortems.accounts import operations as accounts_operations
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.accounts.models import User
from postmortems.accounts.programs import operations as programs_operations
from postmortems.accounts.programs import queries as programs
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.queries import Meant
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.followup import rules
from postmortems.followup.bulk import queries as bulk_queries
from postmortems.followup.bulk.models import BulkEdit
from postmortems.followup.bulk.plan import ItemFacts
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import bulk_edits
from postmortems.incidents.models import Admitted

UNCLOSED = ",".join(rules.UNCLOSED)


@dataclass(frozen=True, slots=True)
class Departure:
    """Whose account is off, the edit that handed items over, if any, and the refs of those that stay.

    `programs` are the service accounts that they answered for; the taker answers now, if there is one.
    """

    user: User
    edit: BulkEdit | None
    stay: list[str]
    programs: list[str]


def switch_off(name: str, *, to: str = "", actor: Actor) -> Departure:
    """Switch an account off, and hand what it owned to the account or team that `to` names: unclosed action
    items, and the answer for service accounts.

    Without `to` they keep their owner, who is shown as gone, and their team's leads hear of them. So does a
    restricted item that its new owner could not read. What the viewer may not know of stays unmentioned.
    For an account that is off already this hands over what it left behind. Raises `NotFound`, `Invalid` at
    `/to`, and `Conflict` for the only admin.
    """
    permissions.require(actor, "people.manage")
    user = accounts.account(name)
    taker = _taker(user, to) if to else None
    items = owned(name)
    accounts_operations.change_user(name, role=user.role, is_active=False, actor=actor)
    of_theirs = programs.owned(user.id)
    if taker is None:
        return Departure(user, None, [facts.ref for facts in items], of_theirs)
    for program in of_theirs:
        whose = {"team": taker.key} if taker.kind == "team" else {"owner": taker.name}
        programs_operations.change(program, whose, actor=actor)
    admitted = _admitted({facts.incident_id for facts in items})
    taken = [facts for facts in items if may_take(taker, admitted.get(facts.incident_id, set()))]
    stay = [facts.ref for facts in items if facts not in taken]
    message = f"the account {name} was switched off"
    edit = bulk_edits.begin(taken, {"owner": taker.name}, actor=actor, message=message) if taken else None
    return Departure(user, edit, stay, of_theirs)


def owned(name: str) -> list[ItemFacts]:
    """The unclosed items of whoever is meant by a name, as far as the viewer may know of them."""
    return bulk_queries.of_filters(Filters(owner=name, status=UNCLOSED))


def may_take(taker: Meant, admitted: Iterable[str]) -> bool:
    """Whether the taker may own an item of an incident that is shown to these alone, or to all if to none.

    A team may not: others than those come into it.
    """
    shown_to = set(admitted)
    return not shown_to or (taker.kind == "account" and taker.name in shown_to)


def _taker(user: User, to: str) -> Meant:
    taker = teams.meant([to]).get(to)
    if taker is None:
        raise Invalid(f"there is no account and no team named {to!r}", "/to")
    if taker.kind == "account" and taker.id == user.id:
        raise Invalid(f"{to} is who leaves: name somebody else, or a team", "/to")
    if not taker.is_able:
        raise Invalid(f"the account {taker.name} is switched off itself", "/to")
    return taker


def _admitted(incident_ids: set[int]) -> dict[int, set[str]]:
    """By restricted incident, whom it names; who only broke the glass is none of them."""
    named = select(Admitted.incident_id, Admitted.name)
    named = named.where(Admitted.incident_id.in_(incident_ids), Admitted.until.is_(None))
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in session().execute(named):
        found[row.incident_id].add(row.name)
    return found
