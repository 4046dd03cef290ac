"""Letters: what is said in each sort of mail, by its name in the outbox.

It is worked out when it is sent, of what is there then, as the reader may see it: what was done or restricted
meanwhile is told to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from postmortems import clock
from postmortems.accounts.models import User
from postmortems.notify.access import letters as access_letters
from postmortems.notify.access import operations as access
from postmortems.notify.digests import letters as digest_letters
from postmortems.notify.digests import operations as digests
from postmortems.notify.inbox import operations as inbox_operations
from postmortems.notify.inbox import queries as inbox
from postmortems.notify.inbox import texts
from postmortems.notify.monthly import letters as monthly_letters
from postmortems.notify.monthly import operations as monthly
from postmortems.notify.notice import Notice
from postmortems.notify.people import operations as people
from postmortems.notify.people.links import CONFIRM_DAYS, Links

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """How a sort of mail is written; None where there is nothing to tell any more.

    `kind` names its switch in the payload, "" where it is none of the kinds that can be switched off: who has
    asked for it waits for it, at any hour.
    """

    write: Callable[[Payload, User, Links], Notice | None]
    has_switch: bool = True


def _confirmation(payload: Payload, user: User, links: Links) -> Notice:
    return Notice(
        title="Confirm your mail address",
        said=f"The account {user.name} wants reminders and digests at this address. Press the button on the "
        f"page behind the link within {CONFIRM_DAYS} days. If that was not you, do nothing.",
        url=links.confirm(user.id, payload["to"]),
        button="Confirm this address",
        why=f"Somebody gave this address for the account {user.name}.",
    )


def _moved(_payload: Payload, user: User, links: Links) -> Notice:
    return Notice(
        title="Your mail goes elsewhere now",
        said=f"The account {user.name} has another mail address, or none: what it hears of, and links for "
        "a new password, no longer come here. If that was not you, ask an admin at once to reset it.",
        url=links.page("/settings/notifications"),
        button="See the address",
        why="What changes how you sign in is always told to you.",
    )


def _notification(payload: Payload, user: User, links: Links) -> Notice | None:
    told, now = inbox.by_id(payload["notification"]), clock.now()
    if told is None:
        return None
    if told.notification.kind == digests.KIND:
        return digest_letters.notice(told.notification, user, links.page(""), now)
    if told.notification.kind == monthly.KIND:
        return monthly_letters.notice(told.notification.data["month"], links.page(""))
    return texts.notice(told, links.page(""), now.date())


# Another sort of mail is one line here.
LETTERS = {
    inbox_operations.LETTER: Letter(_notification),
    people.CONFIRM: Letter(_confirmation, has_switch=False),
    people.MOVED: Letter(_moved, has_switch=False),
    access.LINK_LETTER: Letter(access_letters.link, has_switch=False),
    access.WORD_LETTER: Letter(access_letters.word, has_switch=False),
}
