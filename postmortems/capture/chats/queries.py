"""Queries of chats: who somebody in a chat is here, and which chat accounts are linked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from postmortems.accounts.models import User
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.capture.chat_requests import Sender
from postmortems.capture.chats.models import ChatAccount
from postmortems.db.session import session

PAGE = 200
# What somebody may do from a chat, as far as their role reaches.
SCOPES = frozenset({"read", "write", "gate:read"})


def actor_of(sender: Sender) -> Actor | None:
    """Who that is here; None where the chat account is not linked, or the account is off."""
    if not sender.id:
        return None
    wanted = (
        select(User)
        .join(ChatAccount, ChatAccount.user_id == User.id)
        .where(
            ChatAccount.chat == sender.chat,
            ChatAccount.workspace == sender.workspace,
            ChatAccount.chat_user == sender.id,
            User.is_active,
        )
    )
    user = session().scalar(wanted)
    if user is None:
        return None
    given = teams.roles_of(user.id)
    return Actor(
        kind="token", name=user.name, role=user.role, user_id=user.id, scopes=SCOPES, team_roles=given
    )


def accounts(user_id: int | None = None, after: int = 0) -> list[ChatAccount]:
    """Linked chat accounts, of one person or of all, a page at a time."""
    wanted = select(ChatAccount).options(joinedload(ChatAccount.user)).where(ChatAccount.id > after)
    if user_id is not None:
        wanted = wanted.where(ChatAccount.user_id == user_id)
    return list(session().scalars(wanted.order_by(ChatAccount.id).limit(PAGE)))
