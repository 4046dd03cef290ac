"""Switching an account off ends all that lets somebody in as it, or speaks for it, at once and for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from postmortems import clock, visibility
from postmortems.accounts import feed_addresses, operations, queries, sign_in
from postmortems.accounts.factors import second_step
from postmortems.accounts.factors.models import PendingSignIn
from postmortems.accounts.models import BrowserSession, FeedAddress, SignInLink
from postmortems.actor import Actor
from postmortems.capture.chat_requests import Sender
from postmortems.capture.chats import operations as chats
from postmortems.capture.chats import queries as chat_queries
from postmortems.capture.chats.models import ChatAccount, ChatCode
from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.document.model import Document
from postmortems.incidents.presence import operations as presence
from postmortems.incidents.presence.models import Presence
from postmortems.notify import outbox
from postmortems.notify.access.models import MailedLink
from postmortems.notify.models import Message
from tests.incidents.documents import save
from tests.world import World, build

ENDS: tuple[type[Base], ...] = (
    *(BrowserSession, PendingSignIn, SignInLink, MailedLink, FeedAddress, ChatAccount, ChatCode, Presence),
)
# What tells nobody anything while the account is off, or counts again with the password once it is on. Tokens
# are revoked, and stay to be seen.
STAYS = {
    *("authenticators", "passkeys", "recovery_codes", "oidc_identities", "tokens"),
    *("team_members", "owner_names", "notification_settings", "digest_schedules", "saved_views"),
    *("default_views", "mentions", "notifications", "drafts", "service_accounts"),
}
SLACK = Sender("slack", "T1", "U1", "ada in the chat")


@pytest.fixture
def world(any_database: str) -> World:
    return build()


def come_in_everywhere(actor: Actor) -> tuple[str, str]:
    """By browser, link, feed, chat and editor, with a mail on its way; the secrets of browser and token."""
    assert actor.user_id is not None
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        user = queries.account(actor.name)
        secret = sign_in.open_session(user, clock.now())
        sign_in.make_sign_in_link(user, clock.now(), actor=Actor.system("test"))
        second_step.begin(user, clock.now())
        now = clock.now()
        db.insert(MailedLink(user_id=user.id, purpose="reset", created_at=now, expires_at=now))
        feed_addresses.make(actor=actor)
        chats.link(chats.make_code(actor=actor), SLACK)
        chats.make_code(actor=actor)
        presence.say("outage", "", actor=actor)
        due = clock.now() + timedelta(hours=1)
        outbox.put("mail", str(actor.user_id), f"x:{actor.name}", {"letter": "confirm"}, due)
        token = operations.add_token(actor.name, "ci", ["read"], None, actor=Actor.system("test"))[1]
    return secret, token


def left(user_id: int) -> set[str]:
    with db.reading():
        counts = {
            table.__tablename__: session().scalar(
                select(func.count()).select_from(table).where(table.user_id == user_id)  # type: ignore[attr-defined]
            )
            for table in ENDS
        }
    return {name for name, count in counts.items() if count}


def test_switching_off_ends_everything_at_once(world: World) -> None:
    save(Document(title="Outage"))
    secret, token = come_in_everywhere(world.ada)
    assert world.ada.user_id is not None
    assert len(left(world.ada.user_id)) == len(ENDS)

    with db.transaction():
        operations.change_user("ada", role="author", is_active=False, actor=world.ben)

    assert left(world.ada.user_id) == set()
    with db.reading():
        assert queries.actor_of_session(secret, clock.now()) == Actor.nobody()
        assert queries.live_token(token, clock.now()) is None
        assert chat_queries.actor_of(SLACK) is None
        mail = session().scalars(select(Message)).one()
    assert (mail.state, mail.trouble) == ("dead", "the account was switched off")


def test_switched_on_again_nothing_of_it_comes_back(world: World) -> None:
    save(Document(title="Outage"))
    secret, token = come_in_everywhere(world.ada)

    for is_active in (False, True):
        with db.transaction():
            operations.change_user("ada", role="author", is_active=is_active, actor=world.ben)

    with db.reading():
        assert queries.actor_of_session(secret, clock.now()) == Actor.nobody()
        assert queries.live_token(token, clock.now()) is None
        assert chat_queries.actor_of(SLACK) is None


def test_others_keep_theirs(world: World) -> None:
    save(Document(title="Outage"))
    come_in_everywhere(world.ben)
    assert world.ben.user_id is not None

    with db.transaction():
        operations.change_user("ada", role="author", is_active=False, actor=world.ben)

    assert len(left(world.ben.user_id)) == len(ENDS)
    with db.reading():
        assert session().scalars(select(Message.state)).all() == ["waiting"]


def test_a_reset_unlinks_chats_for_whoever_had_the_password_may_have_linked_their_own(world: World) -> None:
    save(Document(title="Outage"))
    come_in_everywhere(world.ada)

    with db.transaction():
        operations.reset("ada", actor=world.ben)

    with db.reading():
        assert chat_queries.actor_of(SLACK) is None


def test_for_every_table_of_an_account_it_is_decided_whether_it_ends(world: World) -> None:
    theirs = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    }

    assert theirs == {table.__tablename__ for table in ENDS} | STAYS
