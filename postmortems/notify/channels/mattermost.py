"""Mattermost: an incoming webhook's text in Markdown, without markup or mentions in what people wrote. Pure.

developers.mattermost.com/integrate/webhooks/incoming: `text` has at most 16,383 characters.
"""

from __future__ import annotations

from typing import Any

from postmortems.notify.channels import markdown_text
from postmortems.notify.channels.fit import fitted
from postmortems.notify.notice import Button, Notice, plain

LARGEST = 16_000


def payload(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    return dict(fitted(notice, _message, LARGEST))


def _message(notice: Notice) -> dict[str, Any]:
    title = markdown_text.escaped(plain(notice.title))
    head = f"#### [{title}]({notice.url})" if notice.url else f"#### {title}"
    said: dict[str, Any] = {"text": "\n".join(filter(None, (head, markdown_text.body(notice))))}
    if notice.buttons:
        said["attachments"] = [{"actions": [_button(each) for each in notice.buttons]}]
    return said


def _button(button: Button) -> dict[str, Any]:
    """An action (developers.mattermost.com, "Interactive messages"): its id has letters and digits alone."""
    integration = {"url": button.url, "context": {"value": button.value}}
    name = button.name.replace("_", "")
    return {"id": name, "type": "button", "name": button.label, "integration": integration}
