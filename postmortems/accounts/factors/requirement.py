"""Requirement: who has to have a second factor, as the operator says by POSTMORTEMS_SECOND_FACTOR."""

from __future__ import annotations


def asks(rule: str, role: str) -> bool:
    """Whether somebody with this role has to show a second factor."""
    return rule == "all" or (rule == "admins" and role == "admin")
