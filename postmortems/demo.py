"""Demo data: public incidents in our own words, the services they hit, and guards for them.

It comes in by the ordinary operations, so it shows nothing that a user could not make, and a guard gets its
level from a drill like any other. Its rows carry `is_demo`; removing takes those away and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, or_, select

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.errors import Conflict, Invalid
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.models import Decision, Finding, Override, Scenario, Waiver
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.guards import operations as guards
from postmortems.guards.models import Evaluation, Evidence, Guard, LastSaid, Service, Target
from postmortems.incidents import operations as incidents
from postmortems.incidents.models import ActionItem, Affected, Incident, ItemGuard
from postmortems.vault.encryption import Vault

DATA = Path(__file__).resolve().parents[1] / "data" / "demo"
# First in an empty database, so that its items are AI-1 to AI-3.
FOUNDING = "2018-01-25-accidental-merge-to-prod"

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each sort came or went, and what had to stay, each with its reason."""

    incidents: int = 0
    services: int = 0
    guards: int = 0
    scenarios: int = 0
    kept: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`10 incidents, 4 services, 14 guards, 13 scenarios`."""
        sums = {
            "incident": self.incidents,
            "service": self.services,
            "guard": self.guards,
            "scenario": self.scenarios,
        }
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in sums.items())


def load(actor: Actor, vault: Vault) -> Counts:
    """Bring in what of the demo is not there yet; what is there stays as people have made it.

    Raises `Conflict` when a service, guard or incident of one's own has a demo name; then nothing is written.
    """
    permissions.require(actor, "demo.manage")
    services, wanted = _read("services.yaml"), _read("guards.yaml")
    paths = sorted(DATA.glob("incidents/*.md"), key=lambda path: (path.stem != FOUNDING, path.stem))
    documents = {path.stem: path.read_text() for path in paths}
    there = (
        _there(Service.name, Service.is_demo, [fields["name"] for fields in services], "service"),
        _there(Guard.slug, Guard.is_demo, [fields["slug"] for fields in wanted], "guard"),
        _there(Incident.slug, Incident.is_demo, list(documents), "incident"),
    )
    new_services = [fields for fields in services if fields["name"] not in there[0]]
    new_guards = [fields for fields in wanted if fields["slug"] not in there[1]]
    new_documents = {slug: text for slug, text in documents.items() if slug not in there[2]}
    for fields in new_services:
        _add_service(fields, actor)
    for fields in new_guards:
        _add_guard(fields, actor, vault)
    for slug, text in new_documents.items():
        _add_incident(slug, text, actor)
    scenarios = _add_scenarios(actor)
    low = tuple(filter(None, (_raise_level(fields, actor, vault) for fields in new_guards)))
    counts = Counts(len(new_documents), len(new_services), len(new_guards), scenarios, low)
    if counts != Counts():
        audit.record(actor, "demo.loaded", "demo", "demo", counts=str(counts))
    return counts


def remove(actor: Actor) -> Counts:
    """Remove the demo, and nothing else.

    A demo guard that an item of one's own names stays, with its service; so does a service that a guard or an
    incident of one's own is about. The counts say so.
    """
    permissions.require(actor, "demo.manage")
    _hold_what_decisions_change()
    slugs = list(session().scalars(select(Incident.slug).where(Incident.is_demo)))
    scenarios = list(session().scalars(select(Scenario.id).join(Incident).where(Incident.is_demo)))
    for slug in slugs:
        incidents.delete(slug, actor=actor)
    gone_guards, kept_guards = _remove_guards(actor)
    gone_services, kept_services = _remove_services(actor)
    _remove_traces(gone_guards, gone_services)
    kept = (*kept_guards, *kept_services)
    counts = Counts(len(slugs), len(gone_services), len(gone_guards), len(scenarios), kept)
    if counts != Counts(kept=kept):
        audit.record(actor, "demo.removed", "demo", "demo", counts=str(counts))
    return counts


def _read(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text())


def _there(name: Any, is_demo: Any, names: list[str], sort: str) -> set[str]:
    """Which of these names the demo has taken already. Raises `Conflict` for one that is not its own."""
    found: set[str] = set()
    for taken, demo in session().execute(select(name, is_demo).where(name.in_(names))):
        if not demo:
            raise Conflict(f"the demo needs a {sort} called {taken}, and there is one that is not the demo's")
        found.add(taken)
    return found


def _add_service(fields: Fields, actor: Actor) -> None:
    name = fields["name"]
    guards.save_service(name, fields["title"], fields["targets"], actor=actor, is_demo=True)
    evidence = _read("evidence.yaml")
    for deploy in evidence["deploys"]:
        if deploy["service"] == name:
            guards.record_deploy(deploy, actor=actor)
    for attestation in evidence["attestations"]:
        if attestation["service"] == name:
            guards.attest(attestation, actor=actor)


def _add_guard(fields: Fields, actor: Actor, vault: Vault) -> None:
    """At level shadow, where every guard begins."""
    guard_changes.create({**fields, "level": "shadow"}, actor=actor, vault=vault, is_demo=True)


def _add_incident(slug: str, text: str, actor: Actor) -> None:
    document = parser.parse(text)
    save_incident.save(None, document, version=None, actor=actor, name=f"{slug}.md", is_demo=True)


def _add_scenarios(actor: Actor) -> int:
    """Those of demo incidents that are not there yet."""
    added = 0
    for path in sorted(DATA.glob("scenarios/*.yaml")):
        fields = yaml.safe_load(path.read_text())
        same = select(Scenario.id).join(Incident)
        same = same.where(Incident.slug == fields["incident"], Scenario.name == fields["name"])
        if session().scalar(same) is None:
            scenarios_operations.record(fields, actor=actor)
            added += 1
    return added


def _raise_level(fields: Mapping[str, Any], actor: Actor, vault: Vault) -> str:
    """To the level it is meant to have, as far as a drill proves the guard; why not, where it does not.

    It does not when people have changed the founding incident, or its scenarios, since an earlier load.
    """
    guard = session().scalars(select(Guard).where(Guard.slug == fields["slug"])).one()
    if guard.level == fields["level"]:
        return ""
    try:
        level = {"level": fields["level"]}
        guard_changes.edit(guard.slug, level, guard.revision, actor=actor, vault=vault)
    except Invalid as refused:
        return f"the guard {guard.slug} stays at {guard.level}: {refused.detail}"
    return ""


def _remove_guards(actor: Actor) -> tuple[list[str], list[str]]:
    """The slugs of those that went, and why the others stay."""
    naming = select(ItemGuard.slug, ActionItem.number).join(ActionItem, ActionItem.id == ItemGuard.item_id)
    named = dict(session().execute(naming).all())
    gone: list[str] = []
    kept: list[str] = []
    for guard in session().scalars(select(Guard).where(Guard.is_demo).order_by(Guard.slug)).all():
        if guard.slug in named:
            kept.append(f"the guard {guard.slug} stays: AI-{named[guard.slug]} names it")
            continue
        session().execute(delete(Evaluation).where(Evaluation.guard_id == guard.id))
        guard_changes.delete(guard.slug, actor=actor)
        gone.append(guard.slug)
    return gone, kept


def _remove_services(actor: Actor) -> tuple[dict[str, list[str]], list[str]]:
    """The targets of those that went, by full name, and why the others stay."""
    gone: dict[str, list[str]] = {}
    kept: list[str] = []
    for service in session().scalars(select(Service).where(Service.is_demo).order_by(Service.name)).all():
        why = _why_needed(service)
        if why:
            kept.append(f"the service {service.name} stays: {why}")
            continue
        gone[service.name] = [target.full_name for target in service.targets]
        guards.delete_service(service.name, actor=actor)
    return gone, kept


def _hold_what_decisions_change() -> None:
    """Take what a decision about the demo changes before it names guards, in its order.

    Whoever has the guards first and then wants these waits for a decision that waits for them.
    """
    guards = select(Guard.id).where(Guard.is_demo)
    services = select(Service.id).where(Service.is_demo)
    targets = select(Target.id).where(Target.service_id.in_(services))
    names = select(Service.name + "/" + Target.name).join(Target.service).where(Service.is_demo)
    slugs = select(Guard.slug).where(Guard.is_demo)
    changed = (
        select(Waiver.id).where(or_(Waiver.guard.in_(slugs), Waiver.target.in_(names))).order_by(Waiver.id),
        select(Evidence.id)
        .where(or_(Evidence.guard_id.in_(guards), Evidence.target_id.in_(targets)))
        .order_by(Evidence.id),
        select(LastSaid.target)
        .where(LastSaid.target.in_(names))
        .order_by(LastSaid.target, LastSaid.is_dry_run),
    )
    for rows in changed:
        session().execute(rows.with_for_update())


def _remove_traces(slugs: list[str], services: Mapping[str, list[str]]) -> None:
    """What was decided about what went, and what people let pass or found there.

    What was decided about a service that stays may be about one's own deploys.
    """
    targets = [name for names in services.values() for name in names]
    about = (
        delete(Waiver).where(or_(Waiver.guard.in_(slugs), Waiver.target.in_(targets))),
        delete(Override).where(Override.target.in_(targets)),
        delete(Finding).where(or_(Finding.guard.in_(slugs), Finding.target.in_(targets))),
        delete(LastSaid).where(LastSaid.target.in_(targets)),
        delete(Decision).where(Decision.is_demo, Decision.service.not_in(select(Service.name))),
    )
    for statement in about:
        session().execute(statement)
    session().flush()


def _why_needed(service: Service) -> str:
    over = select(Guard.slug).join(Guard.targets).where(Target.service_id == service.id).limit(1)
    guard = session().scalar(over)
    if guard is not None:
        return f"the guard {guard} is over it"
    hit = select(Incident.slug).join(Affected).where(Affected.service == service.name).limit(1)
    incident = session().scalar(hit)
    return f"the incident {incident} names it" if incident is not None else ""
