"""The table of acts, scopes and roles as the text file beside this says it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Allowed(NamedTuple):
    """Who may do something: with a token of this scope, or without one, in these roles."""

    scope: str
    roles: frozenset[str]


def table() -> dict[str, Allowed]:
    """By act, in the order of the file."""
    found: dict[str, Allowed] = {}
    for line in Path(__file__).with_name("permissions.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            act, scope, *roles = line.split()
            assert act not in found, f"{act} has two rows"
            found[act] = Allowed(scope, frozenset(roles))
    return found
