"""Mappings of GitLab's status checks, branches and environments to targets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import func, select

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, insert, session
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.gitlab import servers
from postmortems.gitlab.models import GitlabPlace
from postmortems.guards import queries as guards

# What a place is, and what its name names.
KINDS = {
    "check": "status check",
    "branch": "merge requests into a branch",
    "environment": "environment",
}
NUMBER = re.compile(r"[1-9]\d{0,18}")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)+")
MOST = 500


def every() -> list[GitlabPlace]:
    """All of them, by project and name."""
    by_name = select(GitlabPlace).order_by(GitlabPlace.project, GitlabPlace.kind, GitlabPlace.name)
    return list(session().scalars(by_name.limit(MOST)))


def place(server_id: int, project_id: str, kind: str, name: str) -> GitlabPlace | None:
    mine = select(GitlabPlace).where(
        GitlabPlace.server_id == server_id,
        GitlabPlace.project_id == project_id,
        GitlabPlace.kind == kind,
        GitlabPlace.name == name,
    )
    return session().scalar(mine)


def target(server_id: int, project_id: str, told: Mapping[str, str]) -> str:
    """The target of what GitLab asks about, "" for none. A named status check says more than a branch."""
    for kind in KINDS:
        found = place(server_id, project_id, kind, told[kind]) if told.get(kind) else None
        if found is not None:
            return found.target
    return ""


def add(
    server_id: str, project_id: str, project: str, kind: str, name: str, target: str, *, actor: Actor
) -> GitlabPlace:
    """Say which target a place is. Raises `Invalid` with pointers, or `Conflict`."""
    permissions.require(actor, "integration.manage")
    problems = _problems(project_id, project, kind, name)
    if not NUMBER.fullmatch(server_id) or int(server_id) not in {one.id for one in servers.every()}:
        problems.append(Problem("/server_id", "choose a GitLab server"))
    if guards.target_named(target) is None:
        problems.append(
            Problem("/target", f"{target or 'this'} is no target we know; write one as data8/prod")
        )
    if problems:
        raise Invalid(problems)
    if place(int(server_id), project_id, kind, name) is not None:
        raise Conflict(f"the {KINDS[kind]} {name} of {project} has a target already")
    if (session().scalar(select(func.count()).select_from(GitlabPlace)) or 0) >= MOST:
        raise Conflict(f"there are {MOST} places already")
    row = GitlabPlace(
        server_id=int(server_id), project_id=project_id, project=project, kind=kind, name=name, target=target
    )
    insert(row)
    audit.record(actor, "gitlab.place_added", "target", target, project=project, kind=kind, name=name)
    return row


def remove(place_id: int, *, actor: Actor) -> None:
    """Answer for it no longer: its merge requests fail from then on, its deployments wait for others."""
    permissions.require(actor, "integration.manage")
    row = by_key(GitlabPlace, place_id, "there is no such place")
    session().delete(row)
    session().flush()
    told = {"project": row.project, "kind": row.kind, "name": row.name}
    audit.record(actor, "gitlab.place_removed", "target", row.target, **told)


def _problems(project_id: str, project: str, kind: str, name: str) -> list[Problem]:
    problems = []
    if not NUMBER.fullmatch(project_id):
        problems.append(Problem("/project_id", "write the project's number: names can be taken over"))
    if len(project) > 255 or not PATH.fullmatch(project):
        problems.append(Problem("/project", "write the project's path, as in data8/infrastructure"))
    if kind not in KINDS:
        problems.append(Problem("/kind", "choose a status check, a branch or an environment"))
    if not 0 < len(name) <= 255 or not name.isprintable():
        problems.append(Problem("/name", "write its name as GitLab has it, letter by letter"))
    return problems
