"""Replies of mail servers: what each means for the message, the address and all other mail. Pure.

RFC 5321 §4.2.1: 4xx may be tried again, 5xx not. Why it is refused, the enhanced code says where there is one
(RFC 3463): 5.1.x and 5.2.1 are of the address, 5.7.x of the server's rules, which a person cannot help.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from postmortems.notify.retry_schedule import Outcome

ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")
# Without an enhanced code: no such mailbox, not here, name not allowed (RFC 5321 §4.2.3).
NO_MAILBOX = frozenset({550, 551, 553})
# Greylisting wants at least five minutes; a full mailbox hours, so the pauses grow from here.
LATER_S = 600


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of handing a message in. `by`: `taken`, or who is to blame: `recipient`, `content`, `server`.

    `code` is 0 where the server said nothing, such as where it hung up.
    """

    by: str
    code: int
    said: str = ""


def is_bounce(reply: Reply) -> bool:
    """Whether the address itself is wrong, so that nothing will ever reach it."""
    if reply.by != "recipient" or reply.code < 500:
        return False
    match = ENHANCED.search(reply.said)
    if match is None:
        return reply.code in NO_MAILBOX
    subject, detail = int(match[2]), int(match[3])
    return match[1] == "5" and (subject == 1 or (subject, detail) == (2, 1))


def outcome(reply: Reply) -> Outcome:
    """What the outbox makes of it: a server that is away holds up all mail, a mailbox its own alone."""
    status = reply.code or None
    if reply.by == "taken":
        return Outcome(True, status=status)
    told = f"{reply.code} {reply.said}".strip() if reply.code else reply.said
    if reply.by == "server":
        return Outcome(False, told, status, is_channel_down=True)
    if reply.code >= 500:
        return Outcome(False, told, status, is_final=True, is_gone=is_bounce(reply))
    return Outcome(False, told, status, retry_after_s=LATER_S)
