"""Roles in teams × every address of the acts that they can give × one's own team's, another's and hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from postmortems import clock, visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.permissions import ALLOWED
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.models import TeamMember
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.gate.models import Override, Waiver
from postmortems.guards.models import Service
from postmortems.incidents.items import owners
from postmortems.incidents.models import ActionItem
from postmortems.tickets.models import LINKED, Ticket, Tracker
from tests.apps import KEY
from tests.assistants.messages import called
from tests.conftest import Clock
from tests.kept_rows import kept
from tests.web.authorisation import objects as known
from tests.web.authorisation import routes
from tests.web.authorisation.asking import Asking, Route, hidden_and_absent, route, rules
from tests.web.authorisation.objects import Objects
from tests.web.authorisation.team_routes import ABOUT, ANYWHERE, BY_PERSON, GLOBAL, SAID_ON_THE_PAGE
from tests.web.authorisation.test_authorisation import said_of
from tests.world import World

ROWS = routes.table()
# Viewers everywhere else: what they are in the team that data8 is of, and in another one.
OWN = {"lea": "author", "liv": "admin", "luc": "reviewer"}
ELSEWHERE = {"wes": "author", "wil": "admin"}
# What `own or ACT` says of who else may.
ACTS = {
    name: (row.note.split()[-1] if row.note.startswith("own or ") else row.act) for name, row in ROWS.items()
}


class TeamObjects(Objects):
    """The objects with their service in one team, people in that and in another, and a ticket."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.people = ("cy", *OWN, *ELSEWHERE)
        with db.transaction():
            for name in (*OWN, *ELSEWHERE):
                accounts.add_user(name, "viewer", actor=world.system)
                world.tokens[name] = accounts.add_token(name, "all", ["admin"], None, actor=world.system)[1]
            service = session().scalars(select(Service).where(Service.name == "data8")).one()
            service.team = teams.team("lab")
            members = dict.fromkeys(("ada", *OWN), False)
            owners.change_team("lab", "Lab", members, OWN, actor=world.system)
            owners.create_team("web", "Web", dict.fromkeys(ELSEWHERE, False), ELSEWHERE, actor=world.system)
            self.narrow = accounts.add_token("lea", "read", ["read"], None, actor=world.system)[1]
            self._tickets()
            self._exemptions()

    def _tickets(self) -> None:
        tracker = Tracker(name="Issues", service="github", api="https://api.example.org", place="lab/data8")
        tracker.access_token, tracker.webhook_secret, tracker.trouble = "", "", ""
        tracker.edited_at = clock.now()
        insert(tracker)
        with visibility.seen_by(visibility.EVERYTHING):
            item = session().scalars(select(ActionItem).order_by(ActionItem.number).limit(1)).one()
        ticket = Ticket(item_id=item.id, tracker_id=tracker.id, standing=LINKED, by="ada", at=clock.now())
        ticket.asked = ticket.answered = 0
        ticket.base, ticket.theirs, ticket.key = {}, {}, "7"
        insert(ticket)

    def _exemptions(self) -> None:
        now = clock.now()
        asked = {"reason": "nothing was lost", "requested_by": "ada", "requested_at": now, "ticket": ""}
        about = {"target": "data8/prod", "artifact": "sha256:1", "guards": [known.GUARD], "expires_s": 3600}
        insert(Override(decision_id=self.decision, state="requested", settled_by="", **asked, **about))
        made = {"made_by": "ada", "made_at": now, "begins_at": now, "ends_at": now + timedelta(days=1)}
        said = {"guard": known.GUARD, "target": "data8/prod", "owner": "ada", "reason": "nothing was lost"}
        insert(Waiver(kind="pause", zone="UTC", granted_by="", **made, **said))


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}


@pytest.fixture
def asking(app: Flask, world: World, clock: Clock) -> Iterator[Asking]:
    objects = kept("authorisation in teams", lambda: TeamObjects(replace(world, app=None)))
    with Asking(app, replace(objects.world, app=app), objects) as asking:
        yield asking


def every(asking: Asking, endpoints: Any) -> Iterator[Route]:
    for rule, method in rules(asking.app):
        if rule.endpoint in endpoints and not (method == "GET" and ABOUT.get(rule.endpoint) is not None):
            yield route(asking.objects, rule, method)


def sent(asked: Route) -> Any:
    return ABOUT.get(asked.endpoint)


def holder(act: str, people: dict[str, str]) -> str:
    """Who among these has the least role for the act."""
    return next(name for name, role in people.items() if role in ALLOWED[act].roles)


def is_let_in(answer: TestResponse) -> bool:
    assert answer.status_code < 500, answer.text
    return answer.status_code not in (401, 403)


def test_every_address_of_these_acts_is_one_that_is_tried_here() -> None:
    there = {name for name, act in ACTS.items() if act in ALLOWED and ALLOWED[act].by_team}

    assert there == {*ABOUT, *ANYWHERE, *BY_PERSON, *GLOBAL}
    assert len(there) == len(ABOUT) + len(ANYWHERE) + len(BY_PERSON) + len(GLOBAL)


