"""Slack: an incoming webhook's message as blocks, in which no text is read as markup. Pure.

docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, …/reference/block-kit/blocks: a header has
at most 150 characters, a message 50 blocks. `text` is for notifications; there &, < and > are escaped, so
that no `<!channel>` calls anybody. All blocks together are refused (`msg_blocks_too_long`) from some 13,200
characters on, which no page says: slackapi/bolt-js#2509.
"""

from __future__ import annotations

from typing import Any

from postmortems.notify.channels.fit import fitted
from postmortems.notify.notice import Button, Line, Notice, Part, plain

LONGEST_HEADER = 150
LARGEST = 12_000


def payload(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    return dict(fitted(notice, _message, LARGEST))


def escaped(text: str) -> str:
    """Text in which nothing is a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(notice: Notice) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": plain(notice.title, LONGEST_HEADER)}}
    ]
    elements: list[dict[str, Any]] = []
    if notice.said:
        elements.append(_section({"type": "text", "text": plain(notice.said)}))
    for part in notice.parts:
        elements += _part(part)
    if notice.url:
        elements.append(_section({"type": "link", "url": notice.url, "text": notice.button}))
    if elements:
        blocks.append({"type": "rich_text", "elements": elements})
    if notice.buttons:
        blocks.append({"type": "actions", "elements": [_button(each) for each in notice.buttons]})
    return {"text": escaped(plain(notice.title)), "blocks": blocks, "unfurl_links": False}


def _button(button: Button) -> dict[str, Any]:
    text = {"type": "plain_text", "text": button.label}
    return {"type": "button", "text": text, "action_id": button.name, "value": button.value}


def _part(part: Part) -> list[dict[str, Any]]:
    found = [_section({"type": "text", "text": plain(part.heading), "style": {"bold": True}})]
    if part.lines:
        listed = [_section(*_line(line)) for line in part.lines]
        found.append({"type": "rich_text_list", "style": "bullet", "elements": listed})
    if part.more:
        found.append(_section({"type": "link", "url": part.url, "text": f"and {part.more:,} more"}))
    return found


def _line(line: Line) -> list[dict[str, Any]]:
    said = f"{line.ref} {line.text}".strip()
    first = {"type": "link", "url": line.url, "text": said} if line.url else {"type": "text", "text": said}
    return [first, {"type": "text", "text": f" ({line.note})"}] if line.note else [first]


def _section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}
