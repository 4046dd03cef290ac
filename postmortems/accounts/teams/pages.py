"""Settings → Teams: people with their leads, and who is meant by a name that reports have."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.accounts.teams import operations, queries
from postmortems.accounts.teams.models import Team
from postmortems.actor import TEAM_ROLES
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.followup import queries as followup
from postmortems.incidents.items import owners
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

# So many names that mean nobody are asked about at once.
ASKED = 30
# And so many accounts offered as answers.
PEOPLE = 1_000
LEAD = "lead"

blueprint = Blueprint("teams", __name__, url_prefix="/settings/teams")


@blueprint.get("")
def index() -> Response:
    """All teams, the form that makes one, and names in reports with whom they mean."""
    permissions.require(current_actor(), "team.read")
    return _index()


@blueprint.post("")
def create() -> AnyResponse:
    """Make a team of the form; its members come on the next page."""
    slug, name = request.form.get("id", "").strip(), request.form.get("name", "").strip()
    try:
        with session().begin_nested():
            owners.create_team(slug, name, {}, actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused, "name"))
    flash(f"{name} is made. Who is in it?", "success")
    return redirect(f"/settings/teams/{slug}", 303)


@blueprint.post("/names")
def name_owner() -> AnyResponse:
    """Say who a name means, or forget it; goes back to where the question stood."""
    name, actor = request.form.get("owner", ""), current_actor()
    if request.form.get("do") == "forget":
        owners.forget_owner(name, actor=actor)
        flash(f"{name} no longer means a person or team here.", "success")
        return redirect("/settings/teams", 303)
    who = request.form.get("who", "").strip()
    try:
        with session().begin_nested():
            owners.name_owner(name, **_chosen(who), actor=actor)
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused, "who"))
    flash(f"{name} is {who} from now on, wherever a report says so.", "success")
    return redirect("/settings/teams", 303)


@blueprint.get("/<slug>")
def show(slug: str) -> Response:
    permissions.require(current_actor(), "team.read")
    return _show(queries.team(slug))


@blueprint.post("/<slug>")
def change(slug: str) -> AnyResponse:
    """Save name and members, or delete the team."""
    actor = current_actor()
    if request.form.get("do") == "delete":
        owners.delete_team(slug, actor=actor)
        flash("The team is deleted. Its services and items stay.", "success")
        return redirect("/settings/teams", 303)
    team = queries.team(slug)
    name = request.form.get("name", team.name)
    version = forms.whole_number(request.form.get("version", ""))
    try:
        with session().begin_nested():
            owners.change_team(
                slug, name, *_members(), version=-1 if version is None else version, actor=actor
            )
    except (Invalid, Conflict) as refused:
        session().expire_all()
        return _show(queries.team(slug), forms.errors(refused, "members"))
    flash(f"{name.strip()} saved.", "success")
    return redirect(f"/settings/teams/{slug}", 303)


def _members() -> tuple[dict[str, bool], dict[str, str]]:
    """One account a line, `ada` or `ada, lead, author`: who leads, and the roles in the team."""
    leads, roles = {}, {}
    for line in _lines().splitlines():
        name, *said = (part.strip() for part in line.split(","))
        if not name:
            continue
        name, words = name.removeprefix("@"), [word.casefold() for word in said if word]
        others = [word for word in words if word != LEAD]
        if len(others) > 1 or len(words) > len(others) + 1:
            raise Invalid(f"after {name} comes nothing, `, lead`, one role, or both", "/members")
        leads[name], roles[name] = LEAD in words, others[0] if others else ""
    return leads, roles


def _lines() -> str:
    """The members as they were sent, and below them who was picked beside them."""
    sent, picked = request.form.get("members", ""), request.form.get("account", "").strip()
    if not picked:
        return sent
    said = [LEAD if request.form.get("leads") else "", request.form.get("role", "")]
    return f"{sent.rstrip()}\n{', '.join([picked, *filter(None, said)])}".lstrip()


def _chosen(who: str) -> dict[str, str]:
    """`team:platform` or the name of an account, as the field says it."""
    kind, _, slug = who.partition(":")
    return {"team": slug} if kind == "team" and slug else {"account": who.removeprefix("@")}


def _index(errors: forms.Errors | None = None) -> Response:
    found = queries.teams(after=request.args.get("after", ""))
    names = queries.owner_names(after=request.args.get("names_after", ""))
    unknown = (
        list(queries.strangers(followup.owners())) if permissions.may(current_actor(), "team.edit") else []
    )
    return form_page(
        "teams/index.html",
        errors=errors,
        teams=found,
        more=found[-1].slug if len(found) == queries.PAGE else "",
        owner_names=names,
        more_names=names[-1].key if len(names) == queries.PAGE else "",
        choices=queries.choices(),
        people=accounts.able(permissions.EVERYBODY, PEOPLE),
        unknown=unknown[:ASKED],
        more_unknown=max(0, len(unknown) - ASKED),
        asked=request.args.get("who", ""),
        form=request.form,
    )


def _show(team: Team, errors: forms.Errors | None = None) -> Response:
    return form_page(
        "teams/show.html",
        errors=errors,
        team=team,
        members=_lines() if errors else "\n".join(operations.lines_of(team.members)),
        people=accounts.able(permissions.EVERYBODY, PEOPLE),
        roles=TEAM_ROLES,
        is_lead=any(each.is_lead and each.user_id == current_actor().user_id for each in team.members),
        form=request.form,
    )
