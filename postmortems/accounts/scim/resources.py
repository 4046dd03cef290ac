"""Resources of SCIM: accounts and teams as a directory sees them, and what of the protocol we do.

Shapes, filters and patches are those of `scim2_models`. What directories send besides (names, telephones,
departments) is taken and dropped: the schemas that we publish say what is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from scim2_models import (
    URN,
    ComplexAttribute,
    GroupMember,
    GroupMembership,
    Meta,
    Mutability,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ServiceProviderConfig,
    Uniqueness,
)

from postmortems import limits
from postmortems.accounts.models import User
from postmortems.accounts.teams.models import BY_HAND, BY_RULE, Team

BASE = "/scim/v2"
# Directories send more than they were told of, remove members by value, and set what is not there yet.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


class Mail(ComplexAttribute):
    """A mail address as directories say one; whether it can be one is looked at when it is kept."""

    value: str | None = None
    """The mail address."""

    type: str | None = None
    """What it is for: `work`, `home`."""

    primary: bool | None = None
    """Whether it is the one to write to."""


class Account(Resource[Any]):
    """User Account"""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """The name of the account, which people sign in with and items name as their owner."""

    active: bool | None = None
    """Whether somebody can sign in. Once false, all sessions and tokens are over for good."""

    emails: list[Mail] | None = None
    """Where mail goes: the primary one, else that for work, else the first is kept."""

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The teams of this account."""


class Group(Resource[Any]):
    """Group"""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """The name of the team."""

    members: list[GroupMember] | None = None
    """The accounts in the team. Who leads it is said here, not there."""


Kind = TypeVar("Kind", Account, Group)
SCHEME = {
    "type": "oauthbearertoken",
    "name": "Bearer token",
    "description": "The token that the operator has set as POSTMORTEMS_SCIM_TOKEN.",
    "primary": True,
}
TYPES: tuple[tuple[str, str, type[Account] | type[Group], str], ...] = (
    ("User", "/Users", Account, "Accounts of people and programs."),
    ("Group", "/Groups", Group, "Teams, which own action items and services."),
)


def of_account(user: User, teams: Iterable[Team], mail: str, url: str) -> Account:
    """An account with the teams it is in and where its mail goes; `url` is where people reach us."""
    memberships = [
        GroupMembership.model_validate(
            {"value": str(team.id), "display": team.name, "$ref": f"{url}{BASE}/Groups/{team.id}"}
            | {"type": "direct"}
        )
        for team in teams
    ]
    account = Account(
        id=str(user.id),
        external_id=user.external_id,
        user_name=user.name,
        active=user.is_active,
        emails=[Mail(value=mail, type="work", primary=True)] if mail else None,
        groups=memberships or None,
    )
    return _with_meta(account, "User", f"{url}{BASE}/Users/{user.id}", user)


def mail_of(account: Account) -> str:
    """The one mail address that is kept of those a directory says; "" where it says none."""
    said = [one for one in account.emails or () if one.value and one.value.strip()]
    # What comes first of what is alike stays first.
    said.sort(key=lambda one: (one.primary is not True, (one.type or "").lower() != "work"))
    return (said[0].value or "").strip() if said else ""


def of_team(team: Team, url: str, *, has_members: bool = True) -> Group:
    """A team with its members by their accounts' ids, but for those whom a rule put there."""
    shown = [member for member in team.members if member.via != BY_RULE]
    members = [
        {
            "value": str(member.user_id),
            "display": member.user.name,
            "$ref": f"{url}{BASE}/Users/{member.user_id}",
            "type": "User",
        }
        for member in (sorted(shown, key=lambda one: one.user_id) if has_members else ())
    ]
    group = Group(
        id=str(team.id),
        external_id=team.external_id,
        display_name=team.name,
        members=[GroupMember.model_validate(each) for each in members] or None,
    )
    return _with_meta(group, "Group", f"{url}{BASE}/Groups/{team.id}", team)


