"""Trackers: added, changed and removed by admins, with secrets that are never given back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, session
from postmortems.egress import kept_urls
from postmortems.egress.client import NoSecret, Refused, Secret
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.notify import outbox
from postmortems.tickets import queue
from postmortems.tickets.models import Ticket, Tracker
from postmortems.trackers.services import SERVICES
from postmortems.trackers.wire import Host
from postmortems.vault import encryption
from postmortems.vault.encryption import Vault

MANAGE = "integration.manage"
# What the audit trail tells of one.
TOLD = ("service", "api", "place", "is_enabled", "sends_restricted")
MOST = 50
SHORTEST_SECRET, LONGEST_SECRET = 16, 200
LONGEST_TOKEN = 500
OVERTAKEN = "somebody else saved this since you opened the page: compare, and save again what shall hold"
TEXTS = ("name", "service", "api", "place", "account", "issue_type")


def every() -> list[Tracker]:
    """All of them, by name."""
    return list(session().scalars(select(Tracker).order_by(Tracker.name).limit(MOST)))


def found(tracker_id: int) -> Tracker:
    """Raises `NotFound`."""
    return by_key(Tracker, tracker_id, f"there is no tracker {tracker_id}")


def host(tracker: Tracker, vault: Vault) -> Host:
    """The tracker with its token in the clear: for the moment of a call. Raises `NoSecret`."""
    token = Secret(vault.decrypt(tracker.access_token, f"the access token of {tracker.name}"))
    return Host(tracker.api, tracker.place, token, tracker.account, tracker.issue_type)


def webhook_secret(tracker: Tracker, vault: Vault) -> str:
    """The secret, or one that nobody has where there is none, or the key that encrypted it is gone."""
    if not tracker.webhook_secret:
        return secrets.token_hex()
    try:
        return vault.decrypt(tracker.webhook_secret, f"the webhook secret of {tracker.name}")
    except NoSecret:
        return secrets.token_hex()


def save(fields: Mapping[str, Any], *, actor: Actor, vault: Vault, tracker_id: int | None = None) -> Tracker:
    """Add a tracker, or change the fields that are given; an empty secret leaves the one there is.

    To another address the token is not sent: it is asked for anew. `seen` is the state that was edited, where
    all fields come from a form. Raises `Invalid`, and `Conflict` where somebody else saved since.
    """
    permissions.require(actor, MANAGE)
    tracker = None if tracker_id is None else found(tracker_id)
    if tracker is not None and fields.get("seen", seen(tracker)) != seen(tracker):
        raise Conflict(OVERTAKEN)
    said = _said(fields, tracker)
    token, secret = (str(fields.get(name) or "").strip() for name in ("access_token", "webhook_secret"))
    if problems := [*_problems(said, tracker), *_secret_problems(said, token, secret, tracker)]:
        raise Invalid(problems)
    if tracker is None:
        if len(every()) >= MOST:
            raise Conflict(f"there are {MOST} trackers already")
        tracker = Tracker()
        session().add(tracker)
    elif (tracker.api, tracker.place) != (said["api"], said["place"]):
        _look_anew(tracker)
    before = {name: getattr(tracker, name) for name in TOLD} if tracker.id else {}
    for name, value in said.items():
        setattr(tracker, name, value)
    if token:
        tracker.access_token, tracker.trouble = vault.encrypt(token), ""
    if secret:
        tracker.webhook_secret = vault.encrypt(secret)
    tracker.edited_at = clock.now()
    session().flush()
    # What could not be sent may be sent now.
    queue.ask_again(tracker, clock.now())
    told = {name: said[name] for name in TOLD} | ({"before": before} if before else {})
    told |= {"has_new_token": bool(token), "has_new_secret": bool(secret)}
    audit.record(actor, "tracker.saved", "integration", tracker.name, **told)
    return tracker


def seen(tracker: Tracker) -> str:
    """What tells one state of a tracker from another."""
    return tracker.edited_at.isoformat()


def remove(tracker_id: int, *, actor: Actor) -> None:
    """Forget the tracker, its secrets and what is linked there; the issues stay. Raises `NotFound`."""
    permissions.require(actor, MANAGE)
    tracker = found(tracker_id)
    outbox.give_up(queue.CHANNEL, str(tracker.id), "the tracker was removed")
    session().delete(tracker)
    session().flush()
    audit.record(actor, "tracker.removed", "integration", tracker.name, service=tracker.service)


def _look_anew(tracker: Tracker) -> None:
    """Its issues are somewhere else now, where their numbers may be those of others: `settlement` looks."""
    its = update(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.key != "")
    session().execute(its.values(seen_at=None))


def _said(fields: Mapping[str, Any], tracker: Tracker | None) -> dict[str, Any]:
    """What the tracker says afterwards, but its secrets."""
    said: dict[str, Any] = {}
    for name in TEXTS:
        before = "" if tracker is None else getattr(tracker, name)
        said[name] = str(fields.get(name, before) or "").strip()
    for name, usual in (("is_enabled", True), ("sends_restricted", False)):
        said[name] = bool(fields.get(name, usual if tracker is None else getattr(tracker, name)))
    service = SERVICES.get(said["service"])
    said["api"] = said["api"].rstrip("/") or (service.api if service else "")
    if service is not None and service.name == "jira":
        said["issue_type"] = said["issue_type"] or "Task"
    return said


def _problems(said: Mapping[str, Any], tracker: Tracker | None) -> list[Problem]:
    problems = []
    name, service = said["name"], SERVICES.get(said["service"])
    if not 0 < len(name) <= 100 or not name.isprintable():
        problems.append(Problem("/name", "write a name of at most 100 characters, as in infra-issues"))
    elif any(one.name == name and one is not tracker for one in every()):
        problems.append(Problem("/name", f"there is a tracker named {name} already"))
    if service is None:
        return [*problems, Problem("/service", f"choose one of {', '.join(SERVICES)}")]
    if tracker is not None and tracker.service != service.name:
        problems.append(Problem("/service", "a tracker keeps its service: add another one"))
    if len(said["place"]) > 255 or not service.place.fullmatch(said["place"]):
        problems.append(Problem("/place", f"write {service.place_help}"))
    if len(said["account"]) > 254 or not said["account"].isprintable() or ":" in said["account"]:
        problems.append(Problem("/account", "write the address of the account whose token it is"))
    if len(said["issue_type"]) > 100 or not said["issue_type"].isprintable():
        problems.append(Problem("/issue_type", "write the name of an issue type, such as Task"))
    return [*problems, *_api_problems(said["api"])]


def _api_problems(api: str) -> list[Problem]:
    try:
        kept_urls.check(api, instead="the field for it keeps it encrypted")
        if len(api) > 500 or urlsplit(api).query or urlsplit(api).fragment:
            raise Refused("write the address of the API, such as https://api.github.com")
    except Refused as wrong:
        return [Problem("/api", str(wrong))]
    return []


def _secret_problems(
    said: Mapping[str, Any], token: str, secret: str, tracker: Tracker | None
) -> list[Problem]:
    problems = []
    if token and not (len(token) <= LONGEST_TOKEN and encryption.VALUE.fullmatch(token)):
        problems.append(Problem("/access_token", "paste the access token as the tracker gave it"))
    elif not token and tracker is None:
        problems.append(Problem("/access_token", "paste an access token that may read and write issues"))
    elif not token and tracker is not None and tracker.api != said["api"]:
        # What is kept for one address must not be sent to another by whoever can edit this.
        problems.append(Problem("/access_token", "to change the address, give the access token again"))
    if secret and not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        told = f"the webhook secret has {SHORTEST_SECRET} to {LONGEST_SECRET} characters"
        problems.append(Problem("/webhook_secret", told))
    return problems
