"""Links chat accounts to people here, by a code that they make on their page and type in the chat."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select

from postmortems import clock
from postmortems.accounts import credentials, permissions
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.capture.chat_requests import Sender
from postmortems.capture.chats.models import ChatAccount, ChatCode
from postmortems.db.session import by_key, insert, session
from postmortems.errors import Invalid, NotAllowed, NotFound

LASTS = timedelta(minutes=10)
# 50 bits, without letters and digits that are taken for each other.
LETTERS, LENGTH = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 10


def make_code(*, actor: Actor) -> str:
    """A code for the person who is signed in; one made earlier is void."""
    if not actor.is_person or actor.user_id is None:
        raise NotAllowed("only a person who is signed in may do this")
    permissions.require(actor, "notification.edit")
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    session().execute(delete(ChatCode).where(ChatCode.user_id == actor.user_id))
    insert(
        ChatCode(secret_hash=credentials.hashed(code), user_id=actor.user_id, expires_at=clock.now() + LASTS)
    )
    return code


def link(code: str, sender: Sender) -> str:
    """Link the chat account to who made the code, which is used up; whose it is now. Raises `Invalid`.

    A chat account that was linked to somebody else is theirs no longer: who types in it proves that it is
    theirs, and who made the code that they are that person here.
    """
    if not sender.id:
        raise Invalid("the chat does not say whose account this is, so it cannot be linked")
    mine = delete(ChatCode).where(
        ChatCode.secret_hash == credentials.hashed(code.strip().upper()), ChatCode.expires_at > clock.now()
    )
    user_id = session().scalar(mine.returning(ChatCode.user_id))
    user = session().get(User, user_id) if user_id is not None else None
    if user is None or not user.is_active:
        raise Invalid("that code is unknown, used up or older than ten minutes; make a new one")
    known = session().scalar(
        select(ChatAccount).where(
            ChatAccount.chat == sender.chat,
            ChatAccount.workspace == sender.workspace,
            ChatAccount.chat_user == sender.id,
        )
    )
    if known is None:
        known = ChatAccount(chat=sender.chat, workspace=sender.workspace, chat_user=sender.id)
        session().add(known)
    known.user_id, known.chat_name, known.linked_at = user.id, sender.name, clock.now()
    session().flush()
    by = Actor(kind="token", name=user.name, role=user.role, user_id=user.id)
    audit.record(by, "chat.linked", "user", user.name, chat=sender.chat, name=sender.name)
    return user.name


def unlink(account_id: int, *, actor: Actor) -> str:
    """Take a link away: one's own, or anybody's as an admin. Raises `NotFound`."""
    missing = f"there is no chat account {account_id}"
    account = by_key(ChatAccount, account_id, missing)
    act = "notification.edit" if account.user_id == actor.user_id else "people.manage"
    if not permissions.may(actor, act):
        raise NotFound(missing)
    name = account.user.name
    audit.record(actor, "chat.unlinked", "user", name, chat=account.chat, name=account.chat_name)
    session().delete(account)
    session().flush()
    return name
