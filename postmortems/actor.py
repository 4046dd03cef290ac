"""The actor: who is acting, passed to every operation, whichever door the request came through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = ("viewer", "reviewer", "author", "operator", "admin")
# What one may be in a team besides: each may what those before it may. Operators run the whole service.
TEAM_ROLES = ("reviewer", "author", "admin")
SCOPES = ("read", "write", "metrics", "gate:read", "evidence:write", "sign", "admin")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a person's token, a CI job, or the service itself.

    `kind` is person, token, ci, system or nobody; `name` is the account's name, or the CI identity's.
    A token acts for its owner with at most its `scopes`; None means no narrowing (a person in the
    browser, the system).
    """

    kind: str
    name: str
    role: str = ""
    user_id: int | None = None
    token_id: int | None = None
    # The browser's session, for the audit trail alone.
    session_id: int | None = field(default=None, compare=False)
    scopes: frozenset[str] | None = None
    # The one target a CI job may speak of, by its full name; empty where it is bound to none.
    bound_target: str = ""
    # What the job's signed identity says of its run: commit, run, who started it.
    claims: Mapping[str, str] = field(default_factory=dict, hash=False)
    # By a team's id, the role that counts for what belongs to that team, beside the one that counts for all.
    team_roles: Mapping[int, str] = field(default_factory=dict, hash=False)

    @classmethod
    def system(cls, name: str) -> Actor:
        """The service acting for itself: the command line on the server, the worker, the demo."""
        return cls(kind="system", name=name, role="admin")

    @classmethod
    def nobody(cls) -> Actor:
        return cls(kind="nobody", name="")

    @property
    def is_person(self) -> bool:
        return self.kind == "person"
