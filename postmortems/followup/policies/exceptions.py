"""Exceptions: an item's due date set apart from policy, with a reason and an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.policies.models import ItemDeadline
from postmortems.incidents.items import bulk_edit, team_rights
from postmortems.incidents.models import ActionItem

LONGEST_REASON = 2_000


def grant(ref: str, *, due: date, until: date, reason: str, actor: Actor) -> ActionItem:
    """Date an item apart from policy: no policy dates it again to the end of the day `until`.

    Raises `NotFound`, `Invalid` with pointers, and `Conflict` for an item that is closed or only proposed.
    """
    permissions.require_anywhere(actor, "item.edit")
    item = followup.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    today = clock.now().date()
    if problems := list(_problems(due, until, reason, today)):
        raise Invalid(problems)
    if not rules.is_open(item.status):
        raise Conflict(f"{ref} is {item.status.replace('_', ' ')}: only an open item has a date to keep")
    row = session().get(ItemDeadline, item.id)
    if row is None:
        row = ItemDeadline(item_id=item.id, committed_at=item.opened_at, due=None)
    row.exception_until, row.exception_reason = until, reason.strip()
    row.exception_by, row.exception_at = actor.name, clock.now()
    session().add(row)
    session().flush()
    _date(item, due, f"Exception until {until}: {reason.strip()}", actor)
    said = {"incident": item.incident.slug, "due": due.isoformat(), "until": until.isoformat()}
    audit.record(actor, "item.excepted", "item", ref, **said, reason=reason.strip())
    return item


def end(ref: str, *, actor: Actor) -> ActionItem:
    """End an exception now: a date that a policy gave comes back. Raises `NotFound`, `Conflict`."""
    permissions.require_anywhere(actor, "item.edit")
    item = followup.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    row = session().get(ItemDeadline, item.id)
    if row is None or row.exception_until is None:
        raise Conflict(f"{ref} has no exception")
    row.exception_until, row.exception_reason = None, ""
    row.exception_by, row.exception_at = "", None
    if row.policy_id is None and row.due is None:
        session().delete(row)
    session().flush()
    if row.due is not None:
        _date(item, row.due, "The exception ended", actor)
    audit.record(actor, "item.exception_ended", "item", ref, incident=item.incident.slug)
    return item


def is_running(row: ItemDeadline | None, today: date) -> bool:
    """Whether an exception lasts today (UTC)."""
    return row is not None and row.exception_until is not None and row.exception_until >= today


def _problems(due: date, until: date, reason: str, today: date) -> Iterator[Problem]:
    if due < today:
        yield Problem("/due", f"{due} is past: an exception gives more time")
    if until < due:
        yield Problem("/until", "an exception lasts to the due date at least: write that day or a later one")
    if not reason.strip():
        yield Problem("/reason", "say why this item may take longer than others like it")
    elif len(reason) > LONGEST_REASON:
        yield Problem("/reason", f"write at most {LONGEST_REASON:,} letters")


def _date(item: ActionItem, due: date, message: str, actor: Actor) -> None:
    bulk_edit.apply({item.number: {"due": due}}, actor=actor, message=message)
    session().refresh(item)
