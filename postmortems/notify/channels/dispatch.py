"""What channels are told: put into the outbox once for each, in the transaction of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from postmortems import visibility
from postmortems.accounts.teams.models import Team
from postmortems.db.session import session
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem
from postmortems.notify import bundles, outbox
from postmortems.notify.channels import outcomes
from postmortems.notify.channels.models import CHANNEL as CHANNEL
from postmortems.notify.channels.models import ChatChannel
from postmortems.notify.inbox import audience
from postmortems.notify.inbox.news import News

# What of the kinds of notifications a chat can hear of: what is about items, digests, and reports of months.
KINDS = ("digest", "reminder", "escalation", "assigned", "reopened", "free", "monthly")


def tell(news: Sequence[News], now: datetime) -> None:
    """Tell channels what people are told of items, each thing once, and nothing of restricted incidents."""
    about = {one.key: one for one in news if one.item is not None and one.kind in KINDS}
    listening = _listening(now) if about else []
    if not listening:
        return
    restricted = audience.of({one.incident_id for one in about.values() if one.incident_id}).admitted
    teams_of = _teams_of({one.item for one in about.values() if one.item is not None})
    for one in about.values():
        if one.incident_id in restricted:
            continue
        for channel in listening:
            is_theirs = channel.team_id is None or channel.team_id == teams_of.get(one.item or 0)
            if one.kind in channel.tells and is_theirs:
                payload = {"letter": "item", "kind": one.kind, "item": one.item, "data": dict(one.data)}
                payload["bundle"] = bundles.name(one.kind)
                outbox.put(CHANNEL, str(channel.id), f"{channel.id}:{one.key}", payload, now)


def tell_digest(team: Team, key: str, now: datetime) -> None:
    """Tell the team's channels its digest; what it says is worked out when it is sent."""
    for channel in _listening(now):
        if channel.team_id == team.id and "digest" in channel.tells:
            payload = {"letter": "digest", "kind": "digest", "team": team.slug}
            outbox.put(CHANNEL, str(channel.id), f"{channel.id}:{key}", payload, now)


def tell_month(month: str, key: str, now: datetime) -> None:
    """Tell channels of no team the report of a month (`2026-10`) that is kept."""
    for channel in _listening(now):
        if channel.team_id is None and "monthly" in channel.tells:
            payload = {"letter": "monthly", "kind": "monthly", "month": month}
            outbox.put(CHANNEL, str(channel.id), f"{channel.id}:{key}", payload, now)


def _listening(now: datetime) -> list[ChatChannel]:
    enabled = select(ChatChannel).where(ChatChannel.is_enabled).order_by(ChatChannel.id)
    channels = list(session().scalars(enabled))
    return outcomes.refuse_full(channels, now) if channels else []


def _teams_of(numbers: set[int]) -> dict[int, int]:
    """By item, the id of the team that answers for it."""
    with visibility.seen_by(visibility.EVERYTHING):
        wanted = select(ActionItem.number, item_teams.team_id()).where(ActionItem.number.in_(numbers))
        return {row[0]: row[1] for row in session().execute(wanted)}
