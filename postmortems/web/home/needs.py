"""Needs: what waits for one person, each a figure with its definition and the address of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.models import TeamMember
from postmortems.actor import Actor
from postmortems.followup import agenda
from postmortems.followup import queries as followup
from postmortems.followup.agenda import Entry
from postmortems.followup.filters import Filters
from postmortems.gate.decisions import pending_signoffs
from postmortems.gate.exemptions import requests as exemptions
from postmortems.guards import red_guards
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.public_reports import queries as public_reports
from postmortems.notify import held_messages, webhooks
from postmortems.notify.channels import queries as channels
from postmortems.notify.people import queries as people
from postmortems.reports import definitions
from postmortems.reviews import queries as reviews

# So many of each are counted and shown; items, which have lists of their own, as far as those count.
MOST = 50
MOST_TEAMS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits: what it is called, its page, and what there is to say of it."""

    text: str
    url: str
    note: str = ""
    at: datetime | None = None
    badge: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Need:
    """A figure: how many wait, the team whose they are, and where they are; `rows` where that is Home."""

    name: str
    whose: str
    counted: int
    most: int
    url: str
    rows: tuple[Row, ...] = ()
    filters: Filters | None = None

    @property
    def label(self) -> str:
        return definitions.label(self.name)

    @property
    def definition(self) -> str:
        return definitions.definition(self.name)

    @property
    def count(self) -> int:
        """At most `most`."""
        return min(self.counted, self.most)

    @property
    def is_more(self) -> bool:
        """Whether there are more than are counted."""
        return self.counted > self.most


def of(actor: Actor) -> list[Need]:
    """All that waits for this person now, what is late first. As many statements, however much there is."""
    now = clock.now()
    members = teams.memberships(actor.user_id, MOST_TEAMS) if actor.user_id else []
    entries = agenda.of_person(actor.name, now.date()) if actor.user_id else []
    for member in members:
        entries += agenda.of_team(member.team, now.date(), is_led=member.is_lead)
    found = [*(_of_items(entry) for entry in entries), *_asked(actor, now, members)]
    return [need for need in found if need.counted]


def _of_items(entry: Entry) -> Need:
    count = followup.matching_at_most(entry.filters)
    most = followup.MOST_COUNTED
    return Need(entry.name, entry.whose, count, most, entry.url, filters=entry.filters)


def _asked(actor: Actor, now: datetime, members: Sequence[TeamMember]) -> Iterator[Need]:
    """What is no item: each with its rows, which Home shows."""
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "reviews": lambda: _reviews(actor),
        "signoffs": lambda: _signoffs(actor, now),
        "exemptions": lambda: _exemptions(actor, now),
        "public_reports": lambda: _public_reports(actor),
        "conflicts": lambda: _conflicts(actor),
        "red": lambda: _red(actor, members),
        "held": lambda: _held(actor),
        "off": lambda: _off(actor),
        "left": lambda: _left(actor),
    }
    for name, rows in parts.items():
        found = list(rows())
        yield Need(name, "", len(found), MOST, f"/#{name}", tuple(found[:MOST]))


def _reviews(actor: Actor) -> Iterator[Row]:
    for request in approvals.asked_of(actor.name, MOST + 1):
        incident = request.incident
        address = f"/incidents/{incident.slug}#review"
        note = f"{request.asked_by} asked"
        yield Row(incident.title or incident.slug, address, note, request.asked_at, ("review", "in_review"))


def _signoffs(actor: Actor, now: datetime) -> Iterator[Row]:
    if not permissions.may(actor, "evidence.sign"):
        return
    for one in pending_signoffs.for_me(pending_signoffs.signoffs(actor, now), actor):
        said = [one.question.target, one.question.actor and f"for {one.question.actor}"]
        title = one.guard.title or one.guard.slug
        yield Row(title, "/signoffs", _said(said), one.decision.asked_at, ("verdict", "pending"))


def _exemptions(actor: Actor, now: datetime) -> Iterator[Row]:
    for override in exemptions.overrides(actor, MOST + 1):
        said = [override.target, f"{override.requested_by} asked"]
        title = f"Override of {', '.join(override.guards)}"
        yield Row(title, "/gate/waivers", _said(said), override.requested_at, ("badge", "requested"))
    for waiver in exemptions.waivers(actor, now, MOST + 1):
        said = [waiver.guard and waiver.target, f"{waiver.made_by} asked"]
        title = f"{waiver.kind.replace('_', ' ').capitalize()} of {waiver.guard or waiver.target}"
        yield Row(title, "/gate/waivers", _said(said), waiver.made_at, ("badge", "requested"))


def _public_reports(actor: Actor) -> Iterator[Row]:
    for report, incident in public_reports.to_approve(actor, MOST + 1):
        address = f"/incidents/{incident.slug}/public-report"
        yield Row(report.title or incident.slug, address, f"{report.asked_by} asked", report.asked_at)


def _conflicts(actor: Actor) -> Iterator[Row]:
    if not permissions.may(actor, "incident.save"):
        return
    for review in reviews.waiting(actor=actor, limit=MOST + 1):
        incident = review.incident
        address = f"/incidents/{incident.slug}/reviews/{review.id}"
        title = incident.title or incident.slug
        yield Row(title, address, review.summary, review.opened_at, ("badge", "conflict"))


def _red(actor: Actor, members: Sequence[TeamMember]) -> Iterator[Row]:
    if not actor.user_id:
        return
    owners = [*teams.keys_of(actor.user_id), *(one.team.slug for one in members if one.is_lead)]
    yield from red_rows(red_guards.of_owners(owners, [one.team_id for one in members], MOST + 1))


def red_rows(rows: red_guards.Rows) -> Iterator[Row]:
    """Guards with the verdict that is red."""
    for guard, verdict in rows:
        badge = ("verdict", verdict.verdict)
        yield Row(guard.title or guard.slug, f"/guards/{guard.slug}", verdict.summary, verdict.at, badge)


def _off(actor: Actor) -> Iterator[Row]:
    if not permissions.may(actor, "channel.manage"):
        return
    off = ("badge", "switched off")
    for channel in channels.switched_off():
        yield Row(channel.name, f"/settings/channels/{channel.id}", channel.trouble, badge=off)
    for webhook in webhooks.switched_off():
        yield Row(webhook.name, f"/settings/webhooks/{webhook.id}", webhook.trouble, badge=off)
    for mail in people.switched_off(MOST + 1):
        yield Row(f"Mail to {mail.user.name}", "/settings/deliveries", mail.trouble, badge=off)


def _left(actor: Actor) -> Iterator[Row]:
    if not permissions.may(actor, "people.manage"):
        return
    for name in followup.left_behind(MOST + 1):
        said = "hand over what is not closed"
        yield Row(name, f"/settings/people/{name}/off", said, badge=("badge", "switched off"))


def _held(actor: Actor) -> Iterator[Row]:
    if not permissions.may(actor, "channel.manage"):
        return
    for message in held_messages.oldest(MOST + 1):
        said = "waited when the backup was made; an operator sends or drops it"
        address = "/settings/deliveries?state=held"
        yield Row(f"By {message.channel}", address, said, message.created_at, ("badge", "held"))


def _said(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))
