"""Who is acting: a small value that every operation takes, whichever door it came through."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("viewer", "author", "admin")
SCOPES = ("read", "write", "gate:read", "evidence:write", "admin")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a person's token, or the service itself.

    `kind` is person, token, system or nobody; `name` is the account's name. A token acts for its owner
    with at most its `scopes`; None means no narrowing (a person in the browser, the system).
    """

    kind: str
    name: str
    role: str = ""
    user_id: int | None = None
    token_id: int | None = None
    scopes: frozenset[str] | None = None

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
