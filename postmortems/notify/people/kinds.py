"""Kinds of notifications: what each is about, and the ways by which it reaches somebody. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

INBOX, MAIL = "inbox", "mail"
WAYS = {INBOX: "Inbox", MAIL: "Mail"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: `label` heads its row of switches, `why` ends a mail: "You hear of this because …"."""

    label: str
    help: str
    why: str


KINDS = {
    "reminder": Kind(
        "Reminders",
        "before, on and after the day an item of yours is due",
        "an action item is assigned to you",
    ),
    "escalation": Kind(
        "Escalations",
        "somebody else's item is so late that you are told",
        "somebody has to decide what happens now",
    ),
    "assigned": Kind("Assigned to you", "an item was assigned to you or your team", "it is yours now"),
    "mention": Kind("Mentions", "somebody spoke of you in a report or comment", "you were mentioned"),
    "review": Kind("Reviews", "somebody asks you to look over a report", "you were asked to review"),
    "override": Kind(
        "Overrides to decide",
        "somebody requests an override that you may grant",
        "you may grant overrides for this target",
    ),
    "reopened": Kind(
        "Items that came back",
        "an item of yours that was closed is open again",
        "the item is assigned to you",
    ),
    "free": Kind(
        "Items free to begin",
        "the last item that one of yours waited for is closed",
        "the item is assigned to you",
    ),
    "digest": Kind("Digests", "what is open of yours, and of the teams you lead", "you have a digest"),
    "monthly": Kind(
        "Monthly report",
        "what a month was like, once it is over",
        "you want the report of each month",
    ),
    "token": Kind(
        "Tokens that end",
        "a token of yours, or of a service account that you answer for, ends within a week",
        "you answer for the token",
    ),
    "channel": Kind(
        "Channels switched off",
        "for admins: a webhook, chat or mailbox takes nothing more",
        "you are an admin",
    ),
}
SWITCHES = frozenset(f"{kind}:{way}" for kind in KINDS for way in WAYS)


def hears(off: Collection[str], kind: str, way: str) -> bool:
    """Whether somebody who switched these off hears of the kind by this way."""
    return f"{kind}:{way}" not in off
