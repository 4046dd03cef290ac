"""The button that mails the report of a month."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.db.session import session
from postmortems.errors import Conflict, Unavailable
from postmortems.notify.monthly import operations
from postmortems.reports.monthly import month as months
from postmortems.web.auth import current_actor
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("monthly_mail_pages", __name__)
DONE = {
    operations.EVERYBODY: "It is on its way to everybody who wants it and had it not yet; see Deliveries.",
    operations.ME: "It is on its way to you.",
}


@blueprint.post("/reports/monthly/mail")
def send() -> AnyResponse:
    """Have it mailed, and say so on the report's page."""
    of = months.read(request.form.get("month", ""), clock.now().astimezone(UTC).date())
    whom, sends = request.form.get("to", ""), bool(runtime().settings.smtp_url)
    try:
        with session().begin_nested():
            operations.mail(of, whom, actor=current_actor(), sends_mail=sends)
        flash(DONE[whom], "success")
    except (Conflict, Unavailable) as refused:
        flash(f"Not mailed: {refused}", "error")
    return redirect(f"/reports/monthly?month={of.name}", 303)
