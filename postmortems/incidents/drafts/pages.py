"""The pages of drafts: one's own, what differs in one, and where the editor sends what is typed."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.incidents import queries as incidents
from postmortems.incidents.drafts import draft_values, operations, queries
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.drafts.operations import Mark, Typed, Unkept
from postmortems.incidents.editor import form
from postmortems.web import diff, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("drafts", __name__)

# Beyond this, comparing takes longer than anybody waits.
MOST_LINES = 4_000


@blueprint.get("/drafts")
def index() -> str:
    """The drafts of who looks, newest first."""
    return page("incidents/drafts.html", drafts=queries.mine(current_actor()))


@blueprint.get("/drafts/<name>")
def show(name: str) -> str:
    """What a draft changes, word by word, against the version that it began from."""
    draft = queries.named(name, current_actor())
    values, message = draft_values.fields(draft)
    before, after = draft_values.texts(_began_from(draft), values)
    is_long = before.count("\n") + after.count("\n") > MOST_LINES
    return page(
        "incidents/draft.html",
        draft=draft,
        message=message,
        text=after if is_long else "",
        lines=[] if is_long else diff.lines(before, after),
    )


def _began_from(draft: Draft) -> Document:
    if draft.incident is None:
        return Document()
    text = incidents.revision(draft.incident, draft.version).text
    return parser.parse(text, is_stored=True)


@blueprint.post("/drafts/<name>")
def keep(name: str) -> Response:
    """Keep what is typed; the answer is JSON: which save it was, and when, or why it was not taken."""
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    nested = forms.nest(request.form.items(multi=True))
    values = form.complete(nested)
    if "restricted" not in request.form:
        del values["restricted"]
    typed = Typed(
        draft_values.content(values, request.form.get("message", "")),
        values["title"],
        forms.whole_number(request.form.get("version", "")) or 0,
    )
    step = forms.whole_number(request.form.get("draft_step", ""))
    mark = Mark(request.form.get("draft_tab", ""), step or 0, request.form.get("draft_mark", ""))
    try:
        draft = operations.save(name, request.form.get("draft_of") or None, typed, mark, actor=actor)
    except Unkept as unkept:
        return make_response(jsonify(state=unkept.state, detail=unkept.detail), 409)
    return jsonify(state="kept", mark=draft.mark, at=draft.saved_at.isoformat())


@blueprint.post("/drafts/<name>/discard")
def discard(name: str) -> AnyResponse:
    """Throw a draft away, and show what is stored."""
    draft = operations.discard(name, actor=current_actor())
    address = f"/incidents/{draft.incident.slug}/edit" if draft.incident else "/incidents/new"
    flash("The draft is discarded.", "success")
    return redirect("/drafts" if "stay" in request.form else address, 303)
