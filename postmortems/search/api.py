"""Search over HTTP: incidents, action items, guards and decisions by one query."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.formats import page_query
from postmortems.gate.decisions import queries as decisions
from postmortems.incidents.restricted import reads
from postmortems.search import queries, results
from postmortems.search import query as search_query
from postmortems.search.query import Query
from postmortems.search.results import Hit
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("search", "Search: incidents, action items, guards and decisions by one query")

KINDS = ("incident", "item", "guard", "decision")
MOST_DECISIONS = 5


class PartSchema(Schema):
    text = fields.String()
    is_hit = fields.Boolean(metadata={"description": "whether it is one of the words"})


class HitSchema(Schema):
    """Something that was found."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    ref = fields.String(metadata={"description": "a slug, `AI-2`, or a decision's id", "example": "AI-2"})
    title = fields.String()
    url = fields.String(metadata={"description": "its page", "example": "/action-items/AI-2"})
    snippet = fields.List(fields.Nested(PartSchema), metadata={"description": "plain text around the words"})


class SearchSchema(Schema):
    hits = fields.List(fields.Nested(HitSchema))
    count = fields.Integer(metadata={"description": "how many there are; 1,001 stands for more than 1,000"})
    notes = fields.List(
        fields.String(), metadata={"description": "what was taken otherwise than it may have been meant"}
    )
    next = fields.String(metadata={"description": "the `after` of the next page"})


class SearchQuerySchema(Schema):
    q = fields.String(
        required=True,
        validate=validate.Length(max=search_query.LONGEST),
        metadata={"description": search_query.RULE, "example": "oom severity:SEV1 after:2018"},
    )
    after = page_query.after("`next` of the page before")
    limit = fields.Integer(load_default=20, validate=validate.Range(1, results.LARGEST))


@blueprint.route("/search", methods=["GET"])
@contract(query=SearchQuerySchema, returns=SearchSchema, errors=(422,), scope_note="read")
def search(query: dict[str, Any]) -> dict[str, Any]:
    """What a query finds, best first: with the words in the title, then in the text, each the newest first"""
    wanted, hits, place = found(query["q"], query["after"], query["limit"])
    told = [
        {
            "kind": hit.kind,
            "ref": hit.ref,
            "title": hit.titled,
            "url": hit.url,
            "snippet": [{"text": text, "is_hit": is_hit} for is_hit, text in hit.said],
        }
        for hit in hits
    ]
    count = results.count(wanted) if wanted.asks else 0
    return {"hits": told, "count": count, "notes": list(wanted.notes), "next": place}


def found(text: str, after: str, limit: int) -> tuple[Query, list[Hit], str]:
    """The query as it is understood, a page of what it finds, and the place to go on from.

    Decisions, which have no words, stand first where what was typed is the name of one, of its target or of
    its artifact. Raises `Invalid`.
    """
    permissions.require(current_actor(), "incident.read")
    wanted = queries.asked(text)
    hits = [] if after else _decisions(text)
    if not wanted.asks:
        return wanted, hits, ""
    rows, place = results.of(wanted, after, limit)
    reads.note(results.incidents(rows))
    return wanted, hits + rows, place


def _decisions(text: str) -> list[Hit]:
    rows = decisions.named(text.strip(), MOST_DECISIONS)
    return [
        Hit(
            "decision",
            row.id,
            [(False, f"{row.decision.replace('_', ' ')}: {row.target}")],
            [(False, " ".join(filter(None, (row.asked_at.strftime("%Y-%m-%d %H:%M UTC"), row.artifact))))],
        )
        for row in rows
    ]
