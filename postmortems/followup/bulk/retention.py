"""Retention of bulk edits: until when one can be begun or undone, and its removal after that."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict
from postmortems.followup.bulk import models
from postmortems.followup.bulk.models import BulkEdit, BulkLine
from postmortems.jobs import batches

# What was shown and never begun is forgotten, and what can no longer sensibly be undone.
KEPT_PLANNED, KEPT_DONE = timedelta(days=1), timedelta(days=90)


def refuse_forgotten(edit: BulkEdit, now: datetime) -> None:
    """Raise `Conflict` where it is old enough to be removed: some of its lines may be gone already."""
    if edit.state == models.PLANNED and edit.at < now - KEPT_PLANNED:
        raise Conflict("this preview is more than a day old: choose the items again")
    if edit.at < now - KEPT_DONE:
        raise Conflict(f"this bulk edit is more than {KEPT_DONE.days} days old, too old to be undone")


def forget(now: datetime) -> None:
    """Remove what is too old to be begun or undone, some lines at a time: nobody waits for all of them."""
    old = (BulkEdit.state == models.PLANNED) & (BulkEdit.at < now - KEPT_PLANNED)
    old |= BulkEdit.state.in_((models.DONE, models.UNDONE)) & (BulkEdit.at < now - KEPT_DONE)
    with db.reading():
        numbers = list(session().scalars(select(BulkEdit.id).where(old)))
    for number in numbers:
        whole = delete(BulkEdit).where(BulkEdit.id == number)
        batches.with_parts(whole, BulkLine, BulkLine.item_id, BulkLine.bulk_id == number, now)
