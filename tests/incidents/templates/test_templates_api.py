"""Templates over HTTP and in the settings: written, changed, deleted, brought back, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from tests.conftest import Clock
from tests.world import World

TEXT = (
    "---\nname: Hub outage\nseverities: [SEV2]\nservices: [hub]\n---\n\n## Impact\n\n<!-- prompt: Who? -->\n"
)


class Api:
    """Requests of one of the world's people about templates."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world = client, world

    def __call__(self, method: str, path: str = "", who: str = "ben", **sent: Any) -> TestResponse:
        headers = self.world.headers(who)
        return self.client.open(f"/api/v1/templates{path}", method=method, headers=headers, **sent)

    def names(self, query: str = "") -> list[str]:
        return [one["name"] for one in self("GET", query, "cy").json["templates"]]


@pytest.fixture
def api(any_database: str, client: FlaskClient, world: World, clock: Clock) -> Api:
    return Api(client, world)


def test_a_template_is_written_found_changed_and_deleted(api: Api) -> None:
    made = api("POST", json={"markdown": TEXT})
    assert (made.status_code, made.json["id"], made.json["version"]) == (201, "hub-outage", 1)
    assert api.names("?severity=SEV2&service=hub/prod")[:2] == ["Hub outage", "Full review"]
    assert "Hub outage" not in api.names("?severity=SEV1")
    changed = api("PUT", "/hub-outage", json={"markdown": TEXT.replace("SEV2", "SEV1"), "version": 1})
    assert (changed.status_code, changed.json["version"], changed.json["severities"]) == (200, 2, ["SEV1"])
    assert api("PUT", "/hub-outage", json={"markdown": TEXT, "version": 1}).status_code == 409
    assert api("GET", "/hub-outage", "cy").json["sections"] == [{"heading": "Impact", "prompt": "Who?"}]
    assert api("DELETE", "/hub-outage").status_code == 204
    assert api("GET", "/hub-outage").status_code == 404
    assert api("DELETE", "/hub-outage").status_code == 404
    with db.reading():
        verbs = [event.verb for event in session().query(Event).order_by(Event.id)]
    assert [verb for verb in verbs if verb.startswith("template.")] == [
        "template.created",
        "template.changed",
        "template.deleted",
    ]


def test_a_starter_is_changed_taken_away_and_brought_back_as_it_came(api: Api) -> None:
    came = api("GET", "/full-review").json
    changed = api("PUT", "/full-review", json={"markdown": came["markdown"] + "\n## More\n"}).json
    assert (changed["is_starter"], changed["is_changed"], changed["version"]) == (True, True, 1)
    assert api("DELETE", "/full-review").status_code == 204
    assert "Full review" not in api.names()
    assert api("GET", "/full-review").status_code == 404
    assert api("POST", "/full-review/starter").json == came
    assert "Full review" in api.names()
    assert api("POST", "/nothing/starter").status_code == 404


def test_two_templates_do_not_have_one_name(api: Api) -> None:
    api("POST", json={"markdown": TEXT})
    for name in ("Hub outage", "HUB  outage", "Standard report"):
        refused = api("POST", json={"markdown": TEXT.replace("Hub outage", name)})
        assert (refused.status_code, "another name" in refused.text) == (409, True)
    renamed = api("PUT", "/full-review", json={"markdown": TEXT})
    assert (renamed.status_code, len(api.names())) == (409, 8)
    # A name is free again once its template is gone, and the starter then cannot take it back.
    api("DELETE", "/full-review")
    assert api("POST", json={"markdown": TEXT.replace("Hub outage", "Full review")}).status_code == 201
    assert api("POST", "/full-review/starter").status_code == 409


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"markdown": ""},
        {"markdown": 7},
        {"markdown": None},
        {"markdown": "words"},
        {"markdown": TEXT, "x": 1},
    ],
)
def test_what_is_no_template_is_refused(client: FlaskClient, world: World, clock: Clock, sent: Any) -> None:
    api = Api(client, world)

    assert api("POST", json=sent).status_code == 422
    assert api("PUT", "/full-review", json=sent).status_code == 422
    assert len(api.names()) == 7


@pytest.mark.parametrize("query", ["?severity=SEV9", "?severity=", "?service=", "?colour=red"])
def test_a_question_that_means_nothing_is_refused(
    client: FlaskClient, world: World, clock: Clock, query: str
) -> None:
    assert Api(client, world)("GET", query).status_code == 422


def test_admins_alone_write_templates(client: FlaskClient, world: World, clock: Clock) -> None:
    api, browser = Api(client, world), world.browser()

    answers = [
        api("POST", who="ada", json={"markdown": TEXT}),
        api("PUT", "/full-review", "ada", json={"markdown": TEXT}),
        api("DELETE", "/full-review", "ada"),
        api("POST", "/full-review/starter", "ada"),
        browser.get("/settings/templates"),
        browser.get("/settings/templates/new"),
        browser.get("/settings/templates/full-review"),
        browser.send("/settings/templates/new", {"markdown": TEXT}),
        browser.send("/settings/templates/full-review", {"do": "delete"}),
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_an_admin_writes_previews_and_deletes_in_the_settings(api: Api) -> None:
    ben, page = api.world.browser("ben"), "/settings/templates"

    wrong = ben.send(f"{page}/new", {"markdown": TEXT.replace("SEV2", "SEV7")})
    assert (wrong.status_code, "is no severity" in wrong.text, "Hub outage" in wrong.text) == (
        422,
        True,
        True,
    )
    shown = ben.send(f"{page}/new", {"markdown": TEXT, "do": "preview"})
    assert ("Who?" in shown.text, len(api.names())) == (True, 7)
    assert ben.send(f"{page}/new", {"markdown": TEXT}).status_code == 303
    assert "Hub outage" in ben.get(page).text
    stale = ben.send(f"{page}/hub-outage", {"markdown": TEXT + "\nMore\n", "version": "7"})
    assert (stale.status_code, "More" in stale.text) == (422, True)
    assert ben.send(f"{page}/hub-outage", {"markdown": TEXT + "\nMore\n", "version": "1"}).status_code == 303
    ben.send(f"{page}/hub-outage", {"do": "delete"})
    ben.send(f"{page}/standard-report", {"do": "delete"})
    assert "Starters that are not offered" in ben.get(page).text
    ben.send(f"{page}/standard-report", {"do": "starter"})
    assert len(api.names()) == 7


def test_the_last_template_with_a_required_section_keeps_it(api: Api) -> None:
    special = TEXT.replace("## Impact", "## Special handling")
    api("POST", json={"markdown": special})
    path = "/api/v1/publish-rules/SEV2"
    rule = {"approvals": 0, "due_days": 5, "required_sections": ["Special handling"]}
    assert api.client.put(path, json=rule, headers=api.world.headers("ben")).status_code == 200

    refused = [
        api("DELETE", "/hub-outage"),
        api("PUT", "/hub-outage", json={"markdown": TEXT}),
        api("PUT", "/hub-outage", json={"markdown": special.replace("SEV2", "SEV3")}),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    assert "SEV2 requires the section Special handling before publishing" in refused[0].text
    assert api("GET", "/hub-outage").json["version"] == 1

    other = special.replace("Hub outage", "Other outage")
    assert api("POST", json={"markdown": other}).status_code == 201
    assert api("DELETE", "/hub-outage").status_code == 204
    assert api("DELETE", "/other-outage").status_code == 409
    api.client.put(path, json=rule | {"required_sections": []}, headers=api.world.headers("ben"))
    assert api("DELETE", "/other-outage").status_code == 204
