"""Delivery to channels: what is said is worked out when it is sent, as nobody in particular may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from postmortems import clock, config, visibility
from postmortems.accounts.teams import queries as teams
from postmortems.capture.chats import buttons
from postmortems.capture.chats.buttons import Press
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import NoSecret, Refused, Unreachable
from postmortems.errors import NotFound
from postmortems.formats.json_text import dumped
from postmortems.incidents.models import ActionItem
from postmortems.notify import bundles, retry_schedule
from postmortems.notify.channels import outcomes
from postmortems.notify.channels.formats import FORMATS
from postmortems.notify.channels.models import ChatChannel
from postmortems.notify.digests import operations as digests
from postmortems.notify.digests import texts as digest_texts
from postmortems.notify.inbox import texts
from postmortems.notify.inbox.models import Notification
from postmortems.notify.inbox.queries import Told
from postmortems.notify.monthly import letters as monthly_letters
from postmortems.notify.notice import Button, Notice
from postmortems.notify.retry_schedule import Lent, Outcome
from postmortems.vault.runtime import Runtime

TIMEOUT_S = 20.0
GONE = frozenset({404, 410})
# What of an item is told with buttons to answer it.
ASKING = frozenset({"reminder", "escalation"})
# Not of this message: it may be taken later.
LATER = frozenset({408, 425, 429})


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Post one message in the channel's form."""
    with db.reading():
        channel = session().get(ChatChannel, int(lent.receiver))
        if channel is None or not channel.is_enabled:
            return Outcome(False, "not sent: the channel is switched off or removed", is_final=True)
        all_of_it = _written(lent, runtime.settings.url)
        notices = [notice for notice in all_of_it.values() if notice is not None]
        if not notices:
            return Outcome(False, "not sent: what it was about is over, or not for all", is_final=True)
        name, encrypted, kind = channel.name, channel.url, channel.kind
    items = f"{runtime.settings.url}/action-items"
    notice = bundles.together(lent.payload.get("kind", ""), notices, items, "All action items")
    if not lent.others:
        notice = replace(notice, buttons=_buttons(lent.payload, kind, runtime.settings))
    body = dumped(FORMATS[kind].payload(notice)).encode()
    try:
        url = FORMATS[kind].address(runtime.vault.decrypt(encrypted, f"the address of the channel {name}"))
        headers = {"Content-Type": "application/json"}
        # The status says that it was taken: a chat that breaks off after it is not told twice.
        answer = runtime.egress.request(
            "POST", url, headers=headers, body=body, timeout_s=TIMEOUT_S, max_bytes=0
        )
    except (Refused, NoSecret) as refused:
        return Outcome(False, f"not allowed to be called: {refused}")
    except Unreachable as unreachable:
        return Outcome(False, str(unreachable))
    left_out = tuple(id for id, found in all_of_it.items() if found is None)
    return replace(outcome(answer.status, answer.headers, clock.now()), left_out=left_out)


def outcome(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    """What an answer means. Whoever is gone is gone for good; other refusals are of this message alone."""
    if 200 <= status < 300:
        return Outcome(True, status=status)
    told = f"it answered {status}"
    waits_s = retry_schedule.asked_pause_s(headers.get("retry-after", ""), now)
    is_refusal = 300 <= status < 500 and status not in LATER
    return Outcome(False, told, status, is_final=is_refusal, is_gone=status in GONE, retry_after_s=waits_s)


def noted(lent: Lent, result: Outcome, now: datetime) -> None:
    """Keep what the channel said."""
    if result.is_final and result.status is None:
        return
    outcomes.note_outcome(
        int(lent.receiver),
        result.trouble,
        now,
        is_gone=result.is_gone,
        is_refusal=result.is_final and not result.is_sent,
    )


def _written(lent: Lent, url: str) -> dict[int, Notice | None]:
    """By message, what it says to nobody in particular: of all that go together."""
    with visibility.seen_by(visibility.NOBODY):
        return {
            one.id: LETTERS[one.payload["letter"]](one.payload, url, clock.now())
            for one in (lent, *lent.others)
        }


def _buttons(payload: Mapping[str, Any], kind: str, settings: Settings) -> tuple[Button, ...]:
    """Those of a reminder, in a chat from which presses are taken."""
    takes = {"slack": settings.slack_secrets, "mattermost": settings.mattermost_tokens}
    if not takes.get(kind) or payload["letter"] != "item" or payload["kind"] not in ASKING:
        return ()
    ref, secret = f"AI-{payload['item']}", config.secret_key(settings)
    url = f"{settings.url}/api/v1/chat/{kind}/presses"
    return tuple(
        Button(label, name, buttons.value(Press(name, ref), secret), url)
        for name, label in buttons.LABELS.items()
    )


def _item(payload: Mapping[str, Any], url: str, now: datetime) -> Notice | None:
    wanted = select(ActionItem).where(ActionItem.number == payload["item"])
    wanted = wanted.options(joinedload(ActionItem.incident, innerjoin=True))
    item = session().scalar(wanted)
    if item is None:
        return None
    row = Notification(kind=payload["kind"], data=payload["data"], item=item.number)
    notice = texts.notice(Told(row, None, item), url, now.date())
    return replace(notice, title=_of_nobody(notice.title, item.owner), why="") if notice else None


def _of_nobody(title: str, owner: str) -> str:
    """A headline for all: it is on the owner's list, not on each reader's."""
    return title.replace("on your list", f"on {owner}'s list" if owner else "on the list")


def _digest(payload: Mapping[str, Any], url: str, now: datetime) -> Notice | None:
    try:
        team = teams.team(payload["team"])
    except NotFound:
        return None
    digest = digests.for_team(team, "", now)
    numbers = {number for section in digest.values() for number in section.numbers}
    wanted = select(ActionItem).where(ActionItem.number.in_(numbers))
    items = {item.number: item for item in session().scalars(wanted)} if numbers else {}
    notice = digest_texts.notice(digest, items, url, now.date(), owner=team.name, team=team.name)
    return replace(notice, why="")


def _month(payload: Mapping[str, Any], url: str, now: datetime) -> Notice | None:
    notice = monthly_letters.notice(payload["month"], url)
    return replace(notice, why="") if notice else None


def _test(payload: Mapping[str, Any], url: str, now: datetime) -> Notice:
    return Notice(
        "Postmortems can post here", f"{payload['by']} sent this to try the channel.", url=url, button="Open"
    )


LETTERS: dict[str, Callable[[Mapping[str, Any], str, datetime], Notice | None]] = {
    "item": _item,
    "digest": _digest,
    "monthly": _month,
    "test": _test,
}
