"""Outlets: where incidents are published, added and changed by admins; their tokens are never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy import select, update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, session
from postmortems.egress import kept_urls
from postmortems.egress.client import Refused, Secret
from postmortems.errors import Conflict, Invalid, NotFound, Problem
from postmortems.exchange.publishing.kind import Kind
from postmortems.exchange.publishing.kinds import KINDS
from postmortems.exchange.publishing.models import Outlet, Publication
from postmortems.trackers.wire import Host
from postmortems.vault import encryption
from postmortems.vault.encryption import Vault

MANAGE = "integration.manage"
MOST = 20
OVERTAKEN = "somebody else saved this since you opened the page: compare, and save again what shall hold"
# What says which page a key means.
WHERE = ("kind", "api", "place")
LONGEST = {"name": 100, "place": 255, "account": 254}


def every() -> list[Outlet]:
    """All of them, by name."""
    return list(session().scalars(select(Outlet).order_by(Outlet.name).limit(MOST)))


def found(outlet_id: int) -> Outlet:
    """Raises `NotFound`."""
    return by_key(Outlet, outlet_id, "there is no such outlet")


def named(name: str) -> Outlet:
    """The outlet of a name. Raises `NotFound`, with the names that there are."""
    outlet = session().scalar(select(Outlet).where(Outlet.name == name))
    if outlet is None:
        there = ", ".join(one.name for one in every()) or "none yet"
        raise NotFound(f"there is no outlet named {name!r}; there is: {there}")
    return outlet


def host(outlet: Outlet, vault: Vault) -> Host:
    """Where and as whom to call, with the token in the clear: for the moment of a call. Raises `Refused`."""
    token = vault.decrypt(outlet.access_token, f"the access token of {outlet.name}")
    return Host(outlet.api, outlet.place, Secret(token), outlet.account)


def save(fields: Mapping[str, str], *, actor: Actor, vault: Vault, outlet_id: int | None = None) -> Outlet:
    """Add an outlet, or change one; an empty token leaves the one there is.

    `seen` is the state that was edited. Raises `Invalid`, and `Conflict` where somebody else saved since.
    """
    permissions.require(actor, MANAGE)
    outlet = None if outlet_id is None else found(outlet_id)
    if outlet is not None and fields.get("seen", seen(outlet)) != seen(outlet):
        raise Conflict(OVERTAKEN)
    said = {name: fields.get(name, "").strip() for name in ("name", "kind", "api", "place", "account")}
    said["api"], token = said["api"].rstrip("/"), fields.get("access_token", "").strip()
    if problems := [*_problems(said, outlet), *_token_problems(token, outlet)]:
        raise Invalid(problems)
    if outlet is None:
        if len(every()) >= MOST:
            raise Conflict(f"there are {MOST} outlets already")
        outlet = Outlet()
        session().add(outlet)
    elif outlet.api != said["api"] and not token:
        # What is kept for one address must not be sent to another by whoever can edit this.
        raise Invalid("to change the address, give the access token again", "/api")
    if outlet.id is not None and any(getattr(outlet, name) != said[name] for name in WHERE):
        _look_anew(outlet)
    before = {"api": outlet.api, "place": outlet.place} if outlet.id else None
    for name, value in said.items():
        setattr(outlet, name, value)
    outlet.edited_at = clock.now()
    if token:
        outlet.access_token = vault.encrypt(token)
    session().flush()
    told = {"api": outlet.api, "place": outlet.place, "has_new_token": bool(token)}
    told |= {"before": before} if before else {}
    audit.record(actor, "outlet.saved", "integration", outlet.name, **told)
    return outlet


def seen(outlet: Outlet) -> str:
    """What tells one state of an outlet from another."""
    return outlet.edited_at.isoformat()


def _look_anew(outlet: Outlet) -> None:
    """Its pages are somewhere else now, where their keys may be those of others: `publish` looks."""
    session().execute(update(Publication).where(Publication.outlet_id == outlet.id).values(version=""))


def remove(outlet_id: int, *, actor: Actor) -> None:
    """Publish there no longer, and forget its token; the pages stay as they are."""
    permissions.require(actor, MANAGE)
    outlet = found(outlet_id)
    session().delete(outlet)
    session().flush()
    audit.record(actor, "outlet.removed", "integration", outlet.name, api=outlet.api)


def _problems(said: Mapping[str, str], outlet: Outlet | None) -> list[Problem]:
    problems = [
        Problem(f"/{name}", f"at most {most} characters, and none that cannot be shown")
        for name, most in LONGEST.items()
        if len(said[name]) > most or (said[name] and not said[name].isprintable())
    ]
    if not said["name"]:
        problems.append(Problem("/name", "write what you call it here, such as wiki"))
    elif any(one.name == said["name"] and one is not outlet for one in every()):
        problems.append(Problem("/name", f"there is an outlet named {said['name']} already"))
    kind = KINDS.get(said["kind"])
    if kind is None:
        problems.append(Problem("/kind", f"one of {', '.join(KINDS)}"))
    elif not kind.place.fullmatch(said["place"]):
        problems.append(Problem("/place", kind.place_help))
    return problems + _address_problems(said["api"], kind)


def _address_problems(api: str, kind: Kind | None) -> list[Problem]:
    try:
        kept_urls.check(api, instead="the field for it keeps it encrypted")
        if len(api) > 500 or urlsplit(api).query or urlsplit(api).fragment:
            raise Refused(kind.api_help if kind else "the address of the API")
    except Refused as wrong:
        return [Problem("/api", str(wrong))]
    return []


def _token_problems(token: str, outlet: Outlet | None) -> list[Problem]:
    if not token:
        return [] if outlet else [Problem("/access_token", "a token is needed")]
    if not encryption.VALUE.fullmatch(token):
        return [Problem("/access_token", "a token is one line of plain characters")]
    return []