def _with_meta(resource: Kind, name: str, location: str, row: User | Team) -> Kind:
    said = json.dumps(resource.model_dump(), sort_keys=True)
    version = f'W/"{hashlib.sha256(said.encode()).hexdigest()[:16]}"'
    resource.meta = Meta(resource_type=name, created=row.created_at, location=location, version=version)
    return resource


def member_ids(group: Group) -> list[str]:
    """Whom a group names, each once: directories add people again under another display name."""
    return list(dict.fromkeys(member.value or "" for member in group.members or ()))


def without_those_added_here(team: Team, group: Group) -> Group:
    """A group as the directory filled it: what a patch adds to that, the directory itself has said."""
    here = {str(member.user_id) for member in team.members if member.via == BY_HAND}
    return group.model_copy(
        update={"members": [one for one in group.members or () if one.value not in here] or None}
    )


def by_value(group: Group) -> Group:
    """A group whose members are said by their ids alone, as a patch is to find them."""
    return group.model_copy(
        update={"members": [GroupMember.model_validate({"value": each}) for each in member_ids(group)]}
    )


def with_plain_members(patch: Any) -> Any:
    """A patch whose members are said by their ids alone: others differ in an address or a display name."""
    operations = patch.get("Operations") if isinstance(patch, dict) else None
    if not isinstance(operations, list):
        return patch
    return patch | {"Operations": [_plain(each) if isinstance(each, dict) else each for each in operations]}


def with_paths_apart(patch: Any) -> Any:
    """A patch in which each path that filters has an operation of its own.

    Entra may name all that it changes in one value: `{"emails[type eq \\"work\\"].value": …}`. The library
    follows dotted keys, and drops those with a filter as attributes that it does not know.
    """
    operations = patch.get("Operations") if isinstance(patch, dict) else None
    if not isinstance(operations, list):
        return patch
    return patch | {"Operations": [part for each in operations for part in _parted(each)]}


def _parted(operation: Any) -> list[Any]:
    value = operation.get("value") if isinstance(operation, dict) and not operation.get("path") else None
    if not isinstance(value, dict) or not (paths := [key for key in value if "[" in key]):
        return [operation]
    others = {key: said for key, said in value.items() if "[" not in key}
    alone = [operation | {"path": path, "value": value[path]} for path in paths]
    return [*([operation | {"value": others}] if others else []), *alone]


def _plain(operation: dict[str, Any]) -> dict[str, Any]:
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and path.lower() == "members":
        return operation | ({"value": _ids(value)} if "value" in operation else {})
    if not path and isinstance(value, dict):
        plain = {key: _ids(said) if key.lower() == "members" else said for key, said in value.items()}
        return operation | {"value": plain}
    return operation


def _ids(said: Any) -> Any:
    if isinstance(said, list):
        return [_ids(each) for each in said]
    return {"value": said["value"]} if isinstance(said, dict) and "value" in said else said


def provider_config(url: str) -> ServiceProviderConfig:
    """What of SCIM we do."""
    return ServiceProviderConfig.model_validate(
        {
            "documentationUri": f"{url}/help/identity",
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": True, "maxResults": limits.SCIM_PAGE},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": True},
            "authenticationSchemes": [SCHEME],
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": f"{url}{BASE}/ServiceProviderConfig",
            },
        }
    )


def resource_types(url: str) -> list[ResourceType]:
    """The kinds of resources there are."""
    return [
        ResourceType.model_validate(
            {
                "id": name,
                "name": name,
                "endpoint": endpoint,
                "description": told,
                "schema": str(model.__schema__),
                "meta": {"resourceType": "ResourceType", "location": f"{url}{BASE}/ResourceTypes/{name}"},
            }
        )
        for name, endpoint, model, told in TYPES
    ]


def schemas(url: str) -> list[Schema]:
    """The attributes of each kind that are kept; others that come are dropped."""
    found = []
    for _, _, model, _ in TYPES:
        schema = model.to_schema()
        schema.meta = Meta(resource_type="Schema", location=f"{url}{BASE}/Schemas/{schema.id}")
        found.append(schema)
    return found
