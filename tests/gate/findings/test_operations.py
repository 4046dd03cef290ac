"""The page and the API of findings."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from tests.gate import founding
from tests.world import World

ADDRESS = "/api/v1/gate/findings"


@pytest.fixture
def found(world: World, clock: Any) -> World:
    """A deploy to production that nobody asked about."""
    founding.tell(clock.now())
    deploy = {"service": "data8", "target": "prod", "artifact": {"digest": founding.NEW}, "outcome": "failed"}
    with db.transaction():
        guard_changes.record_deploy(deploy, actor=world.ada)
    return world


def test_the_page_shows_what_was_found_and_an_admin_settles_it(found: World) -> None:
    browser = found.browser("ben")
    assert "was deployed to data8/prod without a decision" in browser.get("/gate/findings").text
    assert "without a decision" in browser.get("/guards/lab-hours").text

    done = browser.send("/gate/findings/1/settle", {"reason": "The script asks now."}, follow_redirects=True)

    assert "Settled" in done.text
    assert "without a decision" not in done.text
    assert "The script asks now." in browser.get("/gate/findings?state=settled").text


def test_who_is_no_admin_reads_and_settles_nothing(found: World) -> None:
    assert "/settle" not in found.browser("ada").get("/gate/findings").text
    assert found.browser("ada").send("/gate/findings/1/settle", {"reason": "x"}).status_code == 403


def test_findings_over_http(found: World, client: FlaskClient) -> None:
    page = client.get(ADDRESS, headers=found.headers("cy")).get_json()
    assert [one["kind"] for one in page["findings"]] == ["bypass"]
    assert client.get(f"{ADDRESS}?target=data8/staging", headers=found.headers()).get_json()["findings"] == []

    settled = client.post(f"{ADDRESS}/1/settle", json={"reason": "Mended."}, headers=found.headers("ben"))

    assert (settled.status_code, settled.get_json()["settled_by"]) == (200, "ben")
    again = client.post(f"{ADDRESS}/1/settle", json={"reason": "Mended."}, headers=found.headers("ben"))
    assert again.status_code == 409
    page = client.get(f"{ADDRESS}?state=settled", headers=found.headers()).get_json()
    assert [one["reason"] for one in page["findings"]] == ["Mended."]


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("/9/settle", {"reason": "x"}, 404),
        ("/1/settle", {}, 422),
        ("/1/settle", {"reason": ""}, 422),
        ("/1/settle", {"reason": "x" * 2001}, 422),
        ("/1/settle", {"reason": "x", "by": "me"}, 422),
    ],
)
def test_what_cannot_be_settled_is_refused(
    found: World, client: FlaskClient, path: str, body: dict[str, Any], status: int
) -> None:
    assert client.post(ADDRESS + path, json=body, headers=found.headers("ben")).status_code == status


def test_a_finding_leads_to_its_decision_page_when_there_is_one(found: World) -> None:
    assert "The decision" not in found.browser("ben").get("/gate/findings").text
