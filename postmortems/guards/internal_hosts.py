"""Hosts that guards look at: what is written for customers does not name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.guards.models import Guard

ADDRESS = re.compile(r"//(?:[^/@\s]*@)?(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])")
# Fields whose whole value is a host, with a port or not.
NAMED = re.compile(r"(?:host|hostname|server|domain|name_server|registry)s?")
HOST = re.compile(r"(?P<host>(?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9-]+)(?::\d+)?")


def hosts() -> frozenset[str]:
    """The hosts in all guards' configurations, in small letters. One query."""
    return frozenset(host for config in session().scalars(select(Guard.config)) for host in of(config))


def of(config: Any, name: str = "") -> Iterator[str]:
    """The hosts that a configuration names, wherever in it."""
    if isinstance(config, dict):
        for key, value in config.items():
            yield from of(value, str(key))
    elif isinstance(config, list):
        for value in config:
            yield from of(value, name)
    elif isinstance(config, str):
        found = [HOST.fullmatch(config)] if NAMED.fullmatch(name) else ADDRESS.finditer(config)
        yield from (match["host"].strip("[]").rstrip(".").lower() for match in found if match)