def test_a_role_in_its_team_lets_one_in_and_in_another_team_changes_nothing(asking: Asking) -> None:
    wrong, tried = [], 0
    for asked in every(asking, ABOUT):
        act, tried = ACTS[asked.endpoint], tried + 1
        mine = asking.answer(holder(act, OWN), asked, sent=sent(asked))
        theirs = asking.answer(holder(act, ELSEWHERE), asked, sent=sent(asked))
        is_refused = theirs.status_code == 403 or (
            asked.endpoint in SAID_ON_THE_PAGE and theirs.status_code == 303
        )
        if not is_let_in(mine) or not is_refused or asking.has_told:
            wrong.append((asked, mine.status_code, theirs.status_code, asking.has_told))

    assert wrong == [], "\n".join(map(str, wrong))
    assert tried > 60


def test_a_lower_role_in_its_team_is_not_enough(asking: Asking) -> None:
    wrong = []
    for asked in every(asking, ABOUT):
        act = ACTS[asked.endpoint]
        for name, role in OWN.items():
            if role not in ALLOWED[act].roles:
                answer = asking.answer(name, asked, sent=sent(asked))
                if answer.status_code != 403 or asking.has_told:
                    wrong.append((name, asked, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))


def test_what_is_of_no_team_takes_a_role_that_counts_everywhere(asking: Asking) -> None:
    wrong = []
    for asked in every(asking, GLOBAL):
        for name in (*OWN, *ELSEWHERE):
            if is_let_in(answer := asking.answer(name, asked)):
                wrong.append((name, asked, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))


def test_no_other_act_is_given_by_a_team(asking: Asking) -> None:
    wrong = []
    for rule, method in rules(asking.app):
        act = ACTS[rule.endpoint]
        if act not in ALLOWED or ALLOWED[act].by_team or "viewer" in ALLOWED[act].roles:
            continue
        asked = route(asking.objects, rule, method)
        if is_let_in(answer := asking.answer("liv", asked)):
            wrong.append((asked, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))


def test_what_is_hidden_stays_so_for_who_has_a_role_in_its_team(asking: Asking) -> None:
    differs, tried = [], 0
    for rule, method in rules(asking.app):
        if rule.endpoint not in ABOUT:
            continue
        for pair in hidden_and_absent(asking.objects, rule, method):
            said = [said_of(asking.answer("liv", one, sent=sent(one)), *pair) for one in pair]
            tried += 1
            if said[0] != said[1]:
                differs.append((pair[0], *said))

    assert differs == [], "\n".join(map(str, differs))
    assert tried > 60


def test_a_token_gives_what_its_scopes_say_of_a_role_in_a_team(asking: Asking) -> None:
    assert isinstance(asking.objects, TeamObjects)
    narrow, wrong = asking.objects.narrow, []
    for asked in every(asking, ABOUT):
        if asked.is_for_programs and ROWS[asked.endpoint].act != "comment.write":
            answer = asking.answer("lea", asked, narrow, sent=sent(asked))
            if answer.status_code != 403:
                wrong.append((asked, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))


def test_whoever_leaves_the_team_has_its_role_no_more(asking: Asking) -> None:
    with db.transaction():
        liv = accounts_queries.account("liv").id
        session().delete(session().get_one(TeamMember, (teams.team("lab").id, liv)))
    asked = next(every(asking, {"incidents_api.replace"}))

    assert asking.answer("liv", asked, sent=sent(asked)).status_code == 403


def test_an_assistant_edits_items_of_its_owners_team_alone(asking: Asking) -> None:
    client = asking.app.test_client()
    told = {
        name: called(client, asking.world.headers(name), "update_action_item", id="AI-1", priority="P1")
        for name in ("wes", "lea")
    }

    assert told["wes"]["isError"]
    assert "has it in other teams" in str(told["wes"])
    assert not told["lea"].get("isError"), told["lea"]


@pytest.mark.parametrize(
    "name, services, status",
    [
        *(("lea", ["data8/prod"], 201), ("lea", [], 403), ("lea", ["unknown"], 403)),
        *(("wes", ["data8/prod"], 403), ("luc", ["data8/prod"], 403)),
    ],
)
def test_a_new_incident_is_about_a_service_of_the_team(
    asking: Asking, name: str, services: list[str], status: int
) -> None:
    asked = Route("incidents_api.create", "POST", "/api/v1/incidents")

    answer = asking.answer(name, asked, sent={"title": "New", "services": services})

    assert answer.status_code == status, answer.text


PAGES = [
    ("/incidents/{slug}", "/edit"),
    ("/incidents/{slug}", "/review/skip"),
    ("/action-items/AI-1", 'id="change"'),
    ("/action-items/AI-1", "/merge"),
    ("/incidents/{slug}/history/1", ""),
]


@pytest.mark.parametrize("path, button", PAGES)
def test_a_page_has_buttons_for_whom_they_work(asking: Asking, path: str, button: str) -> None:
    slug = asking.objects.of("/incidents/<slug>", "slug").shown
    shown = {
        name: asking.answer(name, Route("page", "GET", path.format(slug=slug)))
        for name in ("lea", "wes", "cy")
    }

    assert {name: answer.status_code for name, answer in shown.items()} == dict.fromkeys(shown, 200)
    assert {name: button in answer.text for name, answer in shown.items()} == {
        "lea": True,
        "wes": not button,
        "cy": not button,
    }


def test_a_row_that_is_anothers_is_marked_and_offers_no_form(asking: Asking) -> None:
    page = Route("page", "GET", "/action-items?status=any")

    assert 'class="edited"' in asking.answer("lea", page).text
    assert "class=fixed" not in asking.answer("lea", page).text
    assert "<tr class=fixed>" in asking.answer("wes", page).text
    assert 'class="edited"' not in asking.answer("luc", page).text
