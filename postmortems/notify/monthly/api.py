"""Mailing the report of a month over HTTP."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems import clock
from postmortems.notify.monthly import operations
from postmortems.reports.monthly import month as months
from postmortems.reports.monthly.models import KeptMonth
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("report_mail", "Reports of months, mailed")


class ReportMailBodySchema(Schema):
    class Meta:
        unknown = RAISE

    to = fields.String(
        required=True,
        validate=validate.OneOf(operations.WHOM),
        metadata={"description": "`all` who want it and had it not yet, or `me`"},
    )


class MailedReportSchema(Schema):
    month = fields.String(metadata={"example": "2026-10"})
    as_of = fields.AwareDateTime(metadata={"description": "when it was kept"})


@blueprint.route("/reports/monthly/<month>/mail", methods=["POST"])
@contract(
    body=ReportMailBodySchema,
    returns=MailedReportSchema,
    status=202,
    errors=(409, 422, 501),
    scope_note="admin",
)
def send(body: dict[str, Any], month: str) -> KeptMonth:
    """Have the report of a month that is over mailed"""
    of = months.read(month, clock.now().astimezone(UTC).date())
    sends = bool(runtime().settings.smtp_url)
    return operations.mail(of, body["to"], actor=current_actor(), sends_mail=sends)
