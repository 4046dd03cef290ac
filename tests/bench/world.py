"""What the bench measures on: accounts, five guards with their evidence, any number of incidents."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from postmortems.accounts import operations as accounts
from postmortems.accounts import sign_in
from postmortems.actor import Actor
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.exchange.imports import import_file
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.tallies import recount
from postmortems.guards import operations as guards
from postmortems.guards.kinds.heartbeat import pings
from postmortems.incidents import search_entries
from postmortems.incidents.models import Incident
from tests.bench import bare, clones, reports
from tests.runtimes import VAULT

FILLED_FROM = 100_000_000
DIGEST = "sha256:" + "ab" * 32
OPERATOR = Actor.system("bench")
JOBS = 200


@dataclass(frozen=True, slots=True)
class World:
    """One database, filled. `template` is the slug of the incident that all others are copies of."""

    url: str
    token: str
    session: str
    template: str
    rows: clones.Rows
    jobs: tuple[str, ...]


def build(url: str, incidents: int) -> World:
    """Fill a fresh database."""
    engine = db.connect(url)
    migrations.upgrade(engine)
    bare.prepare(engine)
    with db.transaction():
        token, session = _people()
        _guarded_service()
        jobs = _jobs()
        incident = save_incident.save(None, document(), version=None, actor=OPERATOR)
    with engine.begin() as connection:
        rows = clones.of(connection, incident)
        clones.fill(connection, rows, incidents - 1, FILLED_FROM)
        for _ in search_entries.put_all(connection):
            pass
    recount.mend()
    _settle(url)
    return World(url, token, session, incident.slug, rows, jobs)


def document(title: str = "A proxy runs out of memory") -> Document:
    """Ten entries and three items, one of them a process fix."""
    text = (
        "The proxy is restarted once more, and again no route survives. Somebody writes down what they see. "
        * 2
    )
    entries = tuple(Entry(f"2024-05-06 1{n}:15", text.strip(), kind="note") for n in range(10))
    items = (
        Category("Process"),
        Item("Deploy outside lectures only.", owner="@sam", due=date(2024, 6, 1), status="open"),
        Category("Technical"),
        Item("Give the proxy more memory.", owner="@kai", status="done"),
        Item("Keep routes over a restart.", due=date(2024, 7, 1), status="open"),
    )
    sections = (
        Section("Summary", (Prose(text.strip()),)),
        Section("Timeline", entries),
        Section("Conclusion", (Prose(text.strip()),)),
        Section("Action items", items),
    )
    return Document(
        title=title,
        date=date(2024, 5, 6),
        timezone="Europe/Berlin",
        severity="SEV2",
        status="published",
        services=("bench",),
        sections=sections,
    )


def _people() -> tuple[str, str]:
    user = accounts.add_user("bench", "admin", actor=OPERATOR)
    _, token = accounts.add_token("bench", "bench", ["read", "gate:read"], None, actor=OPERATOR)
    return token, sign_in.open_session(user, datetime.now(UTC))


def _guarded_service() -> None:
    """Five guards on stored evidence: nothing has to be looked at outside while a decision is made."""
    guards.save_service("bench", "Bench", ["staging", "prod"], actor=OPERATOR)
    for predicate in ("staging-validated", "load-tested"):
        _guard(predicate, "attestation", {"predicate": predicate, "target": "bench/staging"})
        guards.attest(
            {
                "predicate": predicate,
                "subject": {"digest": DIGEST},
                "service": "bench",
                "target": "staging",
                "result": "passed",
                "observed_at": datetime.now(UTC).isoformat(),
            },
            actor=OPERATOR,
        )
    lectures = {
        "tz": "Europe/Berlin",
        "starts": "03:00",
        "ends": "03:01",
        "rrule": "FREQ=DAILY",
        "reason": "lectures",
    }
    _guard("lectures", "window", lectures)
    _guard("backups", "window", lectures | {"starts": "04:00", "ends": "04:01", "reason": "backups"})
    _guard("target-confirmed", "target", {})


def _jobs() -> tuple[str, ...]:
    """Jobs that ping, each by its key: so many that none pings more often than it may."""
    guards.save_service("jobs", "Jobs", ["nightly"], actor=OPERATOR)
    slugs = [f"job-{number}" for number in range(JOBS)]
    for slug in slugs:
        guards.create(
            {"slug": slug, "kind": "heartbeat", "targets": ["jobs/nightly"]}, actor=OPERATOR, vault=VAULT
        )
    return tuple(pings.make_key(slug, actor=OPERATOR) for slug in slugs)


def _guard(slug: str, kind: str, config: dict[str, object]) -> None:
    fields = {"slug": slug, "title": slug, "kind": kind, "config": config, "targets": ["bench/prod"]}
    guard_changes.create(fields, actor=OPERATOR, vault=VAULT)


def _settle(url: str) -> None:
    """Let the database know how its tables look now, as autovacuum would have by itself."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def question(target: str = "prod") -> str:
    """A request for a decision, as a pipeline sends it."""
    asked = {
        "service": "bench",
        "target": target,
        "declared_target": f"bench/{target}",
        "artifact": {"digest": DIGEST},
    }
    return json.dumps(asked)


def save_one(number: int) -> Incident:
    """Save a new incident of ten entries by the ordinary operation, in its own unit of work."""
    with db.transaction():
        named = replace(document(), title=f"A proxy runs out of memory, number {number}")
        return save_incident.save(None, named, version=None, actor=OPERATOR)


def import_one(number: int) -> str:
    """Import a report by the ordinary operation, in its own unit of work."""
    found = ImportFile(f"report-{number}.md", reports.text(number).encode())
    return import_file.bring(found, ImportDefaults(), actor=OPERATOR).result
