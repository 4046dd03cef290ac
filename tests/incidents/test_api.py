"""Incidents through the API: whole documents as JSON and Markdown, versions, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.document.markdown import parser
from postmortems.incidents import validation
from tests.incidents.documents import FOUNDING, stored
from tests.kept_rows import kept
from tests.world import World

PLACE = "/api/v1/incidents"
TEXT = parser.write(FOUNDING)
MARKDOWN = {"Content-Type": "text/markdown"}


@pytest.fixture
def api(client: FlaskClient, world: World) -> Api:
    return Api(client, world)


class Api:
    """Somebody's requests."""

    def __init__(self, client: FlaskClient, world: World, name: str = "ada") -> None:
        self.client, self.world, self.name = client, world, name

    def __call__(self, method: str, path: str = "", **options: Any) -> TestResponse:
        headers = self.world.headers(self.name) | options.pop("headers", {})
        return self.client.open(PLACE + path, method=method, headers=headers, **options)

    def founding(self) -> dict[str, Any]:
        """The founding incident, added."""
        return kept(("founding by the API", self.name), self._founding)

    def _founding(self) -> dict[str, Any]:
        answer = self("POST", data=TEXT, headers=MARKDOWN)
        assert answer.status_code == 201
        body: dict[str, Any] = answer.json
        return body


def test_markdown_comes_in_and_goes_out_as_json_and_markdown(api: Api) -> None:
    added = api("POST", data=TEXT, headers=MARKDOWN)
    assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
    place = added.headers["Location"].removeprefix(PLACE)

    body = api("GET", place).json
    assert (body["title"], body["version"], body["created_by"]) == (FOUNDING.title, 1, "ada")
    assert [block["id"] for block in body["sections"][2]["blocks"][1:]] == ["AI-1", "AI-2", "AI-3"]
    assert body["sections"][1]["blocks"][1]["at"] == "2018-01-25T15:30:00"

    text = api("GET", place, headers={"Accept": "text/markdown"})
    assert text.mimetype == "text/markdown"
    assert parser.parse(text.text) == stored(body["slug"])
    assert "Accept" in text.headers["Vary"]


def test_an_incident_without_latin_letters_keeps_its_name(any_database: str, api: Api, world: World) -> None:
    text = "# 障害報告\n\n## 概要\n\nDNS が停止。\n"
    places = [api("POST", data=text, headers=MARKDOWN).headers["Location"] for _ in range(2)]
    assert [api("GET", place.removeprefix(PLACE)).json["slug"] for place in places] == [
        "障害報告",
        "障害報告-2",
    ]

    again = api("POST", data="---\nrecurrence_of: 障害報告\n---\n\n# Again\n", headers=MARKDOWN)
    assert again.status_code == 201
    assert again.json["recurrence_of"] == "障害報告"

    browser = world.browser("ada")
    assert browser.get("/incidents/障害報告").status_code == 200
    file = browser.get("/incidents/障害報告.md")
    named = "incident.md\"; filename*=UTF-8''%E9%9A%9C%E5%AE%B3%E5%A0%B1%E5%91%8A.md"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{named}'


def test_an_imported_file_is_named_and_its_items_are_as_old_as_the_incident(
    api: Api, client: FlaskClient, world: World
) -> None:
    added = api("POST", "?name=2018-01-25-accidental-merge-to-prod.qmd", data=TEXT, headers=MARKDOWN)

    assert added.json["slug"] == "2018-01-25-accidental-merge-to-prod"
    item = client.get("/api/v1/action-items/AI-2", headers=world.headers()).json
    assert item["opened_at"] == "2018-01-25T00:00:00+00:00"


def test_what_was_read_can_be_sent_back_and_changes_nothing(api: Api) -> None:
    read = api.founding()

    for again in (
        api("PUT", f"/{read['slug']}", json=read),
        api("PUT", f"/{read['slug']}", data=TEXT, headers=MARKDOWN | {"If-Match": '"1"'}),
    ):
        assert (again.status_code, again.json["version"]) == (200, 1)


@pytest.mark.parametrize(
    "by", [{"json": {"version": 1}}, {"headers": {"If-Match": '"1"'}}, {"headers": {"If-Match": "*"}}]
)
def test_an_edit_names_the_version_it_is_of(api: Api, by: dict[str, Any]) -> None:
    read = api.founding()
    body = {**read, "title": "Edited", "message": "why"} | by.get("json", {"version": None})

    edited = api("PUT", f"/{read['slug']}", json=body, headers=by.get("headers", {}))

    assert (edited.status_code, edited.json["version"], edited.headers["ETag"]) == (200, 2, '"2"')
    newest = api("GET", f"/{read['slug']}/revisions").json["revisions"][0]
    assert (newest["version"], newest["author"], newest["message"]) == (2, "ada", "why")


