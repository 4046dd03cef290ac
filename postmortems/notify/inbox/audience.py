"""Audience: which people may know of which incidents. For what is worked out for many at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.accounts.teams.models import TeamMember
from postmortems.db.session import session
from postmortems.guards.models import Service
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import Admitted


@dataclass(frozen=True, slots=True)
class Audience:
    """By restricted incident, the accounts it is shown to. Other incidents are shown to everybody."""

    admitted: dict[int, set[str]] = field(default_factory=dict)

    def may_see(self, name: str, incident_id: int | None) -> bool:
        return incident_id not in self.admitted or name in self.admitted[incident_id]


def of(incident_ids: Collection[int]) -> Audience:
    """Who may see these. An admin behind broken glass is one of them until its end."""
    shown = select(Admitted.incident_id, Admitted.name, Admitted.until).where(
        Admitted.incident_id.in_(set(incident_ids))
    )
    glass = select(Admitted.name).where(Admitted.until > clock.now())
    admins = select(User.name).where(User.role == "admin", User.name.in_(glass))
    rows = session().execute(shown).all() if incident_ids else []
    still = set(session().scalars(admins)) if any(row.until for row in rows) else set()
    found: dict[int, set[str]] = {}
    for row in rows:
        names = found.setdefault(row.incident_id, set())
        is_behind_glass = row.until is not None and row.until > clock.now() and row.name in still
        if row.until is None or is_behind_glass:
            names.add(row.name)
    return Audience(found)


def able(act: str) -> list[int]:
    """Who may do this: their accounts' numbers."""
    roles = permissions.ALLOWED[act].roles
    return list(session().scalars(select(User.id).where(User.role.in_(roles), User.is_active)))


def able_about(act: str, targets: Collection[str]) -> dict[str, set[int]]:
    """By target (a full name), who may do this about it: everywhere, or in the team of its service."""
    everywhere, allowed = set(able(act)), permissions.ALLOWED[act]
    named = {item_teams.base(target) for target in targets}
    wanted = select(Service.name, TeamMember.user_id).join(TeamMember, TeamMember.team_id == Service.team_id)
    wanted = wanted.join(User, User.id == TeamMember.user_id).where(User.is_active, Service.name.in_(named))
    in_teams = wanted.where(TeamMember.role.in_(allowed.roles))
    of_services: dict[str, set[int]] = {}
    for row in session().execute(in_teams) if allowed.by_team else ():
        of_services.setdefault(row.name, set()).add(row.user_id)
    return {target: everywhere | of_services.get(item_teams.base(target), set()) for target in targets}


def admins() -> list[int]:
    """The ids of all admins whose account is on."""
    return list(session().scalars(select(User.id).where(User.role == "admin", User.is_active)))


def speakers(team_ids: Collection[int]) -> dict[int, list[int]]:
    """By team, who is told what the team is told: its leads, or where it has none all its members."""
    wanted = select(TeamMember.team_id, TeamMember.user_id, TeamMember.is_lead)
    wanted = wanted.join(User, User.id == TeamMember.user_id).where(TeamMember.team_id.in_(set(team_ids)))
    rows = session().execute(wanted.where(User.is_active)).all() if team_ids else []
    found: dict[int, list[int]] = {}
    for team_id in team_ids:
        members = [row for row in rows if row.team_id == team_id]
        leads = [row.user_id for row in members if row.is_lead]
        found[team_id] = leads or [row.user_id for row in members]
    return found
