"""What addresses lead to: of each kind one that all may see, one that Ada alone may, and one that is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from postmortems import clock, visibility
from postmortems.accounts import feed_addresses, sign_in
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.models import BrowserSession, FeedAddress, Token
from postmortems.accounts.teams import operations as teams
from postmortems.capture.chats.models import ChatAccount
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.exchange.imports import sources, staging
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.followup.bulk.models import PLANNED, BulkEdit
from postmortems.followup.views import operations as views
from postmortems.gate.decisions import ask
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.scenarios import operations as scenarios
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.attachments.image_process import Checked
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.drafts import draft_values
from postmortems.incidents.drafts import operations as drafts
from postmortems.incidents.mentions.models import Mention
from postmortems.notify.inbox.models import Notification
from postmortems.reviews import operations as reviews
from postmortems.reviews.operations import Edits
from postmortems.visibility import Viewer
from tests.gate import founding
from tests.runtimes import RUNTIME, VAULT
from tests.world import World

GUARD = "lab-hours"
NAMED = ("ada", "ned")
# Beside Ada the author, Ben the admin and Cy the viewer: Fay, who is named nowhere, and Ned, who is.
PEOPLE = {
    **{"ada": "author", "ben": "admin", "cy": "viewer", "fay": "author", "ned": "viewer"},
    **{"otto": "operator", "rita": "reviewer"},
}
# Who is asked to review what Ada wrote.
ASKED = "ned"
DRAFT = "a" * 32
# What belongs to one person alone: by the part of the address before it, the argument that says which.
PRIVATE = {
    "drafts": "name",
    "views": "number",
    "imports": "number",
    "import": "number",
    "bulk": "number",
    "notifications": "number",
    "mentions": "mention_id",
    "tokens": "token_id",
    "sessions": "session_id",
    "calendars": "address_id",
    "accounts": "account_id",
}
FILLED = {"name": "data8", "service": "data8", "position": "0", "secret": "none", "filename": "app.css"}
DOCUMENT = Document(
    title="Something went wrong",
    date=date(2018, 1, 26),
    severity="SEV2",
    status="draft",
    services=("data8/prod",),
    sections=(
        Section("Summary", (Prose("It was wrong for an hour."),)),
        Section("Timeline", (Entry("2018-01-26 14:30", "It went wrong."),)),
        Section("Action items", (Item("Look twice.", kind="process"), Item("Look again.", kind="process"))),
    ),
)


@dataclass(frozen=True)
class Places:
    """What may stand in one place of an address: what all see, what Ada alone sees, and what is not there."""

    shown: str
    hidden: str = ""
    absent: str = "987654321"


class Objects:
    """The objects, and by the argument of an address which of them stand in its place."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = tuple(PEOPLE)
        self._people()
        self._gate()
        shown, hidden = (self._incident(restricted) for restricted in ((), NAMED))
        with db.transaction():
            mine = self._belongings(shown["incident_id"])
        mine["imports"] = mine["import"] = self._import()
        absent = {"slug": "2018-01-26-none", "attachment_id": "A" * 22, "blocker": "AI-987654321"}
        absent["ref"] = absent["blocker"]
        self._of_incidents = {
            name: Places(str(value), str(hidden[name]), absent.get(name, Places.absent))
            for name, value in shown.items()
        }
        self._of_ada = {
            (part, name): Places(
                str(mine[part]), str(mine[part]), "d" * 32 if part == "drafts" else Places.absent
            )
            for part, name in PRIVATE.items()
        }

    def of(self, rule: str, name: str) -> Places:
        """What stands in this place of the address."""
        for (part, argument), places in self._of_ada.items():
            if name == argument and f"/{part}/" in rule:
                return places
        if name == "slug" and "incidents/" not in rule:
            return Places({"guards": GUARD, "teams": "lab"}.get(rule.split("/")[-2], GUARD))
        if name == "decision_id":
            return Places(self.decision)
        return self._of_incidents.get(name, Places(FILLED.get(name, "1")))

    def _people(self) -> None:
        world = self.world
        with db.transaction():
            for name, role in PEOPLE.items():
                if name not in world.tokens:
                    accounts.add_user(name, role, actor=world.system)
                    world.tokens[name] = accounts.add_token(name, "all", ["admin"], None, actor=world.system)[
                        1
                    ]
            teams.create("lab", "Lab", {"ada": False}, actor=world.system)

    def _gate(self) -> None:
        kind, config = founding.GUARDS[GUARD]
        fields = {"slug": GUARD, "title": "Labs", "kind": kind, "config": config, "targets": ["data8/prod"]}
        with db.transaction():
            guard_changes.create(fields, actor=self.world.ada, vault=VAULT)
        asked = founding.request(dry_run=True, at=founding.LAB_TIME)
        self.decision = ask.ask(asked, actor=self.world.ben, runtime=RUNTIME)["id"]

    def _incident(self, restricted: tuple[str, ...]) -> dict[str, Any]:
        """An incident with everything that an address can name of it."""
        ada = self.world.ada
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            document = replace(DOCUMENT, restricted=restricted)
            incident = save_incident.save(None, document, version=None, actor=ada)
            sources.remember(incident, "wrong.md", b"# Wrong", actor=ada)
            edits = Edits("https://git.example.org", "wrong.md", b"# Wrong", "# Wrong", "", "", 1)
            file = attachments.add(Checked("wrong.txt", b"wrong"), actor=ada)
            attachments.use(incident, "wrong.txt", file)
            approvals.ask(incident.slug, [ASKED], actor=ada)
            facts = founding.BAD | {"request": founding.request(), "probes": {}}
            shape = {"incident": incident.slug, "name": "wrong", "kind": "bad", "facts": facts}
            return {
                "slug": incident.slug,
                "incident_id": incident.id,
                "ref": incident.items[0].ref,
                "other_ref": incident.items[1].ref,
                "review_id": reviews.open_conflict(incident, edits, actor=self.world.system).id,
                "comment_id": comments.add(incident.slug, "Why?", actor=ada).id,
                "attachment_id": file.id,
                "scenario_id": scenarios.record(shape, actor=ada).id,
            }

    def _belongings(self, incident_id: int) -> dict[str, Any]:
        """What only Ada has: nobody else sees it, whatever their role."""
        ada, now = accounts_queries.account("ada"), clock.now()
        about = {"user_id": ada.id, "at": now}
        feed_addresses.make(actor=self.world.ada)
        sign_in.open_session(ada, now)
        mention = Mention(incident_id=incident_id, place="x", by="ben", **about)
        told = Notification(kind="mention", key="x", incident_id=incident_id, data={}, **about)
        bulk = BulkEdit(values={}, message="", state=PLANNED, total=0, by="ada", by_kind="person", at=now)
        chat = ChatAccount(
            user_id=ada.id, chat="slack", workspace="T", chat_user="U", chat_name="ada", linked_at=now
        )
        for row in (mention, told, bulk, chat):
            insert(row)
        fields = {"name": "Mine", "query": "owner=ada", "is_shared": False}
        typed = drafts.Typed(draft_values.content(draft_values.of_document(DOCUMENT)), "Mine", 0)
        drafts.save(DRAFT, None, typed, drafts.Mark("tab"), actor=self.world.ada)
        return {
            "drafts": DRAFT,
            "views": views.create(fields, actor=self.world.ada).id,
            "mentions": mention.id,
            "notifications": told.id,
            "bulk": bulk.id,
            "accounts": chat.id,
            "tokens": _first(Token, ada.id),
            "sessions": _first(BrowserSession, ada.id),
            "calendars": _first(FeedAddress, ada.id),
        }

    def _import(self) -> int:
        ada = self.world.ada
        run = staging.begin(ImportDefaults("data8", ""), "wrong.md", actor=ada)
        staging.stage(run, [ImportFile("wrong.md", b"# Wrong")], Left(), is_dry_run=True, actor=ada)
        return run


def _first(kind: type[Token] | type[BrowserSession] | type[FeedAddress], user_id: int) -> int:
    return session().scalars(select(kind.id).where(kind.user_id == user_id).limit(1)).one()
