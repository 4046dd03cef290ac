"""What groups give: a table."""

from __future__ import annotations

import pytest

from postmortems.accounts.company.group_grants import Grant, grant
from postmortems.accounts.teams.placements import Placement
from postmortems.oidc_values import GroupRule

RULES = (
    GroupRule("sre", role="admin"),
    GroupRule("dev", role="author"),
    GroupRule("all", role="viewer"),
    GroupRule("ops", role="operator"),
    GroupRule("pay", team="payments"),
    GroupRule("pay-guests", team="payments"),
    GroupRule("dev", team="platform"),
)


@pytest.mark.parametrize(
    "groups, default, role, teams",
    [
        (set(), "none", "none", ()),
        (set(), "viewer", "viewer", ()),
        ({"unknown"}, "author", "author", ()),
        ({"all"}, "author", "viewer", ()),
        ({"all", "dev"}, "none", "author", ("platform",)),
        ({"ops", "dev"}, "none", "operator", ("platform",)),
        ({"sre", "dev", "all"}, "none", "admin", ("platform",)),
        ({"pay"}, "viewer", "viewer", ("payments",)),
        ({"pay-guests"}, "none", "none", ("payments",)),
        ({"SRE", "sre "}, "none", "none", ()),
    ],
)
def test_of_several_roles_the_last_in_their_order_and_every_team(
    groups: set[str], default: str, role: str, teams: tuple[str, ...]
) -> None:
    wanted = {slug: Placement(slug in teams) for slug in ("payments", "platform")}

    assert grant(groups, RULES, default) == Grant(role, True, wanted)


def test_without_a_role_among_the_rules_admins_decide() -> None:
    assert grant({"pay"}, [GroupRule("pay", team="payments")], "author") == Grant(
        "author", False, {"payments": Placement(True)}
    )
    assert grant({"pay"}, [], "none") == Grant("none", False, {})


OF_TEAMS = (
    GroupRule("pay", team="payments"),
    GroupRule("pay-leads", role="admin", team="payments"),
    GroupRule("pay-devs", role="author", team="payments"),
    GroupRule("pay-leads", team="platform"),
)


@pytest.mark.parametrize(
    "groups, payments, platform",
    [
        (set(), Placement(False, ""), Placement(False)),
        ({"pay"}, Placement(True, ""), Placement(False)),
        ({"pay-devs"}, Placement(True, "author", "pay-devs"), Placement(False)),
        ({"pay", "pay-devs", "pay-leads"}, Placement(True, "admin", "pay-leads"), Placement(True)),
        ({"Pay-Leads", "payments"}, Placement(False, ""), Placement(False)),
    ],
)
def test_in_a_team_the_highest_role_counts_and_everywhere_none(
    groups: set[str], payments: Placement, platform: Placement
) -> None:
    assert grant(groups, OF_TEAMS, "viewer") == Grant(
        "viewer", False, {"payments": payments, "platform": platform}
    )
