"""Renames: an account gets another name in all that goes by it; its old name still means the same person.

Whoever serves people calls `incidents.items.owners.rename_account`, which has items follow.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, cast, delete, select, true, update
from sqlalchemy.exc import IntegrityError

from postmortems import clock, search_words
from postmortems.accounts import operations, permissions, queries
from postmortems.accounts.lifecycle import name_columns
from postmortems.accounts.models import User
from postmortems.accounts.teams.models import OwnerName
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import versions
from postmortems.db.session import Json, session
from postmortems.errors import Conflict


def rename(old: str, new: str, *, actor: Actor) -> User:
    """Give an account another name.

    Raises `NotFound`, `Invalid` at `/name`, and `Conflict` where the new name is taken or means others.
    """
    permissions.require(actor, "people.manage")
    user = queries.account(old)
    operations.check_account(new, user.role)
    if new == old:
        raise Conflict(f"the account is called {old} already")
    operations.refuse_taken(new, user.id)
    try:
        with session().begin_nested():
            _rename(user, new)
    except IntegrityError:
        session().expire_all()
        raise Conflict(f"somebody else took the name {new} at this moment, or it has done the same") from None
    # Names stand in what the gate and the due dates keep, and the statements above do not say so.
    versions.move(versions.GATE)
    versions.move(versions.DUE_DATES)
    audit.record(actor, "user.renamed", "user", new, before=old, name=new)
    return user


def _rename(user: User, new: str) -> None:
    old = user.name
    user.name, user.small_name = new, new.lower()
    session().flush()
    _keep_former(user, old)
    for name in name_columns.COLUMNS:
        _follow(name, old, new)
    for name, column, places in name_columns.LISTS:
        _follow_list(name, column, places, old, new)
    # What was loaded before says the old name still.
    session().expire_all()


def _keep_former(user: User, old: str) -> None:
    """The old name goes on meaning this account, unless another is called so in other capitals."""
    session().execute(delete(OwnerName).where(OwnerName.key == user.small_name))
    key = search_words.person(old)
    taken = select(User.id).where(User.small_name == key).limit(1)
    if session().scalar(taken) is None:
        session().merge(OwnerName(key=key, name=old, user_id=user.id, former_since=clock.now()))
        session().flush()


def _follow(name: str, old: str, new: str) -> None:
    table = name_columns.as_table(name)
    kind = name_columns.KINDS.get(name)
    is_ours = table.c[kind] != "system" if kind else true()
    for column in name_columns.COLUMNS[name]:
        of_old = (table.c[column] == old, is_ours)
        if name in name_columns.KEYS and column == name_columns.COLUMNS[name][0]:
            other = table.alias()
            same = [other.c[key] == table.c[key] for key in name_columns.KEYS[name]]
            is_there = select(other.c[column]).where(other.c[column] == new, *same).exists()
            session().execute(delete(table).where(*of_old, is_there))
        session().execute(update(table).where(*of_old).values({column: new}))


def _follow_list(name: str, column: str, places: tuple[str, ...], old: str, new: str) -> None:
    key = "incident_id" if name == "public_reports" else "id"
    table = Table(name, MetaData(), Column(key), Column(column, Json))
    says_it = cast(table.c[column], Text).contains(f'{old}"', autoescape=True)
    rows = session().connection().execute(select(table.c[key], table.c[column]).where(says_it)).all()
    for row_key, value in rows:
        renamed = _renamed(value, places, old, new)
        if renamed != value:
            session().execute(update(table).where(table.c[key] == row_key).values({column: renamed}))


def _renamed(value: Any, places: tuple[str, ...], old: str, new: str) -> Any:
    """A list of names, or an object with such lists in these places, with the new name for the old."""
    if isinstance(value, dict):
        return value | {place: _renamed(value[place], (), old, new) for place in places if place in value}
    if not isinstance(value, list):
        return value
    names = {old: new, f"@{old}": f"@{new}"}
    return list(dict.fromkeys(names.get(each, each) for each in value))
