"""Every stored value and every address × every reader: no word of a restricted incident reaches the unnamed.

Each text field of an incident holds a canary, whatever fields come to be; everything that works with it is
run, by people whom it names and by others. Then every column of every table is searched (what holds a canary
must be hidden with its incident), and every address is fetched by every reader.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from postmortems import clock, visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.egress.client import Egress
from postmortems.exchange.imports import apply, staging
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.gate.decisions import ask
from postmortems.gate.decisions import queries as scenarios
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.exemptions import overrides
from postmortems.gate.scenarios import capture
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards import trial
from postmortems.incidents import queries, rows
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.attachments.image_process import Checked
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.drafts import draft_values
from postmortems.incidents.drafts import operations as drafts
from postmortems.incidents.public_reports import operations as public_reports
from postmortems.incidents.public_reports.rules import PublicSection, PublicText
from postmortems.incidents.public_reports.surroundings import Surroundings
from postmortems.notify import event_reader, webhooks
from postmortems.notify.models import Message
from postmortems.notify.retry_schedule import Lent
from postmortems.reports.catalog import shelf
from postmortems.reviews import operations as reviews
from postmortems.reviews.operations import Edits
from postmortems.visibility import Viewer
from tests import kept_rows
from tests.apps import KEY
from tests.conftest import Clock
from tests.gate import founding
from tests.runtimes import RUNTIME, VAULT, with_egress
from tests.world import Browser, World

# Not one of them is a word that a page of ours has.
CANARY = re.compile(r"qanary[a-z]+", re.IGNORECASE)
DUE = date(2017, 11, 13)
ITEM = Item(
    "Feed the qanaryaxolotl.",
    owner="@qanarydugong",
    team="qanaryteam",
    due=DUE,
    priority="P0",
    kind="process",
    status="open",
    done_when="Once qanaryibis is fed.",
    outcome="A qanaryoutcome.",
    evidence="See qanaryproof.",
    guardability="enforceable",
    tickets=("QANARYTICK-1",),
    guards=("lab-hours", "promises", "qanaryguard"),
)
SECRET = Document(
    title="Qanaryzanzibar payroll leaked",
    date=date(2018, 1, 26),
    timezone="Europe/Berlin",
    severity="SEV1",
    status="draft",
    services=("data8/prod", "qanaryservice/qanarytarget"),
    tags=("qanaryokapi",),
    restricted=("ada", "eve"),
    extra=(("qanarykey", "qanaryvalue"),),
    heading="qanaryheading",
    recurrence_of="",
    sections=(
        Section("Summary of qanarysection", (Prose("The qanarywombat was let out."),)),
        Section("Timeline", (Entry("2018-01-26 14:30", "A qanarynarwhal was seen.", "Qanaryentry"),)),
        Section("Action items", (Category("Qanaryibexes"), ITEM)),
    ),
)
OPEN = Document(
    "Open to all",
    date=date(2018, 1, 26),
    services=("data8/prod",),
    sections=(Section("Action items", (Item("Look twice.", kind="process", guards=("lab-hours",)),)),),
)
FILE = "qanaryfile.md"
DRAFT = "a" * 32
GUARDS = {
    "lab-hours": founding.GUARDS["lab-hours"],
    "promises": ("open_items", {"priorities": [], "states": ["open", "overdue"]}),
    "calm": ("halt", {"incident_open": True}),
}
NAMED = {"ada", "eve"}
READERS = ("nobody", "cy", "fay", "ben", "ada", "eve", "ci")
DUE_FORMS = ("2017-11-13", "20171113", "13 Nov")
# What holds a value of a fixed form, where no canary fits.
OF_DOCUMENT = {"date", "timezone", "severity", "status", "recurrence_of", "restricted"}
OF_ENTRY = {"id", "written", "kind"}
OF_ITEM = {"blocked_by", "id", "status", "priority", "kind", "guardability", "reason"}
# What is hidden with its incident, read by whom it names alone, or kept for nobody to read.
HIDDEN_WITH_IT = {
    "action_items",
    "affected",
    "attachment_uses",
    "attachments",
    "categories",
    "comments",
    "conflicts",
    "drafts",
    "drills",
    "entries",
    "events",
    "import_files",
    "import_runs",
    "incident_warnings",
    "incidents",
    "item_guards",
    "prose",
    "public_reports",
    "reviews",
    "revisions",
    "scenarios",
    "search_entries",
    "sections",
    "skipped_reports",
    "sources",
    "standings",
    "stored_files",
    "tallies",
    "tally_places",
    "tally_targets",
}
# What was told of an incident while it was public is stored as it was given: it is withheld when it is shown,
# and not sent any more.
TOLD_BEFORE = {"decisions", "outbox"}


class Recording(Egress):
    """A way out that leads nowhere: what would have gone out is kept."""

    def __init__(self) -> None:
        super().__init__(())
        self.bodies: list[str] = []

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.bodies.append(f"{url} {options}")
        return SimpleNamespace(status=204, headers={}, body=b"")


class Story:
    """An incident with a canary in every field, what works with it, and one beside it for everybody."""

    def __init__(self, world: World, document: Document) -> None:
        self.world = world
        self.browsers: dict[str, Browser] = {}
        self.answers: dict[str, Any] = {}
        self._people()
        self._guards()
        self._keep(document)

    def _people(self) -> None:
        world = self.world
        with db.transaction():
            for name in ("eve", "fay"):
                accounts.add_user(name, "author", actor=world.system)
                scopes = ["read", "write", "gate:read"]
                world.tokens[name] = accounts.add_token(name, "all", scopes, None, actor=world.system)[1]
            fay = accounts_queries.account("fay")
            self.fay = Actor("person", fay.name, role=fay.role, user_id=fay.id)
            world.tokens["ci"] = accounts.add_token("fay", "ci", ["gate:read"], None, actor=world.system)[1]

    def _guards(self) -> None:
        with db.transaction():
            for slug, (kind, config) in GUARDS.items():
                shape = {"slug": slug, "title": "A guard", "kind": kind, "config": config, "override": "one"}
                guard = guard_changes.create(
                    shape | {"targets": ["data8/prod"]}, actor=self.world.ben, vault=VAULT
                )
                guard.level = "soft"
            webhooks.add("all", "https://hooks.example.org/x", ["*"], actor=self.world.ben, vault=VAULT)

    def _keep(self, document: Document) -> None:
        """Its file, a conflict, an import, a scenario, and beside it an incident that repeats it."""
        world, words = self.world, "# The qanarywombat of another\n"
        text = parser.write(document).encode()
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            self.slug = apply.import_document(document, FILE, actor=world.ada, content=text).slug
            incident = queries.by_slug(self.slug, world.ada)
            self.number, self.ref = incident.id, incident.items[0].ref
            file = attachments.add(Checked("qanarypicture.txt", b"A qanarycontent."), actor=world.ada)
            attachments.use(incident, "img/qanarylink.txt", file)
            self.attachment = file.id
            self._keep_drafts(document)
            edits = Edits("https://git.example.org", FILE, words.encode(), words, words, words, 1)
            said = {"part": self.ref, "suggestion": "Feed the qanarylynx."}
            self.comment = comments.add(self.slug, "Why qanaryemu?", actor=world.ada, **said).id
            approvals.ask(self.slug, ["eve"], actor=world.ada)
            approvals.skip(self.slug, "The qanarymoa is a drill.", actor=world.ada)
            public = PublicText(
                "Qanaryheron", "Qanarystork", (PublicSection("Qanarycrane", "A qanaryibis."),)
            )
            public_reports.save(
                self.slug, public, ["qanarybittern"], version=0, actor=world.system, place=Surroundings()
            )
            self.review = reviews.open_conflict(incident, edits, actor=world.system).id
        self.run = staging.begin(ImportDefaults("data8", ""), FILE, actor=world.ada)
        staging.stage(self.run, [ImportFile(FILE, text)], Left(), is_dry_run=True, actor=world.ada)
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            facts = founding.BAD | {"request": founding.request(), "probes": {}}
            shape = {
                "incident": self.slug,
                "name": "qanaryscenario",
                "kind": "bad",
                "description": "Qanaryfacts",
            }
            self.scenario = scenarios_operations.record(shape | {"facts": facts}, actor=world.ada).id
            repeats = replace(OPEN, recurrence_of=self.slug)
            beside = save_incident.save(None, repeats, version=None, actor=world.ada)
            self.beside, self.beside_ref = beside.slug, beside.items[0].ref

    def _keep_drafts(self, document: Document) -> None:
        """What people it names and, while it was public, others typed into its form."""
        content = draft_values.content(draft_values.of_document(document), "qanarymessage")
        typed, world = drafts.Typed(content, document.title, 1), self.world
        for actor in (world.ada,) if document.restricted else (world.ada, world.ben, self.fay):
            drafts.save(DRAFT, self.slug, typed, drafts.Mark("tab"), actor=actor)

    def work(self) -> None:
        """Everything that stores what it judged, by somebody named, by others and by a pipeline."""
        world = self.world
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            save_incident.edit_item(self.ref, {"text": "Feed the qanaryaxolotl twice."}, actor=world.ada)
        for name, actor in (("ada", world.ada), ("ben", world.ben), ("fay", founding.CI)):
            with visibility.seen_by(Viewer(name)):
                self.answers[name] = ask.ask(founding.request(), actor=actor, runtime=RUNTIME)
                for guard in GUARDS if actor.is_person else ():
                    trial.run(guard, {}, actor=actor, egress=RUNTIME.egress)
        facts = founding.BAD | {"request": founding.request(), "probes": {}, "evidence": []}
        with visibility.seen_by(Viewer("ada")):
            seen = capture.record_now(facts, actor=world.ada, egress=RUNTIME.egress).facts
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            shape = {"incident": self.beside, "name": "recorded", "kind": "bad", "facts": seen}
            self.beside_scenario = scenarios_operations.record(shape, actor=world.ada).id
        self.decision = self.answers["ada"]["id"]
        self._override()
        with db.transaction():
            event_reader.tell(clock.now())

    def _override(self) -> None:
        with db.transaction(), visibility.seen_by(Viewer("ben")):
            stops = [one["guard"] for one in self.answers["ada"]["guards"] if one["effective"] == "block"]
            asked = {"guards": stops, "reason": "It burns and has to be mended now."}
            override = overrides.request(self.decision, asked, actor=self.world.ada)
            overrides.grant(override.id, actor=self.world.ben)

    def restrict(self) -> None:
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            now = rows.to_document(queries.by_slug(self.slug, self.world.ada))
            now = replace(now, restricted=SECRET.restricted)
            save_incident.save(self.slug, now, version=None, actor=self.world.ada)


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}


@pytest.fixture
def secret(world: World, clock: Clock) -> Story:
    """Restricted from its first save."""
    return _kept(world, "secret", SECRET)


@pytest.fixture
def since(world: World, clock: Clock) -> Story:
    """Public while everything was done with it, and restricted since."""
    return _kept(world, "since", replace(SECRET, restricted=()))


def _kept(world: World, name: str, document: Document) -> Story:
    story = kept_rows.kept(("canaries", name), lambda: _told(replace(world, app=None), document))
    story.world.app = world.app
    return story


def _told(world: World, document: Document) -> Story:
    story = Story(world, document)
    story.work()
    if not document.restricted:
        story.restrict()
    return story


def values(story: Story) -> dict[str, tuple[str, ...]]:
    return {
        "slug": (story.slug, story.beside, *GUARDS),
        "ref": (story.ref, story.beside_ref),
        "scenario_id": (str(story.scenario), str(story.beside_scenario)),
        "incident_id": (str(story.number),),
        "decision_id": tuple(answer["id"] for answer in story.answers.values()),
        "comment_id": (str(story.comment),),
        "review_id": (str(story.review),),
        "number": (str(story.run),),
        "attachment_id": (story.attachment,),
        "position": ("0",),
        "version": ("1", "2"),
        "name": ("data8", "author", "qanaryservice", DRAFT),
        "secret": ("none",),
        "filename": ("app.css",),
    }


def addresses(story: Story) -> Iterator[str]:
    """Every address that can be read, with what is hidden and what is not in each of its places."""
    known = values(story)
    assert story.world.app is not None
    for rule in story.world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for chosen in product(*(known.get(name, ("1",)) for name in sorted(rule.arguments))):
            built = rule.rule
            for name, value in zip(sorted(rule.arguments), chosen, strict=True):
                built = re.sub(rf"<(?:[^<>:]*:)?{name}>", value, built)
            yield built
    for listed in ("/incidents", "/api/v1/incidents", "/action-items", "/api/v1/action-items"):
        yield from (f"{listed}?q={word}" for word in ("qanarywombat", "qanaryaxolotl", "2018&drafts=1"))
    for listed in ("/search", "/search/picks", "/api/v1/search"):
        yield from (
            f"{listed}?q={word}" for word in ("qanarywombat", "qanaryaxolotl", "is:restricted", "-tag:x")
        )
    forms = ("csv", "zip", "zip&style=canonical", "zip&layout=hugo", "atom", "json")
    yield from (f"/api/v1/incidents?format={form}&drafts=1" for form in forms)
    yield from (f"/api/v1/incidents/{story.beside}?format={form}" for form in ("html", "json", "markdown"))
    yield from (f"/api/v1/action-items?format={form}" for form in ("csv", "ical", "json"))
    for name in ("process-fixes", *shelf.REPORTS):
        yield from (f"/api/v1/reports/{name}?format={form}" for form in ("csv", "markdown", "json"))
    yield from (f"/attachments?incident={slug}" for slug in known["slug"])
    yield from (f"/api/v1/attachments?incident={slug}" for slug in known["slug"])
    yield from ("/action-items?status=any", "/gate?service=data8", "/gate/findings?state=settled")


def fetched(story: Story, reader: str, address: str) -> TestResponse:
    """What this reader gets: a person by cookie on pages and by a token of their own under /api/."""
    world, is_api = story.world, address.startswith("/api/")
    assert world.app is not None
    if reader == "nobody" or (reader == "ci" and not is_api):
        return world.app.test_client().get(address)
    if is_api:
        return world.app.test_client().get(address, headers=world.headers(reader))
    if reader not in story.browsers:
        story.browsers[reader] = world.browser(reader)
    return story.browsers[reader].get(address)


def said(answer: TestResponse) -> str:
    told = f"{answer.headers}\n"
    if answer.mimetype != "application/zip":
        return told + answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        texts = [archive.read(name).decode(errors="replace") for name in archive.namelist()]
        return told + "\n".join([*archive.namelist(), *texts])


def canaries(text: str, address: str = "") -> set[str]:
    """The canaries in it that its own address did not name, and the due date."""
    found = {word.casefold() for word in CANARY.findall(text)}
    found |= {form for form in DUE_FORMS if form in text}
    return {word for word in found if word not in address}


def test_every_field_of_a_document_holds_a_canary() -> None:
    entry, item = SECRET.sections[1].blocks[0], SECRET.sections[2].blocks[1]
    for value, others in ((SECRET, OF_DOCUMENT), (entry, OF_ENTRY), (item, OF_ITEM)):
        bare = {
            field.name
            for field in fields(value)  # type: ignore[arg-type]
            if not canaries(str(getattr(value, field.name)))
        }
        assert bare == others


@pytest.mark.parametrize("kept", ["secret", "since"])
def test_only_what_is_hidden_with_it_stores_its_words(kept: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(kept)
    holding: dict[str, set[str]] = {}
    with db.reading():
        for table in Base.metadata.sorted_tables:
            for row in session().connection().execute(select(table)):
                if found := canaries(str(tuple(row))):
                    holding.setdefault(table.name, set()).update(found)

    told = {name: words for name, words in holding.items() if name not in HIDDEN_WITH_IT}
    assert set(told) <= (TOLD_BEFORE if kept == "since" else set()), told
    assert {"incidents", "action_items", "entries", "prose", "revisions", "events", "sources"} <= set(holding)


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader not in NAMED])
@pytest.mark.parametrize("kept", ["secret", "since"])
def test_no_word_of_it_is_said_to_whom_it_does_not_name(
    kept: str, reader: str, request: pytest.FixtureRequest
) -> None:
    story = request.getfixturevalue(kept)
    found, seen = {}, 0
    for address in addresses(story):
        answer = fetched(story, reader, address)
        seen += answer.status_code == 200
        if left := canaries(
            said(answer).replace(story.slug, "" if story.slug in address else story.slug), address
        ):
            found[address] = left

    assert found == {}
    assert seen > (5 if reader in {"nobody", "ci"} else 40)


@pytest.mark.parametrize("reader", sorted(NAMED))
def test_whom_it_names_reads_it(secret: Story, reader: str) -> None:
    for address, word in (
        (f"/incidents/{secret.slug}", "qanarynarwhal"),
        (f"/api/v1/incidents/{secret.slug}", "qanarywombat"),
        (f"/action-items/{secret.ref}", "qanaryaxolotl"),
        (f"/incidents/{secret.beside}", secret.slug),
        ("/api/v1/action-items", "qanarydugong"),
    ):
        assert word in said(fetched(secret, reader, address)).casefold(), address


def test_the_verdict_is_the_same_whoever_asks(secret: Story) -> None:
    told = [
        [
            {
                name: one[name]
                for name in ("guard", "verdict", "reason_code", "summary", "observed", "expected")
            }
            for one in answer["guards"]
        ]
        for answer in secret.answers.values()
    ]

    assert len(told) == 3
    assert told[0] == told[1] == told[2]
    (promises,) = [one for one in told[0] if one["guard"] == "promises"]
    assert promises["verdict"] == "fail"
    assert secret.ref not in str(told)
    assert "restricted" in promises["summary"]


def test_what_is_restricted_since_is_no_longer_told_by_number(since: Story) -> None:
    number = re.compile(rf"{since.ref}\b")
    for address in (f"/gate/{since.decision}", f"/api/v1/gate/decisions/{since.decision}"):
        assert not number.search(said(fetched(since, "cy", address))), address
    for address in ("/guards/promises", "/api/v1/guards/promises/evaluations"):
        assert not number.search(said(fetched(since, "cy", address))), address


def writes(story: Story) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """Requests that change something or are refused: method, address, JSON or Markdown, and headers."""
    hidden, beside = f"/api/v1/incidents/{story.slug}", f"/api/v1/incidents/{story.beside}"
    item, other = f"/api/v1/action-items/{story.ref}", f"/api/v1/action-items/{story.beside_ref}"
    scenario, theirs = (f"/api/v1/scenarios/{n}" for n in (story.scenario, story.beside_scenario))
    decision = f"/api/v1/gate/decisions/{story.decision}"
    text = f"---\ntitle: {SECRET.title}\nrecurrence_of: {story.slug}\n---\n\n## Summary\n\nSent.\n"
    markdown_type = {"Content-Type": "text/markdown"}
    yield "POST", "/api/v1/incidents", text, markdown_type
    yield "POST", f"/api/v1/incidents?name={FILE}", text, markdown_type
    for address in (hidden, beside):
        for tag in ('"1"', '"99"', "*"):
            yield "PUT", address, text, markdown_type | {"If-Match": tag}
            yield "PUT", f"{address}?merge=true", text, markdown_type | {"If-Match": tag}
    for address in (item, other):
        yield "PATCH", address, {"text": "Look again.", "status": "done"}, {}
    for address in (scenario, theirs):
        yield "PATCH", address, {"name": "another", "revision": 99}, {}
        yield "PATCH", address, {"description": "Another.", "revision": 1}, {}
        yield "POST", f"{address}/drill", None, {}
        yield "POST", f"{address}/live-drills", None, {}
    yield "POST", "/api/v1/scenarios", {"incident": story.slug, "name": "x", "kind": "bad", "facts": {}}, {}
    yield "POST", "/api/v1/gate/decisions", founding.request(), {}
    yield "POST", "/api/v1/gate/decisions", founding.request(), {"Idempotency-Key": "once"}
    yield "POST", "/api/v1/gate/decisions", founding.request(), {"Idempotency-Key": "once"}
    yield "POST", "/api/v1/gate/decisions?http=verdict", founding.request(dry_run=True), {}
    yield (
        "POST",
        f"{decision}/verify",
        {"service": "data8", "target": "prod", "artifact": {"sha": "a" * 40}},
        {},
    )
    yield "POST", f"{decision}/overrides", {"guards": ["promises"], "reason": "It has to go out today."}, {}
    for guard in GUARDS:
        yield "POST", f"/api/v1/guards/{guard}/test", {}, {}
        yield "PATCH", f"/api/v1/guards/{guard}", {"title": "Another", "revision": 99}, {}
    for address in (hidden, beside):
        said, review = f"{address}/comments", f"{address}/review"
        yield "POST", review, {"reviewers": ["cy", "eve"]}, {}
        yield "POST", f"{review}/approval", {"version": 1}, {}
        yield "DELETE", f"{review}/approval", None, {}
        yield "PUT", f"{review}/skip", {"reason": "No."}, {}
        yield "DELETE", f"{review}/skip", None, {}
        public = f"{address}/public-report"
        yield "PUT", public, {"title": "Another", "sections": [{"text": "Another."}]}, {}
        yield "PUT", f"{public}/approval", None, {}
        yield "POST", f"{public}/approval", {"digest": "0" * 64}, {}
        yield "DELETE", f"{public}/approval", None, {}
        yield "POST", f"{public}/publication", None, {}
        yield "DELETE", f"{public}/publication", None, {}
        yield "DELETE", public, None, {}
        yield "POST", said, {"text": "Look.", "part": story.ref}, {}
        yield "PATCH", f"{said}/{story.comment}", {"text": "Look.", "resolved": True}, {}
        yield "POST", f"{said}/{story.comment}/apply", None, {}
        yield "DELETE", f"{said}/{story.comment}", None, {}
    for address in (scenario, item, hidden):
        yield "DELETE", address, None, {}


@pytest.mark.parametrize("reader", ["cy", "fay", "ben", "ci"])
@pytest.mark.parametrize("kept", ["secret", "since"])
def test_no_answer_to_a_change_says_a_word_of_it(
    kept: str, reader: str, request: pytest.FixtureRequest
) -> None:
    story = request.getfixturevalue(kept)
    assert story.world.app is not None
    number, found, statuses = re.compile(rf"{story.ref}\b"), {}, set()
    for method, address, body, more in writes(story):
        sent = {"data": body} if isinstance(body, str) else {"json": body}
        headers = story.world.headers(reader) | more
        answer = story.world.app.test_client().open(address, method=method, headers=headers, **sent)
        statuses.add(answer.status_code)
        text = said(answer).replace(story.slug, "") if story.slug in f"{address}{body}" else said(answer)
        # What somebody sent comes back to them.
        left = canaries(text, address) - canaries(str(body))
        if left or (story.ref not in address and number.search(text)):
            found[method, address] = left, answer.status_code

    assert found == {}
    assert statuses >= ({403, 404, 409} if reader in {"fay", "ben"} else {403, 404})


def test_what_was_recorded_of_an_item_is_withheld_and_stays(since: Story) -> None:
    world = since.world
    assert world.app is not None
    address = f"/api/v1/scenarios/{since.beside_scenario}"
    client, headers = world.app.test_client(), world.headers("fay")
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        before = scenarios.scenario(since.beside_scenario).facts
    shown = client.get(address, headers=headers).json
    pages = [
        since.world.browser("fay").get(f"/gate/scenarios/{since.beside_scenario}{end}").text
        for end in ("", "/edit")
    ]
    more = {"kind": "facts", "target": "data8/prod", "observed_at": before["at"]}
    evidence = [*shown["facts"]["evidence"], more]
    changed = client.patch(address, json={"facts": shown["facts"] | {"evidence": evidence}}, headers=headers)
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        after = scenarios.scenario(since.beside_scenario).facts
        again = [*scenarios_queries.drills(scenarios.scenario(since.beside_scenario))]

    hidden = [one for one in before["evidence"] if one["kind"] == "item" and one["data"]["id"] == since.ref]
    assert len(hidden) == 1
    assert all(one["data"]["id"] != since.ref for one in shown["facts"]["evidence"] if one["kind"] == "item")
    assert not any(since.ref in page for page in pages)
    assert changed.status_code == 200, changed.text
    assert hidden[0]["data"] in [one["data"] for one in after["evidence"] if one["kind"] == "item"]
    assert len(after["evidence"]) == len(before["evidence"]) + 1
    assert [since.ref in str(one.results) for one in again] == [False] * len(again)


def test_no_message_that_waited_is_sent_with_a_word_of_it(since: Story) -> None:
    with db.reading():
        waiting = session().scalars(select(Message).order_by(Message.id)).all()
        lent = [Lent(row.id, row.channel, row.receiver, row.about, row.payload, 0) for row in waiting]
    went = Recording()
    outcomes = [webhooks.send(one, with_egress(went)) for one in lent]

    assert any(canaries(str(one.payload)) for one in lent)
    assert {outcome.is_sent for outcome in outcomes} == {True, False}
    assert canaries("".join(went.bodies)) == set()
