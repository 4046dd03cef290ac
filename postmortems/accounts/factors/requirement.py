"""Requirement: who has to have a second factor, as the operator says by POSTMORTEMS_SECOND_FACTOR."""

from __future__ import annotations

from postmortems.accounts import permissions


def asks(rule: str, role: str) -> bool:
    """Whether somebody with this role has to show a second factor.

    With the admins go the operators, who hold what this server is connected to.
    """
    return rule == "all" or (rule == "admins" and role in permissions.OPERATORS)