def test_a_stale_edit_gets_both_texts(api: Api) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Theirs"})

    by_body = api("PUT", f"/{read['slug']}", json=read | {"title": "Mine"})
    by_header = api("PUT", f"/{read['slug']}", json=read | {"title": "Mine"}, headers={"If-Match": '"1"'})

    assert (by_body.status_code, by_header.status_code) == (409, 412)
    for refused in (by_body, by_header):
        assert refused.mimetype == "application/problem+json"
        assert refused.json["version"] == 2
        assert "Mine" in refused.json["mine"]
        assert "Theirs" in refused.json["theirs"]
        assert refused.json["differs"] == ["title"]
        assert "title: Theirs / Mine" in refused.json["merged"]


def test_a_stale_edit_says_word_by_word_where_it_clashes(api: Api) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Accidental merge to prod took things down"})

    refused = api(
        "PUT", f"/{read['slug']}", json=read | {"title": "Accidental merge brings things down"}
    ).json

    (clash,) = refused["clashes"]
    assert (clash["kind"], clash["part"], clash["field"]) == ("field", "", "title")
    assert clash["base"] == FOUNDING.title
    assert clash["theirs_words"] == [
        {"op": "same", "text": "Accidental merge to prod "},
        {"op": "removed", "text": "brings"},
        {"op": "added", "text": "took"},
        {"op": "same", "text": " things down"},
    ]
    assert {"op": "removed", "text": "to prod "} in clash["yours_words"]
    assert FOUNDING.title in refused["base"]
    assert refused["yours"] == refused["mine"]


def saying(read: dict[str, Any], place: int, text: str) -> dict[str, Any]:
    """What was read, with other words in one section."""
    sections = [dict(section) for section in read["sections"]]
    sections[place]["blocks"] = [{"type": "prose", "text": text}]
    return read | {"sections": sections}


def test_a_stale_edit_of_the_same_lines_names_their_section(api: Api) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=saying(read, 0, "A chart nobody had tried reached production."))

    refused = api("PUT", f"/{read['slug']}", json=saying(read, 0, "A chart reached production."))

    (clash,) = refused.json["clashes"]
    assert (refused.status_code, clash["kind"], clash["part"], clash["field"]) == (
        409,
        "section",
        "Summary",
        "",
    )
    assert clash["yours"] == "A chart reached production."


# By the query and the headers, what becomes of an edit of version 1 where version 2 changed another part.
STALE_OF_ANOTHER_PART = [
    ("", {}, 200),
    ("?merge=true", {}, 200),
    ("?merge=false", {}, 409),
    ("", {"If-Match": '"1"'}, 412),
    ("?merge=false", {"If-Match": '"1"'}, 412),
    ("?merge=true", {"If-Match": '"1"'}, 200),
    ("?version=1", {}, 200),
]


@pytest.mark.parametrize("query, headers, status", STALE_OF_ANOTHER_PART)
def test_a_stale_edit_of_another_part_is_merged_unless_that_version_was_meant(
    api: Api, query: str, headers: dict[str, str], status: int
) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Theirs"})
    mine = read | {"tags": ["mine"]} | ({"version": None} if "version" in query else {})

    answer = api("PUT", f"/{read['slug']}{query}", json=mine, headers=headers)

    assert answer.status_code == status
    if status == 200:
        assert (answer.json["title"], answer.json["tags"], answer.json["version"]) == ("Theirs", ["mine"], 3)
        assert answer.json["merged"] == {"edited": 1, "onto": 2, "parts": ["title"], "moved": []}
    else:
        assert answer.json["clashes"] == []
        assert api("GET", f"/{read['slug']}").json["version"] == 2


def test_an_edit_of_the_newest_version_says_nothing_of_merging(api: Api) -> None:
    read = api.founding()

    assert "merged" not in read
    assert "merged" not in api("PUT", f"/{read['slug']}", json=read | {"title": "Mine"}).json


def test_an_answer_that_says_what_was_merged_can_be_sent_back(api: Api) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Theirs"})
    merged = api("PUT", f"/{read['slug']}", json=read | {"tags": ["mine"]}).json

    assert api("PUT", f"/{read['slug']}", json=merged | {"title": "Again"}).status_code == 200


