"""What several do to an incident at the same moment beside its text: drafts, comments, reviews, files."""

from __future__ import annotations

import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from postmortems import visibility
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents.comments import operations as comments
from postmortems.visibility import Viewer
from tests.world import World

MANY = 6
DOCUMENT = {
    "title": "It broke",
    "date": "2018-01-25",
    "sections": [{"heading": "Summary", "blocks": [{"type": "prose", "text": "A deploy went wrong."}]}],
}


class Story:
    """A stored incident, and requests about it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stored = self("POST", "/incidents", json=DOCUMENT).json
        self.place = f"/incidents/{self.stored['slug']}"

    def __call__(self, method: str, path: str, who: str = "ada", **sent: Any) -> Any:
        assert self.world.app is not None
        headers = self.world.headers(who)
        return self.world.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def comment(self, **more: Any) -> str:
        """The place of a new comment of Ada's."""
        return f"{self.place}/comments/{self('POST', f'{self.place}/comments', json=more).json['id']}"

    def at_once(self, method: str, path: str, who: str = "ada", **sent: Any) -> Counter[int]:
        """The status codes of so many requests that begin together."""
        begin = threading.Barrier(MANY)

        def one(_: int) -> int:
            begin.wait()
            return int(self(method, path, who, **sent).status_code)

        with ThreadPoolExecutor(MANY) as pool:
            return Counter(pool.map(one, range(MANY)))


@pytest.fixture
def story(any_database: str, world: World) -> Story:
    return Story(world)


def events(verb: str) -> int:
    with db.reading():
        return session().query(Event).filter(Event.verb == verb).count()


def test_drafts_of_one_incident_are_kept_in_one_draft(story: Story) -> None:
    answers = story.at_once("PUT", f"{story.place}/draft", json=DOCUMENT | {"version": 1})

    assert answers == {200: MANY}
    assert len(story("GET", "/drafts").json["drafts"]) == 1


def test_a_file_is_removed_once(story: Story) -> None:
    file = {"file": (io.BytesIO(b"the log"), "log.txt")}
    row = story("POST", "/attachments", data=file, content_type="multipart/form-data").json

    assert story.at_once("DELETE", f"/attachments/{row['id']}") == {204: 1, 404: MANY - 1}
    assert events("attachment.removed") == 1


def test_a_suggestion_is_applied_once(story: Story) -> None:
    part = story.stored["sections"][0]["blocks"][0]["id"]
    place = story.comment(part=part, suggestion="A deploy went well.")

    assert story.at_once("POST", f"{place}/apply") == {200: 1, 409: MANY - 1}
    assert story("GET", story.place).json["version"] == 2


def test_an_approval_counts_once(story: Story) -> None:
    story("POST", f"{story.place}/review", json={"reviewers": ["ben"]})

    assert story.at_once("POST", f"{story.place}/review/approval", "ben") == {200: MANY}
    assert story("GET", f"{story.place}/review").json["approvals_current"] == 1


def test_a_comment_is_deleted_once(story: Story) -> None:
    assert story.at_once("DELETE", story.comment(text="A secret.")) == {204: 1, 404: MANY - 1}
    assert events("comment.deleted") == 1


def test_an_edit_at_the_same_moment_brings_no_words_back_that_are_deleted(story: Story) -> None:
    place = story.comment(text="A secret.")
    edited: list[int] = []

    def edit() -> None:
        edited.append(story("PATCH", place, json={"text": "A secret!"}).status_code)

    edits = threading.Thread(target=edit)
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        comments.delete(story.stored["slug"], int(place.rpartition("/")[2]), actor=story.world.ada)
        edits.start()
        # It has to wait for this unit of work, or else reads what was there before it.
        edits.join(timeout=0.5)
    edits.join()

    (comment,) = story("GET", f"{story.place}/comments").json["comments"]
    assert (edited, comment["text"]) == ([404], "")
