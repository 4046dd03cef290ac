"""The page of findings, and the form by which an admin closes one."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.gate.enforcement import guard_changes
from postmortems.gate.findings import operations as findings_operations
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("findings", __name__)

PAGE_ROWS = 50


@blueprint.get("/gate/findings")
def index() -> str:
    """Open findings, newest first; `?state=settled` for those that are settled."""
    permissions.require(current_actor(), "gate.read")
    filters = {name: request.args.get(name, "").strip() for name in ("state", "target")}
    kept = {name: text for name, text in filters.items() if text}
    is_open = filters["state"] != "settled"
    listed = findings_operations.page(
        is_open=is_open, target=filters["target"], after=request.args.get("after", ""), limit=PAGE_ROWS
    )
    return page(
        "gate/findings.html",
        findings=listed.rows,
        is_open=is_open,
        target=filters["target"],
        next_url=f"/gate/findings?{urlencode(kept | {'after': listed.after})}" if listed.after else "",
        first_url=f"/gate/findings?{urlencode(kept)}" if "after" in request.args else "",
    )


@blueprint.post("/gate/findings/<int:finding_id>/settle")
def settle(finding_id: int) -> AnyResponse:
    """Say what was done about it."""
    guard_changes.settle(finding_id, request.form.get("reason", ""), actor=current_actor())
    flash("Settled: it speaks against no item any more.", "success")
    return redirect("/gate/findings", 303)
