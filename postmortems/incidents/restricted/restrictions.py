"""Restrictions: who may read an incident, and the condition that hides it from all others.

The session puts the condition to every query that reads an incident or what belongs to one, wherever that is
written, so no list, count or search can forget it; a query that selects nothing but functions of columns must
say what it reads by `select_from`, or it is not found out. Whose eyes it sees with is `visibility.viewer()`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    String,
    and_,
    bindparam,
    cast,
    event,
    exists,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db import versions
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import Base, UtcDateTime, session
from postmortems.document.model import Document
from postmortems.document.text import SLUG
from postmortems.errors import Invalid, NotAllowed, Problem
from postmortems.incidents.models import ActionItem, Admitted, Affected, Incident, ItemGuard, Revision
from postmortems.search.models import SearchEntry

# What a decision says in the place of one and its item: they are read by more people than it names.
LINK: dict[str, dict[str, str | None]] = {
    "incident": {"slug": "", "title": "a restricted incident", "date": None, "url": ""},
    "action_item": {"id": "", "text": "", "owner": "", "url": ""},
}
# What a file says in so many words to be shown to everybody again; a file without the key says nothing of it.
OPENS = ("restricted", "[]")
# The tables themselves: the condition must not be put to the condition.
ADMITTED, INCIDENTS, ITEMS = Admitted.__table__, Incident.__table__, ActionItem.__table__
USERS, EVENTS = User.__table__, Event.__table__
NOW = bindparam("now_of_viewing", callable_=clock.now, type_=UtcDateTime())

# What front matter says of an incident that this one repeats.
REPEATS = re.compile(rf"""^recurrence_of:[ \t]*["']?({SLUG.pattern})["']?[ \t]*(?:\r?\n|\Z)""", re.MULTILINE)
# Kinds of guards whose answers name items, by their ids.
TELLS_ITEMS = frozenset({"open_items"})
REF = re.compile(r"\bAI-(\d{1,9})\b")

# Restricted when they were deleted, and nothing has their name since.
DELETED = select(EVENTS.c.subject).where(
    EVENTS.c.verb == "incident.deleted",
    EVENTS.c.is_sealed,
    EVENTS.c.subject.not_in(select(INCIDENTS.c.slug)),
)

IS_RESTRICTED = exists(select(Admitted.name).where(Admitted.incident_id == Incident.id))

Ids = CompoundSelect[int]


class Hiding(NamedTuple):
    """Whether anything is restricted at all, and whether an admin looks through broken glass now."""

    is_any: bool
    is_glass_open: bool


def hidden(name: str, *, is_glass_open: bool = True) -> Ids:
    """The ids of the restricted incidents that neither name this person nor were opened to them by now.

    As long as no glass is open, the time of day does not matter, and is not asked for.
    """
    restricted = select(ADMITTED.c.incident_id)
    if not is_glass_open:
        return restricted.except_(restricted.where(ADMITTED.c.name == name, ADMITTED.c.until.is_(None)))
    # Who broke the glass as an admin and is none any longer looks through it no longer.
    is_admin = exists(select(USERS.c.id).where(USERS.c.name == name, USERS.c.role == "admin"))
    is_shown = or_(ADMITTED.c.until.is_(None), and_(ADMITTED.c.until > NOW, is_admin))
    return restricted.except_(restricted.where(ADMITTED.c.name == name, is_shown))


def of_incidents(ids: Ids | list[int]) -> ColumnElement[bool]:
    """That an event is about one of these incidents, an item of it, or what was recorded of it."""
    its = select(INCIDENTS.c.slug).where(INCIDENTS.c.id.in_(ids))
    refs = select("AI-" + cast(ITEMS.c.number, String)).where(ITEMS.c.incident_id.in_(ids))
    return or_(
        and_(Event.subject_kind == "incident", Event.subject.in_(its)),
        and_(Event.subject_kind == "item", Event.subject.in_(refs)),
        _said("incident").in_(its),
        _said("slug").in_(its),
    )


def _said(name: str) -> ColumnElement[str]:
    # Both databases know this operator; SQLAlchemy's own way warns where a condition is put to a query.
    return Event.data.op("->>", return_type=String())(literal_column(f"'{name}'"))


# By what is read, what hides a row; rooms to the right add theirs by `hide`.
HIDES: dict[type[Base], Callable[[Ids], ColumnElement[bool]]] = {
    Incident: lambda ids: Incident.id.in_(ids),
    ActionItem: lambda ids: ActionItem.incident_id.in_(ids),
    Affected: lambda ids: Affected.incident_id.in_(ids),
    Revision: lambda ids: Revision.incident_id.in_(ids),
    ItemGuard: lambda ids: ItemGuard.item_id.in_(select(ITEMS.c.id).where(ITEMS.c.incident_id.in_(ids))),
    SearchEntry: lambda ids: SearchEntry.incident_id.in_(ids),
    Event: lambda ids: or_(Event.is_sealed, of_incidents(ids)),
}


def hide(read: type[Base], hides: Callable[[Ids], ColumnElement[bool]]) -> None:
    """Hide rows of another table, too, that belong to incidents."""
    HIDES[read] = hides
    _conditions.cache_clear()


@lru_cache(maxsize=256)
def _conditions(name: str, *, is_glass_open: bool) -> tuple[ORMOption, ...]:
    ids = hidden(name, is_glass_open=is_glass_open)
    return tuple(with_loader_criteria(read, hides(ids).is_not(True)) for read, hides in HIDES.items())


# What a query of another table asks along, to hand it to `found_hiding`; `now` is given with it.
IS_ANY = exists(select(ADMITTED.c.incident_id))
IS_GLASS_OPEN = exists(
    select(ADMITTED.c.incident_id).where(ADMITTED.c.until > bindparam("now", type_=UtcDateTime()))
)
ASKED = select(IS_ANY.label("is_any"), IS_GLASS_OPEN.label("is_glass_open"))
ASK = PreparedQuery(ASKED)


@event.listens_for(Session, "do_orm_execute")
def _hide(state: ORMExecuteState) -> None:
    # What is loaded behind a row has the options of the query that found the row.
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    viewer = visibility.viewer()
    if viewer.sees_all:
        return
    found = _hiding_in(state.session)
    if found.is_any:
        conditions = _conditions(viewer.name, is_glass_open=found.is_glass_open)
        state.statement = state.statement.options(*conditions)


def _hiding_in(current: Session) -> Hiding:
    """The same for a session: asked once a unit of work, for the condition costs its time."""
    if "hiding" not in current.info:
        is_of_unit = db.is_open() and current.connection() is db.connection()
        current.info["hiding"] = hiding() if is_of_unit else _asked(current.connection())
    found: Hiding = current.info["hiding"]
    return found


def _asked(connection: Connection) -> Hiding:
    row = connection.execute(ASKED, {"now": clock.now()}).one()
    return Hiding(bool(row.is_any), bool(row.is_glass_open))


def hiding() -> Hiding:
    """What decides what is hidden; asked once a unit of work, for which it needs no session."""
    noted = db.noted()
    if "hiding" not in noted:
        row = ASK.rows({"now": clock.now()})[0]
        noted["hiding"] = Hiding(bool(row.is_any), bool(row.is_glass_open))
    found: Hiding = noted["hiding"]
    return found


def hides_anything() -> bool:
    """Whether anything is restricted at all; asked once a unit of work."""
    return hiding().is_any


def found_hiding(*, is_any: bool, is_glass_open: bool) -> None:
    """Another query of this unit of work has read it already."""
    db.noted()["hiding"] = Hiding(is_any, is_glass_open)


def ask_again() -> None:
    """This unit of work restricts something: what it knew of that is out of date, and so is a replica."""
    session().info.pop("hiding", None)
    db.noted().pop("hiding", None)
    session().info.pop("hidden_slugs", None)
    versions.move(versions.SHOWN)


def admitted(restricted: Iterable[str]) -> set[str]:
    """The accounts that a document's `restricted` names, with the @ that people write or without."""
    return {name.removeprefix("@") for name in restricted}


def applied(
    document: Document, before: Document, actor: Actor, *, opens: bool, created_by: str | None = None
) -> Document:
    """The document as it is stored, with the names it is restricted to; `created_by` began the incident,
    None where it begins now.

    What only says nothing of whom it is shown to leaves that as it was, and so does what names the same
    people; `opens`, or the text itself, says that it is for everybody again. Anything else takes the power
    (`may_change`). Raises `NotAllowed`, and `Invalid` where a person names somebody who has no account. What
    a file names on the server is taken as it stands: its people may come later.
    """
    document = _by_present_names(document)
    says_all = OPENS in document.extra
    extra = tuple(pair for pair in document.extra if pair != OPENS or not before.restricted)
    named = document.restricted
    is_same = admitted(named) == admitted(before.restricted)
    if is_same or not (named or opens or says_all):
        return replace(document, restricted=before.restricted, extra=extra)
    if created_by is not None and not may_change(actor, created_by):
        raise NotAllowed(_whose(created_by))
    if not named or actor.kind == "system":
        return replace(document, restricted=named, extra=extra)
    _refuse_unknown(named, before.restricted)
    _refuse_dropping(named, before.restricted, actor)
    kept = [name for name in _kept(before, actor, created_by or actor.name) if name not in admitted(named)]
    return replace(document, restricted=(*named, *kept), extra=extra)


def _by_present_names(document: Document) -> Document:
    """The document with today's names of those who were renamed since its text was written."""
    today = teams.present_names(document.restricted)
    if not today:
        return document
    named = dict.fromkeys(today.get(name, name) for name in document.restricted)
    return replace(document, restricted=tuple(named))


def may_change(actor: Actor, created_by: str) -> bool:
    """Whether the actor may say to whom an incident is shown: who began it, an admin, or the operator.

    A repository may not: whoever writes into it would restrict what others wrote.
    """
    if actor.kind == "system":
        return actor.name != "git"
    is_own = actor.kind in {"person", "token"} and actor.name == created_by
    return is_own or permissions.may(actor, "incident.restrict")


def _whose(created_by: str) -> str:
    who = f"{created_by}, who began this incident, or an admin" if created_by else "an admin"
    return f"only {who} can change whom it is shown to: leave `restricted` as it is, or ask them"


def _refuse_unknown(named: tuple[str, ...], before: tuple[str, ...]) -> None:
    known = set(session().scalars(select(User.name).where(User.name.in_(admitted(named)))))
    unknown = [
        Problem(f"/restricted/{place}", f"there is no account named {name!r}")
        for place, name in enumerate(named)
        if name not in before and name.removeprefix("@") not in known
    ]
    if unknown:
        raise Invalid(unknown)


def _refuse_dropping(named: tuple[str, ...], before: tuple[str, ...], actor: Actor) -> None:
    """Who is not among the named, an admin behind broken glass, takes nobody off who can still sign in."""
    if not before or actor.name in admitted(before):
        return
    if dropped := sorted(active(admitted(before) - admitted(named))):
        who = ", ".join(dropped)
        raise NotAllowed(f"you are not among those it is shown to: add names as you like, but keep {who}")


def _kept(before: Document, actor: Actor, created_by: str) -> list[str]:
    """Who stays among the named whatever was typed: who began the incident, and who restricts it."""
    is_theirs = not before.restricted or actor.name in admitted(before.restricted)
    return sorted(active({created_by}) | ({actor.name} if is_theirs else set()))


def active(names: Iterable[str]) -> set[str]:
    """Those of the names that have an account which is not switched off."""
    return set(
        session().scalars(select(User.name).where(User.name.in_(names), User.is_active, User.kind == PERSON))
    )


def restricted_refs(text: str) -> set[str]:
    """The ids of items in a text, `AI-<n>`, whose incident is restricted by now."""
    numbers = {int(number) for number in REF.findall(text)}
    if not numbers:
        return set()
    theirs = select(ITEMS.c.number).where(
        ITEMS.c.number.in_(numbers), ITEMS.c.incident_id.in_(select(ADMITTED.c.incident_id))
    )
    return {f"AI-{row.number}" for row in session().connection().execute(theirs)}


def without_items(told: Any) -> Any:
    """What was stored for all as plain JSON, with no id of an item whose incident is restricted by now."""
    text = json.dumps(told)
    if hidden := restricted_refs(text):
        return json.loads(REF.sub(lambda ref: "a restricted item" if ref[0] in hidden else ref[0], text))
    return told


def is_hidden(slug: str) -> bool:
    """Whether there is, or was, an incident of this name that the viewer may not know of."""
    viewer, current = visibility.viewer(), session()
    if not slug or viewer.sees_all:
        return False
    # Once a unit of work, for all that speak of others. Older versions speak of what none repeats any more.
    known = current.info.setdefault("hidden_slugs", {})
    if viewer.name not in known:
        found = hiding()
        ids = hidden(viewer.name, is_glass_open=found.is_glass_open)
        named = select(INCIDENTS.c.slug).where(INCIDENTS.c.id.in_(ids))
        queries = [named, DELETED] if found.is_any else [DELETED]
        known[viewer.name] = {row[0] for query in queries for row in current.connection().execute(query)}
    return slug in known[viewer.name]


def without_hidden(text: str) -> str:
    """A stored text of an incident, without the line that says it repeats one the viewer may not know of."""
    # Looking for the pattern at each line takes longer than all else that an export does. Every other report
    # has no underscore at all, which is found out fifty times as fast as that it has not this word.
    if "_" not in text or "recurrence_of" not in text:
        return text
    return REPEATS.sub(lambda line: "" if is_hidden(line[1]) else line[0], text)


def file_without_hidden(content: bytes) -> bytes:
    """The same of a file as it came, whatever its encoding."""
    if b"_" not in content or b"recurrence_of" not in content:
        return content
    return without_hidden(content.decode("latin-1")).encode("latin-1")


def seal(incident: Incident) -> None:
    """Hide what the event stream says of a restricted incident for good: it is about to be deleted."""
    about = update(Event).where(of_incidents([incident.id])).values(is_sealed=True)
    session().execute(about.execution_options(synchronize_session=False))
