"""Operations on saved views: each is its maker's, or an admin's once it is shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.text import one_line, printable
from postmortems.errors import Conflict, Invalid, NotAllowed, Stale
from postmortems.followup.views import queries
from postmortems.followup.views.models import DefaultView, SavedView

LONGEST_NAME = 60


def create(fields: Mapping[str, Any], *, actor: Actor) -> SavedView:
    """Keep a view: its `name`, `query` and whether it `is_shared`, which takes an author.

    Raises `Invalid` at the field, `Conflict` for a name that one has, or for one view too many.
    """
    user_id = _may(actor, is_shared=fields.get("is_shared", False))
    counted = select(func.count()).select_from(SavedView).where(SavedView.user_id == user_id)
    if (session().scalar(counted) or 0) >= queries.MOST_OWN:
        raise Conflict(f"you have {queries.MOST_OWN} views: delete one first")
    row = SavedView(user_id=user_id, saved_at=clock.now(), **_checked(fields, user_id))
    try:
        with session().begin_nested():
            db.insert(row)
    except IntegrityError:
        # Somebody saves the same view twice at this moment.
        raise Conflict(f"there is a view called {row.name} already") from None
    audit.record(actor, "view.saved", "view", str(row.id), **_said(row))
    return row


def change(number: int, fields: Mapping[str, Any], revision: int | None, *, actor: Actor) -> SavedView:
    """Change what `fields` names. `revision` is the one that was read; None changes whatever is there.

    Raises as `create` does, `NotFound`, and `Stale` where somebody changed it in between.
    """
    row = _own(number, actor)
    _may(actor, is_shared=fields.get("is_shared", False))
    if revision is not None and revision != row.revision:
        raise Stale(
            f"this view was changed in between: it is at revision {row.revision} now",
            version=row.revision,
            mine="",
            theirs=row.query,
        )
    checked, before = _checked(fields, row.user_id, row), _said(row)
    for name, value in checked.items():
        setattr(row, name, value)
    row.saved_at = clock.now()
    if row.is_shared is False:
        # Whoever began with it may see it no more.
        others = (DefaultView.view_id == row.id) & (DefaultView.user_id != row.user_id)
        session().execute(delete(DefaultView).where(others))
    session().flush()
    audit.record(actor, "view.saved", "view", str(row.id), before=before, **_said(row))
    return row


def _said(row: SavedView) -> dict[str, Any]:
    return {"name": row.name, "shared": row.is_shared}


def remove(number: int, *, actor: Actor) -> None:
    """Delete a view; whoever began with it begins with what is not closed. Raises `NotFound`."""
    row = _own(number, actor)
    session().delete(row)
    session().flush()
    audit.record(actor, "view.deleted", "view", str(number), name=row.name)


def begin_with(number: int | None, *, actor: Actor) -> None:
    """Let one's list begin with a view that one sees, or with what is not closed. Raises `NotFound`."""
    user_id = _may(actor, is_shared=False)
    if number is not None:
        queries.by_id(number, actor)
    session().execute(delete(DefaultView).where(DefaultView.user_id == user_id))
    if number is not None:
        db.insert(DefaultView(user_id=user_id, view_id=number))


def _may(actor: Actor, *, is_shared: bool) -> int:
    user_id = queries.person(actor)
    permissions.require(actor, "view.share" if is_shared else "view.edit")
    return user_id


def _own(number: int, actor: Actor) -> SavedView:
    """One that the actor may change: their own, or a shared one for an admin."""
    view = queries.by_id(number, actor)
    permissions.require(actor, "view.edit")
    if not view.is_mine and actor.role != "admin":
        raise NotAllowed(f"this view is {view.row.user.name}'s: save one of your own")
    return view.row


def _checked(fields: Mapping[str, Any], user_id: int, row: SavedView | None = None) -> dict[str, Any]:
    """The fields as they are kept."""
    checked: dict[str, Any] = {}
    if "name" in fields:
        checked["name"] = name = one_line(printable(fields["name"]))
        if not name or len(name) > LONGEST_NAME:
            raise Invalid(f"must have 1 to {LONGEST_NAME} characters", "/name")
        others = select(SavedView.id).where(SavedView.user_id == user_id, SavedView.name == name)
        if session().scalar(others.where(SavedView.id != (row.id if row else 0))) is not None:
            raise Conflict(f"there is a view called {name} already")
    if "query" in fields:
        checked["query"] = queries.read(fields["query"]).query() or "status=any"
    if "is_shared" in fields:
        checked["is_shared"] = fields["is_shared"]
    return checked
