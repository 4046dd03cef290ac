"""Tools that read: search, incidents, action items, coverage and the gate's dry run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from postmortems.assistants import envelope, incident_text
from postmortems.assistants.tool import Caller, Fields
from postmortems.followup import queries as items
from postmortems.followup import schemas as item_schemas
from postmortems.followup.filters import Filters
from postmortems.followup.queries import Listed
from postmortems.gate.decisions import ask
from postmortems.gate.deploy_request import DeployRequest
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import reads
from postmortems.reports.coverage import queries as coverage
from postmortems.reports.coverage.queries import Covered
from postmortems.search import queries as search_queries
from postmortems.search import results

LONGEST_FIELD = 600
MOST_NAMES = 10
OPEN = "open,in_progress"
COULD, COULD_NOT = (
    "Yes: no guard blocks each of the deploys that would bring it back.",
    "Not by a deploy that the gate is asked about: the guards named in `blocking` would stop it.",
)


def search(asked: Fields, caller: Caller) -> Fields:
    """Incidents, action items and guards by one query, best first."""
    wanted = search_queries.asked(asked["q"])
    hits, place = results.of(wanted, asked["after"], asked["limit"]) if wanted.asks else ([], "")
    reads.note(results.incidents(hits))
    found = [
        {
            "kind": hit.kind,
            "ref": hit.ref,
            "title": envelope.cut(hit.titled, LONGEST_FIELD),
            "snippet": envelope.cut("".join(text for _, text in hit.said), LONGEST_FIELD),
            "url": f"{caller.url}{hit.url}",
        }
        for hit in hits
    ]
    count = results.count(wanted) if wanted.asks else 0
    return {"hits": found, "count": count, "notes": list(wanted.notes), "next": place}


def get_incident(asked: Fields, caller: Caller) -> Fields:
    """One report as Markdown, a piece at a time."""
    incident = incidents.by_slug(asked["slug"], caller.actor)
    text, place = incident_text.piece(incident, asked["after"])
    return front(incident, caller) | {"markdown": text, "next": place}


def front(incident: Incident, caller: Caller) -> Fields:
    """What is known of an incident without its text."""
    return {
        "slug": incident.slug,
        "title": incident.title,
        "status": incident.status,
        "severity": incident.severity,
        "occurred_on": incident.occurred_on.isoformat(),
        "services": list(incident.services),
        "version": incident.version,
        "url": f"{caller.url}/incidents/{incident.slug}",
    }


def list_action_items(asked: Fields, caller: Caller) -> Fields:
    """Action items by due date, or as `sort` says."""
    after, limit = asked.pop("after"), asked.pop("limit")
    page = items.listing(Filters(**asked), after, limit)
    return {"action_items": [item(listed, caller) for listed in page.rows], "next": page.after}


def item(listed: Listed, caller: Caller) -> Fields:
    """An action item, its long fields cut."""
    row: Fields = item_schemas.ItemSchema().dump(item_schemas.row(listed))
    return {name: _short(value) for name, value in row.items()} | {
        "url": f"{caller.url}/action-items/{row['id']}"
    }


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return envelope.cut(value, LONGEST_FIELD)
    if isinstance(value, list):
        return [_short(each) for each in value[:MOST_NAMES]]
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items()}
    return value


def could_happen(asked: Fields, caller: Caller) -> Fields:
    """Which incidents today's guards would stop; of one, whether it could happen again, and why."""
    if asked["incident"]:
        return _of_one(incidents.by_slug(asked["incident"], caller.actor), caller)
    target, classes = asked["target"], {asked["coverage"]} - {""}
    page = coverage.listing(target, classes, asked["after"], asked["limit"])
    counts = coverage.counted(target)
    told = [
        {"name": name, "label": label, "definition": words, "incidents": counts[name]}
        for name, (label, words) in coverage.CLASSES.items()
    ]
    return {"classes": told, "incidents": [_covered(one, caller) for one in page.rows], "next": page.after}


def _of_one(incident: Incident, caller: Caller) -> Fields:
    covered = coverage.of(incident)
    page = items.listing(Filters(incident=incident.slug, status=OPEN), limit=MOST_NAMES)
    told = _covered(covered, caller) if covered else front(incident, caller) | {"could_happen_again": True}
    return told | {
        "answer": COULD if told["could_happen_again"] else COULD_NOT,
        "open_action_items": [item(listed, caller) for listed in page.rows],
        "has_more_open_items": bool(page.after),
        "repeated_by": [
            {"slug": slug, "title": title} for slug, title in incidents.repeated_by(incident.slug)
        ][:MOST_NAMES],
    }


def _covered(one: Covered, caller: Caller) -> Fields:
    label, words = coverage.CLASSES[one.coverage]
    row = {
        name: _short(list(value) if isinstance(value, tuple) else value)
        for name, value in asdict(one).items()
    }
    row |= {"occurred_on": one.occurred_on.isoformat(), "label": label, "definition": words}
    del row["id"]
    return row | {
        "could_happen_again": one.coverage in coverage.COULD_HAPPEN,
        "url": f"{caller.url}/incidents/{one.slug}",
    }


def ask_gate(asked: Fields, caller: Caller) -> Fields:
    """May this be deployed? A dry run: it is judged as any request is, and counts for nothing."""
    request = DeployRequest.of(asked | {"dry_run": True})
    answer = ask.ask_once(request, actor=caller.actor, runtime=caller.runtime)
    return {"is_dry_run": True, **_short_verdicts(dict(answer.body))}


def _short_verdicts(body: Fields) -> Fields:
    return {name: _short_deep(value) for name, value in body.items() if name != "signature"}


def _short_deep(value: Any) -> Any:
    """The gate's answer with long texts cut; none of its guards is left out."""
    if isinstance(value, list | tuple):
        return [_short_deep(each) for each in value]
    if isinstance(value, dict):
        return {name: _short_deep(each) for name, each in value.items()}
    return envelope.cut(value, LONGEST_FIELD) if isinstance(value, str) else value
