"""Comments by HTTP: threads, what follows a part, what is refused, and suggestions that become text."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.readers import registry as readers_registry
from tests.incidents.documents import stored
from tests.incidents.test_api import MARKDOWN, Api
from tests.world import World

SUMMARY, TIMELINE, ITEMS = range(3)
ACCEPT = {"Accept": "text/markdown"}


class Incident:
    """The founding incident, and what people say about it."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world = client, world
        self.body = Api(client, world).founding()
        self.slug: str = self.body["slug"]

    def part(self, section: int, block: int | None = None) -> str:
        found = self.body["sections"][section]
        return str(found["id"] if block is None else found["blocks"][block]["id"])

    def __call__(self, method: str, path: str = "/comments", who: str = "ada", **sent: Any) -> TestResponse:
        address = f"/api/v1/incidents/{self.slug}{path}"
        headers = self.world.headers(who) | sent.pop("headers", {})
        return self.client.open(address, method=method, headers=headers, **sent)

    def say(self, text: str = "Was it so?", who: str = "ada", **more: Any) -> dict[str, Any]:
        answer = self("POST", who=who, json={"text": text, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def comments(self) -> list[dict[str, Any]]:
        return list(self("GET").json["comments"])

    def save(self, **changes: Any) -> dict[str, Any]:
        """The document as it is now, saved again with changes."""
        now = self("GET", "").json
        self.body = self("PUT", "", json=now | changes).json
        return self.body


@pytest.fixture
def incident(any_database: str, client: FlaskClient, world: World) -> Incident:
    return Incident(client, world)


def verbs() -> list[str]:
    with db.reading():
        found = session().query(Event).filter(Event.verb.startswith("comment.")).order_by(Event.id)
        return [event.verb for event in found]


@pytest.mark.parametrize("who", ["ada", "ben", "cy"])
def test_whoever_reads_it_can_comment_on_the_whole_a_part_and_an_item(incident: Incident, who: str) -> None:
    parts = ["", incident.part(SUMMARY), incident.part(TIMELINE, 1), incident.part(ITEMS, 0), "AI-2"]

    said = [incident.say(f"About {part}", who, part=part) for part in parts]

    assert [each["part"] for each in said] == parts
    assert [each["quoted"] for each in said][1:3] == ["Summary", "15:30\n\nProduction gets it by mistake."]
    assert [each["author"] for each in incident.comments()] == [who] * len(parts)
    assert verbs() == ["comment.added"] * len(parts)


def test_a_thread_is_answered_resolved_and_opened_again_by_an_answer(incident: Incident) -> None:
    first = incident.say(part=incident.part(TIMELINE, 0), who="cy")
    reply = incident.say("It was.", reply_to=first["id"])
    again = incident.say("Sure?", reply_to=reply["id"], who="cy")

    assert (reply["part"], again["reply_to"]) == (first["part"], first["id"])
    resolved = incident("PATCH", f"/comments/{first['id']}", json={"resolved": True}).json
    assert (resolved["resolved_by"], bool(resolved["resolved_at"])) == ("ada", True)
    incident.say("No.", reply_to=first["id"], who="cy")
    assert incident.comments()[0]["resolved_at"] is None
    assert verbs()[-3:] == ["comment.resolved", "comment.reopened", "comment.added"]


def test_a_comment_follows_its_part_and_stays_when_the_part_is_removed(incident: Incident) -> None:
    part = incident.part(TIMELINE, 2)
    incident.say("Who saw it?", part=part)
    sections = incident.body["sections"]
    moved = sections[TIMELINE]["blocks"].pop(2)
    sections[SUMMARY]["blocks"].append(moved | {"text": "Lab users cannot log in at all."})
    body = incident.save(sections=list(reversed(sections)))
    assert body["sections"][2]["blocks"][1]["id"] == part
    assert incident.comments()[0]["part_is_removed"] is False

    body["sections"][2]["blocks"].pop(1)
    incident.save(sections=body["sections"])

    kept = incident.comments()[0]
    assert kept["part_is_removed"] is True
    assert kept["quoted"] == "16:11\n\nLab users cannot log in."
    assert incident.say("They called.", reply_to=kept["id"])["part_is_removed"] is True


def test_a_text_that_is_sent_as_markdown_keeps_its_comments(incident: Incident) -> None:
    incident.say(part=incident.part(TIMELINE, 1))
    text = parser.write(stored(incident.slug)).replace("by mistake", "by some mistake")

    incident("PUT", "", data=text, headers=MARKDOWN | {"If-Match": "*"})

    assert incident.comments()[0]["part_is_removed"] is False


# What is sent, and the pointer of what is wrong with it.
REFUSED: list[tuple[Any, str]] = [
    ({}, "/text"),
    ({"text": ""}, "/text"),
    ({"text": " \n\t "}, "/text"),
    ({"text": "x" * 20_001}, "/text"),
    ({"text": "a\0b"}, "/text"),
    ({"text": 7}, "/text"),
    ({"text": None}, "/text"),
    ({"text": ["a"]}, "/text"),
    ({"text": "a", "part": "nothing"}, "/part"),
    ({"text": "a", "part": "AI-99"}, "/part"),
    ({"text": "a", "part": "ai-1"}, "/part"),
    ({"text": "a", "part": "x" * 300}, "/part"),
    ({"text": "a", "part": "a\0b"}, "/part"),
    ({"text": "a", "part": 7}, "/part"),
    ({"text": "a", "part": {}}, "/part"),
    ({"text": "a", "suggestion": "b"}, "/suggestion"),
    ({"text": "a", "part": "AI-1", "suggestion": "x" * 20_001}, "/suggestion"),
    ({"text": "a", "part": "AI-1", "suggestion": 7}, "/suggestion"),
    ({"text": "a", "reply_to": 0}, "/reply_to"),
    ({"text": "a", "reply_to": -1}, "/reply_to"),
    ({"text": "a", "reply_to": "1"}, "/reply_to"),
    ({"text": "a", "reply_to": True}, "/reply_to"),
    ({"text": "a", "reply_to": 2**31}, "/reply_to"),
    ({"text": "a", "words": "b"}, "/words"),
    ({"text": "a", "author": "ben"}, "/author"),
    ({"text": "a", "resolved": True}, "/resolved"),
]


@pytest.mark.parametrize("sent, pointer", REFUSED, ids=[str(sent)[:40] for sent, _ in REFUSED])
def test_what_is_no_comment_is_refused_with_its_place(
    client: FlaskClient, world: World, sent: Any, pointer: str
) -> None:
    incident = Incident(client, world)

    answer = incident("POST", json=sent)

    assert answer.status_code in {400, 422}, answer.text
    assert pointer in {each["pointer"] for each in answer.json["errors"]}
    assert incident.comments() == []


def test_a_reply_is_about_what_its_thread_is_about(incident: Incident) -> None:
    first = incident.say(part="AI-1")

    wrong = incident("POST", json={"text": "a", "reply_to": first["id"], "part": "AI-2"})
    missing = incident("POST", json={"text": "a", "reply_to": first["id"] + 7})

    assert (wrong.status_code, missing.status_code) == (422, 404)


def test_only_its_author_edits_a_comment_and_only_they_or_an_admin_delete_it(incident: Incident) -> None:
    first, second = incident.say("One", "cy"), incident.say("Two", "cy")
    one, two = f"/comments/{first['id']}", f"/comments/{second['id']}"

    assert incident("PATCH", one, who="ben", json={"text": "Other"}).status_code == 403
    assert incident("DELETE", one, who="ada").status_code == 403
    edited = incident("PATCH", one, who="cy", json={"text": "One."}).json
    assert (edited["text"], bool(edited["edited_at"])) == ("One.", True)
    assert incident("DELETE", two, who="ben").status_code == 204

    left = incident.comments()[1]
    assert (left["text"], left["deleted_by"], left["author"]) == ("", "ben", "cy")
    assert incident("PATCH", two, who="cy", json={"text": "Again"}).status_code == 404
    assert verbs()[-2:] == ["comment.edited", "comment.deleted"]


def test_who_only_reads_resolves_their_own_threads(incident: Incident) -> None:
    theirs, own = incident.say(), incident.say(who="cy")

    refused = incident("PATCH", f"/comments/{theirs['id']}", who="cy", json={"resolved": True})
    done = incident("PATCH", f"/comments/{own['id']}", who="cy", json={"resolved": True})

    assert (refused.status_code, done.status_code) == (403, 200)


@pytest.mark.parametrize(
    "section, block, words",
    [(0, None, "What it was"), (0, 0, "It was worse."), (1, 1, "Everybody got it."), (2, 0, "How we deploy"),
     (2, 2, "Block every promotion")],
)  # fmt: skip
def test_a_suggestion_is_applied_by_one_press_as_a_version_of_its_own(
    incident: Incident, section: int, block: int | None, words: str
) -> None:
    said = incident.say("Better:", "cy", part=incident.part(section, block), suggestion=words)
    assert said["suggestion_state"] == "open"

    assert incident("POST", f"/comments/{said['id']}/apply", who="cy").status_code == 403
    applied = incident("POST", f"/comments/{said['id']}/apply").json

    assert (applied["suggestion_state"], applied["applied_version"]) == ("applied", 2)
    assert applied["resolved_by"] == "ada"
    now = incident("GET", "").json["sections"][section]
    part = now if block is None else now["blocks"][block]
    assert (part.get("text") or part["heading"], part["id"]) == (words, incident.part(section, block))
    assert incident("POST", f"/comments/{said['id']}/apply").status_code == 409
    assert incident("GET", "/revisions").json["revisions"][0]["message"] == "Apply what cy suggested"


def test_a_suggestion_for_words_that_changed_since_is_not_applied(incident: Incident) -> None:
    said = incident.say("Better:", part=incident.part(SUMMARY, 0), suggestion="It was worse.")
    sections = incident.body["sections"]
    sections[SUMMARY]["blocks"][0]["text"] = "Somebody was quicker."
    incident.save(sections=sections)

    refused = incident("POST", f"/comments/{said['id']}/apply")

    assert (refused.status_code, incident.comments()[0]["suggestion_state"]) == (409, "stale")
    assert "says something else by now" in refused.json["detail"]
    assert incident("GET", "").json["version"] == 2


def test_a_comment_without_a_suggestion_cannot_be_applied(incident: Incident) -> None:
    said = incident.say(part="AI-1")

    assert incident("POST", f"/comments/{said['id']}/apply").status_code == 422


def test_comments_come_a_page_at_a_time_and_go_with_the_incident(incident: Incident) -> None:
    for number in range(3):
        incident.say(str(number))

    page = incident("GET", "/comments?limit=2").json
    rest = incident("GET", f"/comments?limit=2&after={page['next']}").json

    assert [each["text"] for each in page["comments"] + rest["comments"]] == ["0", "1", "2"]
    assert rest["next"] is None
    assert incident("DELETE", "", who="ben").status_code == 204
    assert incident("GET").status_code == 404


def test_a_restricted_incident_shows_its_comments_to_nobody_else(incident: Incident) -> None:
    said = incident.say("Secret words")
    incident.save(restricted=["ada"])
    path = f"/comments/{said['id']}"

    answers = [
        incident(method, place, who=who, **more)
        for who in ("ben", "cy")
        for method, place, more in (
            ("GET", "/comments", {}),
            ("POST", "/comments", {"json": {"text": "a"}}),
            ("PATCH", path, {"json": {"resolved": True}}),
            ("DELETE", path, {}),
            ("POST", f"{path}/apply", {}),
        )
    ]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert not any("Secret" in answer.text for answer in answers)


def test_a_comment_of_another_incident_is_not_found_under_this_one(incident: Incident) -> None:
    other = Incident(incident.client, incident.world)
    said = other.say(part="AI-4")

    assert incident("PATCH", f"/comments/{said['id']}", json={"resolved": True}).status_code == 404
    assert incident("POST", f"/comments/{said['id']}/apply").status_code == 404
    assert incident("POST", json={"text": "a", "reply_to": said["id"]}).status_code == 404


def test_a_token_that_only_writes_comments_and_edits_but_reads_nothing(incident: Incident) -> None:
    headers = {"Authorization": f"Bearer {incident.world.token('ada', 'write')}"}
    said = incident("POST", json={"text": "a", "part": "AI-2", "suggestion": "Look twice"}, headers=headers)
    path = f"/comments/{(said.json or {}).get('id')}"
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("PATCH", path, {"json": {"resolved": True}}),
        ("PATCH", path, {"json": {"text": "b"}}),
        ("POST", f"{path}/apply", {}),
        ("DELETE", path, {}),
        ("POST", "/revisions/1/restore", {"json": {}}),
        ("GET", "/comments", {}),
    )

    answers = [incident(method, place, headers=headers, **sent).status_code for method, place, sent in acts]

    assert (said.status_code, answers) == (201, [200, 200, 200, 204, 200, 403])


@pytest.mark.parametrize("place", ["prose", "entry", "item"])
@pytest.mark.parametrize(
    "words",
    [
        "a\n\n## Another section",
        "# Another one",
        "---\na: b\n---",
        "a\n\n### 15:00\n\nb",
        "- [x] b",
        "a\n- Owner: @ben",
    ],
)
def test_a_suggestion_is_words_of_its_part_and_changes_nothing_else(
    incident: Incident, place: str, words: str
) -> None:
    part = {"prose": incident.part(SUMMARY, 0), "entry": incident.part(TIMELINE, 1), "item": "AI-2"}[place]
    before = incident("GET", "").json["sections"]

    answer = incident("POST", json={"text": "", "part": part, "suggestion": words})

    if answer.status_code == 422:
        assert [wrong["pointer"] for wrong in answer.json["errors"]] == ["/suggestion"]
        return
    assert incident("POST", f"/comments/{answer.json['id']}/apply").status_code == 200
    after = incident("GET", "").json["sections"]
    assert [without_words(section, part) for section in before] == [
        without_words(section, part) for section in after
    ]


def without_words(section: dict[str, Any], part: str) -> dict[str, Any]:
    blocks = [block | {"text": ""} if block.get("id") == part else block for block in section["blocks"]]
    return section | {"blocks": blocks}


def test_markdown_has_the_comments_where_they_are_asked_for_and_is_read_without_them(
    incident: Incident,
) -> None:
    first = incident.say(
        "Was it **so**?\n\n## No section\n<!-- /comments -->", part=incident.part(SUMMARY, 0)
    )
    incident.say("It was.", who="ben", reply_to=first["id"])
    incident("PATCH", f"/comments/{first['id']}", who="ben", json={"resolved": True})
    incident.say("Who else?", part="")
    plain = incident("GET", "", headers=ACCEPT).text

    told = incident("GET", "?comments=true", headers=ACCEPT).text

    assert "Comments" not in plain
    report, _, comments = told.partition("\n<!-- comments -->\n")
    assert report.strip() == plain.strip()
    assert comments.index("The whole postmortem (open)") < comments.index("(resolved by ben)")
    assert comments.index("Was it **so**?") < comments.index("It was.")
    assert f"> {incident.body['sections'][SUMMARY]['blocks'][0]['text'].splitlines()[0]}" in comments
    version = incident("GET", "").json["version"]
    saved = incident("PUT", "", data=told, headers=MARKDOWN | {"If-Match": f'"{version}"'})
    assert saved.json["version"] == version


@pytest.mark.parametrize("name", ["report.md", "report.markdown", "report"])
def test_a_file_with_comments_is_read_as_the_report_that_it_is(incident: Incident, name: str) -> None:
    incident.say("Was it so?")
    plain = incident("GET", "", headers=ACCEPT).text
    told = incident("GET", "?comments=1", headers=ACCEPT).text

    assert readers_registry.read(name, told.encode()) == readers_registry.read(name, plain.encode())
    cut = told.replace("<!-- /comments -->", "")
    assert "Was it so?" in parser.write(readers_registry.read(name, cut.encode()))


def test_a_part_that_comes_back_out_of_the_history_has_its_comments_again(incident: Incident) -> None:
    part = incident.part(TIMELINE, 0)
    incident.say("Was it then?", part=part)
    sections = incident.body["sections"]
    version = incident("GET", "").json["version"]
    left = [
        *sections[:TIMELINE],
        sections[TIMELINE] | {"blocks": sections[TIMELINE]["blocks"][1:]},
        *sections[ITEMS:],
    ]
    assert part not in str(incident.save(sections=left))

    text = incident("GET", f"/revisions/{version}", headers=ACCEPT).text
    current = incident("GET", "").json["version"]
    incident("PUT", "", data=text, headers=MARKDOWN | {"If-Match": f'"{current}"'})

    back = incident("GET", "").json["sections"][TIMELINE]["blocks"]
    assert back[0]["id"] == part
    assert len({block["id"] for block in back}) == len(back)
