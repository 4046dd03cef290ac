"""The table of acts, scopes and roles as the text file beside this says it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Allowed(NamedTuple):
    """Who may do something: with a token of this scope, or without one, in these roles.

    `by_team`: whether a role in `any` or in `each` of its teams counts as well.
    """

    scope: str
    roles: frozenset[str]
    by_team: str = ""


def table() -> dict[str, Allowed]:
    """By act, in the order of the file."""
    found: dict[str, Allowed] = {}
    for line in Path(__file__).with_name("permissions.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            said, _, by_team = line.partition("team:")
            act, scope, *roles = said.split()
            assert act not in found, f"{act} has two rows"
            found[act] = Allowed(scope, frozenset(roles), by_team.strip())
    return found
