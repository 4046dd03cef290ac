"""Notices of tokens: their owner hears a week before one ends, or who answers for the program that has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from postmortems.accounts.models import PERSON
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.tokens import queries
from postmortems.db import session as db
from postmortems.notify.inbox import audience, operations
from postmortems.notify.inbox.news import News

BATCH = 200


def tell_all(now: datetime, *, sends_mail: bool) -> int:
    """Tell of each once, however often this is done; returns how many were told."""
    count, after = 0, 0
    while True:
        with db.transaction():
            rows = [*queries.ending(now, after, BATCH)]
            news = [one for row in rows if _is_lasting(row) for one in _news(row)]
            count += operations.tell(news, now, sends_mail=sends_mail)
        if len(rows) < BATCH:
            return count
        after = rows[-1].id


def _is_lasting(row: Row[Any]) -> bool:
    """Whether it was made for longer than the notice: who makes one for a day knows that it ends."""
    return bool(row.expires_at - row.created_at > 2 * queries.TOLD_BEFORE)


def _news(row: Row[Any]) -> Iterator[News]:
    data = {"name": row.name, "ends": row.expires_at.date().isoformat()}
    if row.kind != PERSON:
        data["account"] = row.account
    key = f"token:{row.id}:{row.expires_at.isoformat()}"
    for user_id in _people(row):
        yield News(user_id, "token", key, data=data)


def _people(row: Row[Any]) -> list[int]:
    if row.kind == PERSON:
        return [row.user_id]
    if row.owner_id is not None:
        return [row.owner_id]
    leads = [user.id for user in teams.leads(row.team_id)] if row.team_id is not None else []
    return leads or audience.admins()
