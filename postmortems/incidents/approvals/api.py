"""Reviews before publishing over HTTP: who is asked, approvals, skipped reports, and the rules."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.approvals import operations, queries, rules
from postmortems.incidents.models import Incident
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("approvals", "Reviews of reports before they are published")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class ReviewerSchema(Schema):
    name = fields.String(attribute="reviewer", metadata={"example": "ben"})
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()


class ApprovalSchema(Schema):
    name = fields.String()
    version = fields.Integer(metadata={"description": "that was approved"})
    at = fields.AwareDateTime()
    is_current = fields.Boolean(metadata={"description": "the text is still the one that was approved"})
    changes_since = fields.Integer(metadata={"description": "versions saved since, of another text"})


class SkippedReportSchema(Schema):
    reason = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class ReportReviewSchema(Schema):
    """Where a report stands on its way to being published."""

    state = fields.String(metadata={"description": ", ".join(rules.STATES), "example": "in_review"})
    version = fields.Integer(metadata={"description": "the incident's version now"})
    due_on = fields.Date(allow_none=True, metadata={"description": "by its severity; null for never"})
    is_overdue = fields.Boolean()
    approvals_needed = fields.Integer(metadata={"description": "before it is published, by its severity"})
    approvals_current = fields.Integer(metadata={"description": "of the text as it is now"})
    reviewers = fields.List(fields.Nested(ReviewerSchema))
    approvals = fields.List(fields.Nested(ApprovalSchema))
    skipped = fields.Nested(SkippedReportSchema, allow_none=True)


class ReviewersSchema(Schema):
    class Meta:
        unknown = RAISE

    reviewers = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        required=True,
        validate=validate.Length(1),
        metadata={
            "description": "names of accounts; who is not among them is not asked any more",
            "example": ["ben"],
        },
    )


class ApproveSchema(Schema):
    class Meta:
        unknown = RAISE

    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, HIGHEST),
        metadata={"description": "the version you looked at: refused where another one was saved since"},
    )


class SkipSchema(Schema):
    class Meta:
        unknown = RAISE

    reason = fields.String(required=True, metadata={"example": "A drill: nobody was affected."})


class PublishRuleSchema(Schema):
    """What incidents of a severity ask for; an empty one is an incident without a severity."""

    severity = fields.String(metadata={"example": "SEV1"})
    approvals = fields.Integer(metadata={"description": "needed before a report is published"})
    due_days = fields.Integer(
        allow_none=True, metadata={"description": "after the incident its report is due; null for never"}
    )
    required_fields = fields.List(fields.String(), metadata={"description": ", ".join(rules.FIELDS)})
    required_sections = fields.List(
        fields.String(), metadata={"description": "headings", "example": ["Impact"]}
    )


class PublishRulesSchema(Schema):
    rules = fields.List(fields.Nested(PublishRuleSchema))


class PublishRuleEditSchema(Schema):
    class Meta:
        unknown = RAISE

    approvals = fields.Integer(required=True, strict=True, validate=validate.Range(0, rules.MOST_APPROVALS))
    due_days = fields.Integer(
        required=True, allow_none=True, strict=True, validate=validate.Range(0, rules.LONGEST_DUE_DAYS)
    )
    required_fields = fields.List(
        fields.String(), load_default=None, metadata={"description": "left out, they stay as they are"}
    )
    required_sections = fields.List(
        fields.String(validate=validate.Length(1, rules.LONGEST_HEADING)),
        load_default=None,
        validate=validate.Length(max=rules.MOST_REQUIRED),
        metadata={"description": "that a template for this severity has; left out, they stay as they are"},
    )


@blueprint.route("/incidents/<slug>/review", methods=["GET"])
@contract(returns=ReportReviewSchema, errors=(404,), scope_note="read")
def show(slug: str) -> queries.Review:
    """The report's state, who is asked to review it, who approved what, and when it is due"""
    return _shown(incidents.by_slug(slug, current_actor()))


@blueprint.route("/incidents/<slug>/review", methods=["POST"])
@contract(body=ReviewersSchema, returns=ReportReviewSchema, errors=(404, 409), scope_note="write")
def ask(body: Fields, slug: str) -> queries.Review:
    """Ask accounts that may see the incident to review its report: from then on it is in review"""
    return _shown(operations.ask(slug, body["reviewers"], actor=current_actor()))


@blueprint.route("/incidents/<slug>/review", methods=["DELETE"])
@contract(returns=ReportReviewSchema, errors=(404, 409), scope_note="write")
def withdraw(slug: str) -> queries.Review:
    """Ask nobody any more; approvals stay"""
    return _shown(operations.ask(slug, [], actor=current_actor()))


@blueprint.route("/incidents/<slug>/review/approval", methods=["POST"])
@contract(
    body=ApproveSchema, returns=ReportReviewSchema, errors=(404, 409), scope_note="sign", may_be_empty=True
)
def approve(body: Fields, slug: str) -> queries.Review:
    """Approve the report as it is now, in your own name, where you are asked to

    The approval is of that text: it counts for publishing as long as the text stays the same.
    """
    return _shown(operations.approve(slug, actor=current_actor(), version=body["version"]))


@blueprint.route("/incidents/<slug>/review/approval", methods=["DELETE"])
@contract(returns=ReportReviewSchema, errors=(404,), scope_note="sign")
def withdraw_approval(slug: str) -> queries.Review:
    """Take your approval back"""
    return _shown(operations.withdraw(slug, actor=current_actor()))


@blueprint.route("/incidents/<slug>/review/skip", methods=["PUT"])
@contract(body=SkipSchema, returns=ReportReviewSchema, errors=(404, 409), scope_note="write")
def skip(body: Fields, slug: str) -> queries.Review:
    """Say that no report will be written, and why; it is shown with the incident"""
    return _shown(operations.skip(slug, body["reason"], actor=current_actor()))


@blueprint.route("/incidents/<slug>/review/skip", methods=["DELETE"])
@contract(returns=ReportReviewSchema, errors=(404,), scope_note="write")
def take_up(slug: str) -> queries.Review:
    """Say that the report will be written after all"""
    return _shown(operations.take_up(slug, actor=current_actor()))


@blueprint.route("/publish-rules", methods=["GET"])
@contract(returns=PublishRulesSchema, errors=(), scope_note="read")
def list_rules() -> Fields:
    """What a report needs before it is published and when it is due, by severity"""
    permissions.require(current_actor(), "incident.read")
    return {"rules": list(queries.publish_rules().values())}


@blueprint.route("/publish-rules/<severity>", methods=["PUT"])
@contract(body=PublishRuleEditSchema, returns=PublishRuleSchema, errors=(404,), scope_note="admin")
def set_rule(body: Fields, severity: str) -> rules.Rule:
    """Set the rule of a severity, `none` for incidents that have none"""
    key = "" if severity == "none" else severity
    operations.set_rule(key, actor=current_actor(), **body)
    return queries.publish_rules()[key]


def _shown(incident: Incident) -> queries.Review:
    return queries.review(incident, rows.to_document(incident))
