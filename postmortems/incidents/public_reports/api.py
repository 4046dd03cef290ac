"""Public reports over HTTP: written, approved by a second person, published and taken away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, fields, validate

from postmortems.document.text import one_line, tidy
from postmortems.errors import Invalid, NotFound, Problem
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.models import Incident
from postmortems.incidents.public_reports import drawn, operations, queries, redaction, rules
from postmortems.incidents.public_reports.models import PublicReport
from postmortems.incidents.public_reports.pages import surroundings
from postmortems.incidents.public_reports.rules import PublicSection, PublicText
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("public_reports", "Public reports: what customers read of an incident")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class PublicSectionSchema(Schema):
    part = fields.String(metadata={"description": "the `id` of the incident's section it was drawn from"})
    heading = fields.String(metadata={"example": "What happened"})
    text = fields.String(metadata={"description": "Markdown, as it was written"})
    shown = fields.String(metadata={"description": "Markdown, without what was taken out"})


class RemovalSchema(Schema):
    """Something that was taken out of the text, or put back deliberately."""

    kind = fields.String(metadata={"description": ", ".join(redaction.KINDS), "example": "name"})
    text = fields.String(metadata={"example": "ada"})
    why = fields.String()
    where = fields.String(metadata={"description": "the title, the summary or a section's heading"})
    line = fields.Integer()
    is_kept = fields.Boolean(metadata={"description": "it stays in, for it is among `kept`"})


class KeptSchema(Schema):
    text = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class PublicationSchema(Schema):
    """What is public now."""

    url = fields.String()
    at = fields.AwareDateTime()
    by = fields.String()
    approved_by = fields.String()
    incident_version = fields.Integer(metadata={"description": "that its text was written after"})


class PublicReportSchema(Schema):
    """A public report as it is worked on, and how it stands to what is published."""

    state = fields.String(metadata={"description": ", ".join(rules.STATES), "example": "waiting"})
    slug = fields.String(
        metadata={"description": "in its public address; settled when it is first published"}
    )
    version = fields.Integer(metadata={"description": "of the public text; moves with every save of it"})
    title = fields.String()
    summary = fields.String()
    shown_title = fields.String()
    shown_summary = fields.String()
    sections = fields.List(fields.Nested(PublicSectionSchema))
    pictures = fields.List(fields.String(), metadata={"description": "links of those that are shown"})
    removals = fields.List(fields.Nested(RemovalSchema))
    hidden = fields.List(
        fields.Nested(RemovalSchema),
        metadata={"description": "what marks in the text still spell out: it has to be written otherwise"},
    )
    kept = fields.List(fields.Nested(KeptSchema))
    digest = fields.String(metadata={"description": "of all that would be shown: an approval names it"})
    editors = fields.List(
        fields.String(), metadata={"description": "who worked on it since it was published; none may approve"}
    )
    asked_by = fields.String()
    approved_by = fields.String()
    drawn_from = fields.Integer(metadata={"description": "the incident's version when it was last saved"})
    incident_version = fields.Integer()
    has_text_changed = fields.Boolean(metadata={"description": "it would show something else than is public"})
    has_incident_changed = fields.Boolean(metadata={"description": "the incident was saved since"})
    publication = fields.Nested(PublicationSchema, allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    withdrawn_because = fields.String()


class SectionEditSchema(Schema):
    class Meta:
        unknown = RAISE

    part = fields.String(load_default="", validate=validate.Length(max=40))
    heading = fields.String(
        load_default=None, allow_none=True, metadata={"description": "left out, the incident's own"}
    )
    text = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Markdown; left out, the incident's own words of that `part`"},
    )
    entries = fields.List(
        fields.String(),
        load_default=None,
        allow_none=True,
        metadata={
            "description": "with a text left out: the ids of the timeline entries to take; all, if none"
        },
    )


class PublicReportEditSchema(Schema):
    class Meta:
        unknown = RAISE

    title = fields.String(required=True, metadata={"example": "Mail was late"})
    summary = fields.String(load_default="")
    sections = fields.List(
        fields.Nested(SectionEditSchema), required=True, validate=validate.Length(max=rules.MOST_SECTIONS)
    )
    kept = fields.List(
        fields.String(validate=validate.Length(1, 2_000)),
        load_default=list,
        validate=validate.Length(max=rules.MOST_KEPT),
        metadata={"description": "texts of removals that stay in; who let them in is recorded"},
    )
    pictures = fields.List(
        fields.String(validate=validate.Length(1, 500)),
        load_default=list,
        validate=validate.Length(max=rules.MOST_PICTURES),
        metadata={"description": "links of the incident's pictures, as its texts have them"},
    )
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, HIGHEST),
        metadata={"description": "that you began from, 0 for none: refused where another was saved since"},
    )


class ApprovedSchema(Schema):
    class Meta:
        unknown = RAISE

    digest = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="write the `digest` of what you looked at"),
        metadata={"description": "of what you looked at: refused where it would show something else by now"},
    )


@blueprint.route("/incidents/<slug>/public-report", methods=["GET"])
@contract(returns=PublicReportSchema, errors=(404,), scope_note="read")
def show(slug: str) -> Fields:
    """The public report of an incident: its text, what would be shown, and what was taken out"""
    return _shown(slug)


@blueprint.route("/incidents/<slug>/public-report", methods=["PUT"])
@contract(body=PublicReportEditSchema, returns=PublicReportSchema, errors=(404, 409), scope_note="write")
def replace(body: Fields, slug: str) -> Fields:
    """Write it; what is public stays as it is until this is approved and published

    An approval of another text ends. Of a restricted incident only an admin may.
    """
    incident = _incident(slug)
    document = rows.to_document(incident)
    problems, sections = list[Problem](), list[PublicSection]()
    for number, each in enumerate(body["sections"]):
        own = drawn.section(document, each["part"], each["entries"]) if each["part"] else None
        if each["text"] is None and own is None:
            told = "names no section of the incident, so write a text"
            problems.append(Problem(f"/sections/{number}/part", told))
            continue
        text = own.text if own and each["text"] is None else each["text"] or ""
        heading = own.heading if own and each["heading"] is None else each["heading"] or ""
        sections.append(PublicSection(one_line(heading), tidy(text), each["part"]))
    if problems:
        raise Invalid(problems)
    written = PublicText(
        body["title"].strip(), body["summary"].strip(), tuple(sections), tuple(body["pictures"])
    )
    operations.save(
        slug, written, body["kept"], version=body["version"], actor=current_actor(), place=surroundings()
    )
    return _shown(slug)


@blueprint.route("/incidents/<slug>/public-report", methods=["DELETE"])
@contract(errors=(404,), scope_note="write", status=204)
def discard(slug: str) -> Response:
    """Delete it with its text; its page goes with it"""
    operations.discard(slug, actor=current_actor())
    return Response(status=204)


@blueprint.route("/incidents/<slug>/public-report/approval", methods=["PUT"])
@contract(returns=PublicReportSchema, errors=(404, 409), scope_note="write")
def ask(slug: str) -> Fields:
    """Ask for the approval of a second person"""
    operations.ask(slug, actor=current_actor(), place=surroundings())
    return _shown(slug)


@blueprint.route("/incidents/<slug>/public-report/approval", methods=["POST"])
@contract(body=ApprovedSchema, returns=PublicReportSchema, errors=(404, 409), scope_note="sign")
def approve(body: Fields, slug: str) -> Fields:
    """Approve exactly what would be shown, in your own name, where you neither wrote it nor asked"""
    operations.approve(slug, digest=body["digest"], actor=current_actor(), place=surroundings())
    return _shown(slug)


@blueprint.route("/incidents/<slug>/public-report/approval", methods=["DELETE"])
@contract(returns=PublicReportSchema, errors=(404,), scope_note="write")
def withdraw_approval(slug: str) -> Fields:
    """Make it a draft again: the question for an approval and the approval end"""
    operations.withdraw_approval(slug, actor=current_actor())
    return _shown(slug)


@blueprint.route("/incidents/<slug>/public-report/publication", methods=["POST"])
@contract(returns=PublicReportSchema, errors=(404, 409, 501), scope_note="write")
def publish(slug: str) -> Fields:
    """Show to everybody what was approved"""
    operations.publish(slug, actor=current_actor(), place=surroundings())
    return _shown(slug)


@blueprint.route("/incidents/<slug>/public-report/publication", methods=["DELETE"])
@contract(returns=PublicReportSchema, errors=(404, 409), scope_note="write")
def withdraw(slug: str) -> Fields:
    """Take the public page away; the text stays to be worked on"""
    operations.withdraw(slug, actor=current_actor())
    return _shown(slug)


def _incident(slug: str) -> Incident:
    incident = incidents.by_slug(slug, current_actor())
    operations.require_access(incident, current_actor())
    return incident


def _shown(slug: str) -> Fields:
    incident = _incident(slug)
    report = queries.report_of(incident)
    if report is None:
        raise NotFound(f"there is no public report of {slug}")
    found = queries.standing(incident, report, surroundings())
    told = {name: getattr(report, name) for name in PublicReportSchema().fields if hasattr(report, name)}
    pairs = zip(found.text.sections, found.shown.text.sections, strict=True)
    return told | {
        "state": found.state,
        "shown_title": found.shown.text.title,
        "shown_summary": found.shown.text.summary,
        "sections": [
            {"part": own.part, "heading": own.heading, "text": own.text, "shown": shown.text}
            for own, shown in pairs
        ],
        "removals": found.shown.removals,
        "hidden": found.shown.hidden,
        "kept": [each | {"at": datetime.fromisoformat(each["at"])} for each in report.kept],
        "digest": found.shown.digest,
        "incident_version": found.incident_version,
        "has_text_changed": found.has_text_changed,
        "has_incident_changed": found.has_incident_changed,
        "publication": _publication(report) if report.is_public else None,
    }


def _publication(report: PublicReport) -> Fields:
    return {
        "url": f"{downloads.own_url()}/public/{report.slug}",
        "at": report.published_at,
        "by": report.published_by,
        "approved_by": report.published_approval,
        "incident_version": report.published_from,
    }
