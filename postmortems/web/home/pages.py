"""The home page: what needs you, and how to begin."""

from __future__ import annotations

from flask import Blueprint

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.queries import Filters, Line
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.guards import red_guards
from postmortems.incidents import queries as incidents
from postmortems.incidents.drafts import queries as own_drafts
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.tallies import queries as tallies
from postmortems.reports import definitions
from postmortems.web.auth import current_actor
from postmortems.web.home import needs
from postmortems.web.home.needs import Need
from postmortems.web.kept import parts
from postmortems.web.render import page

blueprint = Blueprint("home", __name__)

NEWEST = 6
# What has come to its end by time alone, such as a question that was answered too late, is gone after that.
LASTS_S = 30
UNCLOSED, OPEN = ",".join(rules.UNCLOSED), ",".join(rules.OPEN)
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
    """What needs me: what is late, asked of me, or red; my items by due date; the last decisions."""
    permissions.require(current_actor(), "incident.read")
    return page("home.html", body=parts.shown("home", _rendered, is_personal=True, lasts_s=LASTS_S))


def _rendered(actor: Actor) -> str:
    newest = incidents.listing(incidents.Filters(), limit=NEWEST).rows
    waiting = needs.of(actor)
    return parts.rendered(
        "_home.html",
        needs=waiting,
        waits={need.name: need for need in waiting if need.rows},
        teams=_late_in_teams(waiting),
        mine=_mine(actor),
        is_in_team=bool(actor.user_id and teams.memberships(actor.user_id, 1)),
        mentioned=mentions.listing(actor, is_seen=False, limit=NEWEST) if actor.user_id else [],
        typed=own_drafts.mine(actor, NEWEST) if actor.is_person else [],
        figures=_figures(),
        drafts=incidents.listing(incidents.Filters(status="draft"), limit=NEWEST).rows,
        overdue=incidents.listing(incidents.Filters(state="overdue"), limit=NEWEST).rows,
        red=_other_red(waiting),
        decisions=decisions_queries.decisions(limit=NEWEST).rows,
        incidents=newest,
        demo=next((incident for incident in newest if incident.is_demo), None),
        today=clock.now().date(),
        rules=rules,
        define=definitions.definition,
        unclosed=UNCLOSED,
        shown=NEWEST,
    )


def _figures() -> list[tuple[str, str, int]]:
    """Each label with the query of the list behind it, and the sum that is kept of it."""
    sums = tallies.totals(*(what for _, what, _ in FIGURES), today=clock.now().date())
    return [
        (label, filters.query(), sums.get((what, ""), tallies.NONE).count) for label, what, filters in FIGURES
    ]


def _mine(actor: Actor) -> list[Line]:
    """The open items that name the person, by any name, with the @ that people write or without."""
    if not actor.name:
        return []
    return followup.lines(Filters(owner=actor.name, status=UNCLOSED), limit=NEWEST).rows


def _late_in_teams(waiting: list[Need]) -> list[tuple[str, Filters, list[Line]]]:
    """By name of a team, the list of what is late there, and its first rows."""
    late = [(need.whose, need.filters) for need in waiting if need.name == "overdue" and need.whose]
    return [(team, of, followup.lines(of, limit=NEWEST).rows) for team, of in late if of is not None]


def _other_red(waiting: list[Need]) -> list[needs.Row]:
    """Guards that are red and nobody's whom this is shown to."""
    mine = {row.url for need in waiting if need.name == "red" for row in need.rows}
    rows = needs.red_rows(red_guards.all_red(NEWEST + len(mine)))
    return [row for row in rows if row.url not in mine][:NEWEST]
