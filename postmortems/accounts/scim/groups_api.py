"""`/Groups` of SCIM: a directory finds, makes, renames, fills and deletes teams."""

from __future__ import annotations

from flask import Response, current_app, request
from scim2_models import Context, InvalidValueException, UniquenessException
from sqlalchemy import select

from postmortems.accounts.models import User
from postmortems.accounts.scim import messages_api, operations, queries, resources
from postmortems.accounts.scim.operations import DIRECTORY
from postmortems.accounts.scim.resources import Group
from postmortems.accounts.teams.models import BY_RULE, Team
from postmortems.db.session import session
from postmortems.errors import Conflict
from postmortems.incidents.items import owners

MEMBERS = "members"


def groups() -> Response:
    """GET finds teams, and so does a POST to `.search`; POST makes one."""
    if request.method == "POST" and not messages_api.is_search():
        return _create()
    asked, start, count = messages_api.search(Group)
    left_out = [str(each).lower() for each in asked.excluded_attributes or ()]
    total, found = queries.groups(
        asked.filter, start, count, messages_api.url(), has_members=MEMBERS not in left_out
    )
    return messages_api.page(found, total, start, asked)


def group(number: str) -> Response:
    """One team: GET shows it, PUT and PATCH change it, DELETE deletes it; its items and services stay."""
    row = queries.team(number, to_change=request.method != "GET")
    present = resources.of_team(row, messages_api.url())
    if request.method == "GET":
        return messages_api.shown(present)
    messages_api.refuse_stale(present)
    if request.method == "DELETE":
        were = {member.user_id for member in row.members}
        owners.delete_team(row.slug, actor=DIRECTORY)
        _give_roles(were)
        return Response(status=204)
    if request.method == "PUT":
        listed = wanted = messages_api.read(Group, Context.RESOURCE_REPLACEMENT_REQUEST)
    else:
        wanted = messages_api.patched(resources.by_value(present), resources.with_plain_members)
        filled = resources.by_value(resources.without_those_added_here(row, present))
        listed = messages_api.patched(filled, resources.with_plain_members)
    return messages_api.shown(_saved(row, wanted, listed))


def _create() -> Response:
    wanted = messages_api.read(Group, Context.RESOURCE_CREATION_REQUEST)
    name = wanted.display_name or ""
    members = _members(wanted, {})
    try:
        row = owners.create_team(operations.free_slug(name), name, members, actor=DIRECTORY, listed=members)
    except Conflict as taken:
        raise UniquenessException(detail=taken.detail) from None
    operations.link_team(row, wanted.external_id, actor=DIRECTORY)
    _give_roles({member.user_id for member in row.members})
    return messages_api.shown(resources.of_team(row, messages_api.url()), 201)


def _saved(row: Team, wanted: Group, listed: Group) -> Group:
    """Save what the directory wants; `listed` has those members whom it has named itself."""
    # Who leads is said here: a directory that fills the team leaves it as it is.
    leads = {member.user_id: member.is_lead for member in row.members}
    # And whom a rule put there stays as long as the rule says so.
    placed = {member.user.name: member.is_lead for member in row.members if member.via == BY_RULE}
    named = _members(listed, leads)
    members = placed | _members(wanted, leads)
    try:
        row = owners.change_team(row.slug, wanted.display_name or "", members, actor=DIRECTORY, listed=named)
    except Conflict as taken:
        raise UniquenessException(detail=taken.detail) from None
    operations.link_team(row, wanted.external_id, actor=DIRECTORY)
    _give_roles(leads.keys() | {member.user_id for member in row.members})
    return resources.of_team(queries.team(str(row.id)), messages_api.url())


def _members(wanted: Group, leads: dict[int, bool]) -> dict[str, bool]:
    """The accounts that a group names, by name, and whether they lead the team."""
    said = resources.member_ids(wanted)
    numbers = [int(each) for each in said if each.isascii() and each.isdecimal() and len(each) < 10]
    found = {user.id: user.name for user in session().scalars(select(User).where(User.id.in_(numbers)))}
    if unknown := [each for each in said if each not in {str(number) for number in found}]:
        named = ", ".join(each[:40] for each in unknown[:5])
        told = f"members: no account has the id {named}; a team has accounts alone"
        raise InvalidValueException(detail=told)
    return {name: leads.get(number, False) for number, name in found.items()}


def _give_roles(user_ids: set[int]) -> None:
    settings = current_app.extensions["settings"]
    operations.give_roles(user_ids, settings.oidc_groups, settings.scim_role, actor=DIRECTORY)
