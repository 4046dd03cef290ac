"""Services, guards and scenarios as one text over HTTP: out, in, and refused with a line."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.formats.strict_yaml import read
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.scenarios import operations as scenarios_operations
from tests.gate import founding
from tests.shown import with_demo
from tests.world import World

PATH = "/api/v1/guarding"
GUARD = "- {slug: g, kind: target, level: soft, targets: [data8/prod]}\n"


def post(
    client: FlaskClient, world: World, text: str | bytes, name: str = "ada", query: str = ""
) -> TestResponse:
    headers = world.headers(name) | {"Content-Type": "application/yaml"}
    return client.post(f"{PATH}{query}", data=text, headers=headers)


def test_what_goes_out_changes_nothing_when_it_comes_in_again(world: World, client: FlaskClient) -> None:
    with_demo(world)
    token = {"Authorization": f"Bearer {world.token('ada', 'read', 'write')}"}
    text = client.get(PATH, headers=token).text

    again = client.post(PATH, data=text, headers=token | {"Content-Type": "application/yaml"})

    assert {"slug", "incident", "targets"} <= {key for one in read(text, longest=10**6) for key in one}
    assert again.json is not None
    assert (again.json["made"], again.json["changed"], again.json["notes"]) == ([], [], [])
    assert again.json["same"] == len(read(text, longest=10**6))


def test_a_services_team_goes_out_and_comes_in(world: World, client: FlaskClient) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {}, actor=world.system)
    text = "- {name: data8, title: Data 8, targets: [staging, prod]TEAM}\n"

    told = [
        post(client, world, text.replace("TEAM", team), "ben").json
        for team in (", team: platform", "", ", team: ''", ", team: nobody", ", team: 5")
    ]

    assert [(one or {}).get("changed") for one in told[:3]] == [["service data8"], [], ["service data8"]]
    assert all("/team" in str(one) for one in told[3:])
    post(client, world, text.replace("TEAM", ", team: platform"), "ben")
    services = world.browser("cy").get(f"{PATH}?part=services").text
    assert [one.get("team") for one in read(services)] == ["platform"]


def test_a_part_or_the_scenarios_of_one_incident_go_out_alone(world: World) -> None:
    browser = with_demo(world).browser("cy")

    def told(query: str) -> list[dict[str, object]]:
        answer = browser.get(f"{PATH}?{query}")
        assert answer.mimetype == "application/yaml"
        return list(read(answer.text))

    assert {"name", "targets"} <= set(told("part=services")[0])
    assert {one["slug"] for one in told("part=guards")} >= {"lab-hours"}
    founding = told("incident=2018-01-25-accidental-merge-to-prod")
    assert [one["kind"] for one in founding] == ["good", "bad"]
    assert told("incident=none") == []
    assert browser.get(f"{PATH}?part=people").status_code == 422


def test_the_list_of_scenarios_leads_to_their_text(world: World) -> None:
    browser = with_demo(world).browser("cy")

    assert 'href="/api/v1/guarding?part=scenarios"' in browser.get("/gate/scenarios").text
    assert "guarding.yaml" in browser.get("/api/v1/guarding?part=scenarios").headers["Content-Disposition"]


def test_a_dry_run_says_what_would_come_of_it_and_keeps_nothing(world: World, client: FlaskClient) -> None:
    tried = post(client, world, GUARD, query="?dry_run=true")
    done = post(client, world, GUARD)

    assert tried.json is not None
    assert tried.json == done.json | {"dry_run": True}  # type: ignore[operator]
    assert tried.json["made"] == ["guard g"]
    assert "needs a drill" in tried.json["notes"][0]
    assert "same" in post(client, world, GUARD).json  # type: ignore[operator]


@pytest.mark.parametrize(
    "text, pointer, line",
    [
        ("- a: &x 1\n", "", 1),
        ("- slug: g\n  kind: !!str target\n", "", 2),
        ("- 5\n", "/0", 1),
        (GUARD + "- slug: h\n  kind: divination\n  targets: [data8/prod]\n", "/1/kind", 3),
        (GUARD + "- slug: h\n  kind: target\n  targets:\n  - data8/moon\n", "/1/targets/0", 5),
        ("incident: none\nname: n\nkind: bad\nfacts:\n  at: now\n", "/facts/at", 5),
    ],
)
def test_wrong_text_is_refused_with_its_line_and_nothing_is_kept(
    world: World, client: FlaskClient, text: str, pointer: str, line: int
) -> None:
    answer = post(client, world, text)

    assert answer.status_code == 422
    assert answer.json is not None
    assert (pointer, line) in [(one["pointer"], one["line"]) for one in answer.json["errors"]]
    assert read(client.get(f"{PATH}?part=guards", headers=world.headers()).text) == []


def test_what_is_no_text_or_too_much_is_refused(world: World, client: FlaskClient) -> None:
    assert post(client, world, b"a: \xff").status_code == 400
    assert post(client, world, "x" * 1_000_001).status_code == 422
    headers = world.headers() | {"Content-Type": "image/png"}
    assert client.post(PATH, data=GUARD, headers=headers).status_code == 415


def test_a_viewer_reads_and_writes_nothing_and_services_take_an_admin(
    world: World, client: FlaskClient
) -> None:
    service = "- {name: new, title: New, targets: [prod]}\n"

    assert post(client, world, GUARD, "cy").status_code == 403
    assert post(client, world, service).status_code == 403
    assert post(client, world, service, "ben").json["made"] == ["service new"]  # type: ignore[index]


def test_a_scenario_is_edited_through_its_text(world: World, client: FlaskClient) -> None:
    with db.transaction():
        incident = founding.add_incident()
        facts = founding.BAD
        fields = {"incident": incident.slug, "name": "then", "kind": "bad", "facts": facts}
        number = scenarios_operations.record(fields, actor=world.ada).id
    text = client.get(f"{PATH}?incident={incident.slug}", headers=world.headers()).text

    answer = post(client, world, text.replace("15:30", "16:30"))

    assert answer.json["changed"] == [f"scenario then of {incident.slug}"]  # type: ignore[index]
    with db.reading():
        assert decisions_queries.scenario(number).facts["at"].startswith("2018-01-25T16:30")
