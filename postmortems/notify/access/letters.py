"""Letters that let somebody in, and that tell of what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems import clock
from postmortems.accounts.models import User
from postmortems.notify.access import operations
from postmortems.notify.notice import Notice
from postmortems.notify.people.links import Links

CHANGED = {
    "password": (
        "Your password was changed",
        "Every browser was signed out, and your tokens are revoked. If that was not you, ask an admin "
        "at once to reset the account.",
    ),
    "device": (
        "A new browser signed in",
        "It is {device}, from {address}. If that was not you, sign it out under Settings → Account and "
        "choose another password.",
    ),
}


def link(payload: Mapping[str, Any], user: User, links: Links) -> Notice | None:
    """The mail with the link; None where it was used, is over, or another way in has ended it."""
    found = operations.waiting(payload["link"], clock.now())
    if found is None or found.user_id != user.id:
        return None
    url = links.access(found.signed)
    until = f"{found.expires_at:%Y-%m-%d %H:%M} UTC"
    if found.purpose == operations.INVITATION:
        return Notice(
            title="You are invited to Postmortems",
            said=f"Your account is called {user.name}. Choose a password, or add a passkey, on the page "
            f"behind the link. It works once, until {until}.",
            url=url,
            button="Choose a password",
            why="An admin opened an account for you at this address.",
        )
    return Notice(
        title="Choose a new password",
        said=f"Somebody said on the page for signing in that they forgot the password of {user.name}. "
        f"Choose a new one on the page behind the link. It works once, until {until}. If that was not you, "
        "do nothing: your password stays as it is.",
        url=url,
        button="Choose a new password",
        why=f"Somebody asked for a new password of the account {user.name}.",
    )


def word(payload: Mapping[str, Any], user: User, links: Links) -> Notice | None:
    """The mail that tells of a change; None for one that this version knows nothing of."""
    if payload["what"] not in CHANGED:
        return None
    title, said = CHANGED[payload["what"]]
    said = said.format_map(payload)
    return Notice(
        title=title,
        said=f"{title} at the account {user.name}. {said}",
        url=links.page("/settings"),
        button="See the account",
        why="What changes how you sign in is always told to you.",
    )
