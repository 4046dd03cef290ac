"""The forms of channels, by their kind: another is one line here and a module beside this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from postmortems.notify.channels import discord, mattermost, plain_json, slack, teams
from postmortems.notify.notice import Notice


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of channel is called, where its address comes from, and how a notice is written for it.

    `asks` is put into the query of each address.
    """

    label: str
    where: str
    payload: Callable[[Notice], dict[str, Any]]
    asks: str = ""

    def address(self, kept: str) -> str:
        """Where it is posted to, by the address that is kept."""
        return f"{kept}{'&' if '?' in kept else '?'}{self.asks}" if self.asks else kept


FORMATS = {
    "slack": Format("Slack", "your app → Incoming Webhooks → Add New Webhook", slack.payload),
    "teams": Format(
        "Microsoft Teams", "Workflows → Post to a channel when a webhook request is received", teams.payload
    ),
    "mattermost": Format("Mattermost", "Integrations → Incoming Webhooks", mattermost.payload),
    "discord": Format("Discord", "Edit Channel → Integrations → Webhooks", discord.payload, discord.ASKS),
    "webhook": Format("Other (JSON)", "whatever takes a POST with JSON", plain_json.payload),
}