@pytest.mark.parametrize("version", [3, 99, 2**31 - 1])
def test_an_edit_of_a_version_that_never_was_is_not_merged(api: Api, version: int) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Theirs"})
    mine = {"title": "Theirs", "sections": [{"heading": "New", "blocks": []}], "version": version}

    assert api("PUT", f"/{read['slug']}", json=mine).status_code == 409
    assert api("GET", f"/{read['slug']}").json["version"] == 2


def test_rows_that_two_people_add_at_the_same_place_all_stay(api: Api) -> None:
    read = api.founding()

    def with_more(place: int, block: dict[str, str]) -> dict[str, Any]:
        sections = [dict(section) for section in read["sections"]]
        sections[place]["blocks"] = [*sections[place]["blocks"], block]
        return read | {"sections": sections}

    for author in ("theirs", "mine"):
        entry = with_more(1, {"type": "entry", "written": "17:00", "text": f"Seen by {author}"})
        item = with_more(2, {"type": "item", "text": f"Ask {author}"})
        tags = read | {"tags": [author]}
        for edit in (entry, item, tags):
            assert api("PUT", f"/{read['slug']}", json=edit).status_code == 200

    after = api("GET", f"/{read['slug']}").json
    said = [block.get("text") for section in after["sections"] for block in section["blocks"]]
    assert {"Seen by theirs", "Seen by mine", "Ask theirs", "Ask mine"} <= set(said)
    assert after["tags"] == ["theirs", "mine"]
    refs = [block["id"] for block in after["sections"][2]["blocks"] if block["type"] == "item"]
    assert len(set(refs)) == 5


