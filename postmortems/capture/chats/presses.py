"""Presses: what a button under a reminder does. The definition of done holds as elsewhere."""

from __future__ import annotations

from datetime import timedelta

from postmortems import clock, visibility
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.capture.chats.buttons import Press
from postmortems.errors import Refusal
from postmortems.followup import queries as items
from postmortems.followup import rules
from postmortems.gate.enforcement import save_incident
from postmortems.incidents.models import ActionItem

A_WEEK = timedelta(days=7)
MESSAGE = "by a button in a chat"


def carry_out(press: Press, actor: Actor, url: str) -> str:
    """What came of it, in words for who pressed. Raises `Invalid`, `NotFound` or `NotAllowed`.

    An item of a restricted incident is not there for a chat. Pressed again, a button does nothing.
    """
    with visibility.seen_by(visibility.NOBODY):
        item = items.by_ref(press.ref, actor)
        if item.status in rules.CLOSED:
            return f"{item.ref} is closed already: {url}/action-items/{item.ref}"
        return DOES[press.do](item, actor, url)


def told(press: Press, refused: Refusal, url: str) -> str:
    """Why nothing was changed, and where to go on."""
    ways = [remedy.do for problem in getattr(refused, "problems", ()) for remedy in problem.remedies]
    detail = refused.detail + "".join(f"\n- {way}" for way in ways)
    return f"{press.ref} was left as it is: {detail}\n{url}/action-items/{press.ref}"


def _done(item: ActionItem, actor: Actor, url: str) -> str:
    save_incident.edit_item(item.ref, {"status": "done"}, actor=actor, message=MESSAGE)
    return f"{item.ref} is done: {url}/action-items/{item.ref}"


def _later(item: ActionItem, actor: Actor, url: str) -> str:
    due = clock.now().date() + A_WEEK
    if item.due is not None and item.due >= due:
        return f"{item.ref} is due on {item.due} already: {url}/action-items/{item.ref}"
    save_incident.edit_item(item.ref, {"due": due}, actor=actor, message=MESSAGE)
    return f"{item.ref} is due on {due} now: {url}/action-items/{item.ref}"


def _not_mine(item: ActionItem, actor: Actor, url: str) -> str:
    meant = teams.meant({item.owner}).get(item.owner) if item.owner else None
    if meant is None or meant.kind != "account" or meant.id != actor.user_id:
        owner = item.owner or "nobody"
        return f"{item.ref} is not on your list; its owner is {owner}: {url}/action-items/{item.ref}"
    save_incident.edit_item(item.ref, {"owner": ""}, actor=actor, message=MESSAGE)
    return f"{item.ref} has no owner now; say who should have it: {url}/action-items/{item.ref}"


DOES = {"done": _done, "later": _later, "not_mine": _not_mine}
