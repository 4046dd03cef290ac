"""Sign-in by a proxy in front, which knows the person and says the account's name in a header."""

from __future__ import annotations

from postmortems.accounts import operations, queries
from postmortems.accounts.models import PERSON, User
from postmortems.actor import Actor
from postmortems.errors import NotAllowed
from postmortems.setting_values import Network, is_within


def believed(said: str, peer: str, networks: tuple[Network, ...]) -> str:
    """Whom the header names, where its sender is believed; else empty.

    `peer` is whoever opened the connection, not what a header says of that: else anybody could be anybody.
    """
    return said.strip() if is_within(peer, networks) else ""


def account(name: str, role: str) -> User:
    """The account that the proxy names, made with this role where there is none; with `none`, none is made.

    Raises `NotAllowed` where it is not there or switched off, and `Conflict` where the name means another.
    """
    # Two names in one header are what a proxy hands on that adds its own to what the browser sent.
    if not operations.NAME.fullmatch(name):
        raise NotAllowed(f"the proxy says {name[:40]!r}, which is no name of an account; tell an admin")
    user = queries.named(name)
    if user is None and role == "none":
        raise NotAllowed(f"there is no account named {name}; ask an admin for one")
    if user is None:
        return operations.add_user(name, role, actor=Actor.system("proxy sign-in"))
    if user.kind != PERSON:
        raise NotAllowed(f"{name} is a service account, and nobody signs in as it; tell an admin")
    if not user.is_active:
        raise NotAllowed(f"the account {name} is switched off; ask an admin")
    return user
