"""Surroundings of a public report: the name that it appears under, and hosts, public and internal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`name` is the operator's, "" where nothing is published here; `url` is the service's own address.

    `internal_hosts` are those that guards look at; what is listed in `public_hosts` is none of them.
    """

    name: str = ""
    url: str = ""
    public_hosts: frozenset[str] = frozenset()
    internal_hosts: frozenset[str] = frozenset()

    @property
    def hosts(self) -> frozenset[str]:
        """All internal hosts, the service's own with them."""
        own = {(urlsplit(self.url).hostname or "").lower()}
        return (self.internal_hosts | own) - self.public_hosts - {""}
