"""Repositories under sync: add, change, remove, lease, and record the outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from postmortems import clock, limits
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, is_changed, session
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.exchange.git import address as git_address
from postmortems.exchange.git_sync.models import Remote
from postmortems.zone_tables import available_timezones

SAID = ("url", "branch", "folder", "service", "timezone", "secret", "with_drafts")
LONGEST_FOLDER, LONGEST_SERVICE = 500, 200
SHORTEST_EVERY_S, LONGEST_EVERY_S = 60, 30 * 24 * 3600
REFERENCE = re.compile(r"(env|file|store):[^\s]{1,190}")
# A sync renews it with every file; one that is killed keeps others out no longer than this.
LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """The settings of a repository under sync."""

    url: str
    branch: str = ""
    folder: str = ""
    service: str = ""
    timezone: str = ""
    secret: str = ""
    with_drafts: bool = False
    every_s: int | None = None


def listing(*, actor: Actor, after: int = 0, limit: int = 50) -> Sequence[Remote]:
    """The remotes behind the id `after`, in the order in which they were added."""
    permissions.require(actor, "remote.manage")
    page = select(Remote).where(Remote.id > after).order_by(Remote.id).limit(min(limit, limits.PAGE))
    return list(session().scalars(page))


def one(remote_id: int, *, actor: Actor) -> Remote:
    """The remote. Raises `NotFound`."""
    permissions.require(actor, "remote.manage")
    return by_key(Remote, remote_id, f"there is no git repository {remote_id}")


def save(remote_id: int | None, wanted: RemoteSettings, *, actor: Actor, is_operator: bool = False) -> Remote:
    """Add a remote (None), or change one. Raises `Invalid` with pointers, `Conflict` for one twice."""
    permissions.require(actor, "remote.manage")
    remote = one(remote_id, actor=actor) if remote_id is not None else Remote(created_by=actor.name)
    # What the operator has stored, others may go on with.
    wanted = checked(wanted, is_operator=is_operator or wanted.url == remote.url)
    _refuse_twice(wanted, remote_id)
    if remote_id is None:
        remote.created_at = clock.now()
        session().add(remote)
    elif (remote.url, remote.folder) != (wanted.url, wanted.folder):
        raise Conflict(
            "another address or folder is another repository; add that one, and take this one away"
        )
    before = {"branch": remote.branch, "every_s": remote.every_s}
    become(remote, wanted)
    remote.every_s = wanted.every_s
    remote.due_at = None if wanted.every_s is None else remote.due_at or clock.now()
    session().flush()
    verb = "remote.added" if remote_id is None else "remote.changed"
    told: dict[str, Any] = {"url": remote.url[:200], "branch": remote.branch, "every_s": remote.every_s}
    told |= {"before": before} if remote_id is not None else {}
    audit.record(actor, verb, "remote", str(remote.id), **told)
    return remote


def remove(remote_id: int, *, actor: Actor) -> None:
    """Forget a remote. Neither its files nor any incident changes."""
    remote = one(remote_id, actor=actor)
    session().delete(remote)
    session().flush()
    audit.record(actor, "remote.removed", "remote", str(remote_id), url=remote.url[:200])


def ask(remote_id: int, *, actor: Actor) -> Remote:
    """Let the worker sync it as soon as it can."""
    remote = one(remote_id, actor=actor)
    remote.due_at = clock.now()
    session().flush()
    audit.record(actor, "remote.sync_asked", "remote", str(remote.id))
    return remote


def named(url: str, branch: str, folder: str) -> Remote | None:
    """The remote at that place; without a branch, the first one there."""
    place = select(Remote).where(Remote.url == url, Remote.folder == folder).order_by(Remote.id)
    if branch:
        place = place.where(Remote.branch.in_([branch, ""])).order_by(None)
        place = place.order_by(Remote.branch.desc())
    return session().scalars(place.limit(1)).one_or_none()


def due(now: datetime, limit: int = 20) -> list[int]:
    """The ids of the remotes whose time has come and that nobody syncs."""
    waiting = select(Remote.id).where(Remote.due_at <= now, _is_free(now))
    return list(session().scalars(waiting.order_by(Remote.due_at, Remote.id).limit(limit)))


def claim(remote_id: int, holder: str, now: datetime) -> None:
    """Hold the remote for one sync. Raises `Conflict` while another holds it."""
    free = update(Remote).where(Remote.id == remote_id, _is_free(now))
    if not is_changed(free.values(holder=holder, leased_until=now + LEASE, tried_at=now)):
        busy = session().get(Remote, remote_id)
        until = busy.leased_until if busy else None
        raise Conflict(
            f"another sync of this repository is under way; if it died, its hold ends at {until:%H:%M} UTC"
            if until
            else "this repository was taken away"
        )


def hold(remote_id: int, holder: str, now: datetime) -> None:
    """Renew the hold in each step's unit of work. Raises `Conflict` where another took it over."""
    mine = update(Remote).where(Remote.id == remote_id, Remote.holder == holder)
    if not is_changed(mine.values(leased_until=now + LEASE)):
        raise Conflict("the sync took so long that another took it over; nothing is lost")


