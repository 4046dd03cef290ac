"""Settings → Git and its API: for admins, with nothing secret on any page, and done by the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.egress.client import Egress
from postmortems.exchange.git_sync import repositories, sync
from postmortems.exchange.git_sync.models import Remote
from postmortems.exchange.git_sync.repositories import RemoteSettings
from tests.exchange.repositories import WHO, bare
from tests.incidents.documents import SYSTEM
from tests.slugs import all_slugs
from tests.world import World

URL = "https://git.example.org/team/incidents.git"


def stored() -> Remote:
    with db.reading() as session:
        return session.query(Remote).one()


def test_an_admin_adds_changes_asks_and_removes(world: World) -> None:
    ben = world.browser("ben")
    added = ben.send("/settings/git", {"url": URL, "folder": "/incidents/", "secret": "store:git"})
    address = added.headers["Location"]

    assert added.status_code == 303
    assert URL in ben.get("/settings/git").text
    assert "store:git" in ben.get(address).text
    assert (stored().folder, stored().due_at) == ("incidents", None)
    assert "checked" not in ben.get(address).text
    assert ben.send(address, {"every_s": "3600", "with_drafts": "true"}).status_code == 303
    assert (stored().url, stored().folder, stored().every_s, stored().with_drafts) == (
        URL, "incidents", 3600, True,
    )  # fmt: skip
    assert "checked" in ben.get(address).text
    assert ben.send(f"{address}/run").status_code == 303
    assert stored().due_at is not None
    assert ben.send(f"{address}/remove").status_code == 303
    assert "No repository yet" in ben.get("/settings/git").text


@pytest.mark.parametrize(
    "form, said",
    [
        ({}, "name a repository"),
        ({"url": "/etc"}, "only https addresses"),
        ({"url": "git@host:x"}, "only https addresses"),
        ({"url": "https://ada:s3cret@host/x"}, "name or password"),
        ({"url": URL, "branch": "a b"}, "no name of a branch"),
        ({"url": URL, "folder": "../x"}, "no folder of a repository"),
        ({"url": URL, "secret": "s3cret"}, "say where the secret is, not what it is"),
        ({"url": URL, "timezone": "Mars"}, "is no zone"),
        ({"url": URL, "every_s": "1"}, "from a minute to 30 days"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, form: dict[str, str], said: str) -> None:
    answer = world.browser("ben").send("/settings/git", form)

    assert answer.status_code == 422
    assert said in answer.text
    with db.reading() as session:
        assert session.query(Remote).count() == 0


def test_it_is_for_admins(world: World) -> None:
    for name in ("ada", "cy"):
        assert world.browser(name).get("/settings/git").status_code == 403
        assert world.browser(name).send("/settings/git", {"url": URL}).status_code == 403
        assert "/settings/git" not in world.browser(name).get("/settings").text


def test_the_api_does_the_same(world: World) -> None:
    assert world.app is not None
    client, headers = world.app.test_client(), world.headers("ben")

    def asked(method: str, path: str, **body: Any) -> Any:
        return client.open(f"/api/v1/syncs{path}", method=method, headers=headers, json=body or None)

    made = asked("POST", "", url=URL, secret="store:git", every_s=3600)
    assert made.status_code == 201
    one = f"/{made.get_json()['id']}"
    assert asked("POST", "", url=URL).status_code == 409
    assert asked("POST", "", url="ssh://host/x").get_json()["errors"][0]["pointer"] == "/url"
    assert asked("GET", one).get_json()["every_s"] == 3600
    assert asked("PUT", one, url=URL, branch="main").get_json()["branch"] == "main"
    assert asked("PUT", one, url=f"{URL}x").status_code == 409
    assert asked("POST", f"{one}/runs").status_code == 202
    assert [each["url"] for each in asked("GET", "").get_json()["syncs"]] == [URL]
    assert asked("DELETE", one).status_code == 204
    assert asked("GET", one).status_code == 404
    assert client.get("/api/v1/syncs", headers=world.headers("ada")).status_code == 403


def test_the_worker_syncs_what_is_due_and_one_failure_stops_no_other(
    any_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    place = bare(tmp_path, {"2020-02-01-disk.md": b"# Disk full\n"})
    with db.transaction():
        for url in (str(tmp_path / "nowhere"), str(place)):
            repositories.save(None, RemoteSettings(url, every_s=3600), actor=SYSTEM, is_operator=True)

    assert sync.run_due(clock.now(), way_out=Egress(), mail="{name}@x") == 2
    assert sync.run_due(clock.now(), way_out=Egress(), mail="{name}@x") == 0
    with db.reading() as session:
        assert all_slugs() == ["2020-02-01-disk"]
        failed, done = session.query(Remote).order_by(Remote.id)
        assert (failed.is_failed, done.is_failed, done.result) == (True, False, "1 in, 0 out")
    clock.advance(hours=1)
    assert sync.run_due(clock.now(), way_out=Egress(), mail="{name}@x") == 2
