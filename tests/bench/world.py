"""What the bench measures on: accounts, five guards with their evidence, and the incident to copy."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from postmortems.accounts import operations as accounts
from postmortems.accounts import sign_in
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.migrations import Growth
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
from postmortems.incidents.tallies.models import Tally, TallyGuard, TallyPlace, TallyTarget
from postmortems.search.models import SearchEntry
from tests.bench import bare, reports
from tests.runtimes import VAULT

DIGEST = "sha256:" + "ab" * 32
OPERATOR = Actor.system("bench")
JOBS = 200
# Seconds between two lines that say how far it is.
TOLD_EVERY = 10


@dataclass(frozen=True, slots=True)
class Seed:
    """What a fresh world has: a token and a session of its admin, an incident's slug, keys to ping with."""

    token: str
    session: str
    template: str
    jobs: tuple[str, ...]


def seed(url: str) -> Seed:
    """Put accounts, guards and one incident into a database that has its tables."""
    bare.prepare(db.connect(url))
    with db.transaction():
        token, session = _people()
        _guarded_service()
        jobs = _jobs()
        incident = save_incident.save(None, document(), version=None, actor=OPERATOR)
        return Seed(token, session, incident.slug, jobs)


def settle(url: str) -> None:
    """Work out what is kept of incidents that were copied by SQL, as a migration and `recount` do."""
    tell, engine = _Teller(), db.connect(url)
    with engine.connect() as connection:
        growth = Growth(connection, [SearchEntry.__table__])
        for done, count in search_entries.put_all(connection):
            growth.told(done)
            connection.commit()
            tell("indexed", done, count)
    with engine.connect() as connection:
        growth = Growth(connection, [kind.__table__ for kind in (Tally, TallyGuard, TallyPlace, TallyTarget)])

        def counted(done: int, count: int) -> None:
            growth.told(done)
            connection.commit()
            tell("counted", done, count)

        recount.mend(counted)
    db.disconnect()


class _Teller:
    """Says from time to time how far it is."""

    def __init__(self) -> None:
        self.told = time.monotonic()

    def __call__(self, what: str, done: int, count: int) -> None:
        if time.monotonic() - self.told >= TOLD_EVERY:
            self.told = time.monotonic()
            print(f"  {what} {done:,} of {count:,} incidents", file=sys.stderr, flush=True)


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