def finish(remote_id: int, holder: str, now: datetime, **noted: object) -> None:
    """Release the remote, and record the outcome of the sync."""
    mine = select(Remote).where(Remote.id == remote_id, Remote.holder == holder)
    remote = session().scalars(mine).one_or_none()
    if remote is None:
        return
    for name, value in noted.items():
        setattr(remote, name, value)
    remote.holder, remote.leased_until = "", None
    remote.due_at = None if remote.every_s is None else now + timedelta(seconds=remote.every_s)
    session().flush()


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Remote.leased_until.is_(None), Remote.leased_until <= now)


def _refuse_twice(wanted: RemoteSettings, remote_id: int | None) -> None:
    same = select(Remote.id).where(
        Remote.url == wanted.url, Remote.branch == wanted.branch, Remote.folder == wanted.folder
    )
    if session().scalar(same.where(Remote.id != (remote_id or 0))) is not None:
        raise Conflict("this branch and folder of the repository is synchronised already")


def ensure(wanted: RemoteSettings, *, actor: Actor) -> Remote:
    """Add the remote of an operator's settings, or change the one at that place; what is left out stays."""
    permissions.require(actor, "remote.manage")
    wanted = checked(wanted, is_operator=True)
    there = named(wanted.url, wanted.branch, wanted.folder)
    if there is None:
        return save(None, wanted, actor=actor, is_operator=True)
    kept = RemoteSettings(
        wanted.url, wanted.branch or there.branch, wanted.folder, wanted.service or there.service,
        wanted.timezone or there.timezone, wanted.secret or there.secret,
        wanted.with_drafts or there.with_drafts, there.every_s,
    )  # fmt: skip
    if all(getattr(kept, name) == getattr(there, name) for name in SAID):
        return there
    return save(there.id, kept, actor=actor, is_operator=True)


def become(remote: Remote, wanted: RemoteSettings) -> None:
    """Copy the settings to the remote's row."""
    for name in SAID:
        setattr(remote, name, getattr(wanted, name))


def checked(wanted: RemoteSettings, *, is_operator: bool) -> RemoteSettings:
    """The settings checked, in one spelling. Raises `Invalid` with pointers."""
    problems: list[Problem] = []

    def tried(pointer: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except Invalid as wrong:
            problems.append(Problem(pointer, wrong.detail))
            return ""

    address = tried("/url", lambda: git_address.read(wanted.url, is_operator=is_operator).text)
    branch = tried("/branch", lambda: git_address.branch_name(wanted.branch))
    folder = tried("/folder", lambda: folder_name(wanted.folder))
    if wanted.timezone and wanted.timezone not in available_timezones():
        problems.append(Problem("/timezone", "is no zone; write one such as America/Los_Angeles"))
    if len(wanted.service) > LONGEST_SERVICE:
        problems.append(Problem("/service", f"has more than {LONGEST_SERVICE} characters"))
    if wanted.secret and not REFERENCE.fullmatch(wanted.secret.strip()):
        problems.append(
            Problem("/secret", "say where the secret is, not what it is: store:name, env:NAME, file:/path")
        )
    if wanted.every_s is not None and not SHORTEST_EVERY_S <= wanted.every_s <= LONGEST_EVERY_S:
        problems.append(Problem("/every_s", "is from a minute to 30 days"))
    if problems:
        raise Invalid(problems)
    return RemoteSettings(
        address, branch, folder, wanted.service.strip(), wanted.timezone, wanted.secret.strip(),
        wanted.with_drafts, wanted.every_s,
    )  # fmt: skip


def folder_name(text: str) -> str:
    """A folder of a repository, without slashes around it; `Invalid` where it leads out."""
    parts = [part for part in text.strip().split("/") if part]
    if any(part in {".", "..", ".git"} or not part.isprintable() for part in parts):
        raise Invalid("is no folder of a repository; write it as incidents or docs/incidents")
    name = "/".join(parts)
    if len(name) > LONGEST_FOLDER:
        raise Invalid(f"has more than {LONGEST_FOLDER} characters")
    return name
