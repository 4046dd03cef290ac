"""A request to import from a tracker, as a form or a program sends it: the place, what of it, and the token.

A token that is given is used for this once and kept nowhere. One in the store belongs to the admins, so they
alone may ask with it: else everybody could read what it can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.egress.client import Egress, NoSecret, Secret
from postmortems.errors import Invalid
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.tracker_imports import files, place
from postmortems.exchange.tracker_imports.fetch import Patience
from postmortems.exchange.tracker_imports.place import TrackerPlace

# Somebody waits for the answer; a command has more time.
WAITS_S, MOST_S = 20.0, 60.0
LONGEST_TOKEN = 1_000
IN_STORE = "store:"


@dataclass(frozen=True, slots=True)
class TrackerRequest:
    """`tracker` is a place such as `github:owner/repo`, `secret` a token in the store, `store:name`."""

    tracker: str
    label: str = ""
    query: str = ""
    account: str = ""
    secret: str = ""
    token: str = field(default="", repr=False)

    def place(self) -> TrackerPlace:
        """Where that is. Raises `Invalid` with pointers."""
        return place.place_of(self.tracker, label=self.label, query=self.query, account=self.account)


def found(wanted: TrackerRequest, *, actor: Actor, way_out: Egress) -> Iterator[ImportFile]:
    """The reports of a tracker, for a person who waits. Raises `Invalid`, `NotAllowed` or `Refusal`."""
    where = wanted.place()
    token = _token(wanted, where, actor, way_out)
    return files.in_tracker(where, token, way_out=way_out, patience=Patience(WAITS_S, most_s=MOST_S))


def _token(wanted: TrackerRequest, where: TrackerPlace, actor: Actor, way_out: Egress) -> Secret:
    if wanted.token:
        return checked(wanted.token)
    if not wanted.secret:
        raise Invalid("give a token, or the name of one in the store: store:name", "/token")
    if not wanted.secret.startswith(IN_STORE):
        raise Invalid("a token that is kept is named as store:name", "/secret")
    permissions.require(actor, "secret.manage")
    try:
        return way_out.secret(wanted.secret, where.api)
    except NoSecret as missing:
        raise Invalid(str(missing), "/secret") from None


def checked(token: str) -> Secret:
    """A token as somebody gave it. Raises `Invalid` for what can be none."""
    token = token.strip()
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise Invalid("this is no token: one has no blank lines and no letters beyond ASCII", "/token")
    return Secret(token)
