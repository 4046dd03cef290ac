"""The founding incident in small: its facts, its items and the guards made for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.gate.enforcement import save_incident
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evidence, Guard, Service, Target
from postmortems.incidents.models import Incident
from tests.conftest import Clock
from tests.kept_rows import kept

ADA = Actor("person", "ada", role="author", user_id=1)
BEN = Actor("person", "ben", role="admin", user_id=2)
CY = Actor("person", "cy", role="viewer", user_id=3)
CI = Actor("token", "ada", role="author", user_id=1, token_id=7, scopes=frozenset({"gate:read"}))

OLD, NEW = "sha256:" + "51" * 32, "sha256:" + "8c" * 32
# What is about to be deployed, as `verify` is told.
CLAIM: dict[str, Any] = {"service": "data8", "target": "prod", "artifact": {"digest": NEW}}
LAB_TIME, AFTER_LABS = "2018-01-25T15:30:00-08:00", "2018-01-25T19:05:00-08:00"

GUARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "lab-hours": (
        "window",
        {
            "tz": "America/Los_Angeles",
            "starts": "09:00",
            "ends": "19:00",
            "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "reason": "labs",
        },
    ),
    "target-confirmed": ("target", {}),
    "staging-validated": ("attestation", {"predicate": "staging-validated", "target": "data8/staging"}),
    "staging-online": ("http", {"url": "http://127.0.0.1:9/hub/health"}),
}


def request(**changes: Any) -> dict[str, Any]:
    """A rightly named request for data8's production."""
    asked = {
        "service": "data8",
        "target": "prod",
        "declared_target": "data8/prod",
        "artifact": {"digest": NEW},
    }
    return asked | changes


BAD = {
    "at": LAB_TIME,
    "request": request(declared_target="biology/prod", artifact={"digest": OLD}),
    "evidence": [],
    "probes": {"staging-online": {"status": 503}},
}
GOOD = {
    "at": AFTER_LABS,
    "request": request(),
    "evidence": [
        {
            "kind": "attestation",
            "predicate": "staging-validated",
            "target": "data8/staging",
            "digest": NEW,
            "result": "passed",
            "observed_at": "2018-01-25T18:40:00-08:00",
        }
    ],
    "probes": {"staging-online": {"status": 200}},
}


def tell_services() -> None:
    """Store data8 and biology, and two targets of each, in a unit of work of their own."""
    kept("services", _stored_services)


def _stored_services() -> None:
    with db.transaction():
        add_services()


def add_services() -> None:
    there = set(session().scalars(select(Service.name)))
    for name in [name for name in ("data8", "biology") if name not in there]:
        targets = [Target(name=target, position=place) for place, target in enumerate(("staging", "prod"))]
        session().add(Service(name=name, title=name, targets=targets))
    session().flush()


def add_guard(slug: str, now: Any, *, level: str = "shadow", targets: tuple[str, ...] = ("prod",)) -> Guard:
    """One of `GUARDS` over targets of data8, as a row: for tests that are not about making guards."""
    kind, config = GUARDS[slug]
    service = session().query(Service).filter_by(name="data8").one()
    guard = Guard(
        slug=slug,
        title=slug,
        kind=kind,
        config=KINDS[kind].configured(config),
        level=level,
        remedy=f"what helps with {slug}",
        created_at=now,
        edited_at=now,
        targets=[target for target in service.targets if target.name in targets],
    )
    session().add(guard)
    session().flush()
    return guard


ITEMS = (
    Item("Know the policy.", guardability="attestable", guards=("staging-validated", "lab-hours")),
    Item(
        "Block promotion while staging is down.",
        guardability="enforceable",
        guards=("staging-online", "staging-validated"),
    ),
    Item("Show which deployment is about to change.", owner="@sam", guards=("target-confirmed",)),
)


def document(
    *items: Item, services: tuple[str, ...] = ("data8/prod",), title: str = "Accidental merge"
) -> Document:
    """The founding document with its three process fixes, or with other items."""
    return Document(
        title=title,
        date=date(2018, 1, 25),
        timezone="America/Los_Angeles",
        services=services,
        sections=(Section("Action items", (Category("Process"), *(items or ITEMS))),),
    )


def add_incident(*items: Item, **changes: Any) -> Incident:
    """The founding incident, stored; its items are AI-1 to AI-3 when it is the first."""
    return save_incident.save(None, document(*items, **changes), version=None, actor=ADA)


def attest(clock: Clock, digest: str = NEW, result: str = "passed") -> None:
    with db.transaction():
        staging = session().scalars(select(Target).where(Target.name == "staging")).first()
        session().add(
            Evidence(
                kind="attestation",
                target=staging,
                predicate="staging-validated",
                subject=digest,
                result=result,
                observed_at=clock.now(),
                received_at=clock.now(),
                issuer="ada",
            )
        )


def guards(answer: dict[str, Any]) -> dict[str, str]:
    return {one["guard"]: one["verdict"] for one in answer["guards"]}


def change(slug: str, **values: Any) -> None:
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == slug)).one()
        for name, value in values.items():
            setattr(guard, name, value)


def only(*slugs: str) -> None:
    """Leave these guards enabled."""
    with db.transaction():
        for guard in session().scalars(select(Guard).where(Guard.slug.in_(GUARDS))):
            guard.is_enabled = guard.slug in slugs


def tell(now: datetime, level: str = "soft") -> str:
    """Store the founding story, and those of its services that are missing; returns the incident's slug."""
    return kept(("founding story", now, level), lambda: _stored(now, level))


def _stored(now: datetime, level: str) -> str:
    with db.transaction():
        add_services()
        for slug in GUARDS:
            # An hour old, so that nothing depends on edits and observations of the same instant.
            add_guard(slug, now - timedelta(hours=1), level=level)
        incident = add_incident()
        for kind, name, facts in (
            ("bad", "in lab hours", BAD),
            ("good", "after the labs", GOOD),
        ):
            scenarios_operations.record(
                {"incident": incident.slug, "name": name, "kind": kind, "facts": facts}, actor=ADA
            )
        return incident.slug


WHY = "The labs of this week were cancelled, see the mail."


def result_of(answer: dict[str, Any], slug: str) -> dict[str, Any]:
    return next(one for one in answer["guards"] if one["guard"] == slug)
