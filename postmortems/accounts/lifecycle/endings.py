"""Endings: whatever lets somebody in as an account, or speaks for it, ends here, and for good.

Rooms to our right keep some of it; their tables are known by name here, so that no door can forget one.
"""

from __future__ import annotations

from sqlalchemy import Integer, String, column, delete, table, update

from postmortems.accounts.factors.models import PendingSignIn
from postmortems.accounts.models import BrowserSession, FeedAddress, SignInLink
from postmortems.db.session import session

CHAT_ACCOUNTS = table("chat_accounts", column("user_id", Integer))
CHAT_CODES = table("chat_codes", column("user_id", Integer))
MAILED_LINKS = table("mailed_links", column("user_id", Integer))
PRESENCES = table("presences", column("user_id", Integer))
MAIL = table("notification_settings", column("user_id", Integer), column("confirmed_at"))
OUTBOX = table(
    "outbox",
    *(column(name, String) for name in ("channel", "receiver", "state", "trouble", "holder")),
    column("leased_until"),
)


def of_ways_in(user_id: int) -> None:
    """Sign every browser out, and let no link, no feed's address and no chat act for this account any more.

    Tokens are revoked by their owner's operations, which record each.
    """
    for kept in (BrowserSession, PendingSignIn, SignInLink, FeedAddress):
        session().execute(delete(kept).where(kept.user_id == user_id))
    # Whoever had the password may have linked a chat of their own.
    for linked in (CHAT_ACCOUNTS, CHAT_CODES, MAILED_LINKS):
        session().execute(delete(linked).where(linked.c.user_id == user_id))


def of_mail_address(user_id: int) -> None:
    """Let the mail address be confirmed anew before anything goes there: a link for a new password would."""
    session().execute(update(MAIL).where(MAIL.c.user_id == user_id).values(confirmed_at=None))


def of_presence(user_id: int) -> None:
    """Take somebody who has left off the pages they had open, and send them no mail that still waits."""
    session().execute(delete(PRESENCES).where(PRESENCES.c.user_id == user_id))
    theirs = (OUTBOX.c.channel == "mail", OUTBOX.c.receiver == str(user_id), OUTBOX.c.state == "waiting")
    given_up = update(OUTBOX).where(*theirs)
    session().execute(
        given_up.values(state="dead", trouble="the account was switched off", holder="", leased_until=None)
    )
