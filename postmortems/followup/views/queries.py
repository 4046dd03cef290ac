"""Queries of saved views: those that somebody has, and what each lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import joinedload

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed, NotFound, Problem
from postmortems.followup import schemas
from postmortems.followup.filters import Filters
from postmortems.followup.views.models import DefaultView, SavedView
from postmortems.incidents.models import Incident

# Of one person, and of others that are shown at a time.
MOST_OWN, MOST_SHARED = 50, 200
# Parts of a query: there are fewer filters.
MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class View:
    """A view as somebody sees it; `problem` says what of it holds no longer, `filters` are the rest."""

    row: SavedView
    filters: Filters
    problem: str
    is_mine: bool
    is_default: bool


ANY = PreparedQuery(
    select(
        or_(
            exists(select(SavedView.id).where(SavedView.user_id == bindparam("user"))),
            exists(select(SavedView.id).where(SavedView.is_shared)),
        ).label("is_any")
    )
)


def has_any(actor: Actor) -> bool:
    """Whether the actor sees any view, own or shared: without one, none can be the chosen one either."""
    return actor.user_id is not None and bool(ANY.rows({"user": actor.user_id})[0].is_any)


def person(actor: Actor) -> int:
    """Whose views are meant. Raises `NotAllowed` for what is nobody's account."""
    permissions.require(actor, "incident.read")
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account has views")
    return actor.user_id


def listing(actor: Actor) -> list[View]:
    """One's own by name, then the shared ones of others by name."""
    user_id = person(actor)
    own = _views(SavedView.user_id == user_id).order_by(SavedView.name).limit(MOST_OWN)
    others = _views(SavedView.user_id != user_id, SavedView.is_shared)
    others = others.order_by(SavedView.name, SavedView.id).limit(MOST_SHARED)
    rows = [*session().scalars(own), *session().scalars(others)]
    return _seen(rows, user_id)


def by_id(number: int, actor: Actor) -> View:
    """One of one's own, or a shared one. Raises `NotFound`."""
    user_id = person(actor)
    found = _views(SavedView.id == number, or_(SavedView.user_id == user_id, SavedView.is_shared))
    views = _seen(session().scalars(found).all(), user_id)
    if not views:
        raise NotFound(f"there is no view {number}")
    return views[0]


def default(actor: Actor) -> View | None:
    """The view that one's list begins with, where one chose it and it is still there."""
    if actor.user_id is None:
        return None
    chosen = select(DefaultView.view_id).where(DefaultView.user_id == actor.user_id).scalar_subquery()
    may_see = or_(SavedView.user_id == actor.user_id, SavedView.is_shared)
    views = _seen(session().scalars(_views(SavedView.id == chosen, may_see)).all(), actor.user_id)
    return views[0] if views else None


def read(query: str) -> Filters:
    """The filters of a view's query. Raises `Invalid` at `/query` for what is none, or holds no longer."""
    said = _said(query)
    strange = [name for name, _ in said if name not in Filters.__slots__]
    problems = [
        f"{name} is no filter of the list; there are {', '.join(Filters.__slots__)}" for name in strange[:1]
    ]
    try:
        filters = schemas.filters(dict(said))
    except Invalid as refused:
        problems += [f"{each.pointer.removeprefix('/')} {each.detail}" for each in refused.problems]
    if problems:
        raise Invalid([Problem("/query", "; ".join(problems))])
    return filters


def _said(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Invalid(f"has more than {MOST_FIELDS} parts", "/query") from None


def _views(*conditions: object) -> Select[SavedView]:
    return select(SavedView).options(joinedload(SavedView.user)).where(*conditions)  # type: ignore[arg-type]


def _seen(rows: Iterable[SavedView], user_id: int) -> list[View]:
    chosen = session().scalar(select(DefaultView.view_id).where(DefaultView.user_id == user_id))
    views = [_view(row, user_id, row.id == chosen) for row in rows]
    named = {view.filters.incident for view in views if view.filters.incident and not view.is_mine}
    known = set(session().scalars(select(Incident.slug).where(Incident.slug.in_(named)))) if named else set()
    # Others' views of an incident that one may not see would tell that there is one.
    return [
        view for view in views if view.is_mine or not view.filters.incident or view.filters.incident in known
    ]


def _view(row: SavedView, user_id: int, is_default: bool) -> View:
    filters, problem = Filters(), ""
    try:
        filters = read(row.query)
    except Invalid as refused:
        filters, problem = _what_holds(row.query), refused.detail
    return View(row, filters, problem, row.user_id == user_id, is_default)


def _what_holds(query: str) -> Filters:
    """The filters of a query that hold, one by one."""
    held: dict[str, str] = {}
    for name, text in _said(query):
        try:
            schemas.filters({name: text})
        except Invalid:
            continue
        held[name] = text
    return schemas.filters(held)
