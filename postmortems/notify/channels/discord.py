"""Discord: a webhook's embed, in which nobody is mentioned. Pure.

docs.discord.com/developers/resources/webhook, …/message#embed-object-embed-limits: a title has at most 256
characters, a description 4,096, an embed 6,000 together. `allowed_mentions` without any calls nobody. Without
`wait` Discord answers before it has saved the message, and says nothing of one that it could not save.
"""

from __future__ import annotations

from typing import Any

from postmortems.notify.channels import markdown_text
from postmortems.notify.channels.fit import fitted
from postmortems.notify.notice import Notice, plain

ASKS = "wait=true"
LONGEST_TITLE, LARGEST = 256, 4_000


def payload(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    embed: dict[str, Any] = {"title": plain(notice.title, LONGEST_TITLE)}
    if described := fitted(notice, markdown_text.body, LARGEST):
        embed["description"] = described
    if notice.url:
        embed["url"] = notice.url
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}
