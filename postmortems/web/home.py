"""The home page: what needs you, and how to begin."""

from __future__ import annotations

from flask import Blueprint

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.queries import Filters, Listed
from postmortems.gate.decisions import pending_signoffs
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.guards import queries as guards
from postmortems.guards.models import Evaluation, Guard
from postmortems.incidents import queries as incidents
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.drafts import queries as own_drafts
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.tallies import queries as tallies
from postmortems.notify.channels import queries as channels
from postmortems.notify.people import queries as people
from postmortems.reviews import queries as reviews
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("home", __name__)

NEWEST, MOST_GUARDS = 6, 200
UNCLOSED, OPEN = ",".join(rules.UNCLOSED), ",".join(rules.OPEN)
RED = frozenset({"fail", "stale", "error"})
# Of process fixes, as in the report: a label that both have counts the same.
FIGURES = (
    ("Open process fixes", "open", Filters(status=OPEN, kind="process")),
    ("Overdue", "due", Filters(overdue=True, kind="process")),
    ("Unowned", "unowned", Filters(unowned=True, kind="process")),
    ("Done, not proven", "unproven", Filters(unproven=True, kind="process")),
    ("Regressed", "regressed", Filters(protection="regressed", kind="process")),
)


@blueprint.get("/")
def show() -> str:
    """What needs me: my items by due date, drafts, guards that are red, the last decisions."""
    actor = current_actor()
    permissions.require(actor, "incident.read")
    asked = pending_signoffs.for_me(pending_signoffs.signoffs(actor, clock.now()), actor)
    newest = incidents.listing(incidents.Filters(), limit=NEWEST).rows
    return page(
        "home.html",
        mine=_mine(actor.name),
        mentioned=mentions.listing(actor, is_seen=False, limit=NEWEST) if actor.user_id else [],
        typed=own_drafts.mine(actor, NEWEST) if actor.is_person else [],
        signoffs=asked[:NEWEST],
        figures=_figures(),
        drafts=incidents.listing(incidents.Filters(status="draft"), limit=NEWEST).rows,
        asked=approvals.asked_of(actor.name, NEWEST),
        overdue=incidents.listing(incidents.Filters(state="overdue"), limit=NEWEST).rows,
        red=_red(),
        off=_switched_off() if permissions.may(actor, "channel.manage") else [],
        reviews=reviews.waiting(actor=actor, limit=NEWEST) if permissions.may(actor, "incident.save") else [],
        decisions=decisions_queries.decisions(limit=NEWEST).rows,
        incidents=newest,
        demo=next((incident for incident in newest if incident.is_demo), None),
        today=clock.now().date(),
        rules=rules,
        unclosed=UNCLOSED,
    )


def _switched_off() -> list[tuple[str, str, str]]:
    """What takes no messages any more: its name, why, and its page."""
    chats = [(one.name, one.trouble, f"/settings/channels/{one.id}") for one in channels.switched_off()]
    mail = [
        (f"Mail to {one.user.name}", one.trouble, "/settings/deliveries")
        for one in people.switched_off(NEWEST)
    ]
    return [*chats, *mail]


def _figures() -> list[tuple[str, str, int]]:
    """Each label with the query of the list behind it, and the sum that is kept of it."""
    sums = tallies.totals(*(what for _, what, _ in FIGURES), today=clock.now().date())
    return [
        (label, filters.query(), sums.get((what, ""), tallies.NONE).count) for label, what, filters in FIGURES
    ]


def _mine(name: str) -> list[Listed]:
    """The open items that name the person, with the @ that people write or without."""
    return followup.listing(Filters(owner=name, status=UNCLOSED), limit=NEWEST).rows


def _red() -> list[tuple[Guard, Evaluation]]:
    """The enabled guards whose newest verdict is red."""
    enabled = guards.listing(guards.Filters(is_enabled=True), limit=MOST_GUARDS).rows
    newest = guards.newest_evaluations([guard.id for guard in enabled])
    return [
        (guard, newest[guard.id])
        for guard in enabled
        if guard.id in newest and newest[guard.id].verdict in RED
    ]