def test_two_edits_that_are_too_long_together_are_refused(api: Api) -> None:
    def sections(*texts: str) -> list[dict[str, Any]]:
        return [{"heading": text[:3], "blocks": [{"type": "prose", "text": text}]} for text in texts]

    long = "words " * (validation.LONGEST // 6 * 2 // 5)
    read = api("POST", "", json={"title": "A", "sections": sections("One", f"Two {long}", "Three")}).json
    theirs = api(
        "PUT", f"/{read['slug']}", json=read | {"sections": sections("One " + long, "Two " + long, "Three")}
    )

    mine = read | {"sections": sections("One", "Two " + long, "Three " + long)}
    refused = api("PUT", f"/{read['slug']}?merge=true", json=mine)

    assert theirs.status_code == 200, theirs.text[:600]
    assert refused.status_code == 422
    assert "characters together" in refused.text
    assert api("GET", f"/{read['slug']}").json["version"] == 2


def test_the_merged_text_of_a_refusal_can_be_sent(api: Api) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Theirs"})

    refused = api("PUT", f"/{read['slug']}?merge=true", json=read | {"title": "Mine"})
    headers = {"Content-Type": "text/markdown", "If-Match": f'"{refused.json["version"]}"'}
    saved = api("PUT", f"/{read['slug']}", data=refused.json["merged"], headers=headers)

    assert refused.status_code == 409
    assert (saved.status_code, saved.json["title"]) == (200, "Theirs / Mine")


BLOCK = "/sections/0/blocks/0"


def item(**fields: Any) -> dict[str, Any]:
    return {"sections": [{"heading": "To do", "blocks": [{"type": "item", "text": "x", **fields}]}]}


@pytest.mark.parametrize(
    "body, status, pointer",
    [
        ("{", 400, ""),
        ("[]", 422, ""),
        ('{"title": 1}', 422, "/title"),
        ('{"title": "a", "title": "b"}', 400, ""),
        ('{"nonsense": 1}', 422, "/nonsense"),
        ('{"date": "yesterday"}', 422, "/date"),
        ('{"version": "1"}', 422, "/version"),
        ('{"version": true}', 422, "/version"),
        ('{"message": 3}', 422, "/message"),
        ('{"severity": "bad"}', 422, "/severity"),
        ('{"title": "\\u0000"}', 400, "/title"),
        (item(type="other"), 422, f"{BLOCK}/type"),
        (item(status="gone"), 422, f"{BLOCK}/status"),
        (item(id="AI-0"), 422, f"{BLOCK}/id"),
        (item(id="AI-5"), 422, f"{BLOCK}/id"),
        (item(guards=["one", "one"]), 422, f"{BLOCK}/guards/1"),
        (item(owner="x" * 300), 422, f"{BLOCK}/owner"),
        (item(status="wont_do"), 201, None),
    ],
)
def test_a_wrong_document_is_refused_at_its_place(
    api: Api, body: Any, status: int, pointer: str | None
) -> None:
    sent = {"json": body} if isinstance(body, dict) else {"data": body, "content_type": "application/json"}

    answer = api("POST", **sent)

    assert answer.status_code == status
    if pointer is not None:
        assert answer.mimetype == "application/problem+json"
        assert [wrong["pointer"] for wrong in answer.json["errors"]] == [pointer]
        assert api("GET").json["incidents"] == []


@pytest.mark.parametrize(
    "headers, data, status",
    [
        ({"Content-Type": "text/html"}, "<p>", 415),
        ({}, "text", 415),
        (MARKDOWN, b"\xff\xfe", 400),
        (MARKDOWN, "a\0b", 422),
    ],
)
def test_what_is_no_document_is_refused(api: Api, headers: dict[str, str], data: Any, status: int) -> None:
    assert api("POST", headers=headers, data=data).status_code == status


@pytest.mark.parametrize("tag", ["x", '"x"', '"1", "2"', "1"])
def test_an_unreadable_if_match_is_refused(api: Api, tag: str) -> None:
    read = api.founding()

    assert api("PUT", f"/{read['slug']}", json=read, headers={"If-Match": tag}).status_code == 422


def test_an_edit_without_a_version_is_refused(api: Api) -> None:
    read = api.founding()
    del read["version"]

    refused = api("PUT", f"/{read['slug']}", json=read | {"title": "x"})

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/version")


def test_the_list_filters_and_pages(api: Api) -> None:
    for year in (2019, 2020, 2021):
        api("POST", json={"title": f"In {year}", "date": f"{year}-05-04", "services": ["hub"]})
    api.founding()

    first = api("GET", "?service=hub&limit=2").json
    assert [one["title"] for one in first["incidents"]] == ["In 2021", "In 2020"]
    second = api("GET", f"?service=hub&limit=2&after={first['next']}").json
    assert [one["title"] for one in second["incidents"]] == ["In 2019"]
    assert second["next"] == ""
    for query in ("year=2018", "q=lab+USERS", "severity=SEV2", "status=published"):
        assert [one["title"] for one in api("GET", f"?{query}").json["incidents"]] == [FOUNDING.title]


@pytest.mark.parametrize("query", ["x=1", "limit=0", "limit=10000", "year=x", "after=x", "severity=SEV9"])
def test_a_wrong_query_is_refused_at_its_name(api: Api, query: str) -> None:
    refused = api("GET", f"?{query}")

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_revisions_are_listed_and_read(api: Api) -> None:
    read = api.founding()
    api("PUT", f"/{read['slug']}", json=read | {"title": "Edited"})
    place = f"/{read['slug']}/revisions"

    assert [one["version"] for one in api("GET", place).json["revisions"]] == [2, 1]
    assert [one["version"] for one in api("GET", f"{place}?before=2").json["revisions"]] == [1]
    assert FOUNDING.title in api("GET", f"{place}/1").json["text"]
    assert api("GET", f"{place}/2", headers={"Accept": "text/markdown"}).text.startswith("---\ntitle: Edited")
    assert api("GET", f"{place}/3").status_code == 404
    assert api("GET", f"{place}/99999999999").status_code == 404


def test_only_an_admin_deletes(api: Api, client: FlaskClient, world: World) -> None:
    place = f"/{api.founding()['slug']}"

    assert api("DELETE", place).status_code == 403
    assert Api(client, world, "ben")("DELETE", place).status_code == 204
    assert api("GET", place).status_code == 404


def test_a_viewer_reads_and_does_not_write(api: Api, client: FlaskClient, world: World) -> None:
    read = api.founding()
    viewer = Api(client, world, "cy")

    assert viewer("GET", f"/{read['slug']}").status_code == 200
    assert viewer("POST", json={"title": "x"}).status_code == 403
    assert viewer("PUT", f"/{read['slug']}", json=read | {"title": "x"}).status_code == 403
    assert viewer("DELETE", f"/{read['slug']}").status_code == 403
    assert client.get(f"{PLACE}/{read['slug']}").status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_incident_is_not_found(client: FlaskClient, world: World, method: str) -> None:
    admin = Api(client, world, "ben")

    answer = admin(method, "/nothing", **({"json": {"version": 1}} if method == "PUT" else {}))

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
