"""A restricted incident leaves no trace for a stranger anywhere; whom it names sees it everywhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems import visibility
from postmortems.db import session as db
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.exchange.imports import sources, staging
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.gate.decisions import ask
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.incidents import operations, queries, rows
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.attachments.image_process import Checked
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.drafts import draft_values
from postmortems.incidents.drafts import operations as drafts
from postmortems.incidents.drafts.operations import Mark, Typed
from postmortems.reports.catalog import shelf
from postmortems.reviews import operations as reviews
from postmortems.reviews.operations import Edits
from postmortems.visibility import Viewer
from postmortems.web.transactions import SAFE_METHODS
from tests.conftest import Clock
from tests.gate import founding
from tests.kept_rows import kept
from tests.runtimes import RUNTIME, VAULT
from tests.world import World

SECRET = Document(
    title="Zanzibar payroll leaked",
    date=date(2018, 1, 26),
    severity="SEV1",
    status="published",
    services=("data8/prod", "quagga"),
    tags=("okapi",),
    restricted=("ada",),
    sections=(
        Section("Summary", (Prose("The wombat was let out."),)),
        Section("Timeline", (Entry("2018-01-26 14:30", "A narwhal was seen."),)),
        Section("Action items", (Category("Ibexes"), Item("Feed the axolotl.", owner="@dugong"))),
    ),
)
WORDS = (
    *("zanzibar", "payroll", "quagga", "okapi", "wombat", "narwhal", "ibexes", "axolotl", "dugong"),
    # Of the one that strangers saw at first: its title, text, file, comments, suggestions and drafts.
    *("tapir", "pangolin", "quokka", "lemur", "capybara", "numbat"),
)
LATER = Document(title="The capybara", date=date(2018, 1, 27), restricted=("ada",))
DRAFTS = {"ada": "a" * 32, "ben": "b" * 32}
OPEN = replace(
    SECRET,
    title="Open to all",
    services=("data8/prod",),
    tags=(),
    restricted=(),
    sections=(Section("Action items", (Item("Look twice.", kind="process"),)),),
)
GUARD = "lab-hours"
STRANGERS = ("ben", "cy")
# Tokens of forms and addresses of files: in some hundred pages of them any five letters stand one day.
RANDOM = re.compile(r"\b(?=[\w.-]{0,200}[A-Z])(?=[\w.-]{0,200}\d)[\w.-]{20,}")
# Both hold the second in which they were made.
FORM_TOKENS = re.compile(r'(?:name="csrf-token" content|name="csrf_token" value)="[^"]+"')


class Story:
    """The stored incident, one beside it that everybody sees, and what hangs on both."""

    def __init__(self, world: World) -> None:
        founding_guard = founding.GUARDS[GUARD]
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            fields = {"slug": GUARD, "title": "Labs", "kind": founding_guard[0], "config": founding_guard[1]}
            guard_changes.create(
                fields | {"targets": ["data8/prod"], "level": "advisory"}, actor=world.ada, vault=VAULT
            )
            items = (Category("Ibexes"), replace(SECRET.items[0], kind="process", guards=(GUARD,)))
            secret = replace(SECRET, sections=(*SECRET.sections[:2], Section("Action items", items)))
            incident = save_incident.save(None, secret, version=None, actor=world.ada)
            sources.remember(incident, "zanzibar.md", b"# Zanzibar", actor=world.ada)
            self.slug, self.ref, self.number = incident.slug, incident.items[0].ref, incident.id
            file = "# The wombat"
            edits = Edits("https://git.example.org", "zanzibar.md", file.encode(), file, file, file, 1)
            self.review = reviews.open_conflict(incident, edits, actor=world.system).id
        self._restricted_later(world)
        self.run = staging.begin(ImportDefaults("data8", ""), "zanzibar.md", actor=world.ada)
        staging.stage(
            self.run, [ImportFile("zanzibar.md", b"# The wombat")], Left(), is_dry_run=True, actor=world.ada
        )
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            scenario = scenarios_operations.record(
                {"incident": self.slug, "name": "zanzibar", "kind": "bad", "facts": bad()}, actor=world.ada
            )
            self.scenario = scenario.id
            beside = save_incident.save(None, OPEN, version=None, actor=world.ada)
            self.beside, self.beside_ref = beside.slug, beside.items[0].ref
            # It said once that it repeats the one, and now says that it repeats the other.
            for repeated in (self.slug, self.later):
                again = replace(OPEN, recurrence_of=repeated)
                save_incident.save(self.beside, again, version=None, actor=world.ada)
        self.answer = ask.ask(
            founding.request(dry_run=True, at=founding.LAB_TIME), actor=world.ben, runtime=RUNTIME
        )
        self.decision = self.answer["id"]

    def _restricted_later(self, world: World) -> None:
        """A draft that everybody saw at first, with what each of them has of it."""
        told = replace(LATER, restricted=())
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            picture = attachments.add(Checked("tapir.txt", b"tapir"), actor=world.ada)
            self.attachment = picture.id
            prose = Prose(f"The lemur. [tapir](/attachments/{picture.id}/tapir.txt)")
            told = replace(told, sections=(Section("Summary", (prose,)),))
            incident = save_incident.save(None, told, version=None, actor=world.ada)
            self.later = incident.slug
            self.part = rows.to_document(incident).sections[0].blocks[0].id
            approvals.ask(self.later, STRANGERS, actor=world.ada)
        for name, actor in (("ada", world.ada), ("ben", world.ben)):
            with db.transaction(), visibility.seen_by(Viewer(name)):
                said = comments.add(
                    self.later, "A pangolin.", actor=actor, part=self.part, suggestion="Quokka."
                )
                self.comment = said.id
                typed = draft_values.content(draft_values.of_document(replace(told, title="The numbat")))
                drafts.save(DRAFTS[name], self.later, Typed(typed, "The numbat", 1), Mark("tab"), actor=actor)
        with db.transaction(), visibility.seen_by(Viewer("ben")):
            approvals.approve(self.later, actor=world.ben)
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            hidden = replace(told, restricted=("ada",), heading="Capybara")
            save_incident.save(self.later, hidden, version=None, actor=world.ada)


def bad() -> dict[str, Any]:
    return founding.BAD | {"request": founding.request(), "probes": {}}


@pytest.fixture
def story(world: World, clock: Clock) -> Story:
    return kept("a restricted incident", lambda: Story(world))


def addresses(world: World, story: Story) -> Iterator[str]:
    """Every address that can be read, with what is hidden and what is not in each of its places."""
    values = {
        "slug": (story.slug, story.later, story.beside, GUARD),
        "ref": (story.ref, story.beside_ref),
        "scenario_id": (str(story.scenario),),
        "decision_id": (story.decision,),
        "review_id": (str(story.review),),
        "number": (str(story.run),),
        "position": ("0",),
        "version": ("1", "2", "3"),
        "name": ("data8", "quagga", "author", *DRAFTS.values()),
        "attachment_id": (story.attachment,),
        "comment_id": (str(story.comment),),
        "secret": ("none",),
        "filename": ("app.css",),
    }
    assert world.app is not None
    for rule in world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for chosen in product(*(values.get(name, ("1",)) for name in sorted(rule.arguments))):
            built = rule.rule
            for name, value in zip(sorted(rule.arguments), chosen, strict=True):
                built = re.sub(rf"<(?:[^<>:]*:)?{name}>", value, built)
            yield built
    yield from (
        f"/api/v1/incidents/{story.beside}/diff?from=0&to=2&format={form}" for form in ("html", "patch")
    )
    for place in ("/attachments", "/api/v1/attachments"):
        yield from (f"{place}?incident={slug}" for slug in (story.slug, story.later))
    for listed in ("/incidents", "/api/v1/incidents", "/action-items", "/api/v1/action-items"):
        yield from (f"{listed}?q=2018&drafts=1", f"{listed}?service=data8&status=published")
    yield from (f"/api/v1/incidents?format={form}&drafts=1" for form in ("csv", "zip", "atom", "json"))
    yield from (f"/api/v1/action-items?format={form}" for form in ("csv", "ical", "json"))
    for name in ("process-fixes", *shelf.REPORTS):
        yield from (f"/api/v1/reports/{name}?format={form}" for form in ("csv", "markdown", "json"))
    yield from ("/action-items?status=any", "/action-items?unowned=1", "/gate?service=data8")


def text_of(answer: TestResponse) -> str:
    if answer.mimetype != "application/zip":
        return RANDOM.sub("", answer.text).casefold()
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return "\n".join(
            [
                *archive.namelist(),
                *(archive.read(name).decode(errors="replace") for name in archive.namelist()),
            ]
        )


def traces(text: str, address: str, story: Story) -> list[str]:
    """The words of the incident that an answer says and its address did not."""
    said = text.casefold()
    for hidden in (story.slug, story.later):
        said = said.replace(hidden, "") if hidden in address else said
    return [word for word in (story.slug, story.later, *WORDS) if word in said and word not in address]


def get(client: FlaskClient, address: str, headers: dict[str, str]) -> TestResponse:
    return client.get(address, headers=headers if address.startswith("/api/") else {})


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_finds_no_trace_at_any_address(world: World, story: Story, stranger: str) -> None:
    browser, headers = world.browser(stranger), world.headers(stranger)
    found, seen = {}, 0
    for address in addresses(world, story):
        answer = get(browser, address, headers)
        seen += answer.status_code == 200
        if left := traces(text_of(answer), address, story):
            found[address] = left

    assert found == {}
    assert seen > 40


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_hidden_answers_like_what_does_not_exist(world: World, story: Story, stranger: str) -> None:
    browser, headers = world.browser(stranger), world.headers(stranger)
    absent = {story.slug: "2018-01-26-none", story.later: "2018-01-27-none", story.ref: "AI-99"}
    for hidden, none in absent.items():
        for address in addresses(world, story):
            if f"/{hidden}" not in address:
                continue
            answers = [get(browser, address.replace(hidden, each), headers) for each in (hidden, none)]
            assert answers[0].status_code == answers[1].status_code >= 400, address
            texts = [FORM_TOKENS.sub("", answer.text) for answer in answers]
            assert texts[0].replace(hidden, none) == texts[1], address


def test_whom_it_names_sees_it(world: World, story: Story) -> None:
    browser, headers = world.browser("ada"), world.headers("ada")
    for address, word in (
        ("/incidents", "zanzibar"),
        ("/incidents?q=wombat", "zanzibar"),
        (f"/incidents/{story.slug}", "narwhal"),
        (f"/incidents/{story.slug}/history/1", "narwhal"),
        (f"/incidents/{story.slug}.md", "restricted: [ada]"),
        ("/action-items", "axolotl"),
        (f"/action-items/{story.ref}", "axolotl"),
        ("/reports/process-fixes", "zanzibar"),
        (f"/guards/{GUARD}", "zanzibar"),
        ("/api/v1/incidents", "zanzibar"),
        (f"/api/v1/incidents/{story.slug}", "narwhal"),
        ("/api/v1/action-items", "axolotl"),
        ("/api/v1/scenarios", story.slug),
        (f"/api/v1/guards/{GUARD}", "axolotl"),
    ):
        assert word in text_of(get(browser, address, headers)), address


def test_nobody_who_is_not_named_counts_it(world: World, story: Story) -> None:
    counts = {}
    for name in ("ada", "ben"):
        found = world.browser(name).get("/api/v1/reports/process-fixes", headers=world.headers(name)).json
        counts[name] = next(one["value"] for one in found["figures"] if one["name"] == "open")

    assert counts == {"ada": 2, "ben": 1}


def test_a_decision_says_that_there_is_one_and_no_more(world: World, story: Story) -> None:
    (guard,) = story.answer["guards"]

    assert guard["verdict"] == "fail"
    assert [link["incident"]["title"] for link in guard["because"]] == ["a restricted incident"]
    assert "a restricted incident" in world.browser("cy").get(f"/gate/{story.decision}").text


def test_a_decision_from_before_it_was_restricted_says_no_more_than_that(world: World, story: Story) -> None:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        stored = replace(OPEN, title="Zanzibar again", date=date(2018, 2, 1))
        stored = replace(stored, sections=(Section("Action items", (Item("Axolotl", guards=(GUARD,)),)),))
        incident = save_incident.save(None, stored, version=None, actor=world.ada)
    answer = ask.ask(founding.request(dry_run=True, at=founding.LAB_TIME), actor=world.ben, runtime=RUNTIME)
    assert "Zanzibar again" in str(answer)

    with db.transaction(), visibility.seen_by(Viewer("ada")):
        hidden = replace(stored, restricted=("ada",))
        save_incident.save(incident.slug, hidden, version=None, actor=world.ada)

    for address in (f"/gate/{answer['id']}", f"/api/v1/gate/decisions/{answer['id']}"):
        told = get(world.browser("cy"), address, world.headers("cy")).text
        assert "Zanzibar" not in told
        assert "Axolotl" not in told
        assert told.count("a restricted incident") == 1


def test_a_decision_that_cited_one_that_was_restricted_and_deleted_says_no_more(
    world: World, story: Story
) -> None:
    told = replace(OPEN, title="Zanzibar again", date=date(2018, 2, 1))
    told = replace(told, sections=(Section("Action items", (Item("Axolotl", guards=(GUARD,)),)),))
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        slug = save_incident.save(None, told, version=None, actor=world.ada).slug
    answer = ask.ask(founding.request(dry_run=True, at=founding.LAB_TIME), actor=world.ben, runtime=RUNTIME)
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        save_incident.save(slug, replace(told, restricted=("ada",)), version=None, actor=world.ada)
        operations.delete(slug, actor=world.system)

    for address in (f"/gate/{answer['id']}", f"/api/v1/gate/decisions/{answer['id']}"):
        said = get(world.browser("cy"), address, world.headers("cy")).text
        assert "Zanzibar" not in said
        assert "Axolotl" not in said


JSON = {"title": SECRET.title, "date": "2018-01-26"}
TEXT = f"---\ntitle: {SECRET.title}\ndate: 2018-01-26\n---\n"


@pytest.mark.parametrize(
    "sent, is_open",
    [
        ({"json": JSON}, False),
        ({"json": JSON | {"restricted": []}}, True),
        ({"data": TEXT, "content_type": "text/markdown"}, False),
        ({"data": TEXT.replace("date", "restricted: []\ndate"), "content_type": "text/markdown"}, True),
    ],
)
def test_only_what_says_so_opens_it_to_all(
    world: World, story: Story, sent: dict[str, Any], is_open: bool
) -> None:
    assert world.app is not None
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        slug = save_incident.save(
            None, Document(SECRET.title, restricted=("ada",)), version=None, actor=world.ada
        ).slug
    address = f"/api/v1/incidents/{slug}"
    headers = world.headers("ada") | {"If-Match": '"1"'}

    assert world.app.test_client().put(address, headers=headers, **sent).status_code == 200
    assert (world.app.test_client().get(address, headers=world.headers("cy")).status_code == 200) is is_open


def test_restoring_a_version_from_before_it_was_restricted_opens_nothing(world: World, story: Story) -> None:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        save_incident.save(story.beside, replace(OPEN, restricted=("ada",)), version=None, actor=world.ada)

    restored = world.browser("ada").send(f"/incidents/{story.beside}/history/1/restore")

    assert restored.status_code == 303
    assert world.browser("cy").get(f"/incidents/{story.beside}").status_code == 404


def test_taking_a_file_that_does_not_say_it_opens_nothing(world: World, story: Story) -> None:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        incident = save_incident.save(
            None, Document("Wombat", restricted=("ada",)), version=None, actor=world.ada
        )
        edits = Edits("https://git.example.org", "w.md", b"# Wombat", "# Wombat", "", "", 1)
        number = reviews.open_conflict(incident, edits, actor=world.system).id
    form = {"take": "file", "version": "1"}
    answered = world.browser("ada").send(f"/incidents/{incident.slug}/reviews/{number}", form)

    assert answered.status_code == 303
    assert world.browser("cy").get(f"/incidents/{incident.slug}").status_code == 404


def written(world: World, story: Story) -> Iterator[tuple[str, str]]:
    """Every address that takes something of an incident, draft or file, with a hidden one in its place."""
    values = {"slug": story.later, "attachment_id": story.attachment, "name": DRAFTS["ada"]}
    assert world.app is not None
    for rule in world.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - SAFE_METHODS):
            for place in values.keys() & rule.arguments:
                built = rule.rule
                for name in rule.arguments:
                    value = {"comment_id": str(story.comment), place: values[place]}.get(name, "1")
                    built = re.sub(rf"<(?:[^<>:]*:)?{name}>", value, built)
                yield method, built


@pytest.mark.parametrize("sent", [{}, {"text": "a", "title": "a", "reason": "a", "version": 1}])
def test_what_is_hidden_refuses_what_is_sent_like_what_does_not_exist(
    world: World, story: Story, sent: dict[str, Any]
) -> None:
    browser, headers = world.browser("ben"), world.headers("ben")
    absent = {story.later: "2018-01-27-none", story.attachment: "A" * 22, DRAFTS["ada"]: "d" * 32}
    form = {"csrf_token": browser.form_token(), **sent}
    differs, tried = [], 0
    for method, address in written(world, story):
        answers = []
        for hidden, none in absent.items():
            if hidden in address:
                for each in (address, address.replace(hidden, none)):
                    body = {"json": sent, "headers": headers} if each.startswith("/api/") else {"data": form}
                    answer = browser.open(each, method=method, **body)
                    answers.append(
                        (answer.status_code, FORM_TOKENS.sub("", answer.text).replace(hidden, none))
                    )
        tried += 1
        if answers[0] != answers[1]:
            differs.append((method, address, answers))

    assert differs == []
    assert tried > 40


def test_an_item_of_it_cannot_be_changed_by_a_stranger(world: World, story: Story) -> None:
    answers = [
        world.browser("ben").patch(
            f"/api/v1/action-items/{ref}", json={"owner": "@ben"}, headers=world.headers("ben")
        )
        for ref in (story.ref, "AI-99")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(story.ref, "AI-99") == answers[1].text


def test_a_scenario_of_it_cannot_be_touched_by_a_stranger(world: World, story: Story) -> None:
    browser, client = world.browser("ben"), world.browser("ben")
    page, api = f"/gate/scenarios/{story.scenario}", f"/api/v1/scenarios/{story.scenario}"
    form = {"incident": story.slug, "name": "mine", "kind": "bad", "as": "text", "facts": "{}"}

    acts = ("edit", "record-now", "drill", "live-drill", "delete")
    for path in (f"{page}/{act}" for act in acts):
        assert browser.send(path, form).status_code == 404
    for path in ("/gate/scenarios/new", "/gate/scenarios/new/record-now"):
        assert browser.send(path, form).status_code == 404
    for number in (story.scenario, 999):
        asked = founding.request() | {"drill": number}
        answer = client.post("/api/v1/gate/decisions", json=asked, headers=world.headers("ben"))
        assert answer.json["errors"][0]["detail"] == f"there is no scenario {number}"  # type: ignore[index]
    assert client.post(f"{api}/live-drills", headers=world.headers("ben")).status_code == 404
    assert client.patch(api, json={"name": "mine"}, headers=world.headers("ben")).status_code == 404
    text = f"incident: {story.slug}\nname: zanzibar\nkind: bad\nfacts: {{}}\n"
    headers = world.headers("ben") | {"Content-Type": "application/yaml"}
    assert client.post("/api/v1/guarding", data=text, headers=headers).status_code == 422
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        assert decisions_queries.scenario(story.scenario).name == "zanzibar"


def test_a_scenario_leaves_as_text_for_those_it_names_alone(world: World, story: Story) -> None:
    def told(name: str, query: str = "") -> str:
        return world.browser(name).get(f"/api/v1/guarding{query}", headers=world.headers(name)).text

    assert "zanzibar" not in told("ben", "?restricted=true") + told("ada")
    assert "zanzibar" in told("ada", "?restricted=true")


def test_the_same_title_gets_the_slug_that_it_would_have_had(world: World, story: Story) -> None:
    answer = world.browser("ben").post(
        "/api/v1/incidents",
        json={"title": SECRET.title, "date": "2018-01-26"},
        headers=world.headers("ben"),
    )

    assert answer.json["slug"] == "2018-01-26-zanzibar-payroll-leaked"


def test_nothing_is_left_of_one_that_was_deleted(world: World, story: Story) -> None:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        for slug in (story.slug, story.later):
            operations.delete(slug, actor=world.system)

    found = {
        address: left
        for address in addresses(world, story)
        if (left := traces(text_of(get(world.browser("ben"), address, world.headers("ben"))), address, story))
    }

    assert found == {}


def test_an_edit_of_a_guard_restates_what_its_editor_cannot_see(world: World, story: Story) -> None:
    with db.transaction(), visibility.seen_by(Viewer("ben")):
        guard_changes.edit(GUARD, {"level": "shadow"}, None, actor=world.ben, vault=VAULT)

    with db.reading(), visibility.seen_by(Viewer("ada")):
        (item,) = queries.by_slug(story.slug, world.ada).items
    shown = world.browser("ada").get(f"/api/v1/action-items/{item.ref}", headers=world.headers("ada")).json

    assert shown["protection"] == "shadow"
