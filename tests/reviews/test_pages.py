"""The page of a conflict: both texts, and an answer that stays typed in where it is refused."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.document.model import Document, Prose, Section
from postmortems.exchange import resolve_conflict
from postmortems.incidents import queries as incidents
from postmortems.reviews import operations, queries
from postmortems.reviews.operations import Edits
from tests.incidents.documents import SYSTEM, save, stored
from tests.world import World

FILE = "---\ntitle: Disk full\n---\n\n## Summary\n\nIt never was full.\n"


def in_conflict() -> tuple[str, int]:
    """An incident whose summary was edited in a file too."""
    document = Document(title="Disk full", sections=(Section("Summary", (Prose("It was full."),)),))
    slug = save(document).slug
    with db.transaction():
        incident = incidents.by_slug(slug, SYSTEM)
        edits = Edits("https://git.example.org/x", "disk.md", FILE.encode(), FILE, "stored then",
                      "---\ntitle: Disk full\n---\n\n## Summary\n\nMerged.\n", incident.version)  # fmt: skip
        return slug, operations.open_conflict(incident, edits, actor=SYSTEM).id


def test_both_texts_stand_on_the_page_and_it_is_linked(world: World) -> None:
    slug, review_id = in_conflict()
    address = f"/incidents/{slug}/reviews/{review_id}"

    shown = world.browser("ada").get(address).text

    assert "It never was full." in shown
    assert "It was full." in shown
    assert "Merged." in shown
    assert address in world.browser("ada").get(f"/incidents/{slug}").text
    assert address in world.browser("ada").get("/").text
    assert "Save this text" not in world.browser("cy").get(address).text


@pytest.mark.parametrize(
    "take, text, becomes",
    [
        ("here", "", "It was full."),
        ("file", "", "It never was full."),
        ("text", "---\r\ntitle: Disk full\r\n---\r\n\r\n## Summary\r\n\r\nWas it?\r\n", "Was it?"),
    ],
)
def test_an_answer_is_stored_and_the_question_closed(
    world: World, take: str, text: str, becomes: str
) -> None:
    slug, review_id = in_conflict()
    form = {"take": take, "text": text, "version": "1"}

    answer = world.browser("ada").send(f"/incidents/{slug}/reviews/{review_id}", form)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/incidents/{slug}")
    assert stored(slug).sections[0].blocks == (Prose(becomes),)
    assert "Answered by ada" in world.browser("ada").get(f"/incidents/{slug}/reviews/{review_id}").text
    with db.reading():
        assert queries.waiting(actor=SYSTEM) == []


@pytest.mark.parametrize(
    "form, status, said",
    [
        ({"take": "text", "text": " ", "version": "1"}, 422, "write what the incident is to say"),
        ({"take": "both", "text": "x", "version": "1"}, 422, "is one of"),
        ({"take": "text", "text": "# Kept as typed", "version": "9"}, 409, "Kept as typed"),
        ({"take": "file", "version": ""}, 409, "Look again"),
    ],
)
def test_a_refused_answer_is_said_and_stores_nothing(
    world: World, form: dict[str, str], status: int, said: str
) -> None:
    slug, review_id = in_conflict()

    answer = world.browser("ada").send(f"/incidents/{slug}/reviews/{review_id}", form)

    assert answer.status_code == status
    assert said in answer.text
    assert stored(slug).sections[0].blocks == (Prose("It was full."),)


def test_who_only_reads_answers_nothing_and_a_stranger_finds_nothing(world: World) -> None:
    slug, review_id = in_conflict()
    form = {"take": "file", "version": "1"}

    assert world.browser("cy").send(f"/incidents/{slug}/reviews/{review_id}", form).status_code == 403
    assert world.browser("ada").get(f"/incidents/{slug}/reviews/{review_id + 1}").status_code == 404


def test_the_api_lists_shows_and_answers(world: World) -> None:
    slug, review_id = in_conflict()
    assert world.app is not None
    client, headers = world.app.test_client(), world.headers("ada")

    listed = client.get("/api/v1/reviews", headers=headers).get_json()
    assert [(one["id"], one["incident"]) for one in listed["reviews"]] == [(review_id, slug)]
    address = f"/api/v1/incidents/{slug}/reviews"
    assert client.get(address, headers=headers).get_json()["reviews"][0]["outcome"] == ""
    one = client.get(f"{address}/{review_id}", headers=headers).get_json()
    assert (one["in_file"], one["version"], one["name"]) == (FILE, 1, "disk.md")

    body, answered = {"take": resolve_conflict.FILE, "version": 1}, f"{address}/{review_id}/answer"
    assert client.post(answered, headers=world.headers("cy"), json=body).status_code == 403
    done = client.post(answered, headers=headers, json=body)
    assert (done.status_code, done.get_json()["outcome"], done.get_json()["version"]) == (200, "merged", 2)
    assert client.post(answered, headers=headers, json=body).status_code == 409
