"""Drafts through the API: JSON and Markdown, the version they began from, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.document.markdown import parser
from tests.incidents.documents import FOUNDING
from tests.world import World

TEXT = parser.write(FOUNDING)
MARKDOWN = {"Content-Type": "text/markdown"}
AS_MARKDOWN = {"Accept": "text/markdown"}


class Api:
    """Somebody's requests."""

    def __init__(self, client: FlaskClient, world: World, name: str = "ada") -> None:
        self.client, self.world, self.name = client, world, name

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = self.world.headers(self.name) | options.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)


@pytest.fixture
def api(any_database: str, client: FlaskClient, world: World) -> Api:
    return Api(client, world)


@pytest.fixture
def place(api: Api) -> str:
    """Where the draft of a stored incident is."""
    slug = api("POST", "/incidents", data=TEXT, headers=MARKDOWN).get_json()["slug"]
    return f"/incidents/{slug}/draft"


def test_json_is_kept_beside_the_incident(api: Api, place: str) -> None:
    assert api("GET", place).status_code == 404
    stored = api("GET", place.removesuffix("/draft")).get_json()

    kept = api("PUT", place, json=stored | {"title": "Mine", "version": 1, "message": "why"})

    assert kept.status_code == 200
    found = api("GET", place).get_json()
    assert (found["title"], found["version"], found["stored_version"]) == ("Mine", 1, 1)
    assert (found["message"], found["problems"], found["incident"]) == ("why", [], stored["slug"])
    assert [section["heading"] for section in found["sections"]] == [
        section["heading"] for section in stored["sections"]
    ]
    now = api("GET", place.removesuffix("/draft")).get_json()
    assert (now["title"], now["version"]) == (stored["title"], 1)


@pytest.mark.parametrize("query, headers", [("?version=1", {}), ("", {"If-Match": '"1"'})])
def test_markdown_says_its_version_beside_it(
    api: Api, place: str, query: str, headers: dict[str, str]
) -> None:
    text = TEXT.replace(FOUNDING.title, "Mine as Markdown")

    assert api("PUT", place + query, data=text, headers=MARKDOWN | headers).status_code == 200
    assert "Mine as Markdown" in api("GET", place, headers=AS_MARKDOWN).text


def test_what_comes_out_may_be_sent_back(api: Api, place: str) -> None:
    api("PUT", f"{place}?version=1", data=TEXT, headers=MARKDOWN)
    found = api("GET", place).get_json()

    again = api("PUT", place, json=found)

    assert again.status_code == 200
    assert again.get_json()["text"] == found["text"]
    assert len(api("GET", "/drafts").get_json()["drafts"]) == 1


def test_a_new_one_has_an_id_of_its_own(api: Api) -> None:
    added = api("POST", "/drafts", json={"title": "New"})
    assert added.status_code == 201
    address = added.headers["Location"].removeprefix("/api/v1")

    assert api("PUT", address, json={"title": "Newer"}).status_code == 200
    (listed,) = api("GET", "/drafts").get_json()["drafts"]
    assert (listed["title"], listed["incident"], listed["version"]) == ("Newer", None, 0)
    assert address == f"/drafts/{listed['id']}"
    assert api("DELETE", address).status_code == 204
    assert api("GET", address).status_code == 404
    assert api("GET", "/drafts").get_json() == {"drafts": []}


def test_discarded_it_is_gone_and_again_is_no_error(api: Api, place: str) -> None:
    api("PUT", f"{place}?version=1", data=TEXT, headers=MARKDOWN)

    assert [api("DELETE", place).status_code for _ in range(2)] == [204, 204]
    assert api("GET", place).status_code == 404


def test_nobody_else_reads_changes_or_discards_it(api: Api, place: str, client: FlaskClient) -> None:
    kept = api("PUT", f"{place}?version=1", data=TEXT, headers=MARKDOWN).get_json()
    ben = Api(client, api.world, "ben")

    assert ben("GET", place).status_code == 404
    for method in ("GET", "PUT", "DELETE"):
        assert ben(method, f"/drafts/{kept['id']}", json={"title": "x"}).status_code == 404
    assert ben("GET", "/drafts").get_json() == {"drafts": []}
    assert ben("DELETE", place).status_code == 204
    assert api("GET", place).status_code == 200


def test_half_filled_in_the_browser_it_says_what_is_wrong(api: Api, place: str) -> None:
    slug = place.split("/")[2]
    form = {"title": "Half", "date": "2026-0", "version": "1", "draft_of": slug, "draft_tab": "t"}
    api.world.browser().send(f"/drafts/{'a' * 32}", form | {"sections.0.paste": "notes"})

    found = api("GET", place).get_json()

    assert (found["date"], found["pasted"], found["text"]) == ("2026-0", ["notes"], "")
    assert [wrong["pointer"] for wrong in found["problems"]] == ["/date"]
    refused = api("GET", place, headers=AS_MARKDOWN)
    assert refused.status_code == 409
    assert "/date" in refused.get_json()["detail"]


@pytest.mark.parametrize(
    "sent, status, pointer",
    [
        ({"json": {"title": "x"}}, 422, "/version"),
        ({"json": {"title": "x", "version": 0}}, 422, "/version"),
        ({"json": {"title": "x", "version": 99}}, 422, "/version"),
        ({"json": {"title": "x", "version": "1"}}, 422, "/version"),
        ({"json": {"title": 3, "version": 1}}, 422, "/title"),
        ({"json": {"title": "x", "version": 1, "date": "2026-0"}}, 422, "/date"),
        ({"json": []}, 422, ""),
        ({"data": TEXT, "headers": MARKDOWN}, 422, "/version"),
        ({"data": TEXT, "headers": MARKDOWN | {"If-Match": "one"}}, 422, ""),
        ({"data": b"\xff", "headers": MARKDOWN | {"If-Match": '"1"'}}, 400, ""),
        ({"data": "{", "headers": {"Content-Type": "application/json"}}, 400, ""),
        ({"data": "x", "headers": {"Content-Type": "text/csv"}}, 415, None),
    ],
)
def test_what_is_refused_names_its_place(
    api: Api, place: str, sent: dict[str, Any], status: int, pointer: str | None
) -> None:
    answer = api("PUT", place, **sent)

    assert answer.status_code == status
    if pointer is not None:
        assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert api("GET", place).status_code == 404


def test_an_incident_that_is_not_there_has_no_draft(api: Api) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert api(method, "/incidents/none/draft", json={"title": "x", "version": 1}).status_code == 404


@pytest.mark.parametrize("scopes, status", [(("read",), 403), (("write",), 200), (("admin",), 200)])
def test_it_takes_the_scope_to_write(
    api: Api, place: str, client: FlaskClient, scopes: tuple[str, ...], status: int
) -> None:
    headers = MARKDOWN | {"Authorization": f"Bearer {api.world.token('ada', *scopes)}"}

    assert client.put(f"/api/v1{place}?version=1", data=TEXT, headers=headers).status_code == status
