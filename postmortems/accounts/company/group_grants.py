"""Group grants: what somebody's groups at the provider give here, by the operator's rules. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from postmortems.accounts.teams.placements import Placement
from postmortems.actor import ROLES, TEAM_ROLES
from postmortems.oidc_values import GroupRule


@dataclass(frozen=True, slots=True)
class Grant:
    """What groups give. `role` is `none` for whom they give none; `decides` where it holds for accounts that
    are there already, and not only for new ones. `teams` has by slug the place in each team of the rules."""

    role: str
    decides: bool
    teams: dict[str, Placement]


def grant(groups: Collection[str], rules: Iterable[GroupRule], default: str) -> Grant:
    """What these groups give: of several roles the last in their order, else the default; and teams."""
    rules = list(rules)
    general = [rule for rule in rules if not rule.team]
    of_teams: dict[str, list[GroupRule]] = {}
    for rule in rules:
        if rule.team:
            of_teams.setdefault(rule.team, []).append(rule)
    roles = [rule.role for rule in general if rule.group in groups]
    return Grant(
        role=max(roles, key=ROLES.index, default=default),
        decides=bool(general),
        teams={slug: _place(groups, of_team) for slug, of_team in of_teams.items()},
    )


def _place(groups: Collection[str], rules: Collection[GroupRule]) -> Placement:
    """The place in the team that all these rules are about."""
    theirs = [rule for rule in rules if rule.group in groups]
    highest = max(
        (rule for rule in theirs if rule.role), key=lambda rule: TEAM_ROLES.index(rule.role), default=None
    )
    if highest is not None:
        return Placement(True, highest.role, highest.group)
    return Placement(bool(theirs), "" if any(rule.role for rule in rules) else None)
