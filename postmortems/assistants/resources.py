"""Resources: every incident that the caller may see, as Markdown in its envelope."""

from __future__ import annotations

from postmortems.accounts import permissions
from postmortems.assistants import envelope, incident_text
from postmortems.assistants.tool import Caller, Fields
from postmortems.db import session as db
from postmortems.errors import NotFound
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters

PREFIX = "postmortems://incidents/"
TEMPLATE = {
    "uriTemplate": f"{PREFIX}{{slug}}",
    "name": "incident",
    "title": "An incident's postmortem",
    "description": "The report as Markdown, marked as data; by the incident's slug.",
    "mimeType": "text/markdown",
}
PAGE = 50
# A resource is read in one: what is longer is cut, and the tool reads it in pieces.
LONGEST = 200_000
CUT = "The report is longer than this. Read it in pieces with the tool get_incident."


def listed(after: str, caller: Caller) -> Fields:
    """A page of incidents, newest first; titles are texts from documents and are left to the tools."""
    permissions.require(caller.actor, "incident.read")
    with db.reading():
        page = incidents.listing(Filters(), after, PAGE)
        rows = [_told(incident) for incident in page.rows]
    return {"resources": rows, **({"nextCursor": page.after} if page.after else {})}


def _told(incident: Incident) -> Fields:
    facts = [incident.occurred_on.isoformat(), incident.severity, incident.status]
    return {
        "uri": f"{PREFIX}{incident.slug}",
        "name": incident.slug,
        "description": ", ".join(filter(None, facts)),
        "mimeType": "text/markdown",
    }


def read(uri: str, caller: Caller) -> Fields:
    """One incident. Raises `NotFound`, for one that the caller may not see in the same words."""
    permissions.require(caller.actor, "incident.read")
    slug = uri.removeprefix(PREFIX)
    if not uri.startswith(PREFIX) or not slug:
        raise NotFound(f"there is no resource {uri[:200]!r}; incidents are at {PREFIX}<slug>")
    with db.reading():
        text = incident_text.markdown(incidents.by_slug(slug, caller.actor))
    marked = envelope.marked(text[:LONGEST]) + (f"\n{CUT}" if len(text) > LONGEST else "")
    return {"contents": [{"uri": uri, "mimeType": "text/markdown", "text": marked}]}
