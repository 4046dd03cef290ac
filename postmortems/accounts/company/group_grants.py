"""Group grants: what somebody's groups at the provider give here, by the operator's rules. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from postmortems.actor import ROLES
from postmortems.oidc_values import GroupRule


@dataclass(frozen=True, slots=True)
class Grant:
    """What groups give. `role` is `none` for whom they give none; `decides` where it holds for accounts that
    are there already, and not only for new ones. Of `teams`, by slug, whether they are in it."""

    role: str
    decides: bool
    teams: dict[str, bool]


def grant(groups: Collection[str], rules: Iterable[GroupRule], default: str) -> Grant:
    """What these groups give: of several roles the last in their order, else the default; and teams."""
    rules = list(rules)
    roles = [rule.role for rule in rules if rule.role and rule.group in groups]
    teams = {rule.team: False for rule in rules if rule.team}
    teams |= {rule.team: True for rule in rules if rule.team and rule.group in groups}
    return Grant(
        role=max(roles, key=ROLES.index, default=default),
        decides=any(rule.role for rule in rules),
        teams=teams,
    )
