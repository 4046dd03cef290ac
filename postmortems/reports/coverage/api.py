"""Coverage over HTTP: which incidents today's guards would stop."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.formats import page_query
from postmortems.formats.choices import OneOfOrNothing
from postmortems.gate import schemas
from postmortems.gate.suggestions import suggest
from postmortems.incidents import page_keys
from postmortems.incidents import queries as incidents
from postmortems.reports import answers_api, paper_pages
from postmortems.reports.answers_api import Forms
from postmortems.reports.coverage import export
from postmortems.reports.coverage import queries as coverage_queries
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("coverage", "Which incidents today's guards would stop, and which could come.")


class CoverageQuery(schemas.Strict):
    target = schemas.text(201, description="only what hit this target", example="data8/prod")
    coverage = fields.String(load_default="", validate=OneOfOrNothing(coverage_queries.CLASSES))
    after = page_query.after("`next` of the page before; it moves `incidents` alone")
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, page_keys.LARGEST),
        metadata={"description": "how many `incidents`; the other forms have all of them"},
    )
    format = page_query.form(answers_api.FORMATS, "instead of Accept")
    bom = page_query.bom()


class ClassOut(Schema):
    name = fields.String(metadata={"example": "strong"})
    label = fields.String()
    definition = fields.String()
    incidents = fields.Integer()


class CoveredOut(Schema):
    slug = fields.String()
    title = fields.String()
    occurred_on = fields.String(metadata={"format": "date"})
    severity = fields.String()
    coverage = fields.String(metadata={"example": "strong"})
    blocking = fields.List(fields.String(), metadata={"description": "guards that block every bad scenario"})
    kinds = fields.List(fields.String())
    noticing = fields.List(
        fields.String(), metadata={"description": "guards that go red without blocking it"}
    )
    targets = fields.List(fields.String())
    scenarios = fields.Integer(metadata={"description": "how many bad scenarios it has"})
    url = fields.String(metadata={"format": "uri"})


class MonthOut(Schema):
    month = fields.String(metadata={"example": "2026-03"})
    incidents = fields.Integer()
    stopped = fields.Integer()


class CoverageOut(Schema):
    as_of = fields.String(metadata={"format": "date-time"})
    classes = fields.List(fields.Nested(ClassOut))
    incidents = fields.List(fields.Nested(CoveredOut), metadata={"description": "a page, newest first"})
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})
    months = fields.List(fields.Nested(MonthOut))


class SuggestionOut(Schema):
    cause = fields.String(metadata={"example": "wrong target"})
    because = fields.String(metadata={"description": "by which tag or words it was recognised"})
    item = fields.String(metadata={"description": "the action item that it answers; empty for none"})
    kind = fields.String(metadata={"example": "target"})
    slug = fields.String()
    title = fields.String()
    config = fields.Dict()
    targets = fields.List(fields.String())


class SuggestionsOut(Schema):
    suggestions = fields.List(fields.Nested(SuggestionOut))


@blueprint.route("/incidents/<slug>/suggestions", methods=["GET"])
@contract(returns=SuggestionsOut, scope_note="read", errors=(404,))
def suggest_guards(slug: str) -> dict[str, Any]:
    """Guards that would answer the incident's causes, as they can be posted to `/guards`."""
    return {"suggestions": suggest.for_incident(incidents.by_slug(slug, current_actor()))}


@blueprint.route("/coverage", methods=["GET"])
@contract(
    query=CoverageQuery,
    returns=CoverageOut,
    also=answers_api.ALSO,
    errors=answers_api.REFUSALS,
    scope_note="read",
    own_units=True,
)
def show_coverage(query: dict[str, Any]) -> Response:
    """Incidents with their classes: a page as JSON, or all as Markdown, CSV or PDF, by Accept or `format`"""
    permissions.require(current_actor(), "report.read")
    form, bom = downloads.wanted(query.pop("format"), answers_api.FORMATS), query.pop("bom")
    asked = ("coverage", *query.values(), downloads.own_url())
    return answers_api.answered(form, "coverage", lambda: _forms(**query), bom=bom, kept_as=asked)


def _forms(target: str, coverage: str, after: str, limit: int) -> Forms:
    now, url, classes = clock.now(), downloads.own_url(), {coverage} - {""}
    counts = coverage_queries.counted(target)
    counts = {name: count if name in classes or not classes else 0 for name, count in counts.items()}
    months = coverage_queries.months(now)

    page = cache(lambda: coverage_queries.listing(target, classes, after, limit))
    every = cache(lambda: tuple(coverage_queries.everything(target, classes)))

    def says(form: str) -> object:
        shown = (page().rows, page().after) if form == "json" else every()
        return url, counts, months, shown

    def markdown() -> str:
        return export.to_markdown(every(), counts, months, now, url)

    return Forms(
        says=says,
        json=lambda: export.to_json(page().rows, counts, months, now, url) | {"next": page().after},
        csv=lambda: export.to_csv(every()),
        markdown=markdown,
        html=lambda: paper_pages.html_of_markdown("Coverage", markdown()),
    )
