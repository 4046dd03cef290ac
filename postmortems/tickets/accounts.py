"""Which of a tracker's accounts is which of ours: by an admin's table, or by a confirmed address."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.notify.people.models import NotificationSettings
from postmortems.tickets import trackers
from postmortems.tickets.models import Tracker, TrackerAccount
from postmortems.tickets.values import People

MOST = 2000


def listing(tracker_id: int) -> list[TrackerAccount]:
    """The table of a tracker, by their name."""
    rows = select(TrackerAccount).where(TrackerAccount.tracker_id == tracker_id)
    return list(session().scalars(rows.order_by(TrackerAccount.theirs).limit(MOST)))


def name(tracker_id: int, theirs: str, ours: str, *, actor: Actor) -> TrackerAccount:
    """Say whose account one of theirs is, or say so anew. Raises `Invalid`, `NotFound`."""
    permissions.require(actor, trackers.MANAGE)
    tracker, theirs = trackers.found(tracker_id), theirs.strip().removeprefix("@")
    if not 0 < len(theirs) <= 200 or not theirs.isprintable():
        raise Invalid(f"write the account as {tracker.name} knows it, at most 200 characters", "/theirs")
    user = session().scalar(select(User).where(User.name == ours.strip().removeprefix("@")))
    if user is None:
        raise Invalid(f"there is no account named {ours.strip()!r} here", "/ours")
    row = session().get(TrackerAccount, (tracker.id, theirs.casefold()))
    if row is None:
        if len(listing(tracker.id)) >= MOST:
            raise Conflict(f"there are {MOST} accounts already")
        row = TrackerAccount(tracker_id=tracker.id, theirs=theirs.casefold(), ours=user.name)
        session().add(row)
    row.ours = user.name
    session().flush()
    told = {"theirs": theirs, "ours": user.name}
    audit.record(actor, "tracker.account_named", "integration", tracker.name, **told)
    return row


def forget(tracker_id: int, theirs: str, *, actor: Actor) -> None:
    """Say of one of theirs no longer whose it is. Raises `NotFound`."""
    permissions.require(actor, trackers.MANAGE)
    tracker = trackers.found(tracker_id)
    row = session().get(TrackerAccount, (tracker.id, theirs.strip().removeprefix("@").casefold()))
    if row is None:
        raise NotFound(f"{tracker.name} has no account {theirs.strip()!r} in its table")
    session().delete(row)
    session().flush()
    audit.record(actor, "tracker.account_forgotten", "integration", tracker.name, theirs=row.theirs)


def people(tracker: Tracker, owners: Iterable[str], addresses: Iterable[str] = ()) -> People:
    """Who is who, for items of these owners and issues that name these addresses."""
    table = {row.theirs: row.ours for row in listing(tracker.id)}
    by_address = _by_address(addresses)
    ours = {**by_address, **table}
    meant = teams.meant(owners)
    return People(
        ours=ours,
        theirs={ours: theirs for theirs, ours in reversed(table.items()) if "@" not in theirs},
        owners={owner: who.name for owner, who in meant.items() if who.kind == "account"},
    )


def closer(tracker: Tracker, account: str) -> User | None:
    """Our account of who closed an issue, if the table names it and it may sign in."""
    row = session().get(TrackerAccount, (tracker.id, account.casefold())) if account else None
    if row is None:
        return None
    return session().scalar(select(User).where(User.name == row.ours, User.is_active))


def _by_address(addresses: Iterable[str]) -> dict[str, str]:
    wanted = {address.casefold() for address in addresses if address}
    if not wanted:
        return {}
    confirmed = (
        select(NotificationSettings.address, User.name)
        .join(User)
        .where(NotificationSettings.address.in_(wanted), NotificationSettings.confirmed_at.is_not(None))
    )
    return {address.casefold(): name for address, name in session().execute(confirmed)}
