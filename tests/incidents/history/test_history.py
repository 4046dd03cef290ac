"""An incident's history through both doors: what each save changed, two versions compared, restoring."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents.models import Incident, Revision
from tests.statements import counted
from tests.world import World

PLACE = "/api/v1/incidents"
TEXT = """---
title: It broke
severity: SEV2
status: draft
---

## Summary

Nobody could work for one hour.

## Timeline

### 09:12

A deploy.

## Cause

The disk was full.

## Action items

1. Refuse a full disk.
   - Owner: @ada
2. Watch the disk.
"""


class Story:
    """One incident, saved again and again as Markdown."""

    def __init__(self, world: World) -> None:
        assert world.app is not None
        self.world, self.client = world, world.app.test_client()
        made = self.ask("POST", PLACE, TEXT)
        assert made.status_code == 201, made.text
        self.slug = made.json["slug"]  # type: ignore[index]
        self.api, self.page = f"{PLACE}/{self.slug}", f"/incidents/{self.slug}"

    def ask(
        self, method: str, path: str, body: Any = None, name: str = "ada", **headers: str
    ) -> TestResponse:
        sent: dict[str, Any] = {"json": body} if isinstance(body, dict) else {"data": body}
        kind = {"Content-Type": "text/markdown"} if isinstance(body, str) else {}
        return self.client.open(
            path, method=method, headers=self.world.headers(name) | kind | headers, **sent
        )

    def text(self) -> str:
        return self.ask("GET", self.api, Accept="text/markdown").text

    def save(self, old: str, new: str, name: str = "ada") -> None:
        """Replace words in what is stored."""
        text = self.text()
        assert old in text
        saved = self.ask("PUT", self.api, text.replace(old, new), name, **{"If-Match": "*"})
        assert saved.status_code == 200, saved.text

    def changes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"{self.api}/revisions").json["revisions"][0]["changes"]  # type: ignore[index]
        return found


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


SAVES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a field": (
        "severity: SEV2",
        "severity: SEV1",
        {"part": "field", "name": "severity", "changes": ["changed"]}
        | {"fields": [{"name": "severity", "old": "SEV2", "new": "SEV1"}]},
    ),
    "the status": (
        "status: draft",
        "status: published",
        {"part": "field", "name": "status", "changes": ["changed"]}
        | {"fields": [{"name": "status", "old": "draft", "new": "published"}]},
    ),
    "prose": ("one hour", "two hours", {"part": "section", "name": "Summary", "changes": ["changed"]}),
    "a heading": (
        "## Cause",
        "## Why",
        {"part": "section", "name": "Why", "changes": ["renamed"], "was": "Cause"},
    ),
    "an owner": (
        "Owner: @ada",
        "Owner: @ben",
        {"part": "item", "name": "AI-1", "changes": ["changed"], "section": "Action items"}
        | {"fields": [{"name": "owner", "old": "@ada", "new": "@ben"}]},
    ),
    "an entry": (
        "A deploy.",
        "A deploy.\n\n### 09:30\n\nSeen.",
        {"part": "entry", "name": "09:30", "changes": ["added"], "section": "Timeline"}
        | {"fields": [{"name": "text", "old": "", "new": "Seen."}]},
    ),
}


@pytest.mark.parametrize("name", SAVES)
def test_the_list_says_what_each_save_changed(story: Story, name: str) -> None:
    old, new, expected = SAVES[name]

    story.save(old, new)

    assert expected in story.changes()
    shown = story.world.browser().get(f"{story.page}/history").text
    assert expected["name"].replace("_", " ") in shown


def test_saves_from_before_it_was_noted_are_told_by_their_texts(story: Story) -> None:
    story.save("SEV2", "SEV1")
    noted = story.changes()
    with db.transaction():
        for revision in session().query(Revision):
            revision.changes = None

    assert noted
    assert story.changes() == noted


def diff(story: Story, query: str = "", **headers: str) -> TestResponse:
    return story.ask("GET", f"{story.api}/diff{query}", **headers)


def test_two_versions_are_compared_word_by_word(story: Story) -> None:
    story.save("one hour", "two hours")
    story.save("Owner: @ada", "Owner: @ben", "ben")

    both, newest = diff(story, "?from=1&to=3").json, diff(story).json

    assert both is not None
    assert newest is not None
    assert (both["from"]["version"], both["to"]["version"], both["to"]["author"]) == (1, 3, "ben")
    assert [section["heading"] for section in both["sections"]] == ["Summary", "Action items"]
    (text,) = both["sections"][0]["blocks"][0]["fields"]
    assert [span for span in text["words"] if span["op"] != "same"] == [
        {"op": "removed", "text": "one hour"},
        {"op": "added", "text": "two hours"},
    ]
    assert (newest["from"]["version"], newest["to"]["version"]) == (2, 3)
    assert [section["heading"] for section in newest["sections"]] == ["Action items"]


def test_a_comparison_is_html_and_a_patch_too(story: Story) -> None:
    story.save("one hour", "two hours")

    html, patch = diff(story, "", Accept="text/html"), diff(story, "?format=patch")

    assert html.mimetype == "text/html"
    assert "<del>one hour</del> <ins>two hours</ins>" in html.text
    assert patch.mimetype == "text/x-diff"
    assert "-Nobody could work for one hour." in patch.text
    assert "+Nobody could work for two hours." in patch.text


def test_nothing_stands_before_the_first_version(story: Story) -> None:
    told = diff(story, "?from=0&to=1").json

    assert told is not None
    assert told["from"] is None
    assert {"added"} == {change for section in told["sections"] for change in section["changes"]}


@pytest.mark.parametrize(
    "query, status",
    [
        ("?from=9", 404),
        ("?to=9", 404),
        ("?from=x", 422),
        ("?from=-1", 422),
        ("?to=0", 422),
        ("?to=99999999999", 422),
        ("?format=pdf", 422),
        ("?since=1", 422),
    ],
)
def test_what_cannot_be_compared_is_refused(story: Story, query: str, status: int) -> None:
    assert diff(story, query).status_code == status


def test_who_wrote_each_part_is_told(story: Story) -> None:
    story.save("one hour", "two hours", "ben")
    story.save("A deploy.", "A deploy.\n\n### 09:30\n\nSeen.", "ben")

    told = story.ask("GET", f"{story.api}/authorship").json

    assert told is not None
    wrote = {section["heading"]: (section["author"], section["version"]) for section in told["sections"]}
    assert wrote == {
        "Summary": ("ben", 2),
        "Timeline": ("ben", 3),
        "Cause": ("ada", 1),
        "Action items": ("ada", 1),
    }
    entries = [(block["name"], block["author"]) for block in told["sections"][1]["blocks"]]
    assert entries == [("09:12", "ada"), ("09:30", "ben")]


def restored(story: Story, number: int, /, **body: Any) -> TestResponse:
    return story.ask("POST", f"{story.api}/revisions/{number}/restore", body)


def test_a_section_is_restored_though_it_was_renamed(story: Story) -> None:
    story.save("## Cause\n\nThe disk was full.", "## Why\n\nThe disk was full, it says.")
    story.save("one hour", "two hours")

    looked = restored(story, 1, section=2, dry_run=True)
    done = restored(story, 1, section=2, version=3)

    assert looked.json is not None
    assert [section["was"] for section in looked.json["sections"]] == ["Why"]
    assert (done.status_code, done.json["to"]["version"]) == (200, 4)  # type: ignore[index]
    assert "## Cause\n\nThe disk was full.\n" in story.text()
    assert "two hours" in story.text()
    assert "Restore Cause of version 1" in story.world.browser().get(f"{story.page}/history").text


def test_an_item_that_was_taken_out_comes_back_with_a_new_number(story: Story) -> None:
    story.save("2. Watch the disk.\n   - Id: AI-2\n", "")
    story.save("1. Refuse a full disk.", "1. Refuse a disk that is full.")
    story.save("SEV2", "SEV1")

    for section in (None, 3):
        body = {} if section is None else {"section": section}
        assert restored(story, 1, **body).status_code == 200, section

    assert re.findall(r"Id: (AI-\d+)", story.text()) == ["AI-1", "AI-3"]


@pytest.mark.parametrize("status, expected", [(True, "draft"), (False, "published")])
def test_the_status_comes_back_where_it_is_asked_for(story: Story, status: bool, expected: str) -> None:
    story.save("status: draft", "status: published")

    assert restored(story, 1, status=status).status_code == 200

    with db.reading():
        assert session().query(Incident).one().status == expected


def test_restoring_what_somebody_changed_since_is_refused(story: Story) -> None:
    story.save("one hour", "two hours")
    story.save("two hours", "three hours")

    assert restored(story, 1, version=2).status_code == 409
    assert "three hours" in story.text()


@pytest.mark.parametrize(
    "body, status", [({"section": 9}, 404), ({"section": -1}, 422), ({"section": "1"}, 422), ({"x": 1}, 422)]
)
def test_what_cannot_be_restored_is_refused(story: Story, body: dict[str, Any], status: int) -> None:
    assert restored(story, 1, **body).status_code == status


def test_who_only_reads_compares_and_restores_nothing(story: Story) -> None:
    story.save("one hour", "two hours")

    assert story.ask("GET", f"{story.api}/diff", name="cy").status_code == 200
    assert story.ask("POST", f"{story.api}/revisions/1/restore", {}, "cy").status_code == 403
    assert story.world.browser("cy").send(f"{story.page}/history/1/restore").status_code == 403
    assert "Restore" not in story.world.browser("cy").get(f"{story.page}/history").text


def test_a_section_is_restored_on_the_page_after_a_look(story: Story) -> None:
    story.save("The disk was full.", "Nobody knows.")
    browser = story.world.browser()
    address = f"{story.page}/history/1/restore"

    compared = browser.get(f"{story.page}/compare?from=1&to=2").text
    looked = browser.get(f"{address}?section=2").text
    sent = browser.send(address, {"section": "2", "version": "2", "status": "now"})

    assert f'href="{address}?section=2"' in compared
    assert "<del>Nobody knows</del> <ins>The disk was full</ins>" in looked
    assert sent.status_code == 303
    assert "The disk was full." in story.text()


def test_who_looked_before_another_saved_looks_again(story: Story) -> None:
    story.save("one hour", "two hours")
    story.save("two hours", "three hours")

    answer = story.world.browser().send(f"{story.page}/history/1/restore", {"version": "2"})

    assert answer.status_code == 200
    assert "Somebody saved since you looked" in answer.text
    assert "three hours" in story.text()


@pytest.mark.parametrize("view", ["", "&view=source"])
def test_two_versions_are_compared_on_the_page(story: Story, view: str) -> None:
    story.save("one hour", "two hours")
    story.save("SEV2", "SEV1")

    shown = story.world.browser().get(f"{story.page}/compare?from=1&to=3{view}").text

    assert "<del>one hour</del>" in shown
    assert "<ins>two hours</ins>" in shown
    assert "SEV1" in shown


@pytest.mark.parametrize("query", ["from=x&to=1", "from=1&to=x", "from=1&to=-1"])
def test_a_page_of_versions_that_are_none_is_refused(story: Story, query: str) -> None:
    assert story.world.browser().get(f"{story.page}/compare?{query}").status_code == 422


def test_the_list_asks_no_more_often_for_more_versions(story: Story) -> None:
    asked = []
    for number in range(8):
        story.save(
            "one hour" if number % 2 == 0 else "two hours", "two hours" if number % 2 == 0 else "one hour"
        )
        with counted() as statements:
            assert story.ask("GET", f"{story.api}/revisions").status_code == 200
        asked.append(len(statements))

    assert asked[0] == asked[-1]


def test_a_restored_version_may_have_what_the_next_one_took_out(story: Story) -> None:
    story.save("## Cause\n\nThe disk was full.\n\n", "")

    assert restored(story, 1, section=2).status_code == 200

    assert (
        story.text().index("## Timeline") < story.text().index("## Cause") < story.text().index("## Action")
    )
