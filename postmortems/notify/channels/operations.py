"""Adds, changes and removes channels, and tries one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.egress.client import Refused, checked_url
from postmortems.errors import Conflict, Invalid, NotFound, Problem
from postmortems.notify import outbox
from postmortems.notify.channels import queries
from postmortems.notify.channels.dispatch import KINDS
from postmortems.notify.channels.formats import FORMATS
from postmortems.notify.channels.models import CHANNEL, ChatChannel
from postmortems.notify.models import Message
from postmortems.vault.encryption import Vault

NAME = re.compile(r"\S(.{0,98}\S)?")
LONGEST_URL = 2_000


def add(fields: Mapping[str, Any], *, actor: Actor, vault: Vault) -> ChatChannel:
    """A new channel of `name`, `kind`, `url`, `tells` and `team` (a slug, or ""). Raises `Invalid`."""
    permissions.require(actor, "channel.manage")
    if (session().scalar(select(func.count()).select_from(ChatChannel)) or 0) >= queries.MOST:
        raise Conflict(f"there are {queries.MOST} channels already; remove one first")
    checked = _checked(fields, known=None)
    channel = ChatChannel(
        **{name: checked[name] for name in ("name", "kind", "host", "tells", "team_id")},
        url=vault.encrypt(fields["url"].strip()),
        created_at=clock.now(),
    )
    insert(channel)
    audit.record(actor, "channel.added", "channel", channel.name, **_said(channel))
    return channel


def change(
    number: int, fields: Mapping[str, Any], *, actor: Actor, vault: Vault, seen: str = ""
) -> ChatChannel:
    """Change what is given; an empty `url` keeps the one that is stored. Switched on, it begins anew.

    `seen` is the `state` that was edited, "" for whichever. Raises `Invalid`, and `Conflict` where another
    admin has changed the channel since.
    """
    permissions.require(actor, "channel.manage")
    channel = queries.held(number)
    if seen and seen != state(channel):
        raise Conflict(f"somebody else changed {channel.name} since you opened it: look at theirs first")
    kept = {
        "name": channel.name,
        "kind": channel.kind,
        "url": "",
        "tells": channel.tells,
        "team": channel.team.slug if channel.team else "",
        "is_enabled": channel.is_enabled,
    }
    wanted, before = {**kept, **fields}, _said(channel)
    checked = _checked(wanted, known=channel)
    channel.name, channel.kind = checked["name"], checked["kind"]
    channel.tells, channel.team_id = checked["tells"], checked["team_id"]
    if wanted["url"].strip():
        channel.url, channel.host = vault.encrypt(wanted["url"].strip()), checked["host"]
    channel.is_enabled = bool(wanted["is_enabled"])
    channel.trouble, channel.refusals, channel.failing_since = "", 0, None
    session().flush()
    audit.record(actor, "channel.edited", "channel", channel.name, before=before, **_said(channel))
    return channel


def state(channel: ChatChannel) -> str:
    """What an admin chose of it, as a short text that is another one after each change."""
    chosen = [channel.name, channel.kind, channel.url, channel.tells, channel.team_id, channel.is_enabled]
    return hashlib.blake2b(json.dumps(chosen).encode(), digest_size=12).hexdigest()


def remove(number: int, *, actor: Actor) -> None:
    """Remove a channel; what waits for it is not sent."""
    permissions.require(actor, "channel.manage")
    channel = queries.by_id(number)
    outbox.give_up(CHANNEL, str(channel.id), "the channel was removed")
    session().delete(channel)
    session().flush()
    audit.record(actor, "channel.removed", "channel", channel.name, **_said(channel))


def test(number: int, *, actor: Actor) -> Message:
    """Put a message that says only that it arrived. Raises `Conflict` for one that is switched off."""
    permissions.require(actor, "channel.manage")
    channel, now = queries.by_id(number), clock.now()
    if not channel.is_enabled:
        raise Conflict(f"{channel.name} is switched off; switch it on first")
    key = f"{channel.id}:test:{now.timestamp()}"
    message = outbox.put(CHANNEL, str(channel.id), key, {"letter": "test", "by": actor.name}, now)
    if message is None:
        raise Conflict("one is on its way already")
    audit.record(actor, "channel.tested", "channel", channel.name)
    return message


def _checked(fields: Mapping[str, Any], known: ChatChannel | None) -> dict[str, Any]:
    problems = []
    name, kind, tells = fields["name"].strip(), fields["kind"], sorted(set(fields["tells"]))
    if not NAME.fullmatch(name):
        problems.append(Problem("/name", "say which channel it is, in at most 100 characters"))
    elif session().scalar(select(ChatChannel.id).where(ChatChannel.name == name)) not in {
        None,
        known.id if known else None,
    }:
        problems.append(Problem("/name", f"there is a channel called {name} already"))
    if kind not in FORMATS:
        problems.append(Problem("/kind", f"is none of {', '.join(FORMATS)}"))
    if not tells or set(tells) - set(KINDS):
        problems.append(Problem("/tells", f"choose at least one of {', '.join(KINDS)}"))
    host, team_id = "", None
    try:
        if fields["url"].strip() or known is None:
            host = _host(fields["url"].strip())
    except Refused as wrong:
        problems.append(Problem("/url", str(wrong)))
    try:
        team_id = teams.team(fields["team"]).id if fields["team"] else None
    except NotFound as missing:
        problems.append(Problem("/team", missing.detail))
    if problems:
        raise Invalid(problems)
    return {"name": name, "kind": kind, "tells": tells, "host": host, "team_id": team_id}


def _host(url: str) -> str:
    """What of the address may be shown. Raises `Refused`, repeating nothing of it."""
    if len(url) > LONGEST_URL:
        raise Refused("an address has at most 2,000 characters")
    try:
        found = checked_url(url)
    except Refused:
        raise Refused("is no address; copy it whole, as the chat shows it: https://…") from None
    return str(found.host)[:300]


def _said(channel: ChatChannel) -> dict[str, Any]:
    return {"kind": channel.kind, "host": channel.host, "tells": channel.tells, "enabled": channel.is_enabled}
