"""Who has to have a second factor, by rule and role."""

from __future__ import annotations

import pytest

from postmortems.accounts.factors import requirement
from postmortems.actor import ROLES


@pytest.mark.parametrize(
    "rule, asked", [("optional", set()), ("admins", {"operator", "admin"}), ("all", set(ROLES))]
)
def test_a_rule_asks_of_some_roles(rule: str, asked: set[str]) -> None:
    assert {role for role in ROLES if requirement.asks(rule, role)} == asked
