"""Microsoft Teams: an Adaptive Card for a workflow's webhook, in runs of text that are not Markdown. Pure.

learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook: a message
with one card as attachment, of a bounded size; schemas/1.5.0 of microsoft/AdaptiveCards: no Markdown is read
in a `TextRun`.
"""

from __future__ import annotations

from typing import Any

from postmortems.notify.channels.fit import fitted
from postmortems.notify.notice import Line, Notice, Part, plain

LARGEST = 24_000


def payload(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    return dict(fitted(notice, _message, LARGEST))


def _message(notice: Notice) -> dict[str, Any]:
    body = [_runs(_run(plain(notice.title), size="Large", weight="Bolder"))]
    if notice.said:
        body.append(_runs(_run(plain(notice.said))))
    for part in notice.parts:
        body += _part(part)
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": body,
    }
    if notice.url:
        card["actions"] = [{"type": "Action.OpenUrl", "title": notice.button, "url": notice.url}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _part(part: Part) -> list[dict[str, Any]]:
    found = [_runs(_run(plain(part.heading), weight="Bolder"))]
    found += [_runs(*_line(line)) for line in part.lines]
    if part.more:
        found.append(_runs(_link(f"and {part.more:,} more", part.url)))
    return found


def _line(line: Line) -> list[dict[str, Any]]:
    said = f"{line.ref} {line.text}".strip()
    first = _link(said, line.url) if line.url else _run(said)
    return [_run("• "), first, *([_run(f" ({line.note})", isSubtle=True)] if line.note else [])]


def _link(text: str, url: str) -> dict[str, Any]:
    return _run(text, selectAction={"type": "Action.OpenUrl", "url": url})


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **style}


def _runs(*inlines: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(inlines)}
